"""Files that a debug file keeps a part of its information in: what to ask the store for, and what came of it.

Split DWARF: one package for a program, which is called as the program with ``.dwp`` behind it, or one ``.dwo`` file a
unit, known by the unit's id. dwz: one file for many programs, known by its build id. So each is asked for only after
the debug file itself was opened and has said what it needs.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from msgspec import Struct

from native.images import Image, base_name
from native.protocol import Companion, WholeFile
from symbolicator.protocols import Artifact, Artifacts, Blob, Key

COMPANION = "native-companion"
"""Kind of artifact: a file that belongs to another debug file, opened as a `CompanionFile`."""
MAX_ASKED = 4096
"""Units whose files are asked for one by one; larger programs need their package."""
PACKAGE = ".dwp"
_SPLIT, _SUPPLEMENTARY = "dwo", "sup"


class CompanionFile(Struct, frozen=True):
    """A companion, not read yet."""

    blob: Blob


def whole_file(content: object) -> WholeFile | None:
    """A debug file that is a file of its own, and not a view of one."""
    return cast("WholeFile", content) if hasattr(content, "with_companions") else None


def completed(symcache: WholeFile, name: str, image: Image, artifacts: Artifacts) -> WholeFile:
    """The debug file together with the companions that were found."""
    keys = (key for step in companion_steps(symcache, name, image, artifacts) for key in sorted(step))
    answers = (artifacts.get(key) for key in keys)
    files = (answer.content for answer in answers if isinstance(answer, Artifact))
    blobs = {file.blob.content_hash: file.blob for file in files if isinstance(file, CompanionFile)}
    return symcache.with_companions(tuple(blobs.values())) if blobs else symcache


def companion_steps(symcache: WholeFile, name: str, image: Image, artifacts: Artifacts) -> Iterator[set[Key]]:
    """Keys to ask for together, and then the next ones. ``name``: of the debug file."""
    missing = symcache.missing_companions
    packages = _packages(name, image) if any(one.kind == _SPLIT for one in missing) else set()
    shared = {Key(COMPANION, "code_id", one.id) for one in missing if one.kind == _SUPPLEMENTARY}
    if packages or shared:
        yield packages | shared
    if packages and not any(isinstance(artifacts.get(key), Artifact) for key in packages):
        yield _units(missing)


def _packages(name: str, image: Image) -> set[Key]:
    names = {base_name(name), base_name(name).removesuffix(".debug"), image.name or ""} - {""}
    keys = {Key(COMPANION, "name", f"{one}{PACKAGE}") for one in names}
    return keys | ({Key(COMPANION, "code_id", image.code_id)} if image.code_id else set())


def _units(missing: Iterable[Companion]) -> set[Key]:
    """Ids tell units of one name apart; nothing is found by name, which says too little."""
    ids = sorted(one.id for one in missing if one.kind == _SPLIT)
    return {Key(COMPANION, "code_id", unit) for unit in ids[:MAX_ASKED]}
