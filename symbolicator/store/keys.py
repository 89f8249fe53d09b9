"""Which artifact a key means: the same rules over a folder's files in memory and over the store's database.

::

    finder = Finder(index)
    found = finder.find(Key("sourcemap", "url", "https://cdn.example/app.js.map"))  # Entry or Missing

============= ==================================================================================
``by``        rule
============= ==================================================================================
``debug_id``  equal (ids are kept in lower case); the newest, if there are several
``code_id``   the same
``url``       `symbolicator.store.names`: in full, without query, ``~/path``, then by unique suffix
``path``      the same, over the same names: a URL finds a path
``generated`` the same, over names of their own
``name``      last path component, equal; only if one artifact has it
============= ==================================================================================

Any other ``by`` is compared as an id. Ids are never matched by likeness: a near miss is shown, not used. URLs, paths
and generated names are looked for among what was uploaded for the event's release and dist, then for its release, then
for none; the first place that has any decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.protocols import Key, Missing, NearMiss
from symbolicator.store.names import MAX_CANDIDATES, MAX_NAME_CHARACTERS, NameIndex, file_name, storable
from symbolicator.store.near_misses import MAX_SHOWN, Neighbours
from symbolicator.store.releases import ANY, Scope, other_build, scopes_of

MAX_ID_CHARACTERS = 256
_MAX_NEAR_PER_FETCH = 200
_MAX_SHOWN_CHARACTERS = 200
_LABELS = {"debug_id": "debug id", "code_id": "build id", "url": "URL", "name": "file name"}
_NAMED = frozenset({"path", "generated"})
_SHARED = {"url": "path"}


class Entry(Struct, frozen=True):
    """An artifact that a key stands for. ``target`` tells artifacts apart: a path or a content hash."""

    target: str
    name: str
    headers: Mapping[str, str] = {}


class KeyIndex(Protocol):
    """Keys of artifacts. ``by`` and ``value`` are as `normalized` returns them."""

    @property
    def place(self) -> str:
        """Where it looks, for a person: "12 files in dist"."""

    @property
    def knows_releases(self) -> bool:
        """Whether artifacts may be of one release only; if not, keys come without."""

    def equal(self, key: Key) -> Sequence[Entry]:
        """Artifacts that have exactly this key, release and dist included; the one to prefer first."""

    def with_file_name(self, key: Key, wanted: str) -> Sequence[tuple[str, Entry]]:
        """All values with this last path component and the key's use, release and dist; what they stand for."""

    def in_other_releases(self, key: Key, wanted: str) -> Sequence[tuple[str, Scope]]:
        """Values with this last path component and the key's use that are of some release, and of which."""

    def values(self, kind: str, by: str) -> Iterable[str]:
        """Values for near misses."""

    def ids(self, kind: str, by: str) -> Iterable[tuple[str, str]]:
        """Names of artifacts and their ids, for near misses."""

    def are_same(self, entries: Sequence[Entry]) -> bool:
        """Whether these artifacts have the same bytes."""


def normalized(key: Key) -> Key:
    """The key as indexes keep it: URLs and paths under one word, ids in lower case, nothing that cannot be stored."""
    by = _SHARED.get(key.by, key.by)
    value = storable(key.value)
    plain = Key(storable(key.kind), storable(by), value if is_name(by) else value.lower())
    return replace(plain, release=storable(key.release), dist=storable(key.dist)) if by in _NAMED else plain


def is_name(by: str) -> bool:
    """Whether values are names, and not ids."""
    return by in _NAMED or by == "name"


def is_storable(key: Key) -> bool:
    """Whether the value is short enough to be one."""
    limit = MAX_NAME_CHARACTERS if is_name(_SHARED.get(key.by, key.by)) else MAX_ID_CHARACTERS
    return 0 < len(key.value) <= limit


