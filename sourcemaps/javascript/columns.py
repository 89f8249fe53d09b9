"""What engines and SDKs count columns in, where that is not what source maps count in.

Maps count UTF-16 units from 0, and current engines print UTF-16 units from 1. Translated on evidence only:

=============================  ======================================================================================
Firefox 69 to 117              code points from 1: every emoji in front puts the column one further to the left
                               (`counts_code_points`, `utf16_column0`; needs the generated file)
Sentry's React Native SDK      Hermes' offsets as printed, from 0, before version 5.9.2 (`column_base`)
a line without a column        `place_by_line`: the whole generated line comes from one original line
=============================  ======================================================================================

JavaScriptCore points behind the callee (``f(`` at the parenthesis) where V8 and SpiderMonkey point at its name: the
nearest segment at or before is the callee's, so that nothing needs to be done. Safari 14 misplaced columns behind
comments (WebKit bug 221548) in a way that cannot be undone; JavaScriptCore of 2023 and later does not.

Source: measured with SpiderMonkey 78 and 102 and JavaScriptCore 2.50 (tests: ``data/engines``); mozilla bugs 1551916
and 1746374, tc39/ecma426#5; sentry-react-native 5.9.2, "Fix Hermes Bytecode Symbolication one line off".
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice

from sourcemaps.protocol import OriginalPosition, SourceIndex
from sourcemaps.text import split_lines
from symbolicator.model import JSON, Event
from symbolicator.protocols import Blob, Buffer

MAX_LINE_COLUMNS = 2048
"""A generated line that has more holds more than one original line, but for the rarest exceptions."""
MAX_WIDE = 200_000
_END_OF_LINE = 2**31 - 2
_FOUR_BYTES = re.compile(rb"[\xf0-\xf4]")
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_FIREFOX = frozenset({"firefox", "firefox mobile", "tor browser"})
"""Firefox on iOS is none: it runs WebKit."""
_FIRST_CODE_POINTS, _FIRST_UTF16 = 69, 118
_SENTRY_REACT_NATIVE, _FIRST_ONE_BASED = "sentry.javascript.react-native", (5, 9, 2)
_NUMBER = re.compile(r"[0-9]{1,9}")


def counts_code_points(event: Event) -> bool:
    """Whether the browser that the event says it comes from counts columns in code points."""
    browser = (event.contexts or {}).get("browser")
    name, version = _text(browser, "name").lower(), _numbers(_text(browser, "version"))
    return name in _FIREFOX and version != () and _FIRST_CODE_POINTS <= version[0] < _FIRST_UTF16


def utf16_column0(wide: Sequence[int], column0: int) -> int:
    """A column in UTF-16 units, given that in code points. ``wide``: the line's entry of `wide_characters`."""
    return column0 + bisect_left(wide, column0)


class WideCharacters:
    """`wide_characters` of a generated file, read when they are first asked for."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._columns: Mapping[int, Sequence[int]] | None = None

    def on(self, line0: int) -> Sequence[int]:
        """Those of one line. Raises `MalformedArtifact` if the file cannot be read any more."""
        if self._columns is None:
            with self._blob.open() as data:
                self._columns = wide_characters(data)
        return self._columns.get(line0, ())


def wide_characters(data: Buffer) -> Mapping[int, Sequence[int]]:
    """The columns, in code points, of the characters that are two UTF-16 units each, by line; all 0-based.

    Lines without such characters are left out; of a file with more than `MAX_WIDE` of them only the first are known.
    """
    if not _FOUR_BYTES.search(data):
        return {}
    found: dict[int, list[int]] = {}
    left = MAX_WIDE
    for line0, line in enumerate(split_lines(bytes(data).decode("utf-8", "replace"))):
        columns = [] if line.isascii() else [match.start() for match in islice(_WIDE.finditer(line), left)]
        left -= len(columns)
        if columns:
            found[line0] = columns
    return found


def column_base(event: Event) -> int:
    """What the columns of Hermes' frames count from in this event; all others count from 1."""
    sdk = event.extra.get("sdk")
    react_native = (event.contexts or {}).get("react_native_context")
    if _text(sdk, "name") != _SENTRY_REACT_NATIVE or _text(react_native, "js_engine") != "hermes":
        return 1
    version = _numbers(_text(sdk, "version"))
    return 0 if version and version < _FIRST_ONE_BASED else 1


def place_by_line(index: SourceIndex, line0: int) -> OriginalPosition | None:
    """The original line that a whole generated line comes from, column 0; None where there are several or none.

    ``line0``: of the generated file. The column and the name of the answer mean nothing.
    """
    columns = (*range(MAX_LINE_COLUMNS), _END_OF_LINE)
    positions = index.original_positions([(line0, column0) for column0 in columns])
    ends_in_range = positions[-1] == positions[-2]
    lines = {(position.source, position.line0) for position in positions if position is not None}
    if len(lines) != 1 or not ends_in_range:
        return None
    return OriginalPosition(*lines.pop(), 0, None)


def _text(value: JSON, field: str) -> str:
    found = value.get(field) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _numbers(version: str) -> tuple[int, ...]:
    """``5.9.2`` as (5, 9, 2)."""
    parts: Sequence[str] = version.split("-", maxsplit=1)[0].split(".")[:3]
    return tuple(int(part) for part in parts) if all(map(_NUMBER.fullmatch, parts)) else ()
