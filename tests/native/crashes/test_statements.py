"""What programs say about their death, besides the backtrace."""

import pytest

from native.crashes.statements import Statement, find_statement


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("*** signal 11 (SIGSEGV), address 0x8 ***", "SIGSEGV", "signal 11, address 0x8"),
        ("Caught signal 6", "SIGABRT", "Caught signal 6"),
        ("Segmentation fault (core dumped)", "SIGSEGV", "Segmentation fault (core dumped)"),
        ("fatal: got SIGBUS.", "SIGBUS", "fatal: got SIGBUS"),
        ("terminate called after throwing an instance of 'a::B<int>'\n  what():  x\ny", "a::B<int>", "x\ny"),
        ("terminate called after throwing an instance of 'int'", "int", None),
        (
            "terminate called without an active exception",
            "std::terminate",
            "terminate called without an active exception",
        ),
        ("libc++abi: terminating due to uncaught exception of type std::logic_error: x: y", "std::logic_error", "x: y"),
        ("libc++abi: terminating with uncaught exception of type int", "int", None),
        ("thread 'main' panicked at src/main.rs:10:5:\na\nb\n", "panic", "a\nb"),
        (
            "thread 'w 1' (77) panicked at src/main.rs:10:5:\na\n\nb\nnote: run with `RUST_BACKTRACE=1`",
            "panic",
            "a\n\nb",
        ),
        ("thread '<unnamed>' panicked at 'a', 'b', src/main.rs:10:5", "panic", "a', 'b"),
        ("thread 'main' panicked at 'a\nb', src/main.rs:10:5\nnote: x", "panic", "a\nb"),
        ("prog: main.cpp:12: int main(): Assertion `x > 'a'' failed.", "Assertion failed", "x > 'a'"),
        ("*** stack smashing detected ***: terminated", "stack smashing detected", "terminated"),
        ("*** buffer overflow detected ***: terminated", "buffer overflow detected", "terminated"),
        ("free(): double free detected in tcache 2", "free()", "double free detected in tcache 2"),
        ("double free or corruption (out)", "heap corruption", "double free or corruption (out)"),
        ("*** Error in `./p': free(): invalid pointer: 0x01 ***", "free(): invalid pointer", "0x01"),
    ],
)
def test_type_and_value(text: str, type_: str, value: str | None) -> None:
    """Each runtime has words of its own; a person wants to read the error, not learn them."""
    statement = find_statement(text.split("\n"))
    assert statement is not None
    assert (statement.type, statement.value) == (type_, value)


def test_an_exception_keeps_the_signal_that_followed() -> None:
    """The exception is what happened, the signal is how the process ended: both are said."""
    lines = ["terminate called after throwing an instance of 'X'", "  what():  w", "Aborted (core dumped)"]
    assert find_statement(lines) == Statement("X", "w", signal="SIGABRT")


def test_the_panic_says_where_and_who() -> None:
    """Without a backtrace this is all there is."""
    statement = find_statement(["thread 'io 2' (77) panicked at src/a b.rs:3:4:", "m"])
    assert statement is not None
    assert (statement.thread_name, statement.thread_id) == ("io 2", 77)
    assert statement.data == {"panicked_at": "src/a b.rs:3:4"}


@pytest.mark.parametrize("text", ["", "signal strength 11", "a signal 99 of change", "SIGNAL", "asserted", "*** ***"])
def test_words_that_state_nothing(text: str) -> None:
    """A wrong type on top of a crash misleads everyone who reads it."""
    assert find_statement([text]) is None
