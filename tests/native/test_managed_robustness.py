"""Damaged portable PDBs, assemblies, Go tables and maps: an error or fewer answers, never a crash or a hang."""

import os
import random
import shutil
import subprocess
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

FILES = [
    "dotnet-portable/bin/Shop.pdb",
    "dotnet-portable/bin/Shop.dll",
    "dotnet-portable/bin/Program.exe",
    "jit-node/bin/perf-4242.map",
    "jit-node/bin/jit-4242.dump",
    "kernel-symbols/bin/kallsyms",
]
ROUNDS = 400
METHODS = [row << 32 | offset for row in range(1, 30) for offset in (0, 1, 0x25, 0x84)]


def exercise(data: bytes) -> None:
    """Asks everything of a file. DebugFileError is the one exception allowed."""
    for question in (_core.summarize_debug_file, _core.portable_pdb_sources, _index):
        try:
            question(data)
        except _core.DebugFileError:
            continue
    for path in ("/shop/src/Program.cs", "/shop/src/Report.cs"):
        try:
            _core.portable_pdb_source(data, path)
        except _core.DebugFileError:
            continue
    _core.has_go_table(data)


def _index(data: bytes) -> None:
    symcache = _core.SymCache.from_bytes(_core.build_symcache(data))
    symcache.verify()
    addresses = [*METHODS, *range(0x401000, 0x402000, 5), 0x7FFFD0025F18, (1 << 64) - 1]
    _, frames = symcache.lookup(array("Q", addresses))
    records = memoryview(frames).cast("I").tolist()
    for at in range(0, len(records), 8):
        for string in records[at : at + 3]:
            if string != 0xFFFFFFFF:
                symcache.string(string)
    symcache.symbol_address("main.main")


@pytest.mark.parametrize("name", FILES)
def test_truncated_files(fixtures: Path, name: str) -> None:
    """Uploads break off, and a process that crashed leaves its jitdump as it was."""
    data = (fixtures / name).read_bytes()
    for length in range(0, len(data), max(1, len(data) // ROUNDS)):
        exercise(data[:length])


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits(fixtures: Path, name: str) -> None:
    """A disk or a network that flips a bit must not take the worker down with it."""
    data = (fixtures / name).read_bytes()
    choose = random.Random(name)
    for _ in range(ROUNDS):
        damaged = bytearray(data)
        for _flip in range(choose.choice((1, 1, 3, 30))):
            damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
        exercise(bytes(damaged))


@given(st.sampled_from([b"BSJB", b"DTiJ", b"JiTD"]), st.binary(max_size=2000))
def test_noise_behind_a_magic(magic: bytes, noise: bytes) -> None:
    """Any bytes can be called a debug file."""
    exercise(magic + noise)


def test_damaged_tables_of_go(fixtures: Path, tmp_path: Path) -> None:
    """Offsets in these tables point anywhere, and functions may share one table a million times."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    program = tmp_path / "shop"
    command = ["go", "build", "-ldflags=-s -w", "-o", str(program), "."]
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath", "GOTOOLCHAIN": "local", "GOOS": "linux", "GOARCH": "amd64"}
    source = fixtures / "go-pclntab" / "src"
    subprocess.run(command, cwd=source, env={**os.environ, **settings}, check=True, capture_output=True)
    data = program.read_bytes()
    start = data.index(b"\xf1\xff\xff\xff\0\0\x01\x08")
    choose = random.Random(1)
    for _ in range(ROUNDS // 4):
        damaged = bytearray(data)
        for _flip in range(choose.choice((1, 3, 30, 3000))):
            at = start + choose.randrange(choose.choice((72, 400_000)))
            damaged[at] = choose.choice((0, 0xFF, damaged[at] ^ 1 << choose.randrange(8)))
        exercise(bytes(damaged))
    for length in range(start, len(data), (len(data) - start) // 40):
        exercise(data[:length])


def test_a_bomb_in_an_assembly_is_refused(fixtures: Path) -> None:
    """A PDB of a few bytes must not claim a gigabyte."""
    data = bytearray((fixtures / "dotnet-portable" / "bin" / "Program.exe").read_bytes())
    at = data.index(b"MPDB") + 4
    data[at : at + 4] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(_core.DebugFileError, match="inflate"):
        _core.portable_pdb_sources(bytes(data))
    # The names of methods are still there.
    assert _core.SymCache.from_bytes(_core.build_symcache(bytes(data))).function_count > 0
