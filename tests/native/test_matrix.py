"""One program in every form in which ELF files carry debug information, against llvm-symbolizer, byte by byte."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from native.backends.core import CoreBackend
from native.backends.reference import ReferenceBackend
from native.companions import whole_file
from native.identifier import IDENTIFIER
from native.protocol import NEAREST, Companion, WholeFile
from native.transformer import TRANSFORMER
from symbolicator.codec import decode
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event, FrameStatus, LookupAddress, Stacktrace
from symbolicator.pipeline import run
from symbolicator.protocols import Key
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.blobs import FileBlob
from tests.native.test_containers import Call, call, last_name

FOLDER = Path(__file__).parents[2] / "fixtures/native-matrix"
BIN = FOLDER / "bin"
DEEPEST = 12
NAMES_ALONE = {"minidebug", "plt", "plt-sec", "plt-x86", "plt-arm64"}
"""Rows without a line of debug information."""
WITHOUT_MAIN = {"dwz altlink, other file"}
"""Rows that lack the deepest chain."""


@cache
def truth() -> dict[str, Any]:
    return json.loads((FOLDER / "truth.json").read_text())  # type: ignore[no-any-return]


ROWS = sorted(truth()["rows"])


def expected_at(row: str) -> list[tuple[LookupAddress, list[Call]]]:
    """Every address of a row with its chain."""
    told = truth()
    calls = [call(*one) for one in told["calls"]]
    chains = [[calls[index] for index in chain] for chain in told["chains"]]
    runs = told["rows"][row]["runs"]
    return [(LookupAddress(address), chains[chain]) for start, end, chain in runs for address in range(start, end)]


def loaded(path: str, folder: Path) -> WholeFile:
    file = whole_file(CoreBackend().load(FileBlob(BIN / path), FolderCache(folder)))
    assert file is not None
    return file


def opened(row: str, folder: Path) -> WholeFile:
    files = truth()["rows"][row]
    symcache = loaded(files["file"], folder)
    blobs = [FileBlob(BIN / path) for path in files["companions"]]
    return symcache.with_companions(blobs) if blobs else symcache


@pytest.mark.parametrize("row", ROWS)
def test_every_address_has_the_chain_that_llvm_symbolizer_reads(tmp_path: Path, row: str) -> None:
    """However a toolchain stores it, the same program must resolve to the same calls, files and lines."""
    symcache, told = opened(row, tmp_path), expected_at(row)
    chains = symcache.lookup([address for address, _ in told])
    differences, deepest = [], 0
    for (address, expected), chain in zip(told, chains, strict=True):
        # Padding has the function before it as a hint, which llvm-symbolizer does not give.
        found = [call(one.function, one.file, one.line, one.column) for one in chain if one.evidence != NEAREST]
        deepest = max(deepest, len(found))
        if found != expected and not explained(found, expected):
            differences.append((hex(address), found, expected))
    assert differences == []
    assert symcache.missing_companions == []
    if row not in WITHOUT_MAIN:
        assert deepest == (1 if row in NAMES_ALONE else DEEPEST)


def explained(found: Sequence[Call], expected: Sequence[Call]) -> bool:
    """Differences that are no mistakes.

    llvm-symbolizer calls code of RISC-V by the local label of a relocation, and gives a function that is known from the
    symbol table alone the file that the table names before it.
    """
    if not found or not expected:
        return False
    label, symbol = expected[-1], found[-1]
    if label[0].startswith(".L"):
        return (*found[:-1], symbol[1:]) == (*expected[:-1], label[1:])
    return len(found) == len(expected) == 1 and symbol == (label[0], "", 0, 0) and "/" not in label[1]


def test_files_of_all_processors_say_which_one_is_meant() -> None:
    """A report's processor decides how return addresses are taken back."""
    found = {row: CoreBackend().summarize((BIN / f"{row}/tank").read_bytes()).arch for row in ("x86", "arm", "mips")}
    assert found == {"x86": "x86", "arm": "arm", "mips": "mips"}
    others = {row: CoreBackend().summarize((BIN / f"{row}/tank").read_bytes()).arch for row in ("ppc64", "ppc64le")}
    assert others == {"ppc64": "ppc64", "ppc64le": "ppc64"}


def test_descriptors_lead_to_the_code_of_a_function(tmp_path: Path) -> None:
    """On big-endian ppc64 a symbol is the address of a descriptor: taken for code it would name other code."""
    symcache = loaded("ppc64/tank", tmp_path)
    address = symcache.symbol_address("start_trip")
    assert address is not None
    [chain] = symcache.lookup([LookupAddress(address)])
    assert (chain[-1].function, chain[-1].entry) == ("start_trip", address)


