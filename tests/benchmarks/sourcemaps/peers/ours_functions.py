"""Our compiled core: the source index, then the functions of the minified file, one after the other."""

from symbolicator import _core
from tests.benchmarks.sourcemaps.peers.ours import Index, answers, index_size, lookups, prepare, trace, version

__all__ = ["answers", "index_size", "lookups", "prepare", "ready", "trace", "version"]


def ready(source_map: bytes, bundle: bytes) -> Index:
    index = Index(_core.build_source_index(source_map)[0])
    functions = _core.build_function_index(bundle)
    _core.FunctionIndex.from_bytes(functions)
    index.size += len(functions)
    return index
