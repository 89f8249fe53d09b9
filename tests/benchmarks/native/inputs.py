"""The debug files that are measured: a fixture's, Debian's libc and libjvm, a program that is nearly all templates.

Each has ``addresses.json`` beside it in the cache: virtual addresses drawn uniformly over the bytes of its FUNC symbols
with a fixed seed, the same for every peer. Debian's packages are downloaded with apt-get and unpacked, not installed.
"""

import json
import random
import re
import shutil
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from tests.benchmarks.fresh import CACHE, ROOT, PeerMissing, newer, python, run, say

HERE = Path(__file__).parent
ADDRESSES = 5_000
SEED = 20_260_427


@dataclass(frozen=True, slots=True)
class Input:
    """A debug file to measure, and the folder for what is made from it. ``small``: fit for pure Python."""

    name: str
    file: Path
    folder: Path
    small: bool = False

    @property
    def title(self) -> str:
        return f"Debug file {self.name}: {self.file.stat().st_size / 1e6:.1f} MB"


def inputs() -> Iterator[Input]:
    """Everything to measure, made now where it is not in the cache. What cannot be had is said and left out."""
    for name, find in FILES.items():
        folder = CACHE / "native" / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield _with_addresses(Input(name, find(folder), folder, small=name == "native-cpp"))
        except PeerMissing as error:
            say(f"debug file {name}: cannot be had ({error})")


def _fixture(_folder: Path) -> Path:
    return ROOT / "fixtures" / "native-cpp" / "bin" / "shop.debug"


def _libc(folder: Path) -> Path:
    return max(_debug_files("libc6-dbg", folder), key=_size)


def _libjvm(folder: Path) -> Path:
    """The package holds two: of the server VM (156 MB) and of the Zero VM (86 MB), which is taken."""
    return max((file for file in _debug_files("openjdk-17-dbg", folder) if _size(file) < 1e8), key=_size)


def _size(file: Path) -> int:
    return file.stat().st_size


def _debug_files(package: str, folder: Path) -> list[Path]:
    """The debug files of a Debian package, unpacked into the folder. Raises `PeerMissing`."""
    if not list(folder.rglob("*.debug")):
        say(f"debug file {folder.name}: downloading {package}")
        downloads = folder / "download"
        downloads.mkdir(exist_ok=True)
        _apt_download(package, downloads)
        run(["dpkg-deb", "--extract", str(next(downloads.glob("*.deb"))), str(folder)])
        shutil.rmtree(downloads)
    return list(folder.rglob("*.debug"))


def _apt_download(package: str, downloads: Path) -> None:
    result = subprocess.run(
        ["apt-get", "download", package], cwd=downloads, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise PeerMissing((result.stderr.strip().splitlines() or ["apt-get download failed"])[-1])


def _templates(folder: Path) -> Path:
    program, source = folder / "templates", HERE / "templates.cpp"
    if not newer(program, [source]):
        say("debug file templates: compiling, which takes a minute")
        options = ["-std=c++17", "-O2", "-g", f"-ffile-prefix-map={HERE}=/src"]
        run(["g++", *options, str(source), "-o", str(program)], timeout=600)
    return program


FILES: dict[str, Callable[[Path], Path]] = {
    "native-cpp": _fixture,
    "libc": _libc,
    "templates": _templates,
    "libjvm": _libjvm,
}


def _with_addresses(made: Input) -> Input:
    """Draws the addresses in a process of its own, so that this one stays small."""
    if not newer(made.folder / "addresses.json", [made.file, Path(__file__)]):
        run(python("native.inputs", str(made.file), str(made.folder)))
    return made


SYMBOL = re.compile(r"^\s*\d+: ([0-9a-f]+)\s+(0x[0-9a-f]+|\d+) I?FUNC\s+\S+\s+\S+\s+\d+\s+(\S+)", re.MULTILINE)


def function_symbols(file: Path) -> dict[tuple[int, int], list[str]]:
    """The names at each address and size of a function in the symbol table, as GNU readelf prints it."""
    listing = subprocess.run(["readelf", "--syms", "--wide", str(file)], capture_output=True, text=True, check=True)
    names: dict[tuple[int, int], list[str]] = {}
    for at in SYMBOL.finditer(listing.stdout):
        names.setdefault((int(at[1], 16), int(at[2], 0)), []).append(at[3].partition("@")[0])
    return {span: found for span, found in names.items() if span[1]}


def draw(file: Path, folder: Path) -> None:
    """Writes ``addresses.json``, and ``aliases.json``: the names that stand for the same function."""
    names = function_symbols(file)
    spans = sorted(names)
    ends = list(accumulate(size for _, size in spans))
    chosen = random.Random(SEED)
    units = [chosen.randrange(ends[-1]) for _ in range(ADDRESSES)]
    owners = [bisect_right(ends, unit) for unit in units]
    addresses = [sum(spans[owner]) - (ends[owner] - unit) for owner, unit in zip(owners, units, strict=True)]
    (folder / "addresses.json").write_text(json.dumps(addresses))
    (folder / "aliases.json").write_text(json.dumps([sorted(set(names[spans[owner]])) for owner in owners]))


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
