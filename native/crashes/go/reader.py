r"""Reads what Go's runtime prints when a program dies, and dumps of goroutines.

>>> event = READER.read(b"panic: no price\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:3 +0x1d\n")
>>> event.exceptions[0].value
'no price'

Every goroutine is a thread. The one that panicked is printed first; where the runtime itself gave up and no goroutine
ran, as in a deadlock, the exception still names the first one, and no thread is marked as crashed. A panic while a
deferred call handled another one is an exception that the older one is linked to (``__context__``).
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.go.cgo import crash_site, mark_crossings
from native.crashes.go.dump import Dump, Goroutine, parse_goroutine, read_dump, registers_of
from native.crashes.go.frames import PANIC_MACHINERY, PLATFORM, is_frame, is_panic_machinery
from native.crashes.go.headers import Cause, Header, read_header, starts_header
from native.crashes.go.races import read_races, starts_race
from native.crashes.log_lines import log_lines
from native.crashes.signals import signal_mechanism
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread, Values
from symbolicator.model.edit import with_data
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode

_SURE, _LIKELY = 0.95, 0.9
MAX_REPORTS = 100
_RUNNING = ("running", "syscall")
"""States of a goroutine that can have failed: ``syscall`` is one that had called C."""


class _Report(Struct):
    header: Header
    dump: Dump


class GoReader:
    """Reader of Go's crash texts."""

    name = "Go panic or goroutine dump"

    def detect(self, head: bytes) -> float:
        """By a goroutine's heading above a call; by a race's heading."""
        lines = log_lines(head.decode("utf-8", "replace"))
        headings = (index for index, line in enumerate(lines) if line.endswith(":") and parse_goroutine(line))
        if any(is_frame(*_pair(lines, index + 1)) for index in islice(headings, 50)):
            return _SURE
        if any(map(starts_race, lines)) and any(is_frame(*_pair(lines, at)) for at in range(len(lines))):
            return _LIKELY
        return 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no goroutine."""
        text = decode(data)
        lines = log_lines(text)
        races = read_races(lines)
        reports = [] if races else list(islice(_reports(lines), MAX_REPORTS))
        if not races and not any(report.dump.goroutines for report in reports):
            raise UnreadableInput(
                "No goroutine was found: expected `goroutine 1 [running]:` and below it a call with its place. "
                "Pass the whole output of the program; GOTRACEBACK=all makes it print every goroutine."
            )
        return _event(reports, races, text)


def _pair(lines: Sequence[str], index: int) -> tuple[str, str]:
    line, below = [*lines[index : index + 2], "", ""][:2]
    return line.strip() if line.startswith("  ") else line, below


def _reports(lines: Sequence[str]) -> Iterator[_Report]:
    """The text in parts: one that died, or several panics that a server survived."""
    start, has_goroutines = 0, False
    for index, line in enumerate(lines):
        if has_goroutines and starts_header(lines, index):
            yield _report(lines[start:index])
            start, has_goroutines = index, False
        has_goroutines = has_goroutines or (line.endswith(":") and parse_goroutine(line) is not None)
    yield _report(lines[start:])


def _report(lines: Sequence[str]) -> _Report:
    dump = read_dump(lines)
    return _Report(read_header(dump.above), dump)


def _event(reports: Sequence[_Report], races: Sequence[ExceptionValue], text: str) -> Event:
    values = list(races)
    threads: list[Thread] = []
    for number, report in enumerate(reports):
        values += _exceptions(report, len(values), is_first=number == 0, alone=len(reports) == 1)
        threads += _threads(report, is_first=number == 0)
    full = any(report.dump.full for report in reports) or len(reports) == MAX_REPORTS
    return Event(
        platform=PLATFORM,
        exception=Values(values=tuple(reversed(values))) if values else None,
        threads=Values(values=tuple(threads)) if threads else None,
        contexts={"runtime": {"name": "go"}},
        errors=(TOO_MANY_FRAMES,) if full else (),
        extra={RAW_REPORT: text},
    )


def _exceptions(report: _Report, first: int, *, is_first: bool, alone: bool) -> Iterator[ExceptionValue]:
    """The newest panic, then those that it was raised while handling; of later reports with the stack itself."""
    causes = list(reversed(report.header.causes))
    guilty = _guilty(report)
    linked = len(causes) > 1 or not alone
    for number, cause in enumerate(causes):
        stack = _stacktrace(guilty, report) if guilty and not is_first and number == 0 else None
        yield ExceptionValue(
            type=cause.type,
            value=cause.value or None,
            thread_id=guilty.number if guilty and is_first else None,
            mechanism=_mechanism(report.header, cause, (first, number) if linked else None),
            stacktrace=stack,
        )


def _mechanism(header: Header, cause: Cause, place: tuple[int, int] | None) -> Mechanism | None:
    """``place``: number of the newest panic among all exceptions, and how much older this one is."""
    signal = cause.type if cause.type.startswith("SIG") else header.signal
    mechanism = signal_mechanism(signal, {**header.data, **cause.data}) or Mechanism(type="generic")
    kind = "panic" if cause.type == "panic" and signal is None else mechanism.type
    mechanism = replace(mechanism, type=kind, handled=cause.handled)
    if place is None:
        return mechanism
    first, older = place
    if not older:
        kind = "separate" if first else mechanism.type
        return replace(mechanism, type=kind, exception_id=first)
    linked = Mechanism(type="chained", handled=cause.recovered, source="__context__")
    return replace(linked, exception_id=first + older, parent_id=first + older - 1)


def _guilty(report: _Report) -> Goroutine | None:
    """Whose stack tells what happened: the running goroutine, else the first one; number 0 is a thread's own stack."""
    numbered = [one for one in report.dump.goroutines if one.number and one.frames]
    running = next((one for one in numbered if one.state == "running"), None)
    return running or next(iter(numbered), None)


