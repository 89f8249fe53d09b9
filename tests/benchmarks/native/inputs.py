"""The debug files that are measured: a fixture's, and five real ones that the README of the benchmarks describes.

Each has ``addresses.json`` beside it in the cache, the same for every peer (`draw`). Debian's packages are downloaded
with apt-get and unpacked, not installed.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fresh import CACHE, ROOT, PeerMissing, newer, python, run, say
from tests.benchmarks.native.sections import dwarf_size

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Input:
    """A debug file to measure, and the folder for what is made from it.

    ``letter`` is what the tables of bars call it. ``small``: fit for pure Python.
    """

    name: str
    letter: str
    file: Path
    folder: Path
    dwarf_bytes: int
    small: bool = False

    @property
    def title(self) -> str:
        size = f"{self.file.stat().st_size / 1e6:.1f} MB, {self.dwarf_bytes / 1e6:.1f} MB of DWARF"
        return f"Debug file {self.letter}, {self.name}: {size}"


def inputs() -> Iterator[Input]:
    """Everything to measure, made now where it is not in the cache. What cannot be had is said and left out."""
    for letter, (name, find) in FILES.items():
        folder = CACHE / "native" / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = find(folder)
            yield _with_addresses(Input(name, letter, file, folder, dwarf_size(file), small=letter == "F"))
        except PeerMissing as error:
            say(f"debug file {name}: cannot be had ({error})")


def _fixture(_folder: Path) -> Path:
    return ROOT / "fixtures" / "native-cpp" / "bin" / "shop.debug"


def _libc(folder: Path) -> Path:
    return max(_debug_files("libc6-dbg", folder), key=_size)


def _libjvm(folder: Path) -> Path:
    """The package holds two: of the server VM (156 MB) and of the Zero VM (86 MB), which is taken."""
    return max((file for file in _debug_files("openjdk-17-dbg", folder) if _size(file) < 1e8), key=_size)


def _vmlinux(folder: Path) -> Path:
    """The kernel itself, linked with ``--emit-relocs``: whoever applies ``.rela.debug_*`` once more misreads it."""
    return max(_debug_files(_newest_kernel, folder, "vmlinux-*"), key=_size)


def _ceph_osd(folder: Path) -> Path:
    return max(_debug_files("ceph-osd-dbg", folder), key=_size)


def _newest_kernel() -> str:
    """The name of the package changes with each release of the kernel."""
    listed = _apt(["apt-cache", "pkgnames", "linux-image-6.1.0-"]).split()
    kernels = [name for name in listed if name.endswith("-cloud-amd64-dbg")]
    if not kernels:
        raise PeerMissing("no linux-image-6.1.0-*-cloud-amd64-dbg in the package lists")
    return max(kernels, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])


def _size(file: Path) -> int:
    return file.stat().st_size


def _debug_files(package: str | Callable[[], str], folder: Path, pattern: str = "*.debug") -> list[Path]:
    """The debug files of a Debian package, unpacked into the folder. Raises `PeerMissing`."""
    if not _files(folder, pattern):
        name = package if isinstance(package, str) else package()
        say(f"debug file {folder.name}: downloading {name}")
        downloads = folder / "download"
        downloads.mkdir(exist_ok=True)
        _apt(["apt-get", "download", name], downloads)
        run(["dpkg-deb", "--extract", str(next(downloads.glob("*.deb"))), str(folder)])
        shutil.rmtree(downloads)
    return _files(folder, pattern)


def _files(folder: Path, pattern: str) -> list[Path]:
    return [file for file in folder.rglob(pattern) if file.is_file() and not file.is_symlink()]


def _apt(command: list[str], folder: Path | None = None) -> str:
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise PeerMissing(f"not here: no {command[0]}") from error
    if result.returncode:
        raise PeerMissing((result.stderr.strip().splitlines() or [f"{command[0]} failed"])[-1])
    return result.stdout


def _templates(folder: Path) -> Path:
    program, source = folder / "templates", HERE / "templates.cpp"
    if not newer(program, [source]):
        say("debug file templates: compiling, which takes a minute")
        options = ["-std=c++17", "-O2", "-g", f"-ffile-prefix-map={HERE}=/src"]
        run(["g++", *options, str(source), "-o", str(program)], timeout=600)
    return program


FILES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "F": ("native-cpp", _fixture),
    "S": ("libc", _libc),
    "G": ("templates", _templates),
    "M": ("libjvm", _libjvm),
    "K": ("vmlinux", _vmlinux),
    "L": ("ceph-osd", _ceph_osd),
}


def _with_addresses(made: Input) -> Input:
    """Draws the addresses in a process of its own, so that this one stays small."""
    if not newer(made.folder / "addresses.json", [made.file, HERE / "draw.py"]):
        run(python("native.draw", str(made.file), str(made.folder)))
    return made
