r"""Fatal error logs of the JVM (``hs_err_pid123.log``).

::

    #  SIGSEGV (0xb) at pc=0x00007ff89017a0f9, pid=14757, tid=14758
    # Problematic frame:
    # C  [libshop.so+0x10f9]  Java_shop_Shop_read+0x0

    Current thread (0x00007ff888017ef0):  JavaThread "main" [_thread_in_native, id=14758, stack(0x…,0x…)]

    Native frames: (J=compiled Java code, j=interpreted, Vv=VM code, C=native code)
    C  [libshop.so+0x10f9]  Java_shop_Shop_read+0x0
    j  shop.Shop.discount(I)I+2

    siginfo: si_signo: 11 (SIGSEGV), si_code: 1 (SEGV_MAPERR), si_addr: 0x0000000000000003

Then registers, the other threads by name, and the memory map. The native frames have Java's among them as far as the
walk came; the Java frames are all of Java.

Source: HotSpot's vmError.cpp (VMError::report).
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.java.hs_err_frames import NativeCall, parse_frame
from symbolicator.model import Frame
from symbolicator.readers.text import MAX_FRAMES

MAX_THREADS = 10_000
FATAL = "# A fatal error has been detected by the Java Runtime Environment"
NO_MEMORY = "# There is insufficient memory for the Java Runtime Environment to continue"
_ERROR = re.compile(
    r"#  (?P<what>[A-Z][\w ]{0,80}?)(?: \((?P<detail>[^()\n]{1,300})\))?(?: at pc=0x(?P<pc>[0-9a-f]{1,16}))?, "
    r"pid=(?P<pid>[0-9]{1,10}), tid=(?:0x)?(?P<tid>[0-9a-f]{1,16})\s*\Z"
)
_SIGNAL = re.compile(
    r"siginfo: ?si_signo(?:: |=)(?P<number>[0-9]{1,3}) \((?P<name>\w{1,30})\), si_code(?:: |=)(?P<code>-?[0-9]{1,10})"
    r"(?: \((?P<code_name>[^()\n]{1,60})\))?(?:, si_addr(?:: |=)(?P<address>0x[0-9a-f]{1,16}))?"
)
_WINDOWS = re.compile(r"siginfo: ?(?P<name>EXCEPTION_\w{1,60}) \(0x[0-9a-f]{1,8}\)(?:, (?P<what>[^\n]{1,200}))?")
_CURRENT = re.compile(r"Current thread \(0x[0-9a-f]{1,16}\): {1,3}(?P<rest>\S[^\n]{0,1000})\Z")
_THREAD = re.compile(r"(?:=>| {2})0x[0-9a-f]{1,16} (?P<rest>\S[^\n]{0,1000})\Z")
_KIND = re.compile(
    r"(?P<kind>\w{1,60})(?: \"(?P<name>[^\n]{0,400})\")?(?P<daemon> daemon)?(?: \[(?P<state>_thread_\w{1,40}),?)?"
)
_ID = re.compile(r"\bid=(?P<id>[0-9]{1,10})")
_REGISTER = re.compile(r"\b(?P<name>[A-Z][A-Z0-9]{1,5}|[a-z][a-z0-9]{1,4}) {0,2}= ?0x(?P<value>[0-9a-f]{8,16})\b")
_FIELD = re.compile(r"(?P<name>Host|Time|Command Line|java_command|vm_info|OS): ?(?P<value>[^\n]{0,4000})\Z")
_VERSION = re.compile(r"# (?P<name>JRE version|Java VM): (?P<value>[^\n]{1,1000})\Z")


class LoggedThread(Struct, frozen=True):
    """``id`` of the system; ``kind``: HotSpot's class, such as ``JavaThread``."""

    id: int | None
    name: str | None
    kind: str
    state: str | None = None
    is_daemon: bool = False


class Signal(Struct, frozen=True):
    """``address``: the one that could not be accessed. ``words``: what Windows says instead of it."""

    name: str
    number: int | None = None
    code: int | None = None
    code_name: str | None = None
    address: int | None = None
    words: str | None = None


