"""React Native's frames: pieces of a bundle, resolved through the bundle's map."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from sourcemaps.javascript.react_native import (
    HERMES_FUNCTION,
    HERMES_SEGMENT,
    ModuleFile,
    bundle_of,
    generated_file,
    generated_place,
    module_file,
)
from sourcemaps.javascript.reader import READER
from sourcemaps.javascript.transformer import TRANSFORMER
from sourcemaps.protocol import SourceIndex
from symbolicator.model import (
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    FrameStatus,
    Stacktrace,
    Values,
)
from symbolicator.protocols import Artifact, Key, Missing

ANDROID = "index.android.bundle"


class RamIndex(Struct):
    """A map with modules and segments at known lines."""

    modules: dict[tuple[int, int], int]
    segments: dict[int, int] = {}
    functions: dict[tuple[int, int], int] = {}

    def segment_line0(self, segment: int) -> int | None:
        return self.segments.get(segment)

    def module_line0(self, segment: int, module: int) -> int | None:
        return self.modules.get((segment, module))

    def function_offset(self, segment: int, function: int) -> int | None:
        return self.functions.get((segment, function))


RAM: Any = RamIndex({(0, 12): 40, (3, 7): 9}, {3: 5}, {(0, 2): 700, (1, 2): 900})


def event(*frames: Frame, images: tuple[str, ...] = (), **fields: Any) -> Event:
    stack = Stacktrace(frames=frames)
    meta = DebugMeta(images=tuple(DebugImage(type="sourcemap", code_file=path) for path in images))
    return Event(exception=Values(values=(ExceptionValue(stacktrace=stack),)), debug_meta=meta, **fields)


def at(path: str | None, line1: int | None = 1, column1: int | None = 1, **fields: Any) -> Frame:
    return Frame(filename=path, lineno=line1, colno=column1, **fields)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("123.js", ModuleFile(0, 123)),
        ("app:///123.js", ModuleFile(0, 123)),
        ("seg-2.js", ModuleFile(2, None)),
        ("seg-2_123.js", ModuleFile(2, 123)),
        ("app:///seg-2_123.js", ModuleFile(2, 123)),
        ("https://shop.example/123.js", None),
        ("static/123.js", None),
        ("a123.js", None),
        ("123.jsx", None),
        ("seg-.js", None),
        ("99999999999999999999.js", None),
        (ANDROID, None),
    ],
)
def test_module_files_are_known_by_their_name(path: str, expected: ModuleFile | None) -> None:
    """A webpack chunk that is taken for a module would be looked up in the wrong map."""
    assert module_file(path) == expected


@pytest.mark.parametrize(
    ("raw", "bundle"),
    [
        (event(at("12.js"), images=("app:///main.jsbundle",)), "app:///main.jsbundle"),
        (event(at("12.js"), at(ANDROID)), ANDROID),
        (event(at("12.js"), at("/data/user/0/app/files/CodePush/3f/x/index.android.bundle")),
         "/data/user/0/app/files/CodePush/3f/x/index.android.bundle"),
        (event(at("http://10.0.2.2:8081/index.bundle//&platform=android&dev=false")),
         "http://10.0.2.2:8081/index.bundle"),
        (event(at("12.js"), contexts={"react_native_context": {}, "os": {"name": "iOS"}}), "main.jsbundle"),
        (event(at("12.js"), contexts={"react_native_context": {}, "os": {"name": "Android"}}), ANDROID),
        (event(at("12.js"), contexts={"runtime": {"name": "react-native"}}), ANDROID),
        (event(at("12.js"), contexts={"react_native_context": {}, "os": {"name": "Windows"}}), None),
        (event(at("12.js"), contexts={"react_native_context": {}, "os": {"name": ["x"]}, "runtime": []}), ANDROID),
        (event(at("12.js")), None),
        (event(at("12.js"), at(ANDROID), at("business.android.bundle")), None),
        (event(at(ANDROID), images=("app:///main.jsbundle",)), "app:///main.jsbundle"),
    ],
)  # fmt: skip
def test_the_bundle_is_looked_up_in_the_rest_of_the_event(raw: Event, bundle: str | None) -> None:
    """A RAM bundle's frames say "12.js": whose map that is must not be guessed."""
    assert bundle_of(raw) == bundle


def test_a_frame_without_file_is_in_the_bundle() -> None:
    """React Native's lists leave the bundle's name out; without it nothing would resolve."""
    assert generated_file(at(None), ANDROID) == ANDROID
    assert generated_file(at(None, None, None), ANDROID) is None
    assert generated_file(at(None), None) is None


