"""Frames from ``scopes``: encoded here from trees that are known, so that the answer is known without any decoder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from sourcemaps.backends.reference import BACKEND as REFERENCE
from sourcemaps.protocol import ScopeFrame, SourceIndex, SourceMapBackend
from symbolicator.store import BytesBlob, FolderCache

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SOURCES = ["a.js", "b.js", "c.js"]
NAMES = ["f", "g", "h", "function", "block"]
Position = tuple[int, int]


class Scope(Struct):
    """An original scope. ``name``: index in `NAMES`."""

    start: Position
    end: Position
    name: int | None = None
    kind: int | None = None
    frame: bool = False
    variables: list[int] = []
    children: list["Scope"] = []


class Range(Struct):
    """A generated range. ``definition``: source and number of the scope in it, in pre-order."""

    start: Position
    end: Position
    definition: tuple[int, int] | None = None
    frame: bool = False
    hidden: bool = False
    call: tuple[int, int, int] | None = None
    children: list["Range"] = []


def unsigned(number: int) -> str:
    digits = ""
    while True:
        number, low = number >> 5, number & 31
        digits += DIGITS[low | (32 if number else 0)]
        if not number:
            return digits


def signed(number: int) -> str:
    return unsigned((-number << 1) | 1 if number < 0 else number << 1)


class Encoder:
    """Writes the two forms of the field by the words of the proposal."""

    def __init__(self, form: str) -> None:
        self.split = form == "split"
        self.state = dict.fromkeys(("name", "kind", "variable", "definition", "source"), 0)
        self.place = (0, 0)

    def step(self, kind: str, number: int) -> str:
        delta, self.state[kind] = number - self.state[kind], number
        return signed(delta)

    def move(self, to: Position) -> tuple[int, int]:
        lines = to[0] - self.place[0]
        columns = to[1] if lines else to[1] - self.place[1]
        self.place = to
        return lines, columns

    def scope(self, scope: Scope) -> Iterator[str]:
        lines, columns = self.move(scope.start)
        flags = (scope.name is not None) | (scope.kind is not None) << 1 | scope.frame << 2
        name = "" if scope.name is None else self.step("name", scope.name)
        kind = "" if scope.kind is None else self.step("kind", scope.kind)
        yield "B" + unsigned(flags) + unsigned(lines) + unsigned(columns) + name + kind
        if scope.variables:
            yield "D" + "".join(self.step("variable", variable) for variable in scope.variables)
        for child in scope.children:
            yield from self.scope(child)
        lines, columns = self.move(scope.end)
        yield "C" + unsigned(lines) + unsigned(columns)

    def definition(self, definition: tuple[int, int], bases: list[int]) -> str:
        source, scope = definition
        if not self.split:
            return self.step("definition", bases[source] + scope)
        if source == self.state["source"]:
            return "A" + self.step("definition", scope)
        self.state["definition"] = scope
        return self.step("source", source) + unsigned(scope)

    def range(self, generated: Range, bases: list[int]) -> Iterator[str]:
        lines, columns = self.move(generated.start)
        defined = generated.definition is not None
        flags = bool(lines) | defined << 1 | generated.frame << 2 | generated.hidden << 3
        text = "E" + unsigned(flags) + (unsigned(lines) if lines else "") + unsigned(columns)
        yield text + (self.definition(generated.definition, bases) if generated.definition else "")
        if generated.call:
            yield "I" + "".join(map(unsigned, generated.call))
        for child in generated.children:
            yield from self.range(child, bases)
        lines, columns = self.move(generated.end)
        yield "F" + (unsigned(lines) if lines else "") + unsigned(columns)


def pre_order(scope: Scope | None) -> list[Scope]:
    return [] if scope is None else [scope, *(found for child in scope.children for found in pre_order(child))]


def encode(trees: list[Scope | None], ranges: list[Range], form: str = "joined") -> dict[str, Any]:
    bases = [sum(len(pre_order(tree)) for tree in trees[:source]) for source in range(len(trees))]
    encoder = Encoder(form)
    per_source = []
    for tree in trees:
        encoder.place = (0, 0)
        if encoder.split:
            encoder.state |= {"name": 0, "kind": 0, "variable": 0}
        per_source.append(",".join(encoder.scope(tree)) if tree else None)
    encoder.place = (0, 0)
    items = ",".join(item for generated in ranges for item in encoder.range(generated, bases))
    if encoder.split:
        return {"scopes": per_source, "ranges": items}
    return {"scopes": ",".join([*(text or "A" for text in per_source), *([items] if items else [])])}


@st.composite
def nested(draw: st.DrawFn, build: Callable[..., Any], least: Position = (0, 0), depth: int = 0) -> list[Any]:
    """Siblings one behind the other, each around its children."""
    found, at = [], least
    for _ in range(draw(st.integers(0, 3 if depth < 3 else 0))):
        start = draw(behind(at))
        children = draw(nested(build, start, depth + 1))
        end = draw(behind(children[-1].end if children else start))
        found.append(build(draw, start, end, children))
        at = end
    return found


def behind(place: Position) -> st.SearchStrategy[Position]:
    """Positions at or behind another."""
    same_line = st.integers(0, 9).map(lambda columns: (place[0], place[1] + columns))
    later = st.tuples(st.integers(1, 3), st.integers(0, 40)).map(lambda step: (place[0] + step[0], step[1]))
    return same_line | same_line | later


def a_scope(draw: st.DrawFn, start: Position, end: Position, children: list[Scope]) -> Scope:
    names = st.none() | st.integers(0, len(NAMES) - 1)
    variables = st.lists(st.integers(0, len(NAMES) - 1), max_size=3)
    return Scope(start, end, draw(names), draw(names), draw(st.booleans()), draw(variables), children)


def a_range(draw: st.DrawFn, start: Position, end: Position, children: list[Range]) -> Range:
    frame = draw(st.booleans())
    call = draw(st.none() | st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(0, 40)))
    definition = draw(st.none() | st.tuples(st.integers(0, 2), st.integers(0, 6)))
    return Range(start, end, definition, frame, frame and draw(st.integers(0, 3)) == 0, call, children)


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Scope | None], list[Range]]:
    """A tree (or none) a source, and ranges whose definitions are scopes that there are."""
    roots = [draw(nested(a_scope)) for _ in SOURCES]
    trees = [siblings[0] if siblings else None for siblings in roots]
    ranges = draw(nested(a_range))
    for generated in [found for top in ranges for found in all_ranges(top)]:
        if generated.definition and generated.definition[1] >= len(pre_order(trees[generated.definition[0]])):
            generated.definition = None
    return trees, ranges


def all_ranges(top: Range) -> list[Range]:
    return [top, *(found for child in top.children for found in all_ranges(child))]


def holds(node: Scope | Range, at: Position) -> bool:
    return node.start <= at < node.end


def chain(nodes: list[Any], at: Position) -> list[Any]:
    """The nodes around a position, the outermost first."""
    found = next((node for node in nodes if holds(node, at)), None)
    return [] if found is None else [found, *chain(found.children, at)]


def function_of(path: list[Scope]) -> tuple[str | None, bool] | None:
    """Name and whether it is top level, of the innermost scope of a path; None where there is none."""
    if not path:
        return None
    for scope in reversed(path):
        if scope.frame:
            return (None if scope.name is None else NAMES[scope.name]), False
    return None, True


def path_to(scope: Scope, number: int) -> list[Scope]:
    """The scopes around the scope of a number, it included."""
    wanted = pre_order(scope)[number]

    def search(at: Scope) -> list[Scope]:
        if at is wanted:
            return [at]
        for child in at.children:
            found = search(child)
            if found:
                return [at, *found]
        return []

    return search(scope)


def expected(trees: list[Scope | None], ranges: list[Range], at: Position) -> tuple[ScopeFrame, ...]:
    """The frames at a position that the mappings say nothing of."""
    frames: list[tuple[tuple[str | None, bool] | None, tuple[int, int, int] | None]] = []
    function: tuple[str | None, bool] | None = None
    call: tuple[int, int, int] | None = None
    visible = True
    for generated in reversed(chain(ranges, at)):
        own = None
        if generated.definition:
            source, number = generated.definition
            tree = trees[source]
            own = function_of(path_to(tree, number) if tree else [])
        function = function or own
        if generated.frame:
            visible = own is not None and not generated.hidden
            break
        if generated.call:
            frames.append((function, call))
            source, *place = generated.call
            tree = trees[source]
            function = function_of(chain([tree], (place[0], place[1])) if tree else [])
            call = generated.call
    if visible:
        frames.append((function, call))
    if [function for function, _ in frames] == [None]:
        return ()
    return tuple(a_frame(function or (None, False), call) for function, call in frames)


def a_frame(function: tuple[str | None, bool], call: tuple[int, int, int] | None) -> ScopeFrame:
    source, line0, column0 = call or (None, None, None)
    return ScopeFrame(function[0], source, line0, column0, function[1])


def telling(ranges: list[Range]) -> list[Position]:
    """Before, at and behind every start and end."""
    edges = {edge for top in ranges for found in all_ranges(top) for edge in (found.start, found.end)}
    around = {(line0, max(0, column0 + step)) for line0, column0 in edges for step in (-1, 0, 1)}
    return sorted(around | {(0, 0), (99, 0), (2**32 - 2, 5)})


@pytest.fixture(params=["core", "reference"])
def backend(request: pytest.FixtureRequest) -> SourceMapBackend:
    if request.param == "reference":
        return REFERENCE
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")
    from sourcemaps.backends.core import BACKEND  # noqa: PLC0415 - only there if the core is

    return BACKEND


Load = Callable[[Any], SourceIndex]


@pytest.fixture
def load(backend: SourceMapBackend, tmp_path: Path) -> Load:
    def load(fields: Any) -> SourceIndex:
        whole = {"version": 3, "sources": SOURCES, "names": NAMES, "mappings": ""} | fields
        return backend.load(BytesBlob("test.map", json.dumps(whole).encode()), FolderCache(tmp_path))

    return load


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(), form=st.sampled_from(["joined", "split"]))
def test_frames_are_those_of_the_trees(load: Load, document: tuple[list[Scope | None], list[Range]], form: str) -> None:
    """A frame too many, or one with another function's name, sends an engineer the wrong way."""
    trees, ranges = document
    index = load(encode(trees, ranges, form))
    assert not index.defects
    positions = telling(ranges)
    answers = index.scope_frames(positions)
    assert answers == [expected(trees, ranges, at) for at in positions]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    document=documents(), form=st.sampled_from(["joined", "split"]), line=st.integers(0, 5), column=st.integers(0, 30)
)
def test_ranges_of_a_section_start_where_it_does(
    load: Load, document: tuple[list[Scope | None], list[Range]], form: str, line: int, column: int
) -> None:
    """In a bundle of bundles the second one's functions would be found nowhere, or in the first one's code."""
    trees, ranges = document
    inner = {"version": 3, "sources": SOURCES, "names": NAMES, "mappings": ""} | encode(trees, ranges, form)
    empty = {"version": 3, "sources": ["z.js"], "names": ["z"], "mappings": "", "scopes": "A"}
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": empty},
        {"offset": {"line": line, "column": column}, "map": inner},
    ]
    data = {"version": 3, "sections": sections}
    index = load({"sections": data["sections"]})
    positions = telling(ranges)
    moved = [(at[0] + line, at[1] + (0 if at[0] else column)) for at in positions]
    for found, at in zip(index.scope_frames(moved), positions, strict=True):
        calls = expected(trees, ranges, at)
        assert found == tuple(
            ScopeFrame(frame.function, None if frame.source is None else frame.source + 1, frame.line0, frame.column0,
                       frame.top_level)
            for frame in calls
        )  # fmt: skip


