"""In which order the source map of a bundle is looked for: the surest evidence first, and nothing in vain."""

import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace

from sourcemaps.javascript.discovery import conventional_names
from symbolicator.model import DebugImage, DebugMeta, Event, ExceptionValue, Frame, Stacktrace, Values
from symbolicator.protocols import Key

URL = "https://shop.example/static/app.min.js?v=3"
ID = "85314830-023f-4cf1-a267-535f4e37bb17"
OTHER_ID = "00000000-023f-4cf1-a267-535f4e37bb17"


def source_map(source: str, **fields: object) -> bytes:
    """A map that sends every position to line 1 of ``source``."""
    smap = {"version": 3, "sources": [source], "sourcesContent": ["run()"], "names": [], "mappings": "AAAA"}
    return json.dumps(smap | fields).encode()


def event(*paths: str, images: tuple[DebugImage, ...] = ()) -> Event:
    frames = tuple(Frame(abs_path=path, lineno=1, colno=5) for path in paths or (URL,))
    exceptions = Values(values=(ExceptionValue(stacktrace=Stacktrace(frames=frames)),))
    return Event(platform="javascript", exception=exceptions, debug_meta=DebugMeta(images=images))


def image(debug_id: str = ID) -> DebugImage:
    return DebugImage(type="sourcemap", code_file=URL, debug_id=debug_id.upper())


def outcome(store: Any, asked_for: Event) -> tuple[str | None, str | None, str | None]:
    """Source, evidence and map of the first frame."""
    frame = store.resolve(asked_for).exceptions[0].stacktrace.frames[0]
    return frame.filename, frame.data.resolved_with, frame.data.sourcemap


def test_the_events_debug_id_comes_first_and_nothing_else_is_asked(store: Any) -> None:
    """Only the id proves that the map is of this very build."""
    store.add("a.map", source_map("by-id.js", debug_id=ID))
    store.add("static/app.min.js.map", source_map("by-name.js"))
    assert outcome(store, event(images=(image(),))) == ("by-id.js", "debug-id", "a.map")
    assert store.asked == [Key("sourcemap", "debug_id", ID)]


def test_an_image_of_another_file_says_nothing(store: Any) -> None:
    """Two bundles on a page would swap their maps."""
    store.add("a.map", source_map("other.js", debug_id=ID))
    other = DebugImage(type="sourcemap", code_file="https://shop.example/static/vendor.js", debug_id=ID)
    native = DebugImage(type="elf", code_file=URL, debug_id=ID)
    store.resolve(event(images=(other, native)))
    assert Key("sourcemap", "debug_id", ID) not in store.asked


def test_then_the_bundles_own_debug_id(store: Any) -> None:
    """Events of plain `error.stack` carry no ids, bundles do."""
    store.add("static/app.min.js", b"run()\n//# debugId=%s\n//# sourceMappingURL=app.min.js.map" % ID.encode())
    store.add("a.map", source_map("by-id.js", debug_id=ID))
    store.add("static/app.min.js.map", source_map("by-comment.js"))
    assert outcome(store, event()) == ("by-id.js", "debug-id", "a.map")
    assert store.asked == [Key("minified", "url", URL), Key("sourcemap", "debug_id", ID)]


def test_a_bundle_is_found_by_the_events_debug_id_too(store: Any) -> None:
    """Its comment leads to a map that has lost the id, as composed maps of React Native do."""
    store.add("x/y.js", b"run()\n//# debugId=%s\n//# sourceMappingURL=z.map" % ID.encode())
    store.add("x/z.map", source_map("by-comment.js"))
    assert outcome(store, event(images=(image(),))) == ("by-comment.js", "comment", "x/z.map")


