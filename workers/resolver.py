"""What a worker runs: the same engine as everywhere, on a store of uploads.

The pipeline makes a miss of a store that fails, because a developer wants to see the rest of the trace. A worker can do
better, try again later: so it notes the failure and raises it.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from symbolicator import plugins
from symbolicator.engine import Engine
from symbolicator.errors import StoreError
from symbolicator.model import Event
from symbolicator.model.frame_rules import FrameRule
from symbolicator.protocols import Artifact, Key, Missing, Store
from symbolicator.rule_file import read_rules
from symbolicator.store import FolderCache
from symbolicator.store.local import LocalStore
from symbolicator.suspects import find_suspects


class Resolver(Protocol):
    """Resolves a crash report."""

    def resolve(self, payload: bytes) -> Event:
        """The resolved event. Raises `UnreadableInput`, and `StoreError` where trying again may help."""


class StoreResolver:
    """Resolves with the artifacts of a store. Thread-safe. ``repositories``: clones where suspect commits are."""

    def __init__(self, store: Store, repositories: Sequence[Path] = (), rules: Sequence[FrameRule] = ()) -> None:
        self._store = _WatchedStore(store)
        self._engine = Engine(self._store, rules=rules)
        self._repositories = repositories

    def resolve(self, payload: bytes) -> Event:
        """The resolved event. Raises `UnreadableInput`, and `StoreError` if the store failed meanwhile."""
        self._store.failure = None
        event = self._engine.resolve(payload)
        if self._store.failure:
            raise self._store.failure
        return find_suspects(event, self._repositories) if self._repositories else event


def open_resolver(folder: Path, repositories: Sequence[Path] = (), rules: Path | None = None) -> StoreResolver:
    """Resolves with the store of uploads in ``folder``. Raises `StoreError` if it is none, or `UnreadableInput`."""
    store = LocalStore(folder, plugins.identifiers(), FolderCache())
    return StoreResolver(store, repositories, read_rules(rules))


class _WatchedStore(threading.local):
    """A store that remembers, for each thread, that it failed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failure: StoreError | None = None

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        try:
            return self._store.fetch(keys)
        except StoreError as error:
            self.failure = error
            raise
        except OSError as error:
            self.failure = StoreError(f"The store cannot be read ({error}): check the disk that it is on.")
            raise