def a_module(*children: Scope) -> list[Scope | None]:
    """A tree for the first source, none for the others."""
    return [Scope((0, 0), (20, 0), children=list(children)), None, None]


def test_an_inlined_call_becomes_two_frames(load: Load) -> None:
    """The caller was running too, although the minifier left no trace of it in the stack."""
    trees = a_module(Scope((2, 10), (4, 1), name=0, frame=True), Scope((6, 0), (9, 1), name=1, frame=True))
    call = Range((0, 20), (0, 40), (0, 1), call=(0, 7, 4))
    outer = Range((0, 10), (0, 60), (0, 2), frame=True, children=[call])
    index = load(encode(trees, [Range((0, 0), (0, 99), (0, 0), children=[outer])]))
    inside, beside, outside = index.scope_frames([(0, 30), (0, 50), (0, 70)])
    assert inside == (ScopeFrame("f"), ScopeFrame("g", 0, 7, 4))
    assert beside == (ScopeFrame("g"),)
    assert outside == (ScopeFrame(None, top_level=True),)


def test_code_that_was_moved_away_has_no_frame_of_its_own(load: Load) -> None:
    """A block that the compiler made a function of is no call that the author wrote."""
    hidden = Range((0, 0), (0, 9), (0, 1), frame=True, hidden=True)
    helper = Range((0, 9), (0, 20), frame=True)
    index = load(encode(a_module(Scope((1, 0), (5, 0), name=0, frame=True)), [hidden, helper]))
    assert index.scope_frames([(0, 3), (0, 12)]) == [(), ()]


