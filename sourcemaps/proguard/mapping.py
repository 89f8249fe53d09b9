"""A mapping file as an artifact: its index is built once and kept in the cache.

::

    mapping = load_mapping(blob, cache)
    [answer] = mapping.lookup([("a.b", "c", 12, None, "SourceFile")])
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from symbolicator.cached_index import CachedIndex
from symbolicator.core import compiled_core
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

if TYPE_CHECKING:
    from symbolicator import _core

ProgramFrame: TypeAlias = tuple[str, str, int, str | None, str | None]
"""Class, method, line (0 unknown), parameters, source file: as `_core.ProguardIndex.lookup` takes them."""

NO_CORE = "mapping files of ProGuard and R8 are read by the compiled core only, which is not installed"


class Mapping:
    """What a mapping file says. Any question raises `MalformedArtifact` if the file cannot be read."""

    def __init__(self, name: str, index: "CachedIndex[_core.ProguardIndex]") -> None:
        self.name, self._index = name, index

    @property
    def has_lines(self) -> bool:
        """Whether any method has line numbers."""
        return self._index.ask(lambda index: index.has_lines)

    def classes(self, names: Sequence[str]) -> list[str | None]:
        """Names in the source; None for classes that are not mapped."""
        return self._index.ask(lambda index: index.classes(names))

    def lookup(self, frames: Sequence[ProgramFrame], thrown: str | None = None) -> "list[_core.JavaAnswer]":
        """What the frames of one stack were, the innermost first."""
        return self._index.ask(lambda index: index.lookup(frames, thrown=thrown))


def load_mapping(blob: Blob, cache: IndexCache) -> Mapping:
    """Opens a mapping file; builds its index if nobody did. Raises `MalformedArtifact`."""
    core = compiled_core()
    if core is None:
        raise MalformedArtifact(f"{blob.name} cannot be used: {NO_CORE}. Install a Rust toolchain and run make again.")

    def build(data: Buffer) -> bytes:
        try:
            index: bytes = core.build_proguard_index(data)
        except core.ProguardError as error:
            raise MalformedArtifact(f"{blob.name} is no mapping file that can be used: {error}.") from error
        return index

    def open_index(path: Path) -> "_core.ProguardIndex":
        index: _core.ProguardIndex = core.ProguardIndex.open(str(path))
        return index

    index_format = f"proguard-v{core.PROGUARD_INDEX_VERSION}"
    damaged: type[Exception] = core.IndexFileError
    mapping = Mapping(
        blob.name, CachedIndex(blob, cache, index_format, build=build, open_index=open_index, damaged=damaged)
    )
    mapping.classes(())
    return mapping
