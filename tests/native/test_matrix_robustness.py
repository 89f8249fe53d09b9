"""Damaged, hostile and foreign companions, relocations and packed symbols: an error or fewer answers, nothing worse."""

import lzma
import random
import resource
import shutil
import subprocess
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.native.test_matrix import BIN, truth

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

ROWS = ("clang-split4 dwo", "clang-split5 dwp", "gcc-split4 dwp", "gcc-split5 dwo", "dwz altlink", "clang-split5 zlib")
OBJECTS = ("object/chain.o", "object-types/chain.o", "object-types5/chain.o", "object-riscv64/chain.o")
ALONE = (*OBJECTS, "module/tank.ko", "minidebug/tank", "plt/calls")
ROUNDS = 120
HUGE = 0xFFFFFFFF


def exercise(data: bytes, *companions: bytes) -> None:
    """Asks everything. DebugFileError is the one exception allowed."""
    try:
        _core.summarize_debug_file(data)
        _core.missing_companions(data, companions=companions)
        built = _core.build_symcache(data, companions=companions)
    except _core.DebugFileError:
        return
    symcache = _core.SymCache.from_bytes(built)
    symcache.verify()
    symcache.lookup(array("Q", range(0, 0x2000, 7)))
    assert all(len(one) == 3 for one in symcache.missing_companions)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A few bytes changed, a number made huge, or cut off."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(changed) - 8)
        changed[at] ^= 1 << rng.randrange(8)
    if rng.random() < 0.3:
        at = rng.randrange(len(changed) - 8) & ~3
        changed[at : at + 4] = HUGE.to_bytes(4, "little")
    return bytes(changed[: rng.randrange(len(changed))] if rng.random() < 0.2 else changed)


def files_of(row: str) -> tuple[bytes, list[bytes]]:
    files = truth()["rows"][row]
    return (BIN / files["file"]).read_bytes(), [(BIN / path).read_bytes() for path in files["companions"]]


@pytest.mark.parametrize("row", ROWS)
def test_damaged_companions_cost_no_more_than_their_units(row: str) -> None:
    """A .dwo file comes from a build folder that the next build may be writing to."""
    rng = random.Random(row)
    data, companions = files_of(row)
    for _ in range(ROUNDS):
        exercise(data, *[damaged(one, rng) for one in companions])
        exercise(damaged(data, rng), *companions)


@pytest.mark.parametrize("path", ALONE)
def test_damaged_relocations_and_tables_are_passed_over(path: str) -> None:
    """Half a kernel module must not take the worker down."""
    rng, data = random.Random(path), (BIN / path).read_bytes()
    for _ in range(ROUNDS):
        exercise(damaged(data, rng))


def headers(data: bytes | bytearray) -> Iterator[int]:
    """Where the section headers of a 64-bit file lie."""
    start = int.from_bytes(data[0x28:0x30], "little")
    count = int.from_bytes(data[0x3C:0x3E], "little")
    return iter(range(start, start + 64 * count, 64))


def test_relocation_tables_that_share_their_bytes_multiply_no_work() -> None:
    """Thousands of headers that point at one large table would cost the square of the file's size."""
    data = bytearray((BIN / "object/chain.o").read_bytes())
    tables = [at for at in headers(data) if int.from_bytes(data[at + 4 : at + 8], "little") == 4]
    longest = max(tables, key=lambda at: int.from_bytes(data[at + 32 : at + 40], "little"))
    entry = int.from_bytes(data[longest + 24 : longest + 32], "little")
    size = int.from_bytes(data[longest + 32 : longest + 40], "little")
    bomb = bytes(data[entry : entry + size]) * 400
    count = 20_000
    shared = bytearray(data[longest : longest + 64])
    shared[24:32] = len(data).to_bytes(8, "little")
    shared[32:40] = len(bomb).to_bytes(8, "little")
    old = b"".join(bytes(data[at : at + 64]) for at in headers(data))
    data[0x28:0x30] = (len(data) + len(bomb)).to_bytes(8, "little")
    data[0x3C:0x3E] = (len(old) // 64 + count).to_bytes(2, "little")
    exercise(bytes(data) + bomb + old + bytes(shared) * count)


def test_debug_sections_that_share_their_bytes_multiply_no_memory() -> None:
    """A file of a few megabytes would be joined to many gigabytes."""
    data = bytearray((BIN / "object/chain.o").read_bytes())
    old = [bytes(data[at : at + 64]) for at in headers(data)]
    plain = (header for header in old if header[8:16] == bytes(8))
    largest = bytearray(max(plain, key=lambda header: int.from_bytes(header[32:40], "little")))
    filler = bytes(4 << 20)
    largest[24:32] = len(data).to_bytes(8, "little")
    largest[32:40] = len(filler).to_bytes(8, "little")
    data[0x28:0x30] = (len(data) + len(filler)).to_bytes(8, "little")
    data[0x3C:0x3E] = (len(old) + 20_000).to_bytes(2, "little")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    exercise(bytes(data) + filler + b"".join(old) + bytes(largest) * 20_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.skipif(shutil.which("objcopy") is None, reason="binutils is not installed")
def test_a_bomb_of_packed_symbols_is_not_unpacked(tmp_path: Path) -> None:
    """A few kilobytes of xz hold as many gigabytes as their author likes."""
    (tmp_path / "bomb.xz").write_bytes(lzma.compress(bytes(96 << 20), preset=0))
    program = tmp_path / "tank"
    section = f".gnu_debugdata={tmp_path}/bomb.xz"
    command = ["objcopy", "--update-section", section, str(BIN / "minidebug/tank"), str(program)]
    subprocess.run(command, check=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    exercise(program.read_bytes())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000


def test_an_index_of_a_package_with_impossible_counts_is_none() -> None:
    """A count of 2^32 rows would be believed before a byte of them was read."""
    data, [package] = files_of("clang-split5 dwp")
    whole = _core.SymCache.from_bytes(_core.build_symcache(data, companions=[package]))
    assert whole.missing_companions == []
    starts = (package.find(array("I", [5, columns, 3]).tobytes()) for columns in range(2, 9))
    index = next(start for start in starts if start >= 0)
    for field in (4, 8, 12):
        at = index + field
        broken = package[:at] + HUGE.to_bytes(4, "little") + package[at + 4 :]
        built = _core.SymCache.from_bytes(_core.build_symcache(data, companions=[broken]))
        assert len(built.missing_companions) == 3


def test_skeletons_that_claim_the_same_unit_read_it_a_few_times_at_most() -> None:
    """Many small skeletons of one large unit would cost the product of their sizes."""
    data, companions = files_of("gcc-split5 dwo")
    twice = _core.SymCache.from_bytes(_core.build_symcache(data, companions=companions * 200))
    once = _core.SymCache.from_bytes(_core.build_symcache(data, companions=companions))
    addresses = array("Q", range(0x1000))
    assert twice.lookup(addresses)[0] == once.lookup(addresses)[0]
