"""Termination codes in words."""

import pytest

from native.crashes.apple.terminations import sentence, shown_code


@pytest.mark.parametrize(
    ("namespace", "code", "words"),
    [
        ("FRONTBOARD", 0x8BADF00D, "watchdog"),
        ("SPRINGBOARD", 2343432205, "watchdog"),
        ("RUNNINGBOARD", 0xDEAD10CC, "lock"),
        ("RUNNINGBOARD", 0xC00010FF, "hot"),
        ("RUNNINGBOARD", 0xBAD22222, "VoIP"),
        (None, 0xDEADFA11, "user forced"),
        (None, 0xBAAAAAAD, "no crash"),
        ("SPRINGBOARD", -1951535091, "watchdog"),
        ("CODESIGNING", 2, "changed after it had been signed"),
        ("CODESIGNING", 77, "code signature"),
        ("JETSAM", 7, "more memory than one process may"),
        ("DYLD", 1, "not found"),
        ("TCC", 0, "Info.plist"),
        ("PAC_EXCEPTION", None, "signature"),
    ],
)
def test_a_code_is_said_in_words(namespace: str | None, code: int | None, words: str) -> None:
    """Nobody remembers at 3 a.m. what 0xdead10cc stands for."""
    assert words in (sentence(namespace, code) or "")


def test_unknown_codes_are_not_guessed() -> None:
    """A wrong reason is worse than none."""
    assert sentence("SIGNAL", 11) is None
    assert sentence("SOMETHING", 3) is None
    assert sentence(None, 1) is None
    assert (shown_code(6), shown_code(0x8BADF00D)) == ("6", "0x8badf00d")
