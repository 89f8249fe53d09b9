"""Which revision an event is of: names of commits and of tags that its release and its extra data may mean.

>>> commits_named(Event(release="shop@1.4.0+3f9c2ab"))
(('3f9c2ab', 'release'),)
>>> tag_of("shop@1.4.0", ["v1.3.0", "v1.4.0", "lib-1.4.0"])
'v1.4.0'
"""

import re
from collections.abc import Collection, Iterator, Mapping

from symbolicator.model import JSON, Event

MAX_NAME = 250
"""Longer releases are none (Sentry's limit)."""
_FIELDS = ("commit", "commit_sha", "git_commit", "git_sha", "git.commit", "git.commit.id", "vcs.revision", "revision")
_HASH = re.compile(r"[0-9a-f]{7,64}")
_AT_END = re.compile(r"(?:^|[+@.-]|-g)([0-9a-f]{7,64})(?:[.-]dirty)?$")
_VERSIONED = re.compile(r"(?:(.{1,200}?)[-_ /@])?[vV]?(\d{1,9}(?:[.-][0-9A-Za-z-]{1,40}){0,10}(?:\+.{1,100})?)")


def commits_named(event: Event) -> tuple[tuple[str, str], ...]:
    """Hashes, whole or abbreviated, by which the event names its commit, each with where it stands."""
    named = ((value.strip().lower(), name) for name, value in _commit_fields(event) if isinstance(value, str))
    found = [(value, name) for value, name in named if _HASH.fullmatch(value)]
    at_end = _AT_END.search((event.release or "").strip().lower()[:MAX_NAME])
    if at_end:
        found.append((at_end[1], "release"))
    return tuple(dict(reversed(found)).items())[::-1]


def is_surely_hash(name: str) -> bool:
    """Whether it can hardly be a version or a date."""
    return bool(_HASH.fullmatch(name)) and not name.isdecimal()


def _commit_fields(event: Event) -> Iterator[tuple[str, JSON]]:
    holders: list[JSON] = [event.extra, event.extra.get("extra"), event.extra.get("tags")]
    holders += (event.contexts or {}).values()
    for holder in holders:
        if isinstance(holder, Mapping):
            yield from ((name, holder[name]) for name in _FIELDS if name in holder)
        elif isinstance(holder, list):
            yield from _pairs(holder)


def _pairs(tags: list[JSON]) -> Iterator[tuple[str, JSON]]:
    """Tags as Sentry also sends them: pairs of name and value."""
    for tag in tags:
        match tag:
            case [str(name), value] if name in _FIELDS:
                yield name, value


def package_of(release: str) -> str:
    """The package that a release is of, as in ``shop@1.4.0`` or ``@example/shop@1.4.0``; empty if it names none."""
    return list(_packages(_split(release)[0]))[-1] if _split(release)[0] else ""


def tag_of(release: str, tags: Collection[str], *, version_alone: bool = True) -> str | None:
    """The tag of a release: that of its own package before one of the version alone, if that counts here."""
    names = list(dict.fromkeys(_tag_names(release.strip()[:MAX_NAME], version_alone=version_alone)))
    known = set(tags)
    folded = {tag.casefold(): tag for tag in sorted(known)}
    exact = (name for name in names if name in known)
    return next(exact, None) or next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


def _split(release: str) -> tuple[str, str]:
    """Package and version; both empty where there is no version."""
    package, at, version = release.strip()[:MAX_NAME].rpartition("@")
    found = _VERSIONED.fullmatch(version if at else release.strip()[:MAX_NAME])
    return (package or found[1] or "", found[2]) if found else ("", "")


def _tag_names(release: str, *, version_alone: bool) -> Iterator[str]:
    """The likeliest first."""
    yield release
    package, version = _split(release)
    if not version:
        return
    for text in dict.fromkeys((version, version.partition("+")[0])):
        for name in _packages(package):
            yield from (f"{name}{sign}{text}" for sign in ("@", "@v", "-", "-v", "/", "/v", "_", "_v"))
        if version_alone:
            yield from (f"v{text}", text)
            yield from (f"{word}{sign}{text}" for word in ("release", "rel") for sign in ("-", "-v", "/", "/v", "_"))


def _packages(package: str) -> Iterator[str]:
    """``com.example.shop`` and ``@example/shop`` are tagged as ``shop`` too."""
    if package:
        yield package
        last = re.split(r"[./]", package)[-1]
        if last not in ("", package):
            yield last
