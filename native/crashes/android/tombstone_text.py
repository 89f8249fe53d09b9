"""Reads a tombstone's text into `Tombstone`.

Its parts follow one another, each with a heading: the process, the crashed thread with registers and ``backtrace:``,
stacks of the allocator, ``memory near x0:``, ``memory map``, the log, the other threads behind ``--- --- ---``, and the
open files. What no part knows is left out.

Source: AOSP, debuggerd's tombstone.cpp (Android 5 to 11) and tombstone_proto_to_text (since).
"""

import re
from collections.abc import Callable, Iterable

from native.crashes.android.frames import AndroidFrame, parse_frame
from native.crashes.android.log_line import parse_log_line
from native.crashes.android.memory_map import MAX_MAPPINGS, parse_mapping
from native.crashes.android.tombstone import (
    MAX_CAUSES,
    MAX_DUMP,
    MAX_LOG_LINES,
    MAX_MEMORY,
    MAX_OPEN_FILES,
    MAX_THREADS,
    Cause,
    HeapStack,
    LogLine,
    MemoryDump,
    OpenFile,
    Signal,
    Tombstone,
    TombstoneThread,
)
from symbolicator.readers.text import MAX_FRAMES

BANNER = "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***"
_NEXT_THREAD = "--- --- ---"
PROCESS = re.compile(
    r"pid: (?P<pid>[0-9]{1,10}), tid: (?P<tid>[0-9]{1,10})(?:, name: (?P<name>.{0,300}?))? {1,2}"
    r">>> (?P<process>.{0,4000}?) <<<"
)
SIGNAL = re.compile(
    r"signal (?P<number>[0-9]{1,3}) \((?P<name>[^()\n]{1,60})\), "
    r"code (?P<code>-?[0-9]{1,10}) \((?P<what>[^()\n]{0,200})\)"
    r"(?:, fault addr (?P<address>0x[0-9a-f]{1,16}|[0-9a-f]{8,16}|-{6,16}))?"
)
_FIELD = re.compile(
    r"(?P<name>Build fingerprint|Revision|ABI|Timestamp|Process uptime|Cmdline|uid|Cause|Abort message): ?"
    r"(?P<value>.*)\Z"
)
_HEAP_STACK = re.compile(r"(?P<title>(?:de)?allocated by thread -?[0-9]{1,20}):?\s*\Z")
_MEMORY = re.compile(r"memory near (?P<register>\w{1,8})(?: \((?P<mapping>.{0,4000})\))?:\s*\Z")
_LOG = re.compile(r"--------- (?P<tail>tail end of )?log (?P<buffer>[\w ]{1,40}?)\s*\Z")
_OPEN_FILE = re.compile(
    r"\s{1,8}fd (?P<number>[0-9]{1,10}): (?P<path>.{0,4000}?) "
    r"\((?:unowned|owned by [^()]{0,200})\)\s*\Z"
)
_REGISTER = re.compile(r"[a-z][a-z0-9]{1,5}\Z")
_WORD = re.compile(r"(?:[0-9a-f]{8}|[0-9a-f]{16})\Z")
_ADDRESS = re.compile(r"[0-9a-f]{8,16}\Z")
_ROW = 16
"""Bytes a row of ``memory near``."""
_MAX_MESSAGE_LINES = 200
_ABIS = {"arm": "arm", "arm64": "arm64", "x86": "x86", "x86_64": "x86_64", "riscv64": "riscv64"}

_Section = Callable[["_Parser", str], None]


def read_text(lines: Iterable[str]) -> Tombstone:
    """Reads the first tombstone of a text; a second one begins with the same banner."""
    parser = _Parser()
    for line in lines:
        if BANNER in line and parser.tombstone.threads:
            break
        parser.take(line)
    parser.finish()
    return parser.tombstone


