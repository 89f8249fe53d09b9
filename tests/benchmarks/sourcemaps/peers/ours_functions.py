"""Our compiled core: the source index, then the functions of the minified file, one after the other."""

from typing import Any

from symbolicator import _core
from tests.benchmarks.sourcemaps.peers.ours import Index, answers, index_size, lookups, prepare, trace, version

__all__ = ["answers", "index_size", "lookups", "prepare", "ready", "trace", "version"]

core: Any = _core


def ready(source_map: bytes, bundle: bytes) -> Index:
    index = Index(core.build_source_index(source_map)[0])
    functions = core.build_function_index(bundle)
    core.FunctionIndex.from_bytes(functions)
    index.size += len(functions)
    return index
