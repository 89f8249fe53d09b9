"""Our compiled core: an array of addresses in, arrays of frames out, each string fetched once."""

import mmap
from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from symbolicator import _core
from tests.benchmarks.native.worker import Chains, plain_name

NONE = 0xFFFFFFFF
WIDTH = 8
"""Numbers in a frame record: names at 0 and 1, file at 2, line at 3, column at 4."""


class Strings(dict[int, str | None]):
    """The strings of an index, kept once they were asked for."""

    def __init__(self, opened: _core.SymCache) -> None:
        super().__init__({NONE: None})
        self._opened = opened

    def __missing__(self, key: int) -> str:
        self[key] = text = self._opened.string(key)
        return text


class Opened:
    """An index and the strings fetched from it."""

    def __init__(self, symcache: _core.SymCache) -> None:
        self.symcache = symcache
        self.strings = Strings(symcache)


def version() -> str:
    return _core.__version__


def convert(file: Path) -> bytes:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return _core.build_symcache(view)
        finally:
            view.release()


def open_file(file: Path) -> Opened:
    """There is no way yet but through a whole index."""
    return Opened(_core.SymCache.from_bytes(convert(file)))


def open_index(index: Path) -> Opened:
    return Opened(_core.SymCache.open(str(index)))


def chains(opened: Opened, addresses: Sequence[int]) -> Chains:
    bounds, numbers = _lookup(opened, addresses)
    return _chains(opened, bounds, numbers, map(opened.strings.__getitem__, numbers[0::WIDTH]))


def linkage_chains(opened: Opened, addresses: Sequence[int]) -> Chains:
    bounds, numbers = _lookup(opened, addresses)
    text = opened.strings.__getitem__
    both = zip(map(text, numbers[0::WIDTH]), map(text, numbers[1::WIDTH]), strict=True)
    return _chains(opened, bounds, numbers, (mangled or plain_name(function) for function, mangled in both))


def _lookup(opened: Opened, addresses: Sequence[int]) -> tuple[list[int], list[int]]:
    """Where the frames of each address end, from 0 on, and the numbers of all frames."""
    base = opened.symcache.load_address
    ends, frames = opened.symcache.lookup(array("Q", [address - base for address in addresses]))
    return [0, *memoryview(ends).cast("I")], memoryview(frames).cast("I").tolist()


def _chains(opened: Opened, bounds: list[int], numbers: list[int], names: Iterable[str | None]) -> Chains:
    files = map(opened.strings.__getitem__, numbers[2::WIDTH])
    calls = list(zip(names, files, numbers[3::WIDTH], numbers[4::WIDTH], strict=True))
    return [calls[start:end] for start, end in pairwise(bounds)]
