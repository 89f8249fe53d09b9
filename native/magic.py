"""Which format of debug file some bytes are, by how they begin; what it is called."""

import re

from symbolicator.protocols import Buffer

_LONGEST = 32
_MAX_SLICES = 32
"""More processors than any universal binary is for; Java's class files begin alike and have a greater number there."""
_MAGICS = (
    (b"\x7fELF", "elf"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"dyld_v1", "macho"),
    (b"\0asm\1\0\0\0", "wasm"),
    (b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0", "pdb"),
    (b"BSJB", "portable_pdb"),
    (b"MODULE ", "breakpad"),
    (b"DTiJ", "jitdump"),
    (b"JiTD", "jitdump"),
)
_UNIVERSAL = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_PE_OFFSET = 0x3C
_TEXT_HEAD = 4096
_FEW_LINES = 3
_LOOKED_AT = 16
_PERF_MAP = re.compile(rb"[0-9A-Fa-f]{1,16} [0-9A-Fa-f]{1,16} \s*\S")
_KALLSYMS = re.compile(rb"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}) ([A-Za-z]) [^\t ]+(?:[\t ]+\[[^\]]*\])?\s*\Z")
_HEXADECIMAL = b"0123456789abcdefABCDEF"
_TITLES = {
    "elf": "ELF",
    "macho": "Mach-O",
    "pe": "PE",
    "pdb": "PDB",
    "wasm": "WebAssembly",
    "breakpad": "Breakpad",
    "portable_pdb": "portable PDB",
    "jitdump": "jitdump",
    "perf_map": "perf map",
    "kallsyms": "kallsyms",
}


def format_of(data: Buffer) -> str | None:
    """A key of the titles below, such as ``elf``; None if the bytes are no debug file."""
    head = bytes(data[:_LONGEST])
    if head[:4] in _UNIVERSAL:
        return "macho" if 0 < int.from_bytes(head[4:8], "big") <= _MAX_SLICES else None
    if head[:2] == b"MZ":
        return "pe" if _is_pe(data) else None
    return next((name for magic, name in _MAGICS if head.startswith(magic)), None) or _address_list(data)


def title(file_format: str) -> str:
    """What a person calls a format."""
    return _TITLES.get(file_format, file_format)


def _is_pe(data: Buffer) -> bool:
    """Whether a program that DOS can start is one for Windows."""
    start = int.from_bytes(bytes(data[_PE_OFFSET : _PE_OFFSET + 4]), "little")
    return bytes(data[start : start + 4]) == b"PE\0\0"


def _address_list(data: Buffer) -> str | None:
    """Which list of addresses a text is, a line each: all of its first lines must have exactly that form."""
    head = bytes(data[:_TEXT_HEAD])
    if head[:1] not in [bytes([digit]) for digit in _HEXADECIMAL]:
        return None
    lines = [line.removesuffix(b"\r") for line in head.rpartition(b"\n")[0].split(b"\n")[:_LOOKED_AT]]
    if len(lines) < _FEW_LINES:
        return None
    symbols = [_KALLSYMS.match(line) for line in lines]
    if all(symbols) and any(symbol and symbol[1] not in _HEXADECIMAL for symbol in symbols):
        return "kallsyms"
    return "perf_map" if all(map(_PERF_MAP.match, lines)) else None
