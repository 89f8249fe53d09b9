"""JSON that breaks off or is damaged: what stands before the damage, with the open brackets closed.

>>> whole_part(b'{"threads": [{"id": 1}, {"id": 2, "na')
b'{"threads": [{"id": 1}, {"id": 2}]}'

Only brackets, commas and strings are looked at: whether the rest is JSON, the parser says, and where it is not.
"""

import re
from itertools import islice

MAX_DEPTH = 100
MAX_TOKENS = 4_000_000
"""Brackets, commas and strings; what stands behind so many is left out."""
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
_CLOSERS = {b"{": b"}", b"[": b"]"}
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items()}


def whole_part(data: bytes, end: int | None = None) -> bytes:
    """The first value in ``data`` as far as it is complete before byte ``end``; empty if it does not even begin.

    A value counts as complete when a comma or bracket follows: a number may go on where the data breaks off.
    """
    opened: list[bytes] = []
    safe = 0
    for match in islice(_TOKEN.finditer(data, 0, len(data) if end is None else end), MAX_TOKENS):
        token = match[0]
        if token == b",":
            safe = match.start() if opened else safe
        elif token in _CLOSERS:
            if len(opened) >= MAX_DEPTH:
                break
            opened.append(token)
            safe = match.end()
        elif token in _OPENERS:
            if not opened or opened.pop() != _OPENERS[token]:
                return b""
            safe = match.end()
            if not opened:
                break
        elif token == b'"':
            break
    return data[:safe] + b"".join(_CLOSERS[opener] for opener in reversed(opened))