class _Parser:
    def __init__(self) -> None:
        self.tombstone = Tombstone()
        self._section: _Section = _Parser._header
        self._frames: list[AndroidFrame] | None = None
        self._memory: re.Match[str] | None = None
        self._log: list[LogLine] = []
        self._message: list[str] | None = None
        self._count = 0

    def take(self, line: str) -> None:
        if self._message is not None and self._continues(line):
            return
        start = _start_of(line) if line[:1] not in (" ", "\t") else None
        if start:
            self._section = start(self, line) or _Parser._skip
        else:
            self._section(self, line)

    def finish(self) -> None:
        """Where the text breaks off in an abort message, what there is of it."""
        if self._message is not None:
            self.tombstone.abort_message = "\n".join(self._message)

    def thread(self) -> TombstoneThread | None:
        """The thread that the lines are about."""
        return self.tombstone.threads[-1] if self.tombstone.threads else None

    def _continues(self, line: str) -> bool:
        """Takes one more line of an abort message; False where another part begins without the closing quote."""
        message = self._message or []
        is_over = len(message) >= _MAX_MESSAGE_LINES or _pairs(line) or line.startswith(("backtrace:", "    #0"))
        if not is_over:
            message.append(line)
        if is_over or line.endswith("'"):
            self.tombstone.abort_message = "\n".join(message).removesuffix("'")
            self._message = None
        return not is_over

    def start_process(self, line: str) -> _Section:
        match = PROCESS.search(line)
        if match is None or len(self.tombstone.threads) >= MAX_THREADS:
            return _Parser._skip
        thread = TombstoneThread(int(match["tid"]), match["name"] or "")
        if self.tombstone.tid is None:
            self.tombstone.pid, self.tombstone.tid = int(match["pid"]), thread.id
            self.tombstone.process = match["process"]
        self.tombstone.threads.append(thread)
        return _Parser._header

    def start_thread(self, _: str) -> _Section:
        return _Parser._header

    def start_signal(self, line: str) -> _Section:
        match = SIGNAL.match(line)
        if match and self.tombstone.signal is None:
            self.tombstone.signal = _signal(match)
        return _Parser._header

    def start_field(self, line: str) -> _Section:
        match = _FIELD.match(line)
        if match:
            self._set(match["name"], match["value"].strip())
        return _Parser._header

    def start_backtrace(self, _: str) -> _Section:
        thread = self.thread()
        self._frames = thread.frames if thread else None
        return _Parser._backtrace

    def start_heap_stack(self, line: str) -> _Section | None:
        match = _HEAP_STACK.match(line)
        causes = self.tombstone.causes
        if match is None or not causes or len(causes[-1].stacks) >= MAX_CAUSES:
            return None
        causes[-1].stacks.append(HeapStack(match["title"]))
        self._frames = causes[-1].stacks[-1].frames
        return _Parser._backtrace

    def start_memory(self, line: str) -> _Section | None:
        self._memory = _MEMORY.match(line)
        return _Parser._dump if self._memory else None

    def start_map(self, _: str) -> _Section:
        return _Parser._map

    def start_log(self, line: str) -> _Section | None:
        """The whole buffer comes after its tail, in its place."""
        match = _LOG.match(line)
        if match:
            self._log = self.tombstone.logs[match["buffer"]] = []
        return _Parser._logged if match else None

    def start_files(self, _: str) -> _Section:
        return _Parser._open_files

    def _set(self, name: str, value: str) -> None:
        stone = self.tombstone
        match name:
            case "Build fingerprint":
                stone.fingerprint = value.strip("'")
            case "Revision":
                stone.revision = value.strip("'")
            case "ABI":
                stone.arch = _ABIS.get(value.strip("'"))
            case "Timestamp":
                stone.timestamp = value
            case "Process uptime":
                stone.uptime = _number(value.removesuffix("s"))
            case "Cmdline":
                stone.command_line = value
            case "uid":
                stone.uid = _number(value)
            case "Cause":
                self._add_cause(value)
            case "Abort message":
                self._start_message(value)

    def _add_cause(self, text: str) -> None:
        if len(self.tombstone.causes) < MAX_CAUSES:
            self.tombstone.causes.append(Cause(text))

    def _start_message(self, value: str) -> None:
        text = value.removeprefix("'")
        if text.endswith("'"):
            self.tombstone.abort_message = text[:-1]
        else:
            self._message = [text]

    def _header(self, line: str) -> None:
        thread, pairs = self.thread(), _pairs(line)
        if thread and pairs:
            thread.registers |= pairs
        elif thread and not thread.frames and (frame := parse_frame(line)):
            self._frames = thread.frames
            self._section = _Parser._backtrace
            self._add_frame(frame)

    def _backtrace(self, line: str) -> None:
        frame = parse_frame(line)
        if frame:
            self._add_frame(frame)

    def _add_frame(self, frame: AndroidFrame) -> None:
        if self._frames is not None and self._count < MAX_FRAMES:
            self._frames.append(frame)
            self._count += 1
        self.tombstone.full = self._count >= MAX_FRAMES

    def _dump(self, line: str) -> None:
        thread, heading, row = self.thread(), self._memory, _dump_row(line)
        if thread is None or heading is None or row is None:
            return
        address, data = row
        last = thread.memory[-1] if thread.memory and thread.memory[-1].register == heading["register"] else None
        if last is None:
            if data and len(thread.memory) < MAX_MEMORY:
                thread.memory.append(MemoryDump(heading["register"], heading["mapping"] or "", address, data))
        elif address == last.address + len(last.data) and len(last.data) < MAX_DUMP:
            whole = last.data + data
            thread.memory[-1] = MemoryDump(last.register, last.mapping, last.address, whole)

    def _map(self, line: str) -> None:
        mapping = parse_mapping(line)
        if mapping and len(self.tombstone.mappings) < MAX_MAPPINGS:
            self.tombstone.mappings.append(mapping)

    def _logged(self, line: str) -> None:
        printed = parse_log_line(line)
        if printed:
            self._log.append(LogLine(printed.timestamp or "", printed.priority, printed.tag, printed.text))
            del self._log[:-MAX_LOG_LINES]

    def _open_files(self, line: str) -> None:
        match = _OPEN_FILE.match(line)
        if match and len(self.tombstone.open_files) < MAX_OPEN_FILES:
            self.tombstone.open_files.append(OpenFile(int(match["number"]), match["path"]))

    def _skip(self, line: str) -> None:
        """What is of no use, such as the stack's words."""


