"""Libraries in Android packages: found by their ids and names, opened in place."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from native import archives
from native.archives import MemberBlob, is_archive, member_at, members, opened
from native.debug_files import DEBUG, HEADERS, SYMBOLS
from native.identifier import IDENTIFIER
from native.images import Image, base_name
from native.universal import Universal, UniversalHeaders
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress
from symbolicator.protocols import Artifact, Key
from symbolicator.store import BytesBlob, FileBlob, FolderCache, FolderStore, LocalStore

LIBRARY = "lib/arm64-v8a/libshop.so"
OTHER = "lib/x86_64/libshop.so"


@pytest.fixture
def package(fixtures: Path) -> Path:
    return fixtures / "native-apk" / "bin" / "base.apk"


@pytest.fixture
def truth(fixtures: Path) -> dict[str, object]:
    return json.loads((fixtures / "native-apk" / "truth.json").read_text())  # type: ignore[no-any-return]


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_members_are_what_pythons_zipfile_reads(package: Path) -> None:
    """A second implementation: stored at a page boundary, and deflated."""
    data = package.read_bytes()
    found = {member.path: member for member in members(data)}
    assert set(found) == {LIBRARY, OTHER}
    assert [found[path].is_deflated for path in (LIBRARY, OTHER)] == [False, True]
    with zipfile.ZipFile(package) as archive:
        for path, member in found.items():
            with opened(member, data) as content:
                assert bytes(content) == archive.read(path)


def test_a_stored_library_begins_where_the_loader_maps_it(package: Path, truth: dict[str, object]) -> None:
    """Old reports name the package and the offset, and not the library."""
    assert member_at(package.read_bytes(), LIBRARY).offset == truth["place_in_package"]


def test_a_package_is_found_by_the_ids_and_names_of_its_libraries(package: Path, truth: dict[str, object]) -> None:
    """Whoever has a crash has the id of the library, not of the package around it."""
    keys = {key for identity in IDENTIFIER.identify("out/base.apk", package.read_bytes()) for key in identity.keys}
    wanted = {Key(SYMBOLS, "code_id", str(truth["build_id"])), Key(HEADERS, "name", "libshop.so")}
    assert wanted | {Key(SYMBOLS, "name", "base.apk+0x4000")} <= keys


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_the_library_of_a_package_answers(package: Path, tmp_path: Path, truth: dict[str, object], kind: str) -> None:
    """Found by its id, it answers under its own path in the package, from disk and from a store alike."""
    cache = FolderCache(tmp_path / "cache")
    store: FolderStore | LocalStore = FolderStore([package], [IDENTIFIER], cache)
    if kind == "store":
        store = LocalStore(tmp_path / "store", [IDENTIFIER], cache, create=True)
        assert store.add(package, "base.apk").outcome == "added"
    key = Key(SYMBOLS, "code_id", str(truth["build_id"]))
    artifact = store.fetch(frozenset({key}))[key]
    assert isinstance(artifact, Artifact)
    assert isinstance(artifact.content, Universal)
    picked = artifact.content.pick(Image(0, "base.apk!/lib/arm64-v8a/libshop.so", code_id=key.value))
    assert picked is not None
    assert picked.member == LIBRARY
    symbols = truth["symbols"]
    assert isinstance(symbols, dict)
    [[location]] = picked.symcache.lookup([LookupAddress(symbols["shop_total"])])
    assert (location.function, location.evidence) == ("shop_total", "export")


@pytest.mark.parametrize(
    ("image", "path"),
    [
        (Image(0, "/data/app/base.apk!/lib/arm64-v8a/libshop.so", arch="arm64"), LIBRARY),
        (Image(0, "/data/app/base.apk!libshop.so", arch="x86_64"), OTHER),
        (Image(0, "/data/app/base.apk", file_offset=0x4000), LIBRARY),
        (Image(0, "/data/app/base.apk!libcart.so", arch="arm64"), None),
        (Image(0, "/data/app/base.apk!libshop.so", arch="riscv64"), None),
    ],
)
def test_without_an_id_name_and_processor_pick(package: Path, image: Image, path: str | None) -> None:
    """Two libraries of one name lie in every package: for a phone and for an emulator."""
    headers = IDENTIFIER.load(HEADERS, FileBlob(package), FolderCache(package.parent / "unused"))
    assert isinstance(headers, UniversalHeaders)
    picked = headers.pick(image)
    assert (picked.member if picked else None) == path


def test_the_archive_of_debug_symbols_that_gradle_makes_has_lines(
    fixtures: Path, tmp_path: Path, truth: dict[str, object]
) -> None:
    """``native-debug-symbols.zip`` is what an app's build leaves for symbolication."""
    blob = FileBlob(fixtures / "native-apk" / "bin" / "native-debug-symbols.zip")
    content = IDENTIFIER.load(DEBUG, blob, FolderCache(tmp_path))
    assert isinstance(content, Universal)
    picked = content.pick(Image(0, None, code_id=str(truth["build_id"])))
    assert picked is not None
    symbols = truth["symbols"]
    assert isinstance(symbols, dict)
    [[location]] = picked.symcache.lookup([LookupAddress(symbols["shop_price"])])
    assert (location.function, location.file, location.evidence) == ("shop_price", "/src/shop.c", "debug info")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/app/~~x==/com.foo-y==/base.apk!lib/arm64-v8a/libfoo.so", "libfoo.so"),
        ("/data/app/~~x==/com.foo-y==/base.apk!/lib/arm64-v8a/libfoo.so", "libfoo.so"),
        ("/data/app/com.foo-1/split_config.arm64_v8a.apk!libfoo.so", "libfoo.so"),
        ("/data/app/com.foo-1/base.apk", "base.apk"),
        ("C:\\app\\foo.dll", "foo.dll"),
    ],
)
def test_the_name_of_a_library_in_a_package_is_its_own(path: str, name: str) -> None:
    """It is shown and looked for by that, whatever package it came in."""
    assert base_name(path) == name


