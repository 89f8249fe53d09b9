"""Files with several Mach-O images, put together from real ones: a synthetic step, as no tool outside of Apple does it.

The layouts follow ``<mach-o/loader.h>`` (LC_FILESET_ENTRY) and dyld's ``dyld_cache_format.h``.
"""

import struct
from collections.abc import Iterator, Sequence

HEADER = 32
LC_SYMTAB, LC_SEGMENT_64, LC_UUID, LC_FUNCTION_STARTS = 0x2, 0x19, 0x1B, 0x26
LC_DYLD_INFO_ONLY, LC_DYLD_EXPORTS_TRIE, LC_FILESET_ENTRY = 0x80000022, 0x80000033, 0x80000035
MH_FILESET = 12
CACHE_HEADER = 0x68
SPLIT_CACHE_HEADER = 0x1D8
PAGE = 0x4000


def commands(image: bytes) -> Iterator[tuple[int, int]]:
    """Kind and offset of each load command."""
    count = struct.unpack_from("<I", image, 16)[0]
    at = HEADER
    for _ in range(count):
        kind, size = struct.unpack_from("<II", image, at)
        yield kind, at
        at += size


def moved(image: bytes, offset: int, slide: int = 0, uuid: bytes | None = None) -> bytes:
    """The image as it lies at ``offset`` of a larger file, ``slide`` bytes further in memory."""
    out = bytearray(image)

    def add(fmt: str, at: int, by: int) -> None:
        value = struct.unpack_from(fmt, out, at)[0]
        struct.pack_into(fmt, out, at, value + by)

    for kind, at in commands(image):
        if kind == LC_SEGMENT_64:
            add("<Q", at + 24, slide)
            add("<Q", at + 40, offset)
            for section in range(struct.unpack_from("<I", out, at + 64)[0]):
                add("<Q", at + 72 + 80 * section + 32, slide)
                add("<I", at + 72 + 80 * section + 48, offset)
        elif kind == LC_SYMTAB:
            symbols, count = struct.unpack_from("<II", out, at + 8)
            for symbol in range(count):
                add("<Q", symbols + 16 * symbol + 8, slide)
            add("<I", at + 8, offset)
            add("<I", at + 16, offset)
        elif kind in (LC_FUNCTION_STARTS, LC_DYLD_EXPORTS_TRIE):
            add("<I", at + 8, offset)
        elif kind == LC_DYLD_INFO_ONLY:
            add("<I", at + 40, offset)
        elif kind == LC_UUID and uuid:
            out[at + 8 : at + 24] = uuid
    return bytes(out)


def without_symbols(image: bytes) -> bytes:
    """The image with an empty symbol table, and its export trie as it was."""
    out = bytearray(image)
    at = next(at for kind, at in commands(image) if kind == LC_SYMTAB)
    struct.pack_into("<I", out, at + 12, 0)
    return bytes(out)


def with_processor(image: bytes, cpu: int, subtype: int) -> bytes:
    """The image as if it were for another processor."""
    return image[:4] + struct.pack("<II", cpu, subtype) + image[12:]


def padded(data: bytes, size: int) -> bytes:
    return data + bytes(-len(data) % size)


def fileset(images: Sequence[tuple[str, bytes, bytes]]) -> bytes:
    """A kernel collection of images by identifier and UUID, 64 KiB apart."""
    entries, contents = b"", b""
    first = PAGE
    for index, (name, uuid, image) in enumerate(images):
        place, slide = first + len(contents), index * 0x1_0000
        text = padded(name.encode() + b"\0", 8)
        entries += struct.pack("<IIQQII", LC_FILESET_ENTRY, 32 + len(text), 0, place, 32, 0) + text
        contents += padded(moved(image, place, slide, uuid), PAGE)
    header = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x100000C, 2, MH_FILESET, len(images), len(entries), 0, 0)
    return (header + entries).ljust(first, b"\0") + contents


def shared_cache(
    images: Sequence[tuple[str, bytes, bytes]],
    *,
    base: int,
    locals_of: Sequence[tuple[str, int]] = (),
    split: bool = False,
) -> bytes:
    """A shared cache of images by path and UUID, one behind the other in memory as in the file.

    ``base``: where the image's own ``__TEXT`` begins. ``locals_of``: names and addresses that only the first image's
    local symbols have. ``split``: as if symbols were in another file: none of it is mapped behind the headers.
    """
    header_size = SPLIT_CACHE_HEADER if split else CACHE_HEADER
    table = header_size + 32
    paths_at = table + 32 * len(images)
    paths, infos, contents, starts = b"", b"", b"", []
    for path, uuid, image in images:
        place = PAGE + len(contents)
        infos += struct.pack("<QQQII", base + place, 0, 0, paths_at + len(paths), 0)
        paths += path.encode() + b"\0"
        contents += padded(_with_linkedit(moved(image, place, place, uuid), base), PAGE)
        starts.append(place)
    size = 0x2000 if split else len(contents)
    local_symbols = b"" if split else _local_symbols(starts[0], locals_of)
    local_at = PAGE + len(contents)
    header = bytearray(header_size)
    header[:16] = b"dyld_v1  arm64e\0"
    struct.pack_into("<II", header, 16, header_size, 1)
    struct.pack_into("<II", header, 0x1C0 if split else 24, table, len(images))
    struct.pack_into("<QQ", header, 72, local_at if local_symbols else 0, len(local_symbols))
    mapping = struct.pack("<QQQII", base + PAGE, size, PAGE, 5, 5)
    return (bytes(header) + mapping + infos + paths).ljust(PAGE, b"\0") + contents + local_symbols.ljust(0x200, b"\0")


def _with_linkedit(image: bytes, base: int) -> bytes:
    """With ``__LINKEDIT`` in memory where it is in the file."""
    out = bytearray(image)
    for kind, at in commands(image):
        if kind == LC_SEGMENT_64 and image[at + 8 : at + 18] == b"__LINKEDIT":
            struct.pack_into("<Q", out, at + 24, base + struct.unpack_from("<Q", out, at + 40)[0])
    return bytes(out)


def _local_symbols(header: int, names: Sequence[tuple[str, int]]) -> bytes:
    strings, nlists = b"\0", b""
    for name, address in names:
        nlists += struct.pack("<IBBHQ", len(strings), 0x0E, 1, 0, address)
        strings += name.encode() + b"\0"
    entries = struct.pack("<III", header, 0, len(names))
    strings_at = 24 + len(nlists)
    entries_at = strings_at + len(strings) + (-len(strings) % 4)
    head = struct.pack("<IIIIII", 24, len(names), strings_at, len(strings), entries_at, 1)
    return (head + nlists + strings).ljust(entries_at, b"\0") + entries
