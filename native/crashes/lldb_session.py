r"""What an LLDB session printed: its threads with their stacks, why it stopped, its images and registers.

=====================================================================================  =================================
``* thread #5, name = 'courier', stop reason = signal SIGSEGV: … (fault address: 8)``  the thread that LLDB looks at
``* thread #1, queue = 'com.apple.main-thread', stop reason = EXC_BAD_ACCESS (…)``     the same on macOS
``  thread #2, name = 'packer'``, ``thread #2: tid = 0x2c03``                          another one
``[  0] F8E78F36-…-306910AE 0x0000555555554000 /srv/pool``                             ``image list``: id and address
``Current executable set to '/srv/pool' (x86_64).``                                    the program and its processor
``       rip = 0x00005555555555ca  pool`main + 12``                                    ``register read``
``  thread #4294967295: tid = 0x190c, 0x… libdispatch.dylib`…, queue = '…'``           who queued the work of the thread
                                                                                       above: ``bt --extended true``
=====================================================================================  =================================

Source: LLDB's default ``thread-format`` and its commands' output.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.lldb_frames import LldbFrame, parse_frame
from native.crashes.mappings import MAX_IMAGES
from native.images import base_name
from symbolicator.model import AbsoluteAddress, DebugImage, ReportedAddress
from symbolicator.readers.text import MAX_FRAMES

_THREAD = re.compile(
    r"(?P<current>\*)? {0,4}thread #(?P<id>[0-9]{1,10})(?:: tid = (?P<system>[^,\n]{1,40}))?"
    r"(?P<rest>(?:,| ).{0,4000})?\Z"
)
_NAME = re.compile(r", name = '(?P<name>[^\n]{0,200}?)'(?=,|\Z)")
_QUEUE = re.compile(r", queue = '(?P<name>[^\n]{0,200}?)'(?=,|\Z)")
_REASON = ", stop reason = "
_IMAGE = re.compile(
    r"\[ {0,5}[0-9]{1,5}\] (?P<id>[0-9A-F]{8}(?:-[0-9A-F]{4,12}){0,5}) "
    r"0x(?P<address>[0-9a-f]{1,16}) (?P<path>\S.*?) ?\Z"
)
_PROGRAM = re.compile(
    r"(?:Current executable set to '(?P<path>[^\n]{1,1000})'|Core file '[^\n]{1,1000}') "
    r"\((?P<arch>[a-z0-9_-]{1,20})\)"
)
_REGISTER = re.compile(r" {1,12}(?P<name>[a-z][a-z0-9_]{1,9}) = 0x(?P<value>[0-9a-f]{1,16})(?:  .*)?\Z")
_RECORDED = 0xFFFFFFFF
"""The number of threads that are only records. Those of memory have a name (``Memory allocated by Thread 1``)."""
_APPLE_ENDINGS = (".dylib", "/dyld")
_BUILD_ID_DIGITS = 40
_MAX_REGISTERS = 100
_MAX_RECORDS = 50
"""Of one thread."""


class PrintedThread(Struct):
    """One thread. ``reason``: why it stopped, None if it did not."""

    number: int
    name: str | None = None
    queue: str | None = None
    system: str | None = None
    reason: str | None = None
    current: bool = False
    frames: list[LldbFrame] = field(default_factory=list)
    enqueuers: "list[PrintedThread]" = field(default_factory=list)
    """Who queued its work, who queued that one's, and so on."""


class Session(Struct):
    """``threads`` in the order in which they were printed first, each with the longest of its stacks."""

    threads: dict[int, PrintedThread] = field(default_factory=dict)
    images: list[tuple[str, int, str]] = field(default_factory=list)
    registers: dict[str, ReportedAddress] = field(default_factory=dict)
    program: str | None = None
    arch: str | None = None
    full: bool = False

    @property
    def current(self) -> PrintedThread | None:
        """The thread that LLDB looks at."""
        return next((thread for thread in self.threads.values() if thread.current), None)


def is_heading(line: str) -> bool:
    """Whether a thread's stack follows."""
    return "thread #" in line[:16] and _THREAD.match(line) is not None


def read_session(lines: Sequence[str]) -> Session:
    """Reads the lines."""
    reading = _Reading()
    for line in lines:
        if reading.left <= 0:
            break
        reading.take(line)
    reading.end_stack()
    reading.session.full = reading.left <= 0
    return reading.session


