"""What an ELF file is, from its headers alone: architecture, ids, kind, and whether it can resolve anything.

Sources: System V ABI (``e_machine``); Breakpad's rule for debug ids; Sentry's names of architectures.
"""

from functools import reduce
from operator import xor
from uuid import UUID

from native.elf import layout
from native.elf.layout import ElfFile
from native.elf.symbols import has_functions
from native.protocol import DebugFileSummary, Segment
from symbolicator.protocols import Buffer

_ARCHITECTURES_64 = {
    8: "mips64",
    21: "ppc64",
    22: "s390x",
    62: "x86_64",
    183: "arm64",
    243: "riscv64",
    258: "loongarch64",
}
_ARCHITECTURES_32 = {3: "x86", 8: "mips", 20: "ppc", 22: "s390", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv32"}
_KINDS = {
    layout.TYPE_RELOCATABLE: "relocatable",
    layout.TYPE_EXECUTABLE: "executable",
    layout.TYPE_SHARED: "shared library",
    layout.TYPE_CORE: "core",
}
SPLIT_OBJECT = "split DWARF object"
SPLIT_PACKAGE = "split DWARF package"
SUPPLEMENTARY = "supplementary debug file"
COMPANION_KINDS = frozenset({SPLIT_OBJECT, SPLIT_PACKAGE, SUPPLEMENTARY})
"""Files that answer nothing by themselves: they belong to others."""
_FLAG_ALLOC = 2
_BUILD_ID = 3
_PAGE = 4096
_FOLDED = 4096
_UUID_BYTES = 16
MAX_BUILD_ID = 64
MAX_LINK = 4096


def summarize(data: Buffer) -> DebugFileSummary:
    """Reads the headers. Raises `symbolicator.errors.MalformedArtifact` if ``data`` is no ELF file."""
    elf = ElfFile.parse(data)
    build_id = build_id_of(elf)
    link, crc = _debug_link(elf)
    return DebugFileSummary(
        format="elf",
        arch=architecture(elf),
        kind=_kind(elf),
        code_id=build_id.hex() if build_id else None,
        debug_id=_debug_id(elf, build_id),
        debug_link=link,
        debug_link_crc=crc,
        load_address=load_address(elf),
        has_debug_info=has_debug_info(elf),
        has_symbols=has_functions(elf) or elf.section(".gnu_debugdata") is not None,
        segments=_segments(elf),
    )


def architecture(elf: ElfFile) -> str:
    """Name of the processor as in Sentry's payload, ``unknown`` where we have none."""
    names = _ARCHITECTURES_64 if elf.is_64 else _ARCHITECTURES_32
    return names.get(elf.machine, "unknown")


def load_address(elf: ElfFile) -> int:
    """Virtual address where the image begins: of its first loadable segment, rounded down to a page of 4096 bytes.

    Segments ascend, but for a kernel's data of each processor: it has addresses from 0 that nothing is loaded at.
    """
    loaded = [part for part in elf.segments if part.type == layout.SEGMENT_LOAD]
    starts = [part.address for part in loaded if part.flags & layout.SEGMENT_EXECUTABLE]
    return min([*(part.address for part in loaded[:1]), *starts], default=0) & ~(_PAGE - 1)


def build_id_of(elf: ElfFile) -> bytes | None:
    """The GNU build id."""
    for note in elf.notes():
        if note.owner == b"GNU" and note.type == _BUILD_ID and 0 < len(note.content) <= MAX_BUILD_ID:
            return note.content
    return None


def debug_id(build_id: bytes, *, little_endian: bool) -> str:
    """The first 16 bytes of the build id as a UUID, its first three fields swapped as Breakpad does."""
    head = build_id[:16].ljust(16, b"\0")
    return str(UUID(bytes_le=head) if little_endian else UUID(bytes=head))


def _debug_id(elf: ElfFile, build_id: bytes | None) -> str | None:
    """Breakpad's: of the build id, or where there is none of the first 4096 bytes of code, folded to sixteen."""
    known = build_id or _folded_code(elf)
    return debug_id(known, little_endian=elf.little_endian) if known else None


def _folded_code(elf: ElfFile) -> bytes:
    text = elf.section(".text")
    code = bytes(elf.raw(text)[:_FOLDED]) if text else b""
    lanes = (code[lane::_UUID_BYTES] for lane in range(_UUID_BYTES))
    return bytes(reduce(xor, lane, 0) for lane in lanes) if code else b""


def _segments(elf: ElfFile) -> tuple[Segment, ...]:
    """What a loader maps. A debug companion keeps the addresses and has lost the offsets."""
    if _kind(elf) == "debug companion":
        return ()
    loaded = (part for part in elf.segments if part.type == layout.SEGMENT_LOAD)
    return tuple(
        Segment(part.offset, part.file_size, part.address, bool(part.flags & layout.SEGMENT_EXECUTABLE))
        for part in loaded
    )


def has_debug_info(elf: ElfFile) -> bool:
    """Whether there is DWARF with units in it."""
    sections = (elf.section(name) for name in (".debug_info", ".zdebug_info"))
    return any(section and len(elf.raw(section)) > 0 for section in sections)


def _kind(elf: ElfFile) -> str:
    if elf.type == layout.TYPE_RELOCATABLE:
        return _kind_of_relocatable(elf)
    text = elf.section(".text")
    if text and text.type == layout.SECTION_NO_BITS:
        return "debug companion"
    if elf.type == layout.TYPE_SHARED and any(s.type == layout.SEGMENT_INTERPRETER for s in elf.segments):
        return "executable"
    return _KINDS.get(elf.type, "other")


def _kind_of_relocatable(elf: ElfFile) -> str:
    """Files with split and shared debug information are formally relocatable."""
    if elf.section(".debug_cu_index"):
        return SPLIT_PACKAGE
    if elf.section(".debug_info.dwo"):
        return SPLIT_OBJECT
    is_loaded = any(section.flags & _FLAG_ALLOC for section in elf.sections)
    return SUPPLEMENTARY if has_debug_info(elf) and not is_loaded else "relocatable"


def _debug_link(elf: ElfFile) -> tuple[str | None, int | None]:
    """Name and CRC-32 of the separate debug file."""
    section = elf.section(".gnu_debuglink")
    if section is None:
        return None, None
    content = bytes(elf.raw(section)[:MAX_LINK])
    name, end, _ = content.partition(b"\0")
    aligned = (len(name) + 4) & ~3
    crc = content[aligned : aligned + 4]
    if not end or not name or len(crc) < 4:  # noqa: PLR2004 - bytes of a CRC
        return None, None
    return name.decode("utf-8", "replace"), int.from_bytes(crc, "little" if elf.little_endian else "big")
