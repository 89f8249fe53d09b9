"""Where artifacts come from: folders as they lie (`FolderStore`), uploads (`LocalStore`), and the cache of indexes."""

from typing import TYPE_CHECKING

from symbolicator.store.blobs import BytesBlob, FileBlob
from symbolicator.store.cache import FolderCache
from symbolicator.store.folder import FolderStore

if TYPE_CHECKING:
    from symbolicator.store.local import LocalStore

__all__ = ["BytesBlob", "FileBlob", "FolderCache", "FolderStore", "LocalStore"]


def __getattr__(name: str) -> object:
    """Imports `LocalStore` on demand: a resolve from a folder should not pay for a database."""
    if name != "LocalStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from symbolicator.store.local import LocalStore  # noqa: PLC0415 - see above

    return LocalStore
