"""An exception of Objective-C or C++ that nobody caught, as the runtime says it before it aborts.

- ``*** Terminating app due to uncaught exception 'NSRangeException', reason: '*** -[… objectAtIndex:]: …'``
- ``terminating with uncaught exception of type std::runtime_error: no such table``
"""

import re
from typing import NamedTuple

_OBJC = re.compile(
    r"Terminating app due to uncaught exception '(?P<name>[^'\n]{1,200})'(?:, reason: '(?P<reason>.{0,8000}))?",
    re.DOTALL,
)
_CPP = re.compile(
    r"terminating (?:due to|with) uncaught exception of type (?P<name>[^\n]{1,300}?)(?:: (?P<reason>[^\n]{1,8000}))?$",
    re.MULTILINE,
)
_STACK = "*** First throw call stack:"


class Uncaught(NamedTuple):
    """``kind``: Sentry's word for the mechanism."""

    kind: str | None = None
    name: str | None = None
    reason: str | None = None


def uncaught_exception(text: str) -> Uncaught | None:
    """The exception that a text says was not caught."""
    match = _OBJC.search(text)
    if match:
        return Uncaught("nsexception", match["name"], _reason(match["reason"]))
    match = _CPP.search(text)
    return Uncaught("cpp_exception", match["name"], match["reason"]) if match else None


def _reason(text: str | None) -> str | None:
    """Up to the last quote: there may be others in it."""
    if text is None:
        return None
    said = text.partition(_STACK)[0].rstrip()
    inside, quote, _ = said.rpartition("'")
    return (inside if quote else said).strip() or None
