"""Source lines around a position: what people look at first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.context import MAX_COLUMNS, SourceContext, context_in, trim_line


def test_five_lines_before_and_after() -> None:
    """More is noise, fewer hide the reason."""
    lines = [str(number) for number in range(20)]
    assert context_in(lines, 10, 0) == SourceContext(("5", "6", "7", "8", "9"), "10", ("11", "12", "13", "14", "15"))
    assert context_in(lines, 0, 0) == SourceContext((), "0", ("1", "2", "3", "4", "5"))
    assert context_in(lines, 19, 0) == SourceContext(("14", "15", "16", "17", "18"), "19", ())
    assert context_in(lines, 20, 0) is None
    assert context_in([], 0, 0) is None


@pytest.mark.parametrize(
    ("column0", "start", "end"),
    [(0, "a", "{snip}"), (500, "{snip}", "{snip}"), (999, "{snip}", "z"), (5000, "{snip}", "z")],
)
def test_long_lines_are_cut_around_the_column(column0: int, start: str, end: str) -> None:
    """A minified line of a megabyte would fill the screen and the event."""
    line = "a" + "-" * 998 + "z"
    trimmed = trim_line(line, column0)
    assert trimmed.startswith(start)
    assert trimmed.endswith(end)
    assert len(trimmed) <= MAX_COLUMNS + len("{snip} ") * 2


def test_columns_count_utf16_units() -> None:
    """Behind emoji the cut would miss the place."""
    line = "😀" * 400 + "HERE" + "-" * 400
    assert "HERE" in trim_line(line, 800)


@given(line=st.text(max_size=700), column0=st.integers(0, 2**40))
def test_any_line_can_be_cut(line: str, column0: int) -> None:
    """The map's column may lie anywhere."""
    assert len(trim_line(line, column0)) <= MAX_COLUMNS + 14
