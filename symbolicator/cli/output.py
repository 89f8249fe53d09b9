"""Writes to the terminal: colour where it is wanted, text that the encoding can carry, quiet when the reader leaves."""

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from symbolicator.errors import SymbolicatorError
from symbolicator.render.lines import Line, plain
from symbolicator.render.safe import safe

DEFAULT_WIDTH = 100
_ASCII = str.maketrans({"…": "...", "·": "-", "│": "|", "─": "-", "→": "->"})


def say(text: str) -> None:
    """One message to a person, on stderr: what happened, and on a line of its own what to do."""
    if sys.stderr is not None:
        lines = (encodable(safe(line), sys.stderr) for line in text.splitlines())
        with suppress(OSError):
            sys.stderr.write("symbolicator: " + "\n              ".join(lines) + "\n")


def width_of(stream: TextIO | None) -> int:
    """Cells of a terminal's line; `DEFAULT_WIDTH` where there is no terminal."""
    return shutil.get_terminal_size((DEFAULT_WIDTH, 0)).columns if stream and stream.isatty() else DEFAULT_WIDTH


def wants_colour(stream: TextIO) -> bool:
    """Only on a terminal, and not if NO_COLOR (https://no-color.org) or a dumb terminal says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_lines(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    """Writes lines, to stdout unless told otherwise."""
    stream = stream or sys.stdout
    if stream is None:  # the process was started with it closed
        return
    with _Output(stream):
        if wants_colour(stream):
            from symbolicator.cli.colour import print_lines  # noqa: PLC0415 - imports rich

            print_lines(lines, stream)
        else:
            stream.writelines(f"{encodable(text, stream)}\n" for text in plain(lines))


def write_bytes(data: bytes) -> None:
    """Writes a line of bytes to stdout as they are."""
    if sys.stdout is None:
        return
    with _Output(sys.stdout):
        sys.stdout.flush()
        sys.stdout.buffer.write(data + b"\n")


def encodable(text: str, stream: TextIO) -> str:
    """The text as the stream's encoding can write it: our own signs in ASCII, anything else escaped."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


class _Output:
    """Whoever reads our output may stop reading, as ``head`` does: no error. A full disk is one, with a text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        try:
            self._stream.flush()
        except OSError as late:
            error = error or late
        if not isinstance(error, OSError):
            return False
        self._drop_the_rest()
        if isinstance(error, BrokenPipeError):
            return True
        raise SymbolicatorError(f"The output cannot be written ({error.strerror}). Make room for it.") from error

    def _drop_the_rest(self) -> None:
        """What is still buffered would fail again at exit."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
