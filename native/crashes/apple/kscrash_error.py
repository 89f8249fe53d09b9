"""What went wrong, as KSCrash writes it: ``crash.error`` with a part for each way of noticing it."""

from collections.abc import Iterator

from native.crashes.apple.json_fields import MAX_DEPTH, Fields, bounded
from native.crashes.apple.report import Failure, Termination
from native.crashes.mach_exceptions import BAD_ACCESS, exception_name, signal_name
from symbolicator.model import JSON

_OF_EXCEPTIONS = frozenset({"nsexception", "cpp_exception", "user"})
_DEADLOCKS = frozenset({"deadlock", "main_thread_deadlock"})
_NAMELESS = {"deadlock": "Deadlock", "main_thread_deadlock": "Deadlock", "hang": "App hang", "app_hang": "App hang"}
_MASK = (1 << 64) - 1


def failure_of(crash: Fields) -> Failure:
    """The failure of a report's ``crash``."""
    error = crash.fields("error")
    kind = error.text("type") or _kind(error)
    mach, signal = error.fields("mach"), error.fields("signal")
    exception = mach.text("exception_name") or exception_name(mach.number("exception") or 0)
    return Failure(
        kind=kind,
        exception=exception,
        signal=signal.text("name") or signal_name(signal.number("signal") or 0),
        codes=_codes(error, mach),
        subtype=_subtype(error, mach) if kind in ("mach", "signal") else None,
        name=_name(error, kind),
        reason=_reason(error, kind),
        messages=[*_said(crash)],
        termination=_termination(error),
        data=dict(_more(crash, error)),
    )


def has_exceptions_stack(crash: Fields) -> bool:
    """Whether the crashed thread's stack is that of an exception: all return addresses, also the newest."""
    return (crash.fields("error").text("type") or "") in _OF_EXCEPTIONS


def _kind(error: Fields) -> str:
    return next((part for part in ("nsexception", "cpp_exception", "mach", "signal") if part in error), "mach")


def _codes(error: Fields, mach: Fields) -> tuple[int, ...]:
    """Code and subcode; that of a failed access is its address, which has a field of its own."""
    code, subcode = mach.number("code"), mach.number("subcode")
    if code is None:
        return ()
    address = error.number("address") if _is_access(mach) else None
    return (code, (address if address is not None else subcode or 0) & _MASK)


def _is_access(mach: Fields) -> bool:
    return mach.number("exception") == BAD_ACCESS or mach.text("exception_name") == "EXC_BAD_ACCESS"


def _subtype(error: Fields, mach: Fields) -> str | None:
    """``KERN_INVALID_ADDRESS at 0x10``; other exceptions have names for their codes only."""
    name, address = mach.text("code_name"), error.number("address")
    if name and _is_access(mach) and address is not None:
        return f"{name} at {address & _MASK:#x}"
    return name if _is_access(mach) or not mach else None


def _name(error: Fields, kind: str) -> str | None:
    for part in ("nsexception", "cpp_exception", "user_reported"):
        name = error.fields(part).text("name")
        if name:
            return name
    return _NAMELESS.get(kind)


def _reason(error: Fields, kind: str) -> str | None:
    told = error.text("reason") or error.fields("nsexception").text("reason")
    return told or ("the main thread did not respond" if kind in _DEADLOCKS else None)


def _said(crash: Fields) -> Iterator[str]:
    diagnosis = crash.text("diagnosis")
    if diagnosis:
        yield diagnosis


def _termination(error: Fields) -> Termination | None:
    code = error.fields("exit_reason").number("code")
    return None if code is None else Termination(code=code)


def _more(crash: Fields, error: Fields) -> Iterator[tuple[str, JSON]]:
    address = error.number("address")
    if address:
        yield "address", hex(address & _MASK)
    for part in ("nsexception", "user_reported", "hang", "exit_reason", "memory_termination", "profile"):
        value = dict(error.fields(part).pairs())
        if value:
            yield part, bounded(value, MAX_DEPTH)
    if crash.text("diagnosis"):
        yield "diagnosis", crash.text("diagnosis")
