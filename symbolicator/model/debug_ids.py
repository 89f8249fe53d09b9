"""Debug ids in the one spelling in which they are compared."""

from uuid import UUID

_UUID_DIGITS = 32


def normal_debug_id(value: str) -> str:
    """A debug id in lower case with hyphens; an age of 0, which only PDB files have another than, is dropped."""
    digits = value.lower().replace("-", "").strip("{}")
    uuid, age = digits[:_UUID_DIGITS], digits[_UUID_DIGITS:]
    try:
        hyphenated = str(UUID(uuid))
    except ValueError:
        return value.lower()
    return hyphenated if age in ("", "0") else f"{hyphenated}-{age}"
