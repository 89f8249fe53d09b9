"""Reads protobuf messages without a schema: a bounded cursor over the wire format.

>>> message = parse(bytes([0x08, 0x96, 0x01, 0x12, 0x02]) + b"hi")
>>> message.number(1), message.text(2)
(150, 'hi')

What a field is for, the caller says by number and kind; a field of another kind is as good as absent. A message that
breaks off, or goes wrong, keeps the fields before that point and says so (`Message.is_damaged`). Messages inside are
parsed when they are asked for, so nesting costs no stack; together they may not have more fields than the `Budget`.

Source: "Encoding" of the Protocol Buffers documentation.
"""

from array import array
from collections.abc import Iterator
from struct import unpack_from

from msgspec import Struct

from symbolicator.protocols import Buffer

MAX_FIELDS = 1_000_000
"""Of a message and all those inside it that are read."""
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10
_NUMBER_BITS = 64
_MASK = (1 << _NUMBER_BITS) - 1


class Budget(Struct):
    """How many fields may still be read. ``is_damaged``: some message of it broke off or went wrong."""

    fields: int = MAX_FIELDS
    is_damaged: bool = False


class Message:
    """The fields of one message by their number; a number may come several times."""

    def __init__(self, data: Buffer, budget: Budget | None = None) -> None:
        self._budget = Budget() if budget is None else budget
        self._bytes = memoryview(data)
        self._numbers: dict[int, array[int]] = {}
        self._parts: dict[int, array[int]] = {}
        """Begin and end of each part, one after the other."""
        self.is_damaged = False
        """Whether there may have been more: the message ends within a field, or no field begins where one should."""
        self._read(_Cursor(self._bytes))

    def number(self, tag: int) -> int | None:
        """The unsigned number of a field (the last one, as protobuf has it); fixed ones as their bits."""
        numbers = self._numbers.get(tag)
        return numbers[-1] if numbers else None

    def signed(self, tag: int) -> int | None:
        """An ``int32`` or ``int64``."""
        value = self.number(tag)
        return value - (1 << _NUMBER_BITS) if value is not None and value >> (_NUMBER_BITS - 1) else value

    def zigzag(self, tag: int) -> int | None:
        """A ``sint32`` or ``sint64``."""
        value = self.number(tag)
        return None if value is None else value >> 1 ^ -(value & 1)

    def flag(self, tag: int) -> bool | None:
        """A ``bool``."""
        value = self.number(tag)
        return None if value is None else value != 0

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The unsigned numbers of a repeated field, packed or not."""
        packed = (number for part in self._all_parts(tag) for number in self._packed(part))
        return (*self._numbers.get(tag, ()), *packed)

    def data(self, tag: int) -> bytes | None:
        """The bytes of a field; of one that breaks off what there is."""
        part = self._part(tag)
        return None if part is None else bytes(part)

    def text(self, tag: int) -> str | None:
        r"""The text of a field. Bytes that are no UTF-8 appear as ``\xff``."""
        data = self.data(tag)
        return None if data is None else data.decode("utf-8", "backslashreplace")

    def texts(self, tag: int) -> tuple[str, ...]:
        """The texts of a repeated field."""
        return tuple(str(part, "utf-8", "backslashreplace") for part in self._all_parts(tag))

    def message(self, tag: int) -> "Message | None":
        """The message in a field."""
        part = self._part(tag)
        return None if part is None else Message(part, self._budget)

    def messages(self, tag: int) -> Iterator["Message"]:
        """The messages of a repeated field, each parsed when it is its turn."""
        return (Message(part, self._budget) for part in self._all_parts(tag))

    def _part(self, tag: int) -> memoryview | None:
        bounds = self._parts.get(tag)
        return self._bytes[bounds[-2] : bounds[-1]] if bounds else None

    def _all_parts(self, tag: int) -> Iterator[memoryview]:
        bounds = self._parts.get(tag, ())
        return (self._bytes[bounds[at] : bounds[at + 1]] for at in range(0, len(bounds), 2))

    def _read(self, cursor: "_Cursor") -> None:
        while cursor.left and self._budget.fields > 0 and not self.is_damaged:
            self._budget.fields -= 1
            self.is_damaged = not self._read_field(cursor)
        self.is_damaged = self.is_damaged or cursor.left > 0
        self._budget.is_damaged = self._budget.is_damaged or self.is_damaged

    def _read_field(self, cursor: "_Cursor") -> bool:
        """Whether there was a whole field. Groups, which nobody writes any more, are none."""
        key = cursor.varint()
        tag, kind = (0, 0) if key is None else (key >> 3, key & 7)
        if tag == 0:
            return False
        if kind == _LENGTH:
            return self._read_part(cursor, tag)
        number = cursor.number(kind)
        if number is not None:
            self._numbers.setdefault(tag, array("Q")).append(number)
        return number is not None

    def _read_part(self, cursor: "_Cursor", tag: int) -> bool:
        length = cursor.varint()
        if length is None:
            return False
        begin, end = cursor.part(length)
        self._parts.setdefault(tag, array("Q")).extend((begin, end))
        return end - begin == length

    def _packed(self, part: memoryview) -> Iterator[int]:
        cursor = _Cursor(part)
        while cursor.left and self._budget.fields > 0:
            self._budget.fields -= 1
            number = cursor.varint()
            if number is None:
                return
            yield number


def parse(data: Buffer, budget: Budget | None = None) -> Message:
    """The message that the bytes are. Never raises: of what is no message there are no fields."""
    return Message(data, budget)


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that are still to be read."""
        return len(self._data) - self._at

    def varint(self) -> int | None:
        """None where it breaks off or is longer than any number of 64 bits."""
        value = 0
        for index, byte in enumerate(self._data[self._at : self._at + _MAX_VARINT_BYTES]):
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
                self._at += index + 1
                return value & _MASK
        return None

    def number(self, kind: int) -> int | None:
        """A number by its wire type; None if it breaks off, or the type has none."""
        if kind == _VARINT:
            return self.varint()
        size, code = {_FIXED64: (8, "<Q"), _FIXED32: (4, "<I")}.get(kind, (0, ""))
        if not size or self.left < size:
            return None
        (value,) = unpack_from(code, self._data, self._at)
        self._at += size
        return int(value)

    def part(self, length: int) -> tuple[int, int]:
        """Begin and end of the next bytes, or of as many as there are."""
        start = self._at
        self._at += min(length, self.left)
        return start, self._at
