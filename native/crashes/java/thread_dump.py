r"""Thread dumps: of Android's runtime (``traces.txt``, what Google Play shows of an ANR) and of HotSpot (``jstack``).

::

    "main" prio=5 tid=1 Blocked                                             ART
      | sysTid=28941 nice=-10 cgrp=top-app sched=0/0 handle=0x7deceb74f8
      native: #00 pc 00000000000a33b8  /apex/com.android.runtime/lib64/bionic/libc.so (__epoll_pwait+8)
      at shop.Cart.total(Cart.java:12)
      - waiting to lock <0x0d3a2f0a> (a java.lang.Object) held by thread 5

    "main" #1 prio=5 os_prio=0 cpu=26.08ms tid=0x00007ff9bc017ed0 nid=0x35c7 waiting for monitor entry  [0x00007ff9]
       java.lang.Thread.State: BLOCKED (on object monitor)                  HotSpot
        at shop.Cart.total(Cart.java:12)
        - waiting to lock <0x000000069ec19878> (a java.lang.Object)

What ``jhsdb jstack`` prints has HotSpot's headings and frames of its own (`native.crashes.java.agent_frames`).

Locks stand below the frame that took or wants them. Of several dumps in a text the first is read.

Source: ART's Thread::DumpState and ThreadList::DumpForSigQuit; HotSpot's JavaThread::print_on.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct, field

from native.crashes.android.frames import AndroidFrame
from native.crashes.android.frames import parse_frame as parse_native_frame
from native.crashes.java import agent_frames
from native.crashes.java.frames import parse_frame
from native.crashes.java.locks import LockLine, parse_lock
from symbolicator.model import Frame
from symbolicator.readers.text import MAX_FRAMES

MAX_THREADS = 10_000
MAX_LOCKS = 50_000
_ART = re.compile(
    r"\s{0,2}\"(?P<name>[^\n]{0,400}?)\"(?P<daemon> daemon)?(?: prio=-?[0-9]{1,3})?"
    r"(?: tid=(?P<tid>[0-9]{1,9})(?: (?P<state>\S[^\n]{0,80}?))?| \(not attached\)"
    r"| sysTid=(?P<system>[0-9]{1,10}))\s*\Z"
)
_HOTSPOT = re.compile(
    r"\"(?P<name>[^\n]{0,400}?)\"(?: #(?P<id>[0-9]{1,18}))?(?: \[[0-9]{1,10}\])?(?P<daemon> daemon)?"
    r"(?: prio=-?[0-9]{1,3})?(?: os_prio=-?[0-9]{1,10})?(?: cpu=\S{1,40})?(?: elapsed=\S{1,40})?"
    r"(?: allocated=\S{1,40})?(?: defined_classes=[0-9]{1,10})? tid=0x[0-9a-f]{1,16} "
    r"nid=(?P<nid>0x[0-9a-f]{1,16}|[0-9]{1,10}|NA)(?: (?P<doing>[^\[\n]{0,100}))?(?:\[0x[0-9a-f]{1,16}\])?\s*\Z"
)
_SYSTEM_ID = re.compile(r"\s*\| sysTid=(?P<id>[0-9]{1,10}) ")
_STATE = re.compile(r"\s{1,8}java\.lang\.Thread\.State: (?P<state>[A-Z_]{3,20}(?: \([^()]{1,60}\))?)\s*\Z")
_DEADLOCK = re.compile(r"Found (?:one|a|[0-9]{1,5}) Java-level deadlocks?:")
_DEADLOCK_END = re.compile(r"Found [0-9]{1,6} deadlocks?\.|Heap\s*\Z")
_WAITER = re.compile(r"\"(?P<name>[^\n]{0,400})\":\s*\Z")
_WANTED = re.compile(
    r"\s{1,4}waiting (?:to lock monitor 0x[0-9a-f]{1,16} \(object |for ownable synchronizer )"
    r"(?P<address>0x[0-9a-f]{1,16}),"
)
_HELD_BY = re.compile(r"\s{1,4}which is held by (?:\"(?P<name>[^\n]{0,400})\"|an? )")
_DUMP = re.compile(
    r"(?:----- pid (?P<pid>[0-9]{1,10}) at (?P<time>[^\n]{1,60}?) -----|Full thread dump (?P<vm>[^\n]{1,300}?):)\s*\Z"
)
_FIELD = re.compile(
    r"(?P<name>Cmd ?line|Build fingerprint|ABI|Subject|Process|Package|Reason): ?(?P<value>[^\n]{0,2000})\Z"
)

Call: TypeAlias = Frame | AndroidFrame


class PrintedCall(Struct):
    """A frame and the locks below it."""

    frame: Call
    locks: list[LockLine] = field(default_factory=list)


class DumpThread(Struct):
    """One thread; ``calls`` have the newest first. ``synchronizers``: what it holds of java.util.concurrent."""

    name: str
    id: int | None = None
    system_id: int | None = None
    state: str | None = None
    is_daemon: bool = False
    is_of_hotspot: bool = False
    calls: list[PrintedCall] = field(default_factory=list)
    synchronizers: list[LockLine] = field(default_factory=list)

    @property
    def locks(self) -> list[LockLine]:
        """Everything that it holds or waits for, the newest first."""
        return [lock for call in self.calls for lock in call.locks] + self.synchronizers


class ThreadDump(Struct):
    """A dump. ``owners``: name of the thread that holds a lock, by the lock's address, as HotSpot's own search says."""

    threads: list[DumpThread] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    """``Cmd line``, ``Build fingerprint``, ``Subject`` and the like, as the text has them."""
    pid: int | None = None
    timestamp: str | None = None
    vm: str | None = None
    count: int = 0
    """How many dumps the text has."""
    full: bool = False

    @property
    def is_android(self) -> bool:
        """Whether Android's runtime wrote it."""
        return self.vm is None and not any(thread.is_of_hotspot for thread in self.threads)


