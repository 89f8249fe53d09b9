"""Source lines from files beside the report."""

from pathlib import Path

import pytest

from symbolicator.enrich import SOURCE_CONTEXT
from symbolicator.enrich.source_files import IDENTIFIER
from symbolicator.model import Event, ExceptionValue, Frame, FrameData, FrameStatus, Stacktrace, Values
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

LINES = ["def total(items):", "    sums = 0", "    return sums / len(items)", "", "", "total([])"]


def shown(folder: Path, **fields: object) -> tuple[tuple[str, ...] | None, str | None, tuple[str, ...] | None]:
    """The lines before, at and behind the third line of shop.py."""
    (folder / "shop.py").write_text("\n".join(LINES))
    data = FrameData(status=FrameStatus.AS_IS)
    frame = Frame(abs_path="/srv/shop.py", lineno=3, in_app=True, data=data, **fields)  # type: ignore[arg-type]
    event = Event(exception=Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=(frame,))),)))
    store = FolderStore([folder], [IDENTIFIER], FolderCache(folder / "cache"))
    stack = run(SOURCE_CONTEXT, event, store).exceptions[0].stacktrace
    assert stack
    found = stack.frames[0]
    return found.pre_context, found.context_line, found.post_context


WHOLE = (tuple(LINES[:2]), LINES[2], tuple(LINES[3:]))


@pytest.mark.parametrize("line", [None, "return sums / len(items)", "    return  sums / len(items)"])
def test_a_failing_line_alone_gets_the_lines_around_it(tmp_path: Path, line: str | None) -> None:
    """Python's traceback has one line of each call; the file beside it has the reason."""
    assert shown(tmp_path, context_line=line) == WHOLE


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (None, "return sums // len(items)", None),
        (("# the report's own",), "return sums / len(items)", None),
        (None, "return sums / len(items)", ()),
        ((), "return sums / len(items)", ()),
    ],
)
def test_what_the_report_shows_is_kept(
    tmp_path: Path, before: tuple[str, ...] | None, line: str, after: tuple[str, ...] | None
) -> None:
    """A file of another version beside the report would be shown as the one that failed."""
    assert shown(tmp_path, pre_context=before, context_line=line, post_context=after) == (before, line, after)