_Start = Callable[[_Parser, str], _Section | None]

_STARTS: tuple[tuple[str, _Start], ...] = (
    ("pid: ", _Parser.start_process),
    ("signal ", _Parser.start_signal),
    ("backtrace:", _Parser.start_backtrace),
    ("memory near ", _Parser.start_memory),
    ("memory map", _Parser.start_map),
    ("allocated by thread", _Parser.start_heap_stack),
    ("deallocated by thread", _Parser.start_heap_stack),
    ("--------- ", _Parser.start_log),
    ("open files", _Parser.start_files),
    ("stack:", lambda _, __: None),
    (_NEXT_THREAD, _Parser.start_thread),
    ("Build fingerprint:", _Parser.start_field),
    ("Revision:", _Parser.start_field),
    ("ABI:", _Parser.start_field),
    ("Timestamp:", _Parser.start_field),
    ("Process uptime:", _Parser.start_field),
    ("Cmdline:", _Parser.start_field),
    ("uid:", _Parser.start_field),
    ("Cause:", _Parser.start_field),
    ("Abort message:", _Parser.start_field),
)


def _start_of(line: str) -> _Start | None:
    return next((start for words, start in _STARTS if line.startswith(words)), None)


def _pairs(line: str) -> dict[str, int]:
    """``x0  0000007b…  x1  0000…``: registers by name; empty if the line has anything else."""
    tokens = line.split(None, 16) if line.startswith("    ") else []
    names, values = tokens[::2], tokens[1::2]
    is_row = len(names) == len(values) and all(map(_REGISTER.match, names)) and all(map(_WORD.match, values))
    return {name: int(value, 16) for name, value in zip(names, values, strict=True)} if is_row else {}


def _dump_row(line: str) -> tuple[int, bytes] | None:
    """Address and bytes of a row; words are as the processor, little endian, sees them."""
    tokens = line.split(None, 5) if line.startswith("    ") else []
    if not tokens or not _ADDRESS.match(tokens[0]):
        return None
    width = len(tokens[0]) // 2
    words: list[bytes] = []
    for token in tokens[1 : 1 + _ROW // width]:
        if len(token) != 2 * width or not _WORD.match(token):
            break
        words.append(int(token, 16).to_bytes(width, "little"))
    return int(tokens[0], 16), b"".join(words)


def _signal(match: re.Match[str]) -> Signal:
    code_name, _, sender = match["what"].partition(" from ")
    address = match["address"]
    return Signal(
        number=int(match["number"]),
        name=match["name"],
        code=int(match["code"]),
        code_name=code_name,
        sender=sender or None,
        fault_address=int(address, 16) if address and not address.startswith("-") else None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None  # noqa: PLR2004 - 64 bits
