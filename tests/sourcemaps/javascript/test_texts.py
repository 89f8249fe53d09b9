"""Sources whose text is in no map: read from files, asked for once, and missed aloud."""

import json
from typing import Any

import pytest

from sourcemaps.javascript.problems import defective_map
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from tests.sourcemaps.javascript.maps import source_map

URL = "https://shop.example/static/app.js"
SOURCE = "class Cart {\n  total() {\n    return price();\n  }\n}\n"


def smap(*sources: str, **fields: object) -> bytes:
    """Column 10 times n is ``price()`` in line 3 of source n."""
    return source_map(list(sources), [(0, 10 * number, number, 2, 11) for number in range(len(sources))], **fields)


def event(*columns1: int, path: str = URL) -> Event:
    frames = tuple(Frame(function="t", abs_path=path, lineno=1, colno=column1) for column1 in columns1 or (1,))
    exceptions = Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=frames)),))
    return Event(platform="javascript", exception=exceptions)


def first(resolved: Event) -> Frame:
    [exception] = resolved.exceptions
    assert exception.stacktrace
    return exception.stacktrace.frames[0]


def shown(resolved: Event) -> tuple[str | None, str | None]:
    return first(resolved).function, first(resolved).context_line


@pytest.mark.parametrize(
    ("source", "file", "fields"),
    [
        ("../src/cart.js", "src/cart.js", {}),
        ("../src/cart.js", "shop/src/cart.js", {}),
        ("cart.js", "src/cart.js", {"sourceRoot": "/src"}),
        ("webpack://shop/./src/cart.js?a1b2", "src/cart.js", {}),
        ("webpack:///src/cart.js", "cart.js", {}),
        ("file:///home/ci/shop/src/cart.js", "src/cart.js", {}),
        ("/home/ci/shop/src/cart.js", "src/cart.js", {}),
        ("../src/cart.js", "~/src/cart.js", {}),
        ("../src/cart.js", "https://shop.example/src/cart.js", {}),
        ("webpack://shop/./node_modules/cart/cart.js", "node_modules/cart/cart.js", {}),
    ],
)
def test_the_text_is_read_from_a_file(store: Any, source: str, file: str, fields: dict[str, object]) -> None:
    """Companies keep their sources out of their maps; functions are named and lines shown all the same."""
    store.add("static/app.js.map", smap(source, **fields))
    store.add(file, SOURCE.encode())
    resolved = store.resolve(event())
    assert shown(resolved) == ("Cart.total", "    return price();")
    assert resolved.errors == ()


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("../src/cart.js", "other/cart.js"),
        ("../src/cart.js", "src/basket.js"),
        ("app.js", "static/app.js"),
        ("node_modules/x/static/app.js", "static/app.js"),
        ("../node_modules/cart/cart.js", "cart.js"),
    ],
)
def test_a_file_that_may_be_another_is_not_shown(store: Any, source: str, file: str) -> None:
    """A wrong line under a frame sends people to the wrong place; so does the generated file itself."""
    store.add("static/app.js.map", smap(source))
    store.add(file, SOURCE.encode())
    resolved = store.resolve(event())
    assert shown(resolved) == ("t", None)
    assert (first(resolved).lineno, first(resolved).colno) == (3, 12)


def test_missing_texts_are_one_problem_a_map(store: Any) -> None:
    """The trace is right and bare; the user learns why, once, and how to get the lines."""
    store.add("static/app.js.map", smap(*(f"../src/{name}.js" for name in "abcde"), "../node_modules/x/y.js"))
    resolved = store.resolve(event(1, 11, 21, 31, 41, 51, 1))
    assert {frame.status for frame in resolved.exceptions[0].stacktrace.frames} == {"symbolicated"}
    [problem] = resolved.errors
    assert (problem.type, problem.url) == ("js_missing_sources_content", "static/app.js.map")
    assert "has no text of src/a.js, src/b.js, src/c.js and 2 more, and no such file" in str(problem.message)
    assert "--artifacts src/" in str(problem.remedy)
    assert "sourcesContent" in str(problem.remedy)


