"""Debug files through the compiled core.

::

    symcache = CoreBackend().load(blob, cache)
    [chain] = symcache.lookup([LookupAddress(0x1139)])
    print(chain[0].function, chain[0].file, chain[0].line)

A file is converted once: the index stays in the cache, and one that turns out to be damaged or of another version is
built again.
"""

from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from hashlib import sha256
from typing import Final, cast
from zlib import crc32

from native.magic import format_of
from native.protocol import NEAREST, Companion, DebugFileSummary, SourceLocation, SymCache
from symbolicator import _core
from symbolicator.cached_index import CachedIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Blob, Buffer, IndexCache

INDEX_FORMAT: Final = f"symcache-v{_core.SYMCACHE_VERSION}"

_READ_IN_PARTS: Final = frozenset({"elf", "macho", "pe", "wasm"})
"""Formats of which the core reads no more than some addresses need."""
LARGE_BYTES = 8 << 20
"""From this size on a first trace does not wait for the index: below, the index takes no time to speak of."""


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

    def documents(self, data: Buffer) -> tuple[list[tuple[str, bool]], bytes | None]:
        """Sources of a portable PDB, and its source link. Raises `MalformedArtifact`."""
        try:
            return _core.portable_pdb_sources(data)
        except _core.DebugFileError as error:
            raise _malformed(None, error) from error

    def document_text(self, data: Buffer, path: str) -> bytes | None:
        """The embedded text of a source; None if it is not embedded. Raises `MalformedArtifact`."""
        try:
            return _core.portable_pdb_source(data, path)
        except _core.DebugFileError as error:
            raise _malformed(None, error) from error

    def has_go_table(self, data: Buffer) -> bool:
        """Whether a program has the tables of Go's runtime."""
        return _core.has_go_table(data)

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
        debug_link_crc=summary.debug_link_crc,
        split_ids=tuple(summary.split_ids),
        image_name=summary.image_name,
        has_debug_map=summary.has_debug_map,
        has_hidden_names=summary.has_hidden_names,
    )


class _CachedSymCache:
    """A `SymCache` in the index cache, or for a first trace without one.

    To read what a few addresses need takes a fraction of the time that the index of a large file takes. So whoever
    asks a large file first is answered in that way, and whoever asks next waits for the index.
    """

    def __init__(
        self,
        blob: Blob,
        cache: IndexCache,
        place: int,
        cancel: _core.CancelToken | None,
        companions: Sequence[Blob] = (),
    ) -> None:
        self._blob, self._cache, self._place, self._cancel = blob, cache, place, cancel
        self._companions = tuple(companions)
        index_format = f"{INDEX_FORMAT}-{place}" if place else INDEX_FORMAT
        if companions:
            index_format += f"-{_joint_hash(companions)}"
        self._index = CachedIndex(
            blob,
            cache,
            index_format,
            build=self._built,
            open_index=lambda path: _core.SymCache.open(str(path)),
            damaged=_core.IndexFileError,
        )
        self._is_first = _is_worth_parts(blob) and cache.is_new(blob, index_format)
        # Without addresses this reads the headers and the symbols, and refuses what cannot be read at all.
        checked = self._around(array("Q")) if self._is_first else None
        self.load_address, self.arch = _headers(checked) if checked else self._index.ask(_headers)

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""
        asked = array("Q", addresses)
        is_first, self._is_first = self._is_first, False
        chains = self._around(asked).chains(asked) if is_first else []
        if not is_first or any(call.evidence == NEAREST for chain in chains for call in chain):
            # Whether a function lies between an address and the nearest symbol, the index alone knows.
            chains = self._index.ask(lambda index: index.chains(asked))
        return cast("list[tuple[SourceLocation, ...]]", chains)  # the core's class has the same fields

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by mangled or demangled name; None if unknown or ambiguous."""
        address = self._index.ask(lambda index: index.symbol_address(name))
        return None if address is None else RelativeAddress(address)

    @cached_property
    def crc32(self) -> int:
        """CRC-32 of the file's bytes."""
        with self._blob.open() as data:
            return crc32(data)

    @cached_property
    def missing_companions(self) -> Sequence[Companion]:
        """Files with parts of the debug information that this one is read without."""
        if self._is_first:
            return [Companion(*fields) for fields in self._look_for_companions()]
        return [Companion(*fields) for fields in self._index.ask(lambda index: index.missing_companions)]

    def with_companions(self, blobs: Sequence[Blob]) -> "_CachedSymCache":
        """The same file, read together with others."""
        return _CachedSymCache(self._blob, self._cache, self._place, self._cancel, blobs)

    def _look_for_companions(self) -> Sequence[tuple[str, str, str]]:
        with ExitStack() as opened:
            data, *companions = (opened.enter_context(blob.open()) for blob in (self._blob, *self._companions))
            return _core.missing_companions(data, companions=companions)

    def _around(self, addresses: "array[int]") -> _core.SymCache:
        with self._blob.open() as data:
            return _core.SymCache.from_bytes(self._built(data, addresses))

    def _built(self, data: Buffer, addresses: "array[int] | None" = None) -> bytes:
        with ExitStack() as opened:
            companions = [opened.enter_context(blob.open()) for blob in self._companions]
            try:
                return _core.build_symcache(
                    data, self._place, addresses=addresses, companions=companions, cancel=self._cancel
                )
            except _core.DebugFileError as error:
                raise _malformed(self._blob.name, error) from error


def _joint_hash(blobs: Sequence[Blob]) -> str:
    """Names a set of files by what is in them."""
    hashes = sorted(blob.content_hash for blob in blobs)
    return sha256("".join(hashes).encode()).hexdigest()[:32]


def _is_worth_parts(blob: Blob) -> bool:
    with blob.open() as data:
        return len(data) >= LARGE_BYTES and format_of(data) in _READ_IN_PARTS


def _headers(symcache: _core.SymCache) -> tuple[int, str]:
    return symcache.load_address, symcache.arch


def _malformed(name: str | None, error: Exception) -> MalformedArtifact:
    subject = "The debug file" if name is None else f"The debug file {name}"
    return MalformedArtifact(
        f"{subject} cannot be read: {error}. Give the file that the linker wrote (ELF, Mach-O, PE, WebAssembly), or "
        "its separate debug file (.debug, dSYM, PDB, Breakpad .sym)."
    )
