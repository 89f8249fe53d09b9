"""One call of Python.

====================================================  ==============================================================
``File "/srv/shop/cart.py", line 12, in total``       traceback; ``SyntaxError`` has no ``in``
``File "/srv/shop/cart.py", line 12 in total``        faulthandler
====================================================  ==============================================================
"""

import re

from symbolicator.model import Frame

PLATFORM = "python"
_CALL = re.compile(r'  File "(?P<file>.*)", line (?P<line>[0-9]{1,9})(?:, in (?P<function>\S.*))?\Z')
_CALL_OF_A_FAULT = re.compile(r'  File "(?P<file>.*)", line (?P<line>[0-9]{1,9}|\?\?\?) in (?P<function>\S.*)\Z')


def parse_frame(line: str) -> Frame | None:
    """The call of a traceback on a line, None if it is none."""
    return _frame(_CALL.match(line)) if line.startswith('  File "') else None


def parse_fault_frame(line: str) -> Frame | None:
    """The call of a faulthandler's dump on a line, None if it is none."""
    return _frame(_CALL_OF_A_FAULT.match(line)) if line.startswith('  File "') else None


def _frame(match: re.Match[str] | None) -> Frame | None:
    if match is None:
        return None
    line1 = int(match["line"]) if match["line"].isdecimal() else 0
    return frame_at(match["file"], line1, match["function"])


def frame_at(file: str, line1: int, function: str | None) -> Frame:
    """A call in a file that is named with its folder."""
    return Frame(
        platform=PLATFORM,
        function=function,
        filename=file,
        abs_path=file,
        lineno=line1 or None,
    )
