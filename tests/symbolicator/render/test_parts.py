"""The parts of a rendering by themselves: source lines, shortened names, safe text, sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.merge import merge
from symbolicator.model import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread, Values
from symbolicator.render import Options, plain, render
from symbolicator.render.libraries import library_of
from symbolicator.render.lines import cells, cut, cut_front, wrap
from symbolicator.render.safe import safe
from symbolicator.render.shorten import shorten_function, shorten_path
from symbolicator.render.source import source_block

WORDS = st.text("ab \t{}数é😀", min_size=1, max_size=400)


def block(frame: Frame, platform: str = "javascript", width: int = 60) -> list[str]:
    return list(plain(source_block(frame, platform, 2, width)))


@given(WORDS, st.data(), st.sampled_from(["javascript", "native"]), st.sampled_from([40, 60, 100]))
def test_the_caret_stands_under_the_character_that_the_column_means(
    line: str, data: st.DataObject, platform: str, width: int
) -> None:
    """The marker would point at the wrong call on every line with a tab, an umlaut or an emoji, or on long lines."""
    index = data.draw(st.integers(0, len(line) - 1))
    encoding, unit = ("utf-16-le", 2) if platform == "javascript" else ("utf-8", 1)
    column1 = len(line[:index].encode(encoding)) // unit + 1
    source, caret = block(Frame(lineno=7, colno=column1, context_line=line + "!"), platform, width)
    at = cells(caret[: caret.index("^")])
    rest = next(source[start:] for start in range(len(source) + 1) if cells(source[:start]) == at)
    expected = " " if line[index] == "\t" else line[index]
    assert rest[:1] in ((expected, "") if expected == " " else (expected,))


@pytest.mark.parametrize("column", [None, -4, 0, 99])
def test_a_column_outside_of_the_line_gets_no_caret(column: int | None) -> None:
    """A caret in the void would send the reader looking for what is not there."""
    assert block(Frame(lineno=7, colno=column, context_line="let a;")) == ["    > 7 │ let a;"]


def test_line_numbers_are_aligned_and_never_below_1() -> None:
    """A crooked gutter is hard to read, and line 0 does not exist."""
    frame = Frame(lineno=9, context_line="x", pre_context=("a", "b"), post_context=("c", "d"))
    assert [row[:10] for row in block(frame)] == [
        "       7 │", "       8 │", "    >  9 │", "      10 │", "      11 │",
    ]  # fmt: skip
    first = Frame(lineno=2, context_line="x", pre_context=("before the file", "a"))
    assert [row.split("│")[0].strip() for row in block(first)] == ["1", "> 2"]


@pytest.mark.parametrize(
    ("name", "width", "short"),
    [
        ("f(int)", 10, "f(int)"),
        ("shop::find(std::string const&)", 20, "shop::find(…)"),
        ("a::b<c<d>, e>::f<g>(h) const", 20, "a::b<…>::f<…>(…) co…"),
        ("a::b<c<d>, e>::f<g>(h) const", 22, "a::b<…>::f<…>(…) const"),
        ("bool operator<(Line const&, Line const&)", 20, "bool operator<(…)"),
        ("Add::operator()(int, Line const&) const", 28, "Add::operator()(…) const"),
        ("(anonymous namespace)::report(int, siginfo_t*)", 34, "(anonymous namespace)::report(…)"),
        ("weird<<<<name that never closes", 12, "weird<<<<na…"),
        ("f)))>>>>>", 5, "f)))…"),
    ],
)
def test_long_functions_lose_parameters_before_their_name(name: str, width: int, short: str) -> None:
    """A template's argument list would push out the one word that matters."""
    assert shorten_function(name, width) == short


@given(st.text("ab<>()-:operator &/", max_size=80), st.integers(0, 40))
def test_shortened_names_fit(name: str, width: int) -> None:
    """One long name would break the layout of the whole trace."""
    assert cells(shorten_function(name, width)) <= width
    assert cells(shorten_path(name, width)) <= width
    assert cells(cut(name, width)) <= width
    assert cells(cut_front(name, width)) <= width


def test_a_urls_query_goes_before_its_folders() -> None:
    """The bundle's name is what tells two frames apart; a development server's options are the same in all of them."""
    url = "http://localhost:8081/index.bundle?platform=ios&dev=true:12:5"
    assert shorten_path(url, 61) == url
    assert shorten_path(url, 60) == "http://localhost:8081/index.bundle:12:5"
    assert shorten_path(url, 20) == "…/index.bundle:12:5"
    assert shorten_path("src/what?", 9) == "src/what?"


