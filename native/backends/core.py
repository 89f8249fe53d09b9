"""Debug files through the compiled core.

::

    symcache = CoreBackend().load(blob, cache)
    [chain] = symcache.lookup([LookupAddress(0x1139)])
    print(chain[0].function, chain[0].file, chain[0].line)

The core answers in numbers; here they become `native.protocol.SourceLocation`. A file is converted once: the index
stays in the cache, and one that turns out to be damaged or of another version is built again.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from native.protocol import DebugFileSummary, Evidence, SourceLocation, SymCache
from symbolicator import _core
from symbolicator.cached_index import CachedIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Blob, Buffer, IndexCache

INDEX_FORMAT: Final = f"symcache-v{_core.SYMCACHE_VERSION}"

_FRAME_FIELDS = 8
_NONE = 0xFFFF_FFFF
_FROM_DEBUG_INFO = 1
_LANGUAGES = {1: "c", 2: "cpp", 3: "rust"}


class CoreBackend:
    """Parses debug files with `symbolicator._core`."""

    name = "core"

    def __init__(self, cancel: _core.CancelToken | None = None) -> None:
        self._cancel = cancel

    def summarize(self, data: Buffer) -> DebugFileSummary:
        """Reads the headers. Raises `MalformedArtifact` if ``data`` is no debug file."""
        return self.summarize_all(data)[0]

    def summarize_all(self, data: Buffer) -> Sequence[DebugFileSummary]:
        """Reads the headers of every file in a universal binary; of any other file the one. Raises the same."""
        try:
            return [_summary(summary) for summary in _core.summarize_debug_files(data)]
        except _core.DebugFileError as error:
            raise _malformed(None, error) from error

    def load(self, blob: Blob, cache: IndexCache, index: int = 0) -> SymCache:
        """Opens the file at ``index`` through its cached index where there is one. Raises `MalformedArtifact`.

        Raises `_core.Cancelled` if the backend's token is cancelled meanwhile; then the cache keeps nothing of it.
        """
        return _CachedSymCache(blob, cache, index, self._cancel)


def _summary(summary: _core.DebugFileSummary) -> DebugFileSummary:
    return DebugFileSummary(
        format=summary.format,
        arch=summary.arch,
        kind=summary.kind,
        code_id=summary.code_id,
        debug_id=summary.debug_id,
        debug_link=summary.debug_link,
        load_address=summary.load_address,
        has_debug_info=summary.has_debug_info,
        has_symbols=summary.has_symbols,
        index=summary.index,
    )


class _CachedSymCache:
    """A `SymCache` in the index cache."""

    def __init__(self, blob: Blob, cache: IndexCache, place: int, cancel: _core.CancelToken | None) -> None:
        def build(data: Buffer) -> bytes:
            try:
                return _core.build_symcache(data, place, cancel=cancel)
            except _core.DebugFileError as error:
                raise _malformed(blob.name, error) from error

        self._index = CachedIndex(
            blob,
            cache,
            f"{INDEX_FORMAT}-{place}" if place else INDEX_FORMAT,
            build=build,
            open_index=_Index,
            damaged=_core.IndexFileError,
        )
        self.load_address: int = self._index.ask(lambda index: index.load_address)

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""
        return self._index.ask(lambda index: index.lookup(addresses))

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by mangled or demangled name; None if unknown or ambiguous."""
        return self._index.ask(lambda index: index.symbol_address(name))


class _Index:
    """One opened index file; its strings are decoded once."""

    def __init__(self, path: Path) -> None:
        self._symcache = _core.SymCache.open(str(path))
        self._strings: dict[int, str | None] = {_NONE: None}
        self.load_address = self._symcache.load_address

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        ends, frames = self._symcache.lookup(array("Q", addresses))
        locations = list(self._locations(memoryview(frames).cast("I")))
        return [tuple(locations[start:end]) for start, end in pairwise((0, *memoryview(ends).cast("I")))]

    def symbol_address(self, name: str) -> RelativeAddress | None:
        address = self._symcache.symbol_address(name)
        return None if address is None else RelativeAddress(address)

    def _locations(self, records: "memoryview[int]") -> Iterator[SourceLocation]:
        for start in range(0, len(records), _FRAME_FIELDS):
            function, symbol, file, line1, column1, flags, low, high = records[start : start + _FRAME_FIELDS]
            yield SourceLocation(
                function=self._string(function),
                symbol=self._string(symbol),
                file=self._string(file),
                line=line1 or None,
                column=column1 or None,
                language=_LANGUAGES.get(flags >> 8 & 0xFF),
                entry=RelativeAddress(high << 32 | low),
                evidence=_evidence(flags),
            )

    def _string(self, string_id: int) -> str | None:
        if string_id not in self._strings:
            self._strings[string_id] = self._symcache.string(string_id)
        return self._strings[string_id]


def _evidence(flags: int) -> Evidence:
    return "debug info" if flags & _FROM_DEBUG_INFO else "symbol table"


def _malformed(name: str | None, error: Exception) -> MalformedArtifact:
    subject = "The debug file" if name is None else f"The debug file {name}"
    return MalformedArtifact(
        f"{subject} cannot be read: {error}. Give the file that the linker wrote (ELF, Mach-O, PE, WebAssembly), or "
        "its separate debug file (.debug, dSYM, PDB, Breakpad .sym)."
    )
