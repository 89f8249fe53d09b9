"""The images of a core: the files that were mapped, and the code that the kernel lends (vdso).

Which files were mapped where stands in a note. Their first page is in the core as a rule, and with it the file's own
headers: they say what build it is and how far it reaches. A file is an image if it was mapped as code; one that was
only read is none, be it an ELF file or not. The kernel's cores say which memory was code. Those of gdb leave code out:
there a file was loaded if it was mapped in the parts that its headers tell, and not as a whole.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from native.crashes.elfcore.memory import MAX_ADDRESS, Memory
from native.crashes.elfcore.notes import BUILD_ID, notes_of
from native.crashes.elfcore.process import AT_ENTRY, AT_EXECFN, AT_SYSINFO_EHDR, MappedFile, Process
from native.crashes.mappings import MAX_IMAGES
from native.elf import layout
from native.elf.layout import ElfFile
from native.elf.summary import MAX_BUILD_ID, architecture, debug_id
from native.images import FILE_OFFSET
from symbolicator.errors import MalformedArtifact
from symbolicator.model import JSON, AbsoluteAddress, DebugImage

_DELETED = " (deleted)"
_PAGE = 4096
_MAX_HEADERS = 1 << 16
"""Bytes at the start of an image that its headers and its build id lie in."""
_MAX_SEGMENTS, _MAX_NOTES = 64, 32
"""Of an image."""
_MAX_READ = 4 * MAX_IMAGES
"""Files whose headers are read: a process may have mapped more ELF files than it runs."""
_MAX_IMAGE = 1 << 40
_MAX_PATH = 4096
_VDSO = {"x86": "linux-gate.so.1"}
_VDSO_ELSEWHERE = "linux-vdso.so.1"


class Headers(Struct, frozen=True):
    """What an image's own headers say; ``size`` and ``address`` (its own, virtual) are of its pages in memory.

    ``code``: where the pages of its code start and end, from the image's start on.
    """

    arch: str
    address: int
    size: int
    code: tuple[tuple[int, int], ...]
    build_id: bytes | None
    little_endian: bool


class Loaded(Struct):
    """A file and its mappings, by address."""

    path: str
    headers: Headers | None
    mappings: list[MappedFile]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.mappings[0].start

    @property
    def end(self) -> int:
        """Where it ends: by its headers, else its last mapping."""
        last = max(mapping.end for mapping in self.mappings)
        return min(self.start + self.headers.size if self.headers else last, MAX_ADDRESS)

    @property
    def reach(self) -> int:
        """Up to which address a further mapping of its file belongs to it."""
        return self.start + self.headers.size if self.headers else MAX_ADDRESS


def images_of(process: Process, memory: Memory, arch: str) -> tuple[DebugImage, ...]:
    """The images, the executable first and the others by address. ``arch`` is that of the process."""
    found = gather(process.files, memory) if process.files else unlisted(process, memory)
    loaded = [image for image in found if _is_code(image, memory)]
    entry = process.auxiliary.get(AT_ENTRY, -1)
    loaded.sort(key=lambda image: not image.start <= entry < image.end)
    vdso = _vdso(process.auxiliary.get(AT_SYSINFO_EHDR), memory)
    taken = {vdso.start} if vdso else set()
    others = [image for image in loaded if image.start not in taken][: MAX_IMAGES - 1]
    return tuple(_image(image, arch) for image in [*others, *([vdso] if vdso else [])])


def gather(files: Sequence[MappedFile], memory: Memory) -> list[Loaded]:
    """Each file once for every time that it was loaded, by address."""
    found: list[Loaded] = []
    last: dict[str, Loaded] = {}
    left = _MAX_READ
    for file in sorted(files, key=lambda file: file.start):
        known = last.get(file.path)
        if known and file.start < known.reach and (known.headers or file.offset):
            known.mappings.append(file)
            continue
        is_elf = file.offset == 0 and left > 0 and memory.view(file.start, 4) == layout.MAGIC
        left -= is_elf
        last[file.path] = Loaded(file.path, read_headers(memory, file.start) if is_elf else None, [file])
        found.append(last[file.path])
    return found


def unlisted(process: Process, memory: Memory) -> list[Loaded]:
    """What begins with an image's headers, in a core without a list of files; only the executable has a name."""
    found: list[Loaded] = []
    entry = process.auxiliary.get(AT_ENTRY, -1)
    for span in memory.spans:
        headers = read_headers(memory, span.start) if len(found) < MAX_IMAGES else None
        if headers:
            is_executable = span.start <= entry < span.start + headers.size
            path = _executed(process, memory) if is_executable else ""
            found.append(Loaded(path, headers, [MappedFile(span.start, span.end, 0, path)]))
    return found


