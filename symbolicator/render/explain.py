"""How each frame was resolved, for ``--explain``."""

from collections.abc import Iterator

from msgspec.structs import replace

from symbolicator.model import Event, Frame, FrameData, Stacktrace
from symbolicator.render.calls import describe
from symbolicator.render.libraries import base_name
from symbolicator.render.lines import Line, Style, indented
from symbolicator.render.options import Options
from symbolicator.render.safe import safe
from symbolicator.render.traces import Step

INDENT = "      "


class Explainer:
    """Tells how the frames of one event came about."""

    def __init__(self, event: Event) -> None:
        self._raw = dict(_raw_stacks(event))
        self._platform = event.platform

    def lines(self, step: Step, width: int) -> Iterator[Line]:
        """What resolved the frame, the raw frame that it came from, and what says whose code it is."""
        text = " · ".join(safe(part) for part in self._parts(step))
        yield from indented([text], width, Style.NOTE, first=INDENT, rest=INDENT)

    def _parts(self, step: Step) -> Iterator[str]:
        data = step.frame.data or FrameData()
        raw = self._raw_frame(step.stack, data.original_index)
        if raw:
            placed = replace(raw, package=raw.package or step.frame.package, image_addr=step.frame.image_addr)
            call = describe(placed, raw.platform or self._platform)
            yield "was " + " ".join(filter(None, (call.function, call.place)))
        yield _by(data, step.frame)
        if data.in_app_rule:
            yield f"{'own' if step.frame.in_app else 'not own'} by {data.in_app_rule}"
        if step.frame.source_link:
            yield f"source at {step.frame.source_link}"
        yield f"{step.stack}[{step.index}]"

    def _raw_frame(self, stack: str, index: int | None) -> Frame | None:
        raw = self._raw.get(stack)
        return raw.frames[index] if raw and index is not None and 0 <= index < len(raw.frames) else None


def _by(data: FrameData, frame: Frame) -> str:
    """What resolved the frame and how that was found, or what came of it."""
    if data.status is None:
        return "nothing took this frame"
    artifact = data.sourcemap or (base_name(frame.package) if frame.package and data.evidence else "")
    if data.symbol_distance is not None:
        return (
            f"no symbol of {artifact or 'the image'} covers the address, and the nearest one before it starts "
            f"{data.symbol_distance:#x} bytes earlier: the code may be another function's"
        )
    by = " ".join(filter(None, (data.evidence, artifact)))
    found = f", found by {data.resolved_with}" if data.resolved_with else ""
    return (by or data.status.replace("_", " ")) + found


def _raw_stacks(event: Event) -> Iterator[tuple[str, Stacktrace]]:
    for index, exception in enumerate(event.exceptions):
        if exception.raw_stacktrace:
            yield f"exception/{index}", exception.raw_stacktrace
    for index, thread in enumerate(event.thread_list):
        if thread.raw_stacktrace:
            yield f"thread/{index}", thread.raw_stacktrace
    if event.raw_stacktrace:
        yield "stacktrace", event.raw_stacktrace


def report_lines(event: Event, options: Options) -> Iterator[Line]:
    """How the report was read, its stack and kind of crash were found, and what the store has to say."""
    for text in _report(event, options):
        yield from indented([safe(text)], options.columns, Style.NOTE, first="", rest="  ")


def _report(event: Event, options: Options) -> Iterator[str]:
    if options.reader:
        yield f"Read as {options.reader}."
    if event.merged and event.merged.crashed_stack:
        reason = f": {event.merged.reason}" if event.merged.reason else ""
        yield f"Crashed stack: {event.merged.crashed_stack}{reason}."
    if event.crash_kind:
        yield f"Kind of crash: {event.crash_kind.id}: {event.crash_kind.evidence}."
    yield from (f"Artifacts: {note}" for note in options.notes)
