"""Reports of the sanitizers (Address, HWAddress, Leak, Thread, Memory, UndefinedBehavior) and of libFuzzer.

::

    ==9295==ERROR: AddressSanitizer: heap-use-after-free on address 0x502000000014 at pc 0x55b3 bp 0x7fff sp 0x7ffe
    READ of size 4 at 0x502000000014 thread T0
        #0 0x55b3562b2fb1  (/srv/shift+0x5fb1)              the stack of the error
    0x502000000014 is located 4 bytes inside of 8-byte region
    freed by thread T0 here:
        #0 0x7fac2211a7a2  (/srv/libasan.so+0x11a7a2)       a stack that explains it

The first stack of a report is the exception's. The others become exceptions that are linked to it (mechanism
``sanitizer``, ``parent_id``), with their heading as type; ``source`` is what they tell, as in ``freed by``. A second
report in the same text is an exception that nothing ties to the first (mechanism ``separate``).
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.events import PrintedStack, finish, stacktrace
from native.crashes.images import ImageTable
from native.crashes.mappings import mapped_images
from native.crashes.raw_frames import mark_inlined
from native.crashes.sanitizer_report import MAX_REPORTS, PrintedTrace, Report, read_reports
from symbolicator.model import Event, ExceptionValue, Mechanism, ReportedAddress, Stacktrace
from symbolicator.readers.text import MAX_FRAMES

_REGISTER = re.compile(r"\b(pc|bp|sp) 0x([0-9a-fA-F]{1,16})\b")
_REGISTERS_START = re.compile(r" ?(?:at |\()pc 0x")
_ADDRESS = re.compile(r"0x[0-9a-f]{1,16}")
_THREAD = re.compile(r"\bthread (T[0-9]{1,9})\b|\b(T[0-9]{1,9})\)")
_TELLS = re.compile(r"(?:previously )?(?:freed|allocated|created) (?:by|from)|located in stack")
_DETAILS = re.compile(r" (?:of size|at 0x|by thread|in thread)\b.*| (?:main )?thread\b.*")
_PROCESS = re.compile(r"\(pid=[0-9]{1,10}\)")
_LEAK = re.compile(r"(?:Direct|Indirect) leak of ")
_NOTE = re.compile(r"\A\S{1,400}: note: ")
_MAX_VALUE_LINES = 20


def read(lines: Sequence[str], text: str) -> Event:
    """The event of a report that has frames in this form."""
    reports = read_reports(lines)
    raws = [frame.raw for report in reports for stack in report.stacks for frame in stack.frames]
    table = ImageTable(raws, mapped_images(lines), relative=True)
    alone = sum(max(1, len(report.stacks)) for report in reports) == 1
    values: list[ExceptionValue] = []
    for report in reports:
        values.extend(_exceptions(report, table, None if alone else len(values)))
    full = len(raws) >= MAX_FRAMES or len(reports) >= MAX_REPORTS
    return finish(values, (), table, text, full=full)


def _exceptions(report: Report, table: ImageTable, first: int | None) -> list[ExceptionValue]:
    """The error, then the stacks that explain it; ``first`` is the number of the error among all exceptions."""
    main = report.stacks[0] if report.stacks else PrintedTrace(report.words)
    values = [_error(report, main, table, first)]
    for number, stack in enumerate(report.stacks[1:], start=(first or 0) + 1):
        if stack.words and _LEAK.match(stack.words[-1]):
            values.append(_error(report, stack, table, number))
        else:
            values.append(_explanation(stack, table, number, first or 0))
    return values


def _error(report: Report, trace: PrintedTrace, table: ImageTable, number: int | None) -> ExceptionValue:
    about = _PROCESS.sub("", report.about).strip()
    words, notes = _without_notes(trace.words)
    told = _value(about, words)
    value = "\n".join([*told, f"Cause: {report.cause}"] if report.cause else told) or None
    thread = _THREAD.search(f"{value or ''}\n{about}")
    mechanism = Mechanism(type="separate" if number else "sanitizer", exception_id=number)
    said = {
        "header": about if _REGISTERS_START.search(about) else None,
        "summary": report.summary,
        "notes": "\n".join(notes),
    }
    return ExceptionValue(
        type=report.kind,
        value=value,
        thread_id=(thread[1] or thread[2]) if thread else None,
        mechanism=replace(mechanism, data={name: text for name, text in said.items() if text} or None),
        stacktrace=_stacktrace(trace, table, report),
    )


def _without_notes(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What happened, and from the first note on what UndefinedBehaviorSanitizer shows of the memory."""
    start = next((index for index, word in enumerate(words) if _NOTE.search(word)), len(words))
    return words[:start], words[start:]


def _value(about: str, words: Sequence[str]) -> list[str]:
    """What happened: the header without registers, unless the next line says the same address, and these lines."""
    registers = _REGISTERS_START.search(about)
    headline = about[: registers.start()] if registers else about
    lines = [word.removesuffix(":") for word in words[-_MAX_VALUE_LINES:]]
    address = _ADDRESS.search(headline)
    repeated = address is not None and any(address[0] in line for line in lines)
    return lines if repeated or not headline else [headline, *lines]


def _stacktrace(trace: PrintedTrace, table: ImageTable, report: Report) -> Stacktrace | None:
    place = [report.place] if report.place else []
    raws = mark_inlined([frame.raw for frame in trace.frames]) or place
    stack = stacktrace(PrintedStack(raws, adjustment="none"), table)
    registers = {name: ReportedAddress(int(value, 16)) for name, value in _REGISTER.findall(report.about)}
    return replace(stack, registers=dict(registers)) if stack and registers else stack


def _explanation(stack: PrintedTrace, table: ImageTable, number: int, parent: int) -> ExceptionValue:
    """``freed by thread T0 here:`` is the type; what was said before that, the value."""
    heading = stack.words[-1].removesuffix(":") if stack.words else None
    told = _TELLS.search(heading or "")
    source = told.string[: told.end()] if told else _DETAILS.sub("", heading) if heading else None
    raws = mark_inlined([frame.raw for frame in stack.frames])
    return ExceptionValue(
        type=heading,
        value="\n".join(stack.words[-_MAX_VALUE_LINES:-1]) or None,
        mechanism=Mechanism(type="sanitizer", source=source, exception_id=number, parent_id=parent),
        stacktrace=stacktrace(PrintedStack(raws, adjustment="none"), table),
    )