def test_module_files_are_the_bundles_and_others_their_own() -> None:
    """Pages of other bundlers have files called 12.js."""
    assert generated_file(at("12.js"), ANDROID) == ANDROID
    assert generated_file(at("12.js"), None) == "12.js"
    assert generated_file(at("other.js"), ANDROID) == "other.js"
    url = "http://localhost:8081/index.bundle//&platform=ios&dev=false&minify=true"
    assert generated_file(at(url), None) == "http://localhost:8081/index.bundle"


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        (at(ANDROID, 1, 3252), (0, 3251)),
        (at("12.js", 1, 5), (40, 4)),
        (at("12.js", 3, 5), (42, 4)),
        (at("13.js", 3, 5), None),
        (at("seg-3.js", 2, 1), (6, 0)),
        (at("seg-4.js", 2, 1), None),
        (at("seg-3_7.js", 1, 56), (9, 55)),
        (at("seg-3_8.js", 1, 56), None),
        (at("12.js", None, 5), None),
        (at("12.js", 0, 5), None),
        (at("12.js", 1, None), None),
        (at("12.js", 1, 0), None),
        (at("12.js", 1, 2**40), None),
    ],
)
def test_places_in_modules_become_places_in_the_map(frame: Frame, place: tuple[int, int] | None) -> None:
    """Each module counts its lines from 1; the map has all of them in one file."""
    assert generated_place(frame, RAM, of_bundle=True) == place


def test_a_files_own_map_takes_positions_as_they_stand() -> None:
    """Chunk 12.js of webpack has a map of its own."""
    assert generated_place(at("12.js", 3, 5), RAM, of_bundle=False) == (2, 4)
    assert generated_place(at("12.js", 3, 5), None, of_bundle=False) == (2, 4)
    assert generated_place(at("12.js", 3, 5), None, of_bundle=True) is None


def test_offsets_of_old_sdks_count_from_zero() -> None:
    """One byte of bytecode off is another call."""
    assert generated_place(at(ANDROID, 1, 0), RAM, of_bundle=True, column_base=0) == (0, 0)
    assert generated_place(at(ANDROID, 1, -1), RAM, of_bundle=True, column_base=0) is None


def crashed(function: object, offset: int | None, segment: object = 0, path: str = "main.jsbundle") -> Frame:
    extra: dict[str, Any] = {HERMES_FUNCTION: function, HERMES_SEGMENT: segment}
    return Frame(abs_path=path, data=FrameData(function_offset=offset, extra=extra))


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        (crashed(2, 31), (0, 731)),
        (crashed(2, 31, 1), (1, 931)),
        (crashed(2, 31, 0, "seg-3.js"), (5, 731)),
        (crashed(9, 31), None),
        (crashed(2, None), None),
        (crashed(2, -701), None),
        (crashed(2, 2**40), None),
        (crashed("2", 31), None),
        (crashed(-1, 31), None),
        (crashed(2, 31, 2**40), None),
        (crashed(2, 31, None), None),
    ],
)
def test_a_crashed_process_counts_bytes_from_its_functions(frame: Frame, place: tuple[int, int] | None) -> None:
    """Hermes' own crash lists have no line and column at all."""
    assert generated_place(frame, RAM, of_bundle=True) == place
    assert generated_place(frame, None, of_bundle=True) is None


@given(
    path=st.none() | st.text(max_size=20) | st.from_regex(r"(seg-)?[0-9]+(_[0-9]+)?\.js"),
    line1=st.none() | st.integers(),
    column=st.none() | st.integers(),
    of_bundle=st.booleans(),
)
def test_any_frame_has_a_place_or_none(
    path: str | None, line1: int | None, column: int | None, *, of_bundle: bool
) -> None:
    """Reports come from everywhere."""
    place = generated_place(at(path, line1, column), RAM, of_bundle=of_bundle)
    assert place is None or min(place) >= 0


def bundled(store: Any) -> Any:
    """A bundle of two lines whose second is ``linePrice``'s."""
    fields = {"version": 3, "sources": ["src/pricing.js"], "names": [], "sourcesContent": ["a\nb\nc\n"]}
    smap = json.dumps(fields | {"mappings": "AAAA;AACA,UACA"})
    store.add("android/index.android.bundle.map", smap.encode())
    return store


def test_frames_without_file_resolve_through_the_bundles_map(store: Any) -> None:
    """What the Java side logs for an uncaught error has no file names at all, and counts columns from 0."""
    text = b"com.facebook.react.common.JavascriptException: Error: x, stack:\nlinePrice@2:10\n<unknown>@2:9\n"
    resolved = bundled(store).resolve(READER.read(text))
    [outer, inner] = resolved.exceptions[0].stacktrace.frames
    assert [(f.filename, f.lineno, f.status) for f in (inner, outer)] == [
        ("src/pricing.js", 3, FrameStatus.SYMBOLICATED),
        ("src/pricing.js", 2, FrameStatus.SYMBOLICATED),
    ]
    assert resolved.errors == ()


