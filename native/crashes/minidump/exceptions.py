"""Why the dump was written: the exception in the words of the system that it comes from."""

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.minidump import apple, linux, windows
from native.crashes.minidump.systems import system_of
from symbolicator.model import ExceptionValue, Mechanism

if TYPE_CHECKING:
    from symbolicator import _core

REQUESTED = "DUMP_REQUESTED"
_REQUESTED_CODES = frozenset({0xFFFFFFFF, 0x0517A7ED, 0x43507378})
"""What Breakpad (Linux) and Crashpad (Windows, macOS) put in place of an exception that there was not."""
_ASSERTIONS = {1: "invalid parameter of the C runtime", 2: "pure virtual function call"}


class Raised(Struct, frozen=True):
    """The exception, and the thread that it happened in or that asked for the dump, where there is one."""

    value: ExceptionValue
    thread_id: int | None
    is_crash: bool = True


def exception_of(dump: "_core.Minidump") -> Raised:
    """What happened, or that nothing did and the dump was asked for."""
    raised = dump.exception
    if raised is None and dump.requesting_thread_id is None and dump.damage:
        return Raised(_lost(), None)
    if raised is None or raised.code in _REQUESTED_CODES:
        thread = raised.thread_id if raised else dump.requesting_thread_id
        return Raised(_requested(thread), thread, is_crash=False)
    value = _VALUES[system_of(dump)](dump, raised)
    said = [sentence for sentence in (_assertion(dump), *_messages(dump), value.value) if sentence]
    return Raised(_named(value, "\n".join(said), raised.thread_id), raised.thread_id)


def _named(value: ExceptionValue, text: str, thread: int) -> ExceptionValue:
    return replace(value, value=text or None, thread_id=thread)


def _lost() -> ExceptionValue:
    return ExceptionValue(
        type="UNKNOWN_EXCEPTION",
        value="The minidump is not whole: what happened is not in it.",
        mechanism=Mechanism(type="minidump", handled=False),
    )


def _requested(thread: int | None) -> ExceptionValue:
    return ExceptionValue(
        type=REQUESTED,
        value="Nothing crashed: the program or its watchdog asked for this dump.",
        thread_id=thread,
        mechanism=Mechanism(type="minidump", handled=True, synthetic=True),
    )


def _assertion(dump: "_core.Minidump") -> str | None:
    """``main.c:99: init: Assertion `x != 0' failed.``, as assert(3) words it."""
    said = dump.assertion
    if said is None:
        return None
    kind = _ASSERTIONS.get(said.kind)
    place = f"{said.file}:{said.line}" if said.file and said.line else said.file
    claim = f"Assertion `{said.expression}' failed." if said.expression else kind and f"{kind[0].upper()}{kind[1:]}."
    return ": ".join(part for part in (place, said.function, claim) if part) or None


def _messages(dump: "_core.Minidump") -> list[str]:
    """What macOS's libraries said before they gave up."""
    return [message for info in dump.mac_crash_infos for message in info.messages]


def _unknown(_: "_core.Minidump", raised: "_core.MinidumpException") -> ExceptionValue:
    return ExceptionValue(
        type=f"EXCEPTION {raised.code:#x}",
        value=f"address {raised.address:#x}",
        mechanism=Mechanism(type="minidump", handled=False),
    )


_VALUES = {"windows": windows.value_of, "linux": linux.value_of, "apple": apple.value_of, "other": _unknown}
