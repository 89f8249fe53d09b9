r"""One call of Ruby, and whose code it is.

====================================================  ==============================================================
``/srv/shop/cart.rb:12:in `total'``                   before 3.4
``/srv/shop/cart.rb:12:in 'Cart#total'``              since 3.4
``cart.rb:12``                                        no method: a syntax error, or the file itself
====================================================  ==============================================================

Source: rb_backtrace's location_format in vm_backtrace.c.
"""

import re

from symbolicator.model import Frame

PLATFORM = "ruby"
_PLACE = re.compile(
    r"(?P<file>(?:<internal:[^>\n]{1,400}>|\(eval[^\n]{0,400}?\)|[^\s:'`\"][^\n'`\"]{0,1000}?)):"
    r"(?P<line>[0-9]{1,9})(?::in [`'](?P<function>[^\n]{1,500})')?\Z"
)


def parse_place(text: str) -> Frame | None:
    """The call that the text is, None if it is none."""
    match = _PLACE.match(text)
    return frame_at(match["file"], int(match["line"]), match["function"]) if match else None


def frame_at(file: str, line1: int, function: str | None) -> Frame:
    """A call in a file, as Ruby was given its name."""
    return Frame(
        platform=PLATFORM,
        function=function,
        filename=file,
        abs_path=file,
        lineno=line1 or None,
    )
