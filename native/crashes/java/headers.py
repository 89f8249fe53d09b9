r"""The line above a Java stack: which exception it was, in which thread, and how it belongs to the one before.

>>> find_header(["java.lang.IllegalStateException: no price", "for tea"]).value
'no price\nfor tea'

==============================================================================  ===================================
``java.lang.IllegalStateException: no price``                                    class and message
``Exception in thread "main" java.lang.IllegalStateException: no price``         the JVM's, uncaught
``FATAL EXCEPTION: main``, ``Process: com.example, PID: 123`` above              Android's
``Caused by: …``, ``Suppressed: …``, ``Wrapped by: …``                           relation to the exception before
``Exception java.lang.Error:``, ``Caused by java.lang.Error: no price``          Google Play's
``[CIRCULAR REFERENCE: java.lang.RuntimeException: no price]``                   printed already; has no frames
``12:00:00.123 [main] ERROR shop.Cart - java.lang.RuntimeException: no price``   behind the prefix of a log
==============================================================================  ===================================

A message may have several lines: all of them up to the first frame.
"""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from symbolicator.readers.text import bounded

Relation = Literal["cause", "suppressed", "wrapper"]

MAX_MESSAGE_LINES = 200
_CLASS = r"(?P<name>(?:[A-Za-z_$][\w$]{0,200}\.){0,40}[A-Za-z_$][\w$]{0,300}(?:/0x[0-9a-f]{1,16})?)"
_HEADER = re.compile(rf"{_CLASS}(?:: ?(?P<message>.*))?\Z", re.DOTALL)
_THREAD = re.compile(r"Exception in thread \"(?P<name>[^\n]{0,200}?)\" ")
_PLAY = "Exception "
"""Google Play puts it before the class."""
_CIRCULAR = re.compile(r"\[CIRCULAR REFERENCE: ?(?P<what>.*)\]\Z")
_RELATIONS: dict[str, Relation] = {"Caused by": "cause", "Suppressed": "suppressed", "Wrapped by": "wrapper"}
_RELATION = re.compile(
    r"\s{0,400}(?P<how>Caused by|Suppressed|Wrapped by)"
    r"(?:: ?| (?=[\w$]{1,200}\.[\w$.]{1,400}(?::|\Z)))"
)
_THROWABLE = re.compile(r"(?:Exception|Error|Throwable|Failure|Fault|Death|Interrupt|Cancellation)\Z")
_IN_LOG = re.compile(
    r"(?:\A|[\s:\]>)-])(?P<rest>(?:[a-z_][\w$]{0,100}\.){1,20}(?=[A-Z])[\w$]{0,200}"
    r"(?:Exception|Error|Throwable)(?:: |\Z))"
)
_MAX_PREFIX = 400


class Header(Struct, frozen=True):
    """``type`` is the class with its package. ``indent``: white space before the line, in characters."""

    type: str | None = None
    value: str | None = None
    relation: Relation | None = None
    thread: str | None = None
    indent: int = 0
    is_circular: bool = False


def relation_of(line: str) -> Relation | None:
    """How the exception of the line belongs to the one before; None if the line does not say."""
    match = _RELATION.match(line)
    return _RELATIONS[match["how"]] if match else None


def without_relation(line: str) -> str:
    """The line behind ``Caused by:`` and the like."""
    match = _RELATION.match(line)
    return line[match.end() :] if match else line


def find_header(lines: Sequence[str]) -> Header | None:
    """The header among the lines above the first frame of a stack, the nearest last. None if there is none.

    A class whose name says that it is an exception goes before one that is nearer, then one behind a log's prefix.
    """
    first = max(0, len(lines) - MAX_MESSAGE_LINES)
    indexes = range(len(lines) - 1, first - 1, -1)
    found = [(index, header) for index in indexes if (header := parse_header(lines[index])) is not None]
    sure = next((pair for pair in found if _is_sure(pair[1])), None)
    index, header = sure or next(iter(found), None) or _behind_prefix(lines, first) or (0, None)
    return None if header is None else _with_message(header, lines[index + 1 :])


def parse_header(line: str) -> Header | None:
    """The header that a line is."""
    text = bounded(line).lstrip()
    indent = len(line) - len(line.lstrip())
    relation = relation_of(text)
    text = without_relation(text)
    thread = None if relation else _THREAD.match(text)
    text = text[thread.end() :] if thread else text
    text = text.removeprefix(_PLAY)
    circular = _CIRCULAR.match(text)
    match = _HEADER.match(circular["what"] if circular else text.rstrip())
    if match is None or not (relation or thread or circular or "." in match["name"] or is_throwable(match["name"])):
        return None
    name = thread["name"] if thread else None
    return Header(match["name"], match["message"] or None, relation, name, indent, is_circular=circular is not None)


def is_throwable(name: str) -> bool:
    """Whether a class says by its name that it is an exception."""
    return _THROWABLE.search(name) is not None


def _is_sure(header: Header) -> bool:
    return bool(header.relation or header.thread or header.is_circular or is_throwable(header.type or ""))


def _behind_prefix(lines: Sequence[str], first: int) -> tuple[int, Header] | None:
    """A log's line whose message is the exception."""
    for index in range(len(lines) - 1, first - 1, -1):
        match = _IN_LOG.search(lines[index][:_MAX_PREFIX])
        header = parse_header(lines[index][match.start("rest") :]) if match else None
        if header:
            return index, header
    return None


def _with_message(header: Header, more: Sequence[str]) -> Header:
    """The header with the further lines of its message; trailing blank ones are none."""
    text = "\n".join([header.value or "", *more]).rstrip()
    return Header(
        header.type, text or None, header.relation, header.thread, header.indent, is_circular=header.is_circular
    )
