"""Finds the files under the paths that a user gave, within limits, and says what was left out.

::

    walk = Walk([Path("dist")])
    for found in walk.files():
        print(found.name)
    print(walk.notes)  # ("Skipped the folder node_modules: name it to have it searched.",)

Nearest first: when a limit ends the walk, the files close to the given folder have been seen.
"""

import errno
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from symbolicator.store.names import storable

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
"""Searched only when they are given themselves, like every folder whose name starts with a dot."""
_NEVER_MEANT = frozenset({"__pycache__", ".git", ".hg", ".svn", ".venv", ".cache"})
"""Nobody looks for artifacts there: not worth a word."""
_MAX_NAMED = 3
_LEADS_NOWHERE = frozenset({errno.ENOENT, errno.ELOOP})
"""A dangling or circular symbolic link: not worth a word."""


class Limits(Struct, frozen=True):
    """Where a walk ends. Files in number, ``file_bytes`` a file, ``seconds`` in all."""

    files: int = 50_000
    file_bytes: int = 4 * 1024**3
    seconds: float = 30.0
    depth: int = 64


class Found(Struct, frozen=True):
    """A regular file. ``name`` is its path relative to the root that was given, with forward slashes."""

    path: Path
    name: str
    size: int
    changed_ns: int


class Walk:
    """One walk over files and folders, but never the folder ``without``.

    ``notes`` tells afterwards, a sentence each, what was not looked at.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        without: Path | None = None,
    ) -> None:
        self._roots = roots
        self._limits = limits or Limits()
        self._clock = clock
        self._deadline = 0.0
        self._seen = _identities(without)
        self._skipped: list[str] = []
        self._unreadable: list[str] = []
        self._too_big: list[str] = []
        self._ended = ""
        self.count = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out and what to do about it."""
        found = (
            _note("Skipped {}: name it to have it searched.", self._skipped),
            _note("Could not read {}: check the path and its permissions.", self._unreadable),
            _note(f"Left out {{}}: larger than {self._limits.file_bytes} bytes.", self._too_big),
            self._ended,
        )
        return tuple(note for note in found if note)

    @property
    def is_cut_short(self) -> bool:
        """Whether files may be missing that were asked for: a limit was met, or something could not be read."""
        return bool(self._ended or self._unreadable or self._too_big)

    def files(self) -> Iterator[Found]:
        """The files, folder by folder from the outside in, each folder in the order of names."""
        self._deadline = self._clock() + self._limits.seconds
        pending: deque[tuple[Path, str, int]] = deque()
        for root in self._roots:
            yield from self._root(root, pending)
        while pending and not self._ended:
            yield from self._folder(*pending.popleft(), pending)

    def _root(self, root: Path, pending: deque[tuple[Path, str, int]]) -> Iterator[Found]:
        try:
            status = root.stat()
        except (OSError, ValueError):
            self._unreadable.append(_shown(root))
            return
        if stat.S_ISDIR(status.st_mode):
            self._seen.add((status.st_dev, status.st_ino))
            pending.append((root, "", 0))
        else:
            yield from self._file(root, storable(root.name), status)

    def _folder(self, folder: Path, prefix: str, depth: int, pending: deque[tuple[Path, str, int]]) -> Iterator[Found]:
        for name in self._entries(folder):
            if self._is_over():
                return
            path = folder / name
            try:
                status = path.stat()
            except OSError as error:
                if error.errno not in _LEADS_NOWHERE:
                    self._unreadable.append(_shown(path))
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield from self._file(path, prefix + storable(name), status)
            elif self._may_enter(path, status, depth):
                pending.append((path, f"{prefix}{storable(name)}/", depth + 1))

    def _entries(self, folder: Path) -> list[str]:
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208 - names only: fifty thousand Paths cost more than the walk
        except OSError:
            self._unreadable.append(_shown(folder))
            return []

    def _may_enter(self, folder: Path, status: os.stat_result, depth: int) -> bool:
        if folder.name.startswith(".") or folder.name in SKIPPED_FOLDERS:
            if folder.name not in _NEVER_MEANT:
                self._skipped.append(_shown(folder))
            return False
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen or depth >= self._limits.depth:  # the first ends loops of symbolic links
            return False
        self._seen.add(identity)
        return True

    def _file(self, path: Path, name: str, status: os.stat_result) -> Iterator[Found]:
        if not stat.S_ISREG(status.st_mode):
            return
        if status.st_size > self._limits.file_bytes:
            self._too_big.append(_shown(path))
            return
        self.count += 1
        yield Found(path, name, status.st_size, status.st_mtime_ns)

    def _is_over(self) -> bool:
        remedy = "Name the folder of the artifacts more exactly."
        if self.count >= self._limits.files:
            self._ended = f"Stopped looking after {self.count} files. {remedy}"
        elif self._clock() > self._deadline:
            self._ended = f"Stopped looking after {self._limits.seconds:.0f} s and {self.count} files. {remedy}"
        return bool(self._ended)


def _identities(folder: Path | None) -> set[tuple[int, int]]:
    """What a folder is, whatever it is called."""
    try:
        status = folder.stat() if folder else None
    except OSError:
        return set()
    return {(status.st_dev, status.st_ino)} if status else set()


def _shown(path: Path) -> str:
    return storable(str(path))


def _note(template: str, names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return template.format(", ".join(names[:_MAX_NAMED]) + more)
