"""The ids of debug files and loaded images, each in one spelling, and which of them mean the same build.

>>> debug_id_of("{7E803FC9DC1DC1FE05A7CBD7A12C6F28}0")
'7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28'
>>> debug_ids_of_build_id("c93f807e1ddcfec105a7cbd7a12c6f280bdee617")
('7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28', 'c93f807e-1ddc-fec1-05a7-cbd7a12c6f28')

A debug id is a UUID, for a PDB with an age behind it (hex). A code id is a GNU build id, Mach-O's UUID, or timestamp
and size of a PE image. Sources: Breakpad's ``FileID`` and ``MDGUID`` (an ELF file's debug id is the start of its build
id read as a GUID, so that its first three fields have the file's byte order); Microsoft's symbol server keys.
"""

import re
from uuid import UUID

_UUID_DIGITS = 32
_MAX_AGE_DIGITS = 7
"""An age is written without leading zeros where there are no hyphens, and nobody links a program 268 million times:
40 digits are a build id."""
_UUID_BYTES = 16
_NO_DIGITS = re.compile(r"[\s{}()-]")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")


def debug_id_of(value: str) -> str | None:
    """A debug id in lower case, with hyphens, its age behind it unless that is 0; None if it says nothing.

    Braces, spaces and Breakpad's spelling (33 digits and more) are understood; what is no debug id stays as it is.
    """
    digits = _digits(value)
    uuid, age = digits[:_UUID_DIGITS], digits[_UUID_DIGITS:]
    if len(age) > _MAX_AGE_DIGITS and "-" not in value and _HEX.fullmatch(digits):
        return debug_ids_of_build_id(digits)[0]
    try:
        hyphenated, number = str(UUID(uuid)), int(age or "0", 16)
    except ValueError:
        return value.strip().lower() or None
    if not UUID(hyphenated).int:
        return None
    return f"{hyphenated}-{number:x}" if number else hyphenated


def code_id_of(value: str) -> str | None:
    """A code id in lower case, without hyphens; None if it says nothing."""
    digits = _digits(value)
    return digits if digits.strip("0") else None


def debug_ids_of_build_id(code_id: str, *, little_endian: bool = False) -> tuple[str, ...]:
    """The debug ids of an ELF file with this build id (hex): of a little-endian file first, then as it is written.

    The latter is what big-endian files have, and Mach-O's; not if ``little_endian``. Empty if it is no build id.
    """
    if not _HEX.fullmatch(code_id):
        return ()
    head = bytes.fromhex(code_id)[:_UUID_BYTES].ljust(_UUID_BYTES, b"\0")
    found = (str(UUID(bytes_le=head)), str(UUID(bytes=head)))
    return found[:1] if little_endian else tuple(dict.fromkeys(found))


def swapped(debug_id: str) -> str | None:
    """A debug id with its first three fields in the other byte order; None if it has an age or is no UUID."""
    try:
        return str(UUID(bytes_le=UUID(debug_id).bytes))
    except ValueError:
        return None


def _digits(value: str) -> str:
    return _NO_DIGITS.sub("", value).lower().removeprefix("0x")
