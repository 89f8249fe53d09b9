"""One repository at the revision that is blamed: its files, their lines, and who changed them.

History is read through an empty repository of our own that borrows the objects: see `symbolicator.suspects.git`.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from symbolicator.suspects.blame import BlamedLine, parse_blame
from symbolicator.suspects.commits import BREADTH_FORMAT, LOG_FORMAT, Commit, parse_breadths, parse_log
from symbolicator.suspects.git import Git, Limits, Output
from symbolicator.suspects.objects import lines_of, parse_blobs, parse_sizes, parse_tree

IGNORE_FILE = ".git-blame-ignore-revs"
MAX_SOURCE_BYTES = 8 * 1024 * 1024
MAX_LIST_BYTES = 1024 * 1024
_SMALL = Limits(MAX_SOURCE_BYTES)
_BLAME = Limits(MAX_SOURCE_BYTES, seconds=5.0)
"""One file, once for each way to look for moved lines."""
_BREADTH = Limits(seconds=3.0)
_COMMITS_OF_FILE = 5
_SECONDS_OF_FILE = 90 * 86_400
"""How far back from the revision a change elsewhere in the file still says something."""
_MAX_HEADER = 100
"""Bytes in front of and behind an object of a batch."""
_HASH = re.compile(rb"^[ \t]*([0-9a-f]{64}|[0-9a-f]{40})[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_HOW = (["-w", "-M", "-C"], ["-w"])
"""How to look for moved lines: thoroughly, or, where that takes too long, not at all."""


class Place(Struct, frozen=True):
    """Where a repository is: its folder, git's own folder, and that of its objects."""

    folder: Path
    git_folder: Path
    objects: Path
    shallow: Path
    object_format: str

    @property
    def name(self) -> str:
        """Name of the repository's folder, without ``.git``."""
        folder = self.git_folder.parent if self.git_folder.name == ".git" else self.git_folder
        return folder.name.removesuffix(".git") or folder.name or "repository"


def find_repository(git: Git, folder: Path) -> Place | str:
    """The repository that a folder belongs to, or why there is none."""
    folder = folder.absolute()
    asked = ["--git-common-dir", "--git-path", "objects", "--git-path", "shallow", "--show-object-format"]
    answer = git.run(["rev-parse", *asked], folder)
    rows = answer.text.split("\n")
    if not answer or len(rows) != 4:  # noqa: PLR2004 - one row for each that was asked
        return answer.complaint or "git's answer is not understood"
    common, objects, shallow = (Path(os.path.abspath(folder / row)) for row in rows[:3])  # noqa: PTH100 - keeps links
    return Place(folder, common, objects, shallow, rows[3])


class BlameRequest(Struct, frozen=True):
    """1-based ranges of lines of a file, both ends included.

    ``since``: seconds since 1970; lines that are older come from the last commit before that, whoever wrote them.
    """

    commit: str
    path: str
    ranges: Sequence[tuple[int, int]]
    ignored: Path | None = None
    since: int | None = None


