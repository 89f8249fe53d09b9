"""The pure-Python backend for debug files."""

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from native.backends import select
from native.backends.reference import ReferenceBackend, ReferenceSymCache
from native.elf.layout import ElfFile
from native.elf.symbols import function_symbols
from native.names import normal_form
from native.protocol import SourceLocation
from symbolicator.core import VARIABLE, compiled_core
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress
from symbolicator.store import BytesBlob, FolderCache

Compile = Callable[..., Path]
Place = tuple[str | None, str | None, int | None]


def symcache(path: Path) -> ReferenceSymCache:
    return ReferenceSymCache(path.read_bytes())


def addresses_of(path: Path, count: int) -> list[LookupAddress]:
    """Image-relative addresses all over the functions of a file."""
    elf = ElfFile.parse(path.read_bytes())
    load_address = ReferenceSymCache(path.read_bytes()).load_address
    functions = [symbol for symbol in function_symbols(elf) if symbol.size]
    inside = {symbol.address + at for symbol in functions for at in range(0, symbol.size, 3)}
    chosen = random.Random(7).sample(sorted(inside), min(count, len(inside)))
    return [LookupAddress(address - load_address) for address in chosen]


def places(chain: tuple[SourceLocation, ...]) -> list[Place]:
    """What must be right about a chain: functions, file names and lines."""
    return [
        (shown(call.function, call.language), Path(call.file).name if call.file else None, call.line) for call in chain
    ]


def shown(function: str | None, language: str | None) -> str | None:
    return normal_form(function) if function and language != "c" else function


def llvm_places(path: Path, addresses: list[LookupAddress], load_address: int) -> list[list[Place]]:
    """The same from llvm-symbolizer."""
    if shutil.which("llvm-symbolizer") is None:
        pytest.skip("llvm is not installed")
    asked = "\n".join(hex(address + load_address) for address in addresses)
    command = ["llvm-symbolizer", "--inlines", "--output-style=JSON", f"--obj={path}"]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line)["Symbol"] for line in told.splitlines()]
    return [[_llvm_place(call) for call in answer] for answer in answers]


def _llvm_place(call: dict[str, str | int]) -> Place:
    name = re.sub(r"\.(?:cold|part|isra|constprop)[.\d]*\Z", "", str(call["FunctionName"]))
    file = Path(str(call["FileName"])).name
    return normal_form(name) if name else None, file or None, int(call["Line"]) or None


def same(ours: list[Place], theirs: list[Place]) -> bool:
    """Equal, but that llvm leaves the scope of an inlined lambda away."""
    pairs = list(zip(ours, theirs, strict=False))
    is_named_alike = all(str(one[0]).endswith(str(other[0])) for one, other in pairs)
    return len(ours) == len(theirs) and is_named_alike and all(one[1:] == other[1:] for one, other in pairs)


@pytest.mark.parametrize("optimization", ["-O0", "-O2"])
@pytest.mark.parametrize("version", ["2", "3", "4", "5"])
def test_chains_agree_with_llvm(compile_cpp: Compile, version: str, optimization: str) -> None:
    """Inlined calls, files and lines, in every version of DWARF: an independent reader must see the same."""
    path = compile_cpp(f"-gdwarf-{version}", optimization)
    cache = symcache(path)
    addresses = addresses_of(path, 250)
    theirs = llvm_places(path, addresses, cache.load_address)
    ours = [places(chain) for chain in cache.lookup(addresses)]
    with_lines = [(one, other) for one, other in zip(ours, theirs, strict=True) if other[0][2]]
    assert len(with_lines) > 40
    assert [pair for pair in with_lines if not same(*pair)] == []
    assert cache.defects == []


@pytest.mark.parametrize("flags", [("-gz=zlib",), ("-gz=zlib-gnu",), ("-no-pie",), ("-static-pie",), ("-flto",)])
def test_other_ways_to_link(compile_cpp: Compile, flags: tuple[str, ...]) -> None:
    """Compressed sections, fixed addresses, calls into another unit: none of it changes the answer."""
    path = compile_cpp("-g", "-O1", *flags)
    cache = symcache(path)
    address = cache.symbol_address("_ZN4shop5totalEPKii") or cache.symbol_address("shop::total(int const*, int)")
    assert address is not None
    [chain] = cache.lookup([LookupAddress(address)])
    assert chain[-1].function == "shop::total"
    assert (chain[-1].file or "").endswith("/shop.cpp")
    assert chain[-1].entry == address
    assert chain[-1].evidence == "debug info"


def test_inlined_calls_come_innermost_first(compile_cpp: Compile) -> None:
    """Every caller's line is where it calls the next: mixed up, the trace would name the wrong lines."""
    path = compile_cpp("-g", "-O2")
    cache = symcache(path)
    start = cache.symbol_address("_ZN4shop5totalEPKii")
    assert start is not None
    chains = cache.lookup([LookupAddress(start + offset) for offset in range(60)])
    deepest = max(chains, key=len)
    assert [call.function for call in deepest] == ["shop::rounded", "shop::taxed", "shop::total"]
    source = (path.parent / "shop.cpp").read_text().splitlines()
    called = [source[(call.line or 1) - 1] for call in deepest]
    assert ["cents / 5" in called[0], "rounded(cents" in called[1], "taxed(cents" in called[2]] == [True] * 3
    assert {call.entry for call in deepest} == {start}


