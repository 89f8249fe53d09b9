"""Programs of Go without DWARF: every chain is held against the DWARF of the same program, and against Go's runtime."""

import json
import os
import random
import shutil
import subprocess
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from native.identifier import IDENTIFIER
from native.transformer import TRANSFORMER
from symbolicator import codec
from symbolicator.model.edit import stacks_of
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
Build: TypeAlias = Callable[..., Path]
Chain: TypeAlias = list[tuple[str | None, str | None, int]]
TARGETS = ["linux/amd64", "linux/arm64", "linux/s390x", "linux/386", "windows/amd64", "darwin/arm64"]
SAMPLES = 2000


@pytest.fixture(scope="module")
def build(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compiles the fixture for a system and a processor; Go keeps what it compiled once."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    folder = tmp_path_factory.mktemp("go")

    def built(target: str, *flags: str) -> Path:
        system, processor = target.split("/")
        out = folder / "-".join((system, processor, *(flag.strip("-").replace("=", "") for flag in flags)))
        settings = {"GOOS": system, "GOARCH": processor, "CGO_ENABLED": "0", "GOFLAGS": "-trimpath"}
        command = ["go", "build", *flags, "-o", str(out), "."]
        environment = {**os.environ, **settings, "GOTOOLCHAIN": "local"}
        source = fixtures / "go-pclntab" / "src"
        subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
        return out

    return built


def chains(data: bytes, addresses: list[int]) -> list[Chain]:
    """The chain at each virtual address, innermost call first."""
    symcache = _core.SymCache.from_bytes(_core.build_symcache(data))
    ends, frames = symcache.lookup(array("Q", [address - symcache.load_address for address in addresses]))
    records = memoryview(frames).cast("I").tolist()

    def text(string: int) -> str | None:
        return None if string == 0xFFFFFFFF else symcache.string(string)

    calls = [(text(records[at]), text(records[at + 2]), records[at + 3]) for at in range(0, len(records), 8)]
    return [calls[start:end] for start, end in pairwise((0, *memoryview(ends).cast("I").tolist()))]


def plain(name: str | None) -> str | None:
    """DWARF spells out type arguments and the calling convention, and has ``.`` for Go's middle dot."""
    if name is None:
        return None
    name = name.removesuffix(".abi0").removesuffix(".abiinternal").replace("·", ".")
    start, end = name.find("["), name.rfind("]")
    return f"{name[:start]}[...]{name[end + 1 :]}" if 0 <= start < end else name


def comparable(chain: Chain) -> Chain:
    return [(plain(name), file.removeprefix("./") if file else None, line) for name, file, line in chain]


def samples(program: Path) -> list[int]:
    """Addresses of functions by `go tool nm`, fixed for a program."""
    command = ["go", "tool", "nm", "-size", str(program)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    functions = [(int(row[0], 16), int(row[1])) for row in rows if len(row) > 3 and row[2] in "Tt" and int(row[1])]
    choose = random.Random(len(functions))
    chosen = (choose.choice(functions) for _ in range(SAMPLES))
    return sorted(start + choose.randrange(size) for start, size in chosen)


@pytest.mark.parametrize(("target", "mode"), [*((target, "exe") for target in TARGETS), ("linux/amd64", "pie")])
def test_inlined_calls_are_those_of_the_programs_dwarf(build: Build, target: str, mode: str) -> None:
    """Stripping changes no address, so the DWARF of the unstripped program must say the same of each."""
    how = f"-buildmode={mode}"
    stripped, full = build(target, how, "-ldflags=-s -w"), build(target, how, "-ldflags=-compressdwarf=false")
    addresses = samples(full)
    found, expected = chains(stripped.read_bytes(), addresses), chains(full.read_bytes(), addresses)
    pairs = [(comparable(one), comparable(true)) for one, true in zip(found, expected, strict=True)]
    # DWARF has no line for padding behind a function, and neither has the table.
    known = [(one, true) for one, true in pairs if any(line for _, _, line in true)]
    assert len(known) > SAMPLES * 0.8
    different = [(one, true) for one, true in known if one != true]
    assert different[:3] == []
    assert max(len(one) for one, _ in known) > 2


def crash_of(program: Path) -> tuple[list[int], list[str]]:
    """Return addresses and what the runtime reads from them; an inlined call has an address of its own there."""
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    addresses = [int(value, 16) for kind, value in lines if kind == "pc"]
    return addresses, [value for kind, value in lines if kind == "frame"]


def test_a_crash_is_what_gos_runtime_says(build: Build) -> None:
    """Methods, generic types and closures are spelled as in Go's own stack traces."""
    program = build("linux/amd64", "-ldflags=-s -w")
    addresses, truth = crash_of(program)
    found = [chain[0] for chain in chains(program.read_bytes(), [address - 1 for address in addresses])]
    assert [f"{name} {file}:{line}" for name, file, line in found] == truth
    assert any("(*Box[...]).Fold" in line for line in truth)


def test_a_stripped_program_is_all_that_a_crash_needs(build: Build, tmp_path: Path) -> None:
    """What a user passes: the program as it was deployed. One address stands for three calls."""
    program = build("linux/amd64", "-ldflags=-s -w")
    addresses, truth = crash_of(program)
    at = next(index for index, line in enumerate(truth) if line.startswith("main.ratio "))
    start = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes())).load_address
    frame = {"instruction_addr": hex(addresses[at]), "adjust_instruction_addr": True}
    image = {"type": "elf", "code_file": f"/srv/{program.name}", "image_addr": hex(start), "image_size": 1 << 24}
    event = {
        "platform": "native",
        "exception": {"values": [{"type": "panic", "stacktrace": {"frames": [frame]}}]},
        "debug_meta": {"images": [image]},
    }
    store = FolderStore([program.parent], [IDENTIFIER], FolderCache(tmp_path))
    resolved = run(TRANSFORMER, codec.decode(json.dumps(event).encode()), store)
    [(_, stack)] = stacks_of(resolved)
    shown = [f"{one.function} {one.abs_path}:{one.lineno}" for one in reversed(stack.frames)]
    assert shown == truth[at : at + 3]
    assert {one.lang for one in stack.frames} == {"go"}
    assert _core.has_go_table(program.read_bytes())
