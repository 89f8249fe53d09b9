"""The source maps that are measured: npm packages, bundled and minified by esbuild.

Each is a folder in the cache with ``bundle.js``, ``bundle.js.map`` and ``positions.json``: 10,000 pairs of line0 and
column0, columns in UTF-16 units, drawn uniformly over the bundle's code units with a fixed seed, the same for all.
"""

import json
import random
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from tests.benchmarks.fresh import CACHE, PeerMissing, newer, python, run, say

HERE = Path(__file__).parent
PACKAGES = HERE.parent
POSITIONS = 10_000
SEED = 20_260_427


@dataclass(frozen=True, slots=True)
class Input:
    """A map to measure, ready in ``folder``."""

    name: str
    folder: Path

    @property
    def size(self) -> int:
        """Bytes of the map."""
        return (self.folder / "bundle.js.map").stat().st_size

    @property
    def title(self) -> str:
        return f"{_sized(self.size)} map"

    @property
    def about(self) -> str:
        """What it is, in a line."""
        code = (self.folder / "bundle.js").stat().st_size
        return f"{self.title}: {self.name}.ts, {_sized(code)} of minified JavaScript"


def _sized(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.1f} kB"


BUNDLES = ("small", "medium", "large")


def inputs() -> list[Input]:
    """Everything to measure, made now where it is not in the cache. What cannot be made is said and left out."""
    found: list[Input] = []
    for name in BUNDLES:
        try:
            found.append(_from_packages(name))
        except PeerMissing as error:
            say(f"source map {name}: cannot be bundled ({error})")
    return found


def _from_packages(name: str) -> Input:
    folder = _folder(name)
    entry = HERE / f"{name}.ts"
    if not newer(folder / "bundle.js.map", [entry, PACKAGES / "package.json"]):
        say(f"source map {name}: bundling")
        run(_esbuild(entry, folder / "bundle.js"))
    return _with_positions(Input(name, folder))


def _esbuild(entry: Path, bundle: Path) -> list[str]:
    options = "--bundle --minify --sourcemap --format=esm --platform=node --loader:.ttf=empty --loader:.css=empty"
    program = str(PACKAGES / "node_modules" / ".bin" / "esbuild")
    return [program, str(entry), *options.split(), "--log-level=error", f"--outfile={bundle}"]


def _folder(name: str) -> Path:
    folder = CACHE / "sourcemaps" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _with_positions(made: Input) -> Input:
    """Draws the positions in a process of its own, so that this one stays small."""
    if not newer(made.folder / "positions.json", [made.folder / "bundle.js", Path(__file__)]):
        run(python("sourcemaps.inputs", str(made.folder)))
    return made


def draw(folder: Path) -> None:
    """Writes ``positions.json`` of a folder with a bundle."""
    text = (folder / "bundle.js").read_bytes().decode()
    lengths = [len(line.encode("utf-16-le")) // 2 for line in text.split("\n")]
    ends = list(accumulate(lengths))
    chosen = random.Random(SEED)
    units = sorted(chosen.randrange(ends[-1]) for _ in range(POSITIONS))
    chosen.shuffle(units)
    lines = [bisect_right(ends, unit) for unit in units]
    positions = [(line, unit - ends[line] + lengths[line]) for line, unit in zip(lines, units, strict=True)]
    (folder / "positions.json").write_text(json.dumps(positions))


if __name__ == "__main__":
    import sys

    draw(Path(sys.argv[1]))
