"""Ids in all their spellings: one build, one file."""

import random
import struct
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.debug_files import HEADERS, wanted_keys
from native.identifier import IDENTIFIER
from native.ids import code_id_of, debug_id_of, debug_ids_of_build_id, swapped
from native.images import Image, Images
from native.protocol import DebugFileSummary
from native.universal import is_of
from symbolicator.model import DebugImage, DebugMeta, Event
from symbolicator.protocols import Artifact, Key, Store
from symbolicator.store import FolderCache, FolderStore, LocalStore

DEBUG_ID = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"
build_ids = st.binary(min_size=1, max_size=32).filter(any)


def spellings(debug_id: str) -> list[str]:
    """Of a debug id without age, as tools and SDKs write it."""
    plain = debug_id.replace("-", "")
    hyphenated = [debug_id, f"{debug_id}-0", f"{{{debug_id}}}", f" {debug_id}\n"]
    return [shown for one in (*hyphenated, plain, f"{plain}0", f"{{{plain}}}") for shown in (one, one.upper())]


@pytest.mark.parametrize("spelling", spellings(DEBUG_ID))
def test_debug_ids_have_one_form(spelling: str) -> None:
    """Hyphens, capitals, braces and an age of 0 make no other build."""
    assert debug_id_of(spelling) == DEBUG_ID


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (f"{DEBUG_ID}-1", f"{DEBUG_ID}-1"),
        (f"{DEBUG_ID}-0000001F".upper(), f"{DEBUG_ID}-1f"),
        (DEBUG_ID.replace("-", "").upper() + "1f", f"{DEBUG_ID}-1f"),
        ("c93f807e1ddcfec105a7cbd7a12c6f280bdee617", DEBUG_ID),
        ("Nonsense", "nonsense"),
        ("", None),
        ("00000000-0000-0000-0000-000000000000", None),
        ("0" * 33, None),
    ],
)
def test_what_debug_ids_say_besides(spelling: str, expected: str | None) -> None:
    """A PDB's age is part of it; a build id written in its place is understood; a null id says nothing."""
    assert debug_id_of(spelling) == expected


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("5AB380779000", "5ab380779000"),
        ("5ab380779000", "5ab380779000"),
        ("C93F807E1DDCFEC105A7CBD7A12C6F280BDEE617", "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"),
        ("7E803FC9-DC1D-C1FE-05A7-CBD7A12C6F28", DEBUG_ID.replace("-", "")),
        ("0x7e803fc9", "7e803fc9"),
        ("", None),
        ("0000000000000000", None),
    ],
)
def test_code_ids_have_one_form(spelling: str, expected: str | None) -> None:
    """Build ids, UUIDs of Mach-O files, timestamps and sizes of PE images."""
    assert code_id_of(spelling) == expected


@given(build_ids)
def test_a_build_id_leads_to_its_debug_id(build_id: bytes) -> None:
    """Whatever its length, the debug id is its start, and the other byte order is known as well."""
    little, *rest = debug_ids_of_build_id(build_id.hex())
    head = build_id[:16].ljust(16, b"\0")
    assert little == str(UUID(bytes_le=head))
    assert rest in ([], [str(UUID(bytes=head))])
    assert swapped(little) == str(UUID(bytes=head))
    assert debug_ids_of_build_id(build_id.hex(), little_endian=True) == (little,)


@given(st.text(max_size=60))
def test_any_text_is_some_id(text: str) -> None:
    """Ids come from reports: whatever stands there is read without a failure, and only once."""
    for read in (debug_id_of, code_id_of):
        found = read(text)
        assert found is None or read(found) == found
    assert debug_ids_of_build_id(text) is not None


