"""Damaged files, stacks and registers: a walk ends, in time, and never takes the process with it."""

import os
import random
import struct
from pathlib import Path

import pytest

from symbolicator import _core

MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
STACK, BASE = 0x7F00_0000, 0x5550_0000
FILES = (
    "native-unwind/bin/stack-arm64",
    "native-unwind/bin/stack-arm",
    "native-containers/bin/pe-x86_64/tank.dll",
    "native-containers/bin/pe-aarch64/tank.dll",
    "native-containers/bin/macho/tank",
    "native-containers/bin/breakpad/tank.sym",
    "native-cpp/bin",
)
NAMES = {
    "x86_64": ("rip", "rsp", "rbp"),
    "x86": ("eip", "esp", "ebp"),
    "arm64": ("pc", "sp", "fp", "lr"),
    "arm": ("pc", "sp", "r7", "r11", "lr"),
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The same with some bytes changed, cut off, moved or doubled."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(out))
        how = chance.randrange(4)
        if how == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            out[at : at + 4] = struct.pack(
                "<I", chance.choice((0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, chance.getrandbits(32)))
            )
        elif how == 2:
            size = chance.randrange(1, 64)
            out[at : at + size] = out[chance.randrange(len(out)) :][:size] or b"\0"
        elif chance.random() < 0.1:
            del out[max(at, 64) :]
    return bytes(out)


def files(fixtures: Path) -> list[bytes]:
    paths = [fixtures / name for name in FILES]
    singles = [one for path in paths for one in (sorted(path.iterdir()) if path.is_dir() else [path]) if one.is_file()]
    return [path.read_bytes() for path in singles if path.exists()]


@pytest.mark.timeout(1800)
def test_damaged_files_and_stacks_are_walked_to_an_end(fixtures: Path) -> None:
    """A hostile dump would hang a worker or end it."""
    chance = random.Random(5)
    originals = files(fixtures)
    assert len(originals) > 6
    for _ in range(MUTATIONS):
        data = damaged(chance.choice(originals), chance)
        try:
            info = _core.UnwindInfo(data)
        except _core.DebugFileError:
            continue
        with info:
            if info.arch not in NAMES:
                continue
            size = len(data) * 2
            word = 8 if info.arch in ("x86_64", "arm64") else 4
            starts = ((BASE, size), (STACK, 4096), (0, 1))
            words = [start + chance.randrange(room) for start, room in (chance.choice(starts) for _ in range(512))]
            memory = b"".join(value.to_bytes(word, "little") for value in words)
            registers = {name: STACK + 8 * chance.randrange(64) for name in NAMES[info.arch]}
            registers[NAMES[info.arch][0]] = BASE + chance.randrange(size)
            frames = _core.walk_stack(info.arch, registers, [(STACK, memory)], [(BASE, size, BASE, [info])])
            assert 1 <= len(frames) <= 256


def test_registers_of_any_value_are_walked_to_an_end() -> None:
    """A corrupted stack pointer would overflow an addition."""
    extremes = (0, 1, 7, (1 << 63) - 1, (1 << 64) - 1, (1 << 64) - 8, 1 << 47)
    for arch, names in NAMES.items():
        for value in extremes:
            registers = dict.fromkeys(names, value)
            assert _core.walk_stack(arch, registers, [(value, b"\xff" * 64)], [(value, 1 << 63, 0, [])])


def test_what_is_no_file_or_closed_is_an_error() -> None:
    """A file that was let go of would be read after it is gone."""
    with pytest.raises(_core.DebugFileError):
        _core.UnwindInfo(b"not a file")
    info = _core.UnwindInfo(b"MODULE Linux x86_64 0 shop\nSTACK CFI INIT 1000 40 .cfa: $rsp 8 + .ra: .cfa 8 - ^\n")
    info.close()
    with pytest.raises(ValueError, match="closed"):
        _core.walk_stack("x86_64", {"rip": 1, "rsp": 2}, [], [(1, 2, 1, [info])])
    with pytest.raises(ValueError, match="sparc"):
        _core.walk_stack("sparc", {}, [], [])