def test_scopes_without_ranges_are_asked_through_the_mappings(load: Load) -> None:
    """Tools that only know the original code write scopes alone."""
    trees = a_module(Scope((1, 0), (5, 0), name=2, frame=True))
    index = load(encode(trees, []) | {"mappings": "AAAA,UACU,UCAA"})
    top_level, inside, *elsewhere = index.scope_frames([(0, 0), (0, 12), (0, 22), (1, 0)])
    assert top_level == (ScopeFrame(None, top_level=True),)
    assert inside == (ScopeFrame("h"),)
    assert elsewhere == [(), ()]


def test_items_of_the_future_are_passed_over(load: Load) -> None:
    """The standard may add items; maps with them must not lose their names."""
    plain = "BFAAA,CKA,EGAA,FK"
    known, unknown = load({"scopes": plain}), load({"scopes": plain.replace(",", ",/AAC,LgBC,")})
    assert known.scope_frames([(0, 3)]) == unknown.scope_frames([(0, 3)]) == [(ScopeFrame("f"),)]
    assert not unknown.defects


@pytest.mark.parametrize(
    ("scopes", "frames"),
    [
        ("BFAAA,CKA,EGAA,FK,E", 1),
        ("BFAAA,CKA,EGAA,FK,$", 1),
        ("BFAAA,CKA,EGAA,FK,,EGAA,FK", 1),
        ("BFAAA,CKA,EGAA,FK,Eggggggggg", 1),
        ("BFAAA,CKA,EGAA,FK,F//////DA", 1),
        ("BFAAA,CKA,EGAA,FK,EAA//////D", 1),
        ("BFAAA,CKA,EGAA", 0),
        ("BFAAA,CKA,EGAA,FK,C,", 1),
        ("BFAAA,C", 0),
        (["BFAAA,CKA", 3], 0),
        (17, 0),
    ],
)
def test_what_stands_before_the_damage_is_kept(load: Load, scopes: object, frames: int) -> None:
    """One wrong character must not cost the names of the whole bundle, and it must be said."""
    index = load({"scopes": scopes})
    assert [len(found) for found in index.scope_frames([(0, 3)])] == [frames]
    assert index.defects


