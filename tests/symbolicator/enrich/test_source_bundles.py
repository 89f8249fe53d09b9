"""Source bundles: what they are found by, the lines that they show, and bundles made to hurt."""

import io
import json
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from symbolicator.enrich import SOURCE_CONTEXT, source_bundles
from symbolicator.enrich.source_bundles import IDENTIFIER, SourceBundle, read_manifest
from symbolicator.enrich.source_files import IDENTIFIER as SOURCE_FILES
from symbolicator.enrich.zip_bytes import directory_size
from symbolicator.errors import MalformedArtifact
from symbolicator.model import (
    AbsoluteAddress,
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
from symbolicator.pipeline import run
from symbolicator.protocols import Key
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.blobs import BytesBlob, FileBlob

DEBUG_ID = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"
CODE_ID = "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"
BASE = AbsoluteAddress(0x55E7BB245000)


@pytest.fixture(scope="session")
def bundle(fixtures: Path) -> Path:
    return fixtures / "native-sources/bin/shop.src.zip"


def load(data: bytes, cache: Path) -> SourceBundle:
    return IDENTIFIER.load("source-bundle", BytesBlob("x.src.zip", data), FolderCache(cache))


def packed(paths: Mapping[str, str], contents: Mapping[str, bytes], *, magic: bool = True, **more: object) -> bytes:
    out = io.BytesIO()
    out.write(b"SYSB\2\0\0\0" if magic else b"")
    manifest = {"files": {name: {"type": "source", "path": path} for name, path in paths.items()}} | more
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return out.getvalue()


def event(**frame: object) -> Event:
    values: dict[str, object] = {
        "abs_path": "/src/order.cpp",
        "lineno": 7,
        "image_addr": BASE,
        "in_app": True,
        "data": FrameData(status=FrameStatus.SYMBOLICATED),
    }
    image = DebugImage(type="elf", code_file="/srv/shop", code_id=CODE_ID, debug_id=DEBUG_ID.upper(), image_addr=BASE)
    stack = Stacktrace(frames=(Frame(**(values | frame)),))  # type: ignore[arg-type]
    return Event(
        platform="native",
        exception=Values(values=(ExceptionValue(type="SIGSEGV", stacktrace=stack),)),
        debug_meta=DebugMeta(images=(DebugImage(type="elf", code_file="/lib/libc.so.6"), image)),
    )


def context(folder: Path, cache: Path, **frame: object) -> str | None:
    store = FolderStore([folder], [IDENTIFIER, SOURCE_FILES], FolderCache(cache))
    stack = run(SOURCE_CONTEXT, event(**frame), store).exceptions[0].stacktrace
    return stack.frames[0].context_line if stack else None


def test_a_bundle_is_found_by_the_ids_of_its_program(bundle: Path) -> None:
    """Its name says nothing: the server keeps it by the debug id."""
    [identity] = IDENTIFIER.identify("shop.src.zip", bundle.read_bytes())
    assert identity.keys == {Key("source-bundle", "debug_id", DEBUG_ID), Key("source-bundle", "code_id", CODE_ID)}
    assert identity.label == "source bundle of shop.debug, 5 files"
    assert identity.details["architecture"] == "x86_64"


def test_its_files_are_those_that_were_put_in(bundle: Path, fixtures: Path, tmp_path: Path) -> None:
    """Written by Sentry's own writer, read here: every byte of every line is the same."""
    opened = IDENTIFIER.load("source-bundle", FileBlob(bundle), FolderCache(tmp_path))
    for source in (fixtures / "native-cpp/src").iterdir():
        assert opened.lines(f"/src/./{source.name}") == tuple(source.read_text().split("\n"))
    assert opened.lines("/src/other.cpp") is None


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"image_addr": None, "package": "/srv/shop"},
        {"image_addr": None, "addr_mode": "rel:1"},
    ],
)
def test_a_frame_finds_the_bundle_of_its_image(
    bundle: Path, fixtures: Path, tmp_path: Path, frame: dict[str, object]
) -> None:
    """The same path is in every build: only the image says which one it is."""
    expected = (fixtures / "native-cpp/src/order.cpp").read_text().split("\n")[6]
    assert context(bundle, tmp_path, **frame) == expected


