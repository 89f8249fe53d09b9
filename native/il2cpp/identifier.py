"""Knows what Unity's build leaves beside an IL2CPP image: line mappings and method maps.

Neither says which build it is of, but for a line mapping that sentry-cli made, which has the image's debug id. So they
are found by the names that Unity gives them, and a line mapping is used only where it has the frame's file of C++; a
method map only where it has the frame's function, whose name is a hash of the method.
"""

import re
from pathlib import PurePosixPath

from native.il2cpp.line_mapping import DEBUG_ID, LineMapping, read_mapping
from native.il2cpp.method_map import MethodMap, is_method_map
from symbolicator.model.debug_ids import normal_debug_id
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

LINES = "il2cpp-lines"
"""Kind of artifact: lines of C# by lines of C++, opened as `LineMapping`."""
METHODS = "il2cpp-methods"
"""Kind of artifact: methods by functions, opened as `MethodMap`."""
MAPPING_NAME, METHOD_MAP_NAME = "LineNumberMappings.json", "MethodMap.tsv"
"""What Unity's build calls the two."""
_HEAD = 4096
_BEGIN = re.compile(
    rb'\s{0,20}\{\s{0,20}"(?:__debug-id__"|[^"\n]{1,2000}\.(?:cpp|c|h|mm?)"\s{0,20}:\s{0,20}\{\s{0,20}")'
)
_DEBUG_ID = re.compile(rb'"__debug-id__"\s{0,20}:\s{0,20}\{\s{0,20}"([0-9A-Fa-f-]{32,45})"')
_UNIFIED = re.compile(r"(?:.*/)?([0-9a-f]{2})/([0-9a-f]{30,48})/il2cpp\Z", re.DOTALL)
"""Where symbol servers of Sentry's unified layout keep the mapping of an image: its debug id."""


class Il2CppIdentifier:
    """Knows both files by their content."""

    name = "IL2CPP mappings"
    kinds = frozenset({LINES, METHODS})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """A line mapping or a method map; empty if it is neither."""
        if name.lower().endswith(".tsv"):
            return (_method_map(),) if is_method_map(data) else ()
        is_named = PurePosixPath(name).name == MAPPING_NAME
        if not is_named and not _BEGIN.match(bytes(data[:_HEAD])):
            return ()
        return (_line_mapping(name, data),)

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> LineMapping | MethodMap:  # noqa: ARG002 - needs no index
        """Reads either file. Raises `symbolicator.errors.MalformedArtifact`."""
        if kind == METHODS:
            return MethodMap(blob)
        with blob.open() as data:
            return read_mapping(data, blob.name)


def _line_mapping(name: str, data: Buffer) -> Identity:
    found, unified = _DEBUG_ID.search(bytes(data)) if DEBUG_ID.encode() in bytes(data) else None, _UNIFIED.match(name)
    raw = found[1].decode() if found else unified[1] + unified[2] if unified else None
    debug_id = normal_debug_id(raw) if raw else None
    details = {"format": "IL2CPP line mapping", "debug id": debug_id or "none: found by the paths in it"}
    keys = frozenset({Key(LINES, "name", MAPPING_NAME), *((Key(LINES, "debug_id", debug_id),) if debug_id else ())})
    return Identity(LINES, keys, "IL2CPP line mapping", details)


def _method_map() -> Identity:
    keys = frozenset({Key(METHODS, "name", METHOD_MAP_NAME)})
    return Identity(METHODS, keys, "IL2CPP method map", {"format": "IL2CPP method map"})


IDENTIFIER = Il2CppIdentifier()