class Finder:
    """Answers keys from one index. ``wanted`` is everything asked for at once: names there explain missing ids."""

    def __init__(self, index: KeyIndex, wanted: Iterable[Key] = ()) -> None:
        self._index = index
        self._file_names = frozenset(file_name(key.value) for key in wanted if is_name(normalized(key).by)) - {""}
        self._names: dict[Key, NameIndex[Entry]] = {}
        self._near_names: dict[tuple[str, str], Neighbours] = {}
        self._near_left = _MAX_NEAR_PER_FETCH

    def find(self, key: Key) -> Entry | Missing:
        """The artifact, or why there is none."""
        if not is_storable(key):
            return Missing(key, f"The name or id of a {_described(key)} is empty or too long to be one.")
        plain = normalized(key)
        found = next(filter(None, map(self._candidates, self._scoped(plain))), ())
        if not found:
            return Missing(key, f"No {_described(key)} among {self._index.place}.", self._near(plain))
        if not is_name(plain.by) or len(found) == 1 or self._index.are_same(found):
            return found[0]
        return Missing(key, _ambiguous(key, found), _as_near_misses(found))

    def _scoped(self, key: Key) -> Iterable[Key]:
        """The key for each place to look, the narrowest first."""
        scopes = scopes_of(key) if self._index.knows_releases else (ANY,)
        return (replace(key, release=release, dist=dist) for release, dist in scopes)

    def _candidates(self, key: Key) -> Sequence[Entry]:
        """What fits equally well, each artifact once."""
        wanted = file_name(key.value) if is_name(key.by) else ""
        if key.by == "name":
            return _each_once(self._index.with_file_name(key, wanted) if wanted else ())
        equal = self._index.equal(key)
        if equal or not wanted:
            return equal
        return _each_once(self._names_like(key, wanted).find(key.value))

    def _names_like(self, key: Key, wanted: str) -> NameIndex[Entry]:
        use = replace(key, value=wanted)
        known = self._names.get(use)
        if known is None:
            known = self._names[use] = NameIndex(self._index.with_file_name(key, wanted))
        return known

    def _near(self, key: Key) -> tuple[NearMiss, ...]:
        self._near_left -= 1
        if self._near_left < 0:
            return ()
        if is_name(key.by):
            return self._of_other_builds(key) or self._neighbours(key.kind, key.by).of(key.value)
        return self._other_ids(key)

    def _of_other_builds(self, key: Key) -> tuple[NearMiss, ...]:
        """The name as other releases have it: the most frequent near miss where releases are used at all."""
        wanted = file_name(key.value)
        if not (self._index.knows_releases and wanted and key.by in _NAMED):
            return ()
        known = self._index.in_other_releases(key, wanted)
        like = NameIndex((value, (value, scope)) for value, scope in known).find(key.value)
        return tuple(other_build(key, value, scope) for _, (value, scope) in like[:MAX_SHOWN])

    def _neighbours(self, kind: str, by: str) -> Neighbours:
        known = self._near_names.get((kind, by))
        if known is None:
            known = self._near_names[kind, by] = Neighbours(self._index.values(kind, by))
        return known

    def _other_ids(self, key: Key) -> tuple[NearMiss, ...]:
        """Artifacts with another id: those of a name that is asked for too, or all if they are few."""
        known = list(self._index.ids(key.kind, key.by))
        named = [pair for pair in known if file_name(pair[0]) in self._file_names]
        shown = named or (known if len(known) <= MAX_SHOWN else [])
        label = _LABELS.get(key.by, key.by)
        return tuple(NearMiss(name, f"has {label} {value}, wanted {key.value}") for name, value in shown[:MAX_SHOWN])


def _each_once(named: Iterable[tuple[str, Entry]]) -> Sequence[Entry]:
    return tuple({entry.target: entry for _, entry in named}.values())


def counted(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _described(key: Key) -> str:
    value = key.value if len(key.value) <= _MAX_SHOWN_CHARACTERS else key.value[:_MAX_SHOWN_CHARACTERS] + "…"
    return storable(f"{key.kind} file with {_LABELS.get(key.by, key.by)} {value}")


def _ambiguous(key: Key, found: Sequence[Entry]) -> str:
    count = f"more than {MAX_CANDIDATES}" if len(found) > MAX_CANDIDATES else str(len(found))
    return f"{count} files fit {_described(key)} equally well, and nothing says which one is meant."


def _as_near_misses(found: Sequence[Entry]) -> tuple[NearMiss, ...]:
    return tuple(NearMiss(entry.name, "fits as well as others") for entry in found[:MAX_SHOWN])
