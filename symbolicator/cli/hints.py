"""What an input that no reader recognises may be: a guess that saves the reader one round of trying."""

from symbolicator import plugins
from symbolicator.protocols import Buffer, Identity

HEAD_BYTES = 64 * 1024
_NAME = "input"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "It is compressed with gzip: unpack it first (gunzip)."),
    (b"PK\x03\x04", "It is a zip archive: unpack it and pass the crash report inside."),
    (b"\x28\xb5\x2f\xfd", "It is compressed with zstd: unpack it first (unzstd)."),
    (b"\xfd7zXZ\x00", "It is compressed with xz: unpack it first (unxz)."),
    (b"BZh", "It is compressed with bzip2: unpack it first (bunzip2)."),
)


def what_it_is(payload: Buffer) -> str:
    """A sentence about an unrecognised input, or nothing."""
    for magic, hint in _MAGIC:
        if payload[: len(magic)] == magic:
            return hint
    identities = identify_bytes(payload)
    if identities:
        return f"It is an artifact ({identities[0].label}): pass it with --artifacts, and the crash report as INPUT."
    return _nearest_reader(payload)


def identify_bytes(payload: Buffer) -> tuple[Identity, ...]:
    """What the identifiers say that the bytes are."""
    found: list[Identity] = []
    for identifier in plugins.identifiers():
        try:
            found.extend(identifier.identify(_NAME, memoryview(payload)))
        except Exception:  # noqa: BLE001, S112 - a hint may fail, a stranger's plug-in too
            continue
    return tuple(found)


def _nearest_reader(payload: Buffer) -> str:
    head = bytes(payload[:HEAD_BYTES])
    scores = [(reader.detect(head), reader.name) for reader in plugins.readers()]
    score, name = max(scores, default=(0.0, ""))
    return f"Nearest is {name}, but too little of it is there." if score > 0 else ""
