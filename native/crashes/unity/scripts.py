r"""Exceptions of scripts as Unity logs them, with a stack that has no ``at`` in front of its calls.

======================================================================  ===========================================
``NullReferenceException: Object reference not set to …``               what was thrown
``Shop.Cart.Total (Shop.Order order) (at Assets/Cart.cs:12)``           call, newest first
``UnityEngine.Events.UnityEvent:Invoke()``                              the same without a place
``Rethrow as InvalidOperationException: no price``                      what is above is inside this one
``(Filename: Assets/Cart.cs Line: 12)``                                 end of an entry
======================================================================  ===========================================

Source: the Unity manual, "Stack trace logging", for the shapes.
"""

import re
from collections.abc import Sequence

from native.crashes.dotnet.frames import parse_call
from native.crashes.dotnet.report import MAX_ERRORS, PrintedError, header_in
from symbolicator.model import Frame
from symbolicator.readers.text import MAX_FRAMES

_AT = re.compile(r" \(at \S.*:-?[0-9]{1,9}\)\Z")
_COLON = re.compile(r"[\w.`+/<>|$\[\],]{1,400}:\.?[\w`<>|$\[\],.]{1,300} ?\(.{0,1000}\)\Z")
_RETHROWN = "Rethrow as "
_END = re.compile(r"\(Filename: .{0,1000} Line: -?[0-9]{1,9}\)\Z")
_MAX_ABOVE = 50


def parse_script_frame(line: str) -> Frame | None:
    """The call with a place on a line, None if it is none."""
    return _frame(line) if _AT.search(line[-1200:]) else None


def parse_bare_frame(line: str) -> Frame | None:
    """The call without a place on a line: only among other calls is it one."""
    return _frame(line) if _COLON.match(line) else None


def _frame(line: str) -> Frame | None:
    return parse_call(line.rstrip())


def read_scripts(lines: Sequence[str]) -> list[PrintedError]:
    """The exceptions of the lines, those that wrap others outermost."""
    errors: list[PrintedError] = []
    above: list[str] = []
    current: PrintedError | None = None
    left, wraps = MAX_FRAMES, 0
    for line in (line.rstrip() for line in lines):
        frame = parse_script_frame(line) or (parse_bare_frame(line) if current or above else None)
        if frame and left and len(errors) < MAX_ERRORS:
            current = current or _begin(errors, above)
            current.frames.append(frame)
            left -= 1
        elif current and line.startswith(_RETHROWN) and wraps < MAX_ERRORS:
            wraps += 1
            current = _wrap(errors, line.removeprefix(_RETHROWN))
        else:
            above = [] if current or not line or _END.match(line) else [*above[-_MAX_ABOVE:], line]
            current = None
            above = above or ([line] if line and not _END.match(line) else [])
    return [error for error in errors if _is_told(error)]


def _begin(errors: list[PrintedError], above: list[str]) -> PrintedError:
    told, unhandled = header_in(above)
    error = PrintedError(told, unhandled=unhandled)
    errors.append(error)
    above.clear()
    return error


def _wrap(errors: list[PrintedError], told: str) -> PrintedError:
    errors[-1] = PrintedError([told], children=[errors[-1]])
    return errors[-1]


def _is_told(error: PrintedError) -> bool:
    """Whether a call of it has a place: words with parentheses alone are no stack."""
    return any(frame.lineno or frame.filename for frame in error.frames) or bool(error.children)
