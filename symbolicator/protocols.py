"""What plug-ins offer and what they are given: the seams of the system, small enough to implement by hand.

A language is a `Reader` (raw report to `Event`), a `Transformer` (fills its frames) and an `Identifier` (knows its
artifacts), each found through an entry point. None of them does I/O: readers get bytes, transformers get artifacts,
identifiers get a `Blob` and an `IndexCache`. Storage is a `Store`; the pipeline is the only one that asks it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from symbolicator.model import Event

Buffer: TypeAlias = bytes | memoryview
"""Read-only bytes."""


class Reader(Protocol):
    """Reads one kind of crash report."""

    @property
    def name(self) -> str:
        """Name of the format, as in "V8 stack text"."""

    def detect(self, head: bytes) -> float:
        """How sure it is that a report that starts with ``head`` (at most 64 KiB) is its own: 0.0 no, 1.0 certain."""

    def read(self, data: Buffer) -> Event:
        """Reads the report. Guesses nothing. Raises `symbolicator.errors.UnreadableInput`.

        A large dump comes as a `memoryview` of the mapped file: slices of it cost nothing, ``bytes`` of it all do.
        """


class Key(Struct, frozen=True, order=True):
    """What an artifact is wanted for, and by which property it is found.

    ``kind`` is the identifier's word for the use: ``sourcemap``, ``minified``, ``native-debug``, ``source``. ``by``
    says how ``value`` is compared: ``debug_id`` and ``code_id`` exactly, in lower case; ``name`` with the last path
    component, exactly; anything else (``url``, ``path``, ``generated``, …) as `symbolicator.store.names` matches
    names: in full, without query, ``~/path``, then by unique path suffix.

    ``release`` and ``dist`` are the event's, empty if it has none. They narrow names down, as different builds serve
    different files under the same name; an id says by itself which build it is of.
    """

    kind: str
    by: str
    value: str
    release: str = ""
    dist: str = ""


class Artifact(Struct, frozen=True):
    """A file that was found, opened by its identifier. ``content`` is what `Identifier.load` returned.

    ``headers`` came with the file when it was uploaded or fetched, such as ``sourcemap``; names in lower case.
    """

    key: Key
    name: str
    content: object
    headers: Mapping[str, str] = {}


class NearMiss(Struct, frozen=True):
    """An artifact that nearly fits: shown to the user, never used. ``remedy``: what to do if it was meant."""

    name: str
    note: str
    remedy: str = ""


class Missing(Struct, frozen=True):
    """Why there is no artifact for a key. ``malformed``: there is one, and it cannot be read.

    ``remedy``: what to do about it, where the store knows better than to pass the file. ``why`` then stands on its own.
    """

    key: Key
    why: str
    near: tuple[NearMiss, ...] = ()
    malformed: bool = False
    remedy: str | None = None


Artifacts: TypeAlias = Mapping[Key, Artifact | Missing]


class Transformer(Protocol):
    """Resolves the frames of one language. Pure: no network, no disk, no clock.

    Unwinders are transformers that add the frames of threads of which a dump has only registers and memory. They run
    before all others and have an entry-point group of their own, ``symbolicator.unwinders``.
    """

    @property
    def name(self) -> str: ...

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """What it wants next, given what it has. Asked again until it wants nothing new."""

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Resolves its own frames; leaves every other frame as it is. Failing to resolve is data, not an error."""


class Blob(Protocol):
    """The bytes of one artifact."""

    @property
    def name(self) -> str:
        """Path or URL that it is known under."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes, hex."""

    @property
    def stamp(self) -> str:
        """Tells these bytes from others without reading them: the SHA-256 where it is known, else of a file's times."""

    def open(self) -> AbstractContextManager[memoryview]:
        """The bytes, mapped if they are a file. Leaving the context releases them."""


class IndexCache(Protocol):
    """Keeps index files by content, so that each artifact is parsed once."""

    def get_or_build(self, blob: Blob, index_format: str, build: Callable[[Buffer], bytes]) -> Path:
        """Path of the index of ``blob`` in ``index_format`` (name and version), built now if it is not there."""

    def is_new(self, blob: Blob, index_format: str) -> bool:
        """Whether nobody wanted that index before, as far as is known without reading the blob; from now on one did."""

    def discard(self, blob: Blob, index_format: str) -> None:
        """Forgets an index that turned out to be damaged."""


class Identity(Struct, frozen=True):
    """What a file is and under which keys it is found."""

    kind: str
    keys: frozenset[Key]
    label: str
    """For a person: "source map of app.min.js, 12 sources"."""
    details: Mapping[str, str] = field(default_factory=dict)
    """For ``inspect``: names and values, such as ``debug id``."""


class Identifier(Protocol):
    """Knows the artifacts of one language."""

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of `Key` whose artifacts it loads."""

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """What the file is, by its content; empty if it is not one of its own.

        ``name``: path relative to the root that was given, with forward slashes, or URL. Never raises for bad
        bytes; fast for files that are not its own.
        """

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> object:
        """Opens an artifact for its transformer. Raises `symbolicator.errors.MalformedArtifact`."""


class Store(Protocol):
    """Finds artifacts."""

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """An answer for every key; what cannot be found or read is `Missing`."""
