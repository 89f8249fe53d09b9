r"""Reads stack traces of Dart and Flutter.

>>> event = READER.read(b"Unhandled exception:\nBad state: no price\n#0      Cart.total (package:shop/cart.dart:12:5)")
>>> event.exceptions[0].type
'StateError'

A trace of a program that was built with ``--split-debug-info`` holds addresses in the program's own file, which is
found by its build id: the frames are native ones, and their debug file is the one that the build put aside. Frames that
were resumed after an ``await`` say so (``async_call``).
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct, field

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.flutter.frames import PLATFORM, AddressFrame, is_suspension, parse_address, parse_call
from native.crashes.flutter.header import START, Header, read_header
from native.crashes.log_lines import log_lines
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    JSON,
    AbsoluteAddress,
    AsyncCall,
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    Mechanism,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.edit import with_data
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, decode

_SURE, _LIKELY = 0.97, 0.85
MAX_TRACES = 200
_MAX_HEADER_LINES = 300
_ARCHITECTURES = {"x64": "x86_64", "ia32": "x86"}
_APPLE = frozenset({"ios", "macos"})
_UUID_DIGITS = 32
_SUSPENDED = AsyncCall(rule="dart-suspension")


class _Trace(Struct):
    """One trace: the lines above it and its calls, newest first; each with whether it was resumed."""

    above: list[str]
    calls: list[tuple[AddressFrame | Frame, bool]] = field(default_factory=list)

    @property
    def is_obfuscated(self) -> bool:
        """Whether it holds addresses."""
        return any(isinstance(call, AddressFrame) for call, _ in self.calls)


class FlutterReader:
    """Reader of Dart's stack traces."""

    name = "Dart or Flutter stack trace"

    def detect(self, head: bytes) -> float:
        """By calls in Dart's form, and the stars above an obfuscated trace."""
        lines = log_lines(head.decode("utf-8", "replace"))
        count = sum(1 for _ in islice(filter(_call, lines), 2))
        starred = any(line.startswith(START) for line in lines)
        return 0.0 if not count else _SURE if count > 1 or starred else _LIKELY

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        traces = list(islice(_traces(log_lines(text)), MAX_TRACES))
        if not traces:
            raise UnreadableInput(
                "No call of Dart was found: expected `#0      Cart.total (package:shop/cart.dart:12:5)` or "
                "`#00 abs 000000751c519567 virt 0000000000266567`. Pass the whole text of the error."
            )
        return _event(traces, text)


def _call(line: str) -> AddressFrame | Frame | None:
    return parse_address(line) or parse_call(line)


def _traces(lines: Sequence[str]) -> Iterator[_Trace]:
    """The traces of the text: calls with nothing but suspensions and blank lines between them."""
    trace = _Trace([])
    resumed, left = False, MAX_FRAMES
    for line in lines:
        call = _call(line) if left else None
        if call:
            trace.calls.append((call, resumed and bool(trace.calls)))
            left -= 1
        elif trace.calls and line.strip() and not is_suspension(line):
            yield trace
            trace = _Trace([])
        if call is None and not trace.calls:
            trace.above.append(line)
            del trace.above[:-_MAX_HEADER_LINES]
        resumed = is_suspension(line) or (resumed and call is None)
    if trace.calls:
        yield trace


def _event(traces: Sequence[_Trace], text: str) -> Event:
    images: dict[tuple[str, int | None], int] = {}
    listed: list[DebugImage] = []
    values: list[ExceptionValue] = []
    threads: list[Thread] = []
    headers = [read_header(trace.above) for trace in traces]
    for number, (trace, header) in enumerate(zip(traces, headers, strict=True)):
        _list_images(header, images, listed)
        stack = _stacktrace(trace, header, images)
        values.append(_exception(header, stack, number if len(traces) > 1 else None))
        threads += _thread(header, stack, first=number == 0)
    return Event(
        platform=PLATFORM,
        exception=Values(values=tuple(reversed(values))),
        threads=Values(values=tuple(threads)) if threads else None,
        debug_meta=DebugMeta(images=tuple(listed)) if listed else None,
        contexts=_contexts(headers[0]),
        errors=(TOO_MANY_FRAMES,) if sum(len(trace.calls) for trace in traces) >= MAX_FRAMES else (),
        extra={RAW_REPORT: text},
    )


