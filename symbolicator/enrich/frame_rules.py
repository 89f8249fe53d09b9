"""Applies rules about frames: they change whose code a frame is and whether it folds, never what it resolved to."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from symbolicator.model import Event, Frame, Stacktrace
from symbolicator.model.edit import annotate_stacks, platform_of, with_data
from symbolicator.model.frame_rules import FrameRule, Matcher

Platform = Callable[[Frame], str | None]


def with_rules(event: Event, rules: Sequence[FrameRule]) -> Event:
    """The event with the rules applied to every stack. What a frame's ``in_app`` was stands in its data."""
    if not rules:
        return event
    return annotate_stacks(event, lambda stack: _ruled(stack, rules, lambda frame: platform_of(event, frame)))


def _ruled(stack: Stacktrace, rules: Sequence[FrameRule], platform: Platform) -> Stacktrace:
    frames = tuple(_frame(stack.frames, at, rules, platform) for at in range(len(stack.frames)))
    return stack if frames == stack.frames else replace(stack, frames=frames)


def _frame(frames: Sequence[Frame], at: int, rules: Sequence[FrameRule], platform: Platform) -> Frame:
    frame = frames[at]
    meant = [rule for rule in rules if _is_meant(rule, frames, at, platform)]
    owner = next((rule for rule in reversed(meant) if rule.in_app is not None), None)
    folding = next((rule for rule in reversed(meant) if rule.fold is not None), None)
    if owner:
        frame = with_data(frame, orig_in_app=_original(frame), in_app_rule=owner.id)
        frame = replace(frame, in_app=owner.in_app)
    return with_data(frame, machinery=folding.fold) if folding else frame


def _original(frame: Frame) -> int:
    """As Sentry's payload has it: 1, 0, or -1 where nothing was decided. Ruling twice keeps the first word."""
    known = frame.data.orig_in_app if frame.data else None
    return known if known is not None else -1 if frame.in_app is None else int(frame.in_app)


def _is_meant(rule: FrameRule, frames: Sequence[Frame], at: int, platform: Platform) -> bool:
    return (
        _matches(rule.match, frames, at, platform)
        and (rule.caller is None or _matches(rule.caller, frames, at - 1, platform))
        and (rule.callee is None or _matches(rule.callee, frames, at + 1, platform))
    )


def _matches(matcher: Matcher, frames: Sequence[Frame], at: int, platform: Platform) -> bool:
    return 0 <= at < len(frames) and matcher.matches(frames[at], platform(frames[at]))
