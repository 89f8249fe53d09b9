r"""Reads oopses, warnings and KASAN reports of the Linux kernel.

>>> event = READER.read(b"BUG: kernel NULL pointer dereference, address: 08\nCall Trace:\n f+0x1/0x2 [shop]\n")
>>> event.exceptions[0].type
'kernel NULL pointer dereference'

The first stack is the exception's. KASAN's stacks of where memory was allocated and freed are linked to it, as those of
the other sanitizers are. The kernel prints functions and bytes from their starts: the frames are readable as they come.
"""

import re
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct, field

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.kernel.lines import (
    CONTEXT,
    EXPLAINS,
    TRACE,
    is_mark,
    parse_call,
    parse_pointer,
    registers_in,
)
from native.crashes.log_lines import log_lines
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    JSON,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.edit import with_data
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, decode

_SURE, _LIKELY = 0.95, 0.7
_FAULTS = r"general protection fault|stack segment|divide error|invalid opcode|double fault"
_ACCESSES = r"kernel NULL pointer dereference|unable to handle (?:page fault(?: for address)?|kernel [\w ]{1,40}?)"
_TITLES = (
    re.compile(r"\s*BUG: (?P<type>K(?:ASAN|FENCE|CSAN|MSAN): [\w -]{1,60}) in (?P<value>.*)\Z"),
    re.compile(rf"\s*BUG: (?P<type>{_ACCESSES})(?:,| at|:)? (?P<value>.*)\Z"),
    re.compile(r"\s*Unable to handle (?P<type>kernel [\w ]{1,60}?) at (?P<value>virtual address .*)\Z"),
    re.compile(rf"\s*(?P<type>{_FAULTS})(?:, (?P<value>.{{0,200}}?))?: [0-9]{{4}} \[#"),
    re.compile(r"\s*(?P<type>kernel BUG) (?P<value>at \S{1,400}:[0-9]{1,9})!"),
    re.compile(r"\s*(?P<type>WARNING): (?:CPU: [0-9]{1,5} PID: [0-9]{1,9} )?(?P<value>at .*)\Z"),
    re.compile(r"\s*(?:watchdog: )?BUG: (?P<type>soft lockup|workqueue lockup)(?: -)? (?P<value>.*)\Z"),
    re.compile(r"\s*INFO: (?P<type>task) (?P<value>\S.{0,80} blocked for more than [0-9]{1,9} seconds)\.?\Z"),
    re.compile(r"\s*(?:rcu: )?INFO: (?P<type>rcu\w{0,20} (?:self-)?detected stalls?)(?P<value>.*)\Z"),
    re.compile(r"\s*(?P<type>Kernel panic - not syncing)(?:: (?P<value>.*))?\Z"),
)
_DETAILS = re.compile(r"\s*(?:(?:Read|Write|Free) of (?:size|addr)|#PF: |Oops: |Internal error: )")
_REPORTING = re.compile(
    r"dump_stack|show_stack|print_(?:report|address)|_{0,4}k(?:asan|csan|msan|fence)_|__asan_|__warn"
)
_MACHINERY = "kernel's report"
_END = re.compile(r"\s*---\[ end (?:trace|Kernel panic)")
MAX_STACKS = 100


class _Stack(Struct):
    heading: str | None
    frames: list[Frame] = field(default_factory=list)


class _Oops(Struct):
    """What was read; calls newest first."""

    type: str | None = None
    value: str | None = None
    details: list[str] = field(default_factory=list)
    pointer: Frame | None = None
    stacks: list[_Stack] = field(default_factory=list)
    registers: dict[str, ReportedAddress] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    full: bool = False


class KernelReader:
    """Reader of the kernel's reports."""

    name = "Linux kernel oops"

    def detect(self, head: bytes) -> float:
        """By a stack's title with calls, and what the kernel says above it."""
        lines = log_lines(head.decode("utf-8", "replace"))
        calls = sum(1 for _ in islice(filter(parse_call, lines), 2))
        titled = any(map(_title, lines)) and any(TRACE.match(line) or parse_pointer(line) for line in lines)
        return _SURE if calls and titled else _LIKELY if calls > 1 and any(map(TRACE.match, lines)) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the first report of the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        oops = _read(log_lines(text))
        if not any(stack.frames for stack in oops.stacks) and oops.pointer is None:
            raise UnreadableInput(
                "No call of the kernel was found: expected ` do_one_initcall+0x59/0x220` below `Call Trace:`. "
                "Pass the whole part of the kernel's log."
            )
        return _event(oops, text)


