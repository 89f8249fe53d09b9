"""What a gdb session printed: its stacks, each once, and what gdb said about signal and threads.

=============================================================================  =====================================
``Thread 1 "shop" received signal SIGSEGV, Segmentation fault.``               live process (``Program`` if one thread)
``Program terminated with signal SIGABRT, Aborted.``                           core file
``[Current thread is 1 (Thread 0x7f… (LWP 123))]``                             whose the stacks without heading are
``Thread 2 (Thread 0x7f… (LWP 124) "net"):``, ``[Switching to thread 2 (…)]``  heading of a thread's stack
``        count = 3``                                                          local variable (``bt full``)
``rip            0x5555555555ca      0x5555555555ca <main+12>``                ``info registers``
=============================================================================  =====================================

Source: gdb's infrun.c and thread.c for the shapes of the lines.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.gdb_frames import GdbFrame, parse_frame, starts_frame
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import NUMBERS
from symbolicator.readers.text import MAX_FRAMES

SIGNAL_LINE = re.compile(
    r"(?:Thread (?P<thread>[0-9]{1,9}) (?:\"[^\n]{0,200}\" )?|Program )"
    r"(?:received|terminated with) signal (?P<signal>SIG[A-Z0-9]{2,10})(?:, (?P<words>.*?))?\.?\Z"
)
_CURRENT = re.compile(r"\[Current thread is (?P<id>[0-9]{1,9}) ")
_THREAD = re.compile(
    r"(?:\[Switching to t|T)hread (?P<id>[0-9]{1,9}) \((?P<system>[^\"\n]{0,200}?)(?: \"(?P<name>[^\n]{0,200})\")?\)"
    r"[:\]]?\Z"
)
_VARIABLE = re.compile(r" {8}(?P<name>[^\W\d][\w.@<>:~-]{0,200}) = (?P<value>.*)\Z")
_VARIABLE_INDENT = " " * 8
_REGISTER = re.compile(r"(?P<name>[a-z][a-z0-9_]{1,9}) {1,15}0x(?P<value>[0-9a-f]{1,16})(?: {1,20}\S.*)?\Z")
_MAX_REGISTERS = 200
_WRAPPED = re.compile(r" {4}\S")
_MAX_WRAPPED = 200
_PAGER = "--Type <RET> for more"


class PrintedThread(Struct):
    """One printed stack. ``thread``: the number of the heading above it, None for the current thread's.

    ``variables``: for each frame the lines of each variable's value.
    """

    thread: int | None
    system: str | None = None
    name: str | None = None
    frames: list[GdbFrame] = field(default_factory=list)
    variables: list[dict[str, list[str]]] = field(default_factory=list)

    def calls(self) -> tuple[object, ...]:
        """What makes two printed stacks the same."""
        return tuple((f.number, f.raw.function, f.raw.address, f.raw.file, f.raw.line1) for f in self.frames)

    def raw_frames(self) -> list[RawFrame]:
        """The frames with their variables, newest call first."""
        values = ({name: "\n".join(lines) for name, lines in found.items()} for found in self.variables)
        return [replace(f.raw, variables=dict(found)) for f, found in zip(self.frames, values, strict=True)]


class Session(Struct):
    """``signal`` is a name such as ``SIGSEGV``, ``words`` gdb's for it; ``current`` the thread that gdb looks at.

    ``full``: there were more than `MAX_FRAMES` frames.
    """

    stacks: list[PrintedThread] = field(default_factory=list)
    signal: str | None = None
    words: str | None = None
    current: int | None = None
    registers: dict[str, int] = field(default_factory=dict)
    full: bool = False


def read_session(lines: Sequence[str]) -> Session:
    """Reads the lines; stacks that say the same are there once."""
    lines = [line for line in lines if not line.startswith(_PAGER)]
    session = Session()
    index = count = 0
    while index < len(lines) and count < MAX_FRAMES:
        frame, used = frame_at(lines, index)
        if frame:
            _add_frame(session, frame)
            count += 1
        elif not (_note_signal(session, lines[index]) or _note_thread(session, lines[index])):
            _add_variable(session, lines[index])
        index += used
    session.full = count == MAX_FRAMES
    session.stacks = _distinct(session)
    return session


def frame_at(lines: Sequence[str], index: int) -> tuple[GdbFrame | None, int]:
    """The frame that starts on a line, if one does, and how many lines it takes: gdb wraps with four spaces."""
    if not starts_frame(lines[index]):
        return None, 1
    end = index + 1
    while end < len(lines) and end - index < _MAX_WRAPPED and _WRAPPED.match(lines[end]):
        end += 1
    return parse_frame(" ".join(line.strip() for line in lines[index:end])), end - index


def _add_frame(session: Session, frame: GdbFrame) -> None:
    """Numbers that do not go up start another stack of the same thread."""
    last = session.stacks[-1] if session.stacks else None
    if last is None or (last.frames and frame.number <= last.frames[-1].number):
        last = PrintedThread(last.thread, last.system, last.name) if last else PrintedThread(None)
        session.stacks.append(last)
    last.frames.append(frame)
    last.variables.append({})


def _note_signal(session: Session, line: str) -> bool:
    stop = SIGNAL_LINE.match(line)
    if stop is None or stop["signal"] not in NUMBERS:
        return False
    if session.signal is None:
        session.signal, session.words = stop["signal"], stop["words"]
    session.current = int(stop["thread"]) if stop["thread"] else session.current
    return True


def _note_thread(session: Session, line: str) -> bool:
    current, heading = _CURRENT.match(line), _THREAD.match(line)
    if current:
        session.current = int(current["id"])
    if heading:
        session.stacks.append(PrintedThread(int(heading["id"]), heading["system"], heading["name"]))
    return bool(current or heading)


def _add_variable(session: Session, line: str) -> None:
    """A register; a variable, or the next line of its value."""
    register = None if line.startswith(" ") else _REGISTER.match(line)
    if register and len(session.registers) < _MAX_REGISTERS:
        session.registers.setdefault(register["name"], int(register["value"], 16))
    if not line.startswith(_VARIABLE_INDENT) or not session.stacks or not session.stacks[-1].frames:
        return
    variables = session.stacks[-1].variables[-1]
    match = _VARIABLE.match(line)
    if match:
        variables[match["name"]] = [match["value"]]
    elif variables:
        variables[next(reversed(variables))].append(line.strip())


def _distinct(session: Session) -> list[PrintedThread]:
    """Each stack once: not the lone frame that gdb shows when it stops, nor what ``bt`` and ``bt full`` both print."""
    by_calls: dict[tuple[object, ...], dict[int | None, PrintedThread]] = {}
    for stack in session.stacks:
        if stack.frames:
            same = by_calls.setdefault(stack.calls(), {})
            same[stack.thread] = _richer(same[stack.thread], stack) if stack.thread in same else stack
    for same in by_calls.values():
        _give_to_its_thread(same, session.current)
    kept = [stack for same in by_calls.values() for stack in same.values()]
    starts = {stack.calls()[0] for stack in kept if len(stack.frames) > 1}
    return [s for s in kept if len(s.frames) > 1 or s.thread is not None or s.calls()[0] not in starts]


def _give_to_its_thread(same: dict[int | None, PrintedThread], current: int | None) -> None:
    """A stack without heading is the current thread's, else that of the only thread with this very stack."""
    numbered = [thread for thread in same if thread is not None]
    thread = current if current in numbered else numbered[0] if len(numbered) == 1 else None
    if None in same and thread is not None:
        same[thread] = _richer(same[thread], same.pop(None))


def _richer(known: PrintedThread, again: PrintedThread) -> PrintedThread:
    """One of two equal stacks, the one with variables if there are any, under the heading of the first."""
    told = again if any(again.variables) and not any(known.variables) else known
    return PrintedThread(known.thread, known.system, known.name, told.frames, told.variables)


def count_frames(lines: Sequence[str], enough: int) -> int:
    """How many frames in gdb's form there are, counted up to ``enough``."""
    return _count((index for index in range(len(lines)) if frame_at(lines, index)[0]), enough)


def _count(found: Iterable[int], enough: int) -> int:
    return sum(1 for _, _ in zip(range(enough), found, strict=False))
