"""What a mapping file is known and found by."""

import io
import uuid
import zipfile
from pathlib import Path

import pytest

from sourcemaps.proguard import mapping as mapping_module
from sourcemaps.proguard.identifier import IDENTIFIER
from sourcemaps.proguard.mapping_file import is_mapping, mapping_uuid, read_header
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Key
from symbolicator.store import FolderCache
from symbolicator.store.blobs import BytesBlob
from tests.sourcemaps.proguard.conftest import MAPPING

BUNDLED = "BUNDLE-METADATA/com.android.tools.build.obfuscation/proguard.map"


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(BUNDLED if name == "bundled" else name, text)
    return out.getvalue()


def test_the_uuid_is_the_one_that_sentry_computes(fixtures: Path) -> None:
    """Uploads by sentry-cli and images in debug_meta name mapping files by it (asserted against symbolic 13.9)."""
    known = {"java-r8": "32a80091-86e7-54cc-87f4-f2c3f37c6c3c", "java-proguard": UUID_PROGUARD}
    for case, expected in known.items():
        assert mapping_uuid((fixtures / case / "mapping.txt").read_bytes()) == expected
    assert uuid.UUID(mapping_uuid(b"")).version == 5


UUID_PROGUARD = "45520e68-ecdd-5a1b-be6f-d7a8c53de221"


def test_it_is_found_by_its_ids_and_by_its_name(fixtures: Path) -> None:
    """The report may name it by Sentry's UUID or by R8's own id, or not at all."""
    data = (fixtures / "java-r8/mapping.txt").read_bytes()
    [identity] = IDENTIFIER.identify("app/build/outputs/release.map", data)
    header = read_header(data)
    assert {key for key in identity.keys if key.by == "debug_id"} == {
        Key("proguard", "debug_id", value) for value in (mapping_uuid(data), "ec4196e", header.map_hash or "")
    }
    assert Key("proguard", "path", "mapping.txt") in identity.keys
    assert identity.label == "mapping file of R8 8.7.18"


@pytest.mark.parametrize(
    "text", ["", "a -> b", "see src -> dst:", "# compiler: R8\n", "    int a -> b\n", "\0a -> b:\n"]
)
def test_other_texts_are_no_mapping(text: str) -> None:
    """A README with arrows must not take the place of the mapping."""
    assert not is_mapping(text.encode())


def test_marks_and_line_ends_of_windows_do_not_hide_it() -> None:
    """Editors and checkouts on Windows change both."""
    data = b"\xef\xbb\xbf" + MAPPING.replace("\n", "\r\n").encode()
    assert is_mapping(data)
    assert read_header(data).map_id == "1a2b3c4"


def test_an_app_bundle_brings_its_mapping(tmp_path: Path) -> None:
    """What goes to the store is often all that is kept of a build."""
    archive = packed(bundled=MAPPING)
    [identity] = IDENTIFIER.identify("app-release.aab", archive)
    assert Key("proguard", "debug_id", mapping_uuid(MAPPING.encode())) in identity.keys
    loaded = IDENTIFIER.load("proguard", BytesBlob("app-release.aab", archive), FolderCache(tmp_path))
    assert loaded.classes(["a.a", "x.y"]) == ["com.shop.Cart", None]


def test_archives_without_one_and_damaged_ones_are_nobody_s() -> None:
    """Every jar and every APK of a folder is looked at."""
    archive = packed(bundled=MAPPING)
    for data in (packed(other=MAPPING), packed(bundled="no mapping"), archive[:-30], archive[:40] + b"\0" * 200):
        assert IDENTIFIER.identify("app.zip", data) == ()


def test_a_bomb_is_not_unpacked() -> None:
    """A few kilobytes that become gigabytes would take the memory of everybody else."""
    assert IDENTIFIER.identify("app.aab", packed(bundled=MAPPING + "\n" * 30_000_000)) == ()


def test_without_the_core_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reference backend reads mappings: silence would look like a missing file."""
    monkeypatch.setattr(mapping_module, "compiled_core", lambda: None)
    with pytest.raises(MalformedArtifact, match="compiled core"):
        IDENTIFIER.load("proguard", BytesBlob("mapping.txt", MAPPING.encode()), FolderCache(tmp_path))
