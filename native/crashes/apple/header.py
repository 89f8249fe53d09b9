"""The header of a ``.crash`` text: where it ran, what went wrong, who ended it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from native.crashes.apple.contexts import contexts_of, system_context
from native.crashes.apple.crash_text import CrashText
from native.crashes.apple.json_fields import whole_number
from native.crashes.apple.processors import arch_of_code_type
from native.crashes.apple.report import Failure, Termination
from native.crashes.apple.terminations import is_well_known
from native.crashes.apple.uncaught import Uncaught, uncaught_exception
from symbolicator.model import JSON

_NUMBER = re.compile(r"[ \t]{0,8}(?P<number>[0-9]{1,6})\b")
_TYPE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]{2,40})(?:[ \t]{1,4}\((?P<signal>[^()]{1,60})\))?[ \t]*\Z")
_CODE = re.compile(r"0x(?P<hex>[0-9a-fA-F]{1,16})\b")
_TERMINATION = re.compile(
    r"(?:Namespace )?(?P<namespace>[A-Z][A-Z_0-9]{1,40})(?![A-Za-z]),?"
    r"(?:[ \t]{1,4}(?:Code )?\[?(?P<code>0x[0-9a-fA-F]{1,16}|[0-9]{1,20})\]?,?)?[ \t]{0,4}(?P<rest>.*)\Z",
    re.DOTALL,
)
_NAME_AND_PID = re.compile(r"(?P<name>.{1,200}?)[ \t]{1,4}\[(?P<pid>[0-9]{1,10})\]\Z", re.DOTALL)
_SAID = (
    "Application Specific Information",
    "Dyld Error Message",
    "Dyld Error Information",
    "Exception Message",
)
_IN_BRACKETS = re.compile(r"\((?P<words>[^()]{1,200})\)")
_MAX_CODES = 4


def named_thread(text: CrashText) -> int | None:
    """The thread that the header says crashed."""
    for field in ("Triggered by Thread", "Crashed Thread", "Highlighted Thread"):
        match = _NUMBER.match(text.first(field) or "")
        if match:
            return int(match["number"])
    return None


def arch(text: CrashText) -> str | None:
    """The processor that the program ran on."""
    return arch_of_code_type(text.first("Code Type") or "")


def contexts(text: CrashText) -> dict[str, JSON]:
    """System, device and app."""
    process = _NAME_AND_PID.match(text.first("Process") or "")
    return contexts_of(
        os=system_context(text.first("OS Version")),
        device={"model": text.first("Hardware Model") or _mac_model(text), "arch": arch(text)},
        app={
            "app_name": process["name"] if process else text.first("Process"),
            "app_identifier": text.first("Identifier"),
            "app_version": text.first("Version"),
        },
    )


def failure(text: CrashText) -> Failure:
    """What went wrong, from all the fields that say something about it."""
    said = [line for name in _SAID for line in text.lines(name)]
    uncaught = uncaught_exception("\n".join(said)) or Uncaught()
    kind = _exception_type(text)
    return Failure(
        kind=uncaught.kind or ("mach" if kind.exception else "signal"),
        exception=kind.exception,
        signal=kind.signal,
        codes=_codes(text),
        subtype=_subtype(text),
        name=uncaught.name,
        reason=uncaught.reason,
        messages=said,
        termination=_termination(text),
        data=dict(_more(text)),
    )


class _Type(NamedTuple):
    exception: str | None = None
    signal: str | None = None


def _exception_type(text: CrashText) -> _Type:
    match = _TYPE.match(text.first("Exception Type") or "")
    if match is None:
        return _Type()
    name, signal = match["name"], match["signal"]
    if name.startswith("SIG"):
        return _Type(signal=name)
    return _Type(name, signal if signal and signal.startswith("SIG") else None)


def _codes(text: CrashText) -> tuple[int, ...]:
    values = (int(match["hex"], 16) for match in _CODE.finditer(text.first("Exception Codes") or ""))
    return tuple(value for value, _ in zip(values, range(_MAX_CODES), strict=False))


def _subtype(text: CrashText) -> str | None:
    """``KERN_INVALID_ADDRESS at 0x10``: iOS has a field for it, macOS writes it before the codes.

    PLCrashReporter has ``#0`` where it knows no name.
    """
    told = text.first("Exception Subtype")
    if told:
        return told
    codes = (text.first("Exception Codes") or "").strip()
    words = codes.partition(",")[0].strip().removeprefix("#0 ")
    return words if words and not words.startswith("0x") else None


def _termination(text: CrashText) -> Termination | None:
    lines = [*text.lines("Termination Reason"), *text.lines("Termination Description")]
    match = _TERMINATION.match(lines[0]) if lines else None
    if match:
        code = whole_number(match["code"])
        details = [match["rest"], *lines[1:]]
        return Termination(match["namespace"], code, tuple(line for line in details if line))
    old = next((code for code in _codes(text) if is_well_known(code)), None)
    if old is None and not lines:
        return None
    return Termination(code=old, details=tuple(lines))


def _more(text: CrashText) -> Iterator[tuple[str, JSON]]:
    for name, field in (("vm_region_info", "VM Region Info"), ("terminating_process", "Terminating Process")):
        if value := text.first(field):
            yield name, value
    in_brackets = _IN_BRACKETS.search(text.first("Error Code") or "")
    words = text.syndrome or (in_brackets["words"] if in_brackets else None)
    if words and "EXC_BAD_ACCESS" in (text.first("Exception Type") or ""):
        yield "exception_syndrome", words


def _mac_model(text: CrashText) -> str | None:
    """``MacBookPro15,1`` of ``Model: MacBookPro15,1, BootROM …``."""
    return (text.first("Model") or "").partition(", ")[0] or None
