"""The two files of an assembly: its portable PDB, which knows lines and sources, and itself, which knows names.

Both are found by the debug id, and an assembly may hold its PDB. Where the report has no id they are found by name.
"""

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from native.debug_files import DEBUG, HEADERS, SOURCES, SYMBOLS
from native.images import Image
from native.protocol import DebugFileSummary
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

if TYPE_CHECKING:
    from native.dotnet.sources import DocumentSources
    from native.protocol import SymCache

_SUFFIXES = (".dll", ".exe")
_EVIDENCE = {"debug_id": "debug-id", "name": "name"}


class AssemblyFiles(Struct, frozen=True):
    """What was found for an assembly."""

    lines: Artifact | None = None
    names: Artifact | None = None
    sources: Artifact | None = None
    missing: Missing | None = None
    """Why there are no lines."""
    other_build: Artifact | None = None
    """A file of the right name and another id."""

    @property
    def line_cache(self) -> "SymCache | None":
        """Lines by method and IL offset."""
        return cast("SymCache", self.lines.content) if self.lines else None

    @property
    def name_cache(self) -> "SymCache | None":
        """Names by method."""
        return cast("SymCache", self.names.content) if self.names else None

    @property
    def source_texts(self) -> "DocumentSources | None":
        """Texts and addresses of sources."""
        return cast("DocumentSources", self.sources.content) if self.sources else None

    @property
    def resolved_with(self) -> str | None:
        """What the file was found by."""
        found = self.lines or self.names
        return _EVIDENCE.get(found.key.by) if found else None


def wanted(image: Image) -> frozenset[Key]:
    """What to ask for, all at once."""
    kinds = (DEBUG, SYMBOLS, SOURCES)
    headers = {Key(HEADERS, "name", name) for name in _names(image)}
    if image.debug_id:
        return frozenset({Key(kind, "debug_id", image.debug_id) for kind in kinds} | headers)
    return frozenset({Key(kind, "name", name) for kind in kinds for name in _names(image)} | headers)


def found(image: Image, artifacts: Artifacts) -> AssemblyFiles:
    """What came of it."""
    keys = sorted(wanted(image))
    return AssemblyFiles(
        lines=_first(DEBUG, keys, artifacts),
        names=_first(SYMBOLS, keys, artifacts),
        sources=_first(SOURCES, keys, artifacts),
        missing=_miss(keys, artifacts),
        other_build=_other_build(image, _first(HEADERS, keys, artifacts)),
    )


def _names(image: Image) -> tuple[str, ...]:
    """File names of the assembly and of its PDB."""
    name = image.name
    if not name:
        return ()
    stem = next((name[: -len(suffix)] for suffix in _SUFFIXES if name.lower().endswith(suffix)), None)
    return (name,) if stem is None else (f"{stem}.pdb", name)


def _other_build(image: Image, named: Artifact | None) -> Artifact | None:
    content = named.content if named else None
    is_other = isinstance(content, DebugFileSummary) and content.debug_id != image.debug_id
    return named if image.debug_id and is_other else None


def _first(kind: str, keys: list[Key], artifacts: Artifacts) -> Artifact | None:
    answers = (artifacts.get(key) for key in keys if key.kind == kind)
    return next((answer for answer in answers if isinstance(answer, Artifact)), None)


def _miss(keys: list[Key], artifacts: Artifacts) -> Missing | None:
    misses = [answer for key in keys if key.kind == DEBUG and isinstance(answer := artifacts.get(key), Missing)]
    return min(misses, key=lambda miss: (not miss.malformed, not miss.near), default=None)
