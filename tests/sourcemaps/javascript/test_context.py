"""Source lines around a position: what people look at first."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.context import MAX_COLUMNS, SourceContext, context_in, context_of, trim_line
from sourcemaps.protocol import OriginalPosition, SourceIndex


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


def test_tabs_count_as_one_column() -> None:
    """Tabs are not widened: the place would move to the right of what failed."""
    line = "\t" * 400 + "HERE" + "\t" * 400
    assert "HERE" in trim_line(line, 400)


@given(before=st.text(alphabet="a🙂é☕\t", max_size=600), after=st.text(alphabet="a🙂é☕\t", max_size=600))
def test_the_place_of_an_error_is_always_shown(before: str, after: str) -> None:
    """A trimmed line without the token that failed is worth nothing."""
    column0 = len(before.encode("utf-16-le")) // 2
    assert "HERE" in trim_line(f"{before}HERE{after}", column0)


def test_long_neighbours_are_cut_at_their_end() -> None:
    """Their beginning tells what they are."""
    context = context_in(["x" * 900, "here", "y" * 900], 1, 0)
    assert context is not None
    assert [len(line) for line in (*context.before, *context.after)] == [MAX_COLUMNS + len(" {snip}")] * 2


def test_a_map_with_fewer_lines_than_it_claims_gives_what_there_is(load_map: Callable[..., SourceIndex]) -> None:
    """Five lines each side, fewer at the ends, none past the text; a line end of Windows is no part of its line."""
    text = "\r\n".join(str(number) for number in range(8))
    index = load_map(sources=["a.js"], sourcesContent=[text], mappings="AAAA")
    context = context_of(index, OriginalPosition(0, 6, 0, None))
    assert context == SourceContext(("1", "2", "3", "4", "5"), "6", ("7",))
    assert context_of(index, OriginalPosition(0, 8, 0, None)) is None
