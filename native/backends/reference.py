"""The pure-Python backend for ELF files: pyelftools' DWARF, our headers and symbol tables.

It serves where the compiled core is not installed, and it is the core's oracle: slower, with narrower limits, and
written from the standards apart from it. A damaged part costs that part; only a file that is no ELF file is refused.
"""

from collections.abc import Sequence
from zlib import crc32

from native.backends.dwarf_info import Call, Chain, DebugInfo
from native.backends.dwarf_names import FunctionName
from native.backends.dwarf_ranges import code_of
from native.backends.dwarf_sections import dwarf_of
from native.backends.guard import attempt
from native.backends.symbol_table import Covering, SymbolTable
from native.elf import layout
from native.elf.layout import ElfFile
from native.elf.summary import architecture, has_debug_info, load_address, summarize
from native.elf.symbols import function_symbols
from native.magic import format_of, title
from native.mangling import demangled, language_of
from native.protocol import Companion, DebugFileSummary, SourceLocation
from symbolicator.errors import MalformedArtifact
from symbolicator.model import LookupAddress, RelativeAddress
from symbolicator.protocols import Blob, Buffer, IndexCache


class ReferenceSymCache:
    """A debug file read as lookups need it. Addresses are image-relative: virtual address minus the load address."""

    missing_companions: Sequence[Companion] = ()
    """The compiled core alone reads other files than the one that it was given."""

    def __init__(self, data: Buffer) -> None:
        elf = ElfFile.parse(data)
        if elf.type == layout.TYPE_RELOCATABLE:
            raise MalformedArtifact(
                "Relocatable files (.o, .ko, .dwo) are read by the compiled core alone, and it is not installed: "
                "install a Rust toolchain and reinstall (`symbolicator doctor`)."
            )
        self.crc32 = crc32(elf.data)
        self.load_address = load_address(elf)
        self.arch = architecture(elf)
        self._defects: list[str] = []
        self._symbols = SymbolTable(elf, attempt(lambda: function_symbols(elf), []))
        self._debug_info = self._open_debug_info(elf)

    @property
    def defects(self) -> list[str]:
        """What was wrong with the file and passed over so far, a sentence each."""
        return self._defects + (self._debug_info.defects if self._debug_info else [])

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        """The chain of inlined calls at each address, innermost first; empty where nothing covers it."""
        return [self._chain(address + self.load_address) for address in addresses]

    def symbol_address(self, name: str) -> RelativeAddress | None:
        """Address of a function by mangled or demangled name; None if unknown or ambiguous."""
        address = self._symbols.address_of(name)
        return None if address is None else RelativeAddress(address - self.load_address)

    def with_companions(self, blobs: Sequence[Blob]) -> "ReferenceSymCache":  # noqa: ARG002 - see `missing_companions`
        """The same file, without them."""
        return self

    def _open_debug_info(self, elf: ElfFile) -> DebugInfo | None:
        if not has_debug_info(elf):
            return None
        try:
            return DebugInfo(dwarf_of(elf), code_of(elf))
        except MalformedArtifact as error:
            self._defects.append(f"Only the symbol table is used: {error}")
            return None

    def _chain(self, address: int) -> tuple[SourceLocation, ...]:
        symbol = self._symbols.function_at(address)
        chain = attempt(lambda: self._debug_info.chain_at(address) if self._debug_info else None, None)
        if chain is None:
            known = symbol or self._nearest(address)
            return (self._from_symbol(known),) if known else ()
        *inlined, outermost = chain.calls
        named = outermost._replace(name=_better_name(outermost.name, chain.entry, symbol))
        return tuple(self._from_call(call, chain, symbol) for call in (*inlined, named))

    def _nearest(self, address: int) -> Covering | None:
        """The symbol before an address, unless debug information has a function between them."""
        near, info = self._symbols.nearest(address), self._debug_info
        if near is None or info is None:
            return near
        between = attempt(lambda: info.has_function(near.end, address), otherwise=False)
        return None if between else near

    def _from_call(self, call: Call, chain: Chain, symbol: Covering | None) -> SourceLocation:
        mangled = call.name.symbol if call.name else None
        function = call.name.function if call.name else None
        entry = chain.entry if chain.entry is not None else symbol.entry if symbol else None
        return SourceLocation(
            function=function,
            symbol=mangled,
            file=call.file,
            line=call.line,
            column=call.column,
            language=call.language,
            entry=self._relative(entry),
            evidence="debug info",
        )

    def _from_symbol(self, symbol: Covering) -> SourceLocation:
        return SourceLocation(
            function=_shown(symbol),
            symbol=symbol.name,
            file=None,
            line=None,
            column=None,
            language=language_of(symbol.name),
            entry=self._relative(symbol.entry),
            evidence=symbol.evidence,
        )

    def _relative(self, address: int | None) -> RelativeAddress | None:
        return None if address is None else RelativeAddress(address - self.load_address)


