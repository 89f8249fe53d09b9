"""Where PDBs say that sources are served; what else Windows has: ages, fast links, exports by number."""

import json
import random
import re
import shutil
import subprocess
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from native.identifier import IDENTIFIER
from native.transformer import TRANSFORMER
from symbolicator import _core
from symbolicator.codec import decode
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.blobs import FileBlob

if TYPE_CHECKING:
    from native.protocol import SymCache

BAKE = 0x1004
URLS = {
    "bakery.pdb": "https://code.example.org/bakery/raw/4f1c0d2/",
    "linked.pdb": "https://code.example.org/",
}
PLACES = {
    "bakery.pdb": {"bakery.c": "src/bakery.c", "oven.h": "include/oven.h"},
    "linked.pdb": {"bakery.c": "bakery/raw/4f1c0d2/bakery.c", "oven.h": "shared/oven.h"},
}


@pytest.fixture(scope="session")
def sources(fixtures: Path) -> Path:
    return fixtures / "native-sources/bin"


@pytest.mark.parametrize("name", URLS)
def test_a_pdb_tells_where_its_sources_are_served(sources: Path, name: str) -> None:
    """Debuggers fetch the very version from there; a person must be able to click on it."""
    links = _core.SourceLinks.read((sources / name).read_bytes())
    assert {file: links.url(f"C:\\build\\bakery\\{file}") for file in PLACES[name]} == {
        file: URLS[name] + place for file, place in PLACES[name].items()
    }
    assert links.url("c:\\BUILD\\bakery\\OVEN.H") == URLS[name] + PLACES[name]["oven.h"]
    assert links.url("C:\\elsewhere\\oven.h") is None


def test_frames_have_the_link_of_their_file(sources: Path, tmp_path: Path) -> None:
    """What the core knows is of no use unless a report shows it."""
    [summary] = _core.summarize_debug_files((sources / "bakery.dll").read_bytes())
    event = {
        "platform": "native",
        "exception": {"values": [{"type": "x", "stacktrace": {"frames": [
            {"instruction_addr": hex(BAKE), "addr_mode": "rel:0", "platform": "native"}
        ], "instruction_addr_adjustment": "none"}}]},
        "debug_meta": {"images": [{"type": "pe", "debug_id": summary.debug_id, "code_file": "C:\\app\\bakery.dll"}]},
    }  # fmt: skip
    folder = tmp_path / "artifacts"
    folder.mkdir()
    shutil.copy(sources / "bakery.pdb", folder)
    store = FolderStore([folder], [IDENTIFIER], FolderCache(tmp_path / "cache"))
    result = run(TRANSFORMER, decode(json.dumps(event).encode()), store)
    stack = result.exceptions[0].stacktrace
    assert stack
    links = [(str(frame.function).partition("(")[0], frame.source_link) for frame in stack.frames]
    base = URLS["bakery.pdb"]
    assert links == [("bake", f"{base}src/bakery.c"), ("warm", f"{base}include/oven.h")]


def test_files_that_say_nothing_about_sources(sources: Path, fixtures: Path) -> None:
    """Most programs are served nowhere, and most formats cannot say."""
    for path in (sources / "bakery.dll", sources / "ages.pdb", fixtures / "native-cpp/bin/shop.debug"):
        assert _core.SourceLinks.read(path.read_bytes()).is_empty


def test_the_age_of_an_id_is_the_one_that_the_linker_wrote_into_the_image(sources: Path) -> None:
    """Tools that change a PDB raise the age in its first stream; the image knows nothing of that."""
    [summary] = _core.summarize_debug_files((sources / "ages.pdb").read_bytes())
    assert summary.debug_id == "7d0f4a3b-2c1e-4f50-8a7b-9c0d1e2f3a4b-2"


@pytest.mark.skipif(shutil.which("llvm-pdbutil") is None, reason="llvm is not installed")
def test_ages_are_those_that_llvm_reads(sources: Path) -> None:
    """The fixture has two different ages; a tool that is not ours must see both."""
    command = ["llvm-pdbutil", "pdb2yaml", "-pdb-stream", "-dbi-stream", str(sources / "ages.pdb")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert re.findall(r"Age: +(\d+)", told) == ["7", "2"]


def test_a_fast_link_says_why_it_has_no_answers(sources: Path) -> None:
    """The PDB is there and has the right id: nobody would guess that all of its content stayed elsewhere."""
    data = (sources / "fastlink.pdb").read_bytes()
    assert _core.summarize_debug_files(data)[0].debug_id == "6d0f4a3b-2c1e-4f50-8a7b-9c0d1e2f3a4b-1"
    with pytest.raises(_core.DebugFileError, match=r"FASTLINK.*DEBUG:FULL"):
        _core.build_symcache(data)
    identities = IDENTIFIER.identify("fastlink.pdb", data)
    assert {identity.kind for identity in identities} == {"native-debug", "native"}
    assert "DEBUG:FULL" in identities[0].details["resolves"]


def test_exports_without_name_are_called_by_their_number(sources: Path, tmp_path: Path) -> None:
    """System libraries export most of their code so; a forwarder's address is no code at all."""
    symcache = IDENTIFIER.load("native-symbols", FileBlob(sources / "numbers.dll"), FolderCache(tmp_path))
    assert symcache
    opened: SymCache = symcache  # type: ignore[assignment]
    assert opened.symbol_address("#12") == 0x1000
    assert [opened.symbol_address(name) for name in ("#13", "#14", "nap")] == [None, None, None]


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_end_in_an_answer_or_an_error(sources: Path, seed: int) -> None:
    """Streams that claim each other's pages, names beyond the end, targets that name themselves."""
    choose = random.Random(seed)
    for name in ("bakery.pdb", "linked.pdb", "fastlink.pdb", "numbers.dll"):
        whole = (sources / name).read_bytes()
        for _ in range(60):
            damaged = bytearray(whole)
            for _flip in range(choose.choice((1, 3, 30))):
                damaged[choose.randrange(min(len(damaged), choose.choice((0x3000, 1 << 30))))] ^= 1 << choose.randrange(
                    8
                )
            exercise(bytes(damaged[: choose.choice((len(damaged), choose.randrange(len(damaged))))]))


def exercise(data: bytes) -> None:
    try:
        links = _core.SourceLinks.read(data)
        assert links.url("C:\\elsewhere") is None
        links.url("C:\\build\\bakery\\bakery.c")
        symcache = _core.SymCache.from_bytes(_core.build_symcache(data))
    except _core.DebugFileError:
        return
    symcache.verify()
    symcache.lookup(array("Q", range(0x1000, 0x1100)))
