"""Threads of KSCrash's report.

On ARM its walk of a stack begins with the program counter and the link register. Where the link register was also saved
on the stack already, the same return address comes twice: the copy is marked as machinery, and so folded away.

Sentry's kin of it chains stacks: an address that is none stands between what ran and what had scheduled that.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from native.crashes.apple.json_fields import MAX_DEPTH, Fields, bounded, whole_number
from native.crashes.apple.registers import named
from native.crashes.apple.report import MAX_FRAMES, MAX_THREADS, PrintedThread
from native.crashes.raw_frames import RawFrame
from symbolicator.model import JSON, AsyncCall
from symbolicator.model.frames import SCHEDULED

LINK_REGISTER = "a copied link register"
_MODELLED = frozenset(
    {"backtrace", "registers", "index", "name", "dispatch_queue", "crashed", "current_thread", "state"}
)
_ADDRESS_BITS = 64
_BETWEEN_STACKS = frozenset({0xFFFF_FFFF_FFFF_FB2D, 0xFFFF_FB2D})
_SCHEDULED = AsyncCall(rule="sentry-async", label=SCHEDULED)


def threads(crash: Fields, arch: str | None, *, of_exception: bool) -> list[PrintedThread]:
    """The threads, or the one of a minimal report. ``of_exception``: the crashed one has the stack of an exception."""
    listed = list(itertools.islice(crash.items("threads"), MAX_THREADS + 1))
    alone = crash.fields("crashed_thread")
    if not listed and alone:
        listed = [alone]
    return [
        _thread(index, one, arch, of_exception=of_exception, is_alone=not crash.array("threads"))
        for index, one in enumerate(listed)
    ]


def _thread(index: int, one: Fields, arch: str | None, *, of_exception: bool, is_alone: bool) -> PrintedThread:
    number = one.number("index")
    is_marked = one.flag("crashed") or is_alone
    registers = named(_registers(one.fields("registers").fields("basic"), arch))
    frames = list(_frames(one.fields("backtrace")))
    is_exact = not (is_marked and of_exception)
    return PrintedThread(
        number=index if number is None else number,
        name=one.text("name"),
        queue=one.text("dispatch_queue"),
        frames=_without_copy(frames, registers) if is_exact else frames,
        registers=registers,
        is_marked=is_marked,
        is_current=one.flag("current_thread"),
        state=one.text("state"),
        adjustment="all_but_first" if is_exact else "all",
        extra=_extra(one),
    )


def _registers(basic: Fields, arch: str | None) -> Iterator[tuple[str, int]]:
    for name, value in basic.pairs():
        number = whole_number(value)
        if number is not None:
            yield ("fp" if name == "x29" and (arch or "").startswith("arm64") else name), number


def _frames(backtrace: Fields) -> Iterator[RawFrame]:
    gap = None
    for one in itertools.islice(backtrace.items("contents"), MAX_FRAMES + 1):
        address = _address(one, "instruction_addr")
        if address in _BETWEEN_STACKS:
            gap = _SCHEDULED
        elif address is not None:
            yield replace(_frame(one, address), async_call=gap)
            gap = None


def _frame(one: Fields, address: int) -> RawFrame:
    base, symbol = _address(one, "object_addr"), _address(one, "symbol_addr")
    name = one.text("symbol_name")
    return RawFrame(
        function=name,
        function_offset=address - symbol if name and symbol is not None and symbol <= address else None,
        image=one.text("object_name"),
        image_offset=address - base if base and base <= address else None,
        address=address,
    )


def _address(one: Fields, name: str) -> int | None:
    value = one.number(name)
    return None if value is None else value & (1 << _ADDRESS_BITS) - 1


def _without_copy(frames: Sequence[RawFrame], registers: Mapping[str, int]) -> list[RawFrame]:
    """The frames, the second one marked where it is the link register and the third one the same again.

    Where a fourth has that address too the function calls itself, and each of them is a call.
    """
    addresses = [frame.address for frame in frames[1:4]]
    link = registers.get("lr")
    if link is None or addresses[:2] != [link, link] or addresses[2:] == [link]:
        return list(frames)
    return [frames[0], replace(frames[1], machinery=LINK_REGISTER), *frames[2:]]


def _extra(one: Fields) -> dict[str, JSON]:
    """Stack, notable addresses and the like; what the processor said about the exception."""
    kept: dict[str, JSON] = one.rest(_MODELLED)
    exception = dict(one.fields("registers").fields("exception").pairs())
    if exception:
        kept["exception_registers"] = bounded(exception, MAX_DEPTH)
    skipped = one.fields("backtrace").number("skipped")
    if skipped:
        kept["skipped_frames"] = skipped
    return kept
