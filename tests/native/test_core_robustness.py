"""Damaged debug files and damaged indexes: an error or fewer answers, never a crash, a hang or a wrong answer."""

import io
import random
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from symbolicator._core import SymCache

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

Compile: TypeAlias = Callable[..., Path]

SOURCE = """\
static inline int inner(int x) { return x * 3 + 1; }
static inline int outer(int x) { return inner(x) ^ x; }
int main(int argc, char **) { return outer(argc) + outer(argc + 1); }
"""
ROUNDS = 1000


@pytest.fixture(scope="module")
def program(compile_cpp: Compile) -> bytes:
    return compile_cpp("-g", "-O2", "-Wl,--build-id=sha1", source=SOURCE).read_bytes()


@pytest.fixture(scope="module")
def index(program: bytes) -> bytes:
    return bytes(_core.build_symcache(program))


def exercise(data: bytes) -> None:
    """Asks everything of a debug file. DebugFileError is the one exception allowed."""
    try:
        summary = _core.summarize_debug_file(data)
        built = _core.build_symcache(data)
    except _core.DebugFileError:
        return
    assert summary.format == "elf"
    symcache = _core.SymCache.from_bytes(built)
    symcache.verify()
    answers(symcache)


def answers(symcache: "SymCache") -> tuple[object, ...]:
    ends, frames = symcache.lookup(array("Q", range(0, 0x5000, 7)))
    records = memoryview(frames).cast("I")
    names = {name for at in range(0, len(records), 8) for name in records[at : at + 3] if name != 0xFFFFFFFF}
    texts = tuple(symcache.string(name) for name in sorted(names))
    return ends, frames, texts, symcache.symbol_address("main"), symcache.symbol_address("inner(int)")


def test_truncated_files(program: bytes) -> None:
    """Uploads that broke off are common."""
    step = max(1, len(program) // ROUNDS)
    for length in range(0, len(program), step):
        exercise(program[:length])


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits(program: bytes, seed: int) -> None:
    """A disk or a network that flips a bit must not take the worker down with it."""
    choose = random.Random(seed)
    for _ in range(ROUNDS // 4):
        damaged = bytearray(program)
        for _flip in range(choose.choice((1, 1, 3, 30))):
            damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
        exercise(bytes(damaged))


@pytest.mark.parametrize("name", [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".symtab", ".strtab"])
def test_sections_full_of_noise(program: bytes, name: str) -> None:
    """What is random in one section must not leak into a crash through another."""
    section = ELFFile(io.BytesIO(program)).get_section_by_name(name)
    assert section is not None
    header = section.header
    choose = random.Random(name)
    for _ in range(50):
        damaged = bytearray(program)
        start = header["sh_offset"] + choose.randrange(header["sh_size"])
        noise = choose.randbytes(min(40, header["sh_offset"] + header["sh_size"] - start))
        damaged[start : start + len(noise)] = noise
        exercise(bytes(damaged))


@given(data=st.data())
def test_a_damaged_index_is_refused_or_answers_the_same(index: bytes, data: st.DataObject) -> None:
    """A cache on a failing disk must never give a plausible wrong line."""
    at = data.draw(st.integers(0, len(index) - 1))
    flipped = data.draw(st.integers(1, 255))
    damaged = index[:at] + bytes([index[at] ^ flipped]) + index[at + 1 :]
    expected = answers(_core.SymCache.from_bytes(index))
    try:
        found = answers(_core.SymCache.from_bytes(damaged))
    except _core.IndexFileError:
        return
    assert found == expected


@given(st.binary(max_size=300))
def test_what_is_no_index_is_refused(data: bytes) -> None:
    """A file of another kind in the cache must lead to a new conversion, not to a crash."""
    with pytest.raises(_core.IndexFileError):
        _core.SymCache.from_bytes(data)


def test_a_batch_of_the_wrong_size_is_refused(index: bytes) -> None:
    """An array of 32-bit numbers would be read as other addresses."""
    with pytest.raises(ValueError, match="multiple"):
        _core.SymCache.from_bytes(index).lookup(array("I", [1]))


def test_addresses_at_the_edges(index: bytes) -> None:
    """Corrupt stacks hold any number."""
    symcache = _core.SymCache.from_bytes(index)
    ends, frames = symcache.lookup(array("Q", [0, 1 << 63, (1 << 64) - 1]))
    assert memoryview(ends).cast("I").tolist() == [0, 0, 0]
    assert frames == b""
    assert symcache.lookup(array("Q")) == (b"", b"")
