r"""Reads thread dumps: Android's ``traces.txt`` and ANR reports, HotSpot's ``jstack`` and ``kill -3``.

>>> event = READER.read(b'"main" prio=5 tid=1 Blocked\n  at shop.Cart.total(Cart.java:12)\n')
>>> event.exceptions[0].type
'ANR'

The format is described in `native.crashes.java.thread_dump`.
"""

import re
from itertools import islice

from native.crashes.gdb_session import count_frames
from native.crashes.java.dump_event import event_of
from native.crashes.java.prefixes import without_prefix
from native.crashes.java.thread_dump import parse_heading, read_thread_dump
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import decode, lines_of

_JSON = re.compile(r"\s*(?:\{\s*[}\"]|\[\s*[\[{\"])")
_START = re.compile(r"^(?:----- pid [0-9]{1,10} at |Full thread dump \S|DALVIK THREADS \([0-9])", re.MULTILINE)
_SURE, _LIKELY, _STARTED = 0.97, 0.93, 0.9
_BESIDE_GDB = 0.5
"""A session of gdb with a dump below it is read as one report by the reader of backtraces."""
_ENOUGH = 2


class ThreadDumpReader:
    """Reader of thread dumps."""

    name = "Java thread dump"

    def detect(self, head: bytes) -> float:
        """By its first line and the headings of threads."""
        text = head.decode("utf-8", "replace")
        if _JSON.match(text):
            return 0.0
        lines = lines_of(text)
        starts = _START.search(text) is not None
        headings = sum(1 for _ in islice(filter(None, map(parse_heading, lines)), _ENOUGH))
        if headings and count_frames(lines, _ENOUGH):
            return _BESIDE_GDB
        if starts:
            return _SURE if headings else _STARTED
        return _LIKELY if headings else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the first dump of the text. Raises `UnreadableInput` if it has no thread or is too large."""
        text = decode(bytes(data))
        dump = read_thread_dump([without_prefix(line) for line in lines_of(text)])
        if not dump.threads:
            raise UnreadableInput(
                'No thread was found: expected lines such as `"main" prio=5 tid=1 Blocked` or '
                '`"main" #1 prio=5 tid=0x7ff9 nid=0x35c7 runnable`. Pass the whole thread dump.'
            )
        return event_of(dump, text)


READER = ThreadDumpReader()
