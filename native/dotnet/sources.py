"""Sources that a portable PDB knows: their texts where they are embedded, and where else they can be had.

>>> sources = DocumentSources(blob, backend)
>>> sources.lines("/shop/src/Program.cs")[0]
'using System;'
>>> sources.link("/shop/src/Program.cs")
'https://example.com/shop/0123abcd/Program.cs'
"""

from functools import cached_property
from typing import TYPE_CHECKING

from native.protocol import DebugFileBackend
from native.source_links import links_of
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer

if TYPE_CHECKING:
    from symbolicator import _core

MAX_KEPT = 64
"""Sources of one file that are kept in memory."""


class DocumentSources:
    """Reads from the debug file when asked, so that a trace costs the sources that it shows."""

    def __init__(self, blob: Blob, backend: DebugFileBackend) -> None:
        self._blob, self._backend = blob, backend
        self._texts: dict[str, tuple[str, ...] | None] = {}
        with blob.open() as data:
            documents, _ = backend.documents(data)
        self._embedded = frozenset(path for path, is_embedded in documents if is_embedded)

    def link(self, path: str) -> str | None:
        """Address of the document at ``path``."""
        return self._links.url(path) if self._links else None

    @cached_property
    def _links(self) -> "_core.SourceLinks | None":
        with self._blob.open() as data:
            return links_of(data)

    def lines(self, path: str) -> tuple[str, ...] | None:
        """Lines of the embedded text without their ends; None if it is not embedded or damaged."""
        if path not in self._embedded or (path not in self._texts and len(self._texts) >= MAX_KEPT):
            return None
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> tuple[str, ...] | None:
        try:
            with self._blob.open() as data:
                text = self._backend.document_text(data, path)
        except MalformedArtifact:
            return None
        return None if text is None else _lines(text)


def described(data: Buffer, backend: DebugFileBackend) -> str:
    """What there is, for a person."""
    try:
        documents, link = backend.documents(data)
    except MalformedArtifact as error:
        return str(error)
    embedded = sum(is_embedded for _, is_embedded in documents)
    linked = "with a source link" if link else "no source link"
    return f"{len(documents):,}, {embedded:,} of them embedded; {linked}"


def _lines(text: bytes) -> tuple[str, ...]:
    decoded = text.decode("utf-8-sig", "replace")
    return tuple(decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
