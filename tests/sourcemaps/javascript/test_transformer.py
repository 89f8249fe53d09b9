"""What becomes of frames: resolved ones say where they come from, the others why not and what to do."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sourcemaps.javascript.survey import MAX_LINES
from sourcemaps.javascript.transformer import TRANSFORMER
from symbolicator.errors import MalformedArtifact
from symbolicator.model import (
    AsyncCall,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    FrameStatus,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.protocols import Artifact, Key, Missing, NearMiss

URL = "https://shop.example/static/app.js"
SOURCE = "class Cart {\n  total() {\n    return price();\n  }\n}\n"


def source_map(**fields: object) -> bytes:
    """Generated line 1: column 0 is ``price()`` in ``total``, column 10 has no source, column 20 is in node_modules."""
    sources = ["webpack://shop/./src/cart.js", "webpack://shop/./node_modules/x/y.js"]
    smap = {"version": 3, "sources": sources, "sourcesContent": [SOURCE, None], "names": ["price", "map"]}
    return json.dumps(smap | {"mappings": "AAEWA,U,UCFX"} | fields).encode()


def event(*frames: Frame, platform: str | None = "javascript") -> Event:
    exceptions = Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=frames)),))
    return Event(platform=platform, exception=exceptions)


def frame(function: str | None = "t", column1: int | None = 1, **fields: Any) -> Frame:
    return Frame(function=function, abs_path=URL, filename=URL, lineno=1, colno=column1, **fields)


def resolve_one(store: Any, raw: Frame) -> tuple[Frame, Event]:
    resolved = store.resolve(event(raw))
    [found] = resolved.exceptions[0].stacktrace.frames
    return found, resolved


@pytest.fixture
def shop(store: Any) -> Any:
    store.add("static/app.js.map", source_map())
    return store


def test_a_resolved_frame_says_all_there_is_to_say(shop: Any) -> None:
    """People read it, and their errors are grouped by it."""
    found, resolved = resolve_one(shop, frame("s.t"))
    assert found == Frame(
        function="Cart.total",
        raw_function="s.t",
        filename="src/cart.js",
        abs_path="webpack://shop/./src/cart.js",
        lineno=3,
        colno=12,
        in_app=True,
        pre_context=("class Cart {", "  total() {"),
        context_line="    return price();",
        post_context=("  }", "}", ""),
        data=FrameData(
            status=FrameStatus.SYMBOLICATED,
            resolved_with="generated",
            sourcemap="static/app.js.map",
            evidence="source map",
            original_index=0,
        ),
    )
    assert resolved.errors == ()
    assert resolved.exceptions[0].raw_stacktrace == Stacktrace(frames=(frame("s.t"),))


def test_a_source_without_text_resolves_without_context(shop: Any) -> None:
    """A later stage adds the lines from the file itself; the position is right all the same."""
    found, _ = resolve_one(shop, frame(column1=21))
    assert (found.filename, found.lineno, found.in_app) == ("node_modules/x/y.js", 1, False)
    assert (found.function, found.context_line) == ("t", None)


def test_relative_sources_are_seen_from_the_map(store: Any) -> None:
    """The file could not be found on disk under any other name."""
    store.add("static/app.js.map", source_map(sources=["../src/cart.js", "x"]))
    found, _ = resolve_one(store, frame())
    assert (found.filename, found.abs_path) == ("src/cart.js", "https://shop.example/src/cart.js")


def test_sources_on_the_ignore_list_are_not_own_code(store: Any) -> None:
    """Frameworks say so themselves."""
    store.add("static/app.js.map", source_map(ignoreList=[0]))
    assert resolve_one(store, frame())[0].in_app is False


def test_resumed_frames_stay_async(shop: Any) -> None:
    """Their caller was not on the stack; a merged trace must not claim so."""
    for raw in (frame("async s.t"), frame("s.t", data=FrameData(async_call=AsyncCall(rule="v8-async")))):
        found, _ = resolve_one(shop, raw)
        assert found.data is not None
        assert (found.function, found.data.is_async) == ("Cart.total", True)


def test_construction_keeps_its_new(store: Any) -> None:
    """V8 says ``new`` for a class without constructor, and for a function that is called with it."""
    source = "\n\nclass Cart {}\nfunction Old() { x }"
    store.add("static/app.js.map", source_map(sourcesContent=[source], mappings="AAEA,UACkB"))
    assert resolve_one(store, frame("new t"))[0].function == "new Cart"
    assert resolve_one(store, frame("new t", 11))[0].function == "new Old"


def test_the_callers_token_names_a_function_without_source(store: Any) -> None:
    """Without ``sourcesContent`` it is the best evidence there is."""
    store.add("static/app.js.map", source_map(sourcesContent=[]))
    caller, called = frame("a", 1), frame("b", 21)
    [_, found] = store.resolve(event(caller, called)).exceptions[0].stacktrace.frames
    assert (found.function, found.raw_function) == ("price", "b")


@pytest.mark.parametrize(
    ("caller", "called"),
    [
        (frame("a", 1), frame("b", 21, data=FrameData(async_call=AsyncCall(rule="v8-async")))),
        (frame("async a", 1), frame("b", 21)),
        (frame("a", 11), frame("b", 21)),
        (Frame(function="map", filename="native"), frame("b", 21)),
        (frame("a", 1, platform="native"), frame("b", 21)),
    ],
)
def test_what_did_not_call_it_does_not_name_it(store: Any, caller: Frame, called: Frame) -> None:
    """A wrong name is worse than a minified one."""
    store.add("static/app.js.map", source_map(sourcesContent=[]))
    [_, found] = store.resolve(event(caller, called)).exceptions[0].stacktrace.frames
    assert (found.function, found.raw_function) == ("b", None)


def test_a_builtin_that_calls_back_does_not_name_the_callback(store: Any) -> None:
    """Firefox leaves the frame of ``map`` out; the callback is not called "map"."""
    store.add("static/app.js.map", source_map(sourcesContent=[], names=["map"]))
    [_, found] = store.resolve(event(frame("a", 1), frame("b", 21))).exceptions[0].stacktrace.frames
    assert found.function == "b"


def test_metros_function_map_beats_the_parsed_source(store: Any) -> None:
    """Metro knows what Babel made of the source."""
    functions = [[{"names": ["listed"], "mappings": "AAA"}], None]
    store.add("static/app.js.map", source_map(x_facebook_sources=functions))
    assert resolve_one(store, frame())[0].function == "listed"


def test_nothing_found_names_the_file_and_the_next_step(store: Any) -> None:
    """A bare "source not found" is the most frequent complaint there is."""
    store.near = (NearMiss("dist/app.3f9c.js.map", "same name, another hash"),)
    found, resolved = resolve_one(store, frame())
    [problem] = resolved.errors
    assert found.data == FrameData(status=FrameStatus.MISSING, problem=f"js_no_source:{URL}", original_index=0)
    assert (problem.type, problem.url, problem.id) == ("js_no_source", URL, found.data.problem if found.data else "")
    assert problem.message == (
        f"Neither {URL} nor a source map for it was found; nearest: dist/app.3f9c.js.map (same name, another hash)."
    )
    assert "app.js.map" in str(problem.remedy)
    assert "--artifacts" in str(problem.remedy)
    assert (found.function, found.lineno, found.colno) == ("t", 1, 1)


def test_hermes_needs_both_maps(store: Any) -> None:
    """Metro's own map is at hand, looks right, and is wrong for bytecode."""
    [problem] = store.resolve(event(Frame(abs_path="index.android.bundle", lineno=1, colno=3252))).errors
    assert "index.android.bundle.map (with Hermes: Metro's and hermesc's maps, or both in one)" in str(problem.remedy)


