r"""The goroutines of a dump, each with its frames, and the registers below them.

=========================================================================  ==========================================
``goroutine 7 [chan receive, 5 minutes, locked to thread]:``               state, since when, bound to its thread
``goroutine 7 gp=0xc000 m=3 mp=0xc001 [running]:``                         since Go 1.23 with ``GOTRACEBACK=system``
``runtime stack:``                                                         the scheduler's own stack, no goroutine
``...additional frames elided...``, ``...12 frames elided...``             the middle of a deep stack
``[originating from goroutine 1]:``                                        below it, whose work that was
``rip    0x46ac21``                                                        registers at the signal
``shop_look_up``, ``non-Go function at pc=0x4a084f``                       C: see `native.crashes.go.cgo`
=========================================================================  ==========================================
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.go.cgo import parse_c_frame
from native.crashes.go.frames import parse_frame
from symbolicator.model import Frame, ReportedAddress
from symbolicator.readers.text import MAX_FRAMES

MAX_GOROUTINES = 20_000
"""In one dump; each has one frame at least, so that the frames' limit is met before."""
_GOROUTINE = re.compile(
    r"goroutine (?P<id>[0-9]{1,19})(?: gp=(?:0x[0-9a-f]{1,16}|nil) m=(?:[0-9]{1,9}|nil)(?: mp=0x[0-9a-f]{1,16})?)?"
    r" \[(?P<state>[^\]\n]{1,200})\](?:, [^:\n]{1,100})?:\Z"
)
_RUNTIME_STACK = "runtime stack:"
_ELIDED = re.compile(r"\.\.\.(?:(?P<count>[0-9]{1,9})|additional) frames elided\.\.\.\Z")
_REGISTER = re.compile(r"(?P<name>r[a-z]{2}|r[0-9]{1,2}|rflags|[cfg]s|lr|sp|pc|fault|e[a-z]{2}|eflags) {1,6}"
                       r"0x(?P<value>[0-9a-f]{1,16})\Z")  # fmt: skip
_ARM64 = frozenset({"r29", "lr"})


class Goroutine(Struct):
    """One goroutine, its frames newest first. ``number`` is None for the scheduler's own stack.

    ``elided``: how many frames are left out before the frame of that index; 0 where nobody counted them.
    """

    number: int | None
    state: str | None = None
    since: str | None = None
    locked: bool = False
    frames: list[Frame] = field(default_factory=list)
    elided: dict[int, int] = field(default_factory=dict)


class Dump(Struct):
    """``above``: lines that belong to no goroutine and stand before the first; ``full``: there was more to read."""

    above: list[str] = field(default_factory=list)
    goroutines: list[Goroutine] = field(default_factory=list)
    registers: dict[str, ReportedAddress] = field(default_factory=dict)
    full: bool = False


def parse_goroutine(line: str) -> Goroutine | None:
    """The goroutine whose heading this line is."""
    if line == _RUNTIME_STACK:
        return Goroutine(None)
    match = _GOROUTINE.match(line)
    if match is None:
        return None
    state, *notes = match["state"].split(", ")
    since = next((note for note in notes if note.endswith((" minutes", " minute"))), None)
    return Goroutine(int(match["id"]), state, since, locked="locked to thread" in notes)


def read_dump(lines: Sequence[str]) -> Dump:
    """Reads lines of one dump."""
    dump = Dump()
    left = MAX_FRAMES
    for index, line in enumerate(lines):
        goroutine = parse_goroutine(line) if line.endswith(":") else None
        if goroutine:
            dump.goroutines.append(goroutine)
        elif not dump.goroutines:
            dump.above.append(line)
        elif left:
            left -= _take(dump, line, lines[index + 1] if index + 1 < len(lines) else "")
    dump.full = not left or len(dump.goroutines) > MAX_GOROUTINES
    del dump.goroutines[MAX_GOROUTINES:]
    return dump


def _take(dump: Dump, line: str, below: str) -> int:
    """Reads one line under a heading; how many frames it was."""
    frame = (parse_frame(line, below) if below[:1].isspace() else None) or parse_c_frame(line, below)
    goroutine = dump.goroutines[-1]
    elided, register = _ELIDED.match(line), _REGISTER.match(line)
    if frame:
        goroutine.frames.append(frame)
    elif elided:
        goroutine.elided.setdefault(len(goroutine.frames), int(elided["count"] or 0))
    elif register:
        dump.registers.setdefault(register["name"], ReportedAddress(int(register["value"], 16)))
    return 1 if frame else 0


def registers_of(dump: Dump) -> dict[str, ReportedAddress] | None:
    """The registers by Sentry's names: Go calls arm64's x0 r0."""
    found = dump.registers
    if not dump.registers.keys() >= _ARM64:
        return dict(found) or None
    names = {f"r{number}": f"x{number}" for number in range(29)} | {"r29": "fp"}
    return {names.get(name, name): value for name, value in found.items()}
