"""Command-line peers: how each is found, asked and understood.

All of them take hexadecimal addresses on standard input, one a line, and answer each with function and ``file:line``
of every call of its inline chain, innermost first.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fresh import CACHE, PeerMissing, run, say
from tests.benchmarks.native.worker import Call

ADDR2LINE_CRATE = "addr2line@0.27.1"
BLAZE = "blazecli@0.1.14"
BLAZECLI = str(CACHE / "tools" / "bin" / "blazecli")
LOCATION = re.compile(r"(.*?):(\d+|\?)(?::(\d+))?(?: \(discriminator \d+\))?$")


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. ``read`` turns the lines that it printed into a chain an address."""

    name: str
    label: str
    programs: tuple[str, ...]
    options: tuple[str, ...]
    demangling: tuple[str, ...]
    linkage: tuple[str, ...]
    read: Callable[[Iterable[str]], Iterator[list[Call]]]

    def command(self, file: Path, *, demangle: bool = True) -> list[str]:
        """Raises `PeerMissing` if no such program is installed."""
        names = self.demangling if demangle else self.linkage
        return [self.program(), *self.options, *names, "-e", str(file)]

    def program(self) -> str:
        found = next(filter(None, map(shutil.which, self.programs)), None)
        if found is None:
            raise PeerMissing(f"not here: no {Path(self.programs[0]).name}")
        return found

    def version(self) -> str:
        """The first thing in ``--version`` that looks like one."""
        found = re.search(r"\d+\.\d+(?:\.\d+)?", run([self.program(), "--version"]).output)
        return found[0] if found else "of unknown version"


def asked(addresses: Iterable[int]) -> str:
    """Addresses as the tools read them."""
    return "".join(f"{address:#x}\n" for address in addresses)


def _read_blocks(lines: Iterable[str]) -> Iterator[list[Call]]:
    """llvm-symbolizer: function and location lines, an empty line after each address."""
    chain: list[str] = []
    for line in lines:
        if line:
            chain.append(line)
        else:
            yield _calls(chain)
            chain = []


def _read_addressed(lines: Iterable[str]) -> Iterator[list[Call]]:
    """GNU's way with ``-a``: the address itself stands before its chain."""
    chain: list[str] | None = None
    for line in lines:
        if re.fullmatch(r"0x[0-9a-f]+", line):
            if chain is not None:
                yield _calls(chain)
            chain = []
        elif chain is not None:
            chain.append(line)
    if chain:
        yield _calls(chain)


def _calls(chain: list[str]) -> list[Call]:
    return [_call(function, place) for function, place in zip(chain[::2], chain[1::2], strict=False)]


def _call(function: str, place: str) -> Call:
    found = LOCATION.match(place)
    file, line, column = (found[1], found[2], found[3]) if found else (place, "?", None)
    return (
        None if function == "??" else function,
        None if file == "??" else file,
        0 if line == "?" else int(line),
        int(column or 0),
    )


LLVM = Tool(
    "llvm_symbolizer",
    "llvm-symbolizer",
    ("llvm-symbolizer-19", "llvm-symbolizer"),
    (),
    ("--demangle",),
    ("--no-demangle",),
    _read_blocks,
)
GNU = Tool("gnu_addr2line", "GNU addr2line", ("addr2line",), ("-a", "-i", "-f"), ("-C",), (), _read_addressed)
CRATE = Tool(
    "addr2line_rs",
    "crate addr2line",
    (str(CACHE / "tools" / "bin" / "addr2line"),),
    ("-a", "-i", "-f"),
    ("-C",),
    (),
    _read_addressed,
)
TOOLS = (LLVM, GNU, CRATE)
GSYMUTIL = ("llvm-gsymutil-19", "llvm-gsymutil")


def install_crates() -> None:
    """Builds the programs of crates into the cache, where cargo is at hand; without them the table says "not here"."""
    for program, crate, options in ((CRATE.programs[0], ADDR2LINE_CRATE, ["--features", "bin"]), (BLAZECLI, BLAZE, [])):
        if shutil.which("cargo") and not shutil.which(program):
            _install_crate(crate, options)


def _install_crate(crate: str, options: list[str]) -> None:
    say(f"building {crate}, which takes minutes")
    try:
        run(["cargo", "install", crate, "--quiet", "--locked", "--root", str(CACHE / "tools"), *options], timeout=1800)
    except PeerMissing as error:
        say(f"{crate} cannot be built ({error})")


def blazesym_command(file: Path, addresses: Iterable[int]) -> list[str]:
    """It takes addresses on the command line only, so that it can be asked once."""
    return [BLAZECLI, "symbolize", "elf", "--path", str(file), *(f"{address:#x}" for address in addresses)]