def _list_images(header: Header, images: dict[tuple[str, int | None], int], listed: list[DebugImage]) -> None:
    for unit in header.units.values():
        key = (unit.build_id, unit.base)
        if key not in images:
            images[key] = len(listed)
            listed.append(_image(header, unit.build_id, unit.base))


def _image(header: Header, build_id: str, base: int | None) -> DebugImage:
    """The program's file; on Apple's systems the id is its UUID."""
    is_apple = header.system in _APPLE
    return DebugImage(
        type="macho" if is_apple else "elf",
        code_id=None if is_apple and len(build_id) == _UUID_DIGITS else build_id,
        debug_id=build_id if is_apple and len(build_id) == _UUID_DIGITS else None,
        code_file="App" if is_apple else "libapp.so",
        arch=_arch(header),
        image_addr=AbsoluteAddress(base) if base else None,
    )


def _arch(header: Header) -> str | None:
    return _ARCHITECTURES.get(header.arch, header.arch) if header.arch else None


def _stacktrace(trace: _Trace, header: Header, images: dict[tuple[str, int | None], int]) -> Stacktrace:
    frames = [
        _native(call, header, images) if isinstance(call, AddressFrame) else call for call, _ in reversed(trace.calls)
    ]
    marked = [
        with_data(frame, async_call=_SUSPENDED) if resumed else frame
        for frame, (_, resumed) in zip(frames, reversed(trace.calls), strict=True)
    ]
    return Stacktrace(frames=tuple(marked), instruction_addr_adjustment="none" if trace.is_obfuscated else None)


def _native(call: AddressFrame, header: Header, images: dict[tuple[str, int | None], int]) -> Frame:
    """A frame relative to its file where the trace says how far; else at its absolute address."""
    unit = header.units.get(call.unit)
    place = images.get((unit.build_id, unit.base)) if unit else None
    is_relative = call.virtual is not None and place is not None
    notes: dict[str, JSON] = {"printed_symbol": call.symbol} if call.symbol else {}
    return Frame(
        platform="native",
        instruction_addr=ReportedAddress(call.virtual if is_relative and call.virtual is not None else call.address),
        addr_mode=f"rel:{place}" if is_relative else None,
        data=FrameData(extra=notes) if notes else None,
    )


def _exception(header: Header, stack: Stacktrace, number: int | None) -> ExceptionValue:
    mechanism = Mechanism(
        type="separate" if number else "generic",
        handled=False if header.unhandled else True if header.caught_by else None,
        exception_id=number,
        data={"caught_by": header.caught_by} if header.caught_by else None,
    )
    has_thread = header.thread_id is not None and not number
    return ExceptionValue(
        type=header.type,
        value=header.value,
        thread_id=header.thread_id,
        mechanism=None if mechanism == Mechanism(type="generic") else mechanism,
        stacktrace=None if has_thread else stack,
    )


def _thread(header: Header, stack: Stacktrace, *, first: bool) -> list[Thread]:
    """The thread of the first trace, which has the stack; later ones stay with their exceptions."""
    if header.thread_id is None or not first:
        return []
    return [Thread(id=header.thread_id, name=header.thread_name, crashed=True, current=True, stacktrace=stack)]


def _contexts(header: Header) -> dict[str, JSON]:
    contexts: dict[str, JSON] = {"runtime": {"name": "Dart"}}
    contexts |= {"os": {"name": header.system}} if header.system else {}
    return contexts | ({"device": {"arch": _arch(header)}} if header.arch else {})


READER = FlutterReader()
