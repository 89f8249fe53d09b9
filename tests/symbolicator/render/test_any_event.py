"""Whatever an event says, its rendering is safe to print, keeps to the width and loses no frame."""

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbolicator.merge import merge
from symbolicator.model import (
    AsyncCall,
    Event,
    ExceptionValue,
    Fold,
    Frame,
    FrameData,
    FrameStatus,
    Mechanism,
    MergedFrame,
    MergedTrace,
    Problem,
    Seam,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.addresses import AbsoluteAddress, ReportedAddress
from symbolicator.render import Options, plain, render
from symbolicator.render.lines import cells

DANGEROUS = (
    "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\xad\u061c\u200b\u200d\u200e\u2028\u202e\u2066\ufeff\ud800\U000e0041\u0301"
)
NASTY = [
    "",
    "\x1b[31m",
    "a" * 300,
    "数" * 80,
    "()<>",
    "operator<",
    "\x1b]8;;http://x\x07",
    "a/b\\c/" * 40,
    "e" + "\u0301" * 9,
]
text = st.one_of(st.text(max_size=20), st.text(DANGEROUS + "ab", max_size=12), st.sampled_from(NASTY))
number = st.one_of(st.integers(-3, 40), st.integers(-(2**70), 2**70))
small = st.integers(-2, 9)
lines = st.lists(text, max_size=6).map(tuple)
maybe_bool = st.sampled_from([None, True, False])
ids = st.sampled_from(["a", "b:u", "c"])


def build(model: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The model with any subset of these fields."""
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: model(**values))


def several(strategy: st.SearchStrategy[Any], size: int = 5) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=size).map(tuple)


data = build(
    FrameData,
    status=st.sampled_from(FrameStatus),
    problem=ids,
    resolved_with=st.one_of(text, st.just("name")),
    sourcemap=text,
    evidence=st.one_of(text, st.just("symbol table")),
    original_index=small,
    inlined=st.booleans(),
    function_offset=number,
    machinery=text,
    async_call=st.none() | st.builds(AsyncCall, rule=text, label=text),
)
frame = build(
    Frame,
    function=text,
    module=text,
    package=text,
    filename=st.one_of(text, st.just("node:internal/x"), st.just("/a/node_modules/@b/c/d.js")),
    abs_path=text,
    lineno=number,
    colno=number,
    platform=st.sampled_from(["javascript", "native", "java", "\x1b"]),
    lang=text,
    instruction_addr=st.integers(0, 2**64 - 1).map(ReportedAddress),
    addr_mode=text,
    image_addr=st.integers(0, 2**64 - 1).map(AbsoluteAddress),
    trust=st.just("scan"),
    in_app=maybe_bool,
    pre_context=lines,
    context_line=text,
    post_context=lines,
    data=data,
)
# few different frames, so that runs, repetitions and shared tails occur
stack = st.lists(frame, min_size=1, max_size=4).flatmap(
    lambda frames: build(Stacktrace, frames=several(st.sampled_from(frames), 14))
)
mechanism = build(
    Mechanism,
    handled=maybe_bool,
    source=st.sampled_from(["cause", "__context__", "errors[0]", "suppressed"]),
    is_exception_group=maybe_bool,
    exception_id=small,
    parent_id=small,
)
exception = build(
    ExceptionValue, type=text, value=text, thread_id=small, mechanism=mechanism, stacktrace=stack, raw_stacktrace=stack
)
thread = build(Thread, id=small, name=text, crashed=maybe_bool, current=maybe_bool, state=text, stacktrace=stack)
names = st.sampled_from(["exception/0", "exception/1", "thread/0", "stacktrace", "\x1b/9"])
merged = build(
    MergedTrace,
    frames=several(st.builds(MergedFrame, stack=names, index=small, segment=small), 12),
    seams=several(
        st.builds(
            Seam,
            before=number,
            relation=st.sampled_from(["R1", "R3", "\x1b"]),
            rule=st.one_of(text, st.just("linked-exceptions")),
            evidence=text,
            confidence=st.floats(),
            apart=st.none() | text,
        )
    ),
    folds=several(st.builds(Fold, start=number, count=number, label=text)),
    crashed_stack=names,
    reason=text,
)
event = build(
    Event,
    platform=text,
    title=text,
    release=text,
    dist=text,
    environment=text,
    contexts=st.just({"runtime": {"name": "\x1bnode", "version": 3}, "os": None}),
    exception=build(Values, values=several(exception, 4)),
    threads=build(Values, values=several(thread, 4)),
    stacktrace=stack,
    raw_stacktrace=stack,
    errors=several(
        st.builds(Problem, type=st.sampled_from("abc"), message=text, remedy=text, url=st.sampled_from([None, "u"]))
    ),
    merged=merged,
)
options = st.builds(
    Options,
    width=st.sampled_from([-1, 0, 40, 41, 57, 100, 250]),
    fold=st.booleans(),
    threads=st.booleans(),
    explain=st.booleans(),
    reader=text,
    notes=several(text, 2),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(event, options, st.booleans())
def test_every_rendering_is_safe_and_within_the_width(event: Event, options: Options, merging: bool) -> None:  # noqa: FBT001 - drawn
    """A crash report could crash the tool that shows it, drive the terminal, or break the layout."""
    for row in plain(render(merge(event) if merging else event, options)):
        assert cells(row) <= options.columns
        assert not [character for character in row if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(row) & set(DANGEROUS) - {"\u0301", "\u200d"}
        row.encode("utf-8")


@settings(max_examples=100)
@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=30))
def test_no_frame_is_lost_and_the_crash_site_is_shown(kinds: list[bool | None]) -> None:
    """A frame that is neither shown nor counted makes the trace a lie."""
    frames = tuple(Frame(function=f"call{number}.", filename="node:x", in_app=own) for number, own in enumerate(kinds))
    event = Event(exception=Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=frames)),)))
    rows = list(plain(render(event, Options())))
    shown = sum("call" in row for row in rows)
    folded = sum(int(row.split()[1]) for row in rows if row.strip().startswith("…"))
    assert shown + folded == len(frames)
    assert any(f"call{len(frames) - 1}." in row for row in rows)
    assert all(any(f"call{number}." in row for row in rows) for number, own in enumerate(kinds) if own)


@pytest.mark.parametrize("count", [3, 50_000])
def test_endless_recursion_is_said_in_one_line(count: int) -> None:
    """A stack overflow would scroll its own cause off the screen."""
    pair = (Frame(function="even", filename="a.js", lineno=1), Frame(function="odd", filename="a.js", lineno=2))
    event = Event(stacktrace=Stacktrace(frames=(Frame(function="main"), *(pair * count))))
    rows = list(plain(render(event, Options())))
    assert len(rows) < 12
    assert any(f"the 2 calls above repeat {count - 1:,} more times" in row for row in rows)


def test_a_trace_without_repetition_is_cut_in_the_middle() -> None:
    """Ten thousand different frames would bury both ends."""
    frames = tuple(Frame(function=f"f{number}", filename="a.js", in_app=True) for number in range(10_000))
    rows = list(plain(render(Event(stacktrace=Stacktrace(frames=frames)), Options())))
    assert len(rows) < 200
    assert any("f9999 " in row for row in rows)
    assert any("f0 " in row for row in rows)
    assert any("9,840 frames more" in row for row in rows)


def test_a_long_chain_of_causes_keeps_its_root() -> None:
    """The root cause is what a reader looks for; a hundred wrappers must not push it away."""
    chain = tuple(ExceptionValue(type=f"E{number}", value="x") for number in range(100))
    rows = list(plain(render(Event(exception=Values(values=chain)), Options())))
    assert rows[0] == "E99: x"
    assert "caused by: E0: x" in rows
    assert any("89 more linked exceptions" in row for row in rows)
