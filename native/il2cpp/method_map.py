"""``MethodMap.tsv``: which function IL2CPP made of which method, a line each, parted by tabulators.

::

    Player_TakeDamage_m1A2B…	System.Void Shop.Player::TakeDamage(System.Int32)	Assembly-CSharp

IL2CPP writes it with ``--emit-method-map``, beside ``LineNumberMappings.json``. It has a line for every method of the
program and its libraries, some 100,000, of which a crash needs a few dozen: they are looked for and nothing is kept.
"""

from collections.abc import Iterable, Mapping

from native.il2cpp.names import parse
from native.il2cpp.signatures import Signature, parse_signature
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer

MAX_METHOD_MAP = 1 << 28
_MAX_LINE = 16_000
_FIELDS = 3
_HEAD = 64 * 1024


class MethodMap:
    """Finds methods by the names of their functions."""

    def __init__(self, blob: Blob) -> None:
        with blob.open() as data:
            if len(data) > MAX_METHOD_MAP:
                raise MalformedArtifact(f"{blob.name} has more than {MAX_METHOD_MAP} bytes: too long for a method map.")
        self._blob = blob

    def find(self, symbols: Iterable[str]) -> Mapping[str, Signature]:
        """The methods of those functions that it has."""
        wanted = {symbol.encode("utf-8", "replace") for symbol in symbols}
        with self._blob.open() as data:
            lines = (line for line in bytes(data).split(b"\n") if line.partition(b"\t")[0] in wanted)
            return dict(pair for line in lines if (pair := _entry(line)))


def _entry(line: bytes) -> tuple[str, Signature] | None:
    fields = line[:_MAX_LINE].decode("utf-8", "replace").rstrip("\r").split("\t")
    signature = parse_signature(fields[1]) if len(fields) == _FIELDS else None
    return (fields[0], signature) if signature else None


def is_method_map(data: Buffer) -> bool:
    """Whether the first lines name functions of IL2CPP, their methods and the assemblies of those."""
    lines = bytes(data[:_HEAD]).removeprefix(b"\xef\xbb\xbf").split(b"\n")[:50]
    entries = [entry for line in lines if (entry := _entry(line))]
    return any(parse(symbol) for symbol, _ in entries)
