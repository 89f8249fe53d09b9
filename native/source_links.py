"""Where the sources are served: a PDB's Source Link or source server, added to what its symbols say.

::

    symcache = Linked(backend.load(blob, cache), blob)
    [chain] = symcache.lookup([LookupAddress(0x1139)])
    print(chain[0].source_link)
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from native.protocol import SourceLocation, SymCache, changed
from symbolicator.core import compiled_core
from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Blob, Buffer

if TYPE_CHECKING:
    from symbolicator import _core

FORMATS = frozenset({"pdb"})
"""Formats of debug files that say where sources are served."""


class Linked:
    """A `SymCache` whose locations have links. The debug file is read for them when a location has a file."""

    def __init__(self, symcache: SymCache, blob: Blob) -> None:
        self._symcache, self._blob = symcache, blob
        self.load_address: int = symcache.load_address
        self.arch = symcache.arch

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""
        return [tuple(self._linked(location) for location in chain) for chain in self._symcache.lookup(addresses)]

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by mangled or demangled name; None if unknown or ambiguous."""
        return self._symcache.symbol_address(name)

    def _linked(self, location: SourceLocation) -> SourceLocation:
        links = self._links if location.file else None
        return changed(location, source_link=links.url(location.file or "")) if links else location

    @cached_property
    def _links(self) -> "_core.SourceLinks | None":
        with self._blob.open() as data:
            return links_of(data)


def links_of(data: Buffer) -> "_core.SourceLinks | None":
    """Where the sources of a debug file are served; None if it says nothing, or nothing here can read it."""
    core = compiled_core()
    if core is None:
        return None
    try:
        links: _core.SourceLinks = core.SourceLinks.read(data)
    except core.DebugFileError:
        return None
    return None if links.is_empty else links
