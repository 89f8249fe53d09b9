"""Which debug file belongs to an image: what to ask the store for, step by step, and what came of it.

By build id or debug id where the report has one, and then never by anything else. Where it has none: by file name,
which may be another build's, so that such a match says so. Debug information is preferred to symbols alone; a stripped
binary of the right name leads to its debug file through its own build id.
"""

from collections.abc import Iterator
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from native.companions import companion_steps, completed, whole_file
from native.hidden_names import HiddenNames, with_names
from native.images import APPLE, Image, companion_names
from native.protocol import Companion, DebugFileSummary, Segment, SymCache
from native.universal import Universal, UniversalHeaders, is_of, picked
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

DEBUG = "native-debug"
"""Kind of artifact: debug information, opened as a `SymCache`."""
SYMBOLS = "native-symbols"
"""Kind of artifact: a symbol table, opened as a `SymCache`."""
HEADERS = "native"
"""Kind of artifact: any debug file, opened as a `DebugFileSummary`."""
CODE = "native-code"
"""Kind of artifact: the file with the code, whose program headers are whole, opened as a `DebugFileSummary`."""
UNWIND = "native-unwind"
"""Kind of artifact: the file with the code, for its unwind information, as `native.unwinding.files.UnwindFile`."""
UNWIND_DEBUG = "native-unwind-debug"
"""Kind of artifact: unwind information beside the code (`.debug_frame`, Breakpad records), as the same."""
SOURCES = "native-sources"
"""Kind of artifact: a debug file that knows its sources, opened as `native.dotnet.sources.DocumentSources`."""
MAPS = "native-map"
"""Kind of artifact: code by absolute address, opened as a `SymCache`."""
PERF_MAP = "perf-map"
JITDUMP = "jitdump"
KERNEL = "kernel-symbols"
"""Names that maps are found by where nothing says which one is meant."""
_EVIDENCE = {"code_id": "build-id", "debug_id": "debug-id", "name": "name"}


class DebugFile(Struct, frozen=True):
    """An image's debug file, or why there is none. ``resolved_with``: ``build-id``, ``debug-id`` or ``name``."""

    symcache: SymCache | None = None
    name: str | None = None
    resolved_with: str | None = None
    missing: Missing | None = None
    binary: Artifact | None = None
    """The binary itself where it is among the artifacts, stripped or of another build."""

    headers: DebugFileSummary | None = None
    """Headers of the file with the code, where the report has file offsets."""
    has_debug_info: bool = True
    """Whether ``symcache`` was found for its debug information, and not for its symbols."""
    has_debug_map: bool = False
    """Whether it has symbols alone, and those name the object files that have debug information (Mach-O)."""

    @property
    def arch(self) -> str | None:
        """The processor that the file is for, as in Sentry's payload."""
        return self.symcache.arch if self.symcache else None

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What a loader maps of the file, where that was asked for."""
        return self.headers.segments if self.headers else ()

    @property
    def is_malformed(self) -> bool:
        """Whether there is a file and it cannot be read."""
        return self.missing is not None and self.missing.malformed

    image: Image | None = None
    """Whose file it is; says which one of a universal binary is meant."""
    lacking: tuple[Companion, ...] = ()
    """Files with parts of its debug information that were not found."""
    other_crc: str | None = None
    """The file that the binary's link names, where its bytes are not those that were linked."""

    @property
    def binary_summary(self) -> DebugFileSummary | None:
        """Headers of ``binary``."""
        return _summary(self.binary, self.image)


def _summary(binary: Artifact | None, image: Image | None) -> DebugFileSummary | None:
    content = binary.content if binary else None
    if isinstance(content, UniversalHeaders) and image:
        return content.pick(image) or content.like(image)
    return content if isinstance(content, DebugFileSummary) else None


def wanted_keys(image: Image, artifacts: Artifacts) -> frozenset[Key]:
    """What to ask for next to find an image's debug file; nothing new once it is found or there is nowhere to look."""
    asked = _placing(image)
    for step in _steps(image, artifacts):
        asked |= step.keys
        if any(key not in artifacts for key in step.keys):
            break
        if found := _found(step, artifacts):
            return frozenset(asked | _companion_keys(found, image, artifacts))
    return frozenset(asked)


def debug_file(image: Image, artifacts: Artifacts) -> DebugFile:
    """What came of it."""
    for step in _steps(image, artifacts):
        found = _found(step, artifacts)
        if found:
            headers = _summary(_first(_placing(image), artifacts), image)
            has_map = found.key.kind == SYMBOLS and _has_debug_map(image, artifacts)
            other_crc = _other_crc(image, artifacts)
            file = replace(_opened(found, image, artifacts), headers=headers, image=image, has_debug_map=has_map)
            return _with_names(replace(file, other_crc=other_crc), image, artifacts)
    binary, other_crc = _binary(image, artifacts), _other_crc(image, artifacts)
    return DebugFile(missing=_miss(image, artifacts), binary=binary, image=image, other_crc=other_crc)


def _companion_keys(found: Artifact, image: Image, artifacts: Artifacts) -> set[Key]:
    """What to ask for next for the parts of a debug file that are elsewhere."""
    asked: set[Key] = set()
    file = whole_file(found.content)
    for step in companion_steps(file, found.name, image, artifacts) if file else ():
        asked |= step
        if any(key not in artifacts for key in step):
            break
    return asked


def hides_names(image: Image, artifacts: Artifacts) -> bool:
    """Whether the debug file that was found says that its names stand in a symbol map. Opens nothing."""
    found = next(filter(None, (_found(step, artifacts) for step in _steps(image, artifacts))), None)
    if found is None or not isinstance(found.content, Universal):
        return found is not None and isinstance(found.content, HiddenNames)
    summary = picked(found.content.summaries, image)
    return summary is not None and summary.has_hidden_names


