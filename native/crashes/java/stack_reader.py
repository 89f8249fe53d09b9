r"""Reads Java and Kotlin stack texts.

>>> event = READER.read(b"java.lang.Error: no price\n\tat shop.Cart.total(Cart.java:12)")
>>> event.exceptions[0].type
'Error'

The format is described in `native.crashes.java.stack_text`.
"""

import re
from collections.abc import Sequence
from itertools import islice

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.java.exceptions import exceptions_of, is_uncaught, threads_of
from native.crashes.java.frames import parse_frame
from native.crashes.java.headers import parse_header
from native.crashes.java.images import mapping_images
from native.crashes.java.prefixes import without_prefix
from native.crashes.java.stack_text import read_stack_text
from native.crashes.java.uncaught import find_uncaught
from symbolicator.errors import UnreadableInput
from symbolicator.model import DebugMeta, Event, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode, lines_of

_JSON = re.compile(r"\s*(?:\{\s*[}\"]|\[\s*[\[{\"])")
_ONE_FRAME, _HEADED, _SEVERAL = 0.6, 0.75, 0.85
_ENOUGH = 3


class JavaStackReader:
    """Reader of Java's stack texts."""

    name = "Java stack text"

    def detect(self, head: bytes) -> float:
        """By the lines that are frames, and an exception's name above them."""
        text = head.decode("utf-8", "replace")
        if "at " not in text or _JSON.match(text):
            return 0.0
        lines = [without_prefix(line) for line in lines_of(text)]
        frames = [index for index, _ in islice(((i, f) for i, f in enumerate(map(parse_frame, lines)) if f), _ENOUGH)]
        if not frames:
            return 0.0
        if len(frames) >= _ENOUGH:
            return _SEVERAL
        return _HEADED if frames[0] and parse_header(lines[frames[0] - 1]) else _ONE_FRAME

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no frame or is too large."""
        text = decode(bytes(data))
        return event_of([without_prefix(line) for line in lines_of(text)], text)


def event_of(lines: Sequence[str], text: str) -> Event:
    """The event of lines without prefixes."""
    found = read_stack_text(lines)
    if not found.roots:
        raise UnreadableInput(
            "No Java stack frame was found: expected lines such as `at shop.Cart.total(Cart.java:12)` below the "
            "exception. Pass the whole text of the crash, with its frames."
        )
    said = find_uncaught(lines)
    values = exceptions_of(found, uncaught=is_uncaught(found) or said.thread is not None)
    threads = tuple(threads_of(found)) or said.threads
    images = mapping_images(frame for value in values if value.stacktrace for frame in value.stacktrace.frames)
    return Event(
        platform="java",
        exception=Values(values=values),
        threads=Values(values=threads) if threads else None,
        contexts=said.contexts or None,
        debug_meta=DebugMeta(images=images) if images else None,
        errors=(TOO_MANY_FRAMES,) if found.full else (),
        extra={RAW_REPORT: text},
    )


READER = JavaStackReader()
