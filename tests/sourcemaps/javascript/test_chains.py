"""Several maps in a row: the original of the original is shown, and only where there is evidence for the way."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcemaps.javascript.reader import READER
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from symbolicator.protocols import Key
from tests.sourcemaps.javascript.maps import Segment, source_map

FIXTURE = Path(__file__).parents[3] / "fixtures" / "hermes-rn"
URL = "https://shop.example/dist/app.min.js"
ID = "85314830-023f-4cf1-a267-535f4e37bb17"
SOURCE = "export function total(cart: Cart) {\n  return cart.price();\n}\n"
BUNDLE = "function total(c) {\n  return c.price();\n}\n"
OUTER: list[Segment] = [(0, 0, 0, 0, 9, 0), (0, 20, 0, 1, 11, 1), (0, 40, 1, 0, 0)]
INNER: list[Segment] = [(0, 9, 0, 0, 16), (1, 11, 0, 1, 14, 0)]


def outer(text: str | None, source: str = "app.js", **fields: object) -> bytes:
    """Of the minified file. Column 20 is ``price`` in line 2 of ``source``."""
    smap = {"sourcesContent": [text, "other()"], "names": ["total", "price"], "file": "app.min.js"}
    return source_map([source, "../src/other.js"], OUTER, **(smap | fields))


def inner(source: str = "../src/cart.ts", **fields: object) -> bytes:
    """Of the file before it was minified, made from TypeScript."""
    return source_map([source], INNER, **({"sourcesContent": [SOURCE], "names": ["cartPrice"]} | fields))


def event(*columns1: int, path: str = URL) -> Event:
    frames = tuple(Frame(function="t", abs_path=path, lineno=1, colno=column1) for column1 in columns1 or (21,))
    exceptions = Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=frames)),))
    return Event(platform="javascript", exception=exceptions)


def frame_of(resolved: Event) -> Frame:
    [exception] = resolved.exceptions
    assert exception.stacktrace
    return exception.stacktrace.frames[-1]


def place(frame: Frame) -> tuple[str | None, int | None, int | None]:
    return frame.filename, frame.lineno, frame.colno


def way(frame: Frame) -> tuple[str | None, str | None]:
    assert frame.data
    return frame.data.resolved_with, frame.data.sourcemap


def test_a_comment_at_the_end_of_a_source_leads_on(store: Any) -> None:
    """TypeScript compiled, then bundled: people know the TypeScript."""
    store.add("dist/app.min.js.map", outer(BUNDLE + "//# sourceMappingURL=maps/app.js.map"))
    store.add("dist/maps/app.js.map", inner("../../src/cart.ts"))
    resolved = store.resolve(event())
    found = frame_of(resolved)
    assert place(found) == ("src/cart.ts", 2, 15)
    assert (found.function, found.context_line) == ("total", "  return cart.price();")
    assert found.abs_path == "https://shop.example/src/cart.ts"
    assert way(found) == ("generated → comment", "dist/app.min.js.map → dist/maps/app.js.map")
    assert resolved.errors == ()


def test_a_debug_id_at_the_end_of_a_source_leads_on(store: Any) -> None:
    """It is found wherever its map lies, and beats the comment."""
    store.add("dist/app.min.js.map", outer(BUNDLE + f"//# debugId={ID}\n//# sourceMappingURL=app.js.map"))
    store.add("x/y.map", inner(debug_id=ID))
    store.add("dist/app.js.map", inner("wrong.ts"))
    found = frame_of(store.resolve(event()))
    assert place(found) == ("src/cart.ts", 2, 15)
    assert way(found) == ("generated → debug-id", "dist/app.min.js.map → x/y.map")


def test_a_map_inside_a_source_leads_on(store: Any) -> None:
    """Packages are published with their maps inlined; no second artifact is needed."""
    url = "data:application/json;charset=utf-8;base64," + base64.b64encode(inner("cart.ts")).decode()
    text = f"{BUNDLE}//# sourceMappingURL={url}\n"
    store.add("dist/app.min.js.map", outer(text, "webpack://shop/./node_modules/cart/dist/index.js"))
    resolved = store.resolve(event())
    found = frame_of(resolved)
    assert place(found) == ("node_modules/cart/dist/cart.ts", 2, 15)
    assert found.in_app is False, "what a dependency was made from is still the dependency's"
    assert way(found)[0] == "generated → embedded"
    assert [key.kind for key in store.asked] == ["minified", "sourcemap"]


def test_a_file_without_text_is_followed_to_the_map_that_describes_it(store: Any) -> None:
    """The tool hermesc writes a map of its bytecode over the bundle, and Metro one of the bundle over the sources."""
    store.add("build/main.jsbundle.map", outer(None, "bundle.js", file=None))
    store.add("build/metro.map", inner(file="bundle.js"))
    resolved = store.resolve(event(path="main.jsbundle"))
    assert place(frame_of(resolved)) == ("src/cart.ts", 2, 15)
    assert way(frame_of(resolved)) == ("generated → generated", "build/main.jsbundle.map → build/metro.map")
    assert resolved.errors == ()


def test_hermes_and_metros_maps_are_as_good_as_the_composed_one(store: Any) -> None:
    """Who did not run React Native's script that composes them has both maps all the same."""
    crash = READER.read((FIXTURE / "crash.txt").read_bytes())
    store.add_folder(FIXTURE / "dist")
    [composed] = store.resolve(crash).exceptions
    store.files.clear()
    store.add_folder(Path(__file__).parent / "data" / "hermes_pair")
    resolved = store.resolve(crash)
    [chained] = resolved.exceptions
    expected = [(frame.function, *place(frame)) for frame in composed.stacktrace.frames]
    shown = [(frame.function, *place(frame)) for frame in chained.stacktrace.frames]
    assert [(name, (file or "").removeprefix("/app/"), *rest) for name, file, *rest in shown[1:]] == [
        (name, file or "", *rest) for name, file, *rest in expected[1:]
    ]
    start = chained.stacktrace.frames[0]
    assert (start.function, place(start), start.in_app) == ("global", ("build/bundle.js", 8, 4), False)
    assert len(shown) == 14
    assert resolved.errors == ()


