"""What went wrong, as an exception of the event: type, one sentence and what it says it by, and how it was noticed."""

from collections.abc import Iterator

from native.crashes.apple.report import Failure, Termination
from native.crashes.apple.terminations import sentence, shown_code
from native.crashes.mach_exceptions import SIGNALS, code_name, exception_number
from symbolicator.model import JSON, Mechanism

MAX_LINES = 40
MAX_TEXT = 8_000
"""In characters, for all that is said; the whole text is in the report."""
_ACCESS = "EXC_BAD_ACCESS"
_UNCAUGHT = "uncaught exception"
_OF_SIGNALS = "SIGNAL"
"""The namespace that says nothing that the signal does not say."""
_LITTLE_SAID = frozenset({"EXC_CRASH", None})
"""Exceptions that say less than the signal."""


def exception_type(failure: Failure) -> str:
    """The name of the language's exception, else of Mach's, else the signal's."""
    return failure.name or failure.exception or failure.signal or "Termination" * bool(failure.termination) or "Crash"


def exception_value(failure: Failure, arch: str | None) -> str | None:
    """What it is about, the sentence first, then what the program said."""
    headline = "; ".join(_headline(failure, arch))
    lines = list(dict.fromkeys(line for line in (headline, *_said(failure)) if line))
    return "\n".join(lines[:MAX_LINES])[:MAX_TEXT] or None


def mechanism(failure: Failure, data: dict[str, JSON]) -> Mechanism:
    """How it was noticed, in the words of Sentry's payload."""
    meta: dict[str, JSON] = {}
    if failure.exception:
        meta["mach_exception"] = _mach(failure)
    if failure.signal:
        meta["signal"] = _known(number=SIGNALS.get(failure.signal), name=failure.signal)
    told = {**_told_data(failure), **data}
    return Mechanism(type=failure.kind, handled=not failure.is_crash, meta=meta or None, data=told or None)


def what_code_means(failure: Failure, arch: str | None) -> str | None:
    """``KERN_INVALID_ADDRESS at 0x10``, as the report says it or by the exception's codes."""
    number = exception_number(failure.exception or "")
    if failure.subtype or number is None or not failure.codes:
        return failure.subtype
    name = code_name(number, failure.codes[0], arch) if failure.exception not in _LITTLE_SAID else None
    if failure.exception == _ACCESS and len(failure.codes) > 1:
        address = failure.codes[1] & (1 << 64) - 1
        return f"{name} at {address:#x}" if name else f"at {address:#x}"
    return name


def _headline(failure: Failure, arch: str | None) -> Iterator[str]:
    if failure.name:
        yield failure.reason or ""
        return
    meaning = what_code_means(failure, arch)
    if meaning:
        yield meaning
    elif failure.signal and (failure.exception in _LITTLE_SAID or not failure.messages):
        yield failure.signal
    if failure.termination and (told := _termination(failure.termination)):
        yield told
    if failure.reason:
        yield failure.reason


def _termination(termination: Termination) -> str | None:
    """``FRONTBOARD 0x8badf00d: the watchdog ended the app …``; a signal's namespace says nothing new."""
    meaning = sentence(termination.namespace, termination.code)
    if termination.namespace == _OF_SIGNALS or not (termination.namespace or meaning):
        return None
    code = None if termination.code is None else shown_code(termination.code & 0xFFFF_FFFF)
    name = " ".join(part for part in (termination.namespace, code) if part)
    return f"{name}: {meaning}" if meaning else name


def _said(failure: Failure) -> Iterator[str]:
    termination = failure.termination
    told = termination.details if termination and termination.namespace != _OF_SIGNALS else ()
    for text in (*told, *failure.messages):
        for line in text.splitlines():
            if not failure.reason or (failure.reason not in line and _UNCAUGHT not in line):
                yield line.strip()


def _mach(failure: Failure) -> dict[str, JSON]:
    number = exception_number(failure.exception or "")
    code, subcode = (*failure.codes, None, None)[:2]
    return _known(exception=number, code=code, subcode=subcode, name=failure.exception)


def _told_data(failure: Failure) -> dict[str, JSON]:
    termination = failure.termination
    if termination is None:
        return failure.data
    told = _known(
        namespace=termination.namespace,
        code=termination.code,
        meaning=sentence(termination.namespace, termination.code),
    )
    return {"termination": told, **failure.data} if told else failure.data


def _known(**values: JSON) -> dict[str, JSON]:
    return {name: value for name, value in values.items() if value is not None}
