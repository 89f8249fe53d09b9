"""Mangled names without the compiled core."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.elf.layout import ElfFile
from native.elf.symbols import function_symbols
from native.mangling import demangled, language_of
from native.names import normal_form

RUST = {
    "_ZN6ledger6ledger13Sale$LT$A$GT$5total17h77b8a1b2c3d4e5f6E": "ledger::ledger::Sale<A>::total",
    "_ZN4core3ptr32drop_in_place$LT$$u5b$T$u5d$$GT$17h0123456789abcdefE": "core::ptr::drop_in_place<[T]>",
    "_RNvNtCs1234_7mycrate3foo3bar": "mycrate::foo::bar",
    "_RNvMNtCs1234_4shop4cartNtB2_4Cart5total": "<shop::cart::Cart>::total",
    "_RNCNvCs1234_7mycrate4main0B3_": "mycrate::main::{closure#0}",
    "_RINvCs1234_7mycrate3maplReEB2_": "mycrate::map::<i32, &str>",
    "_RNvXs_Cs1234_7mycrateNtB4_3FooNtB4_3Bar3baz": "<mycrate::Foo as mycrate::Bar>::baz",
}
CPP = {
    "_ZN4shop4Cart5totalEv": "shop::Cart::total",
    "_ZNK4shop4Cart5totalERKS_": "shop::Cart::total",
    "_ZN4shop12_GLOBAL__N_16helperEi": "shop::(anonymous namespace)::helper",
    "_ZN4shop4CartC2Ev": "shop::Cart::Cart",
    "_ZN4shop4CartD0Ev": "shop::Cart::~Cart",
    "_ZN4shop4CartlsEi": "shop::Cart::operator<<",
    "_ZN4shop4CartnwEm": "shop::Cart::operator new",
    "_Z5totaliPKc": "total",
    "_ZL5totalv": "total",
    "_ZSt9terminatev": "std::terminate",
    "_ZN4shop4nameB5cxx11Ev": "shop::name",
    "_ZN4shop5sumOfINS_4LineENS_8AddGrossEEEiRKSt6vectorIT_SaIS4_EET0_": "shop::sumOf<T>",
    "_ZNSt6vectorIiSaIiEE9push_backERKi": "std::vector<T>::push_back",
    "_ZNK4shop3BoxIiLi3EEcvNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEv": (
        "shop::Box<T>::operator std::__cxx11::basic_string<T>"
    ),
    "_ZZN4shop9useLambdaEiENKUliE_clEi": "shop::useLambda::{lambda}::operator()",
    "_ZSt4swapIiENSt9enable_ifIXsrSt6__and_IJSt6__not_ISt15__is_tuple_likeIT_EESt21is_move_constructibleIS4_ESt18"
    "is_move_assignableIS4_EEE5valueEvE4typeERS4_SE_": "std::swap<T>",
    "_ZN1aIXaagtsZT_Li1EsrT0_5valueEE1fEv": "a<T>::f",
    "_ZNSsC1EPKc": "std::basic_string<T>::basic_string",
    "_ZThn16_N4shop3Cap7appliedEi": "shop::Cap::applied",
}


@pytest.mark.parametrize("symbol", [symbol for symbol, name in RUST.items() if name])
def test_rust_names(symbol: str) -> None:
    """Without them every Rust frame of the reference backend would show a mangled name."""
    assert demangled(symbol) == RUST[symbol]
    assert language_of(symbol) == "rust"


@pytest.mark.parametrize("symbol", CPP)
def test_plain_cpp_names(symbol: str) -> None:
    """A stripped C++ program has nothing but its symbols."""
    assert demangled(symbol) == CPP[symbol]
    assert language_of(symbol) == "cpp"


@pytest.mark.parametrize("name", ["main", "_start", "foo_ZN3barE", "_ZN", "_R", "_ZN9999fooE", "_RNvB_3foo", ""])
def test_other_names_are_left_alone(name: str) -> None:
    """A C function must not turn into something else."""
    assert demangled(name) is None


def binutils_names(paths: Iterable[Path]) -> dict[str, str]:
    """The mangled functions of some files and what binutils calls them."""
    if shutil.which("c++filt") is None:
        pytest.skip("binutils is not installed")
    symbols = sorted({symbol.name for path in paths for symbol in function_symbols(ElfFile.parse(path.read_bytes()))})
    told = subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True, check=True)
    pairs = zip(symbols, told.stdout.splitlines(), strict=True)
    return {symbol: normal_form(_plain(symbol, name)) for symbol, name in pairs if symbol != name}


def read_here(names: Iterable[str]) -> dict[str, str]:
    """What we call them; those that we do not read are left out."""
    return {symbol: normal_form(name) for symbol in names if (name := demangled(symbol))}


def test_names_of_the_fixtures_agree_with_binutils(debug_files: list[Path]) -> None:
    """Binutils reads these manglings too: two manglings of Rust and one of C++, and none is left out."""
    theirs = binutils_names(debug_files)
    assert len(theirs) > 400
    assert read_here(theirs) == theirs


def test_names_of_the_cpp_library_agree_with_binutils() -> None:
    """Some thousand names with templates in templates, constraints, operators and lambdas."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    told = subprocess.run(["g++", "-print-file-name=libstdc++.so"], capture_output=True, text=True, check=True)
    theirs = binutils_names([Path(told.stdout.strip()).resolve()])
    assert len(theirs) > 3_000
    assert read_here(theirs) == theirs


def _plain(symbol: str, told: str) -> str:
    """Without the hashes, which binutils prints."""
    without_crate_ids = re.sub(r"(?<=\w)\[[0-9a-f]{14,16}\]", "", told)
    return re.sub(r"::h[0-9a-f]{16}$", "", without_crate_ids) if "17h" in symbol else without_crate_ids


@given(st.text(alphabet="_RZNCIMXYKETSBsLpv0123456789abci", max_size=60).map(lambda text: f"_R{text}"))
def test_no_text_upsets_the_rust_reader(symbol: str) -> None:
    """Symbols come from outside: recursion or endless back references must end in None."""
    assert demangled(symbol) is None or isinstance(demangled(symbol), str)


def test_names_that_repeat_themselves_end() -> None:
    """A few back references to back references would be gigabytes of text."""
    symbol = "_RINvC1a1bT" + "".join(f"TB{digit}_B{digit}_E" for digit in "9abcdefghijklmnop") + "EE"
    assert len(demangled(symbol) or "") < 1_000_000


@given(st.text(alphabet="_ZNKSt0123456789EIJCDabcliv$.", max_size=60).map(lambda text: f"_Z{text}"))
def test_no_text_upsets_the_cpp_reader(symbol: str) -> None:
    """As above."""
    assert demangled(symbol) is None or isinstance(demangled(symbol), str)
