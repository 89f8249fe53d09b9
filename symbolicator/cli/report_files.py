"""The crash reports in files and folders, read one after the other; what cannot be read does not stop the rest."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from symbolicator.cli.inputs import open_input
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of

MAX_FILES = 100_000


class Unreadable(Struct, frozen=True):
    """A file that was asked for and is no crash report, or one that nobody can read."""

    file: str
    error: str


class Reading(Struct):
    """What became of the files. ``others``: files in folders that are no crash reports."""

    unreadable: list[Unreadable] = field(default_factory=list)
    others: int = 0


def read_reports(engine: Engine, paths: Sequence[Path], reading: Reading) -> Iterator[tuple[str, Event]]:
    """Every report with its file's name, unresolved."""
    for path in paths:
        for name in _files(path, reading):
            event = _read(engine, name, reading, is_asked_for=not path.is_dir())
            if event:
                yield name, event


def _files(path: Path, reading: Reading) -> Iterator[str]:
    """The file, or those below the folder in the order of their names, without hidden ones and links to folders."""
    if not path.is_dir():
        yield str(path)
        return
    left = MAX_FILES
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            if left == 0:
                error = f"It has more than {MAX_FILES:,} files, and no more were looked at. Pass folders inside of it."
                reading.unreadable.append(Unreadable(str(path), error))
                return
            left -= 1
            yield os.path.join(folder, name)  # noqa: PTH118 - of thousands


def _read(engine: Engine, name: str, reading: Reading, *, is_asked_for: bool) -> Event | None:
    try:
        with open_input(name) as payload:
            try:
                reader = engine.reader_of(payload)
            except UnreadableInput:
                if is_asked_for:
                    raise
                reading.others += 1
                return None
            event = engine.read_with(reader, payload)
    except UnreadableInput as error:
        reading.unreadable.append(Unreadable(name, str(error)))
    except Exception as error:  # noqa: BLE001 - a reader's bug costs its report, not all the others
        reading.unreadable.append(Unreadable(name, f"{type(error).__name__}: {error}"))
    else:
        if is_asked_for or event.exceptions or any(stack.frames for _, stack in stacks_of(event)):
            return event
        reading.others += 1
    return None
