"""Frames that ran because the program had already failed."""

from native.machinery import mark_machinery
from symbolicator.model import Frame, Stacktrace


def labels(*functions: str) -> list[str | None]:
    stack = mark_machinery(Stacktrace(frames=tuple(Frame(function=name) for name in functions)))
    return [frame.data.machinery if frame.data else None for frame in stack.frames]


def test_a_panic_is_shown_where_it_began_not_where_it_was_printed() -> None:
    """A program's own panic hook would stand on top of every Rust trace, as if it had failed."""
    marked = labels("main", "shop::total", "core::result::unwrap_failed", "core::panicking::panic_fmt", "shop::hook")
    assert marked == [None, None, *["panic handling"] * 3]


def test_a_stack_without_a_panic_stays_as_it_is() -> None:
    """Frames would be folded away for no reason."""
    assert labels("main", "core_panicking::total", "std::panicking::r#try") == [None, None, None]


def test_a_fatal_error_of_node_is_shown_where_it_was_raised() -> None:
    """Node.js' own report of it would stand on top, with the addon that failed below."""
    marked = labels("relay_fail", "give_up", "napi_fatal_error", "node::OnFatalError(char const*)", "node::Abort()")
    assert marked == [None, None, None, *["fatal error handling"] * 2]
