"""Knows ELF files among artifacts: what each is, under which ids and names it is found, and how it is opened.

One file may serve several uses, each an identity of its own: ``elf-debug`` where it has DWARF, ``elf-symbols`` where it
has a symbol table, ``elf`` always. A stripped binary and its debug file share a build id, so the transformer asks for
debug information first, then for symbols, and for the headers alone to say what is wrong.
"""

from collections.abc import Iterator

from native.backends import select
from native.debug_files import DEBUG, HEADERS, SYMBOLS
from native.elf.layout import MAGIC
from native.elf.summary import summarize
from native.images import base_name
from native.protocol import DebugFileSummary, SymCache
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key


class ElfIdentifier:
    """Knows ELF files by their magic number."""

    name = "ELF"
    kinds = frozenset({DEBUG, SYMBOLS, HEADERS})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """An identity for each use of the file; empty if it is no ELF file."""
        if bytes(data[:4]) != MAGIC:
            return ()
        try:
            summary = summarize(data)
        except MalformedArtifact as error:
            return (_damaged(name, error),)
        return tuple(_identity(kind, name, summary) for kind in _uses(summary))

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> SymCache | DebugFileSummary:
        """Opens a file for its use. Raises `symbolicator.errors.MalformedArtifact`."""
        if kind != HEADERS:
            return select().load(blob, cache)
        with blob.open() as data:
            return summarize(data)


def _uses(summary: DebugFileSummary) -> Iterator[str]:
    if summary.has_debug_info:
        yield DEBUG
    if summary.has_symbols:
        yield SYMBOLS
    yield HEADERS


def _damaged(name: str, error: MalformedArtifact) -> Identity:
    """Found by its name, so that whoever looks for it hears that it is damaged and not that it is missing."""
    keys = frozenset(Key(kind, "name", base_name(name)) for kind in (DEBUG, HEADERS) if base_name(name))
    return Identity(HEADERS, keys, "damaged ELF file", {"format": "ELF", "damage": str(error)})


def _identity(kind: str, name: str, summary: DebugFileSummary) -> Identity:
    ids = (("code_id", summary.code_id), ("debug_id", summary.debug_id), ("name", base_name(name)))
    keys = frozenset(Key(kind, by, value) for by, value in ids if value)
    return Identity(kind, keys, _label(summary), dict(_details(summary)))


def _label(summary: DebugFileSummary) -> str:
    return f"ELF {summary.kind}, {summary.arch}, {_content(summary)}"


def _content(summary: DebugFileSummary) -> str:
    if summary.has_debug_info:
        return "with debug information"
    return "with symbols, without debug information" if summary.has_symbols else "stripped"


def _details(summary: DebugFileSummary) -> Iterator[tuple[str, str]]:
    yield "format", "ELF"
    yield "architecture", summary.arch
    yield "build id", summary.code_id or "none (link with -Wl,--build-id)"
    yield "debug id", summary.debug_id or "none"
    if summary.debug_link:
        yield "debug file", summary.debug_link
    yield "resolves", _abilities(summary)


def _abilities(summary: DebugFileSummary) -> str:
    if summary.has_debug_info:
        return "functions, inlined calls, files and lines"
    if summary.has_symbols:
        return "function names"
    return "nothing: it is stripped; its debug file is needed"


IDENTIFIER = ElfIdentifier()
