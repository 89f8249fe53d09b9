"""Opens the crash report that a command was given: a file, mapped where it is large, or ``-`` for stdin."""

import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symbolicator.errors import StoreError, UnreadableInput
from symbolicator.protocols import Buffer
from symbolicator.store.blobs import FileBlob

MAX_STDIN_BYTES = 256 * 1024 * 1024
STDIN = "-"


@contextmanager
def open_input(name: str) -> Iterator[Buffer]:
    """The bytes of a report while the context lasts. Raises `UnreadableInput` for what is no file or cannot be read."""
    if name == STDIN:
        yield _read_stdin()
        return
    path = Path(name)
    try:
        _check_kind(path)
        with FileBlob(path).open() as data:
            yield data
    except (OSError, ValueError, StoreError) as error:
        cause = error.__cause__ if isinstance(error, StoreError) else error
        raise UnreadableInput(f"{path} cannot be read: {_reason(cause or error)}") from error


def _read_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise UnreadableInput("There is no standard input. Pass the file that holds the crash.")
    data = sys.stdin.buffer.read(MAX_STDIN_BYTES + 1)
    if len(data) > MAX_STDIN_BYTES:
        raise UnreadableInput(
            f"The standard input has more than {MAX_STDIN_BYTES >> 20} MB, too much for a crash report. "
            "Pass the part with the crash; a dump of that size as a file."
        )
    return data


def _check_kind(path: Path) -> None:
    """Opening anything but a file may wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableInput(f"{path} is a folder. Pass the crash report; folders of artifacts go to --artifacts.")
    if not stat.S_ISREG(mode):
        raise UnreadableInput(f"{path} is no regular file. Pipe its content in: symbolicator resolve - < {path}")


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist. Check the path, or pipe the crash in with `-`."
    if isinstance(error, PermissionError):
        return "permission denied. Make it readable for this user."
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{text}. Check the path."
