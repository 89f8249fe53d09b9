"""Finds ``_PyRuntime``, where everything that an interpreter knows begins.

It lies in the data of the interpreter's image, and its symbol is in no core. Since 3.13 it begins with a mark. Before,
it is known by a circle that nothing else closes: it points to an interpreter that points back to it, and to a thread
that points back to the interpreter.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from native.crashes.elfcore.cpython.layouts import COOKIE, TABLE_SIZE, WITHOUT_TABLE, Layout, layout_of_table
from native.crashes.elfcore.cpython.objects import Objects
from native.crashes.elfcore.memory import Memory
from native.images import base_name
from symbolicator.model import DebugImage

MAX_SCANNED: Final = 64 << 20
"""Bytes of data that are searched for the mark."""
MAX_WORDS_SCANNED: Final = 8 << 20
"""Bytes of data that are searched for the circle: that takes longer."""
MAX_INTERPRETERS: Final = 256
MAX_THREADS: Final = 10_000
_MAX_MARKS = 64
_MAX_PIECES = 20_000
_CHUNK = 1 << 20
_WORD = 8
_INTERPRETER = re.compile(r"(?:lib)?python(?:3[\d.]*)?(?:[dtm]*)(?:\.so.*)?\Z")
_PROCESSORS = frozenset({"x86_64", "arm64", "riscv64"})
"""64-bit, little endian: the layouts are theirs."""


class Runtime(Struct, frozen=True):
    """A ``_PyRuntime``: its address, and how to read what hangs on it."""

    address: int
    layout: Layout


def is_interpreter(image: DebugImage) -> bool:
    """Whether an image is Python by its name, as ``libpython3.11.so.1.0`` and ``python3`` are."""
    return bool(image.code_file and _INTERPRETER.match(base_name(image.code_file)))


def find_runtime(memory: Memory, images: Sequence[DebugImage]) -> Runtime | None:
    """The runtime of the interpreter in one of the images; the executable is the first of them.

    The circle is looked for in images that are an interpreter by name, or else in the executable.
    """
    ours = [image for image in images if image.arch in _PROCESSORS]
    likely = [image for image in ours if is_interpreter(image)]
    marked = _by_mark(memory, _pieces(memory, [*likely, *ours], MAX_SCANNED))
    closed = _by_circle(memory, _pieces(memory, likely or ours[:1], MAX_WORDS_SCANNED))
    return next(marked, None) or next(closed, None)


def _pieces(memory: Memory, images: Iterable[DebugImage], size: int) -> Iterator[tuple[int, int]]:
    """Start and size of the writable memory of images, in pieces that have no more than ``size`` bytes together."""
    spans = (span for image in images for span in memory.spans_in(*_range(image)))
    for span in islice(spans, _MAX_PIECES):
        for start in range(span.start, span.end, _CHUNK):
            piece = min(_CHUNK, span.end - start, size) if span.is_writable else 0
            if piece <= 0:
                break
            yield start, piece
            size -= piece


def _range(image: DebugImage) -> tuple[int, int]:
    start = image.image_addr or 0
    return start, start + (image.image_size or 0)


def _by_mark(memory: Memory, pieces: Iterable[tuple[int, int]]) -> Iterator[Runtime]:
    marks = (
        start + mark.start()
        for start, size in pieces
        for mark in re.finditer(re.escape(COOKIE), memory.view(start, size))
    )
    for address, _ in zip(marks, range(_MAX_MARKS), strict=False):
        layout = layout_of_table(memory.read(address, TABLE_SIZE))
        if layout and next(threads(Objects(memory, layout), Runtime(address, layout)), None):
            yield Runtime(address, layout)


def _by_circle(memory: Memory, pieces: Iterable[tuple[int, int]]) -> Iterator[Runtime]:
    writable = [span for span in memory.spans if span.is_writable]
    low, high = (writable[0].start, writable[-1].end) if writable else (0, 0)
    for start, size in pieces:
        words = struct.unpack(f"<{size // _WORD}Q", memory.view(start, size - size % _WORD))
        for index, word in enumerate(words):
            if low <= word < high and not word % _WORD:
                yield from _closed(memory, start + index * _WORD, word)


def _closed(memory: Memory, at: int, word: int) -> Iterator[Runtime]:
    """The runtimes whose head of interpreters this word may be: the interpreter leads back, and so does a thread."""
    for layout in WITHOUT_TABLE:
        address = at - layout.interpreters_head
        if memory.number(word + (layout.interpreter_runtime or 0), _WORD) == address:
            runtime = Runtime(address, layout)
            if next(threads(Objects(memory, layout), runtime), None):
                yield runtime


def threads(objects: Objects, runtime: Runtime) -> Iterator[int]:
    """Addresses of the states of all threads of all interpreters; each of them points back to its interpreter."""
    at, seen = runtime.layout, set[int]()
    interpreter = objects.word(runtime.address + at.interpreters_head)
    while interpreter and interpreter not in seen and len(seen) < MAX_INTERPRETERS:
        seen.add(interpreter)
        yield from _threads_of(objects, at, interpreter)
        interpreter = objects.word(interpreter + at.interpreter_next)


def _threads_of(objects: Objects, at: Layout, interpreter: int) -> Iterator[int]:
    seen = set[int]()
    thread = objects.word(interpreter + at.threads_head)
    while thread and thread not in seen and len(seen) < MAX_THREADS:
        if objects.word(thread + at.thread_interpreter) != interpreter:
            return
        seen.add(thread)
        yield thread
        thread = objects.word(thread + at.thread_next)
