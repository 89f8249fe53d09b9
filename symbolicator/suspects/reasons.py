"""Why there is no suspect, or why the evidence is weaker than it could be: problems, each with its remedy."""

from collections.abc import Sequence
from pathlib import Path

from symbolicator.model import Problem
from symbolicator.suspects.paths import Ambiguous
from symbolicator.suspects.revisions import Revision

PREFIX = "suspects_"
"""What the types of all these problems begin with."""
_MAX_NAMED = 3


def no_git() -> Problem:
    """There is no git program."""
    return _problem(
        "suspects_no_git",
        message="git is not installed, so no commit can be suspected.",
        remedy="Install git, or put it on the PATH.",
    )


def no_frame() -> Problem:
    """Nothing to blame."""
    return _problem(
        "suspects_no_frame",
        message="No own frame has a file and a line, so no commit can be suspected.",
        remedy="Pass the source maps or debug files that resolve the own frames with --artifacts.",
    )


def no_repository(folder: Path, why: str) -> Problem:
    """A folder is not in a repository, or git refuses to read it."""
    message, remedy = f"{folder} cannot be read as a git repository: {why}.", "Pass the folder of a clone with --repo."
    if "not a git repository" in why:
        message = f"{folder} is in no git repository."
    if "dubious ownership" in why:
        remedy = f"If you trust its owner: git config --global --add safe.directory {folder.absolute()}"
    return _problem(
        "suspects_no_repository",
        message=message,
        remedy=remedy,
        url=str(folder),
    )


def no_commit(name: str) -> Problem:
    """An empty repository, or one whose HEAD is broken."""
    return _problem(
        "suspects_no_commit",
        message=f"The repository {name} has no commit.",
        remedy="Pass a clone that has the history of the program, or the right commit with --commit.",
        url=name,
    )


def no_release(names: Sequence[str], revision: Revision) -> Problem:
    """The revision is not known to be what crashed."""
    other = (
        "fetch what the clone lacks: git fetch --all --tags" if revision.names_release else "the release with --release"
    )
    return _problem(
        "suspects_revision",
        message=f"The commit of {_some(names)} that crashed is not known ({revision.lacks}), so {revision.source} was "
        "blamed.",
        remedy=f"Pass the commit that was built with --commit, or {other}.",
        url=names[0],
    )


def untracked(paths: Sequence[str]) -> Problem:
    """No repository holds the files of the own frames."""
    named = _some([f"{path}" for path in paths])
    return _problem(
        "suspects_untracked",
        message=f"No repository holds {named}, so no commit can be suspected.",
        remedy="Pass the repository that holds the program with --repo, or the commit that was built with --commit.",
    )


def ambiguous(path: str, found: Ambiguous) -> Problem:
    """Several files fit one frame."""
    more = found.count - len(found.paths)
    named = ", ".join(found.paths) + (f" and {more} more" if more else "")
    return _problem(
        "suspects_ambiguous",
        message=f"{path} may be any of {named}: none of them was blamed.",
        remedy="Pass only the repository that it is in with --repo, or build with paths that say the folder.",
        url=path,
    )


def no_line(path: str, line: int | None) -> Problem:
    """The file is there and its line is not, or (``line`` is None) the file cannot be read."""
    what = f"has no line {line}" if line else "cannot be read"
    return _problem(
        "suspects_no_line",
        message=f"{path} {what} at the commit that was blamed.",
        remedy="Pass the commit that was built with --commit.",
        url=path,
    )


def commit_nowhere(commit: str) -> Problem:
    """The user named a commit that no repository has."""
    return _problem(
        "suspects_commit",
        message=f"No repository has the commit {commit}, so the event's release decided.",
        remedy="Check --commit, or fetch it: git fetch --all --tags",
    )


def shallow(name: str) -> Problem:
    """Blame ended where the clone's history ends."""
    return _problem(
        "suspects_shallow",
        message=f"{name} is a shallow clone: who changed some lines of the trace lies before its history begins.",
        remedy="Fetch the whole history: git fetch --unshallow",
        url=name,
    )


def partial(name: str) -> Problem:
    """A clone made with a filter does not have the older states of the files, and nothing is fetched."""
    return _problem(
        "suspects_partial",
        message=f"{name} is a partial clone: who changed some lines of the trace cannot be read from it.",
        remedy="Pass a clone made without --filter.",
        url=name,
    )


def git_failed(name: str, why: str) -> Problem:
    """A command failed or took too long."""
    return _problem(
        "suspects_git_failed",
        message=f"Not all of {name} could be blamed: {why}.",
        remedy="Try git blame in that repository: git commit-graph write makes it faster, git fsck tells of damage.",
        url=name,
    )


def none_left(paths: Sequence[str]) -> Problem:
    """Files were found and no commit remained."""
    return _problem(
        "suspects_none",
        message=f"No commit can be suspected: what changed {_some(paths)} is unknown, ignored or too late.",
        remedy="Pass the commit that was built with --commit, and a clone with its whole history.",
    )


def written(text: str) -> str:
    """Text as JSON can have it, where it has bytes of file names that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _problem(type: str, message: str, remedy: str, url: str | None = None) -> Problem:  # noqa: A002 - the field's name
    return Problem(type=type, message=written(message), remedy=written(remedy), url=url and written(url))


def _some(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b, c and 5 more``."""
    distinct = list(dict.fromkeys(names))
    rest = len(distinct) - _MAX_NAMED
    *others, last = [*distinct[:_MAX_NAMED], f"{rest} more"] if rest > 0 else distinct or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last