@given(st.text("ab 数\u0301", max_size=200), st.integers(2, 30))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    """A message with a hole is a message that lies."""
    pieces = list(wrap(text, width))
    assert all(cells(piece) <= width for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("数é😀", "数é😀"),
        ("a\x1b[0m\x9b", r"a\x1b[0m\x9b"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("user\u202e)nimda", r"user\u202e)nimda"),
        ("pay\u200bpal", r"pay\u200bpal"),
        ("x\u200dy", r"x\u200dy"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("e" + "\u0301" * 30, "e\u0301\u0301…"),
    ],
)
def test_what_a_terminal_obeys_is_shown_instead(text: str, shown: str) -> None:
    """A crash report is written by whoever wants to."""
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (Frame(filename="node:internal/process/task_queues"), "node internals"),
        (Frame(filename="/a/node_modules/b/node_modules/@hapi/hapi/lib/core.js"), "@hapi/hapi"),
        (Frame(filename="/srv/node_modules/.pnpm/express@4.1/node_modules/express/a.js"), "express"),
        (Frame(filename="/h/.cargo/registry/src/index.crates.io-6f17/tokio-1.2.3/src/x.rs"), "tokio"),
        (Frame(filename="/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/core/src/x.rs"), "the Rust library"),
        (Frame(filename="/usr/include/c++/12/bits/stl_numeric.h", package="/srv/shop"), "the C++ library"),
        (Frame(package="/lib/x86_64-linux-gnu/libc.so.6"), "libc.so.6"),
        (Frame(package="C:\\Windows\\System32\\ntdll.dll"), "ntdll.dll"),
        (Frame(module="java.util.concurrent.FutureTask", filename="FutureTask.java"), "java.util.concurrent"),
        (Frame(function="Array.map"), "built-in functions"),
        (Frame(filename="https://x/vendor.js"), "vendor.js"),
    ],
)
def test_libraries_are_called_what_people_call_them(frame: Frame, name: str) -> None:
    """A folded run must say what it hides."""
    assert library_of(frame) == name


def stack(*names: str) -> Stacktrace:
    return Stacktrace(frames=tuple(Frame(function=name, filename="a.js", lineno=1, in_app=True) for name in names))


def rows(event: Event) -> list[str]:
    return list(plain(render(event, Options())))


def test_causes_come_in_the_order_of_their_ids_each_with_its_relation() -> None:
    """SDKs put linked exceptions in any order; the wrong one would be shown as the crash."""
    values = (
        ExceptionValue(
            type="Raised", mechanism=Mechanism(exception_id=0, is_exception_group=True), stacktrace=stack("r")
        ),
        ExceptionValue(type="Nested", mechanism=Mechanism(exception_id=2, parent_id=1, source="__context__")),
        ExceptionValue(
            type="Member",
            mechanism=Mechanism(exception_id=1, parent_id=0, source="exceptions[0]"),
            stacktrace=stack("m"),
        ),
    )
    shown = rows(merge(Event(exception=Values(values=values))))
    assert shown[0] == "Raised"
    assert "one of its errors: Member" in shown
    assert "raised while handling: Nested" in shown


def test_a_cause_shows_only_what_the_trace_above_does_not() -> None:
    """The same twenty frames twice hide the five that differ."""
    raised = ExceptionValue(type="R", stacktrace=stack("main", "run", "step", "wrap"))
    cause = ExceptionValue(type="C", stacktrace=stack("run", "step", "read", "open"))
    shown = rows(merge(Event(exception=Values(values=(cause, raised)))))
    below = shown[shown.index("caused by: C") :]
    assert [row.split()[0] for row in below[2:5]] == ["open", "read", "…"]
    assert "2 frames shared with the trace above" in below[4]
    assert shown[-1] == "All 6 frames resolved."


def test_the_crashed_thread_is_named_with_the_reason_for_choosing_it() -> None:
    """Of thirty threads the reader must know which one this is, and why."""
    threads = (
        Thread(id=1, name="ui", stacktrace=stack("loop")),
        Thread(id=2, name="io", crashed=True, stacktrace=stack("read")),
    )
    shown = rows(merge(Event(title="SIGABRT", threads=Values(values=threads))))
    assert shown[:2] == ["SIGABRT", 'thread "io" crashed (the one thread marked as crashed)']
    assert "1 other thread (--threads shows it)" in shown
