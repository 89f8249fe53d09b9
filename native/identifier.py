"""Knows debug files among artifacts: what each is, under which ids and names it is found, and how it is opened.

ELF, Mach-O (thin and universal), PE, PDB, portable PDB, WebAssembly and Breakpad files, perf maps, jitdumps and lists
of kernel symbols. One file may serve several uses, each an identity of its own: ``native-debug`` where it has debug
information, ``native-symbols`` where it has a symbol table or the tables of Go's runtime, ``native-sources`` where it
knows its sources, ``native-code`` where it has an ELF file's code, ``native-unwind`` and ``native-unwind-debug`` where
it has unwind information, ``native`` always. A file that only completes others
is ``native-companion`` and nothing else. What lists code by absolute address is of no image and no build:
``native-map``, by the name of its file and by one that all of its kind share, so that the only one of its kind is
found.

A stripped binary and its debug file share an id, so the transformer asks for debug information first, then for symbols,
and for the headers alone to say what is wrong. Each image in a universal binary, a kernel collection or a shared cache
is an identity, and each library in an Android package or other zip file.

Without the compiled core ELF files alone are read; the others are known, and say what they need.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.archives import Member, MemberBlob, is_archive, members, opened
from native.backends import select
from native.companions import COMPANION, CompanionFile
from native.debug_files import (
    CODE,
    DEBUG,
    HEADERS,
    JITDUMP,
    KERNEL,
    MAPS,
    PERF_MAP,
    SOURCES,
    SYMBOLS,
    UNWIND,
    UNWIND_DEBUG,
)
from native.descriptions import ASSEMBLY, details_of, label_of
from native.dotnet.mvid import MVID, mvid_of
from native.dotnet.sources import DocumentSources, described
from native.elf.layout import MAGIC as ELF_MAGIC
from native.elf.summary import COMPANION_KINDS, SPLIT_OBJECT
from native.elf.summary import summarize as summarize_elf
from native.hidden_names import HiddenNames
from native.images import base_name, in_archive
from native.magic import format_of, title
from native.protocol import DebugFileSummary, SymCache
from native.source_links import FORMATS as LINKED
from native.source_links import Linked
from native.universal import Universal, UniversalHeaders
from native.unwinding.files import UnwindFile, has_code, has_unwind_info
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

_GO_FORMATS = frozenset({"elf", "macho", "pe"})
_MAPS = {"perf_map": PERF_MAP, "jitdump": JITDUMP, "kallsyms": KERNEL}
"""Formats that list code by absolute address, and the name that the only one of its kind is found by."""
_OF_PROCESSES = frozenset({"perf_map", "jitdump"})
_KERNEL_FILE = "vmlinux"
"""The image of a kernel, whose symbols a list has too."""


class DebugFileIdentifier:
    """Knows debug files by their first bytes."""

    name = "debug files"
    kinds = frozenset({DEBUG, SYMBOLS, SOURCES, MAPS, HEADERS, CODE, COMPANION, UNWIND, UNWIND_DEBUG})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """An identity for each use of each file that ``data`` holds; empty if it is no debug file."""
        if is_archive(data):
            return tuple(_identities_in(name, data))
        if format_of(data) is None:
            return ()
        try:
            summaries = _summarize(data)
        except MalformedArtifact as error:
            return (_damaged(name, str(format_of(data)), error),)
        return tuple(_identity(kind, name, summary, data) for summary in summaries for kind in _uses(summary))

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> object:
        """Opens a file for its use. Raises `symbolicator.errors.MalformedArtifact`.

        Headers come as `DebugFileSummary`, sources as `DocumentSources`, companions as `CompanionFile`, unwind
        information as `UnwindFile`, anything else as `SymCache`; of several files in one as `UniversalHeaders` and
        `Universal`.
        """
        if kind == SOURCES:
            return DocumentSources(blob, select())
        if kind == COMPANION:
            return CompanionFile(blob)
        with blob.open() as data:
            is_in_archive = is_archive(data)
            summaries = _members_of(data) if is_in_archive else _summarize_named(blob.name, data)
        if kind in (UNWIND, UNWIND_DEBUG):
            return UnwindFile(blob, tuple(summaries))
        is_only = len(summaries) == 1 and not is_in_archive
        if kind in (HEADERS, CODE):
            return summaries[0] if is_only else UniversalHeaders(tuple(summaries))
        backend = select()

        def load(summary: DebugFileSummary) -> SymCache:
            file: Blob = blob if summary.member is None else MemberBlob(blob, summary.member)
            symcache = backend.load(file, cache, summary.index)
            if summary.has_hidden_names:
                return HiddenNames(symcache)
            return Linked(symcache, file) if summary.format in LINKED else symcache

        return load(summaries[0]) if is_only else Universal(tuple(summaries), load)


def _summarize(data: Buffer) -> Sequence[DebugFileSummary]:
    """The headers of every file in ``data``; ELF's are read here, so that any backend says the same of them."""
    summaries = [_with_go_table(summary, data) for summary in _headers(data)]
    return [replace(summary, has_unwind_info=has_unwind_info(summary, data)) for summary in summaries]


