"""The store that the options of a command ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from symbolicator import plugins
from symbolicator.protocols import Artifact, Key, Missing, Store
from symbolicator.store import FolderCache, FolderStore

Progress = Callable[[int, int | None, str], None]


class NotingStore(Store, Protocol):
    """A store that has something to say about its artifacts."""

    @property
    def notes(self) -> tuple[str, ...]: ...


class OpenStores:
    """Several stores asked one after the other, each for what those before it do not have; the web last."""

    def __init__(self, folders: NotingStore | None, uploads: Store | None, web: Store | None = None) -> None:
        self._folders = folders
        self._web = web
        self._cache = FolderCache()
        self._stores: list[Store] = [store for store in (folders, uploads, web) if store is not None]

    def also(self, paths: Sequence[Path]) -> None:
        """Asks these files too, after all others but before the web."""
        if paths:
            store = FolderStore(paths, plugins.identifiers(), FolderCache())
            self._stores.insert(len(self._stores) - bool(self._web), store)

    def with_files(self, paths: Sequence[Path]) -> "OpenStores":
        """These stores, and the files for one report alone."""
        if not paths:
            return self
        return OpenStores(self, FolderStore(paths, plugins.identifiers(), self._cache))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the stores have to say about their artifacts."""
        return self._folders.notes if self._folders else ()

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """An answer for every key."""
        answers: dict[Key, Artifact | Missing] = {}
        for store in self._stores:
            for key, answer in store.fetch(keys).items():
                answers[key] = _better(answers.get(key), answer)
            keys = frozenset(key for key in keys if not isinstance(answers.get(key), Artifact))
        return answers


def _better(before: Artifact | Missing | None, now: Artifact | Missing) -> Artifact | Missing:
    """An artifact, else what both stores have to say about its absence; one that knows a remedy speaks for itself."""
    if not isinstance(before, Missing) or isinstance(now, Artifact):
        return now
    if now.remedy:
        return replace(now, near=before.near + now.near, malformed=before.malformed or now.malformed)
    why = before.why if before.why == now.why else f"{before.why} {now.why}"
    return replace(now, why=why, near=before.near + now.near, malformed=before.malformed or now.malformed)


@contextmanager
def open_stores(
    artifacts: Sequence[Path], folder: Path | None, progress: Progress, fetch: Sequence[str] = ()
) -> Iterator[OpenStores]:
    """The files and folders given, then the store of uploads, then the web origins that ``fetch`` allows.

    The working folder is looked at if neither files nor a store are given. Raises `symbolicator.errors.StoreError` if
    ``folder`` is no store.
    """
    identifiers, cache = plugins.identifiers(), FolderCache()
    paths = artifacts or ([] if folder else [Path()])
    folders = FolderStore(paths, identifiers, cache, progress=progress) if paths else None
    web = _web_store(fetch, progress) if fetch else None
    if folder is None:
        yield OpenStores(folders, None, web)
        return
    from symbolicator.store.local import LocalStore  # noqa: PLC0415 - only a store of uploads needs SQLite

    with LocalStore(folder, identifiers, cache) as uploads:
        yield OpenStores(folders, uploads, web)


def _web_store(origins: Sequence[str], progress: Progress) -> Store:
    from symbolicator.cli.fetching import web_store  # noqa: PLC0415 - without --fetch there is no network code at all

    return web_store(origins, plugins.identifiers(), FolderCache(), progress)