def _has_debug_map(image: Image, artifacts: Artifacts) -> bool:
    """Whether the image's binary says in which object files its debug information was left."""
    summary = _summary(_binary(image, artifacts), image)
    return summary is not None and summary.has_debug_map and is_of(summary, image)


def _with_names(file: DebugFile, image: Image, artifacts: Artifacts) -> DebugFile:
    if file.symcache is None or image.type not in APPLE:
        return file
    return replace(file, symcache=with_names(file.symcache, image.debug_id, artifacts))


def _opened(found: Artifact, image: Image, artifacts: Artifacts) -> DebugFile:
    evidence = _EVIDENCE[found.key.by if image.has_id else "name"]
    is_debug = found.key.kind == DEBUG
    if not isinstance(found.content, Universal):
        symcache, lacking = _complete(found, image, artifacts)
        return DebugFile(symcache, found.name, evidence, has_debug_info=is_debug, lacking=lacking)
    try:
        picked = found.content.pick(image)
    except MalformedArtifact as error:
        return DebugFile(missing=Missing(found.key, str(error), malformed=True))
    if picked is None:
        return DebugFile(missing=Missing(found.key, f"{found.name} holds no code for this processor."))
    name = f"{found.name}!{picked.member}" if picked.member else found.name
    return DebugFile(picked.symcache, name, evidence, has_debug_info=is_debug)


def _complete(found: Artifact, image: Image, artifacts: Artifacts) -> tuple[SymCache, tuple[Companion, ...]]:
    """A debug file together with its companions, and those that were not found."""
    file = whole_file(found.content)
    if file is None:
        return cast("SymCache", found.content), ()
    file = completed(file, found.name, image, artifacts)
    return file, tuple(file.missing_companions)


class _Step(Struct, frozen=True):
    """Keys to ask for together. ``crc``: CRC-32 that the file must have, None if any will do."""

    keys: set[Key]
    crc: int | None = None


def _steps(image: Image, artifacts: Artifacts) -> Iterator[_Step]:
    """What to ask for together, and if none of it is found the next ones."""
    headers = _keys(HEADERS, image) | _names(HEADERS, image.name)
    if image.has_id:
        yield _Step(_keys(DEBUG, image))
        yield _Step(_keys(SYMBOLS, image) | headers)
    elif image.name:
        yield _Step(_names(DEBUG, image.name) | headers)
        binary = DebugFile(binary=_binary(image, artifacts), image=image).binary_summary
        companions = {key for name in companion_names(image.name) for key in _names(DEBUG, name)}
        yield _Step(_keys(DEBUG, binary) if binary else companions)
        if binary and binary.debug_link:
            yield _Step(_names(DEBUG, binary.debug_link), binary.debug_link_crc)
        yield _Step(_names(SYMBOLS, image.name) | _names(SYMBOLS, f"{image.name}.debug"))


def _placing(image: Image) -> set[Key]:
    """What to ask for to know where in memory the image begins: only headers tell what an offset of the file is."""
    is_wanted = bool(image.file_offset) and not image.is_in_archive
    return _keys(CODE, image) or _names(CODE, image.name) if is_wanted else set()


def _keys(kind: str, of: Image | DebugFileSummary) -> set[Key]:
    debug_ids = of.debug_ids if isinstance(of, Image) else (of.debug_id,)
    ids = [("code_id", of.code_id), *(("debug_id", debug_id) for debug_id in debug_ids)]
    return {Key(kind, by, value) for by, value in ids if value}


def _names(kind: str, name: str | None) -> set[Key]:
    return {Key(kind, "name", name)} if name else set()


def _found(step: _Step, artifacts: Artifacts) -> Artifact | None:
    """The symcache among a step's answers, by the strongest key."""
    found = _answer(step, artifacts)
    return found if found and not _has_other_crc(step, found) else None


def _answer(step: _Step, artifacts: Artifacts) -> Artifact | None:
    answers = (artifacts.get(key) for key in sorted(step.keys) if key.kind != HEADERS)
    return next((answer for answer in answers if isinstance(answer, Artifact)), None)


def _has_other_crc(step: _Step, found: Artifact) -> bool:
    """Whether these are not the bytes that the binary was linked with."""
    file = whole_file(found.content) if step.crc is not None else None
    return file is not None and file.crc32 != step.crc


def _other_crc(image: Image, artifacts: Artifacts) -> str | None:
    """The name of a file that has the right name and other bytes."""
    answers = ((step, _answer(step, artifacts)) for step in _steps(image, artifacts))
    return next((found.name for step, found in answers if found and _has_other_crc(step, found)), None)


def _miss(image: Image, artifacts: Artifacts) -> Missing | None:
    """The answer that says most: a damaged file first, then near misses."""
    misses = [
        answer
        for step in _steps(image, artifacts)
        for key in sorted(step.keys)
        if isinstance(answer := artifacts.get(key), Missing) and (key.kind != HEADERS or answer.malformed)
    ]
    return min(misses, key=lambda miss: (not miss.malformed, not miss.near), default=None)


def _binary(image: Image, artifacts: Artifacts) -> Artifact | None:
    return _first(_keys(HEADERS, image) | _names(HEADERS, image.name), artifacts)


def _first(keys: set[Key], artifacts: Artifacts) -> Artifact | None:
    answers = (artifacts.get(key) for key in sorted(keys))
    return next((answer for answer in answers if isinstance(answer, Artifact)), None)
