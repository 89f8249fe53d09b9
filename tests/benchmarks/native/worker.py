"""One measure of one peer with a Python API, in a process of its own: ``worker PEER MEASURE FILE FOLDER``.

- ``convert``: seconds from the debug file to the bytes of an index.
- ``prepare``: writes that index into the folder.
- ``first``: seconds to a trace of 30 frames where no index is kept; its process is timed from outside, too.
- ``cold``: seconds from a kept index to a trace of 30 frames, imports excluded; likewise.
- ``warm``: seconds an address over all of them, the median of five passes; the answers go into the folder.

`pipes.py` does the same for command-line tools.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Call: TypeAlias = tuple[str | None, str | None, int, int]
"""Function, file, line and column (1-based, 0 unknown) of one call of an inline chain."""
Chains: TypeAlias = list[list[Call]]
"""A chain an address, innermost call first."""

PASSES = 5
FRAMES = 30


class Peer(Protocol):
    """What a module in `peers` offers. Addresses are image-relative."""

    def version(self) -> str: ...
    def convert(self, file: Path) -> bytes: ...
    def open_file(self, file: Path, addresses: Sequence[int]) -> Any:
        """The debug file ready for lookups of these addresses, where no index is kept."""

    def open_index(self, index: Path) -> Any: ...
    def lookup(self, opened: Any, addresses: Sequence[int]) -> Sequence[object]:
        """In whatever way is fastest with this peer, every answer as Python strings and numbers."""

    def linkage_chains(self, opened: Any, addresses: Sequence[int]) -> Chains:
        """With mangled names, which no demangler comes between; plain ones where there are none."""


def main(name: str, measure: str, file: Path, folder: Path) -> dict[str, Any]:
    peer = _load(name)
    return {"version": peer.version(), **MEASURES[measure](peer, file, folder, name)}


def _load(name: str) -> Peer:
    """A peer's module. Ends the process with `fresh.NOT_HERE` if what it needs is not installed."""
    try:
        peer: Any = importlib.import_module(f"tests.benchmarks.native.peers.{name}")
    except ImportError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(3) from error
    loaded: Peer = peer
    return loaded


def addresses_in(folder: Path) -> list[int]:
    """The virtual addresses to ask for, drawn by `inputs`."""
    addresses: list[int] = json.loads((folder / "addresses.json").read_text())
    return addresses


def _relative(folder: Path) -> list[int]:
    base = json.loads((folder / "base.json").read_text())
    return [address - base for address in addresses_in(folder)]


def plain_name(function: str | None) -> str | None:
    """Name without namespaces: what llvm-symbolizer prints of a function that has no mangled name."""
    depth, start = 0, 0
    for at, letter in enumerate(function or ""):
        depth += (letter in "<(") - (letter in ">)")
        if letter == ":" and depth == 0:
            start = at + 1
    return function and function[start:]


def _index(folder: Path, name: str) -> Path:
    return folder / f"{name}.index"


def _convert(peer: Peer, file: Path, _folder: Path, _name: str) -> dict[str, Any]:
    started = time.perf_counter()
    size = len(peer.convert(file))
    return {"seconds": time.perf_counter() - started, "index_size": size}


def _prepare(peer: Peer, file: Path, folder: Path, name: str) -> dict[str, Any]:
    _index(folder, name).write_bytes(peer.convert(file))
    return {}


def _first(peer: Peer, file: Path, folder: Path, _name: str) -> dict[str, Any]:
    addresses = _relative(folder)[:FRAMES]
    started = time.perf_counter()
    chains = peer.lookup(peer.open_file(file, addresses), addresses)
    return {"seconds": time.perf_counter() - started, "frames": len(chains)}


def _cold(peer: Peer, _file: Path, folder: Path, name: str) -> dict[str, Any]:
    addresses = _relative(folder)[:FRAMES]
    started = time.perf_counter()
    chains = peer.lookup(peer.open_index(_index(folder, name)), addresses)
    return {"seconds": time.perf_counter() - started, "frames": len(chains)}


def _warm(peer: Peer, file: Path, folder: Path, name: str) -> dict[str, Any]:
    index, addresses = _index(folder, name), _relative(folder)
    opened = peer.open_index(index) if index.exists() else peer.open_file(file, addresses)
    peer.lookup(opened, addresses)
    seconds = [_timed(peer, opened, addresses) for _ in range(PASSES)]
    (folder / f"{name}.answers.json").write_text(json.dumps(peer.linkage_chains(opened, addresses)))
    return {"seconds": sorted(seconds)[len(seconds) // 2] / len(addresses), "passes": PASSES}


def _timed(peer: Peer, opened: Any, addresses: Sequence[int]) -> float:
    started = time.perf_counter()
    peer.lookup(opened, addresses)
    return time.perf_counter() - started


MEASURES: dict[str, Callable[[Peer, Path, Path, str], dict[str, Any]]] = {
    "convert": _convert,
    "prepare": _prepare,
    "first": _first,
    "cold": _cold,
    "warm": _warm,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))) + "\n")
