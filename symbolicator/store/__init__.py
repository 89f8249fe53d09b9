"""Where artifacts come from: folders as they lie (`FolderStore`), uploads (`LocalStore`), and the cache of indexes."""

from symbolicator.store.blobs import BytesBlob, FileBlob
from symbolicator.store.cache import FolderCache
from symbolicator.store.folder import FolderStore
from symbolicator.store.local import LocalStore, Upload

__all__ = ["BytesBlob", "FileBlob", "FolderCache", "FolderStore", "LocalStore", "Upload"]
