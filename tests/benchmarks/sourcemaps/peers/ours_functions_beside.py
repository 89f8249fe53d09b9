"""Our compiled core: the source index and the functions of the minified file at the same time, on two threads."""

from concurrent.futures import ThreadPoolExecutor

from symbolicator import _core
from tests.benchmarks.sourcemaps.peers.ours import Index, answers, index_size, lookups, prepare, trace, version

__all__ = ["answers", "index_size", "lookups", "prepare", "ready", "trace", "version"]


def ready(source_map: bytes, bundle: bytes) -> Index:
    with ThreadPoolExecutor(1) as beside:
        functions = beside.submit(_core.build_function_index, bundle)
        index = Index(_core.build_source_index(source_map)[0])
        _core.FunctionIndex.from_bytes(functions.result())
    index.size += len(functions.result())
    return index