def test_then_the_comment_seen_from_where_the_bundle_lies(store: Any) -> None:
    """Of two maps with the same name the one beside the bundle is meant."""
    store.add("dist/static/app.min.js", b"run()\n//# sourceMappingURL=maps/app.map")
    store.add("dist/static/maps/app.map", source_map("../../src/a.js"))
    store.add("other/maps/app.map", source_map("wrong.js"))
    assert outcome(store, event()) == ("src/a.js", "comment", "dist/static/maps/app.map")
    assert store.asked == [Key("minified", "url", URL), Key("sourcemap", "url", "dist/static/maps/app.map")]


def test_then_the_comment_seen_from_where_the_bundle_ran(store: Any) -> None:
    """Maps are uploaded under their URL, bundles are not always."""
    store.add("app.min.js", b"run()\n//# sourceMappingURL=/maps/app.map")
    store.add("https://shop.example/maps/app.map", source_map("a.js"))
    assert outcome(store, event())[1:] == ("comment", "https://shop.example/maps/app.map")


def test_a_map_inside_the_bundle_is_used(store: Any) -> None:
    """Development builds have no second file."""
    url = b"data:application/json;base64," + base64.b64encode(source_map("inside.js"))
    store.add("static/app.min.js", b"run()\n//# sourceMappingURL=" + url)
    assert outcome(store, event()) == ("inside.js", "embedded", "static/app.min.js")


def test_without_the_bundle_a_map_that_describes_it_will_do(store: Any) -> None:
    """Other services reject a map without its bundle; nothing in the bundle is needed."""
    store.add("maps/1234.map", source_map("described.js", file="../static/app.min.js"))
    assert outcome(store, event()) == ("described.js", "generated", "maps/1234.map")


def test_a_header_beats_the_comment(store: Any) -> None:
    """The server knows where it serves the map; the comment was written before that was decided."""
    store.add("static/app.min.js", b"run()\n//# sourceMappingURL=old.map")
    store.add("static/old.map", source_map("by-comment.js"))
    store.add("static/maps/new.map", source_map("../by-header.js"))
    store.headers["static/app.min.js"] = {"sourcemap": "maps/new.map", "x-sourcemap": "old.map"}
    assert outcome(store, event()) == ("by-header.js", "header", "static/maps/new.map")
    store.headers["static/app.min.js"] = {"x-sourcemap": "/static/maps/new.map"}
    assert outcome(store, event())[1:] == ("header", "static/maps/new.map")
    store.headers["static/app.min.js"] = {"sourcemap": "gone.map"}
    assert outcome(store, event())[1:] == ("comment", "static/old.map")
    store.headers["static/app.min.js"] = {"sourcemap": " ", "x-sourcemap": "data:application/json,{}"}
    assert outcome(store, event())[1:] == ("comment", "static/old.map")


def test_a_debug_id_beats_the_header(store: Any) -> None:
    """A header is configured by hand, an id is built in."""
    store.add("static/app.min.js", b"run()\n//# debugId=" + ID.encode())
    store.add("a.map", source_map("by-id.js", debug_id=ID))
    store.add("static/b.map", source_map("by-header.js"))
    store.headers["static/app.min.js"] = {"sourcemap": "b.map"}
    assert outcome(store, event())[1:] == ("debug-id", "a.map")


def test_names_are_asked_for_with_the_release_and_ids_without(store: Any) -> None:
    """The next deployment serves other files under the same names."""
    store.add("static/app.min.js", b"run()\n//# debugId=%s\n//# sourceMappingURL=x.map" % OTHER_ID.encode())
    store.resolve(replace(event(images=(image(),)), release="1.2", dist="7"))
    builds = {(key.by == "debug_id", key.release, key.dist) for key in store.asked}
    assert builds == {(True, "", ""), (False, "1.2", "7")}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a/app.js?v=3#x", ["a/app.js.map", "a/app.map"]),
        ("app.min.js", ["app.min.js.map", "app.min.map", "app.js.map", "app.map"]),
        ("app-min.mjs", ["app-min.mjs.map", "app-min.map", "app.mjs.map", "app.map"]),
        ("main.jsbundle", ["main.jsbundle.map", "main.map"]),
        ("admin.js", ["admin.js.map", "admin.map"]),
    ],
)
def test_the_names_that_tools_give_to_maps(path: str, names: list[str]) -> None:
    """uglify-js, terser and the closure compiler each have their own habit."""
    assert conventional_names(path) == names


