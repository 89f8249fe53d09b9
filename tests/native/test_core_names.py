"""Names from the core: demangled as the usual tools do, and found again by either form."""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from hypothesis import given
from hypothesis import strategies as st

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

Compile: TypeAlias = Callable[..., Path]


@pytest.fixture(scope="module")
def program(compile_cpp: Compile) -> Path:
    return compile_cpp("-O1")


@pytest.fixture(scope="module")
def addresses_by_name(program: Path) -> dict[str, set[int]]:
    """Virtual addresses of the functions by mangled name."""
    addresses = defaultdict(set)
    with program.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        for symbol in table.iter_symbols():
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF":
                addresses[symbol.name].add(symbol["st_value"])
    return addresses


def filtered(names: list[str], *options: str) -> list[str]:
    """What binutils makes of the names."""
    tool = shutil.which("c++filt") or pytest.skip("c++filt is not installed")
    process = subprocess.run([tool, *options], input="\n".join(names), capture_output=True, text=True, check=True)
    return process.stdout.splitlines()


def test_names_are_demangled_as_by_binutils(addresses_by_name: dict[str, set[int]]) -> None:
    """A name that reads differently than in the debugger is not recognized."""
    names = [name for name in addresses_by_name if "." not in name]
    assert [_core.demangle(name) for name in names] == filtered(names)


def test_clones_are_marked_as_by_binutils() -> None:
    """The mark is what tells the cold part of a function from the function."""
    names = [f"_Z3fooi{mark}" for mark in (".part.0", ".cold", ".isra.0", ".constprop.0", ".part.0.cold")]
    assert [_core.demangle(name) for name in names] == filtered(names)


@pytest.mark.parametrize(
    ("mangled", "readable"),
    [
        ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
        ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
        ("main", "main"),
        ("", ""),
        ("_ZTV", "_ZTV"),
    ],
)
def test_rust_and_plain_names(mangled: str, readable: str) -> None:
    """Rust's hashes change with every build and would split one crash into many groups."""
    assert _core.demangle(mangled) == readable


@given(
    st.one_of(
        st.text(),
        st.builds(
            "{}{}".format,
            st.sampled_from(["_Z", "_ZN", "_R", "__Z"]),
            st.text(alphabet="0123456789NSIEJKLPRTtsilcdv_CD.aZXW"),
        ),
    )
)
def test_any_text_demangles_to_some_text(name: str) -> None:
    """Names come from files that anyone can upload: one of them must not stop a worker."""
    assert isinstance(_core.demangle(name), str)


def test_a_function_is_found_by_either_name(program: Path, addresses_by_name: dict[str, set[int]]) -> None:
    """Backtraces that say ``function+0x12`` have nothing but the name."""
    symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
    by_readable: dict[str, set[int]] = defaultdict(set)
    for name, addresses in addresses_by_name.items():
        by_readable[_core.demangle(name)] |= addresses
        found = symcache.symbol_address(name)
        assert found == (None if len(addresses) > 1 else min(addresses) - symcache.load_address), name
    for readable, addresses in by_readable.items():
        found = symcache.symbol_address(readable)
        assert found == (None if len(addresses) > 1 else min(addresses) - symcache.load_address), readable


@pytest.mark.parametrize("name", ["shop::total", "shop::tried", "shop::total(int const*, int)", "c_entry", "main"])
def test_arguments_may_be_left_out(program: Path, name: str) -> None:
    """Some tools print names without arguments."""
    symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
    assert symcache.symbol_address(name) is not None


@pytest.mark.parametrize("name", ["", "no_such_function", "shop::", "operator", "(", "\N{SNOWMAN}"])
def test_unknown_names_have_no_address(program: Path, name: str) -> None:
    """A guessed address would blame the wrong line."""
    assert _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes())).symbol_address(name) is None