class ErrorLog(Struct):
    """A log; frames have the newest call first. ``problematic``: the one that the head of the log names."""

    error: str | None = None
    detail: str | None = None
    pid: int | None = None
    tid: int | None = None
    problematic: Frame | NativeCall | None = None
    signal: Signal | None = None
    current: LoggedThread | None = None
    native: list[Frame | NativeCall] = field(default_factory=list)
    java: list[Frame | NativeCall] = field(default_factory=list)
    threads: list[LoggedThread] = field(default_factory=list)
    registers: dict[str, int] = field(default_factory=dict)
    map: list[str] = field(default_factory=list)
    """Lines of the memory map."""
    fields: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    """What the head says beside its fields."""


def read_log(lines: Sequence[str]) -> ErrorLog:
    """Reads a log; of one that breaks off what there is."""
    parser = _Parser()
    for line in lines:
        parser.take(line)
    return parser.log


class _Parser:
    def __init__(self) -> None:
        self.log = ErrorLog()
        self._section = self._other
        self._is_next_problematic = False
        self._sections = (
            ("Native frames:", self._native),
            ("Java frames:", self._java),
            ("Registers:", self._register),
            ("Java Threads:", self._thread),
            ("Other Threads:", self._thread),
            ("Dynamic libraries:", self._map),
        )

    def take(self, line: str) -> None:
        if line.startswith("#"):
            self._head(line)
            return
        section = next((take for start, take in self._sections if line.startswith(start)), None)
        if section:
            self._section = section
        elif not line.strip() and self._section != self._map:
            self._section = self._other
        else:
            self._section(line)

    def _head(self, line: str) -> None:
        error, version = _ERROR.match(line), _VERSION.match(line)
        if self._is_next_problematic:
            self.log.problematic = parse_frame(line[2:])
            self._is_next_problematic = False
        elif error and self.log.error is None:
            self.log.error, self.log.detail = error["what"], error["detail"]
            self.log.pid = int(error["pid"])
            self.log.tid = int(error["tid"]) if error["tid"].isdigit() else int(error["tid"], 16)
        elif version:
            self.log.fields.setdefault(version["name"], version["value"].strip())
        elif line.startswith("# Problematic frame:"):
            self._is_next_problematic = True
        elif line.strip("# \t") and len(self.log.words) < _MAX_WORDS:
            self.log.words.append(line.strip("# \t"))

    def _other(self, line: str) -> None:
        signal, current, named = _signal(line), _CURRENT.match(line), _FIELD.match(line)
        if signal:
            self.log.signal = self.log.signal or signal
        elif current:
            self.log.current = self.log.current or parse_thread(current["rest"])
        elif named:
            self.log.fields.setdefault(named["name"], named["value"].strip())

    def _native(self, line: str) -> None:
        frame = parse_frame(line)
        if frame and len(self.log.native) < MAX_FRAMES:
            self.log.native.append(frame)

    def _java(self, line: str) -> None:
        frame = parse_frame(line)
        if frame and len(self.log.java) < MAX_FRAMES:
            self.log.java.append(frame)

    def _register(self, line: str) -> None:
        for match in _REGISTER.finditer(line[:_MAX_ROW]):
            self.log.registers.setdefault(match["name"], int(match["value"], 16))

    def _thread(self, line: str) -> None:
        match = _THREAD.match(line)
        thread = parse_thread(match["rest"]) if match else None
        if thread and len(self.log.threads) < MAX_THREADS:
            self.log.threads.append(thread)

    def _map(self, line: str) -> None:
        """Up to the heading that follows: the map itself may have anything but a colon at the end."""
        if not line.strip() or line.startswith("VM Arguments:"):
            self._section = self._other
        elif len(self.log.map) < _MAX_ROWS:
            self.log.map.append(line)


_MAX_WORDS, _MAX_ROW, _MAX_ROWS = 20, 1_000, 70_000


def parse_thread(text: str) -> LoggedThread | None:
    """``JavaThread "main" [_thread_in_native, id=14758, stack(…)]``."""
    match, number = _KIND.match(text), _ID.search(text)
    if match is None:
        return None
    name = match["name"]
    return LoggedThread(
        id=int(number["id"]) if number else None,
        name=name,
        kind=match["kind"],
        state=match["state"],
        is_daemon=bool(match["daemon"]),
    )


def _signal(line: str) -> Signal | None:
    if not line.startswith("siginfo:"):
        return None
    match, windows = _SIGNAL.match(line), _WINDOWS.match(line)
    if match:
        address = int(match["address"], 16) if match["address"] else None
        return Signal(match["name"], int(match["number"]), int(match["code"]), match["code_name"], address)
    return Signal(windows["name"], words=windows["what"]) if windows else None