def test_a_bundle_without_its_map_says_which_map_it_names(store: Any) -> None:
    """The user knows at once what to look for."""
    store.add("static/app.js", b"run();\n//# sourceMappingURL=maps/app.7.map")
    [problem] = resolve_one(store, frame())[1].errors
    assert problem.type == "js_no_source"
    assert problem.message == "static/app.js names the source map maps/app.7.map, which was not found."
    assert "app.7.map" in str(problem.remedy)


def test_a_map_that_cannot_be_read_says_why(store: Any) -> None:
    """Cut-off uploads look like missing ones."""
    store.add("static/app.js.map", source_map()[:-1])
    found, resolved = resolve_one(store, frame())
    [problem] = resolved.errors
    assert (found.status, problem.type) == (FrameStatus.MALFORMED, "js_invalid_source")
    assert "no valid JSON" in str(problem.message)


def test_a_position_that_the_map_does_not_know_hints_at_another_build(shop: Any) -> None:
    """A map of yesterday's build is the usual cause."""
    resolved = shop.resolve(event(frame(column1=11), frame(column1=12), frame(column1=1)))
    [problem] = resolved.errors
    assert statuses(resolved) == [FrameStatus.MISSING_SYMBOL, FrameStatus.MISSING_SYMBOL, FrameStatus.SYMBOLICATED]
    assert problem.type == "js_invalid_sourcemap_location"
    assert "line 1, column 11" in str(problem.message)
    assert "different builds" in str(problem.remedy)


