"""Damaged debug files through the reference backend."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from native.backends.reference import ReferenceSymCache
from native.elf.layout import ElfFile
from native.elf.symbols import function_symbols
from native.identifier import IDENTIFIER
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress

MUTATIONS = 1_000
SOURCE = """\
namespace shop {
template <typename T> struct Cart {
  T v;
  inline T twice() const { return v * 2; }
  T total(T x) const __attribute__((noinline)) { return twice() + x; }
};
int run(int n) { auto f = [n](int x) { return x + n; }; return Cart<int>{n}.total(f(n)); }
}
int main(int c, char **) { return shop::run(c); }
"""
_BYTES = (0, 255, 127, 128, 1)


def mutated(data: bytes, elf: ElfFile, rng: random.Random) -> bytes:
    """The file cut off, with flipped header bits, or with other bytes in the sections that are parsed."""
    kind = rng.random()
    if kind < 0.15:
        return data[: rng.randrange(len(data))]
    changed = bytearray(data)
    parsed = [part for part in elf.sections if part.name.startswith((".debug", ".symtab", ".strtab")) and part.size]
    for _ in range(rng.randrange(1, 16)):
        if kind < 0.3:
            at = rng.randrange(0x400)
        elif kind < 0.4:
            at = rng.randrange(elf.headers.sections_at, len(data))
        else:
            section = rng.choice(parsed)
            at = section.offset + rng.randrange(section.size)
        changed[at] = rng.choice([*_BYTES, rng.randrange(256), changed[at] ^ 1 << rng.randrange(8)])
    return bytes(changed)


@pytest.mark.parametrize("flags", [("-gdwarf-4",), ("-gdwarf-5",), ("-gdwarf-2", "-gz=zlib")])
def test_damage_costs_answers_and_nothing_else(compile_cpp: Callable[..., Path], flags: tuple[str, ...]) -> None:
    """Uploaded files are cut off and bit-flipped: never a traceback, never a hang, at worst a refusal."""
    data = compile_cpp("-O1", *flags, source=SOURCE).read_bytes()
    elf = ElfFile.parse(data)
    symbols = function_symbols(elf)
    addresses = [LookupAddress(one.address + at) for one in symbols for at in range(0, max(one.size, 1), 5)]
    rng = random.Random(str(flags))
    answered = 0
    for _ in range(MUTATIONS):
        damaged = mutated(data, elf, rng)
        IDENTIFIER.identify("shop", damaged)
        try:
            symcache = ReferenceSymCache(damaged)
        except MalformedArtifact:
            continue
        answered += any(symcache.lookup(addresses))
        symcache.symbol_address("main")
    assert answered > MUTATIONS / 3


def test_tables_that_claim_endless_entries_are_refused(compile_cpp: Callable[..., Path]) -> None:
    """A DWARF 5 file table whose entries take no bytes may claim 2**60 of them: that would fill the memory."""
    path = compile_cpp("-O1", "-gdwarf-5", source=SOURCE)
    data = bytearray(path.read_bytes())
    elf = ElfFile.parse(bytes(data))
    lines = elf.section(".debug_line")
    assert lines is not None
    directories_at = lines.offset + 12 + 6 + 12
    assert data[directories_at : directories_at + 3] == bytes([1, 1, 0x1F])
    data[directories_at + 2] = 0x19  # DW_FORM_flag_present
    data[directories_at + 3 : directories_at + 12] = b"\xff" * 8 + b"\x0f"
    symcache = ReferenceSymCache(bytes(data))
    start = symcache.symbol_address("_ZN4shop3runEi")
    assert start is not None
    [chain] = symcache.lookup([LookupAddress(start)])
    assert [(call.function, call.line) for call in chain] == [("shop::run", None)]
    assert "lines" in symcache.defects[0]
