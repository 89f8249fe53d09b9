"""A toy kind of artifact for the tests of the stores: small enough to write by hand in a test.

First line ``TOY <kind>``, then one key a line: ``url https://…``, ``debug_id 1234``. One that says ``broken`` is so.
"""

from pathlib import Path

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

MAGIC = b"TOY "
FORMAT = "toy-1"


class ToyIdentifier:
    """Knows toy artifacts and counts how often it parses one."""

    name = "toy"
    kinds = frozenset({"map", "debug"})

    def __init__(self) -> None:
        self.builds = 0

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        if bytes(data[:4]) != MAGIC:
            return ()
        head, *lines = bytes(data).decode().splitlines()
        kind = head.split()[1]
        keys = frozenset(Key(kind, *line.split(" ", 1)) for line in lines if " " in line)
        return (Identity(kind, keys | {Key(kind, "path", name)}, f"toy {kind}"),)

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> str:
        path = cache.get_or_build(blob, FORMAT, self._build)
        return path.read_text()

    def _build(self, data: Buffer) -> bytes:
        self.builds += 1
        if b"broken" in bytes(data):
            raise MalformedArtifact("The toy is broken: make another.")
        return bytes(data)


class RaisingIdentifier:
    """A plug-in with a bug."""

    name = "raising"
    kinds = frozenset({"nothing"})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        raise RuntimeError("bug in the plug-in")

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> str:
        raise RuntimeError("bug in the plug-in")


class RaisingLoader(ToyIdentifier):
    """Identifies, and fails with a bug when it loads."""

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> str:
        raise RuntimeError("bug in the plug-in")


def toy(kind: str = "map", *keys: str, text: str = "") -> str:
    """Content of a toy artifact."""
    return "\n".join([f"TOY {kind}", *keys, text])


def write(folder: Path, name: str, content: str) -> Path:
    """Writes a file and the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


class UnaskedIdentifier(ToyIdentifier):
    """Knows a file that nothing ever asks for."""

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        return (Identity("map", frozenset(), "bytecode; pass its source map"),)
