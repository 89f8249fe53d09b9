"""What a file is and under which keys it is found: an upload that is filed wrongly is lost."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sourcemaps.javascript.identifier import IDENTIFIER
from sourcemaps.javascript.minified import MinifiedFile
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Key
from symbolicator.store import BytesBlob

ID = "85314830-023f-4cf1-a267-535f4e37bb17"
MAP = json.dumps({"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA", "debugId": ID}).encode()


def keys(name: str, data: bytes) -> set[Key]:
    return {key for identity in IDENTIFIER.identify(name, data) for key in identity.keys}


def kinds(name: str, data: bytes) -> list[str]:
    return [identity.kind for identity in IDENTIFIER.identify(name, data)]


def test_a_source_map_is_found_by_id_by_url_and_by_what_it_describes() -> None:
    """A map alone, without its bundle, must do."""
    assert keys("dist/app.min.js.map", MAP) == {
        Key("sourcemap", "debug_id", ID),
        Key("sourcemap", "url", "dist/app.min.js.map"),
        Key("sourcemap", "generated", "dist/app.min.js"),
    }


def test_the_file_that_a_map_names_lies_beside_it() -> None:
    """Maps kept in another folder, or under another name, describe what they say."""
    data = json.dumps({"version": 3, "file": "../js/app.js", "sources": [], "mappings": ""}).encode()
    assert Key("sourcemap", "generated", "dist/js/app.js") in keys("dist/maps/x.map?v=1", data)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b")]}'\n", b"\n  "])
@pytest.mark.parametrize("name", ["app.js.map", "blob", "https://cdn.example/maps/1234?x"])
def test_source_maps_are_known_by_content(prefix: bytes, name: str) -> None:
    """Artifact bundles and downloads name them as they like."""
    assert kinds(name, prefix + MAP) == ["sourcemap"]


def test_other_json_is_no_source_map() -> None:
    """Search templates have a version and mappings, too."""
    assert kinds("template.json", b'{"version": 3, "mappings": {"properties": {}}}') == []
    assert kinds("package.json", b'{"name": "shop", "version": "1.0.0"}') == []
    assert kinds("event.json", b'{"exception": {"values": []}}') == []


def test_a_damaged_map_is_still_one() -> None:
    """The user is told that it cannot be read, instead of searching for a map that is there."""
    [identity] = IDENTIFIER.identify("app.js.map", MAP[:-20])
    assert (identity.kind, "cannot be read" in identity.label) == ("sourcemap", True) or "1 source" in identity.label


def test_generated_files_are_known_by_their_comments() -> None:
    """Bundles without .js exist: Metro's, and whatever a CDN calls them."""
    data = b"run();\n//# sourceMappingURL=app.js.map\n//# debugId=" + ID.encode()
    [identity] = IDENTIFIER.identify("index.android.bin", data)
    assert identity.keys == {Key("minified", "url", "index.android.bin"), Key("minified", "debug_id", ID)}
    assert dict(identity.details) == {"source map": "app.js.map", "debug id": ID}


@pytest.mark.parametrize(
    "name", ["a.js", "a.mjs", "a.cjs", "main.jsbundle", "index.android.bundle", "A.JS", "a.js?v=1"]
)
def test_generated_files_without_comments_are_known_by_suffix(name: str) -> None:
    """Without it nobody could say that the bundle is there and its map is not."""
    assert kinds(name, b"run();") == ["minified"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lib.so", b"\x7fELF\x02\x01\x01\0\0\0"),
        ("main.c", b"int main() { return 0; }\n"),
        ("a.js", b"\x89PNG\0\0"),
        ("app.css", b"a{}\n/*# sourceMappingURL=app.css.map */"),
        ("notes.txt", b"{ not json"),
        ("empty", b""),
    ],
)
def test_other_files_are_none_of_its_own(name: str, data: bytes) -> None:
    """They would be offered as near misses, and shadow what they are."""
    assert kinds(name, data) == []


def test_hermes_bytecode_says_what_is_needed_instead(fixtures: Path) -> None:
    """People pass the bundle of the app; what resolves it is the composed map."""
    [identity] = IDENTIFIER.identify("x", (fixtures / "hermes-rn/dist/index.android.bundle").read_bytes())
    assert identity.kind == "hermes-bytecode"
    assert "version 89" in identity.label
    assert "composed source map" in identity.label


@pytest.mark.parametrize(
    "url",
    [
        "data:application/json;base64," + base64.b64encode(MAP).decode(),
        "data:application/json;charset=utf-8;base64," + base64.b64encode(MAP).decode().rstrip("="),
        "data:application/json," + quote(MAP),
    ],
)
def test_an_embedded_map_makes_the_file_its_own_source_map(store: Any, url: str) -> None:
    """Development builds need no second file."""
    data = b"run();\n//# sourceMappingURL=" + url.encode() + b"\n"
    assert keys("dist/app.js", data) == {
        Key("minified", "url", "dist/app.js"),
        Key("sourcemap", "url", "dist/app.js"),
        Key("sourcemap", "generated", "dist/app.js"),
        Key("sourcemap", "debug_id", ID),
    }
    blob = BytesBlob("dist/app.js", data)
    index: Any = IDENTIFIER.load("sourcemap", blob, store.cache)
    assert index.source_name(0) == "a.js"
    file: Any = IDENTIFIER.load("minified", blob, store.cache)
    assert replace(file, wide=None, functions=None) == MinifiedFile(None, None, embedded=True)


def test_a_broken_embedded_map_is_refused_with_a_reason(store: Any) -> None:
    """The user learns that the map is there and useless."""
    for url in ("data:application/json;base64,A", "data:application/json", "data:application/json,%7B"):
        data = b"run();\n//# sourceMappingURL=" + url.encode()
        assert kinds("a.js", data) == ["minified", "sourcemap"]
        with pytest.raises(MalformedArtifact):
            IDENTIFIER.load("sourcemap", BytesBlob("a.js", data), store.cache)


def test_a_plain_source_is_kept_and_a_minified_file_is_not(store: Any) -> None:
    """Frames of unbundled Node.js programs show their lines; bundles must not fill the memory."""
    plain: Any = IDENTIFIER.load("minified", BytesBlob("a.js", b"run(1);\nrun(2);\n"), store.cache)
    assert plain.lines == ("run(1);", "run(2);", "")
    minified: Any = IDENTIFIER.load("minified", BytesBlob("a.js", b"run(1);" * 1000 + b"\n"), store.cache)
    assert minified.lines == ()


def test_bytecode_cannot_be_loaded(store: Any) -> None:
    """An error says what to pass instead."""
    with pytest.raises(MalformedArtifact, match="source map"):
        IDENTIFIER.load("hermes-bytecode", BytesBlob("a.bundle", b""), store.cache)


@settings(max_examples=300)
@given(
    name=st.sampled_from(["a.js", "a.js.map", "a.bin", "", "https://x/y?z"]),
    data=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda tail: b'{"version":3,"mappings":"' + tail),
        st.binary(max_size=60).map(lambda tail: b"//# sourceMappingURL=data:application/json;base64," + tail),
    ),
)
def test_any_file_is_identified_or_not(name: str, data: bytes) -> None:
    """Every file of a folder is looked at; one that raises would cost them all."""
    IDENTIFIER.identify(name, data)
    IDENTIFIER.identify(name, memoryview(data))