def _better_name(name: FunctionName | None, entry: int | None, symbol: Covering | None) -> FunctionName | None:
    """The function's name, or its symbol's where debug information has none (assembler) or no scopes (``-g1``)."""
    if symbol is None or (name and name.symbol):
        return name
    shown = _shown(symbol)
    if name is None:
        return FunctionName(shown, symbol.name, language_of(symbol.name))
    is_better = symbol.entry == entry and demangled(symbol.name) is not None
    return FunctionName(shown, symbol.name, name.language) if is_better else name


def _shown(symbol: Covering | None) -> str | None:
    return (demangled(symbol.name) or symbol.name) if symbol else None


class ReferenceBackend:
    """Reads debug files without an index: the file itself is read again in each process."""

    name = "reference"

    def summarize(self, data: Buffer) -> DebugFileSummary:
        """Reads the headers. Raises `symbolicator.errors.MalformedArtifact` if ``data`` is no ELF file."""
        return summarize(data)

    def summarize_all(self, data: Buffer) -> Sequence[DebugFileSummary]:
        """Reads the headers. Raises the same, and for any other format than ELF says that it needs the core."""
        _refuse_other_formats(data)
        return [summarize(data)]

    def documents(self, data: Buffer) -> tuple[list[tuple[str, bool]], bytes | None]:
        """None; for a portable PDB says that it needs the core. Raises `MalformedArtifact`."""
        _refuse_other_formats(data)
        return [], None

    def document_text(self, data: Buffer, path: str) -> bytes | None:  # noqa: ARG002 - no format read here has any
        """None."""
        return None

    def has_go_table(self, data: Buffer) -> bool:  # noqa: ARG002 - the compiled core alone reads them
        """Never: the tables of Go's runtime are read by the compiled core alone."""
        return False

    def load(self, blob: Blob, cache: IndexCache, index: int = 0) -> ReferenceSymCache:  # noqa: ARG002 - parsed lazily, so there is no index to keep; one ELF file is all there is
        """Opens the file. Raises `symbolicator.errors.MalformedArtifact`."""
        with blob.open() as data:
            opened = _open(data)
        if isinstance(opened, str):
            raise MalformedArtifact(f"{blob.name}: {opened}")
        return opened


def _refuse_other_formats(data: Buffer) -> None:
    """Raises `MalformedArtifact` for formats that the compiled core alone reads."""
    found = format_of(data)
    if found not in (None, "elf"):
        raise MalformedArtifact(
            f"{title(str(found))} files are read by the compiled core alone, and it is not installed: install a Rust "
            "toolchain and reinstall (`symbolicator doctor`)."
        )


def _open(data: Buffer) -> ReferenceSymCache | str:
    """The file, or why not: an exception would keep hold of ``data``, which its owner is about to close."""
    try:
        _refuse_other_formats(data)
        return ReferenceSymCache(data)
    except MalformedArtifact as error:
        return str(error)
