"""What a tombstone says, in whichever form it came: as text or as protobuf.

Source: AOSP, debuggerd's tombstone.proto, whose words the fields have.
"""

from msgspec import Struct, field

from native.crashes.android.frames import AndroidFrame
from native.crashes.android.memory_map import Mapping

MAX_THREADS = 10_000
MAX_MEMORY = 64
"""Dumps of memory a thread: one a register."""
MAX_DUMP = 4096
"""Bytes of one of them that are kept."""
MAX_LOG_LINES = 2_000
MAX_OPEN_FILES = 2_000
MAX_CAUSES = 20


class Signal(Struct, frozen=True):
    """``fault_address`` in bytes; None for signals without one. ``sender``: who sent it, in debuggerd's words."""

    number: int = 0
    name: str = ""
    code: int = 0
    code_name: str = ""
    sender: str | None = None
    fault_address: int | None = None


class MemoryDump(Struct, frozen=True):
    """Memory that a register pointed to; ``address`` of its first byte."""

    register: str
    mapping: str
    address: int
    data: bytes


class HeapStack(Struct):
    """Who freed or made the block of the heap that the crash is about: ``deallocated by thread 123``."""

    title: str
    frames: list[AndroidFrame] = field(default_factory=list)


class Cause(Struct):
    """What debuggerd thinks that it was, with the stacks that the allocator remembered."""

    text: str
    stacks: list[HeapStack] = field(default_factory=list)


class TombstoneThread(Struct):
    """``frames`` have the newest call first. Registers are named as debuggerd names them."""

    id: int
    name: str = ""
    registers: dict[str, int] = field(default_factory=dict)
    frames: list[AndroidFrame] = field(default_factory=list)
    memory: list[MemoryDump] = field(default_factory=list)


class LogLine(Struct, frozen=True):
    """One line of the log. ``priority`` is its letter, ``timestamp`` has no year."""

    timestamp: str
    priority: str
    tag: str
    message: str


class OpenFile(Struct, frozen=True):
    """An open file descriptor."""

    number: int
    path: str


class Tombstone(Struct):
    """``threads`` have the crashed one first. ``full``: a limit was met."""

    fingerprint: str = ""
    revision: str = ""
    arch: str | None = None
    timestamp: str = ""
    uptime: int | None = None
    """Seconds that the process had run."""
    command_line: str = ""
    process: str = ""
    pid: int | None = None
    tid: int | None = None
    uid: int | None = None
    signal: Signal | None = None
    abort_message: str | None = None
    causes: list[Cause] = field(default_factory=list)
    threads: list[TombstoneThread] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)
    logs: dict[str, list[LogLine]] = field(default_factory=dict)
    """By the name of the buffer, such as ``main``."""
    open_files: list[OpenFile] = field(default_factory=list)
    full: bool = False