def test_a_frame_of_another_image_gets_no_lines(bundle: Path, tmp_path: Path) -> None:
    """Lines of another program would be plausible and wrong."""
    assert context(bundle, tmp_path, image_addr=None, package="/lib/libc.so.6") is None
    assert context(bundle, tmp_path, image_addr=None, addr_mode="rel:7") is None
    assert context(bundle, tmp_path, image_addr=None, addr_mode=f"rel:{'9' * 5000}") is None


def test_a_source_file_of_its_own_comes_first(bundle: Path, tmp_path: Path) -> None:
    """Whoever passes a file means it; and no bundle is fetched then."""
    folder = tmp_path / "artifacts"
    (folder / "src").mkdir(parents=True)
    (folder / "src/order.cpp").write_text("\n" * 6 + "mine\n")
    (folder / "shop.src.zip").write_bytes(bundle.read_bytes())
    assert context(folder, tmp_path / "cache") == "mine"


def test_paths_of_windows_are_compared_without_case(tmp_path: Path) -> None:
    """A PDB has the drive in whatever case the build was started with."""
    opened = load(packed({"files/C/a.c": "C:\\Build\\.\\a.c"}, {"files/C/a.c": b"one\r\ntwo"}), tmp_path)
    assert opened.lines("c:/build/x/../A.C") == ("one", "two")


@pytest.mark.parametrize("magic", [True, False])
def test_with_and_without_the_letters_in_front(tmp_path: Path, *, magic: bool) -> None:
    """A plain zip of that shape is what older tools wrote."""
    data = packed({"f": "/a.c"}, {"f": b"x"}, magic=magic, debug_id=f"{DEBUG_ID}-1")
    [identity] = IDENTIFIER.identify("a.zip", data)
    assert identity.keys == {Key("source-bundle", "debug_id", f"{DEBUG_ID}-1")}
    assert load(data, tmp_path).lines("/a.c") == ("x",)


def test_bundles_of_javascript_are_known_and_say_what_to_do() -> None:
    """They are of no use as they are; "unknown file" would be a dead end."""
    files = {"app.js": {"type": "minified_source", "url": "~/app.js", "headers": {"sourcemap": "app.js.map"}}}
    data = packed({}, {"app.js": b"1"}, magic=False, files=files)
    [identity] = IDENTIFIER.identify("bundle.zip", data)
    assert identity.keys == frozenset()
    assert "unpack" in identity.label


def test_sources_of_the_jvm_are_found_by_package_and_name(tmp_path: Path) -> None:
    """Sentry's bundles of Java and Kotlin have no paths, and one suffix for both languages."""
    url = "~/com/shop/Cart.jvm"
    files = {"files/_/_/com/shop/Cart.jvm": {"type": "source", "url": url}}
    data = packed({}, {"files/_/_/com/shop/Cart.jvm": b"one\ntwo\n"}, files=files, debug_id=DEBUG_ID)
    (tmp_path / "sources.zip").write_bytes(data)
    frame = Frame(module="com.shop.Cart", abs_path="com/shop/Cart.kt", lineno=2, in_app=True)
    value = ExceptionValue(type="Error", stacktrace=Stacktrace(frames=(frame,)))
    image = DebugImage(type="jvm", debug_id=DEBUG_ID)
    asked = Event(platform="java", exception=Values(values=(value,)), debug_meta=DebugMeta(images=(image,)))
    changed = run(SOURCE_CONTEXT, asked, FolderStore([tmp_path], [IDENTIFIER], FolderCache(tmp_path / "cache")))
    stack = changed.exceptions[0].stacktrace
    assert stack is not None
    assert (stack.frames[0].pre_context, stack.frames[0].context_line) == (("one",), "two")


def test_other_zip_files_are_none() -> None:
    """Every jar, wheel and package is a zip file, and browser extensions have a manifest."""
    assert IDENTIFIER.identify("a.zip", packed({}, {"a": b"x"}, magic=False)) == ()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.json", '{"manifest_version": 3, "name": "x"}')
    assert IDENTIFIER.identify("a.zip", out.getvalue()) == ()
    assert IDENTIFIER.identify("a.c", b"int main;") == ()


