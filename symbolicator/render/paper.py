"""What all parts of one rendering share."""

from collections.abc import Sequence

from msgspec import Struct

from symbolicator.model import Event, Frame
from symbolicator.model.edit import platform_of
from symbolicator.render.calls import language_of
from symbolicator.render.explain import Explainer
from symbolicator.render.name_matches import NameMatches
from symbolicator.render.options import Options
from symbolicator.render.problems import References
from symbolicator.render.sections import Section

_OF_THEIR_OWN = frozenset({"rust", "swift", "go", "d", "zig"})
"""Languages of native code that are worth telling apart from C, C++ and Objective-C."""


class Paper(Struct, frozen=True):
    """The event, how to show it, and the numbers of its problems as they are handed out."""

    event: Event
    options: Options
    references: References
    explainer: Explainer | None
    matches: NameMatches
    tagged: bool
    """Whether each frame says its language."""

    def platform(self, frame: Frame) -> str | None:
        """The frame's platform, or else the event's."""
        return platform_of(self.event, frame)

    def tag(self, frame: Frame) -> str:
        """The frame's language in brackets, if there are several."""
        return f"[{language_of(frame, self.platform(frame))}] " if self.tagged else ""


def paper_for(event: Event, sections: Sequence[Section], options: Options) -> Paper:
    """Paper for one rendering."""
    frames = [frame for section in sections for frame in section.trace.frames]
    platforms = {platform_of(event, frame) for frame in frames}
    own = {_family(event, frame) for frame in frames if frame.in_app is not False}
    explainer = Explainer(event) if options.explain else None
    return Paper(
        event, options, References(event), explainer, NameMatches(frames), tagged=max(len(platforms), len(own)) > 1
    )


def _family(event: Event, frame: Frame) -> str | None:
    """Languages that a reader takes for one: C and its descendants are at home in the same file."""
    platform = platform_of(event, frame)
    return frame.lang if frame.lang in _OF_THEIR_OWN else platform
