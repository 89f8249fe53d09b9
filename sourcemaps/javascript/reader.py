r"""Reads raw JavaScript stack text: V8, SpiderMonkey, JavaScriptCore, Hermes, React Native, Node.js' own reports.

>>> event = READER.read(b"TypeError: x is undefined\n    at total (https://shop.example/app.js:1:985)")
>>> event.exceptions[0].stacktrace.frames[0].colno
985

The formats are described in `sourcemaps.javascript.stacktext`.
"""

import re
from itertools import islice

from sourcemaps.javascript.stacktext.lines import FrameLine, parse_stack_line, without_prefix
from sourcemaps.javascript.stacktext.report import read_report
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import decode, lines_of

_ONE_FRAME, _SEVERAL_FRAMES, _ONLY_EXCERPT = 0.6, 0.9, 0.5
_JSON = re.compile(r"\s*(?:\{\s*[}\"]|\[\s*[\[{\"])")
_EXCERPT_OF = re.compile(r"\S[^\n]{0,1000}\.(?:[cm]?[jt]sx?|(?:js)?bundle):[0-9]{1,10}\r?\Z")
_FULL_HEAD = 60 * 1024
"""In characters: a head this long may end before the first frame, in a minified line that Node.js printed whole."""


class JavaScriptStackReader:
    """Reader of stack texts."""

    name = "JavaScript stack text"

    def detect(self, head: bytes) -> float:
        """By the lines that are frames; or by Node.js' excerpt of a source line that is longer than the head."""
        text = head.decode("utf-8", "replace")
        if _JSON.match(text):
            return 0.0
        lines = lines_of(text)
        entries = (parse_stack_line(without_prefix(line)) for line in lines)
        frames = sum(1 for _ in islice((entry for entry in entries if isinstance(entry, FrameLine)), 2))
        if frames:
            return _ONE_FRAME if frames == 1 else _SEVERAL_FRAMES
        excerpt = len(lines) == 2 and len(text) >= _FULL_HEAD and _EXCERPT_OF.match(lines[0])  # noqa: PLR2004 - place and source line
        return _ONLY_EXCERPT if excerpt else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no frame or is too large."""
        return read_report(decode(data))


READER = JavaScriptStackReader()