def test_android_archives_of_any_kind_are_searched(fixtures: Path) -> None:
    """Splits, bundles and library archives differ in their folders only."""
    with zipfile.ZipFile(fixtures / "native-apk" / "bin" / "base.apk") as archive:
        library = archive.read(LIBRARY)
    for path in ("base/lib/arm64-v8a/libshop.so", "jni/arm64-v8a/libshop.so", "libshop.so.1.2", "a/libshop.so.dbg"):
        [identity, *_] = IDENTIFIER.identify("x.aab", packed({path: library, "res/a.png": b"\x89PNG" * 99}))
        assert identity.label == f"{path}: ELF shared library, arm64, with symbols, without debug information"


def test_an_archive_without_libraries_is_none_of_ours() -> None:
    """Folders are full of zip files: nothing may be claimed of them."""
    assert IDENTIFIER.identify("a.jar", packed({"A.class": b"\xca\xfe\xba\xbe", "lib/fake.so": b"text"})) == ()
    assert IDENTIFIER.identify("empty.zip", packed({})) == ()
    nested = packed({"lib/arm64-v8a/inner.so": packed({LIBRARY: b"\x7fELF"})})
    assert IDENTIFIER.identify("nested.zip", nested) == ()


def test_a_bomb_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes in the directory are claims: neither what grows beyond reason nor what exceeds the limits is read."""
    assert members(packed({"lib/bomb.so": bytes(64 << 20)})) == ()
    many = packed({f"lib/{number}.so": bytes(1000) for number in range(50)})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    assert len(members(many)) == 10
    monkeypatch.setattr(archives, "MAX_TOTAL", 4500)
    assert len(members(many)) == 4


def test_a_member_that_lies_about_its_size_is_damaged() -> None:
    """More than it says is not inflated, and less is no library."""
    data = packed({LIBRARY: b"\x7fELF" + bytes(100)})
    [member] = members(data)
    with opened(replace(member, size=50), data) as content:
        assert len(content) == 50
    for damaged in (replace(member, size=500), replace(member, offset=member.offset + 3)):
        with pytest.raises(MalformedArtifact), opened(damaged, data):
            pass


def test_a_member_that_is_gone_says_so(package: Path) -> None:
    """The package was replaced between finding and opening."""
    blob = MemberBlob(FileBlob(package, "base.apk"), "lib/gone.so")
    assert blob.name == "base.apk!lib/gone.so"
    with pytest.raises(MalformedArtifact, match=r"no lib/gone\.so"), blob.open():
        pass


def test_equal_libraries_share_an_index_whatever_they_lie_in(package: Path) -> None:
    """The same library in each build's package is parsed once."""
    with zipfile.ZipFile(package) as archive:
        plain = BytesBlob("libshop.so", archive.read(OTHER))
    assert MemberBlob(FileBlob(package), OTHER).content_hash == plain.content_hash


@given(st.data())
def test_damaged_archives_give_what_can_be_read(fixtures: Path, data: st.DataObject) -> None:
    """Cut off, overwritten: never an exception, and no byte from outside the file."""
    whole = bytearray((fixtures / "native-apk" / "bin" / "base.apk").read_bytes())
    tail = len(whole) - 400
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.one_of(st.integers(0, 200), st.integers(tail, len(whole) - 1)))
        whole[at] = data.draw(st.integers(0, 255))
    content = bytes(whole[: data.draw(st.sampled_from([len(whole), len(whole) - 1, tail, 40, 4]))])
    if is_archive(content):
        for member in members(content):
            assert 0 <= member.offset <= member.offset + member.packed <= len(content)
        IDENTIFIER.identify("base.apk", content)


@given(st.binary(max_size=200), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF))
def test_any_directory_is_read_or_left(noise: bytes, count: int, at: int) -> None:
    """Counts and places in the end record are whatever an attacker wrote."""
    end = struct.pack("<I4H2IH", 0x06054B50, 0, 0, count, count, 0, at, 0)
    assert members(archives.MAGIC + noise + end) == ()