def test_symbols_serve_where_there_is_no_debug_information(compile_cpp: Compile) -> None:
    """A program built without -g still has the names of its functions."""
    cache = symcache(compile_cpp("-O1"))
    start = cache.symbol_address("_ZN4shop5totalEPKii")
    assert start is not None
    [chain, nothing] = cache.lookup([LookupAddress(start + 3), LookupAddress(1 << 40)])
    assert [(call.function, call.symbol, call.line, call.evidence) for call in chain] == [
        ("shop::total", "_ZN4shop5totalEPKii", None, "symbol table")
    ]
    assert nothing == ()
    assert cache.symbol_address("shop::total") == start
    assert cache.symbol_address("no such function") is None


def test_scopes_come_from_the_symbol_where_debug_information_is_small(compile_cpp: Compile) -> None:
    """With -g1 functions have a bare name and no mangled one."""
    cache = symcache(compile_cpp("-g1", "-O1"))
    start = cache.symbol_address("_ZN4shop5totalEPKii")
    assert start is not None
    [chain] = cache.lookup([LookupAddress(start)])
    assert (chain[-1].function, chain[-1].evidence) == ("shop::total", "debug info")
    assert chain[-1].line is not None


def test_an_inlined_lambda_says_where_it_stands(compile_cpp: Compile) -> None:
    """It has no mangled name; operator() alone could be any of them."""
    cache = symcache(compile_cpp("-g", "-O2"))
    addresses = addresses_of(compile_cpp("-g", "-O2"), 1_000)
    names = {call.function for chain in cache.lookup(addresses) for call in chain if call.symbol is None}
    assert "main::{lambda}::operator()" in {normal_form(name) for name in names if name}


def test_functions_of_one_name_are_ambiguous(compile_cpp: Compile) -> None:
    """A load address worked out from the wrong one of two would put every frame elsewhere."""
    source = "namespace a { void f(int) {} void f(char) {} } int main() { a::f(1); a::f('x'); }"
    cache = symcache(compile_cpp("-O0", source=source))
    assert cache.symbol_address("a::f") is None
    assert cache.symbol_address("_ZN1a1fEi") is not None


def test_assembler_has_lines_and_the_symbols_name(compile_cpp: Compile) -> None:
    """Hand-written code has no function entries; its lines are still right."""
    source = 'asm(".globl spin\\n.type spin,@function\\nspin:\\n nop\\n ret\\n.size spin,.-spin"); int main() {}'
    cache = symcache(compile_cpp("-g", "-O0", source=source))
    start = cache.symbol_address("spin")
    assert start is not None
    [chain] = cache.lookup([LookupAddress(start)])
    assert [call.function for call in chain] == ["spin"]


def test_too_much_debug_information_leaves_the_symbols(compile_cpp: Compile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference would take hours over a browser: it answers from the symbol table and says so."""
    monkeypatch.setattr("native.backends.dwarf_sections.MAX_INFO", 100)
    cache = symcache(compile_cpp("-g", "-O2"))
    start = cache.symbol_address("_ZN4shop5totalEPKii")
    assert start is not None
    [chain] = cache.lookup([LookupAddress(start)])
    assert chain[0].evidence == "symbol table"
    assert "Only the symbol table is used" in cache.defects[0]


def test_units_are_read_one_at_a_time(fixtures: Path) -> None:
    """The first answer for a big file must not cost all of it."""
    cache = symcache(fixtures / "rust-panic/bin/ledger.debug")
    start = next(
        symbol.address
        for symbol in function_symbols(ElfFile.parse((fixtures / "rust-panic/bin/ledger.debug").read_bytes()))
        if "close_the_day" in symbol.name
    )
    [chain] = cache.lookup([LookupAddress(start)])
    assert chain[-1].function == "ledger::close_the_day"
    units = cache._debug_info._units if cache._debug_info else {}
    assert sum("entries" in vars(unit) for unit in units.values()) == 1


def test_what_is_no_debug_file_is_refused(tmp_path: Path) -> None:
    """With a text for the user, not with an error from inside the parser."""
    backend = ReferenceBackend()
    for data in (b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF\x02\x01" + bytes(100)):
        with pytest.raises(MalformedArtifact):
            backend.summarize(data[:20])
        with pytest.raises(MalformedArtifact):
            backend.load(BytesBlob("x", data[:20]), FolderCache(tmp_path))


@pytest.mark.parametrize("wanted", ["reference", ""])
def test_the_reference_serves_where_the_core_is_not(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    """Without a Rust toolchain the same commands must still work."""
    monkeypatch.setenv(VARIABLE, wanted)
    compiled_core.cache_clear()
    try:
        assert select().name == ("reference" if wanted or compiled_core() is None else "core")
    finally:
        compiled_core.cache_clear()
