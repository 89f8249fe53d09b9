"""Signals by number and by name, as Linux numbers them (man 7 signal; x86 and ARM)."""

import re

from symbolicator.model import JSON, Mechanism

NUMBERS = {
    "SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8,
    "SIGKILL": 9, "SIGUSR1": 10, "SIGSEGV": 11, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15,
    "SIGXCPU": 24, "SIGXFSZ": 25, "SIGSYS": 31,
}  # fmt: skip
_NAMES = {number: name for name, number in NUMBERS.items()}
_IN_WORDS = {
    "Segmentation fault": "SIGSEGV", "Aborted": "SIGABRT", "Abort trap": "SIGABRT", "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE", "Illegal instruction": "SIGILL", "Trace/breakpoint trap": "SIGTRAP",
    "Bad system call": "SIGSYS",
}  # fmt: skip
_NAME = re.compile(r"\b(SIG[A-Z]{2,5}[12]?)\b")
_NUMBER = re.compile(r"\bsignal(?: number)?[ :#]{0,3}([0-9]{1,2})\b", re.IGNORECASE)


def find_signal(line: str) -> str | None:
    """Name of the signal that a line of text is about: by name, by number, or in the words of strsignal(3)."""
    named = next((match[1] for match in _NAME.finditer(line) if match[1] in NUMBERS), None)
    if named:
        return named
    numbered = _NUMBER.search(line)
    if numbered:
        return _NAMES.get(int(numbered[1]))
    return next((name for words, name in _IN_WORDS.items() if line.startswith(words)), None)


def signal_mechanism(name: str | None, data: dict[str, JSON]) -> Mechanism | None:
    """How the exception came about, in Sentry's words; None if there is nothing to say."""
    if name is None:
        return Mechanism(type="generic", data=data) if data else None
    signal: JSON = {"number": NUMBERS[name], "name": name}
    return Mechanism(type="signalhandler", handled=False, meta={"signal": signal}, data=data or None)
