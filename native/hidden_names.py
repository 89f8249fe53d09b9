"""Debug files whose names Apple's builds from bitcode hide, and the same files with their names shown.

::

    symcache = with_names(symcache, "79684d6f-…", artifacts)  # __hidden#12_ becomes -[Cart total]
"""

from collections.abc import Sequence

from native.mangling import demangled
from native.protocol import SourceLocation, SymCache, changed
from native.symbol_maps import SYMBOL_MAP, UUID_MAP, SymbolMap, UuidMap, is_hidden
from symbolicator.core import compiled_core
from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Artifact, Artifacts, Key


class HiddenNames:
    """A debug file whose names stand in a symbol map: the same as what it holds, and known to want one."""

    def __init__(self, symcache: SymCache) -> None:
        self.load_address: int = symcache.load_address
        self.arch = symcache.arch
        self.lookup, self.symbol_address = symcache.lookup, symcache.symbol_address


def wanted_maps(debug_id: str, artifacts: Artifacts) -> frozenset[Key]:
    """What to ask for to show the names of an image, step by step."""
    asked = {Key(UUID_MAP, "debug_id", debug_id)}
    if asked <= artifacts.keys():
        asked.add(Key(SYMBOL_MAP, "debug_id", original_of(debug_id, artifacts)))
    return frozenset(asked)


def original_of(debug_id: str, artifacts: Artifacts) -> str:
    """Debug id of the build whose symbol map fits."""
    found = _uuid_map(debug_id, artifacts)
    return found.original if found else debug_id


def with_names(symcache: SymCache, debug_id: str | None, artifacts: Artifacts) -> SymCache:
    """The debug file of an image with its names shown, where the symbol map is among the artifacts."""
    if debug_id is None:
        return symcache
    found = artifacts.get(Key(SYMBOL_MAP, "debug_id", original_of(debug_id, artifacts)))
    if not isinstance(found, Artifact) or not isinstance(found.content, SymbolMap):
        return symcache
    return _Shown(symcache, found.content, _uuid_map(debug_id, artifacts) or UuidMap(debug_id))


class _Shown:
    """A `SymCache` that tells the names."""

    def __init__(self, symcache: SymCache, names: SymbolMap, uuids: UuidMap) -> None:
        self._symcache, self._names, self._uuids = symcache, names, uuids
        self.load_address: int = symcache.load_address
        self.arch = symcache.arch

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""
        return [tuple(self._shown(location) for location in chain) for chain in self._symcache.lookup(addresses)]

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by its hidden name, or one that was not hidden."""
        return self._symcache.symbol_address(name)

    def _shown(self, location: SourceLocation) -> SourceLocation:
        symbol, function = location.symbol, location.function
        if symbol and is_hidden(symbol):
            symbol = _without_underscore(self._names.shown(symbol))
            function = symbol if is_hidden(symbol) else _readable(symbol)
        elif function:
            function = self._names.shown(function)
        file = self._uuids.moved(self._names.shown(location.file)) if location.file else None
        return changed(location, symbol=symbol, function=function, file=file)


def _without_underscore(symbol: str) -> str:
    """Symbols have Mach-O's underscore in front; linkage names come from debug information, and do not."""
    return symbol if symbol.startswith("_Z") else symbol.removeprefix("_")


def _readable(symbol: str) -> str:
    core = compiled_core()
    return core.demangle(symbol) if core else demangled(symbol) or symbol


def _uuid_map(debug_id: str, artifacts: Artifacts) -> UuidMap | None:
    found = artifacts.get(Key(UUID_MAP, "debug_id", debug_id))
    return found.content if isinstance(found, Artifact) and isinstance(found.content, UuidMap) else None
