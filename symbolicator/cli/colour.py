"""What the styles of a rendering look like on a terminal: the only module of the trace's way out that knows rich."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.text import Text

from symbolicator.cli.output import encodable
from symbolicator.render.lines import Line, Style

COLOURS = {
    Style.PLAIN: "",
    Style.ERROR: "bold red",
    Style.MESSAGE: "bold",
    Style.CONTEXT: "dim",
    Style.HEADING: "bold",
    Style.OWN: "bold",
    Style.LIBRARY: "dim",
    Style.LOCATION: "cyan",
    Style.TAG: "dim",
    Style.NOTE: "dim italic",
    Style.SOURCE: "",
    Style.FAILING: "bold",
    Style.MARKER: "bold red",
    Style.DIM: "dim",
    Style.SEAM: "magenta",
    Style.REFERENCE: "bold yellow",
    Style.PROBLEM: "yellow",
    Style.REMEDY: "green",
    Style.GOOD: "green",
    Style.BAD: "bold yellow",
}


def to_rich(line: Line) -> Text:
    """The line as rich text; its words stay words, whatever markup they look like."""
    text = Text(no_wrap=True, end="")
    for span in line:
        text.append(span.text, COLOURS[span.style])
    return text


def print_lines(lines: Iterable[Line], stream: TextIO) -> None:
    """Prints lines in colour."""
    console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)
    for line in lines:
        known = tuple(span._replace(text=encodable(span.text, stream)) for span in line)
        console.print(to_rich(known), soft_wrap=True)
