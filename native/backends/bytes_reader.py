"""Reads numbers off a run of bytes and never past its end."""

from typing import Literal


class BytesReader:
    """A position in ``data``. Every read raises `ValueError` at the end."""

    def __init__(self, data: bytes, *, little_endian: bool) -> None:
        self._data = data
        self._order: Literal["little", "big"] = "little" if little_endian else "big"
        self.position = 0

    def seek(self, position: int) -> None:
        """Goes to a position, which may be the end."""
        if not 0 <= position <= len(self._data):
            raise ValueError("position outside the data")
        self.position = position

    def skip(self, size: int) -> None:
        """Goes on by ``size`` bytes."""
        self.seek(self.position + size)

    def unsigned(self, size: int) -> int:
        """A number of ``size`` bytes."""
        start = self.position
        self.skip(size)
        return int.from_bytes(self._data[start : self.position], self._order)

    def skip_string(self) -> None:
        """Goes past a string and the zero that ends it."""
        end = self._data.find(b"\0", self.position)
        self.seek(end + 1 if end >= 0 else len(self._data) + 1)

    def uleb(self) -> int:
        """An unsigned LEB128 number of at most 64 bits."""
        value, _ = self._leb()
        return value

    def sleb(self) -> int:
        """A signed LEB128 number of at most 64 bits."""
        value, bits = self._leb()
        return value - (1 << bits) if value >> (bits - 1) else value

    def _leb(self) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.unsigned(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                return value, shift + 7
        raise ValueError("number too long")