@pytest.mark.parametrize(
    "path",
    [
        ANDROID,
        "app:///index.android.bundle",
        "/data/user/0/com.shop/files/index.android.bundle",
        "/data/data/com.shop/files/CodePush/3f2a/CodePush/index.android.bundle",
        "file:///data/app/com.shop/index.android.bundle",
        "http://10.0.2.2:8081/index.android.bundle?platform=android&dev=false&minify=true",
        "http://10.0.2.2:8081/index.android.bundle//&platform=android&dev=false&minify=true",
    ],
)
def test_wherever_a_bundle_lies_on_the_device_its_map_is_found(store: Any, path: str) -> None:
    """Devices, CodePush and Metro's server each put the same bundle somewhere else."""
    text = f"Error: x\n    at linePrice ({path}:2:11)\n"
    [found] = bundled(store).resolve(READER.read(text.encode())).exceptions[0].stacktrace.frames
    assert (found.filename, found.lineno) == ("src/pricing.js", 3)


def test_a_module_that_the_map_does_not_know_says_so(store: Any) -> None:
    """Resolved as it stands it would be the bundle's first lines, which are Metro's."""
    text = b"Error: x\n    at f (12.js:2:11)\n    at g (index.android.bundle:2:11)\n"
    resolved = bundled(store).resolve(READER.read(text))
    [known, unknown] = resolved.exceptions[0].stacktrace.frames
    assert (known.status, unknown.status) == (FrameStatus.SYMBOLICATED, FrameStatus.MISSING_SYMBOL)
    assert [problem.type for problem in resolved.errors] == ["js_invalid_sourcemap_location"]


def test_hermes_own_library_is_machinery(store: Any) -> None:
    """Part of it is JavaScript; no app has its map."""
    text = (
        b"Error: x\n    at f (address at InternalBytecode.js:1:1221)\n    at g (address at index.android.bundle:2:1)\n"
    )
    resolved = bundled(store).resolve(READER.read(text))
    [_, internal] = resolved.exceptions[0].stacktrace.frames
    assert (internal.status, internal.in_app, resolved.errors) == (FrameStatus.AS_IS, False, ())


def test_a_chunk_of_another_bundler_keeps_its_own_map(store: Any) -> None:
    """In an Electron app "12.js" is webpack's chunk, whatever else the store holds."""
    bundled(store)
    smap = {"version": 3, "sources": ["src/chunk.js"], "names": [], "mappings": "AAAA"}
    store.add("dist/12.js.map", json.dumps(smap).encode())
    [found] = store.resolve(READER.read(b"Error: x\n    at f (12.js:1:1)\n")).exceptions[0].stacktrace.frames
    assert found.filename == "src/chunk.js"


class ModulesOf:
    """A backend's index of a RAM bundle's map, with what the map says about modules beside it."""

    def __init__(self, index: SourceIndex, offsets: list[int | None]) -> None:
        self._index = index
        self._ram = RamIndex({(0, module): line0 for module, line0 in enumerate(offsets) if line0 is not None}, {0: 0})
        self.segment_line0 = self._ram.segment_line0
        self.module_line0 = self._ram.module_line0
        self.function_offset = self._ram.function_offset

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def test_a_ram_bundles_modules_resolve_as_v8_says(fixtures: Path, load_map: Any) -> None:
    """The module's lines, the map's nested sections and Metro's doubled wrapper must all come out right at once."""
    case = fixtures / "rn-ram-bundle"
    smap = json.loads((case / "dist" / "main.jsbundle.map").read_text())
    for section in smap["sections"][1:]:
        section["offset"]["column"] = 0
    index = ModulesOf(load_map(json.dumps(smap).encode()), smap["x_facebook_offsets"])
    raw = READER.read((case / "crash.txt").read_bytes())
    minified, generated = Key("minified", "url", "main.jsbundle"), Key("sourcemap", "generated", "main.jsbundle")
    artifacts: dict[Key, Artifact | Missing] = {minified: Missing(minified, "no")}
    artifacts |= {generated: Artifact(generated, "main.jsbundle.map", index)}
    assert TRANSFORMER.needs(raw, {}) == {minified}
    resolved = TRANSFORMER.transform(raw, artifacts)
    truth = json.loads((case / "truth.json").read_text())["frames"]
    frames = resolved.exceptions[0].stacktrace.frames[::-1] if resolved.exceptions[0].stacktrace else ()
    assert len(frames) == len(truth)
    for frame, true in zip(frames, truth, strict=True):
        assert (frame.lineno, frame.colno, frame.in_app) == (true["line"] or 3, true["column"] or 4, true["own"])
        if true["file"]:
            assert (frame.filename, frame.function) == (true["file"], true["function"])
    assert resolved.errors == ()
