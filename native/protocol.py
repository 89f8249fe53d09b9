"""What a debug-file backend offers: the compiled core and the pure-Python reference both do.

A backend turns the bytes of a debug file into a `SymCache`; the transformer only ever sees these protocols::

    symcache = BACKEND.load(blob, cache)
    [chain] = symcache.lookup([LookupAddress(0x1234)])
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Blob, Buffer, IndexCache

Evidence = Literal["debug info", "symbol table", "export", "nearest symbol"]
"""How a name was found, the best first. A nearest symbol only lies before the address: ``entry`` says how far."""


NEAREST: Evidence = "nearest symbol"


class Companion(Struct, frozen=True, order=True):
    """A file that holds a part of a debug file's information.

    ``kind``: ``dwo``, a unit of split DWARF, alone (.dwo) or in a package (.dwp); ``sup``, what dwz put into a file of
    its own. ``id``: of the unit, or build id, lower-case hex. ``path``: as the debug file has it.
    """

    kind: str
    id: str
    path: str

    @property
    def name(self) -> str:
        """File name without folders."""
        return self.path.replace("\\", "/").rpartition("/")[2]


class SourceLocation(Struct, frozen=True):
    """One call of an inline chain. ``line`` and ``column`` are 1-based, None where unknown."""

    function: str | None  # demangled, with arguments
    symbol: str | None  # mangled
    file: str | None
    line: int | None
    column: int | None
    language: str | None  # "c", "cpp", "rust", "swift", "objc", "objcpp", "d", "go", "csharp", "vb", "fsharp", ...
    entry: RelativeAddress | None  # of the function that the call was inlined into the code of
    evidence: Evidence
    source_link: str | None = None
    """URL where this very version of the file is served, where the debug file says so."""


def changed(location: SourceLocation, **changes: str | None) -> SourceLocation:
    """The location with other values; the compiled core's own class is no Struct."""
    fields = {name: getattr(location, name) for name in SourceLocation.__struct_fields__}
    return SourceLocation(**(fields | changes))


class Segment(Struct, frozen=True):
    """What a loader maps of an ELF file: ``file_size`` bytes from ``offset`` at the virtual ``address``."""

    offset: int
    file_size: int
    address: int
    is_code: bool


class DebugFileSummary(Struct, frozen=True):
    """Headers of a debug file; the fields are those of `symbolicator._core.DebugFileSummary`, and more.

    ``member``: path in the archive that holds the file, and where it lies there as it is, in bytes. ``segments``: of an
    ELF file that has them, not of its companion.
    """

    format: str
    arch: str
    kind: str
    code_id: str | None
    debug_id: str | None
    debug_link: str | None
    load_address: int
    has_debug_info: bool
    has_symbols: bool
    index: int = 0
    has_go_table: bool = False
    """Functions, inlined calls, files and lines from the tables of Go's runtime."""
    has_unwind_info: bool = False
    """How to find the callers of its functions; only the compiled core knows."""
    debug_link_crc: int | None = None
    split_ids: tuple[str, ...] = ()
    image_name: str | None = None
    has_debug_map: bool = False
    has_hidden_names: bool = False
    member: str | None = None
    member_offset: int | None = None
    segments: tuple[Segment, ...] = ()


class SymCache(Protocol):
    """A debug file, ready for lookups. Addresses are image-relative: virtual address minus the load address."""

    @property
    def load_address(self) -> int: ...

    @property
    def arch(self) -> str:
        """The processor that it is for, as in Sentry's payload."""

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by mangled or demangled name; None if unknown or ambiguous."""


class WholeFile(SymCache, Protocol):
    """A debug file as a backend opened it, which can be read again together with others."""

    @property
    def crc32(self) -> int:
        """CRC-32 of the file's bytes, as .gnu_debuglink has it."""

    @property
    def missing_companions(self) -> Sequence[Companion]:
        """Files with parts of the debug information that this one is read without."""

    def with_companions(self, blobs: Sequence[Blob]) -> "WholeFile":
        """The same file, read together with others; what belongs to another file is not used."""


class DebugFileBackend(Protocol):
    """Parses debug files."""

    name: str

    def summarize(self, data: Buffer) -> DebugFileSummary:
        """Reads the headers. Raises `symbolicator.errors.MalformedArtifact` if ``data`` is no debug file."""

    def summarize_all(self, data: Buffer) -> Sequence[DebugFileSummary]:
        """Reads the headers of every file in a universal binary; of any other file the one. Raises the same."""

    def documents(self, data: Buffer) -> tuple[list[tuple[str, bool]], bytes | None]:
        """Sources of a portable PDB, in an assembly or not: paths with whether each is embedded, and the source link.

        Raises MalformedArtifact.
        """

    def document_text(self, data: Buffer, path: str) -> bytes | None:
        """The embedded text of a source; None if it is not embedded. Raises MalformedArtifact."""

    def has_go_table(self, data: Buffer) -> bool:
        """Whether a program has tables of Go's runtime that this backend reads."""

    def load(self, blob: Blob, cache: IndexCache, index: int = 0) -> SymCache:
        """Opens the file at ``index`` through its cached index where there is one. Raises MalformedArtifact."""
