"""Names of functions, put together from debugging entries that complete each other across units.

A concrete function refers to its abstract instance, that to its declaration, and that lies in a class in a namespace:
``DW_AT_name`` along the way makes ``shop::Cart::total``.
"""

from collections.abc import Callable
from typing import NamedTuple

from native.backends.dwarf_entries import Declaration, Scope
from native.backends.dwarf_unit import Unit
from native.mangling import demangled

MAX_HOPS = 16
MAX_SCOPES = 64
_ANONYMOUS = "(anonymous namespace)"


class FunctionName(NamedTuple):
    """A function's name without arguments, its mangled name, and the language of the unit that declares it."""

    function: str | None
    symbol: str | None
    language: str | None


class _Found(NamedTuple):
    name: str | None
    symbol: str | None
    scope: Scope | None
    language: str | None


class Names:
    """Looks names up by the offset of a function's entry; ``unit_of`` gives the unit that an offset lies in."""

    def __init__(self, unit_of: Callable[[int], Unit | None]) -> None:
        self._unit_of = unit_of
        self._known: dict[int, FunctionName] = {}

    def of(self, offset: int) -> FunctionName:
        """The name of the function whose entry lies at ``offset`` of ``.debug_info``."""
        if offset not in self._known:
            found = self._find(offset)
            self._known[offset] = FunctionName(self._displayed(found), found.symbol, found.language)
        return self._known[offset]

    def _displayed(self, found: _Found) -> str | None:
        """Decoded from the mangled name where we can; it has what entries lack, such as the trait of a Rust method."""
        decoded = demangled(found.symbol) if found.symbol else None
        return decoded or self._qualified(found)

    def _find(self, offset: int) -> _Found:
        """Follows completions and instances to the declaration: that is where the scope is right."""
        name = symbol = language = None
        scope = None
        at: int | None = offset
        for _ in range(MAX_HOPS):
            unit = self._unit_of(at) if at is not None else None
            entry = _declaration(unit, at)
            if unit is None or entry is None:
                break
            name, symbol, scope = name or entry.name, symbol or entry.symbol, entry.scope
            language, at = unit.language, entry.refers_to
        return _Found(name, symbol, scope, language)

    def _qualified(self, found: _Found) -> str | None:
        if found.name is None or found.language == "c":
            return found.name
        return "::".join([*reversed(self._scope_names(found)), found.name])

    def _scope_names(self, found: _Found) -> list[str]:
        """Names of the enclosing scopes, innermost first. Functions are scopes of lambdas and local classes."""
        names: list[str] = []
        inner, scope = found.name or "", found.scope
        while scope and len(names) < MAX_SCOPES:
            if scope.function is None:
                names.append(scope.name or _unnamed(scope, inner))
                scope = scope.parent
            else:
                around = self._find(scope.function)
                names.append(around.name or "{unnamed}")
                scope = around.scope
            inner = names[-1]
        return names


def _declaration(unit: Unit | None, offset: int | None) -> Declaration | None:
    return unit.entries.declarations.get(offset) if unit and offset is not None else None


def _unnamed(scope: Scope, inner: str) -> str:
    """What a scope without a name is called that holds ``inner``."""
    if scope.tag == "DW_TAG_namespace":
        return _ANONYMOUS
    return "{lambda}" if inner.startswith("operator()") else "{unnamed type}"
