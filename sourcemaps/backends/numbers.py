"""Base64 VLQ numbers one by one, without sign, as the newer fields of source maps have them (ECMA-426, "Base64 VLQ").

>>> list(read_numbers("AChB")), signed(3)
([0, 2, 33], -1)
"""

from collections.abc import Iterator

_MAX_NUMBER = 2**32 - 1
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_DIGITS = {digit: value for value, digit in enumerate(_ALPHABET)}
_MORE = 32


class UnreadableError(Exception):
    """Something is no number of at most 32 bits, or a number is missing. Never leaves the reference backend."""


def read_numbers(text: str) -> Iterator[int]:
    """The numbers of ``text``. Raises `UnreadableError` where one cannot be read."""
    number = shift = 0
    for char in text:
        digit = _DIGITS.get(char)
        if digit is None:
            raise UnreadableError
        if digit % _MORE:
            number |= digit % _MORE << shift
        shift += 5
        if number > _MAX_NUMBER:
            raise UnreadableError
        if digit < _MORE:
            yield number
            number = shift = 0
    if shift:
        raise UnreadableError


def signed(number: int) -> int:
    """The number whose lowest bit is its sign; minus zero stands for -2^31."""
    if number == 1:
        return -(2**31)
    return -(number >> 1) if number & 1 else number >> 1
