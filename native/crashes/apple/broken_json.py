"""JSON that breaks off or is damaged: what stands before the damage, with the open brackets closed.

>>> whole_part(b'{"threads": [{"id": 1}, {"id": 2, "na')
b'{"threads": [{"id": 1}, {"id": 2}]}'
"""

import re

MAX_DEPTH = 100
_TOKEN = re.compile(
    rb"[ \t\r\n]++|\"(?:[^\"\\]++|\\.)*+\"|[-+.0-9A-Za-z]{1,200}+|[\[\]{}:,]",
    re.DOTALL,
)
_CLOSERS = {b"{": b"}", b"[": b"]"}
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items()}


def whole_part(data: bytes, end: int | None = None) -> bytes:
    """The first value in ``data`` as far as it is complete before byte ``end``; empty if it does not even begin."""
    scan = _Scan()
    at, stop = 0, len(data) if end is None else min(end, len(data))
    while at < stop and not scan.is_done:
        match = _TOKEN.match(data, at, stop)
        if match is None or not scan.take(match[0], match.end()):
            break
        at = match.end()
    return data[: scan.safe] + b"".join(_CLOSERS[opener] for opener in reversed(scan.open))


class _Scan:
    """Where the value may be cut off, and what is open there.

    Between two such places no bracket opens or closes, so that ``open`` is right for the last of them.
    """

    def __init__(self) -> None:
        self.safe = 0
        self.open: list[bytes] = []
        self.is_done = False
        self._before = b""
        """The last token that is no space; ``v`` for the end of a value, ``k`` for a key."""
        self._start = 0

    def take(self, token: bytes, end: int) -> bool:
        """Takes the next token, which ends at byte ``end``; False where it cannot stand there."""
        if token.isspace():
            return True
        if token in _CLOSERS:
            return self._begin(token, end)
        if token in _OPENERS:
            return self._finish(token, end)
        if token in (b",", b":"):
            return self._separate(token, end)
        return self._scalar(token, end)

    def _begin(self, token: bytes, end: int) -> bool:
        if not self._may_begin_value() or len(self.open) >= MAX_DEPTH:
            return False
        self.open.append(token)
        self.safe, self._before = end, token
        return True

    def _finish(self, token: bytes, end: int) -> bool:
        if not self.open or self.open[-1] != _OPENERS[token] or self._before not in (b"v", self.open[-1]):
            return False
        self.open.pop()
        self.safe, self._before = end, b"v"
        self.is_done = not self.open
        return True

    def _separate(self, token: bytes, end: int) -> bool:
        if self._before != (b"v" if token == b"," else b"k"):
            return False
        if token == b",":
            self.safe = end - 1
        self._before = token
        return bool(self.open)

    def _scalar(self, token: bytes, end: int) -> bool:
        """A key or a value. A number may go on where the data breaks off, so only what follows it makes it whole."""
        is_text = token.startswith(b'"')
        if self.open and self.open[-1] == b"{" and self._before in (b"{", b","):
            self._before = b"k"
            return is_text
        if not self.open or not self._may_begin_value():
            return False
        self._before = b"v"
        if is_text:
            self.safe = end
        return True

    def _may_begin_value(self) -> bool:
        if not self.open:
            return not self._before
        return self._before == b":" if self.open[-1] == b"{" else self._before in (b"[", b",")
