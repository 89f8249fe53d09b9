"""Which mapping files an event needs: those that it lists, or that its frames name, or its release's only one.

::

    search = Search(event)
    mappings = search.found(artifacts)
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from sourcemaps.ownership import is_platform_class
from sourcemaps.proguard.frames import is_own, map_id
from sourcemaps.proguard.identifier import MAPPING_NAME, PROGUARD
from sourcemaps.proguard.mapping import Mapping
from symbolicator.model import DebugImage, Event, Frame
from symbolicator.model.debug_ids import normal_debug_id
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

MAX_MAPPINGS = 32
"""Mapping files of one event."""
_UUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\Z")


class Applied(Struct, frozen=True):
    """A mapping file that was found. ``map_id``: the id that frames name it by; empty: it is for any frame."""

    mapping: Mapping
    map_id: str
    by: str
    """``debug-id`` or ``name``."""


class Search:
    """The mapping files of one event."""

    def __init__(self, event: Event) -> None:
        self._event = event
        frames = [frame for _, stack in stacks_of(event) for frame in stack.frames if is_own(event, frame)]
        self.ids = tuple(dict.fromkeys(_ids(event, frames)))[:MAX_MAPPINGS] if frames else ()
        self._is_needed = any(not is_platform_class(frame.module or "") for frame in frames)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What to ask for, in the order in which the mappings are applied."""
        if self.ids:
            return tuple(Key(PROGUARD, "debug_id", one) for one in self.ids)
        release, dist = self._event.release or "", self._event.dist or ""
        return (Key(PROGUARD, "path", MAPPING_NAME, release, dist),) if self._is_needed else ()

    def found(self, artifacts: Artifacts) -> tuple[Applied, ...]:
        """The mappings that are there."""
        answers = ((key, artifacts.get(key)) for key in self.keys)
        return tuple(_applied(key, answer) for key, answer in answers if isinstance(answer, Artifact))

    def missing(self, artifacts: Artifacts) -> Iterator[tuple[str, Missing | None]]:
        """Ids of the mappings that are not there, and why; the id is empty where none was known."""
        for key in self.keys:
            answer = artifacts.get(key)
            if not isinstance(answer, Artifact):
                yield key.value if key.by == "debug_id" else "", answer


def image_id(image: DebugImage) -> str:
    """The id of an image of type ``proguard`` as keys have it; empty if it has none."""
    value = (image.uuid or image.debug_id or "").strip()
    return normal_debug_id(value) if _UUID.match(value) else value.lower()


def _applied(key: Key, answer: Artifact) -> Applied:
    mapping = answer.content
    if not isinstance(mapping, Mapping):
        raise TypeError(f"{answer.name} was loaded as {type(mapping).__name__}")
    is_map_id = key.by == "debug_id" and not _UUID.match(key.value)
    return Applied(mapping, key.value if is_map_id else "", "debug-id" if key.by == "debug_id" else "name")


def _ids(event: Event, frames: Sequence[Frame]) -> Iterator[str]:
    """Of images first: their order is that in which they are applied."""
    yield from filter(None, (image_id(image) for image in event.images if image.type == PROGUARD))
    yield from filter(None, map(map_id, frames))
