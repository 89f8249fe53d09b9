"""Mangled names, read without the compiled core: what a function is called, in Rust and in C++.

>>> demangled("_ZN4shop4Cart5totalEv")
'shop::Cart::total'

Arguments and return types of C++ functions are left out: `native.names` drops them from everybody's names.
"""

from native.mangling import itanium, rust_legacy, rust_v0

MAX_SYMBOL = 1 << 14


def demangled(symbol: str) -> str | None:
    """The name that a symbol stands for; None if it is not mangled, or not in a way that is read here."""
    if len(symbol) > MAX_SYMBOL:
        return None
    if symbol.startswith("_R"):
        return rust_v0.demangled(symbol)
    return rust_legacy.demangled(symbol) or itanium.demangled(symbol)


def language_of(symbol: str) -> str | None:
    """The language whose mangling a symbol has: ``rust``, ``cpp``, or None for a plain name."""
    if symbol.startswith("_R") or rust_legacy.demangled(symbol):
        return "rust"
    return "cpp" if symbol.startswith("_Z") else None
