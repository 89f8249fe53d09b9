"""Warm lookups through a command-line tool that stays open: ``pipes TOOL FILE FOLDER``.

The tool is asked for the same addresses over and over: it has read what it needs when it is timed.
The chains with mangled names go into the folder, and from llvm-symbolizer the plain names of the outermost functions.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Thread
from typing import IO

from tests.benchmarks.fresh import run
from tests.benchmarks.native.tools import LLVM, TOOLS, Tool, asked
from tests.benchmarks.native.worker import Chains, addresses_in

PASSES = 5
BUDGET_S = 8.0
"""No further pass starts after this."""
TIMED = 1_000
"""Addresses that are timed: GNU addr2line takes minutes for all."""
TIMEOUT_S = 900.0


def main(name: str, file: Path, folder: Path) -> dict[str, float]:
    tool = next(tool for tool in TOOLS if tool.name == name)
    addresses = addresses_in(folder)
    seconds = warm_seconds(tool, file, addresses[:TIMED])
    chains = _chains(tool, tool.command(file, demangle=False), addresses)
    (folder / f"{name}.answers.json").write_text(json.dumps(chains))
    if tool is LLVM:
        short = [chain[-1][0] or "" for chain in _chains(tool, [*tool.command(file), "--functions=short"], addresses)]
        (folder / "short.json").write_text(json.dumps(short))
    return {"seconds": sorted(seconds)[len(seconds) // 2] / TIMED, "passes": len(seconds)}


def _chains(tool: Tool, command: list[str], addresses: list[int]) -> Chains:
    return list(tool.read(run(command, asked(addresses), timeout=TIMEOUT_S).output.splitlines()))


def warm_seconds(tool: Tool, file: Path, addresses: list[int]) -> list[float]:
    """Seconds of each pass over the addresses after the first."""
    pipe = subprocess.PIPE
    with subprocess.Popen(tool.command(file), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        passes = [_pass(tool, process.stdin, process.stdout, addresses)]
        while len(passes) <= PASSES and (len(passes) == 1 or sum(passes[1:]) < BUDGET_S):
            passes.append(_pass(tool, process.stdin, process.stdout, addresses))
        process.stdin.close()
        process.stdout.read()
    return passes[1:]


def _pass(tool: Tool, stdin: IO[str], stdout: IO[str], addresses: list[int]) -> float:
    """One more address than counted is asked for, since some tools end an answer only by starting the next."""
    started = time.perf_counter()
    writer = Thread(target=_write, args=(stdin, asked([*addresses, addresses[-1]])))
    writer.start()
    chains = tool.read(_lines(stdout))
    for _ in addresses:
        next(chains)
    seconds = time.perf_counter() - started
    writer.join()
    return seconds


def _write(stdin: IO[str], words: str) -> None:
    stdin.write(words)
    stdin.flush()


def _lines(stdout: Iterable[str]) -> Iterable[str]:
    return (line.rstrip("\n") for line in stdout)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))) + "\n")
