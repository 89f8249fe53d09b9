"""Signals by number and by name, as Linux numbers them (man 7 signal; x86 and ARM)."""

import re

from native.crashes.signal_codes import code_name
from symbolicator.model import JSON, Mechanism

NUMBERS = {
    "SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8,
    "SIGKILL": 9, "SIGUSR1": 10, "SIGSEGV": 11, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15,
    "SIGSTKFLT": 16, "SIGCHLD": 17, "SIGCONT": 18, "SIGSTOP": 19, "SIGTSTP": 20, "SIGTTIN": 21, "SIGTTOU": 22,
    "SIGURG": 23, "SIGXCPU": 24, "SIGXFSZ": 25, "SIGVTALRM": 26, "SIGPROF": 27, "SIGWINCH": 28, "SIGIO": 29,
    "SIGPWR": 30, "SIGSYS": 31,
}  # fmt: skip
_NAMES = {number: name for name, number in NUMBERS.items()}
_IN_WORDS = {
    "Segmentation fault": "SIGSEGV", "Aborted": "SIGABRT", "Abort trap": "SIGABRT", "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE", "Illegal instruction": "SIGILL", "Trace/breakpoint trap": "SIGTRAP",
    "Bad system call": "SIGSYS",
}  # fmt: skip
_NAME = re.compile(r"\b(SIG[A-Z]{2,6}[12]?)\b")
_NUMBER = re.compile(r"\bsignal(?: number)?[ :#]{0,3}([0-9]{1,2})\b", re.IGNORECASE)
_REAL_TIME = re.compile(r"SIGRTMIN(?:\+([0-9]{1,2}))?")
_FIRST_REAL_TIME, _LAST_REAL_TIME = 34, 64


def signal_name(number: int) -> str | None:
    """``SIGSEGV`` for 11, ``SIGRTMIN+1`` for 35 (as glibc counts them); None if there is no such signal."""
    if _FIRST_REAL_TIME <= number <= _LAST_REAL_TIME:
        above = number - _FIRST_REAL_TIME
        return f"SIGRTMIN+{above}" if above else "SIGRTMIN"
    return _NAMES.get(number)


def find_signal(line: str) -> str | None:
    """Name of the signal that a line of text is about: by name, by number, or in the words of strsignal(3)."""
    named = next((match[1] for match in _NAME.finditer(line) if match[1] in NUMBERS), None)
    if named:
        return named
    numbered = _NUMBER.search(line)
    if numbered:
        return _NAMES.get(int(numbered[1]))
    return next((name for words, name in _IN_WORDS.items() if line.startswith(words)), None)


def signal_number(name: str) -> int | None:
    """11 for ``SIGSEGV``; None for a name that Linux does not have."""
    real_time = _REAL_TIME.fullmatch(name)
    return _FIRST_REAL_TIME + int(real_time[1] or 0) if real_time else NUMBERS.get(name)


def signal_mechanism(name: str | None, data: dict[str, JSON], code: int | None = None) -> Mechanism | None:
    """How the exception came about, in Sentry's words; None if there is nothing to say. ``code``: ``si_code``."""
    if name is None:
        return Mechanism(type="generic", data=data) if data else None
    signal: dict[str, JSON] = {"number": signal_number(name), "name": name}
    if code is not None:
        signal |= {"code": code, "code_name": code_name(name, code)}
    meta: dict[str, JSON] = {"signal": {key: value for key, value in signal.items() if value is not None}}
    return Mechanism(type="signalhandler", handled=False, meta=meta, data=data or None)