@pytest.mark.parametrize("fields", [{"sources": ["../node_modules/x/y.js"]}, {"ignoreList": [0]}, {"sources": [None]}])
def test_nobody_misses_the_text_of_others(store: Any, fields: dict[str, object]) -> None:
    """Most maps have a dependency without text: nothing that the user can or need do."""
    store.add("static/app.js.map", smap("../src/cart.js", **fields))
    assert store.resolve(event()).errors == ()


def test_only_sources_that_frames_hit_are_asked_for(store: Any) -> None:
    """A map has thousands."""
    store.add("static/app.js.map", smap(*(f"../src/{number}.js" for number in range(100))))
    store.add("src/7.js", SOURCE.encode())
    store.resolve(event(71, 81, 71))
    asked = [key.value for key in store.asked if key.kind == "source"]
    assert asked == ["src/7.js", "src/8.js", "https://shop.example/src/8.js"]


def test_nothing_is_asked_for_where_the_map_has_the_text(store: Any) -> None:
    """The usual case costs nothing."""
    store.add("static/app.js.map", smap("../src/cart.js", sourcesContent=[SOURCE]))
    store.resolve(event())
    assert {key.kind for key in store.asked} == {"minified", "sourcemap"}


def test_an_empty_text_is_a_text(store: Any) -> None:
    """Nothing else is searched for, and nothing is missed."""
    store.add("static/app.js.map", smap("../src/cart.js", sourcesContent=[""]))
    store.add("src/cart.js", SOURCE.encode())
    resolved = store.resolve(event())
    assert (shown(resolved), resolved.errors) == (("t", None), ())


def test_a_file_shorter_than_the_map_says_shows_nothing(store: Any) -> None:
    """It is of another day."""
    store.add("static/app.js.map", smap("../src/cart.js"))
    store.add("src/cart.js", b"x\n")
    assert shown(store.resolve(event())) == ("t", None)


def test_defects_of_a_map_are_told_once_and_cost_nothing(store: Any) -> None:
    """A broken merge of maps explains a strange position; frames resolve as far as the map is sound."""
    fields = {"version": 2, "names": [1, 2], "sourcesContent": [SOURCE, 5], "sourceRoot": 3}
    store.add("static/app.js.map", smap("../src/cart.js", "x.js", **fields))
    store.add("other.js.map", smap("../src/cart.js", sourcesContent=[SOURCE], version=2))
    resolved = store.resolve(event(1, 1, 5))
    assert shown(resolved) == ("Cart.total", "    return price();")
    [problem] = resolved.errors
    assert (problem.type, problem.url) == ("js_invalid_source", "static/app.js.map")
    assert str(problem.message).startswith(
        "static/app.js.map breaks the rules of source maps, and some of its positions may be wrong: `version` is not 3."
    )
    assert "build again" in str(problem.remedy)


@pytest.mark.parametrize(
    ("defects", "ends"),
    [
        (["One.", "Two.", "Three."], "wrong: One. Two. Three."),
        (["One.", "Two.", "Three.", "Four."], "Three. And 1 more."),
        ([*(f"{number}." for number in range(100)), "And 4000 more."], "2. And 4,097 more."),
    ],
)
def test_of_many_defects_a_few_are_listed_and_the_rest_counted(defects: list[str], ends: str) -> None:
    """A map that is damaged throughout must not fill the screen."""
    assert str(defective_map("app.js.map", defects).message).endswith(ends)


def test_a_defective_map_that_resolved_nothing_is_no_problem_of_the_event(store: Any) -> None:
    """The user would search for a fault that has nothing to do with this crash."""
    store.add("static/app.js.map", smap("a.js", mappings=";;;;KAAA", version=2))
    [problem] = store.resolve(event()).errors
    assert problem.type == "js_invalid_sourcemap_location"


def test_the_problems_do_not_depend_on_the_order_of_frames(store: Any) -> None:
    """Events are grouped and compared."""
    store.add("static/app.js.map", smap("../src/a.js", "../src/b.js", version=2))
    one, other = (store.resolve(event(*columns1)).errors for columns1 in ((1, 11), (11, 1)))
    assert json.dumps([str(problem) for problem in one]) == json.dumps([str(problem) for problem in other])
