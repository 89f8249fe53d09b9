"""Knows debug files among artifacts: what each is, under which ids and names it is found, and how it is opened.

ELF, Mach-O (thin and universal), PE, PDB, WebAssembly and Breakpad files. One file may serve several uses, each an
identity of its own: ``native-debug`` where it has debug information, ``native-symbols`` where it has a symbol table,
``native`` always. A stripped binary and its debug file share an id, so the transformer asks for debug information
first, then for symbols, and for the headers alone to say what is wrong. Each file in a universal binary is an identity,
and each library in an Android package or other zip file.

Without the compiled core ELF files alone are read; the others are known, and say what they need.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.archives import Member, MemberBlob, is_archive, members, opened
from native.backends import select
from native.debug_files import DEBUG, HEADERS, SYMBOLS
from native.elf.layout import MAGIC as ELF_MAGIC
from native.elf.summary import summarize as summarize_elf
from native.images import base_name, in_archive
from native.magic import format_of, title
from native.protocol import DebugFileSummary, SymCache
from native.source_links import FORMATS as LINKED
from native.source_links import Linked
from native.symbol_maps import HiddenNames
from native.universal import Universal, UniversalHeaders
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

_ID_NAMES = {"elf": "build id", "macho": "code id", "pe": "code id", "wasm": "build id", "breakpad": "code id"}
_FAST_LINK = "fast link"
"""Kind of a PDB that is of no use without the object files; whoever asks for it hears so."""
_LINKED_WITH = {"elf": "link with -Wl,--build-id", "wasm": "link with -Wl,--build-id"}


class DebugFileIdentifier:
    """Knows debug files by their first bytes."""

    name = "debug files"
    kinds = frozenset({DEBUG, SYMBOLS, HEADERS})

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
        return tuple(_identity(kind, name, summary) for summary in summaries for kind in _uses(summary))

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> object:
        """Opens a file for its use. Raises `symbolicator.errors.MalformedArtifact`.

        Headers come as `DebugFileSummary`, anything else as `SymCache`; of several files in one as `UniversalHeaders`
        and `Universal`.
        """
        with blob.open() as data:
            is_in_archive = is_archive(data)
            summaries = _members_of(data) if is_in_archive else _summarize(data)
        is_only = len(summaries) == 1 and not is_in_archive
        if kind == HEADERS:
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
    return [summarize_elf(data)] if bytes(data[:4]) == ELF_MAGIC else select().summarize_all(data)


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
            identity = _identity(kind, path, summary)
            place = () if offset is None else (Key(kind, "name", in_archive(base_name(name), offset)),)
            yield replace(identity, keys=identity.keys.union(place), label=f"{path}: {identity.label}")


def _uses(summary: DebugFileSummary) -> Iterator[str]:
    if summary.has_debug_info:
        yield DEBUG
    if summary.has_symbols:
        yield SYMBOLS
    yield HEADERS


def _damaged(name: str, file_format: str, error: MalformedArtifact) -> Identity:
    """Found by its name, so that whoever looks for it hears that it is damaged and not that it is missing."""
    keys = frozenset(Key(kind, "name", base_name(name)) for kind in (DEBUG, HEADERS) if base_name(name))
    shown = title(file_format)
    return Identity(HEADERS, keys, f"damaged {shown} file", {"format": shown, "damage": str(error)})


def _identity(kind: str, name: str, summary: DebugFileSummary) -> Identity:
    called = base_name(summary.image_name or name)
    ids = (("code_id", summary.code_id), ("debug_id", summary.debug_id), ("name", called))
    keys = frozenset(Key(kind, by, value) for by, value in ids if value)
    return Identity(kind, keys, _label(summary), dict(_details(summary)))


def _label(summary: DebugFileSummary) -> str:
    return f"{title(summary.format)} {summary.kind}, {summary.arch}, {_content(summary)}"


def _content(summary: DebugFileSummary) -> str:
    if summary.kind == _FAST_LINK:
        return "without debug information"
    if summary.has_debug_info:
        return "with debug information"
    return "with symbols, without debug information" if summary.has_symbols else "stripped"


def _details(summary: DebugFileSummary) -> Iterator[tuple[str, str]]:
    yield "format", title(summary.format)
    if summary.image_name:
        yield "image", summary.image_name
    yield "architecture", summary.arch
    if summary.code_id or summary.format in _LINKED_WITH:
        advice = _LINKED_WITH.get(summary.format, "")
        yield _ID_NAMES.get(summary.format, "code id"), summary.code_id or f"none ({advice})"
    yield "debug id", summary.debug_id or "none"
    if summary.debug_link:
        yield "debug file", summary.debug_link
    yield "resolves", _abilities(summary)


def _abilities(summary: DebugFileSummary) -> str:
    if summary.kind == _FAST_LINK:
        return "nothing: link with /DEBUG:FULL, or run mspdbcmf.exe on it where it was built"
    if summary.has_debug_info:
        hidden = "; names with the symbol map (.bcsymbolmap) of the build" if summary.has_hidden_names else ""
        return f"functions, inlined calls, files and lines{hidden}"
    if summary.has_debug_map:
        return "function names; run dsymutil on it where it was built for the rest"
    if summary.has_symbols:
        return "function names"
    return "nothing: it is stripped; its debug file is needed"


IDENTIFIER = DebugFileIdentifier()
