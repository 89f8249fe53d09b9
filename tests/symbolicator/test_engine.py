"""Which reader a report goes to."""

import pytest

from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput

STACK = b"TypeError: boom\n    at total (https://shop.example/app.js:1:20)\n    at https://shop.example/app.js:1:90\n"


class NoStore:
    def fetch(self, keys: frozenset[object]) -> dict[object, object]:
        return {}


def engine() -> Engine:
    return Engine(NoStore())  # type: ignore[arg-type]  # nothing is fetched here


def test_a_crash_far_down_in_a_log_is_found() -> None:
    """Logs are piped in whole: the crash is at their end, not at their beginning."""
    log = b"2026-11-23 10:00:00 INFO request served\n" * 10_000 + STACK
    (error,) = engine().read(log).exceptions
    assert error.type == "TypeError"
    assert error.stacktrace
    assert len(error.stacktrace.frames) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_text_redirected_on_windows_is_read(encoding: str) -> None:
    """PowerShell writes redirected output as UTF-16: every line would be noise."""
    (error,) = engine().read(STACK.decode().encode(encoding)).exceptions
    assert error.type == "TypeError"


@pytest.mark.parametrize(("payload", "word"), [(b"", "empty"), (b"  \n", "empty"), (b"hello\n" * 99, "JavaScript")])
def test_what_nobody_can_read_is_refused_with_what_can_be(payload: bytes, word: str) -> None:
    """A wrong file must lead to the right one, not to an empty trace."""
    with pytest.raises(UnreadableInput, match=word):
        engine().read(payload)