def _executed(process: Process, memory: Memory) -> str:
    """The path that the program was started by, or as much as is known of it."""
    path = memory.read(process.auxiliary.get(AT_EXECFN, 0), _MAX_PATH).partition(b"\0")[0]
    return path.decode("utf-8", "backslashreplace") or (process.program.name if process.program else "")


def read_headers(memory: Memory, address: int) -> Headers | None:
    """The headers of an image that begins at an address; None if they are not in the core."""
    try:
        elf = ElfFile.parse(memory.view(address, _MAX_HEADERS), may_be_cut=True)
        is_image = elf.type in (layout.TYPE_EXECUTABLE, layout.TYPE_SHARED)
        parts = elf.segments if is_image and elf.headers.segment_count <= _MAX_SEGMENTS else ()
    except MalformedArtifact:
        return None
    segments = [part for part in parts if part.type == layout.SEGMENT_LOAD]
    if not segments:
        return None
    start = min(part.address for part in segments) & -_PAGE
    size = _page_end(max(part.address + part.memory_size for part in segments)) - start
    if size > _MAX_IMAGE:
        return None
    code = tuple(
        ((part.address & -_PAGE) - start, _page_end(part.address + part.file_size) - start)
        for part in segments
        if part.flags & layout.SEGMENT_EXECUTABLE
    )
    return Headers(architecture(elf), start, size, code, _build_id(elf), elf.little_endian)


def _build_id(elf: ElfFile) -> bytes | None:
    """The GNU build id."""
    for note in islice(notes_of(elf, owners=(b"GNU",)), _MAX_NOTES):
        if note.type == BUILD_ID and 0 < len(note.content) <= MAX_BUILD_ID:
            return bytes(note.content)
    return None


def _is_code(image: Loaded, memory: Memory) -> bool:
    """Whether the file was loaded; a library without code (as ICU's data) is so if it has headers."""
    if memory.is_executable(image.start, image.end):
        return True
    if image.headers is None:
        return len({mapping.offset for mapping in image.mappings}) >= _PARTS
    if not image.headers.code:
        return True
    parts = {(image.start + start, image.start + end) for start, end in image.headers.code}
    return any((mapping.start, mapping.end) in parts for mapping in image.mappings)


_PARTS = 3
"""Different parts of a file that are mapped when it is loaded: headers, code, data."""


def _vdso(address: int | None, memory: Memory) -> Loaded | None:
    headers = read_headers(memory, address) if address else None
    if address is None or headers is None:
        return None
    name = _VDSO.get(headers.arch, _VDSO_ELSEWHERE)
    return Loaded(name, headers, [MappedFile(address, address + headers.size, 0, name)])


def _image(image: Loaded, arch: str) -> DebugImage:
    headers, path = image.headers, image.path.removesuffix(_DELETED)
    build_id = headers.build_id if headers else None
    return DebugImage(
        type="elf",
        code_file=path or None,
        code_id=build_id.hex() if build_id else None,
        debug_id=debug_id(build_id, little_endian=headers.little_endian) if headers and build_id else None,
        arch=headers.arch if headers else arch,
        image_addr=AbsoluteAddress(image.start),
        image_size=image.end - image.start,
        image_vmaddr=AbsoluteAddress(headers.address) if headers and headers.address else None,
        extra=dict(_notes(image)),
    )


def _notes(image: Loaded) -> Iterator[tuple[str, JSON]]:
    if image.path.endswith(_DELETED):
        yield "deleted", True
    if image.mappings[0].offset:
        yield FILE_OFFSET, hex(image.mappings[0].offset)


def _page_end(address: int) -> int:
    return (address + _PAGE - 1) & -_PAGE
