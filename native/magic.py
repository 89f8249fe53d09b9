"""Which format of debug file some bytes are, by how they begin; what it is called."""

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
    (b"MODULE ", "breakpad"),
)
_UNIVERSAL = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_PE_OFFSET = 0x3C
_TITLES = {
    "elf": "ELF",
    "macho": "Mach-O",
    "pe": "PE",
    "pdb": "PDB",
    "wasm": "WebAssembly",
    "breakpad": "Breakpad",
}


def format_of(data: Buffer) -> str | None:
    """``elf``, ``macho``, ``pe``, ``pdb``, ``wasm`` or ``breakpad``; None if the bytes are no debug file."""
    head = bytes(data[:_LONGEST])
    if head[:4] in _UNIVERSAL:
        return "macho" if 0 < int.from_bytes(head[4:8], "big") <= _MAX_SLICES else None
    if head[:2] == b"MZ":
        return "pe" if _is_pe(data) else None
    return next((name for magic, name in _MAGICS if head.startswith(magic)), None)


def title(file_format: str) -> str:
    """What a person calls a format."""
    return _TITLES.get(file_format, file_format)


def _is_pe(data: Buffer) -> bool:
    """Whether a program that DOS can start is one for Windows."""
    start = int.from_bytes(bytes(data[_PE_OFFSET : _PE_OFFSET + 4]), "little")
    return bytes(data[start : start + 4]) == b"PE\0\0"
