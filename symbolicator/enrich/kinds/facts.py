"""What a crash is recognised by: the error's words, the address it failed at, the functions that ended it."""

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Final

from msgspec import Struct

from symbolicator.enrich.own_calls import newest_first, unfolded
from symbolicator.model import JSON, Event, ExceptionValue, Frame
from symbolicator.model.causes import raised_exception
from symbolicator.model.edit import stacks_of

MAX_TEXT: Final = 4_000
"""Characters of the value that are read."""
MAX_ABOVE: Final = 60
MAX_CALLS: Final = 20_000
_ADDRESS = re.compile(
    r"\baddress:? (?P<nil>\(nil\))|\b(?:(?:at |address[:=]? ?)0x|location )(?P<hex>[0-9a-fA-F]{1,16})\b"
)
_SENT = re.compile(r"SI_\w{1,20}")
"""Codes of signals that somebody sent, or of which the kernel does not know the address."""
_STACK_POINTERS = ("rsp", "sp", "esp", "x31")


class Facts(Struct, frozen=True):
    """One crash. Addresses are in the crashed process."""

    type: str = ""
    text: str = ""
    """The error's value."""
    mechanism: str = ""
    handled: bool = False
    signal: str = ""
    code: str = ""
    """Name of the signal's code, as ``SEGV_MAPERR``."""
    fault: int | None = None
    """The address whose use failed."""
    stack_pointer: int | None = None
    above: tuple[str, ...] = ()
    """Functions that were called since the innermost own one, newest first: they ended it."""
    calls: tuple[str, ...] = ()
    """Functions of the trace without its machinery, newest first."""

    @property
    def said(self) -> str:
        """Type and value."""
        return f"{self.type}: {self.text}" if self.type and self.text != self.type else self.text


def facts_of(event: Event) -> Facts | None:
    """None where no error is known: nothing then says that it was a crash at all."""
    index = raised_exception(event)
    if index is None:
        return None
    raised = event.exceptions[index]
    signal = _part(raised, "signal")
    code = _text(signal, "code_name")
    text = (raised.value or "")[:MAX_TEXT]
    return Facts(
        type=(raised.type or "")[:MAX_TEXT],
        text=text,
        mechanism=(raised.mechanism and raised.mechanism.type) or "",
        handled=bool(raised.mechanism and raised.mechanism.handled),
        signal=_text(signal, "name"),
        code=code,
        fault=None if _SENT.match(code) else _fault(raised, text),
        stack_pointer=_stack_pointer(event),
        above=tuple(_above(event)),
        calls=tuple(frame.function for frame in islice(unfolded(event), MAX_CALLS) if frame.function),
    )


def _part(raised: ExceptionValue, name: str) -> JSON:
    meta = raised.mechanism and raised.mechanism.meta
    return meta.get(name) if meta else None


def _text(part: JSON, name: str) -> str:
    value = part.get(name) if isinstance(part, dict) else None
    return value if isinstance(value, str) else ""


def _fault(raised: ExceptionValue, text: str) -> int | None:
    """As the mechanism has it, else as the first line says it."""
    data = (raised.mechanism and raised.mechanism.data) or {}
    known = _text(data, "fault_address") or _text(data, "relevant_address")
    found = _ADDRESS.search(f"address {known}" if known else text.partition("\n")[0])
    if found is None:
        return None
    return 0 if found["nil"] else int(found["hex"], 16)


def _stack_pointer(event: Event) -> int | None:
    crashed = dict(stacks_of(event)).get((event.merged and event.merged.crashed_stack) or "")
    registers = (crashed and crashed.registers) or {}
    return next((value for name in _STACK_POINTERS if (value := registers.get(name)) is not None), None)


def _above(event: Event) -> Iterator[str]:
    newer = takewhile(lambda frame: not _is_own(frame), newest_first(event))
    return (frame.function for frame in islice(newer, MAX_ABOVE) if frame.function)


def _is_own(frame: Frame) -> bool:
    return frame.in_app is True and not (frame.data and frame.data.machinery)
