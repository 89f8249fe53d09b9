"""Opens artifacts through their identifiers, and keeps the last ones open.

An identifier that fails costs one artifact, never the others: whatever goes wrong becomes a `Missing` with its reason.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from msgspec.structs import replace

from symbolicator.errors import MalformedArtifact, SymbolicatorError
from symbolicator.protocols import Artifact, Blob, Identifier, IndexCache, Key, Missing
from symbolicator.store.names import storable

MAX_OPEN = 64
"""Opened artifacts kept for the next event."""


class Opener:
    """Opens artifacts. Thread-safe."""

    def __init__(self, identifiers: Sequence[Identifier], cache: IndexCache) -> None:
        self._identifiers = identifiers
        self._cache = cache
        self._opened: OrderedDict[tuple[str, str], Artifact | Missing] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, key: Key, target: str, blob: Blob) -> Artifact | Missing:
        """The artifact in ``blob``, for the use that the key names. ``target`` tells blobs apart."""
        with self._lock:
            known = self._opened.get((key.kind, target))
            if known is not None:
                self._opened.move_to_end((key.kind, target))
        if known is None:
            known = self._load(key, blob)
            self._keep((key.kind, target), known)
        return replace(known, key=key, name=blob.name) if isinstance(known, Artifact) else replace(known, key=key)

    def _keep(self, place: tuple[str, str], opened: Artifact | Missing) -> None:
        if isinstance(opened, Missing) and not opened.malformed:
            return  # a disk that failed once may be back next time
        with self._lock:
            self._opened[place] = opened
            while len(self._opened) > MAX_OPEN:
                self._opened.popitem(last=False)

    def _load(self, key: Key, blob: Blob) -> Artifact | Missing:
        identifier = next((one for one in self._identifiers if key.kind in one.kinds), None)
        if identifier is None:
            return Missing(key, storable(f"No installed plug-in opens artifacts of the kind {key.kind}."))
        try:
            return Artifact(key, blob.name, identifier.load(key.kind, blob, self._cache))
        except MalformedArtifact as error:
            return Missing(key, str(error), malformed=True)
        except (SymbolicatorError, OSError) as error:
            return Missing(key, f"{blob.name} was found and cannot be opened: {error}")
        except Exception as error:  # noqa: BLE001 - identifiers are plug-ins by strangers
            why = f"{blob.name} was found, and the plug-in {identifier.name} failed on it"
            return Missing(key, f"{why} ({type(error).__name__}: {error}): please report it.", malformed=True)
