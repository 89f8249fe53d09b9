"""Which build an artifact is of: names uploaded for a release and dist are found by its events only.

>>> scopes_of(Key("sourcemap", "url", "app.js.map", "1.2", "7"))
(('1.2', '7'), ('1.2', ''), ('', ''))
"""

import shlex
from typing import TypeAlias

from symbolicator.protocols import Key, NearMiss
from symbolicator.store.names import storable

Scope: TypeAlias = tuple[str, str]
"""Release and dist, each empty if there is none."""

ANY: Scope = ("", "")
_MAX_SHOWN_CHARACTERS = 100


def scopes_of(key: Key) -> tuple[Scope, ...]:
    """Where to look for a name, the narrowest first: the release and dist, the release, what fits any event.

    A dist tells builds of one release apart: without a release it means nothing.
    """
    exact = (key.release, key.dist) if key.release else ANY
    return tuple(dict.fromkeys((exact, (key.release, ""), ANY)))


def other_build(key: Key, name: str, scope: Scope) -> NearMiss:
    """The right name, uploaded for another build than the event's."""
    theirs, ours = _described(*scope), _described(key.release, key.dist)
    wanted = f"the event is of {ours}" if ours else "the event names none"
    upload = f"upload the files of {ours} with {_options(key.release, key.dist)}" if ours else ""
    resolve = f"if the crash is of {theirs}, resolve with {_options(*scope)}"
    remedy = (f"{upload}; {resolve}" if upload else resolve) + "."
    return NearMiss(name, f"uploaded for release {theirs}, {wanted}", remedy[0].upper() + remedy[1:])


def _described(release: str, dist: str) -> str:
    return _short(release) + (f" (dist {_short(dist)})" if dist else "") if release else ""


def _options(release: str, dist: str) -> str:
    return f"--release {shlex.quote(_short(release))}" + (f" --dist {shlex.quote(_short(dist))}" if dist else "")


def _short(text: str) -> str:
    return storable(text if len(text) <= _MAX_SHOWN_CHARACTERS else text[:_MAX_SHOWN_CHARACTERS] + "…")