@pytest.mark.parametrize(
    ("text", "name", "fields"),
    [
        (None, "other/app.js.map", {}),
        (None, "dist/x.map", {"file": "../other/app.js"}),
        (BUNDLE + "//# sourceMappingURL=app.js.map", "other/app.js.map", {}),
        (BUNDLE + "//# sourceMappingURL=app.js.map", "app.js.map", {}),
        (BUNDLE + f"//# debugId={ID}", "dist/app.js.map", {}),
        (BUNDLE, "dist/app.js.map", {"file": "app.js"}),
        (BUNDLE + "//# sourceMappingURL=app.js.map\nmore()", "dist/app.js.map", {}),
        (BUNDLE + "//# sourceMappingURL=data:application/json,nonsense", "dist/app.js.map", {}),
        (BUNDLE + "//# sourceMappingURL=app.js.map", "dist/app.js.map", {"mappings": 1, "version": 0}),
        (BUNDLE + "//# sourceMappingURL=app.min.js.map", "dist/gone.map", {}),
    ],
)
def test_without_evidence_the_chain_ends(store: Any, text: str | None, name: str, fields: dict[str, Any]) -> None:
    """A map that merely has the right name would put a stranger's source in the trace. Nobody misses it either."""
    store.add("dist/app.min.js.map", outer(text))
    store.add(name, inner(**fields))
    resolved = store.resolve(event())
    assert place(frame_of(resolved)) == ("app.js", 2, 12)
    assert way(frame_of(resolved)) == ("generated", "dist/app.min.js.map")
    assert {problem.type for problem in resolved.errors} <= {"js_missing_sources_content"}
    assert bool(resolved.errors) == (text is None)


def test_a_dependency_is_not_resolved_through_the_apps_own_map(store: Any) -> None:
    """Every package has a dist/index.js, and most say that its map lies beside it."""
    text = BUNDLE + "//# sourceMappingURL=index.js.map"
    store.add("dist/app.min.js.map", outer(text, "webpack://shop/./node_modules/cart/dist/index.js"))
    store.add("dist/index.js.map", inner())
    assert frame_of(store.resolve(event())).filename == "node_modules/cart/dist/index.js"
    store.add("shop/node_modules/cart/dist/index.js.map", inner("../src/cart.ts"))
    found = frame_of(store.resolve(event()))
    assert (found.filename, found.in_app) == ("node_modules/cart/src/cart.ts", False)


def test_positions_that_the_next_map_does_not_know_stay(store: Any) -> None:
    """What a bundler put around the code has no original; the position before is the answer."""
    store.add("dist/app.min.js.map", outer(BUNDLE + "//# sourceMappingURL=app.js.map"))
    store.add("dist/app.js.map", source_map(["a.ts"], [(0, 9, 0, 7, 7)], sourcesContent=["\n" * 9]))
    frames = store.resolve(event(1, 21, 41)).exceptions[0].stacktrace.frames
    assert [place(frame) for frame in frames] == [("a.ts", 8, 8), ("app.js", 2, 12), ("src/other.js", 1, 1)]


def test_the_deepest_name_wins(store: Any) -> None:
    """A minifier renames what a compiler named; where the compiler says nothing, the minifier's word is good."""
    store.add("dist/app.min.js.map", outer(BUNDLE + "//# sourceMappingURL=app.js.map"))
    store.add("dist/app.js.map", inner("cart.css", sourcesContent=[None]))
    store.add("dist/other.map", b"{}")
    [first, second] = store.resolve(event(1, 21)).exceptions[0].stacktrace.frames
    assert (first.function, second.function) == ("t", "total")
    [first, second] = store.resolve(event(21, 1)).exceptions[0].stacktrace.frames
    assert (first.function, second.function) == ("t", "cartPrice")


def test_a_circle_ends(store: Any) -> None:
    """Two maps that name each other must not keep a worker busy."""
    store.add("dist/app.min.js.map", outer(None, "b.js"))
    store.add("dist/b.js.map", source_map(["app.min.js"], [(1, 0, 0, 0, 20)]))
    found = frame_of(store.resolve(event()))
    assert place(found) == ("app.min.js", 1, 21)
    assert way(found)[1] == "dist/app.min.js.map → dist/b.js.map"
    store.files.clear()
    store.add("dist/app.min.js.map", outer(None, "app.min.js"))
    assert way(frame_of(store.resolve(event())))[1] == "dist/app.min.js.map"


