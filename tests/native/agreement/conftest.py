"""Small programs made on the spot, and what two symbolizers say of them."""

import json
import shutil
import subprocess
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tests.native.agreement.programs import Ask, Build, Call, Chain, Symbols

if TYPE_CHECKING:
    from symbolicator._core import SourceLocation

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")


def needs(tool: str, package: str) -> str:
    return shutil.which(tool) or pytest.skip(f"{tool} is not installed: apt-get install {package}")


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def built(name: str, source: str, *flags: str) -> Path:
        compiler = needs("g++" if name.endswith(".cpp") else "gcc", "g++")
        (tmp_path / "folder").mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
        program = tmp_path / f"{Path(name).stem}.out"
        subprocess.run([compiler, name, *flags, "-o", program.name], cwd=tmp_path, check=True, capture_output=True)
        return program

    return built


@pytest.fixture
def llvm() -> Ask:
    """llvm-symbolizer 19, innermost call first."""
    tool = needs("llvm-symbolizer-19", "llvm-19")

    def ask(program: Path, addresses: Sequence[int]) -> list[Chain]:
        command = [tool, f"--obj={program}", "--output-style=JSON", "--no-demangle"]
        asked = "".join(f"{address:#x}\n" for address in addresses)
        answers = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
        return [[_llvm_call(call) for call in json.loads(answer)["Symbol"]] for answer in answers.splitlines()]

    return ask


def _llvm_call(call: Mapping[str, str | int]) -> Call:
    return Call(str(call["FunctionName"]), str(call["FileName"]), int(call["Line"]), int(call["Column"]))


@pytest.fixture
def ours() -> Ask:
    """The core, innermost call first."""

    def ask(program: Path, addresses: Sequence[int]) -> list[Chain]:
        symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
        chains = symcache.chains(array("Q", [address - symcache.load_address for address in addresses]))
        return [[_our_call(call) for call in chain] for chain in chains]

    return ask


def _our_call(call: "SourceLocation") -> Call:
    name = call.symbol or call.function or ""
    return Call(name, call.file or "", call.line or 0, call.column or 0, call.function or "")


@pytest.fixture
def symbols() -> Symbols:
    """Reads the symbol table of a program."""

    def read(program: Path) -> dict[str, tuple[int, int]]:
        with program.open("rb") as file:
            table = ELFFile(file).get_section_by_name(".symtab")
            assert isinstance(table, SymbolTableSection)
            defined = [symbol for symbol in table.iter_symbols() if symbol["st_shndx"] != "SHN_UNDEF"]
            return {symbol.name: (symbol["st_value"], symbol["st_size"]) for symbol in defined if symbol.name}

    return read