class History:
    """Reads the history of a repository. ``view`` is an empty folder that becomes the repository of our own."""

    def __init__(self, git: Git, place: Place, view: Path) -> None:
        self.place = place
        self._git = git
        self._view = view
        self.shallow = frozenset(hashes_in(_small_file(place.shallow)))
        """Commits whose parents this clone does not have."""
        _borrow(place, view, self.shallow)

    @property
    def is_partial(self) -> bool:
        """Whether the clone left out objects, which git would fetch when it needs them (promisor packs)."""
        return next((self.place.objects / "pack").glob("*.promisor"), None) is not None

    def ask_here(self, *arguments: str) -> Output:
        """Asks in the repository itself: for references and settings."""
        return self._git.run(arguments, self.place.folder, limits=_SMALL)

    def ask(self, *arguments: str, words: bytes = b"", limits: Limits = _SMALL) -> Output:
        """Asks for history."""
        return self._git.run(arguments, self._view, is_ours=True, words=words, limits=limits)

    def commit_of(self, name: str) -> str | None:
        """The full name of the commit that is meant by a name of a revision."""
        if not name or name.startswith("-"):
            return None
        answer = self.ask_here("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return answer.text if answer and hashes_in(answer.text.encode()) else None

    def describe(self, commit: str) -> Commit | None:
        """The commit's author, time and subject."""
        answer = self.ask("log", "-1", "-z", f"--format={LOG_FORMAT}", commit, "--")
        return next(parse_log(answer.data), None)

    def last_before(self, commit: str, time: float) -> str | None:
        """The last commit that is not later than ``time`` (seconds since 1970), in the history of ``commit``."""
        answer = self.ask("rev-list", "--max-count=1", f"--min-age={max(0, int(time))}", commit, "--")
        return answer.text or None if answer else None

    def files(self, commit: str) -> tuple[dict[str, str], str]:
        """The blob of each file by its path from the root of the repository, or why they cannot be listed."""
        answer = self.ask("ls-tree", "-r", "-z", "--full-tree", commit, limits=Limits())
        return parse_tree(answer.data) if answer else {}, answer.complaint

    def lines(self, blobs: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The lines of each blob that is there and no larger than `MAX_SOURCE_BYTES`."""
        found = parse_sizes(self.ask("cat-file", "--batch-check", words=_rows(blobs)).data)
        sizes = {blob: size for blob, size in found.items() if size <= MAX_SOURCE_BYTES}
        limits = Limits(sum(size + _MAX_HEADER for size in sizes.values()))
        answer = self.ask("cat-file", "--batch", words=_rows(sizes), limits=limits) if sizes else Output()
        return {blob: lines_of(data) for blob, data in parse_blobs(answer.data)}

    def blame(self, request: BlameRequest) -> tuple[tuple[BlamedLine, ...], str]:
        """The blamed lines, and why they are not all of them. Of a git that was stopped they are the newest ones."""
        ranges = [f"-L{start},{end}" for start, end in request.ranges]
        skips = [f"--ignore-revs-file={request.ignored}"] if request.ignored else []
        limits = [] if request.since is None else [f"--max-age={request.since}"]
        options = ["--incremental", "--encoding=UTF-8", "--no-textconv", *skips, *limits, *ranges]
        answer = Output()
        for how in _HOW:
            command = ["blame", *options, *how, request.commit, "--", request.path]
            answer = self.ask(*command, limits=_BLAME)
            if answer or answer.data:
                break
        return tuple(parse_blame(answer.data)), answer.complaint

    def commits_of(self, commit: str, path: str, time: float) -> Iterator[Commit]:
        """The last commits that changed a file, of those not much older than ``time``; merges left out."""
        since = f"--max-age={max(0, int(time) - _SECONDS_OF_FILE)}"
        form = ["-z", f"--format={LOG_FORMAT}", "--encoding=UTF-8", "--no-merges", "--no-textconv"]
        answer = self.ask("log", f"-{_COMMITS_OF_FILE}", since, *form, commit, "--", path)
        yield from parse_log(answer.data)

    def breadths(self, commits: Iterable[str]) -> dict[str, int]:
        """How many files each of the commits changed; merges, and all where that takes too long, are left out."""
        form = ["--no-walk=unsorted", f"--format={BREADTH_FORMAT}", "--name-only", "--no-renames", "--no-merges"]
        answer = self.ask("log", *form, "--stdin", words=_rows(commits), limits=_BREADTH)
        return parse_breadths(answer.data) if answer else {}

    def ignored(self, head: str | None) -> frozenset[str]:
        """Commits that blame is to look through: those of the repository's own list and of the configured files."""
        listed = (
            self.ask("cat-file", "blob", f"{head}:{IGNORE_FILE}", limits=Limits(MAX_LIST_BYTES)).data if head else b""
        )
        named = self.ask_here("config", "--type=path", "--get-all", "-z", "blame.ignoreRevsFile").data
        top = self.ask_here("rev-parse", "--show-toplevel").text or str(self.place.folder)
        files = [_small_file(Path(top, os.fsdecode(name))) for name in named.split(b"\0") if name]
        digits = 64 if self.place.object_format == "sha256" else 40
        return frozenset(name for data in (listed, *files) for name in hashes_in(data) if len(name) == digits)

    def write_ignored(self, ignored: Iterable[str]) -> Path | None:
        """The list as a file for `blame`."""
        names = sorted(ignored)
        if not names:
            return None
        path = self._view / "ignored"
        path.write_text("\n".join(names) + "\n")
        return path


def hashes_in(data: bytes) -> list[str]:
    """The full names of commits in a list with one a line; comments start with ``#``."""
    return [found.decode() for found in _HASH.findall(data)]


def _rows(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _small_file(path: Path) -> bytes:
    """A list that a repository has lying about; nothing where it is too large or no plain file."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_LIST_BYTES:
            return b""
        with path.open("rb") as file:
            return file.read(MAX_LIST_BYTES)
    except (OSError, ValueError):
        return b""


def _borrow(place: Place, view: Path, shallow: Collection[str]) -> None:
    """Makes ``view`` a bare repository without references whose objects are those of ``place``."""
    (view / "objects" / "info").mkdir(parents=True)
    (view / "refs").mkdir()
    (view / "HEAD").write_text("ref: refs/heads/none\n")
    extension = f"[extensions]\n\tobjectFormat = {place.object_format}\n" if place.object_format == "sha256" else ""
    version = 1 if extension else 0
    (view / "config").write_text(f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extension}")
    (view / "objects" / "info" / "alternates").write_bytes(os.fsencode(place.objects) + b"\n")
    if shallow:
        (view / "shallow").write_text("".join(f"{name}\n" for name in sorted(shallow)))
