"""One measure of one Python peer, in a process of its own: ``worker PEER MEASURE FOLDER``.

- ``bare``: nothing; the peak memory of the process is what the language and the imports take.
- ``ready``: seconds from the map's bytes in memory to the first answer, and the time of all threads in it.
- ``lookups``: seconds a position over all of them, the median of five passes (fewer for the slow); the answers go
  into the folder.
- ``prepare``: writes whatever the peer keeps between processes.
- ``cold``: seconds from nothing but files to a trace of 30 frames with names and source lines, imports excluded.

`worker.mjs` does the same for JavaScript peers.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Position: TypeAlias = tuple[int, int]
"""Line and column, both 0-based; columns in UTF-16 units."""
Answer: TypeAlias = tuple[str | None, int, int] | None
"""Source, line0, column0; None where nothing is mapped."""

PASSES = 5
BUDGET_S = 8.0
"""No further pass starts after this."""
FRAMES = 30
READS_BUNDLE = frozenset({"ours_functions", "ours_functions_beside", "symbolic_cache"})
"""Whose getting ready takes the minified file too."""
CONTEXT = 5
"""Source lines shown before and after a frame's own."""


class Peer(Protocol):
    """What a module in `peers` offers. ``index`` is whatever `ready` returned."""

    def version(self) -> str: ...
    def ready(self, source_map: bytes, bundle: bytes) -> Any: ...
    def index_size(self, index: Any) -> int | None:
        """Bytes of what the peer keeps between processes; None where it keeps nothing."""

    def lookups(self, index: Any, positions: Sequence[Position]) -> Any:
        """All positions in whatever way is fastest with this peer; the result is handed to `answers`."""

    def answers(self, index: Any, looked_up: Any) -> list[Answer]: ...
    def prepare(self, folder: Path) -> None: ...
    def trace(self, folder: Path, positions: Sequence[Position]) -> list[Any]:
        """Opens what is in the folder and returns name and source lines of every position."""


def main(name: str, measure: str, folder: Path) -> dict[str, Any]:
    peer = _load(name)
    return {"version": peer.version(), **MEASURES[measure](peer, folder, name)}


def _load(name: str) -> Peer:
    """A peer's module. Ends the process with `fresh.NOT_HERE` if what it needs is not installed."""
    try:
        peer: Any = importlib.import_module(f"tests.benchmarks.sourcemaps.peers.{name}")
    except ImportError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(3) from error
    loaded: Peer = peer
    return loaded


def _bare(_peer: Peer, _folder: Path, _name: str) -> dict[str, Any]:
    return {}


def _ready(peer: Peer, folder: Path, name: str) -> dict[str, Any]:
    source_map = (folder / "bundle.js.map").read_bytes()
    bundle = (folder / "bundle.js").read_bytes() if name in READS_BUNDLE else b""
    started, busy = time.perf_counter(), time.process_time()
    index = peer.ready(source_map, bundle)
    peer.lookups(index, [(0, 0)])
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "busy": time.process_time() - busy, "index_size": peer.index_size(index)}


def _lookups(peer: Peer, folder: Path, name: str) -> dict[str, Any]:
    index = peer.ready((folder / "bundle.js.map").read_bytes(), (folder / "bundle.js").read_bytes())
    positions = _positions(folder)
    seconds: list[float] = []
    while len(seconds) < PASSES and sum(seconds) < BUDGET_S:
        started = time.perf_counter()
        looked_up = peer.lookups(index, positions)
        seconds.append(time.perf_counter() - started)
    (folder / f"{name}.answers.json").write_text(json.dumps(peer.answers(index, looked_up)))
    return {"seconds": sorted(seconds)[len(seconds) // 2] / len(positions), "passes": len(seconds)}


def _prepare(peer: Peer, folder: Path, _name: str) -> dict[str, Any]:
    peer.prepare(folder)
    return {}


def _cold(peer: Peer, folder: Path, _name: str) -> dict[str, Any]:
    positions = _positions(folder)[:FRAMES]
    started = time.perf_counter()
    frames = peer.trace(folder, positions)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "frames": len(frames)}


def _positions(folder: Path) -> list[Position]:
    loaded: list[tuple[int, int]] = [
        (line, column) for line, column in json.loads((folder / "positions.json").read_text())
    ]
    return loaded


MEASURES: dict[str, Callable[[Peer, Path, str], dict[str, Any]]] = {
    "bare": _bare,
    "ready": _ready,
    "lookups": _lookups,
    "prepare": _prepare,
    "cold": _cold,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))) + "\n")