def test_an_endless_chain_ends(store: Any) -> None:
    """As above, with a new map each time."""
    for number in range(20):
        name = "app.min.js" if number == 0 else f"{number}.js"
        store.add(f"dist/{name}.map", source_map([f"{number + 1}.js"], [(0, 0, 0, 0, 0)]))
    assert place(frame_of(store.resolve(event())))[0] == "8.js"
    text = "x"
    for _ in range(12):
        link = base64.b64encode(source_map(["x.js"], [(0, 0, 0, 0, 0)], sourcesContent=[text])).decode()
        text = f"run()\n//# sourceMappingURL=data:application/json;base64,{link}"
    store.files.clear()
    store.add("dist/app.min.js", text.encode())
    found = frame_of(store.resolve(event()))
    assert way(found)[0] == " → ".join(["embedded"] * 8)


def test_one_next_map_is_asked_for_once_for_no_fold(store: Any) -> None:
    """Each key is a search in the store."""
    store.add("dist/app.min.js.map", outer(BUNDLE + "//# sourceMappingURL=app.js.map"))
    store.resolve(event(1, 21, 41, 21))
    asked = [key.value for key in store.asked if key.by == "url" and key.kind == "sourcemap"]
    assert asked == ["dist/app.js.map", "https://shop.example/dist/app.js.map"]


def test_the_next_map_is_of_the_same_release(store: Any) -> None:
    """Its name is as common as the first one's."""
    store.add("dist/app.min.js.map", outer(None))
    store.resolve(Event(platform="javascript", release="1.2", stacktrace=event().exceptions[0].stacktrace))
    assert Key("sourcemap", "generated", "dist/app.js", "1.2") in store.asked


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    outer_columns=st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=8
    ),
    inner_columns=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), max_size=8),
    asked=st.integers(0, 40),
)
def test_a_chain_is_one_lookup_after_the_other(
    store: Any, outer_columns: list[tuple[int, int, int]], inner_columns: list[tuple[int, int, int]], asked: int
) -> None:
    """Composing two maps by hand gives the same position, whatever is in them."""
    first: dict[int, tuple[int, int]] = {column0: (line0, original0) for column0, line0, original0 in outer_columns}
    second: dict[tuple[int, int], int] = {(line0, column0): original0 for line0, column0, original0 in inner_columns}
    store.files.clear()
    segments: list[Segment] = [(0, column0, 0, *place0) for column0, place0 in first.items()]
    store.add("dist/app.min.js.map", source_map(["app.js"], segments))
    described: list[Segment] = [(*place0, 0, 5, original0) for place0, original0 in second.items()]
    store.add("dist/app.js.map", source_map(["cart.ts"], described))
    found = frame_of(store.resolve(event(asked + 1)))
    step = max((column0 for column0 in first if column0 <= asked), default=None)
    if step is None:
        assert found.status == "missing_symbol"
        return
    line0, column0 = first[step]
    before = [known for known in second if known[0] == line0 and known[1] <= column0]
    expected = ("cart.ts", 6, second[max(before)] + 1) if before else ("app.js", line0 + 1, column0 + 1)
    assert place(found) == expected


NAMES = st.sampled_from(
    ["app.js", "app.min.js", "../x.js", "webpack://s/./a.js", "~/a.js", "", "/", "data:,", "\0", "a\\b"]
)
POINTERS = st.sampled_from(
    [
        *("app.js.map", "app.min.js.map", "", "/", "../../../../x.map", "https://", "//x", "\ud800", "?#", "x" * 5000),
        *("data:", "data:,{}", "data:application/json,%7B%22mappings%22%3A%22%22%7D", "data:x;base64,AAA"),
    ]
)
TEXTS = st.none() | st.builds(
    lambda text, name, url: f"{text}\n//# {name}={url}",
    st.text(max_size=20),
    st.sampled_from(["sourceMappingURL", "debugId"]),
    POINTERS | st.text(max_size=30) | st.just(ID),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sources=st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=3), others=st.lists(NAMES, max_size=2))
def test_whatever_sources_say_at_their_end_every_frame_resolves(
    store: Any, sources: list[tuple[str, str | None]], others: list[str]
) -> None:
    """Texts of sources come from anybody; they must not cost the position that is known already."""
    store.files.clear()
    names, texts = [name for name, _ in sources], [text for _, text in sources]
    segments: list[Segment] = [(0, 10 * number, number, 0, 0) for number in range(len(names))]
    smap = source_map(names, segments, sourcesContent=texts, debugId=ID)
    for name in ["dist/app.min.js", *others]:
        store.add(f"{name}.map", smap)
    for answer in (store.resolve(event(1, 11, 21)), store.resolve(event(1, 11, 21))):
        assert {frame.status for frame in answer.exceptions[0].stacktrace.frames} == {"symbolicated"}
