"""JSON of a crash report, read with types: what has another type than asked for is as good as absent.

>>> fields = Fields({"id": "0x10", "frames": [{"n": 1}, None]})
>>> fields.number("id"), [one.number("n") for one in fields.items("frames")]
(16, [1])
"""

import re
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from native.crashes.apple.broken_json import whole_part
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, Problem
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_REPORT_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH = 40
"""Of what is kept as it is; deeper parts are left out."""
_MAX_ATTEMPTS = 8
_MAX_SEARCHED = 4 * 1024 * 1024
"""Bytes of a damaged report in which its sections are looked for."""
_AT_BYTE = re.compile(r"\(byte ([0-9]{1,12})\)")
_WITHOUT_CONTROLS = bytes(ord("?") if byte < ord(" ") and byte not in b"\t\n\r" else byte for byte in range(256))
_NUMBER = re.compile(r"[ ]*(?:0x(?P<hex>[0-9a-fA-F]{1,16})|(?P<decimal>-?[0-9]{1,20}))[ ]*\Z")

INCOMPLETE = Problem(
    type="incomplete_report",
    message="The report breaks off or is damaged: only what stands before that was read.",
    remedy="Copy the file again from where it was written, in binary mode.",
)


class Fields:
    """An object, or what should have been one."""

    def __init__(self, value: object = None) -> None:
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._value)

    def __contains__(self, name: str) -> bool:
        return name in self._value

    def text(self, name: str) -> str | None:
        """A string that is not empty; of a number its digits."""
        value = self._value.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return value or None if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """A whole number, also in a string, in decimal or with ``0x``; None if it has more than 64 bits."""
        return whole_number(self._value.get(name))

    def flag(self, name: str) -> bool:
        """Whether the field is true or 1."""
        value = self._value.get(name)
        return isinstance(value, bool | int) and bool(value)

    def fields(self, name: str) -> "Fields":
        """The object of a field."""
        return Fields(self._value.get(name))

    def items(self, name: str) -> Iterator["Fields"]:
        """The objects of an array."""
        return (Fields(item) for item in self.array(name) if isinstance(item, dict))

    def texts(self, name: str) -> list[str]:
        """The strings of an array, or the one string."""
        value = self._value.get(name)
        return [value] if isinstance(value, str) else [item for item in self.array(name) if isinstance(item, str)]

    def array(self, name: str) -> list[object]:
        """An array as it is."""
        value = self._value.get(name)
        return value if isinstance(value, list) else []

    def pairs(self) -> Iterator[tuple[str, object]]:
        """Names and values."""
        return iter(self._value.items())

    def rest(self, known: Container[str]) -> dict[str, JSON]:
        """The fields that are not ``known``, as they are."""
        return {name: bounded(value, MAX_DEPTH) for name, value in self._value.items() if name not in known}


class Document(Struct, frozen=True):
    """``value``: the object; ``problem`` where it is not the whole one."""

    value: Fields
    problem: Problem | None = None


def whole_number(value: object) -> int | None:
    """The number that a value is or holds, if it has no more than 64 bits."""
    if isinstance(value, str) and (match := _NUMBER.match(value)):
        value = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
    if isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 64:
        return value
    return None


def bounded(value: Any, depth: int) -> JSON:  # noqa: ANN401 - JSON before it has a type
    """A JSON value without its parts below ``depth``."""
    if isinstance(value, dict):
        return {name: bounded(item, depth - 1) for name, item in value.items()} if depth else None
    if isinstance(value, list):
        return [bounded(item, depth - 1) for item in value] if depth else None
    plain: JSON = value
    return plain


def text_of(data: Buffer) -> bytes:
    """The report's bytes, as far as JSON may have them. Raises `UnreadableInput` if there are too many."""
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableInput(
            f"The report has {len(data):,} bytes; the limit is {MAX_REPORT_BYTES:,}. Pass a single crash report."
        )
    return bytes(data).translate(_WITHOUT_CONTROLS).decode("utf-8", "replace").encode()


def parse_report(data: bytes, sections: Iterable[str]) -> Document | None:
    """The same as `parse`; of damaged bytes also each of the ``sections`` that stands whole behind the damage."""
    document = parse(data)
    if (document and not document.problem) or len(data) > _MAX_SEARCHED:
        return document
    found = dict(document.value.pairs()) if document else {}
    for name in sections:
        at = -1 if name in found else data.find(f'"{name}"'.encode())
        part = parse(b"{" + data[at:]) if at >= 0 else None
        if part and name in part.value:
            found[name] = next(value for field, value in part.value.pairs() if field == name)
    return Document(Fields(found), INCOMPLETE) if found else document


def parse(data: bytes) -> Document | None:
    """The object that the bytes are, as far as it can be read; None if there is none."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _salvaged(data, str(error))
    return Document(Fields(value)) if isinstance(value, dict) else None


def _salvaged(data: bytes, error: str) -> Document | None:
    """What stands before the damage. Each attempt ends before the byte at which the one before it failed."""
    end = len(data)
    for _ in range(_MAX_ATTEMPTS):
        found = _AT_BYTE.search(error)
        end = min(end, int(found[1]) if found else end)
        whole = whole_part(data, end)
        try:
            value = msgspec.json.decode(whole)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as again:
            error, end = str(again), end - 1
            continue
        is_first_of_several = data.startswith(whole)
        return Document(Fields(value), None if is_first_of_several else INCOMPLETE) if isinstance(value, dict) else None
    return None
