"""Which revision of a repository crashed: what the user or the event names, the release's tag, else ``HEAD``."""

from msgspec import Struct

from symbolicator.model import Event
from symbolicator.suspects.releases import commits_named, is_surely_hash, package_of, tag_of
from symbolicator.suspects.repository import History


class Revision(Struct, frozen=True):
    """A commit and how it was chosen. ``is_release``: it is what crashed, not only what was taken instead.

    ``lacks``: what was looked for in vain before, for a person.
    """

    commit: str
    source: str
    is_release: bool
    lacks: str = ""
    names_release: bool = True
    """Whether the event names a release or commit at all."""
    is_asked: bool = False
    """Whether the user named it."""


class Wanted(Struct, frozen=True):
    """What is known about the revision. ``time``: when it crashed, seconds since 1970; ``names``: all repositories."""

    event: Event
    commit: str | None
    time: float | None
    names: frozenset[str]

    def is_of_another(self, name: str) -> bool:
        """Whether the release is of another repository: ``shop@1.4.0`` is no version of ``money`` beside a shop."""
        package = package_of(self.event.release or "").casefold()
        names = {one.casefold() for one in self.names}
        return package in names and package != name.casefold()


def find_revision(history: History, wanted: Wanted) -> Revision | None:
    """The revision to blame; None in a repository without commits.

    Without a better one it is the last commit that ``HEAD`` had when the crash happened.
    """
    event, commit, time = wanted.event, wanted.commit, wanted.time
    chosen = _asked(history, commit) or _named(history, event) or _tagged(history, wanted)
    if chosen:
        return chosen
    head = history.commit_of("HEAD")
    if head is None:
        return None
    then = history.last_before(head, time) if time is not None else None
    source = "HEAD as it was when the crash happened" if then and then != head else "HEAD"
    names_release = bool(event.release or commits_named(event))
    return Revision(then or head, source, is_release=False, lacks=_lacking(event, commit), names_release=names_release)


def _asked(history: History, commit: str | None) -> Revision | None:
    found = history.commit_of(commit) if commit else None
    return Revision(found, f"--commit {commit}", is_release=True, is_asked=True) if found else None


def _named(history: History, event: Event) -> Revision | None:
    for name, where in commits_named(event):
        found = history.commit_of(name)
        if found and found.startswith(name):
            return Revision(found, f"the commit that the event's {where} names", is_release=True)
    return None


def _tagged(history: History, wanted: Wanted) -> Revision | None:
    release = wanted.event.release
    if not release:
        return None
    tags = history.ask_here("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags")
    is_other = wanted.is_of_another(history.place.name)
    tag = tag_of(release, tags.text.split("\n"), version_alone=not is_other) if tags else None
    found = history.commit_of(f"refs/tags/{tag}") if tag else None
    return Revision(found, f"tag {tag}", is_release=True) if found else None


def _lacking(event: Event, commit: str | None) -> str:
    """What would have been better and is not there."""
    if commit:
        return f"it has no commit {commit}"
    hashes = [name for name, _ in commits_named(event) if is_surely_hash(name)]
    if hashes:
        return f"it has no commit {hashes[0]}, which the event names"
    return f"it has no tag for release {event.release}" if event.release else "the event names no release"
