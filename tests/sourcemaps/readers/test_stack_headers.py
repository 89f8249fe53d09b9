"""What stands above the frames: type, message and how the error got away."""

import pytest

from sourcemaps.javascript.reader import READER
from symbolicator.model import ExceptionValue

FRAME = "    at f (https://shop.example/app.js:1:20)"


def error_of(header: str) -> ExceptionValue:
    return READER.read(f"{header}\n{FRAME}\n".encode()).exceptions[-1]


@pytest.mark.parametrize(
    ("header", "type_", "value"),
    [
        ("TypeError: x is undefined", "TypeError", "x is undefined"),
        ("Uncaught TypeError: x", "TypeError", "x"),
        ("Uncaught (in promise) Error: x", "Error", "x"),
        ("Uncaught (in promise)\nError: x", "Error", "x"),
        ("Unhandled Promise Rejection: AbortError: x", "AbortError", "x"),
        ("(node:12) UnhandledPromiseRejectionWarning: Error: x", "Error", "x"),
        ("app.js:12 Uncaught TypeError: x", "TypeError", "x"),
        ("Error", "Error", None),
        ("Error: ", "Error", None),
        ("o: a minified name", "o", "a minified name"),
        ("o [CheckoutError]: x", "CheckoutError", "x"),
        ("TypeError [ERR_INVALID_URL]: x", "TypeError", "x"),
        ("DOMException [AbortError]: x", "AbortError", "x"),
        ("<ref *1> Error: x", "Error", "x"),
        ("{ Error: x", "Error", "x"),
        ("Unhandled JS Exception: Error: x", "Error", "x"),
        ("Invariant Violation: x", "Invariant Violation", "x"),
        ("com.facebook.react.common.JavascriptException: Error: x, stack:", "Error", "x"),
        ("the message alone, thrown as a string", None, "the message alone, thrown as a string"),
        ("Error: one\ntwo: three\n\nfour", "Error", "one\ntwo: three\n\nfour"),
        ("2026-01-02 03:04:05 [error] TypeError: x", "TypeError", "x"),
        ("web_1  | TypeError: x", "TypeError", "x"),
        ("unrelated words\n\nTypeError: x", "TypeError", "x"),
        ("\x1b[31mTypeError\x1b[39m: x", "TypeError", "x"),
        ("Error: see https://a.example/b:1", "Error", "see https://a.example/b:1"),
        ("Ошибка: нет", "Ошибка", "нет"),
    ],
)
def test_type_and_value(header: str, type_: str | None, value: str | None) -> None:
    """Type and message are what a crash is grouped, searched and remembered by."""
    error = error_of(header)
    assert (error.type, error.value) == (type_, value)


@pytest.mark.parametrize(
    ("header", "how"),
    [
        ("Uncaught TypeError: x", "onerror"),
        ("Uncaught (in promise) Error: x", "onunhandledrejection"),
        ("/srv/a.js:3\n  throw x\n  ^\n\nError: x", "onuncaughtexception"),
    ],
)
def test_how_it_got_away(header: str, how: str) -> None:
    """Whether the program survived the error is the first thing to know about it."""
    mechanism = error_of(header).mechanism
    assert mechanism is not None
    assert (mechanism.type, mechanism.handled) == (how, False)


def test_class_and_code_beside_the_name() -> None:
    """Node.js prints two names; neither may be taken for the other, and none is lost."""
    renamed, coded = error_of("o [CheckoutError]: x").mechanism, error_of("Error [ERR_X]: x").mechanism
    assert renamed is not None
    assert coded is not None
    assert (renamed.data, coded.data) == ({"constructor": "o"}, {"code": "ERR_X"})


def test_no_header_at_all() -> None:
    """Firefox's and Safari's `error.stack` is frames alone."""
    error = READER.read(FRAME.encode()).exceptions[0]
    assert (error.type, error.value, error.mechanism) == (None, None, None)
