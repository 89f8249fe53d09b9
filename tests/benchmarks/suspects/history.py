"""A made-up project whose every line knows which commit really made it what it is.

::

    project = Project(random.Random(7))
    project.grow(150)
    stream = "".join(project.stream)     # for git fast-import
    project.files["src/part3.cpp"][41].origin

What blame says and what is true differ, as they do in real projects: formatting, renamed symbols, renamed files, moved
code, reverts and imports touch lines that somebody else made.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

DAY = 86_400
START = 1_600_000_000
"""Time of the first commit, seconds since 1970."""
TAG = "v1.4.0"
_SYMBOLS = ("weigh", "round_up", "fetch_item", "charge", "convert", "lookup")
_FILES, _LINES, _MAX_LINES = 14, 140, 400
_AUTHORS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """Text of a line, and the number of the commit that is responsible for it."""

    text: str
    origin: int


@dataclass(slots=True)
class Change:
    """A commit that meant to change what the program does. Times are seconds since 1970."""

    number: int
    time: float
    before: dict[str, list[Line]] = field(default_factory=dict)
    """The changed files as they were."""


class Project:
    """The files, and the stream of commits that leads to them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.time = float(START)
        self.number = 0
        self.files: dict[str, list[Line]] = {}
        self.changes: list[Change] = []
        self.stream: list[str] = []
        self.ignored: list[int] = []
        self._serial = 0
        self._moods: list[tuple[int, Callable[[], None]]] = [
            (72, self._change),
            (10, self._branch),
            (6, self._revert),
            (2, self._rename_symbol),
            (4, self._move_code),
            (4, self._rename_file),
            (1, self._format),
            (1, self._import_library),
        ]
        self._begin()

    def grow(self, commits: int) -> None:
        """Adds commits of all kinds, one every two days or so."""
        weights = [weight for weight, _ in self._moods]
        for _ in range(commits):
            self.time += self.chance.expovariate(1 / (2 * DAY))
            self.chance.choices(self._moods, weights)[0][1]()

    def release(self) -> None:
        """Tags the last commit, and lists half of the mass changes for blame to look through."""
        self.stream.append(f"reset refs/tags/{TAG}\nfrom refs/heads/main\n\n")

    def hot_file(self) -> str:
        """A file; the first ones far more often than the last ones."""
        paths = list(self.files)
        return paths[int(len(paths) * self.chance.random() ** 2)]

    def _begin(self) -> None:
        self.files = {f"src/part{part}.cpp": [self._line() for _ in range(_LINES)] for part in range(_FILES)}
        self._commit("Import", list(self.files))
        self.time += 400 * DAY

    def _line(self) -> Line:
        self._serial += 1
        number, symbol = self._serial, self.chance.choice(_SYMBOLS)
        return Line(f'  total{number} = {symbol}("item{number}", rate{self.chance.randint(1, 99)});', self.number)

    def _commit(self, subject: str, paths: Sequence[str], *, renamed: str = "", time: float | None = None) -> None:
        self._header("refs/heads/main", subject, time or self.time)
        self.stream += [renamed, *map(self._modified, paths)]
        self.number += 1

    def _header(self, branch: str, subject: str, time: float, merge: str = "") -> None:
        who = f"Author {self.number % _AUTHORS} <a@shop.example> {int(time)} +0000"
        parent = f"merge {merge}\n" if merge else ""
        self.stream.append(f"commit {branch}\nmark :{self.number + 1}\ncommitter {who}\n{_data(subject)}{parent}")

    def _modified(self, path: str) -> str:
        return f"M 100644 inline {path}\n{_data(''.join(line.text + chr(10) for line in self.files[path]))}"

    def _edit(self, time: float) -> list[str]:
        """Changes what the program does in one to three files; returns their paths."""
        change = Change(self.number, time)
        for path in dict.fromkeys(self.hot_file() for _ in range(self.chance.choice((1, 1, 1, 2, 3)))):
            change.before[path] = list(self.files[path])
            for _ in range(self.chance.choice((1, 1, 2))):
                self._hunk(self.files[path])
        self.changes.append(change)
        return sorted(change.before)

    def _hunk(self, lines: list[Line]) -> None:
        count = self.chance.choice((1, 1, 2, 3, 6))
        at = self.chance.randrange(max(1, len(lines) - count))
        added = self.chance.choice((count, count, count + 2, max(1, count - 1)))
        lines[at : at + count] = [self._line() for _ in range(added)]
        del lines[_MAX_LINES:]

    def _change(self) -> None:
        self._commit(f"Change {self.number}", self._edit(self.time))

    def _branch(self) -> None:
        """Work that was done weeks before it was merged."""
        began = self.time - self.chance.uniform(1, 20) * DAY
        self.stream.append("reset refs/heads/side\nfrom refs/heads/main\n\n")
        touched: list[str] = []
        for _ in range(self.chance.randint(1, 3)):
            began = min(began + self.chance.uniform(0, 2) * DAY, self.time)
            paths = self._edit(self.time)
            self._header("refs/heads/side", f"Change {self.number} aside", began)
            self.stream += map(self._modified, paths)
            self.number += 1
            touched += paths
        self._header("refs/heads/main", f"Merge {self.number}", self.time, merge="refs/heads/side")
        self.stream += map(self._modified, dict.fromkeys(touched))
        self.number += 1

    def _revert(self) -> None:
        """Takes a late change back, if its files were not touched again."""
        change = next((one for one in reversed(self.changes[-6:]) if self._is_last(one)), None)
        if change:
            self.files.update({path: list(lines) for path, lines in change.before.items()})
            self._commit(f"Revert {change.number}", sorted(change.before))

    def _is_last(self, change: Change) -> bool:
        later = [one for one in self.changes if one.number > change.number]
        is_untouched = not any(path in one.before for one in later for path in change.before)
        return is_untouched and all(
            len(lines) == len(self.files.get(path, ())) for path, lines in change.before.items()
        )

    def _rename_symbol(self) -> None:
        """Every use of a function, in all files: innocent."""
        old = self.chance.choice(_SYMBOLS)
        self._rewrite("Rename", lambda text: text.replace(f" {old}", f" {old}_{self.number}", 1), share=1.0)

    def _format(self) -> None:
        """A formatter that changes more than spaces; half of the time it gets listed."""
        if self.chance.random() < 1 / 2:
            self.ignored.append(self.number)
        self._rewrite("Format", lambda text: text.translate(str.maketrans("\"'", "'\"")), share=0.7)

    def _rewrite(self, subject: str, changed: Callable[[str], str], share: float) -> None:
        for path, lines in self.files.items():
            self.files[path] = [
                replace(line, text=changed(line.text)) if self.chance.random() < share else line for line in lines
            ]
        self._commit(f"{subject} {self.number}", list(self.files))

    def _move_code(self) -> None:
        source, target = self.hot_file(), self.hot_file()
        if source == target or len(self.files[source]) < _LINES // 2:
            return
        at, count = self.chance.randrange(len(self.files[source]) - 12), 12
        moved, self.files[source][at : at + count] = self.files[source][at : at + count], []
        to = self.chance.randrange(len(self.files[target]))
        self.files[target][to:to] = moved
        self._commit(f"Move {self.number}", [source, target])

    def _rename_file(self) -> None:
        old, new = self.hot_file(), f"src/moved{self.number}.cpp"
        self.files = {new if path == old else path: lines for path, lines in self.files.items()}
        self.changes = [
            replace(one, before={new if path == old else path: lines for path, lines in one.before.items()})
            for one in self.changes
        ]
        self._commit(f"Rename {self.number}", [], renamed=f"R {old} {new}\n")

    def _import_library(self) -> None:
        """A library's sources are copied in, all at once."""
        for part in range(8):
            self.files[f"third{self.number}/part{part}.cpp"] = [self._line() for _ in range(_LINES)]
        self._commit(
            f"Import library {self.number}", [path for path in self.files if path.startswith(f"third{self.number}/")]
        )


def _data(text: str) -> str:
    """Counted text; all of it is ASCII."""
    return f"data {len(text)}\n{text}\n"
