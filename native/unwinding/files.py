"""Which files say how the stack of an image's functions is unwound: what to ask the store for, and what came of it.

The binary itself, stripped or not, and beside it what debug files know of code without exception tables: hand-written
assembly, 32-bit Windows. By id where the report has one, and then never by name: another build's rules lead astray.
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from native.archives import MemberBlob
from native.debug_files import UNWIND, UNWIND_DEBUG
from native.images import Image, companion_names
from native.protocol import DebugFileSummary
from native.universal import picked
from symbolicator.core import compiled_core
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Artifact, Artifacts, Blob, Buffer, Key, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from symbolicator import _core

_FORMATS = frozenset({"elf", "macho", "pe", "breakpad"})
_WITH_CODE = frozenset({"executable", "shared library"})


class UnwindFile(Struct, frozen=True):
    """A file with unwind information, or several in one, not read yet."""

    blob: Blob
    summaries: tuple[DebugFileSummary, ...]

    def headers(self, image: Image) -> DebugFileSummary | None:
        """The headers of the image's file; None if it is not among them."""
        is_only = len(self.summaries) == 1 and self.summaries[0].member is None
        return self.summaries[0] if is_only else picked(self.summaries, image)

    @contextmanager
    def opened(self, summary: DebugFileSummary) -> "Iterator[_core.UnwindInfo]":
        """The unwind information of one of the files. Raises `symbolicator.errors.MalformedArtifact`."""
        blob: Blob = self.blob if summary.member is None else MemberBlob(self.blob, summary.member)
        with blob.open() as data, _read(blob.name, data, summary.index) as info:
            yield info


def has_unwind_info(summary: DebugFileSummary, data: Buffer) -> bool:
    """Whether a file of any format has unwind information. False without the compiled core, which alone reads it."""
    core = compiled_core()
    if core is None or summary.format not in _FORMATS:
        return False
    try:
        with core.UnwindInfo(data, summary.index) as info:
            return bool(info.has_rules)
    except core.DebugFileError:
        return False


def has_code(summary: DebugFileSummary) -> bool:
    """Whether a file is what the process had loaded, and not only beside it."""
    return summary.kind in _WITH_CODE and summary.format != "breakpad"


def wanted_keys(image: Image) -> frozenset[Key]:
    """What to ask for."""
    ids = [("code_id", image.code_id), *(("debug_id", debug_id) for debug_id in image.debug_ids)]
    by_id = {Key(kind, by, value) for by, value in ids if value for kind in (UNWIND, UNWIND_DEBUG)}
    if by_id or not image.name:
        return frozenset(by_id)
    beside = (image.name, *companion_names(image.name))
    return frozenset({Key(UNWIND, "name", image.name), *(Key(UNWIND_DEBUG, "name", name) for name in beside)})


def found_files(image: Image, artifacts: Artifacts) -> list[UnwindFile]:
    """The image's files, the binary first."""
    found = []
    for kind in (UNWIND, UNWIND_DEBUG):
        keys = sorted(key for key in wanted_keys(image) if key.kind == kind)
        contents = (answer.content for key in keys if isinstance(answer := artifacts.get(key), Artifact))
        found += [content for content in contents if isinstance(content, UnwindFile)][:1]
    return found


def damage(image: Image, artifacts: Artifacts) -> Missing | None:
    """Why a file of the image cannot be read."""
    answers = (artifacts.get(key) for key in sorted(wanted_keys(image)))
    return next((answer for answer in answers if isinstance(answer, Missing) and answer.malformed), None)


def _read(name: str, data: Buffer, index: int) -> "_core.UnwindInfo":
    from symbolicator import _core  # noqa: PLC0415 - optional by design

    try:
        return _core.UnwindInfo(data, index)
    except _core.DebugFileError as error:
        raise MalformedArtifact(f"The unwind information of {name} cannot be read: {error}. Copy it again.") from error
