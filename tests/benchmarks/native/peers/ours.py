"""Our compiled core: an array of addresses in, the chains out."""

import mmap
from array import array
from collections.abc import Sequence
from pathlib import Path

from symbolicator import _core
from tests.benchmarks.native.worker import Chains, plain_name


def version() -> str:
    return _core.__version__


def convert(file: Path) -> bytes:
    return _built(file, None)


def open_file(file: Path, addresses: Sequence[int]) -> _core.SymCache:
    """What the addresses need, and no more."""
    return _core.SymCache.from_bytes(_built(file, array("Q", addresses)))


def _built(file: Path, addresses: "array[int] | None") -> bytes:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return _core.build_symcache(view, addresses=addresses)
        finally:
            view.release()


def open_index(index: Path) -> _core.SymCache:
    return _core.SymCache.open(str(index))


def lookup(opened: _core.SymCache, addresses: Sequence[int]) -> Sequence[object]:
    return opened.chains(array("Q", addresses))


def linkage_chains(opened: _core.SymCache, addresses: Sequence[int]) -> Chains:
    return [
        [(call.symbol or plain_name(call.function), call.file, call.line or 0, call.column or 0) for call in chain]
        for chain in opened.chains(array("Q", addresses))
    ]
