"""Knows the artifacts of JavaScript: source maps, generated files with what they say about their map, Hermes bytecode.

Files are known by content; only a generated file that says nothing about a map is known by its suffix. Keys:

=============  ========================================================================================
``sourcemap``  ``debug_id``; ``url``, its own name; ``generated``, the name of the file that it describes
``minified``   ``url``, its own name; ``debug_id``
=============  ========================================================================================

A generated file with its map embedded is both.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps import backends
from sourcemaps.javascript.columns import WideCharacters
from sourcemaps.javascript.data_urls import decode_data_url
from sourcemaps.javascript.minified import MinifiedFile, embedded_map_url, parse_minified
from sourcemaps.javascript.urls import resolve, without_query
from sourcemaps.protocol import SourceMapSummary
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

SOURCE_MAP = "sourcemap"
MINIFIED = "minified"
HERMES = "hermes-bytecode"

_HEAD_BYTES = 4096
_HERMES_MAGIC = 0x1F1903C103BC1FC6.to_bytes(8, "little")
_JSON_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?(?:\)\]\}'[^\n\r]*)?\s*\{")
_MAP_FIELD = re.compile(rb'"(?:mappings|sections)"\s*:')
_MAP_SHAPE = re.compile(rb'"(?:mappings"\s*:\s*"|sections"\s*:\s*\[)')
_VERSION = re.compile(rb'"version"\s*:')
_SCRIPT_NAME = re.compile(r"\.(?:[mc]?js|bundle|jsbundle)\Z", re.IGNORECASE)
_OTHER_NAME = re.compile(r"\.(?:css|scss|less|html?|map|json|md)\Z", re.IGNORECASE)
_COMMENT = re.compile(rb"sourceMappingURL=|debugId=|sentry-dbid-")
_TAIL_BYTES = 64 * 1024


class JavaScriptIdentifier:
    """Identifies and opens source maps and generated files."""

    name = "JavaScript"
    kinds = frozenset({SOURCE_MAP, MINIFIED})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """What the file is; empty if it has nothing to do with JavaScript. Never raises."""
        head = bytes(data[:_HEAD_BYTES])
        if head.startswith(_HERMES_MAGIC):
            return (_hermes(head),)
        if _JSON_OBJECT.match(head) and (found := _source_map_file(name, data)):
            return (found,)
        if b"\0" in head or not _may_be_script(name, data):
            return ()
        return tuple(_script(name, data))

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> object:
        """A `SourceIndex` for a source map, a `MinifiedFile` for a generated file. Raises MalformedArtifact."""
        if kind == MINIFIED:
            with blob.open() as data:
                file = parse_minified(data)
            functions = backends.select().generated_functions(blob, cache)
            return replace(file, wide=WideCharacters(blob), functions=functions)
        if kind == SOURCE_MAP:
            return backends.select().load(_map_blob(blob), cache)
        raise MalformedArtifact(f"{blob.name} cannot be used: pass the source map of the build instead.")


IDENTIFIER = JavaScriptIdentifier()


def _hermes(head: bytes) -> Identity:
    version = int.from_bytes(head[8:12], "little")
    label = (
        f"Hermes bytecode version {version}; its composed source map (Metro's and hermesc's in one) is what resolves"
    )
    return Identity(HERMES, frozenset(), label, {"bytecode version": str(version)})


def _source_map_file(name: str, data: Buffer) -> Identity | None:
    """A source map by its fields; also a damaged one, so that the user is told rather than left to search."""
    if not _MAP_FIELD.search(data):
        return None
    is_named_so = without_query(name).endswith(".map")
    if not is_named_so and not (_MAP_SHAPE.search(data) and _VERSION.search(data)):
        return None
    try:
        summary = backends.select().summarize(data)
    except MalformedArtifact as error:
        return Identity(SOURCE_MAP, _own_keys(name, None), "source map that cannot be read", {"error": str(error)})
    return _source_map(name, summary)


def _source_map(name: str, summary: SourceMapSummary) -> Identity:
    keys = _own_keys(name, summary.file)
    if summary.debug_id:
        keys |= {Key(SOURCE_MAP, "debug_id", summary.debug_id)}
    of_file = f" of {summary.file}" if summary.file else ""
    label = f"source map{of_file}, {_counted(len(summary.sources), 'source')}"
    return Identity(SOURCE_MAP, keys, label, _summary_details(summary))


def _own_keys(name: str, file: str | None) -> frozenset[Key]:
    """Where a map lies, and which generated file it describes: ``file`` beside it, or its own name without ``.map``."""
    generated = described_file(name, file)
    keys = {Key(SOURCE_MAP, "url", name)}
    if generated != without_query(name):
        keys.add(Key(SOURCE_MAP, "generated", generated))
    return frozenset(keys)


def described_file(name: str, file: str | None) -> str:
    """The generated file that a map at ``name`` describes, given what it says in ``file``."""
    bare = without_query(name)
    return resolve(bare, file) if file else bare.removesuffix(".map")


def _summary_details(summary: SourceMapSummary) -> dict[str, str]:
    details = {
        "debug id": summary.debug_id,
        "generated file": summary.file,
        "sources": f"{len(summary.sources)}, {summary.sources_with_content} with their text",
        "names": str(summary.names),
        "sections": str(summary.sections) if summary.sections else None,
    }
    return {label: value for label, value in details.items() if value}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _may_be_script(name: str, data: Buffer) -> bool:
    """By its suffix, or by a comment near one of its ends: all that is looked at in a file of another kind."""
    bare = without_query(name)
    if _OTHER_NAME.search(bare):
        return False
    return bool(
        _SCRIPT_NAME.search(bare) or _COMMENT.search(data[-_TAIL_BYTES:]) or _COMMENT.search(data[:_HEAD_BYTES])
    )


def _script(name: str, data: Buffer) -> Iterator[Identity]:
    file = parse_minified(data)
    if not file.points_to_map and not _SCRIPT_NAME.search(without_query(name)):
        return
    yield _minified(name, file)
    if file.embedded:
        yield _embedded_map(name, data, file.debug_id)


def _minified(name: str, file: MinifiedFile) -> Identity:
    keys = {Key(MINIFIED, "url", name)}
    if file.debug_id:
        keys.add(Key(MINIFIED, "debug_id", file.debug_id))
    where = "embedded" if file.embedded else file.source_map_url
    details = {"source map": where, "debug id": file.debug_id}
    return Identity(
        MINIFIED, frozenset(keys), _minified_label(file), {label: value for label, value in details.items() if value}
    )


def _minified_label(file: MinifiedFile) -> str:
    if file.embedded:
        return "generated JavaScript with its source map inside"
    if file.source_map_url:
        return f"generated JavaScript, source map {file.source_map_url}"
    if file.debug_id:
        return f"generated JavaScript, debug id {file.debug_id}"
    return "JavaScript" if file.lines else "JavaScript that names no source map"


def _embedded_map(name: str, data: Buffer, debug_id: str | None) -> Identity:
    keys = {Key(SOURCE_MAP, "url", name), Key(SOURCE_MAP, "generated", without_query(name))}
    if debug_id:
        keys.add(Key(SOURCE_MAP, "debug_id", debug_id))
    try:
        summary = backends.select().summarize(decode_data_url(embedded_map_url(data) or ""))
    except MalformedArtifact as error:
        return Identity(
            SOURCE_MAP, frozenset(keys), "source map inside its file, which cannot be read", {"error": str(error)}
        )
    if summary.debug_id:
        keys.add(Key(SOURCE_MAP, "debug_id", summary.debug_id))
    label = f"source map inside its file, {_counted(len(summary.sources), 'source')}"
    return Identity(SOURCE_MAP, frozenset(keys), label, _summary_details(summary))


class _EmbeddedMap(Struct, frozen=True):
    """The map inside a generated file, as a blob of its own: its index is cached by its own content."""

    name: str
    data: bytes

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def stamp(self) -> str:
        return self.content_hash

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        with memoryview(self.data) as view:
            yield view


def _map_blob(blob: Blob) -> Blob:
    """The blob itself, or what a generated file embeds."""
    with blob.open() as data:
        if _JSON_OBJECT.match(data[:_HEAD_BYTES]):
            return blob
        url = embedded_map_url(data)
        if url is None:
            return blob
        return _EmbeddedMap(blob.name, decode_data_url(url))
