"""Names that Apple's builds from bitcode hide: the files that tell them.

::

    SymbolMap((b"-[Cart total]",)).shown("__hidden#0_")  # "-[Cart total]"

A dSYM that Apple made from bitcode says ``__hidden#12_`` for names and paths. The symbol map of the original build
(``UUID.bcsymbolmap``) has name 12 on its line 12, from 0 behind the header. Which build that was says a property list
in the dSYM, called by the UUID of what Apple made (``UUID.plist``: DBGOriginalUUID). Without one it is the same UUID.
"""

import plistlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from uuid import UUID

from msgspec import Struct

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

SYMBOL_MAP = "native-symbol-map"
"""Kind of artifact: hidden names, opened as `SymbolMap`."""
UUID_MAP = "native-uuid-map"
"""Kind of artifact: which build an image was made from, opened as `UuidMap`."""
MAX_SYMBOL_MAP = 1 << 28
MAX_UUID_MAP = 1 << 20
_MAGIC = b"BCSymbolMap Version:"
_PLISTS = (b"<?xml", b"<!DOCTYPE plist", b"<plist", b"bplist00")
_ORIGINAL = "DBGOriginalUUID"
_HIDDEN = re.compile(r"_{1,2}hidden#(\d{1,9})_")


class SymbolMap(Struct, frozen=True):
    """Hidden names by number."""

    names: tuple[bytes, ...]

    def name(self, number: int) -> str | None:
        """A name as the compiler saw it."""
        return self.names[number].decode("utf-8", "replace") or None if number < len(self.names) else None

    def shown(self, text: str) -> str:
        """The text with every hidden name in it told; those that the map does not have stay."""
        return _HIDDEN.sub(lambda found: self.name(int(found[1])) or found[0], text)


class UuidMap(Struct, frozen=True):
    """Debug id of the original build, and the folders that its sources were moved to, by the ones it was built in."""

    original: str
    folders: Mapping[str, str] = {}

    def moved(self, path: str) -> str:
        """Where a source file is now."""
        for old in sorted(self.folders, key=len, reverse=True):
            if path == old or path.startswith(f"{old.rstrip('/')}/"):
                return self.folders[old].rstrip("/") + path[len(old.rstrip("/")) :]
        return path


class SymbolMapIdentifier:
    """Knows symbol maps and the property lists of dSYMs. Both are called by a UUID; that is how they are found."""

    name = "symbol maps"
    kinds = frozenset({SYMBOL_MAP, UUID_MAP})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """The identity of a symbol map or UUID map; empty if it is neither."""
        head = bytes(data[:32]).lstrip(b"\xef\xbb\xbf")
        if head.startswith(_MAGIC):
            return (_symbol_map(_uuid_in(name)),)
        uuid = _uuid_in(name) if name.lower().endswith(".plist") and head.startswith(_PLISTS) else None
        if uuid is None or len(data) > MAX_UUID_MAP:
            return ()
        try:
            found = parse_uuid_map(bytes(data))
        except ValueError:
            return ()
        details = {"format": "property list", "debug id": uuid, "made from": found.original}
        keys = frozenset({Key(UUID_MAP, "debug_id", uuid)})
        return (Identity(UUID_MAP, keys, f"UUID map: {uuid} was made from {found.original}", details),)

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> SymbolMap | UuidMap:  # noqa: ARG002 - needs no index
        """Reads either file. Raises `symbolicator.errors.MalformedArtifact`."""
        with blob.open() as data:
            try:
                return parse_symbol_map(data) if kind == SYMBOL_MAP else parse_uuid_map(bytes(data[:MAX_UUID_MAP]))
            except ValueError as error:
                raise MalformedArtifact(
                    f"{blob.name} cannot be read: {error}. Take it from the archive (.xcarchive) of the build again."
                ) from error


def parse_symbol_map(data: Buffer) -> SymbolMap:
    """Names, a line each, behind the header. Raises ValueError."""
    if len(data) > MAX_SYMBOL_MAP:
        raise ValueError(f"it has more than {MAX_SYMBOL_MAP} bytes")
    header, _, names = bytes(data).partition(b"\n")
    if not header.lstrip(b"\xef\xbb\xbf").startswith(_MAGIC):
        raise ValueError(f"it does not begin with {_MAGIC.decode()}")
    return SymbolMap(tuple(names.replace(b"\r\n", b"\n").split(b"\n")))


def parse_uuid_map(data: bytes) -> UuidMap:
    """A property list of a dSYM. Raises ValueError if it is none or does not name the original build."""
    try:
        content = plistlib.loads(data)
        original = str(UUID(content[_ORIGINAL]))
        folders = content.get("DBGSourcePathRemapping", {})
    except Exception as error:  # plistlib raises whatever its parts do
        raise ValueError(f"it is no property list with a {_ORIGINAL} ({type(error).__name__})") from error
    pairs = folders.items() if isinstance(folders, dict) else ()
    return UuidMap(original, {old: new for old, new in pairs if isinstance(old, str) and isinstance(new, str) and old})


def is_hidden(name: str | None) -> bool:
    """Whether a name stands in a symbol map."""
    return name is not None and _HIDDEN.search(name) is not None


def _uuid_in(name: str) -> str | None:
    """The debug id that a file is called by."""
    try:
        return str(UUID(PurePosixPath(name.replace("\\", "/")).stem))
    except ValueError:
        return None


def _symbol_map(uuid: str | None) -> Identity:
    keys = frozenset({Key(SYMBOL_MAP, "debug_id", uuid)} if uuid else ())
    found = {"debug id": uuid} if uuid else {"debug id": "none: it must be called by the UUID of its build"}
    return Identity(SYMBOL_MAP, keys, "symbol map of a build from bitcode", {"format": "BCSymbolMap", **found})


IDENTIFIER = SymbolMapIdentifier()
