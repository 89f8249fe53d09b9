"""What glibc said before it aborted: a failed assertion, a damaged heap, a smashed stack.

glibc keeps the text that it printed for whoever reads the core: ``__abort_msg`` in its data points to memory of whole
pages, which begins with their size in bytes. No symbol is needed to know it: nothing else in that data points to the
start of a page that begins with a number of pages and goes on with text.

Source: glibc's include/stdlib.h (``struct abort_msg_s``) and sysdeps/posix/libc_fatal.c.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from native.crashes.elfcore.memory import Memory, Span
from native.images import base_name
from symbolicator.model import DebugImage

MAX_SEARCHED: Final = 1 << 20
"""Bytes of the data of the library."""
MAX_MESSAGE: Final = 4096
"""Characters of the message."""
_LIBC = re.compile(r"libc(?:-2\.[0-9]+)?\.so")
_PAGE = 4096
_MAX_PAGES = 16
_MAX_SPANS = 64
_TEXT = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]{4,}\Z")


def abort_message(memory: Memory, images: Sequence[DebugImage]) -> str | None:
    """The message, without what the line ends with; None if glibc said nothing. The executable is the first image."""
    libraries = [image for image in images if _LIBC.match(base_name(image.code_file or ""))]
    spans = (span for image in libraries or images[:1] for span in _data(memory, image))
    messages = (_message(memory, word) for word in _words(memory, islice(spans, _MAX_SPANS)))
    return next((message for message in messages if message), None)


def _data(memory: Memory, image: DebugImage) -> Iterator[Span]:
    start = image.image_addr or 0
    return (span for span in memory.spans_in(start, start + (image.image_size or 0)) if span.is_writable)


def _words(memory: Memory, spans: Iterable[Span]) -> Iterator[int]:
    """Words that are the address of a page."""
    left = MAX_SEARCHED
    for span in spans:
        data = memory.view(span.start, min(span.end - span.start, left) & -8)
        left -= len(data)
        yield from (word for (word,) in struct.iter_unpack("<Q", data) if word and not word % _PAGE)


def _message(memory: Memory, address: int) -> str | None:
    size = memory.number(address, 4)
    if not size or size % _PAGE or size > _MAX_PAGES * _PAGE:
        return None
    text = memory.read(address + 4, min(size - 4, MAX_MESSAGE)).partition(b"\0")[0]
    return text.decode("utf-8", "backslashreplace").strip() if _TEXT.match(text) else None