def _headers(data: Buffer) -> Sequence[DebugFileSummary]:
    if bytes(data[:4]) != ELF_MAGIC:
        return select().summarize_all(data)
    summary = summarize_elf(data)
    # The ids of split units are debug information: whoever reads that knows them.
    return select().summarize_all(data) if summary.kind == SPLIT_OBJECT else [summary]


def _with_go_table(summary: DebugFileSummary, data: Buffer) -> DebugFileSummary:
    """A program of Go that was stripped still resolves; one file in a universal binary is not looked into."""
    may_have = summary.format in _GO_FORMATS and not summary.has_debug_info and not summary.index
    return replace(summary, has_go_table=True) if may_have and select().has_go_table(data) else summary


def _summarize_named(name: str, data: Buffer) -> Sequence[DebugFileSummary]:
    """The same; what is wrong says of which file."""
    try:
        return _summarize(data)
    except MalformedArtifact as error:
        raise MalformedArtifact(f"{name}: {error}") from error


def _members_of(data: Buffer) -> list[DebugFileSummary]:
    """The headers of the debug files in an archive; what is none, or cannot be read, is left out."""
    return [summary for member in members(data) for summary in _member(member, data)]


def _member(member: Member, data: Buffer) -> Iterator[DebugFileSummary]:
    try:
        with opened(member, data) as content:
            found = _summarize(content) if format_of(content) else ()
    except MalformedArtifact:
        return
    for summary in found:
        yield replace(summary, member=member.path, member_offset=None if member.is_deflated else member.offset)


def _identities_in(name: str, data: Buffer) -> Iterator[Identity]:
    for summary in _members_of(data):
        path, offset = str(summary.member), summary.member_offset
        for kind in _uses(summary):
            identity = _identity(kind, path, summary, data)
            place = () if offset is None else (Key(kind, "name", in_archive(base_name(name), offset)),)
            yield replace(identity, keys=identity.keys.union(place), label=f"{path}: {identity.label}")


def _uses(summary: DebugFileSummary) -> Iterator[str]:
    if summary.kind in COMPANION_KINDS:
        yield COMPANION
        return
    if summary.has_debug_info and summary.format not in _MAPS:
        yield DEBUG
    if summary.format in _MAPS:
        yield MAPS
    if summary.has_go_table or (summary.has_symbols and summary.format not in _OF_PROCESSES):
        yield SYMBOLS
    if summary.segments:
        yield CODE
    if _knows_sources(summary):
        yield SOURCES
    if summary.has_unwind_info:
        yield UNWIND if has_code(summary) else UNWIND_DEBUG
    yield HEADERS


def _knows_sources(summary: DebugFileSummary) -> bool:
    """Whether there is a portable PDB, by itself or in an assembly."""
    return summary.has_debug_info and (summary.format == "portable_pdb" or summary.kind == ASSEMBLY)


def _damaged(name: str, file_format: str, error: MalformedArtifact) -> Identity:
    """Found by its name, so that whoever looks for it hears that it is damaged and not that it is missing."""
    keys = frozenset(Key(kind, "name", base_name(name)) for kind in (DEBUG, HEADERS) if base_name(name))
    shown = title(file_format)
    return Identity(HEADERS, keys, f"damaged {shown} file", {"format": shown, "damage": str(error)})


def _identity(kind: str, name: str, summary: DebugFileSummary, data: Buffer) -> Identity:
    called = base_name(summary.image_name or name)
    only = _MAPS.get(summary.format) if kind == MAPS else _KERNEL_FILE if summary.format == "kallsyms" else None
    own = (("code_id", summary.code_id), ("debug_id", summary.debug_id), ("name", called), ("name", only))
    modules = ((MVID, mvid_of(data)),) if summary.kind == ASSEMBLY else ()
    ids = (*own, *modules, *(("code_id", unit) for unit in summary.split_ids))
    keys = frozenset(Key(kind, by, value) for by, value in ids if value)
    details = dict(details_of(summary))
    if _knows_sources(summary):
        details["sources"] = described(data, select())
    return Identity(kind, keys, label_of(summary), details)


IDENTIFIER = DebugFileIdentifier()
