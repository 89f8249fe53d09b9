"""Frames that no transformer took: readable ones stay as they are, others say that nobody knows their language."""

from symbolicator.model import Event, Frame, FrameStatus, Problem
from symbolicator.model.edit import annotate_frames, platform_of, stacks_of, unresolved, with_data, with_problems


def settle(event: Event) -> Event:
    """Gives every frame without a status one."""
    problems = [
        _no_transformer(event, frame)
        for _, stack in stacks_of(event)
        for frame in stack.frames
        if frame.status is None and not _readable(frame)
    ]
    return with_problems(annotate_frames(event, lambda frame: _settled(event, frame)), problems)


def _settled(event: Event, frame: Frame) -> Frame:
    if frame.status is not None:
        return frame
    if _readable(frame):
        return with_data(frame, status=FrameStatus.AS_IS)
    return unresolved(frame, FrameStatus.MISSING, _no_transformer(event, frame))


def _readable(frame: Frame) -> bool:
    """Names a function or a line, and is no address that was left unresolved."""
    named = bool(frame.function or ((frame.filename or frame.abs_path or frame.module) and frame.lineno))
    return named or frame.instruction_addr is None


def _no_transformer(event: Event, frame: Frame) -> Problem:
    platform = platform_of(event, frame) or "unknown"
    return Problem(
        type="no_transformer",
        message=f"No installed transformer resolves frames of platform {platform}.",
        remedy="Check the frames' platform, or install the plug-in for it; `symbolicator doctor` lists what there is.",
        url=platform,
    )
