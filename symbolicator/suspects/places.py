"""Where the own calls are in the repositories: file and line at the revision that is blamed. Pure but for the lines."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from symbolicator.model import Frame, Problem
from symbolicator.suspects import reasons
from symbolicator.suspects.frames import OwnCall, paths_of
from symbolicator.suspects.lines import Located, locate
from symbolicator.suspects.paths import Ambiguous, Tracked, TrackedPaths


class Sources(Protocol):
    """The files of one repository at the revision that is blamed."""

    @property
    def is_release(self) -> bool:
        """Whether that revision is what crashed."""

    def lines(self, paths: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The lines of files, by their paths; without those that cannot be read."""

    def lines_of_head(self, path: str) -> tuple[str, ...]:
        """The lines of a file in a checkout of another state; empty if there is none."""


class Placed(Struct, frozen=True):
    """A call and where its line is."""

    call: OwnCall
    repository: int
    path: str
    located: Located


class Places(Struct, frozen=True):
    """The places that were found, the paths that no repository holds, and the problems of the others."""

    found: tuple[Placed, ...]
    unknown: tuple[str, ...]
    problems: tuple[Problem, ...]


def places_of(calls: Sequence[OwnCall], paths: TrackedPaths, sources: Sequence[Sources]) -> Places:
    """Finds the place of each call."""
    found: list[Placed] = []
    unknown: list[str] = []
    problems: list[Problem] = []
    files = [_file_of(call.frame, paths) for call in calls]
    lines = _lines_of([file for _, file in files if isinstance(file, Tracked)], sources)
    for call, (path, file) in zip(calls, files, strict=True):
        answer = None
        if isinstance(file, Tracked):
            answer = _find_line(call.frame, file, sources[file.repository], lines[file.repository].get(file.path))
        if isinstance(file, Ambiguous):
            problems.append(reasons.ambiguous(path, file))
        elif isinstance(answer, Problem):
            problems.append(answer)
        elif file and answer:
            found.append(Placed(call, file.repository, file.path, answer))
        else:
            unknown.append(path)
    return Places(tuple(found), tuple(unknown), tuple(problems))


def _lines_of(files: Collection[Tracked], sources: Sequence[Sources]) -> list[Mapping[str, tuple[str, ...]]]:
    """The lines of the files of each repository, which is asked once."""
    wanted = [{file.path for file in files if file.repository == number} for number in range(len(sources))]
    return [source.lines(paths) if paths else {} for source, paths in zip(sources, wanted, strict=True)]


def _file_of(frame: Frame, paths: TrackedPaths) -> tuple[str, Tracked | Ambiguous | None]:
    """The first of the frame's paths that means anything, with what it means."""
    wanted = list(paths_of(frame))
    answers = [(path, answer) for path in wanted if (answer := paths.find(path))]
    return next((pair for pair in answers if not _is_bad_guess(frame, *pair)), (wanted[-1], None))


def _is_bad_guess(frame: Frame, path: str, answer: Tracked | Ambiguous) -> bool:
    """Whether the folder that a module's name stands for is not where the file is: Kotlin leaves common parts out."""
    return path not in (frame.abs_path, frame.filename) and not (isinstance(answer, Tracked) and answer.is_sure)


def _find_line(frame: Frame, file: Tracked, source: Sources, lines: tuple[str, ...] | None) -> Located | Problem | None:
    """A frame's line in a file; None where it turns out to be another file."""
    located = locate(frame, lines or ())
    if not file.is_sure and not (located and _is_proven(located)):
        return None
    if lines is None or located is None:
        return reasons.no_line(file.path, None if lines is None else frame.lineno)
    is_there = 1 <= (frame.lineno or 0) <= len(lines)
    if is_there and source.is_release and _is_of_checkout(frame, located, source.lines_of_head(file.path)):
        return Located(frame.lineno or 0, "unverified")
    return located


def _is_of_checkout(frame: Frame, located: Located, head: Sequence[str]) -> bool:
    """Whether the frame's text comes from a checkout of another state: its number is of the release, its text is not.

    That is what the source context of a report without sources is: lines of whatever files lay around.
    """
    of_head = locate(frame, head) if located.match in ("shifted", "other text") else None
    return of_head is not None and of_head.match == "same text"


def _is_proven(located: Located) -> bool:
    return located.match in ("same text", "shifted")
