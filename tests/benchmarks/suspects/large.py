"""A large history for git, of any size, the same for the same seed.

::

    with path.open("wb") as file:
        write_history(file, Size(commits=20_000, files=2_000))

The file is a stream for ``git fast-import`` (git-fast-import documentation). What is imitated: a few files change all
the time and most of them rarely (the share of the n-th file falls with n), a commit changes one to four of them by a
few lines each, one commit in thirty is a merge of a side branch, now and then a file is renamed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

_SEED = 20_26
START = 1_500_000_000
"""Time of the first commit, seconds since 1970."""
_MERGES = 30
_RENAMES = 200
_MAIN, _SIDE = "refs/heads/main", "refs/heads/side"


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    commits: int
    files: int
    lines: int = 300
    step: int = 9_000
    """Seconds from one commit to the next."""


@dataclass(slots=True)
class _Tree:
    """The files as they are; the newest are at the end of ``paths``."""

    chance: random.Random
    size: Size
    paths: list[str] = field(default_factory=list)
    files: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def fill(self) -> None:
        """The state of the first commit."""
        self.paths = [f"src/part{number % 40}/file{number}.cpp" for number in range(self.size.files)]
        self.files = {path: [self.line() for _ in range(self.size.lines)] for path in self.paths}

    def line(self) -> str:
        """A line that no other is equal to."""
        self.number += 1
        return f"    total += weigh(item{self.number}, {self.chance.randint(1, 999)});"

    def pick(self) -> str:
        """A file; the first ones far more often than the last ones."""
        return self.paths[int(len(self.paths) * self.chance.random() ** 3)]

    def edit(self) -> str:
        """Changes a few lines of a file, which grows as often as it shrinks; returns its path."""
        path = self.pick()
        lines = self.files[path]
        at, count = self.chance.randrange(len(lines) - 8), self.chance.randint(1, 6)
        lines[at : at + count] = [self.line() for _ in range(self.chance.randint(max(1, count - 1), count + 1))]
        return path

    def rename(self) -> tuple[str, str]:
        """Gives a file another name; returns both."""
        at = self.chance.randrange(len(self.paths))
        old, new = self.paths[at], f"src/part{self.chance.randrange(40)}/moved{self.number}.cpp"
        self.paths[at] = new
        self.files[new] = self.files.pop(old)
        return old, new


def write_history(file: IO[bytes], size: Size) -> list[str]:
    """Writes the stream; returns the files of its last commit, those that changed most first."""
    tree = _Tree(random.Random(_SEED), size)
    tree.fill()
    file.writelines(text.encode() for text in _commits(tree, size))
    return tree.paths


def _commits(tree: _Tree, size: Size) -> Iterator[str]:
    yield _header(tree, _MAIN, 0, "Import")
    yield from (_modified(path, tree) for path in tree.paths)
    number = 1
    while number < size.commits:
        if number % _MERGES == 0:
            yield from _merged(tree, number)
            number += 2
        else:
            yield _header(tree, _MAIN, number, f"Change {number}")
            yield from _changes(tree, number)
            number += 1
    yield "done\n"


def _changes(tree: _Tree, number: int) -> Iterator[str]:
    if number % _RENAMES == 0:
        yield "R {} {}\n".format(*tree.rename())
    paths = dict.fromkeys(tree.edit() for _ in range(tree.chance.choice((1, 1, 2, 4))))
    yield from (_modified(path, tree) for path in paths)


def _merged(tree: _Tree, number: int) -> Iterator[str]:
    """A commit on a side branch, and the merge that brings it in."""
    yield f"reset {_SIDE}\nfrom {_MAIN}\n\n"
    yield _header(tree, _SIDE, number, f"Change {number} aside")
    paths = dict.fromkeys(tree.edit() for _ in range(2))
    changes = [_modified(path, tree) for path in paths]
    yield from changes
    yield _header(tree, _MAIN, number + 1, f"Merge {number}", merge=_SIDE)
    yield from changes


def _header(tree: _Tree, branch: str, number: int, subject: str, *, merge: str = "") -> str:
    time = START + number * tree.size.step
    author = f"Author {number % 60} <author{number % 60}@shop.example> {time} +0000"
    parent = f"merge {merge}\n" if merge else ""
    return f"commit {branch}\ncommitter {author}\n{_data(subject)}{parent}"


def _modified(path: str, tree: _Tree) -> str:
    text = "".join(f"{line}\n" for line in tree.files[path])
    return f"M 100644 inline {path}\n{_data(text)}"


def _data(text: str) -> str:
    """Counted text; all of it is ASCII."""
    return f"data {len(text)}\n{text}\n"