def test_a_bomb_costs_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of zeros packs to a kilobyte; nobody writes such a source."""
    monkeypatch.setattr(source_bundles, "MAX_SOURCE_BYTES", 1 << 20)
    data = packed({"big": "/big.c", "small": "/small.c"}, {"big": bytes(8 << 20), "small": b"x"})
    opened = load(data, tmp_path)
    assert opened.lines("/big.c") is None
    assert opened.lines("/small.c") == ("x",)


def test_limits_of_the_directory_and_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries are cheap to write and expensive to keep."""
    data = packed({f"{n}": f"/{n}.c" for n in range(50)}, {f"{n}": b"" for n in range(50)})
    for name, limit in (("MAX_DIRECTORY", 1000), ("MAX_MANIFEST", 100), ("MAX_FILES", 49)):
        with monkeypatch.context() as patch:
            patch.setattr(source_bundles, name, limit)
            with pytest.raises(MalformedArtifact):
                load(data, tmp_path)
    assert load(data, tmp_path).lines("/7.c") == ("",)


def test_a_hundred_thousand_files_are_read(tmp_path: Path) -> None:
    """More than 65,535 files need a second directory at the end of a zip file."""
    count = 70_000
    out = io.BytesIO()
    out.write(b"SYSB\2\0\0\0")
    files = {f"{n}": {"type": "source", "path": f"/{n}.c"} for n in range(count)}
    with zipfile.ZipFile(out, "w") as archive:
        for name in files:
            archive.writestr(name, b"")
        archive.writestr("manifest.json", json.dumps({"files": files}))
    assert (directory_size(out.getvalue()) or 0) > 46 * count
    assert len(read_manifest(out.getvalue()).files) == count


def test_names_that_lead_out_of_the_bundle_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is ever written to disk, and nothing read but the bundle itself."""
    data = packed({"../../etc/passwd": "/../../etc/passwd", "/etc/hosts": "/x"}, {"../../etc/passwd": b"inside"})
    opened = load(data, tmp_path)
    assert opened.lines("/etc/passwd") == ("inside",)
    assert opened.lines("/x") is None


def test_a_name_that_is_there_twice_is_one_file(tmp_path: Path) -> None:
    """A writer may have put a file in again; the last one holds, as for every zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("f", b"first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("f", b"second")
        archive.writestr("manifest.json", '{"files": {"f": {"type": "source", "path": "/f"}}, "debug_id": ""}')
    assert load(out.getvalue(), tmp_path).lines("/f") == ("second",)


@pytest.mark.parametrize("seed", range(3))
def test_damaged_bundles_end_in_lines_or_an_error(bundle: Path, tmp_path: Path, seed: int) -> None:
    """A bit that flips on its way costs a file or the bundle, never the event."""
    choose = random.Random(seed)
    whole = bundle.read_bytes()
    for _ in range(200):
        damaged = bytearray(whole)
        for _flip in range(choose.choice((1, 3, 30))):
            damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
        data = bytes(damaged[: choose.choice((len(damaged), choose.randrange(len(damaged))))])
        IDENTIFIER.identify("x.src.zip", data)
        try:
            opened = load(data, tmp_path)
        except MalformedArtifact:
            continue
        for name in ("crash.cpp", "crash.h", "main.cpp", "order.cpp", "order.h"):
            opened.lines(f"/src/{name}")


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b"{", b'{"files": 7}', b'{"files": {"a": []}}', b"[" * 100_000, b"\xff"]
)
def test_manifests_that_are_something_else(tmp_path: Path, manifest: bytes) -> None:
    """Whoever writes one by hand must hear that it is wrong, and in which file."""
    out = io.BytesIO()
    out.write(b"SYSB\2\0\0\0")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.json", manifest)
    with pytest.raises(MalformedArtifact, match=r"manifest\.json"):
        load(out.getvalue(), tmp_path)
    [identity] = IDENTIFIER.identify("x.src.zip", out.getvalue())
    assert identity.label == "damaged source bundle"


def test_a_damaged_bundle_says_so(bundle: Path) -> None:
    """Half an upload must be seen as that."""
    [identity] = IDENTIFIER.identify("a/shop.src.zip", bundle.read_bytes()[:2000])
    assert identity.label == "damaged source bundle"
    assert "broke off" in identity.details["damage"]