def parse_heading(line: str) -> DumpThread | None:
    """The thread that a line introduces; None for every other line."""
    if '"' not in line[:3]:
        return None
    match = _HOTSPOT.match(line)
    if match:
        doing = (match["doing"] or "").strip()
        nid = match["nid"]
        system_id = None if nid == "NA" else int(nid, 16 if nid.startswith("0x") else 10)
        number = int(match["id"]) if match["id"] else None
        return DumpThread(match["name"], number, system_id, doing or None, bool(match["daemon"]), is_of_hotspot=True)
    match = _ART.match(line)
    if match is None:
        return None
    number = int(match["tid"]) if match["tid"] else None
    system_id = int(match["system"]) if match["system"] else None
    return DumpThread(match["name"], number, system_id, match["state"], bool(match["daemon"]))


def read_thread_dump(lines: Sequence[str]) -> ThreadDump:
    """Reads the first dump of a text."""
    parser = _Parser()
    for line in lines:
        parser.take(line)
    return parser.dump


class _Parser:
    def __init__(self) -> None:
        self.dump = ThreadDump()
        self._thread: DumpThread | None = None
        self._take = self._thread_line
        self._wanted: str | None = None
        self._system_id: int | None = None
        self._frames = self._locks = 0

    def take(self, line: str) -> None:
        start = _DUMP.match(line)
        if start:
            self._start(start)
        elif _DEADLOCK.match(line):
            self._take = self._deadlock_line
        elif self.dump.count < 2:  # noqa: PLR2004 - the second dump is another moment, or another process
            self._take(line)

    def _start(self, match: re.Match[str]) -> None:
        is_first = not self.dump.threads
        self.dump.count = 1 if is_first else max(self.dump.count, 1) + 1
        if is_first:
            self.dump.pid = int(match["pid"]) if match["pid"] else self.dump.pid
            self.dump.timestamp = match["time"] or self.dump.timestamp
            self.dump.vm = match["vm"] or self.dump.vm
        self._take, self._thread = self._thread_line, None

    def _thread_line(self, line: str) -> None:
        heading, number = parse_heading(line), agent_frames.parse_thread(line)
        if heading:
            self._add_thread(heading)
        elif number is not None:
            self._thread, self._system_id = None, number
        elif self._thread is None and not self._is_of_no_java_thread(line):
            self._field(line)
        elif not self._call(line) and self._thread:
            self._detail(self._thread, line)

    def _is_of_no_java_thread(self, line: str) -> bool:
        """Whether a frame follows on the system's number of a thread, so that no heading will come."""
        if self._system_id is None or agent_frames.parse_frame(line) is None:
            return False
        name = f"thread {self._system_id}"
        self._add_thread(DumpThread(name, system_id=self._system_id, is_of_hotspot=True))
        self._system_id = None
        return True

    def _add_thread(self, thread: DumpThread) -> None:
        self.dump.full = self.dump.full or len(self.dump.threads) >= MAX_THREADS
        self._thread = thread
        if not self.dump.full:
            self.dump.threads.append(thread)

    def _field(self, line: str) -> None:
        match = _FIELD.match(line)
        if match:
            self.dump.fields.setdefault(match["name"].replace("Cmdline", "Cmd line"), match["value"].strip())

    def _call(self, line: str) -> bool:
        """Takes a frame; False if the line is none."""
        frame = parse_frame(line) or parse_native_frame(line) or agent_frames.parse_frame(line)
        if frame is None or self._thread is None:
            return False
        self.dump.full = self.dump.full or self._frames >= MAX_FRAMES
        if not self.dump.full:
            self._frames += 1
            self._thread.calls.append(PrintedCall(frame))
        return True

    def _detail(self, thread: DumpThread, line: str) -> None:
        lock = parse_lock(line)
        if lock and self._locks < MAX_LOCKS:
            self._locks += 1
            is_listed = line.lstrip().startswith("- <")
            held = thread.synchronizers if is_listed or not thread.calls else thread.calls[-1].locks
            held.append(lock)
        elif state := _STATE.match(line):
            thread.state = state["state"]
        elif system_id := _SYSTEM_ID.match(line):
            thread.system_id = int(system_id["id"])

    def _deadlock_line(self, line: str) -> None:
        """HotSpot's own words: they name the owner of what no ``- locked`` line has."""
        wanted = _WANTED.match(line)
        held = _HELD_BY.match(line)
        if wanted:
            self._wanted = wanted["address"]
        elif held and self._wanted and held["name"] is not None and len(self.dump.owners) < MAX_LOCKS:
            self.dump.owners.setdefault(self._wanted, held["name"])
        elif _DEADLOCK_END.match(line):
            self._take, self._thread = self._thread_line, None
        elif _WAITER.match(line):
            self._wanted = None
