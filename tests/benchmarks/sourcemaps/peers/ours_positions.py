"""Our compiled core, positions only: the index without the texts of the sources."""

from symbolicator import _core
from tests.benchmarks.sourcemaps.peers.ours import Index, answers, index_size, lookups, prepare, trace, version

__all__ = ["answers", "index_size", "lookups", "prepare", "ready", "trace", "version"]


def ready(source_map: bytes, _bundle: bytes) -> Index:
    return Index(_core.build_source_index(source_map, texts=False)[0])
