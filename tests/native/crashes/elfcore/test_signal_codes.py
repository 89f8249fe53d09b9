"""Names of signals and of their codes."""

import re
import signal
from pathlib import Path

import pytest

from native.crashes import signal_codes
from native.crashes.signal_codes import code_name, is_sent, meaning
from native.crashes.signals import NUMBERS, find_signal, signal_mechanism, signal_name, signal_number

_HEADER = Path("/usr/include/asm-generic/siginfo.h")
_DEFINITION = re.compile(r"^# ?define\s+((?:ILL|FPE|SEGV|BUS|TRAP|CLD|POLL|SI|SYS)_[A-Z_]+)\s+(-?\w+)\s", re.MULTILINE)
_OTHER_MEANINGS = {"SI_MAX_SIZE", "SI_PAD_SIZE"}


@pytest.mark.skipif(not _HEADER.exists(), reason="the kernel's headers are not installed")
def test_codes_are_those_of_the_kernel() -> None:
    """If one differed, a crash would be explained with the words of another one."""
    defined = {name: int(value, 0) for name, value in _DEFINITION.findall(_HEADER.read_text()) if value[-1].isdigit()}
    tables = [*signal_codes._RAISED.values(), signal_codes._SENT]
    known = {name: code for table in tables for code, name in table.items()}
    assert len(defined) > 50
    assert {name: known.get(name) for name in defined.keys() - _OTHER_MEANINGS} == {
        name: value for name, value in defined.items() if name not in _OTHER_MEANINGS
    }


def test_numbers_are_those_of_the_system() -> None:
    """If one differed, a report would name the wrong signal."""
    assert {name: getattr(signal, name).value for name in NUMBERS if hasattr(signal, name)} == {
        name: number for name, number in NUMBERS.items() if hasattr(signal, name)
    }
    assert len(NUMBERS) == 31


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("SIGSEGV", 1, "SEGV_MAPERR"),
        ("SIGSEGV", 9, "SEGV_MTESERR"),
        ("SIGSEGV", 0x80, "SI_KERNEL"),
        ("SIGABRT", -6, "SI_TKILL"),
        ("SIGTRAP", 128, "SI_KERNEL"),
        ("SIGTRAP", 5 | 6 << 8, "PTRACE_EVENT_EXIT"),
        ("SIGTRAP", 5, "TRAP_UNK"),
        ("SIGUSR1", 1, None),
        ("SIGSEGV", 77, None),
        ("", 0, "SI_USER"),
    ],
)
def test_code_of_a_signal(name: str, code: int, expected: str | None) -> None:
    """If this failed, the same number would mean the same for every signal."""
    assert code_name(name, code) == expected


def test_what_a_code_says() -> None:
    """If this failed, a person would have to look codes up."""
    assert meaning("SEGV_MAPERR") == "nothing is mapped there"
    assert meaning("CLD_EXITED") is None
    assert is_sent(-6)
    assert is_sent(0)
    assert not is_sent(1)


def test_real_time_signals_have_names() -> None:
    """If this failed, a process that a real-time signal killed would have died of nothing."""
    assert [signal_name(number) for number in (0, 11, 32, 34, 36, 64, 65)] == [
        None, "SIGSEGV", None, "SIGRTMIN", "SIGRTMIN+2", "SIGRTMIN+30", None,
    ]  # fmt: skip
    assert [signal_number(name) for name in ("SIGRTMIN", "SIGRTMIN+2", "SIGSEGV", "SIGX")] == [34, 36, 11, None]


def test_mechanism_says_the_code() -> None:
    """If this failed, the payload would lack what tells a null pointer from a forbidden write."""
    mechanism = signal_mechanism("SIGSEGV", {}, 2)
    assert mechanism
    assert mechanism.meta == {"signal": {"number": 11, "name": "SIGSEGV", "code": 2, "code_name": "SEGV_ACCERR"}}


def test_long_names_are_found_in_text() -> None:
    """If this failed, ``SIGSTKFLT`` and ``SIGVTALRM`` would be no signals in text."""
    assert find_signal("Program terminated with signal SIGVTALRM, Virtual timer expired.") == "SIGVTALRM"