def _threads(report: _Report, *, is_first: bool) -> Iterator[Thread]:
    """The goroutines, the guilty one first."""
    guilty = _guilty(report)
    others = [one for one in report.dump.goroutines if one is not guilty]
    for one in ([guilty] if guilty else []) + others:
        is_guilty = one is guilty and is_first
        died = is_guilty and one.state in _RUNNING and report.header.is_failure
        yield Thread(
            id=one.number,
            name="runtime stack" if one.number is None else None,
            main=True if one.number == 1 else None,
            crashed=True if died else None,
            current=True if is_guilty else None,
            state=one.state,
            stacktrace=_stacktrace(one, report if is_guilty else None),
            extra=_notes(one),
        )


def _notes(one: Goroutine) -> dict[str, JSON]:
    known: dict[str, JSON] = {"waiting_since": one.since, "locked_to_thread": one.locked or None}
    return {name: value for name, value in known.items() if value is not None}


def _stacktrace(one: Goroutine, report: _Report | None) -> Stacktrace | None:
    """From caller to callee. ``report``: that is about this goroutine, whose newest calls may serve the panic only."""
    if not one.frames:
        return None
    failed = report is not None and report.header.is_failure and one.state == "running"
    serving = _serving(one.frames) if failed else 0
    frames = [with_data(frame, machinery=PANIC_MACHINERY) for frame in one.frames[:serving]]
    frames += mark_crossings([*_in_c(one, report), *one.frames[serving:]])
    return Stacktrace(
        frames=tuple(reversed(frames)),
        registers=dict(registers_of(report.dump) or {}) or None if report else None,
        instruction_addr_adjustment="all_but_first",
        extra=_omitted(one),
    )


def _in_c(one: Goroutine, report: _Report | None) -> list[Frame]:
    """Where C failed, if Go tells no more of C than that address."""
    address = report.header.address_in_c if report else None
    is_known = any(frame.platform != PLATFORM for frame in one.frames)
    return [] if address is None or is_known or one.state != "syscall" else [crash_site(address)]


def _serving(frames: Sequence[Frame]) -> int:
    """How many of the newest calls are the runtime's, where there is another one below them."""
    return next((at for at, frame in enumerate(frames) if not is_panic_machinery(frame)), 0)


def _omitted(one: Goroutine) -> dict[str, JSON]:
    """Sentry's ``frames_omitted``: from and to, in frames from the oldest on."""
    found = next(((at, count) for at, count in one.elided.items() if count), None)
    if found is None:
        return {}
    start = len(one.frames) - found[0]
    return {"frames_omitted": [start, start + found[1]]}


READER = GoReader()
