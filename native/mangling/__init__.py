"""Mangled names, read without the compiled core: what a function is called, in Rust and in C++.

>>> demangled("_ZN4shop4Cart5totalEv")
'shop::Cart::total'

Arguments and return types of C++ functions are left out: `native.names` drops them from everybody's names. Names of
other languages are read where the core is installed, by `readable`.
"""

from native.mangling import itanium, rust_legacy, rust_v0
from native.mangling.schemes import is_mangled, language_by_start
from symbolicator.core import compiled_core

__all__ = ["demangled", "is_mangled", "language_of", "readable"]

MAX_SYMBOL = 1 << 14


def demangled(symbol: str) -> str | None:
    """The name that a symbol stands for; None if it is not mangled, or not in a way that is read here."""
    if len(symbol) > MAX_SYMBOL:
        return None
    if symbol.startswith("_R"):
        return rust_v0.demangled(symbol)
    return rust_legacy.demangled(symbol) or itanium.demangled(symbol)


def readable(symbol: str) -> str | None:
    """The same for every language that the core reads, without arguments; None if neither reads it."""
    if name := demangled(symbol):
        return name
    core = compiled_core()
    name = core.demangle(symbol, arguments=False) if core and is_mangled(symbol) else symbol
    return name if name != symbol else None


def language_of(symbol: str) -> str | None:
    """The language whose mangling a symbol has: ``rust``, ``cpp``, ``swift`` …; None for a plain name."""
    return "rust" if rust_legacy.demangled(symbol) else language_by_start(symbol)