class _Reading:
    """Goes through the lines once."""

    def __init__(self) -> None:
        self.session = Session()
        self.left = MAX_FRAMES
        self._thread: PrintedThread | None = None
        self._working: PrintedThread | None = None
        self._enqueuers: list[PrintedThread] = []
        self._frames: list[LldbFrame] = []

    def take(self, line: str) -> None:
        """Reads one line."""
        frame = parse_frame(line)
        heading = _THREAD.match(line) if frame is None and "thread #" in line[:16] else None
        if frame:
            self._add(frame)
        elif heading:
            self.end_stack()
            self._thread = self._recorded(heading) or self._known(heading)
        elif line.startswith(" "):
            self._note_register(line)
        else:
            self._note_image(line)

    def end_stack(self) -> None:
        """Gives the frames to their thread: LLDB prints the newest one when it stops, and all of them for ``bt``."""
        if self._frames:
            thread = self._thread or self.session.threads.setdefault(0, PrintedThread(0, current=True))
            thread.frames = max(thread.frames, self._frames, key=len)
        self._frames = []

    def _add(self, frame: LldbFrame) -> None:
        if self._frames and frame.number <= self._frames[-1].number:
            self.end_stack()
        self._frames.append(frame)
        self.left -= 1

    def _known(self, heading: re.Match[str]) -> PrintedThread:
        number = int(heading["id"])
        thread = self.session.threads.setdefault(number, PrintedThread(number))
        told, _, reason = (heading["rest"] or "").partition(_REASON)
        name, queue = _NAME.search(told), _QUEUE.search(told)
        thread.name = thread.name or (name["name"] if name else None)
        thread.queue = thread.queue or (queue["name"] if queue else None)
        thread.system = thread.system or heading["system"]
        thread.reason = thread.reason or reason or None
        if heading["current"]:
            for other in self.session.threads.values():
                other.current = other is thread
        self._working, self._enqueuers = thread, []
        return thread

    def _recorded(self, heading: re.Match[str]) -> PrintedThread | None:
        """A record of who queued the work of the thread above, or of the thread that LLDB looks at."""
        number, queue = int(heading["id"]), _QUEUE.search(heading["rest"] or "")
        worker = self._working or self.session.current
        if number != _RECORDED or queue is None or worker is None:
            return None
        record = PrintedThread(number, queue=queue["name"], system=heading["system"])
        if len(self._enqueuers) < _MAX_RECORDS:
            self._enqueuers.append(record)
        worker.enqueuers = self._enqueuers
        return record

    def _note_register(self, line: str) -> None:
        register = _REGISTER.match(line)
        if register and len(self.session.registers) < _MAX_REGISTERS:
            self.session.registers.setdefault(register["name"], ReportedAddress(int(register["value"], 16)))

    def _note_image(self, line: str) -> None:
        image, program = _IMAGE.match(line), _PROGRAM.match(line)
        if image and len(self.session.images) < MAX_IMAGES:
            self.session.images.append((image["id"], int(image["address"], 16), image["path"]))
        elif program:
            self.session.program = self.session.program or program["path"]
            self.session.arch = self.session.arch or program["arch"]


def images_of(session: Session) -> list[DebugImage]:
    """The listed images. An id of 20 bytes is an ELF build id; LLDB writes it like a UUID."""
    is_apple = any(path.endswith(_APPLE_ENDINGS) for _, _, path in session.images)
    return [_image(*row, session.arch, is_apple=is_apple) for row in session.images]


def _image(identity: str, address: int, path: str, arch: str | None, *, is_apple: bool) -> DebugImage:
    digits = identity.replace("-", "").lower()
    is_elf = len(digits) == _BUILD_ID_DIGITS or not is_apple
    return DebugImage(
        type="elf" if is_elf else "macho",
        code_id=digits if is_elf else None,
        debug_id=None if is_elf else identity.lower(),
        code_file=path.partition(" (0x")[0],
        arch=arch,
        image_addr=AbsoluteAddress(address) if address else None,
    )


def path_of(session: Session, name: str | None) -> str | None:
    """The full path of an image that a frame names by its last part; the name itself where it is not listed."""
    if name is None:
        return None
    listed = (path for _, _, path in session.images)
    known = (path for path in (*listed, session.program or "") if base_name(path) == name)
    return next(known, name)