@pytest.mark.parametrize("column1", [None, 0, -3])
def test_a_frame_without_column_says_so(shop: Any, column1: int | None) -> None:
    """In a bundle of one line it would resolve to the first token, and be wrong."""
    found, resolved = resolve_one(shop, frame(column1=column1))
    [problem] = resolved.errors
    assert (found.status, problem.type) == (FrameStatus.MISSING_SYMBOL, "js_no_column")
    assert "without line or column" in str(problem.message)


@pytest.mark.parametrize("column1", [None, 0])
def test_a_line_that_comes_from_one_original_line_needs_no_column(store: Any, column1: int | None) -> None:
    """Old engines and error handlers print lines only; what tsc or Babel wrote resolves all the same."""
    store.add("static/app.js.map", source_map(mappings="AAEWA,UAAEA;AACA"))
    found, resolved = resolve_one(store, frame("s.t", column1))
    assert (found.filename, found.lineno, found.colno) == ("src/cart.js", 3, None)
    assert (found.function, found.context_line, resolved.errors) == ("s.t", "    return price();", ())
    assert found.data is not None
    assert (found.status, found.data.evidence) == (FrameStatus.SYMBOLICATED, "source map, by line alone")


def test_lines_without_columns_are_bounded(store: Any) -> None:
    """Each is a thousand lookups; a report may have ten thousand of them."""
    store.add("static/app.js.map", source_map(mappings="AAEWA" + ";AAAA" * 200))
    frames = [replace(frame(column1=None), lineno=line1) for line1 in range(1, 200)]
    statuses_ = statuses(store.resolve(event(*frames)))
    assert statuses_.count(FrameStatus.SYMBOLICATED) == MAX_LINES


def test_a_line_of_a_damaged_index_says_no_column(shop: Any) -> None:
    """A disk error must not cost the event."""

    class DamagedIndex:
        def original_positions(self, positions: object) -> None:
            raise MalformedArtifact("The index is damaged.")

    key = Key("minified", "url", URL)
    generated = Key("sourcemap", "generated", URL)
    artifacts = dict(shop.fetch(frozenset({key})))
    artifacts[generated] = Artifact(generated, "app.js.map", DamagedIndex())
    resolved = TRANSFORMER.transform(event(frame(column1=None)), artifacts)
    assert statuses(resolved) == [FrameStatus.MISSING_SYMBOL]


def test_a_frame_without_file_says_so(shop: Any) -> None:
    """React Native's short lists leave it out."""
    found, resolved = resolve_one(shop, Frame(function="t", lineno=1, colno=5))
    assert (found.status, resolved.errors[0].type) == (FrameStatus.MISSING, "js_no_source")


def test_the_bundles_own_start_is_machinery(shop: Any) -> None:
    """Hermes' outermost frame is code that Metro wrote; nothing is missing."""
    found, resolved = resolve_one(shop, frame("global", column1=11))
    assert (found.status, found.in_app, resolved.errors) == (FrameStatus.AS_IS, False, ())


def test_a_plain_source_is_shown_as_it_is(store: Any) -> None:
    """Node.js programs that nobody bundled are readable; only their lines are missing."""
    store.add("static/app.js", b"one();\ntwo();\nthree();\n")
    found, resolved = resolve_one(store, replace(frame(), lineno=2))
    assert (found.status, found.context_line, resolved.errors) == (FrameStatus.AS_IS, "two();", ())


def test_a_source_that_only_has_the_same_name_is_not_shown(store: Any) -> None:
    """Every project has an index.js; its lines beside a foreign frame would mislead."""
    store.add("src/app.js", b"one();\ntwo();\n")
    found, resolved = resolve_one(store, frame())
    assert (found.status, found.context_line) == (FrameStatus.MISSING, None)
    assert str(resolved.errors[0].message).startswith("Neither")


@pytest.mark.parametrize("path", ["/srv/shop/src/cart.ts", "webpack-internal:///./src/cart.js", "src/App.vue"])
def test_positions_in_sources_need_no_map(store: Any, path: str) -> None:
    """TypeScript run directly, and stacks that DevTools mapped already."""
    found, resolved = resolve_one(store, Frame(abs_path=path, lineno=1, colno=5))
    assert (found.status, found.in_app, resolved.errors) == (FrameStatus.AS_IS, True, ())


