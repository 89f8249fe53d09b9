"""Reads the crash report that a command was given: a file or ``-`` for stdin, never more than `MAX_INPUT_BYTES`."""

import stat
import sys
from pathlib import Path

from symbolicator.errors import UnreadableInput

MAX_INPUT_BYTES = 256 * 1024 * 1024
STDIN = "-"


def read_input(name: str) -> bytes:
    """The bytes of a report. Raises `UnreadableInput` for what is no file, cannot be read or is too large."""
    data = _read_stdin() if name == STDIN else _read_file(Path(name))
    if len(data) > MAX_INPUT_BYTES:
        raise UnreadableInput(
            f"{_shown(name)} has more than {MAX_INPUT_BYTES >> 20} MB, too much for a crash report. "
            "Pass the part with the crash."
        )
    return data


def _shown(name: str) -> str:
    return "The standard input" if name == STDIN else name


def _read_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise UnreadableInput("There is no standard input. Pass the file that holds the crash.")
    return sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)


def _read_file(path: Path) -> bytes:
    try:
        _check_kind(path)
        with path.open("rb") as file:
            return file.read(MAX_INPUT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path} cannot be read: {_reason(error)}") from error


def _check_kind(path: Path) -> None:
    """Opening anything but a file may wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableInput(f"{path} is a folder. Pass the crash report; folders of artifacts go to --artifacts.")
    if not stat.S_ISREG(mode):
        raise UnreadableInput(f"{path} is no regular file. Pipe its content in: symbolicator resolve - < {path}")


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist. Check the path, or pipe the crash in with `-`."
    if isinstance(error, PermissionError):
        return "permission denied. Make it readable for this user."
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{text}. Check the path."
