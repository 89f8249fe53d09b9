"""How sure a name is: debug information, symbol table, export, or only the nearest symbol."""

import subprocess
from collections import Counter
from pathlib import Path
from typing import Protocol

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection

from native.backends.reference import ReferenceBackend
from native.elf.layout import ElfFile
from native.protocol import NEAREST, SourceLocation, SymCache
from symbolicator.core import compiled_core
from symbolicator.model import LookupAddress
from symbolicator.store import BytesBlob, FolderCache

PROGRAM = """\
#include <stdlib.h>
#define NI __attribute__((noinline))
static NI int secret(int x) { return x * 3 + 1; }
NI int open_door(int x) { return secret(x) + 2; }
static NI int hidden(int x) { return x ? abs(x) * 7 : secret(x); }
NI int close_door(int x) { return hidden(x) - open_door(x); }
__asm__(".text\\n.globl unsized\\nunsized: nop\\n nop\\n nop\\n ret\\n .p2align 6\\n");
int main(int argc, char **argv) { return close_door(argc); }
"""
FAR = 64 << 10


class Compile(Protocol):
    def __call__(self, *flags: str, source: str = ...) -> Path: ...


def backends() -> list[str]:
    return ["reference"] if compiled_core() is None else ["core", "reference"]


def opened(backend: str, data: bytes, folder: Path) -> SymCache:
    if backend == "core":
        from native.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

        return CoreBackend().load(BytesBlob("program", data), FolderCache(folder))
    return ReferenceBackend().load(BytesBlob("program", data), FolderCache(folder))


def stripped(program: Path, folder: Path, *options: str) -> bytes:
    out = folder / "stripped"
    subprocess.run(["strip", *options, program, "-o", out], check=True)
    return out.read_bytes()


def code_of(data: bytes) -> list[int]:
    """Every address of executable sections but the PLT's, which tables of relocations name."""
    sections = [one for one in ElfFile.parse(data).sections if one.flags & 4 and not one.name.startswith(".plt")]
    return [at for one in sections for at in range(one.address, one.address + one.size)]


def answers(symcache: SymCache, addresses: list[int]) -> dict[int, SourceLocation]:
    """The outermost call at each virtual address that has any."""
    chains = symcache.lookup([LookupAddress(address - symcache.load_address) for address in addresses])
    return {address: chain[-1] for address, chain in zip(addresses, chains, strict=True) if chain}


def symbols_by_pyelftools(program: Path, name: str) -> list[tuple[int, int, str]]:
    """Address, size and name of every function and label of a table."""
    with program.open("rb") as file:
        table = ELFFile(file).get_section_by_name(name)
        assert isinstance(table, SymbolTableSection)
        found = [(one.entry.st_value, one.entry.st_size, one.name) for one in table.iter_symbols() if is_in_code(one)]
    return sorted(found)


def is_in_code(symbol: Symbol) -> bool:
    kind, section = symbol.entry.st_info.type, symbol.entry.st_shndx
    return bool(symbol.name) and isinstance(section, int) and kind in ("STT_FUNC", "STT_LOOS", "STT_NOTYPE")


@pytest.mark.parametrize("backend", backends())
def test_between_exports_only_the_nearest_one_is_known(compile_cpp: Compile, tmp_path: Path, backend: str) -> None:
    """A stripped library's own functions would be shown as the exported ones before them, for sure and wrong."""
    program = compile_cpp("-x", "c", "-std=c17", "-O1", "-rdynamic", source=PROGRAM)
    data = stripped(program, tmp_path, "--strip-all")
    (tmp_path / "program").write_bytes(data)
    exports = symbols_by_pyelftools(tmp_path / "program", ".dynsym")
    everything = {name: (at, size) for at, size, name in symbols_by_pyelftools(program, ".symtab")}
    symcache = opened(backend, data, tmp_path)
    found = answers(symcache, code_of(data))
    for own in ("secret", "hidden"):
        at, size = everything[own]
        before = max(one for one in exports if one[0] < at)
        for address in (at, at + size - 1):
            answer = found.get(address)
            assert answer is None or (answer.evidence, answer.function) == (NEAREST, before[2])
            assert answer is None or (answer.entry or 0) + symcache.load_address == before[0]
    at, size = everything["open_door"]
    assert {found[address].evidence for address in range(at, at + size)} == {"export"}
    assert {found[address].function for address in range(at, at + size)} == {"open_door"}
    assert NEAREST in {answer.evidence for answer in found.values()}


@pytest.mark.parametrize("backend", backends())
@pytest.mark.parametrize("strip", [(), ("--strip-debug",), ("--strip-all",)])
def test_nothing_is_called_by_its_neighbour_without_saying_so(
    compile_cpp: Compile, tmp_path: Path, strip: tuple[str, ...], backend: str
) -> None:
    """Padding and functions without a name: a name that is sure has the address within its size."""
    program = compile_cpp("-x", "c", "-std=c17", "-g", "-O1", "-rdynamic", source=PROGRAM)
    data = stripped(program, tmp_path, *strip) if strip else program.read_bytes()
    (tmp_path / "program").write_bytes(data)
    tables = [".dynsym"] if strip == ("--strip-all",) else [".symtab", ".dynsym"]
    known = {one for table in tables for one in symbols_by_pyelftools(tmp_path / "program", table)}
    symcache = opened(backend, data, tmp_path)
    for address, answer in answers(symcache, code_of(data)).items():
        entry = (answer.entry or 0) + symcache.load_address
        sizes = [size for at, size, name in known if at == entry and name == (answer.symbol or answer.function)]
        if answer.evidence == NEAREST:
            assert all(at + size <= address or at > address for at, size, _ in known)
            assert address - entry < FAR + max(sizes)
            assert not [at for at, _, name in known if entry < at <= address and name]
        elif answer.evidence in ("symbol table", "export") and max(sizes, default=0):
            assert entry <= address < entry + max(sizes)


@pytest.mark.skipif(compiled_core() is None, reason="the core is not compiled")
@pytest.mark.parametrize("strip", [(), ("--strip-debug",), ("--strip-all",)])
@pytest.mark.parametrize("optimization", ["-O0", "-O2"])
def test_both_backends_are_equally_sure_of_every_byte(
    compile_cpp: Compile, tmp_path: Path, strip: tuple[str, ...], optimization: str
) -> None:
    """Deleting the compiled extension must not turn a hint into an answer, or an answer into a hint."""
    program = compile_cpp("-g", optimization, "-rdynamic")
    data = stripped(program, tmp_path, *strip) if strip else program.read_bytes()
    addresses = code_of(data)
    core, reference = (answers(opened(one, data, tmp_path), addresses) for one in ("core", "reference"))

    def told(found: dict[int, SourceLocation]) -> dict[int, tuple[str, int | None, str | None]]:
        labels = ("debug info", NEAREST, "export", "symbol table")
        assert {answer.evidence for answer in found.values()} <= set(labels)
        return {
            at: (answer.evidence, *((None, None) if answer.evidence == "debug info" else (answer.entry, answer.symbol)))
            for at, answer in found.items()
        }

    ours, theirs = told(core), told(reference)
    different = {hex(at): (ours.get(at), theirs.get(at)) for at in addresses if ours.get(at) != theirs.get(at)}
    assert different == {}
    assert Counter(evidence for evidence, _, _ in ours.values())[NEAREST] > 0
