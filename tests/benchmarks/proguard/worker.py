"""One measure of one peer, in a process of its own: ``worker PEER MEASURE``.

- ``bare``: nothing; the peak memory of the process is what the language and the imports take.
- ``ready``: seconds from the mapping file to the first answer. Ours builds its index, writes it and opens it again.
- ``open``: seconds from what is kept between processes to the first answer; symbolic keeps nothing.
- ``lookups``: seconds a frame over all of them, the median of five passes: ``seconds`` until the answers are there,
  ``read`` until class, method, file and line of every call were read.
"""

import json
import mmap
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module, metadata
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from tests.benchmarks.proguard.inputs import FRAMES, INDEX, MAPPING

PASSES = 5


class Peer(Protocol):
    """A way to read a mapping file."""

    def build(self) -> Any:
        """From the mapping file."""

    def open(self) -> Any:
        """From what is kept."""

    def lookups(self, index: Any, frames: Sequence[tuple[str, str, int]]) -> Any: ...
    def read(self, answers: Any) -> int:
        """Reads every call of the answers; how many there are."""


class Ours:
    """The compiled core, one stack a call."""

    def __init__(self) -> None:
        self._core: Any = import_module("symbolicator._core")

    def build(self) -> Any:
        with MAPPING.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            built = self._core.build_proguard_index(data)
        INDEX.write_bytes(built)
        return self.open()

    def open(self) -> Any:
        return self._core.ProguardIndex.open(str(INDEX))

    def lookups(self, index: Any, frames: Sequence[tuple[str, str, int]]) -> Any:
        return index.lookup([(class_name, method, line, None, None) for class_name, method, line in frames])

    def read(self, answers: Any) -> int:
        calls = [call for answer in answers for calls in answer.alternatives for call in calls]
        return len([(call.class_name, call.method, call.file, call.line) for call in calls])


class Symbolic:
    """PyPI symbolic, ProguardMapper: one frame a call, which reads everything."""

    def __init__(self) -> None:
        self._proguard: Any = import_module("symbolic.proguard")

    def build(self) -> Any:
        return self._proguard.ProguardMapper.open(str(MAPPING))

    def open(self) -> Any:
        return self.build()

    def lookups(self, index: Any, frames: Sequence[tuple[str, str, int]]) -> Any:
        return [index.remap_frame(class_name, method, line) for class_name, method, line in frames]

    def read(self, answers: Any) -> int:
        return sum(map(len, answers))


def _bare(_peer: Peer) -> dict[str, Any]:
    return {}


def _ready(peer: Peer) -> dict[str, Any]:
    started = time.perf_counter()
    peer.lookups(peer.build(), _frames()[:1])
    return {"seconds": time.perf_counter() - started, "index": INDEX.stat().st_size if INDEX.exists() else None}


def _open(peer: Peer) -> dict[str, Any]:
    [first] = _frames()[:1]
    started = time.perf_counter()
    peer.lookups(peer.open(), [first])
    return {"seconds": time.perf_counter() - started}


def _lookups(peer: Peer) -> dict[str, Any]:
    frames, index = _frames(), peer.open()
    seconds, read, calls = [], [], 0
    for _ in range(PASSES):
        started = time.perf_counter()
        answers = peer.lookups(index, frames)
        seconds.append((time.perf_counter() - started) / len(frames))
        calls = peer.read(answers)
        read.append((time.perf_counter() - started) / len(frames))
    return {"seconds": median(seconds), "read": median(read), "calls": calls}


def _frames() -> list[tuple[str, str, int]]:
    return [(class_name, method, line) for class_name, method, line in json.loads(FRAMES.read_text())]


MEASURES: dict[str, Callable[[Peer], dict[str, Any]]] = {
    "bare": _bare,
    "ready": _ready,
    "open": _open,
    "lookups": _lookups,
}
PEERS: dict[str, Callable[[], Peer]] = {"ours": Ours, "symbolic": Symbolic}


def main(peer: str, measure: str) -> dict[str, Any]:
    """Runs one measure. Ends the process with `fresh.NOT_HERE` if the peer is not installed."""
    try:
        made = PEERS[peer]()
    except ImportError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(3) from error
    package = {"ours": "symbolicator", "symbolic": "symbolic"}[peer]
    return {"version": metadata.version(package), **MEASURES[measure](made)}


if __name__ == "__main__":
    Path.mkdir(INDEX.parent, parents=True, exist_ok=True)
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2])) + "\n")
