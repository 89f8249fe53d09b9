r"""What a generated file says about itself at its end: ``sourceMappingURL`` and ``debugId`` comments.

Source: ECMA-426, "Extracting source map URL" (without parsing): comments count only if no code follows them. Lines are
read from the end, ``//# name=value``, ``//@ name=value`` or ``/*# name=value */``. A value in quotes is a string's
content, no comment. Debug ids: a comment in the last five lines, or the snippet that Sentry's bundler plug-ins inject.

>>> find_source_map_url("run();\n//# sourceMappingURL=app.js.map\n")
'app.js.map'
"""

import re

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.javascript.data_urls import is_data_url
from sourcemaps.text import split_lines
from symbolicator.protocols import Buffer

MAX_TAIL_BYTES = 192 * 1024 * 1024
"""A map may be embedded in the last line: a third more than the largest one that is read."""
_FIRST_TAIL_BYTES = 64 * 1024
_HEAD_BYTES = 16 * 1024
_DEBUG_ID_LINES = 5

_URL_NAME = "sourceMappingURL="
_DEBUG_ID_NAME = "debugId="
_OPENING = re.compile(r"(//|/\*)[#@][ \t]*\Z")
_LONGEST_OPENING = 16
_ONLY_COMMENTS = re.compile(r"(?:\s*/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))*+\s*(?://.*)?\Z", re.DOTALL)
_CUT_VALUE = re.compile(rb"[A-Za-z0-9+/=%_.~:,;@#?&!'()*\-]*(?:[\r\n]|\Z)")
_CUT_TEXT = re.compile(_CUT_VALUE.pattern.decode())
_SNIPPET = re.compile(rb"sentry-dbid-([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


def read_tail(data: Buffer) -> str:
    """The last lines of a file, whole: more is read while the first of them may be the rest of a long comment."""
    size = _FIRST_TAIL_BYTES
    tail = bytes(data[-size:])
    while size < len(data) and size < MAX_TAIL_BYTES and _CUT_VALUE.match(tail):
        size *= 4
        tail = bytes(data[-size:])
    return tail.decode("utf-8", "replace")


def text_tail(text: str) -> str:
    """The same of a text: the last lines, whole."""
    size = _FIRST_TAIL_BYTES
    while size < min(len(text), MAX_TAIL_BYTES) and _CUT_TEXT.match(text, len(text) - size):
        size *= 4
    return text[-size:]


def find_source_map_url(tail: str) -> str | None:
    """The URL of the last ``sourceMappingURL`` comment that no code follows."""
    for line in reversed(split_lines(tail)):
        url = _comment_value(line, _URL_NAME)
        if url is not None:
            return url
        if not _ONLY_COMMENTS.match(line):
            return None
    return None


def find_debug_id(tail: str) -> str | None:
    """The debug id in the last five lines that are not empty."""
    lines = [line for line in split_lines(tail) if line.strip()]
    for line in reversed(lines[-_DEBUG_ID_LINES:]):
        found = normalize_debug_id(_comment_value(line, _DEBUG_ID_NAME) or "")
        if found:
            return found
    return None


def find_injected_debug_id(data: Buffer) -> str | None:
    """The debug id in Sentry's snippet, which stands at the start of a file, or at its end."""
    match = _SNIPPET.search(data[:_HEAD_BYTES]) or _SNIPPET.search(data[-_HEAD_BYTES:])
    return normalize_debug_id(match[1].decode()) if match else None


def _comment_value(line: str, name: str) -> str | None:
    """The value of a comment at the end of a line, whatever stands before it on the line."""
    line = line.strip()
    at = line.rfind(name)
    opening = _OPENING.search(line[max(0, at - _LONGEST_OPENING) : at]) if at > 0 else None
    if opening is None:
        return None
    start = at - (len(opening.string) - opening.start())
    if start > 0 and line.startswith("//"):
        return None  # a comment that talks about one
    value = line[at + len(name) :]
    if opening[1] == "/*":
        value, end, _ = value.partition("*/")
        if not end or not line.endswith("*/"):
            return None
    return _unquoted(value.strip())


def _unquoted(value: str) -> str | None:
    """The value; None for what cannot be one: empty, several words, or the rest of a string."""
    if not value or re.search(r"""[\s"`]""", value) or ("'" in value and not is_data_url(value)):
        return None
    return value