def test_conventional_names_come_last(store: Any) -> None:
    """A map whose ``file`` has another hash is still the one beside the bundle."""
    store.add("static/app.min.js.map", source_map("a.js", file="main.js"))
    assert outcome(store, event()) == ("a.js", "convention", "static/app.min.js.map")
    store.files.clear()
    store.add("static/app.min.map", source_map("b.js", file="main.js"))
    assert outcome(store, event()) == ("b.js", "convention", "static/app.min.map")


def test_every_candidate_is_asked_for_once_and_in_order(store: Any) -> None:
    """Each key is a search in the store, and each round a wait."""
    store.add("static/app.min.js", b"run()\n//# debugId=%s\n//# sourceMappingURL=x.map" % OTHER_ID.encode())
    resolved = store.resolve(event(URL, URL, images=(image(), image("no id"))))
    assert [(key.kind, key.by, key.value) for key in store.asked] == [
        ("sourcemap", "debug_id", ID),
        ("minified", "debug_id", ID),
        ("minified", "url", URL),
        ("sourcemap", "debug_id", OTHER_ID),
        ("sourcemap", "url", "static/x.map"),
        ("sourcemap", "url", "https://shop.example/static/x.map"),
        ("sourcemap", "generated", URL),
        ("sourcemap", "url", "https://shop.example/static/app.min.js.map"),
        ("sourcemap", "url", "https://shop.example/static/app.min.map"),
        ("sourcemap", "url", "https://shop.example/static/app.js.map"),
        ("sourcemap", "url", "https://shop.example/static/app.map"),
    ]
    assert [image.debug_status for image in resolved.images] == ["missing", "unused"]


def test_a_damaged_map_does_not_hide_a_good_one(store: Any) -> None:
    """The map with the id was cut off while it was uploaded; the one in the folder is whole."""
    store.add("a.map", source_map("by-id.js", debug_id=ID).replace(b'"AAAA"', b'"AAAA'))
    store.files[Key("sourcemap", "debug_id", ID)] = store.files[Key("sourcemap", "url", "a.map")]
    store.add("static/app.min.js.map", source_map("good.js"))
    resolved = store.resolve(event(images=(image(),)))
    assert resolved.exceptions[0].stacktrace.frames[0].filename == "good.js"
    assert resolved.images[0].debug_status == "malformed"


@pytest.mark.parametrize(
    "path",
    [
        "node:internal/modules/cjs/loader",
        "internal/process/task_queues.js",
        "<anonymous>",
        "[native code]",
        "native",
        "InternalBytecode.js",
        "/build/react-native/packages/react-native/sdks/hermes/build/InternalBytecode.js",
        "chrome-extension://abc/content.js",
        "moz-extension://abc/content.js",
        "wasm://wasm/0012:wasm-function[0]:0x21",
        "https://shop.example/engine.wasm",
        "bun:main",
        "ext:deno_node/01_require.js",
    ],
)
def test_no_map_is_looked_for_where_there_is_none(store: Any, path: str) -> None:
    """Each would be a search, and a problem in the report that nobody can solve."""
    resolved = store.resolve(event(path))
    frame = resolved.exceptions[0].stacktrace.frames[0]
    assert (store.asked, resolved.errors, frame.status, frame.in_app) == ([], (), "as_is", False)


def test_a_thousand_bundles_are_not_a_thousand_searches(store: Any) -> None:
    """One hostile event would keep the store busy for everybody."""
    resolved = store.resolve(event(*(f"https://shop.example/{number}.js" for number in range(1000))))
    assert len({key.value for key in store.asked if key.kind == "minified"}) == 500
    assert "js_too_many_sources" in {problem.type for problem in resolved.errors}