def elf_with(build_id: bytes, *, little_endian: bool) -> bytes:
    """A shared library of nothing but headers and its build id."""
    order = "<" if little_endian else ">"
    note = (
        struct.pack(f"{order}III", 4, len(build_id), 3) + b"GNU\0" + build_id.ljust(-(-len(build_id) // 4) * 4, b"\0")
    )
    header = b"\x7fELF" + bytes([2, 1 if little_endian else 2, 1]) + bytes(9)
    machine = 183 if little_endian else 22
    header += struct.pack(f"{order}HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load = struct.pack(f"{order}IIQQQQQQ", 1, 5, 0, 0, 0, 0x1000, 0x1000, 0x1000)
    notes = struct.pack(f"{order}IIQQQQQQ", 4, 4, 176, 176, 176, len(note), len(note), 4)
    return header + load + notes + note


LENGTHS = (1, 8, 16, 20, 32)
SHORT = 16


def image_of(**fields: str) -> Image:
    listed = DebugImage(type="elf", **fields)  # type: ignore[arg-type]
    return Images.of(Event(debug_meta=DebugMeta(images=(listed,)))).all[0]


def stores(folder: Path, cache: Path) -> list[Store]:
    """The same files where they lie, and uploaded."""
    local = LocalStore(folder.parent / "store", [IDENTIFIER], FolderCache(cache), create=True)
    for path in sorted(folder.iterdir()):
        assert local.add(path, path.name).outcome == "added"
    return [FolderStore([folder], [IDENTIFIER], FolderCache(cache)), local]


def found_in(store: Store, image: Image) -> set[str]:
    keys = {replaced for key in wanted_keys(image, {}) if (replaced := Key(HEADERS, key.by, key.value)).by != "name"}
    answers = store.fetch(frozenset(keys)).values()
    return {answer.name for answer in answers if isinstance(answer, Artifact)}


@pytest.mark.parametrize("little_endian", [True, False])
@pytest.mark.parametrize("length", LENGTHS)
def test_every_spelling_finds_the_same_file(tmp_path: Path, length: int, *, little_endian: bool) -> None:
    """A report has the build id or the debug id, in the spelling of its SDK, and the file is found by either."""
    noise = random.Random(length)
    (tmp_path / "libs").mkdir()
    ids = [noise.randbytes(length) for _ in range(5)]
    for number, build_id in enumerate(ids):
        (tmp_path / "libs" / f"lib{number}.so").write_bytes(elf_with(build_id, little_endian=little_endian))
    both = stores(tmp_path / "libs", tmp_path / "cache")
    for number, build_id in enumerate(ids):
        expected = [{f"lib{number}.so"}] * len(reports_of(build_id))
        for store in both:
            assert [found_in(store, report) for report in reports_of(build_id)] == expected


def reports_of(build_id: bytes) -> list[Image]:
    """A loaded library as reports describe it."""
    head = build_id[:SHORT].ljust(SHORT, b"\0")
    in_both_orders = (str(UUID(bytes_le=head)), str(UUID(bytes=head)))
    found = [
        image_of(code_id=build_id.hex()),
        image_of(code_id=build_id.hex().upper()),
        image_of(uuid=in_both_orders[0]),
    ]
    found += [image_of(debug_id=shown) for one in in_both_orders for shown in spellings(one)]
    return [*found, image_of(code_id=head.hex()), image_of(debug_id=build_id.hex())] if len(build_id) > SHORT else found


def test_every_fixture_is_found_by_each_of_its_ids(fixtures: Path, tmp_path: Path) -> None:
    """Of every format: what a file says that it is must lead back to it."""
    folder = fixtures / "native-containers" / "bin"
    store = FolderStore([folder], [IDENTIFIER], FolderCache(tmp_path))
    for path in (one for one in sorted(folder.rglob("*")) if one.is_file()):
        summaries = {
            (identity.details.get("debug id"), identity.details.get("build id") or identity.details.get("code id"))
            for identity in IDENTIFIER.identify(path.name, path.read_bytes())
        }
        for debug_id, code_id in summaries:
            known = [("debug_id", debug_id), ("code_id", code_id)]
            keys = {Key(HEADERS, by, value) for by, value in known if value and not value.startswith("none")}
            assert all(isinstance(answer, Artifact) for answer in store.fetch(frozenset(keys)).values())


def test_macho_files_are_found_by_their_uuid_as_code_id() -> None:
    """On Apple's systems there is one id; some reports write it without hyphens as the code id alone."""
    image = Image(0, "shop", code_id=DEBUG_ID.replace("-", ""), type="macho")
    summary = DebugFileSummary("macho", "arm64", "", None, DEBUG_ID, None, 0, has_debug_info=True, has_symbols=True)
    assert is_of(summary, image)


def test_a_pe_image_is_not_found_by_the_digits_of_its_timestamp() -> None:
    """Its code id is no build id: no debug id follows from it."""
    assert Image(0, "shop.dll", code_id="5ab380779000", type="pe").debug_ids == ()
    assert Image(0, "shop.dll", debug_id=f"{DEBUG_ID}-2", type="pe").debug_ids == (f"{DEBUG_ID}-2",)