def _title(line: str) -> re.Match[str] | None:
    return next((match for title in _TITLES if (match := title.match(line[:1000]))), None)


def _read(lines: Sequence[str]) -> _Oops:
    oops = _Oops()
    left = MAX_FRAMES
    for line in lines:
        frame = parse_call(line)
        if frame and oops.stacks and left:
            oops.stacks[-1].frames.append(frame)
            left -= 1
        elif frame is None and not is_mark(line):
            _take_words(oops, line)
        if (_END.match(line) and oops.stacks) or len(oops.stacks) > MAX_STACKS:
            break
    oops.full = not left
    oops.stacks = [stack for stack in oops.stacks if stack.frames]
    return oops


def _take_words(oops: _Oops, line: str) -> None:
    title, explains, context = _title(line), EXPLAINS.match(line), CONTEXT.match(line)
    if TRACE.match(line):
        oops.stacks.append(_Stack(None))
    elif explains:
        oops.stacks.append(_Stack(line.strip().removesuffix(":")))
    elif title and oops.type is None:
        oops.type, oops.value = title["type"], (title["value"] or "").strip() or None
    elif context and not oops.context:
        oops.context = {name: value for name, value in context.groupdict().items() if value}
    elif _DETAILS.match(line) and not oops.stacks:
        oops.details.append(line.strip())
    elif not oops.registers or not any(stack.frames for stack in oops.stacks):
        oops.pointer = oops.pointer or parse_pointer(line)
        oops.registers = registers_in(line) | oops.registers


def _event(oops: _Oops, text: str) -> Event:
    first, *others = oops.stacks or [_Stack(None)]
    pid = int(oops.context["pid"]) if "pid" in oops.context else None
    values = [_exception(oops, first, pid, alone=not others)]
    values += [_explanation(stack, number) for number, stack in enumerate(others, 1)]
    thread = Thread(id=pid, name=oops.context.get("comm"), crashed=True) if pid is not None else None
    return Event(
        platform="native",
        exception=Values(values=tuple(reversed(values))),
        threads=Values(values=(thread,)) if thread else None,
        contexts=_contexts(oops.context),
        errors=(TOO_MANY_FRAMES,) if oops.full else (),
        extra={RAW_REPORT: text},
    )


def _exception(oops: _Oops, stack: _Stack, pid: int | None, *, alone: bool) -> ExceptionValue:
    lines = [line for line in (oops.value, *oops.details) if line]
    told = {"tainted": oops.context.get("tainted")} if oops.context.get("tainted") else None
    return ExceptionValue(
        type=oops.type or "kernel oops",
        value="\n".join(lines) or None,
        thread_id=pid,
        mechanism=Mechanism(
            type="kernel", handled=False, exception_id=None if alone else 0, data=dict(told or {}) or None
        ),
        stacktrace=_stacktrace(_from_pointer(oops.pointer, stack.frames), oops.registers),
    )


def _from_pointer(pointer: Frame | None, frames: Sequence[Frame]) -> Sequence[Frame]:
    """The calls with where the processor stood as the newest: calls above it are those of the report itself."""
    if pointer is None:
        count = next((at for at, frame in enumerate(frames) if not _REPORTING.match(frame.function or "")), 0)
        return [*(with_data(frame, machinery=_MACHINERY) for frame in frames[:count]), *frames[count:]]
    same = (at for at, frame in enumerate(frames) if _place(frame) == _place(pointer))
    at = next(same, None)
    unsure = next((at for at, frame in enumerate(frames) if frame.trust is None), len(frames))
    return [pointer, *frames[unsure if at is None else at + 1 :]]


def _place(frame: Frame) -> tuple[str | None, int | None]:
    return frame.function, frame.data.function_offset if frame.data else None


def _explanation(stack: _Stack, number: int) -> ExceptionValue:
    heading = stack.heading or "Call trace"
    source = " ".join(heading.split()[:2])
    mechanism = Mechanism(type="kernel", source=source, exception_id=number, parent_id=0)
    return ExceptionValue(type=heading, mechanism=mechanism, stacktrace=_stacktrace(stack.frames, {}))


def _stacktrace(frames: Sequence[Frame], registers: dict[str, ReportedAddress]) -> Stacktrace | None:
    if not frames:
        return None
    return Stacktrace(frames=tuple(reversed(frames)), registers=dict(registers) or None)


def _contexts(context: dict[str, str]) -> dict[str, JSON]:
    return (
        {"os": {"name": "Linux", "version": context["version"]}} if "version" in context else {"os": {"name": "Linux"}}
    )


READER = KernelReader()
