"""One measured process: ``python -m tests.benchmarks.suspects.worker (ours|git) INPUT``. Prints a report as JSON."""

import json
import subprocess
import sys
import time

from symbolicator.suspects import find_suspects
from symbolicator.suspects.frames import own_calls
from tests.benchmarks.suspects.inputs import INPUTS, Input


def main(peer: str, name: str) -> None:
    """Measures one answer."""
    wanted = next(one for one in INPUTS if one.name == name)
    event = wanted.crash()
    started = time.perf_counter()
    if peer == "ours":
        assert find_suspects(event, [wanted.folder]).suspects
    else:
        _blame(wanted)
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started}) + "\n")


def _blame(wanted: Input) -> None:
    """What a script does that asks git about one frame after the other."""
    for call in own_calls(wanted.crash()):
        line, path = call.frame.lineno, call.frame.filename
        command = ["git", "blame", "-w", "-M", "-C", "--porcelain", f"-L{line},{line}", "HEAD", "--", str(path)]
        subprocess.run(command, cwd=wanted.folder, check=True, capture_output=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