SPLIT_ROWS = ("clang-split4", "clang-split5", "gcc-split4", "gcc-split5")


@pytest.mark.parametrize("row", SPLIT_ROWS)
def test_what_is_missing_is_told_with_name_and_id(tmp_path: Path, row: str) -> None:
    """Who has the wrong build of a .dwo file must see which one is wanted; symbols answer meanwhile."""
    symcache = loaded(f"{row}/tank", tmp_path)
    files = {path.name: CoreBackend().summarize(path.read_bytes()) for path in (BIN / row).glob("*.dwo")}
    assert {summary.kind for summary in files.values()} == {"split DWARF object"}
    assert {(one.kind, one.id, one.name) for one in symcache.missing_companions} == {
        ("dwo", summary.split_ids[0], name) for name, summary in files.items()
    }
    address, chain = deepest_of(f"{row} dwo")
    [[found]] = symcache.lookup([address])
    assert (found.function, found.line, found.evidence) == ("tank::drive(int)", None, "symbol table")
    assert len(chain) == DEEPEST


def deepest_of(row: str) -> tuple[LookupAddress, list[Call]]:
    return max(expected_at(row), key=lambda one: len(one[1]))


def test_a_companion_of_another_build_is_not_used(tmp_path: Path) -> None:
    """Its units would describe other code: names and lines that never ran."""
    symcache = loaded("clang-split5/tank", tmp_path)
    others = [
        FileBlob(BIN / path)
        for path in ("clang-split4/tank.dwp", "gcc-split5/chain.dwo", "dwz-alt/common.dwz", "dwarf5/tank", "zstd/tank")
    ]
    assert symcache.with_companions(others).missing_companions == symcache.missing_companions
    program = loaded("dwz-alt/tank", tmp_path)
    [missing] = program.with_companions(others[:2]).missing_companions
    assert missing == Companion("sup", CoreBackend().summarize((BIN / "dwz-alt/common.dwz").read_bytes()).code_id or "",
                                "common.dwz")  # fmt: skip


def test_some_companions_answer_for_their_own_units(tmp_path: Path) -> None:
    """One lost .dwo file must not cost the lines of the others."""
    symcache = loaded("gcc-split5/tank", tmp_path)
    partial = symcache.with_companions([FileBlob(BIN / "gcc-split5/chain.dwo")])
    assert [one.name for one in sorted(partial.missing_companions, key=lambda one: one.name)] == [
        "meter.dwo",
        "part.dwo",
    ]
    address, expected = deepest_of("gcc-split5 dwo")
    [chain] = partial.lookup([address])
    assert [call(one.function, one.file, one.line, one.column) for one in chain] == expected


def report(address: int, **image: object) -> Event:
    """A crash ``address`` bytes into an image."""
    frame = {"instruction_addr": hex(address), "addr_mode": "rel:0", "platform": "native"}
    return decode(
        json.dumps(
            {
                "platform": "native",
                "exception": {"values": [{"type": "SIGSEGV", "stacktrace": {"frames": [frame]}}]},
                "debug_meta": {"images": [{"type": "elf", "image_addr": "0x0", **image}]},
            }
        ).encode()
    )


def store(folder: Path, *paths: str) -> FolderStore:
    """A store with these files, side by side."""
    files = folder / "files"
    files.mkdir()
    for path in paths:
        (files / Path(path).name).write_bytes((BIN / path).read_bytes())
    return FolderStore([files], [IDENTIFIER], FolderCache(folder / "cache"))


def resolved(event: Event, artifacts: FolderStore) -> tuple[list[tuple[str | None, int | None]], Event]:
    result = run(TRANSFORMER, event, artifacts)
    stack = result.exceptions[0].stacktrace
    assert isinstance(stack, Stacktrace)
    return [(last_name(frame.function), frame.lineno) for frame in reversed(stack.frames)], result


def build_id(path: str) -> str:
    return CoreBackend().summarize((BIN / path).read_bytes()).code_id or ""


COMPANIONS = {
    "clang-split4 dwo": [f"clang-split4/{unit}.dwo" for unit in ("chain", "meter", "part")],
    "gcc-split5 dwo": [f"gcc-split5/{unit}.dwo" for unit in ("chain", "meter", "part")],
    "clang-split5 dwp": ["clang-split5/tank.dwp"],
    "dwz altlink": ["dwz-alt/common.dwz"],
}


