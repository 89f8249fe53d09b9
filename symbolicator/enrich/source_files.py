"""Original source files as artifacts: they show the lines around a frame whose debug file names only path and line."""

from pathlib import PurePosixPath

from msgspec import Struct

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

KIND = "source"
MAX_SOURCE_BYTES = 8 * 1024 * 1024
_HEAD = 4096
_SUFFIXES = frozenset(
    ".c .cc .cpp .cxx .c++ .h .hh .hpp .hxx .inl .ipp .m .mm .swift .rs .go .d .zig .s .asm .php .pl .pm "  # noqa: SIM905 - legible
    ".js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte .java .kt .kts .scala .dart .cs .fs .py .pyx .rb .lua".split()
)


class SourceFile(Struct, frozen=True):
    """Lines of a source file without their ends."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def is_same_file(wanted: str, found: str) -> bool:
    """Whether a source file that was found for a path is that file, as far as names tell.

    Two components in common at the end, or all that one of them has: a file name alone is too common.
    """
    pair = [path.partition("?")[0].replace("\\", "/").strip("/").split("/") for path in (wanted, found)]
    shared = 0
    for left, right in zip(*(reversed(parts) for parts in pair), strict=False):
        if left != right:
            break
        shared += 1
    return shared >= min(2, *(len(parts) for parts in pair))


def lines_of(content: bytes) -> tuple[str, ...]:
    """Lines without their ends; bytes that are no UTF-8 become replacement characters."""
    text = content.decode("utf-8", "replace")
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


class SourceFileIdentifier:
    """Knows source files by their suffix: that is all there is to know them by."""

    name = "source files"
    kinds = frozenset({KIND})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """A text file with the suffix of a programming language, found by its path."""
        if PurePosixPath(name).suffix.lower() not in _SUFFIXES or len(data) > MAX_SOURCE_BYTES:
            return ()
        if b"\0" in bytes(data[:_HEAD]):
            return ()
        return (Identity(KIND, frozenset({Key(KIND, "path", name)}), "source file"),)

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> SourceFile:  # noqa: ARG002 - needs no index
        """Reads the lines; bytes that are no UTF-8 are shown as replacement characters."""
        with blob.open() as data:
            if len(data) > MAX_SOURCE_BYTES:
                raise MalformedArtifact(f"{blob.name} has more than {MAX_SOURCE_BYTES} bytes: too long for a source.")
            return SourceFile(lines_of(bytes(data)))


IDENTIFIER = SourceFileIdentifier()
