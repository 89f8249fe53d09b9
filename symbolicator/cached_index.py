"""An index file of one artifact, kept in the cache: built when it is first asked, built again when it is damaged.

::

    index = CachedIndex(blob, cache, "symcache-v1", build=convert, open_index=SymCache.open, damaged=IndexFileError)
    chains = index.ask(lambda symcache: symcache.lookup(addresses))

The compiled backends of every language keep their indexes through this.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

Index = TypeVar("Index")
Answer = TypeVar("Answer")


class CachedIndex(Generic[Index]):
    """Damage (an exception of type ``damaged``), found on opening or later, costs one more conversion, never more."""

    def __init__(  # noqa: PLR0913 - three to find the index, three to make sense of it
        self,
        blob: Blob,
        cache: IndexCache,
        index_format: str,
        *,
        build: Callable[[Buffer], bytes],
        open_index: Callable[[Path], Index],
        damaged: type[Exception],
    ) -> None:
        self._blob, self._cache, self._format = blob, cache, index_format
        self._build, self._open_index, self._damaged = build, open_index, damaged
        self._index: Index | None = None

    def ask(self, question: Callable[[Index], Answer]) -> Answer:
        """The answer of the index. Raises `MalformedArtifact` if the index is damaged although it was just built."""
        try:
            return question(self._opened())
        except self._damaged:
            self._cache.discard(self._blob, self._format)
            self._index = None
        try:
            return question(self._opened())
        except self._damaged as error:
            raise MalformedArtifact(
                f"The index of {self._blob.name} is damaged although it was just built ({error}): check the disk that "
                "holds the cache, or set another folder with SYMBOLICATOR_CACHE_DIR."
            ) from error

    def _opened(self) -> Index:
        if self._index is None:
            self._index = self._open_index(self._cache.get_or_build(self._blob, self._format, self._build))
        return self._index