@pytest.mark.parametrize("row", COMPANIONS)
def test_an_event_finds_the_companions_of_its_debug_file(tmp_path: Path, row: str) -> None:
    """Store, identifier, transformer and core together: the debug file says what it needs, and it is fetched."""
    address, expected = deepest_of(row)
    path = truth()["rows"][row]["file"]
    found, result = resolved(report(address, code_id=build_id(path)), store(tmp_path, path, *COMPANIONS[row]))
    assert found == [(function, line) for function, _, line, _ in expected]
    assert result.errors == ()


MISSING = {
    "gcc-split5/tank": ("in chain.dwo, meter.dwo, part.dwo, which were not found", "tank.dwp"),
    "dwz-alt/tank": ("in common.dwz, which was not found", "its build id must be "),
}


@pytest.mark.parametrize("path", MISSING)
def test_an_event_says_which_companion_it_misses(tmp_path: Path, path: str) -> None:
    """Without its .dwo files a program looks as if built without -g; the remedy is another one."""
    row = next(row for row, files in truth()["rows"].items() if files["file"] == path)
    address, _ = deepest_of(row)
    image = {"code_id": build_id(path), "code_file": "/usr/lib/tank"}
    _, result = resolved(report(address, **image), store(tmp_path, path))
    [problem] = result.errors
    message, remedy = MISSING[path]
    assert problem.type == "native_missing_companion"
    assert message in str(problem.message)
    assert remedy in str(problem.remedy)


def test_a_debug_file_of_the_right_name_and_another_crc_is_refused(tmp_path: Path) -> None:
    """Without a build id the link's CRC is all that tells one build from another."""
    linked, event = "stripped/tank", report(deepest_of("debug file")[0], code_file="/usr/bin/shop")
    artifacts = store(tmp_path, linked)
    files = tmp_path / "files"
    (files / "tank").rename(files / "shop")
    without_build_id(files / "shop")
    right = (BIN / "stripped/tank.debug").read_bytes()
    (files / "tank.debug").write_bytes(right)
    assert resolved(event, artifacts)[0][-1] == ("drive", deepest_of("debug file")[1][-1][2])
    (files / "tank.debug").write_bytes(right + b"\0")
    _, result = resolved(event, FolderStore([files], [IDENTIFIER], FolderCache(tmp_path / "other")))
    assert any("tank.debug has the right name and another CRC" in str(one.message) for one in result.errors)


def without_build_id(path: Path) -> None:
    """Renames the owner of the note, so that nobody takes it for GNU's."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNX\0"))


def test_split_units_are_found_by_id_and_packages_by_name() -> None:
    """Two units of one name are common; only the id says which of them a program was linked from."""
    path = BIN / "clang-split5/chain.dwo"
    [identity] = IDENTIFIER.identify("build/chain.dwo", path.read_bytes())
    [unit] = CoreBackend().summarize(path.read_bytes()).split_ids
    assert {Key("native-companion", "code_id", unit), Key("native-companion", "name", "chain.dwo")} <= identity.keys
    [identity] = IDENTIFIER.identify("build/tank.dwp", (BIN / "clang-split5/tank.dwp").read_bytes())
    assert identity.keys == {Key("native-companion", "name", "tank.dwp")}


def test_the_reference_backend_says_what_it_does_not_read(tmp_path: Path) -> None:
    """Relocatable files have no addresses before they are laid out: answers would be those of other functions."""
    for path in ("object/chain.o", "module/tank.ko", "gcc-split5/chain.dwo"):
        with pytest.raises(MalformedArtifact, match="compiled core alone"):
            ReferenceBackend().load(FileBlob(BIN / path), FolderCache(tmp_path))


@pytest.mark.parametrize("path", ["dwarf5/tank", "object/chain.o", "clang-split5/tank.dwp", "dwz-alt/common.dwz"])
def test_both_backends_say_the_same_of_the_headers(path: str) -> None:
    """What an artifact is must not depend on whether a Rust toolchain was there."""
    data = (BIN / path).read_bytes()
    core, reference = CoreBackend().summarize(data), ReferenceBackend().summarize(data)
    assert (core.kind, core.code_id, core.has_debug_info) == (
        reference.kind,
        reference.code_id,
        reference.has_debug_info,
    )


def test_status_of_frames_from_packed_symbols(tmp_path: Path) -> None:
    """Distributions ship no more than these tables with their programs."""
    address, expected = next(one for one in expected_at("minidebug") if one[1] and one[1][0][0] == "halved")
    found, result = resolved(report(address, code_id=build_id("minidebug/tank")), store(tmp_path, "minidebug/tank"))
    assert found == [(expected[0][0], None)]
    stack = result.exceptions[0].stacktrace
    assert stack is not None
    assert stack.frames[0].status == FrameStatus.SYMBOLICATED