def test_an_index_that_turns_out_damaged_costs_its_own_frames(shop: Any) -> None:
    """A disk error under one index must not cost the frames of the other bundles."""

    class DamagedIndex:
        def original_positions(self, positions: object) -> None:
            raise MalformedArtifact("The index is damaged: it is built again next time.")

    other = replace(frame(), abs_path="https://shop.example/other.js")
    key = Key("minified", "url", str(other.abs_path))
    generated = Key("sourcemap", "generated", key.value)
    artifacts = dict(shop.fetch(frozenset({Key("minified", "url", URL), Key("sourcemap", "generated", URL)})))
    artifacts |= {key: Missing(key, "no"), generated: Artifact(generated, "other.js.map", DamagedIndex())}
    resolved = TRANSFORMER.transform(event(frame(), other), artifacts)
    assert statuses(resolved) == [FrameStatus.SYMBOLICATED, FrameStatus.MALFORMED]
    assert "built again" in str(resolved.errors[0].message)


def statuses(resolved: Event) -> list[FrameStatus | None]:
    [exception] = resolved.exceptions
    return [found.status for found in exception.stacktrace.frames] if exception.stacktrace else []


def test_other_languages_and_resolved_frames_are_left_alone() -> None:
    """Transformers run in any order over the same event."""
    frames = (
        frame(platform="native"),
        frame(data=FrameData(status=FrameStatus.AS_IS)),
        frame(platform="python"),
    )
    raw = event(*frames)
    assert TRANSFORMER.needs(raw, {}) == frozenset()
    assert TRANSFORMER.transform(raw, {}) == raw
    other = event(frame(), platform="python")
    assert TRANSFORMER.transform(other, {}) == other


def test_frames_of_other_platforms_events_are_taken_by_their_own_platform(shop: Any) -> None:
    """React Native's native events carry JavaScript frames."""
    resolved = shop.resolve(event(frame(platform="node"), platform="cocoa"))
    assert resolved.exceptions[0].stacktrace.frames[0].status == FrameStatus.SYMBOLICATED


def test_resolving_twice_changes_nothing(shop: Any) -> None:
    """Events are retried."""
    once = shop.resolve(event(frame(), frame(column1=11), frame(column1=None), Frame(function="x")))
    assert shop.resolve(once) == once


def test_threads_and_bare_stacks_are_resolved_too(shop: Any) -> None:
    """Not every JavaScript stack is an exception's."""
    stack = Stacktrace(frames=(frame(),))
    raw = Event(platform="javascript", threads=Values(values=(Thread(id=1, stacktrace=stack),)), stacktrace=stack)
    resolved = shop.resolve(raw)
    assert resolved.stacktrace.frames[0].filename == "src/cart.js"
    assert resolved.threads.values[0].stacktrace.frames[0].filename == "src/cart.js"


def test_a_deep_recursion_is_one_lookup(shop: Any) -> None:
    """Stack overflows have ten thousand equal frames."""
    resolved = shop.resolve(event(*(frame() for _ in range(10_000))))
    assert {found.function for found in resolved.exceptions[0].stacktrace.frames} == {"Cart.total"}


PATHS = st.sampled_from([URL, "app.js", "", "node:fs", "<anonymous>", "a/b.ts", "\0", "?", "#", None, "data:,", "😀"])
FRAMES = st.builds(
    Frame,
    function=st.none() | st.text(max_size=10) | st.sampled_from(["new t", "async t", "global", "async new t"]),
    abs_path=PATHS,
    filename=PATHS,
    lineno=st.none() | st.integers(-5, 2**40),
    colno=st.none() | st.integers(-5, 2**40),
    platform=st.none() | st.sampled_from(["javascript", "node", "native"]),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(FRAMES, max_size=6), found=st.booleans())
def test_any_frames_come_out_with_a_status(shop: Any, frames: list[Frame], found: bool) -> None:  # noqa: FBT001 - drawn
    """Reports come from everywhere; each own frame says what became of it, and the same each time."""
    files, shop.files = shop.files, shop.files if found else {}
    raw = event(*frames)
    resolved = shop.resolve(raw)
    assert shop.resolve(raw) == resolved
    shop.files = files
    for frame_ in resolved.exceptions[0].stacktrace.frames if resolved.exceptions[0].stacktrace else ():
        assert (frame_.status is None) == (frame_.platform == "native")


def test_needs_is_asked_with_strangers_answers() -> None:
    """Artifacts of other transformers, and of plug-ins that return anything, may be in the mapping."""
    key = Key("minified", "url", URL)
    assert Key("sourcemap", "generated", URL) in TRANSFORMER.needs(event(frame()), {key: Artifact(key, "x", object())})
