"""Says whose code each frame is and what folds, by rules; what a frame resolved to they never change.

The plug-ins' tables decide what the report leaves unsaid; people's own rules come after them, and after the report.
What no rule names is the application's own, unless it did not resolve and neither its image nor its class is known.
"""

from collections.abc import Callable, Sequence
from operator import is_
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.model import Event, Frame, FrameData, FrameStatus, Stacktrace
from symbolicator.model.edit import annotate_stacks, platform_of, with_data
from symbolicator.model.frame_rules import FrameRule
from symbolicator.model.rule_set import NO_RULES, RuleSet

RuleTables: TypeAlias = Callable[[str | None], RuleSet]
"""Gives the built-in rules for frames of a platform."""
_READABLE = frozenset({None, FrameStatus.AS_IS, FrameStatus.SYMBOLICATED})


def no_tables(platform: str | None) -> RuleSet:  # noqa: ARG001 - as every giver of tables is called
    """No built-in rules."""
    return NO_RULES


class Rules(Struct, frozen=True):
    """What decides. ``own``: a person's rules."""

    own: RuleSet = NO_RULES
    tables: RuleTables = no_tables


def with_rules(event: Event, rules: Rules) -> Event:
    """The event with the rules applied to every stack."""
    return annotate_stacks(event, _Ruling(event, rules).stack)


class _Ruling:
    """The rules for one event."""

    def __init__(self, event: Event, rules: Rules) -> None:
        self._event = event
        self._own = rules.own
        self._tables = rules.tables
        self._known: dict[str | None, RuleSet] = {}

    def stack(self, stack: Stacktrace) -> Stacktrace:
        """The stack with its frames ruled."""
        frames: list[Frame] = []
        failing: str | None = None
        for at, frame in enumerate(stack.frames):
            tables = self._tables_for(frame.platform)
            own = self._own.matching(stack.frames, at, self._platform) if self._own else ()
            built_in = tables.matching(stack.frames, at, self._platform)
            own_fold = _folding(own)
            fold = own_fold or _folding(built_in)
            failing = failing or (fold.fold if fold and fold.newer else None)
            folded = _folded(frame, own_fold, fold, failing)
            frames.append(_owned(folded, _owner(own), _owner(built_in), is_known=bool(tables)))
        return stack if all(map(is_, frames, stack.frames)) else replace(stack, frames=tuple(frames))

    def _platform(self, frame: Frame) -> str | None:
        return platform_of(self._event, frame)

    def _tables_for(self, platform: str | None) -> RuleSet:
        """``platform``: the frame's own, if it differs from the event's."""
        if platform not in self._known:
            self._known[platform] = self._tables(platform or self._event.platform)
        return self._known[platform]


def _owner(rules: Sequence[FrameRule]) -> FrameRule | None:
    return next((rule for rule in rules if rule.in_app is not None), None) if rules else None


def _folding(rules: Sequence[FrameRule]) -> FrameRule | None:
    return next((rule for rule in rules if rule.fold is not None), None) if rules else None


def _folded(frame: Frame, own: FrameRule | None, fold: FrameRule | None, failing: str | None) -> Frame:
    """``failing``: what all frames serve from here on."""
    known = frame.data.machinery if frame.data else None
    label = own.fold if own else known or failing or (fold.fold if fold else None)
    return frame if label == known else with_data(frame, machinery=label)


def _owned(frame: Frame, own: FrameRule | None, built_in: FrameRule | None, *, is_known: bool) -> Frame:
    """``is_known``: somebody has rules for the language."""
    if own:
        frame = with_data(frame, orig_in_app=_original(frame), in_app_rule=own.id)
        return replace(frame, in_app=own.in_app)
    if frame.in_app is not None or not is_known:
        return frame
    if built_in:
        data = replace(frame.data or FrameData(), in_app_rule=built_in.id)
        return replace(frame, in_app=built_in.in_app, data=data)
    return replace(frame, in_app=True) if frame.status in _READABLE or frame.package or frame.module else frame


def _original(frame: Frame) -> int:
    """As Sentry's payload has it: 1, 0, or -1 where nothing was decided. Ruling twice keeps the first word."""
    known = frame.data.orig_in_app if frame.data else None
    return known if known is not None else -1 if frame.in_app is None else int(frame.in_app)
