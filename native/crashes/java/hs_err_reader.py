r"""Reads fatal error logs of the JVM.

>>> head = b"# A fatal error has been detected by the Java Runtime Environment:"
>>> event = READER.read(head + b"\n#\n#  SIGSEGV (0xb) at pc=0x1, pid=1, tid=2")
>>> event.exceptions[0].type
'SIGSEGV'

The format is described in `native.crashes.java.hs_err`.
"""

import re

from native.crashes.java.hs_err import FATAL, NO_MEMORY, read_log
from native.crashes.java.hs_err_event import event_of
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import decode, lines_of

_MARK = re.compile(rf"^(?:{FATAL}|{NO_MEMORY}|Native frames: \(J=compiled Java code, )".encode(), re.MULTILINE)
_SURE = 0.98


class FatalErrorLogReader:
    """Reader of ``hs_err_pid*.log``."""

    name = "JVM fatal error log"

    def detect(self, head: bytes) -> float:
        """By the sentence that it begins with; a log without its head by that of its frames."""
        return _SURE if _MARK.search(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the log. Raises `UnreadableInput` if it says nothing or is too large."""
        text = decode(bytes(data))
        log = read_log(lines_of(text))
        if not (log.error or log.native or log.java or log.problematic or log.words):
            raise UnreadableInput(
                f"The log of the JVM says nothing about its error: expected `{FATAL}` and frames such as "
                "`C  [libshop.so+0x10f9]`. Pass the whole hs_err_pid*.log."
            )
        return event_of(log, text)


READER = FatalErrorLogReader()
