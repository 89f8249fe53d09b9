r"""Shows an event to a person: pure functions from an `Event` to lines of styled text. Nothing here opens anything.

>>> from symbolicator.model import Event
>>> from symbolicator.render import Options, plain, render
>>> print(*plain(render(Event(title="ANR"), Options())), sep="\n")
ANR
<BLANKLINE>
No stack trace in this report.
"""

from symbolicator.render.lines import Line, Span, Style, plain
from symbolicator.render.options import Options
from symbolicator.render.status import is_resolved
from symbolicator.render.text import render

__all__ = ["Line", "Options", "Span", "Style", "is_resolved", "plain", "render"]