ITEMS = st.lists(
    st.sampled_from(["A", "B", "C", "D", "E", "F", "G", "H", "I", "/", "", "$"]).flatmap(
        lambda tag: st.lists(st.sampled_from("ABCDEFGIKQgh//$"), max_size=7).map(lambda rest: tag + "".join(rest))
    ),
    max_size=14,
).map(",".join)
SOUND = st.sampled_from(
    ["BFAAA", "BEAC", "BHABCC", "CAK", "CCA", "EGAA", "ECAC", "EEB", "EOAA", "EAC", "FK", "FCA", "IAAC", "IBCC"]
)
SOUND_ITEMS = st.lists(SOUND, max_size=20).map(",".join)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scopes=ITEMS | SOUND_ITEMS | st.lists(ITEMS | SOUND_ITEMS | st.none(), max_size=4),
    ranges=ITEMS | SOUND_ITEMS | st.none(),
)
def test_the_backends_agree_on_damaged_scopes(tmp_path: Path, scopes: Any, ranges: Any) -> None:
    """What is installed must not decide what a bad map gives."""
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to compare with")
    from sourcemaps.backends.core import BACKEND as CORE  # noqa: PLC0415 - only there if the core is

    fields = {"version": 3, "sources": SOURCES, "names": NAMES, "mappings": "AAAA,IACC;AAAA", "scopes": scopes}
    blob = BytesBlob("test.map", json.dumps(fields | ({} if ranges is None else {"ranges": ranges})).encode())
    fast, slow = CORE.load(blob, FolderCache(tmp_path)), REFERENCE.load(blob, FolderCache(tmp_path))
    positions = [(line0, column0) for line0 in range(6) for column0 in (*range(16), 40)]
    found, wanted = fast.scope_frames(positions), slow.scope_frames(positions)
    differing = [item for item in zip(positions, found, wanted, strict=True) if item[1] != item[2]]
    assert not differing[:3]
    assert bool(fast.defects) == bool(slow.defects)


def test_deep_nests_are_bounded(load: Load) -> None:
    """A hostile map would make every lookup walk a million ranges."""
    depth = 20_000
    scopes = "BFAAA,CKA" + ",EGAA" * depth + ",FB" * depth
    index = load({"scopes": scopes})
    assert index.scope_frames([(0, 0)]) == [(ScopeFrame("f"),)]
    assert any("512" in defect for defect in index.defects)


def test_deep_original_scopes_end(load: Load) -> None:
    """Depth must cost no stack, in the parser and when the index goes away."""
    depth = 50_000
    index = load({"scopes": ",".join(["BFAAA"] * depth + ["CAB"] * depth)})
    assert index.scope_frames([(0, 0)]) == [()]
