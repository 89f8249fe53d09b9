"""What a crash report of Apple's systems says, whatever it is written in: between the parsers and the event."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from native.crashes.raw_frames import RawFrame
from symbolicator.model import JSON, Breadcrumb, Caller, DebugImage, Problem

MAX_THREADS = 2_000
MAX_FRAMES = 512
"""Of one thread: what Apple's reporter writes at most."""
MAX_IMAGES = 4_000
MAX_ALL_FRAMES = 100_000
"""Of all threads together."""

Adjustment = Literal["all", "all_but_first"]
"""Which addresses are return addresses: all of them in the stack of an exception, all but the newest in a thread's."""


class PrintedImage(Struct, frozen=True):
    """A loaded image. ``name``: what frames call it; ``is_own``: the report's own mark for code that is not Apple's."""

    image: DebugImage
    name: str | None = None
    is_own: bool = False


class PrintedThread(Struct, frozen=True):
    """One thread; ``frames`` with the newest call first. ``number`` counts from 0, as reports count threads."""

    number: int
    name: str | None = None
    queue: str | None = None
    frames: Sequence[RawFrame] = ()
    registers: Mapping[str, int] = {}
    is_marked: bool = False
    """The report marks it as the one that crashed where it shows it."""
    is_current: bool = False
    state: str | None = None
    adjustment: Adjustment = "all_but_first"
    extra: dict[str, JSON] = {}


class Termination(Struct, frozen=True):
    """Who ended the process and why: a code within a namespace, such as ``FRONTBOARD`` and 0x8badf00d."""

    namespace: str | None = None
    code: int | None = None
    details: Sequence[str] = ()


class Failure(Struct, frozen=True):
    """What went wrong. ``kind``: how it was noticed, in Sentry's words (``mach``, ``signal``, ``nsexception``)."""

    kind: str = "mach"
    is_crash: bool = True
    """False of a report that the program asked for, and went on."""
    exception: str | None = None
    """The Mach exception, as ``EXC_BAD_ACCESS``."""
    signal: str | None = None
    codes: Sequence[int] = ()
    subtype: str | None = None
    """What the code means: ``KERN_INVALID_ADDRESS at 0x10``."""
    name: str | None = None
    """Of a language's exception: ``NSRangeException``, ``std::runtime_error``."""
    reason: str | None = None
    messages: Sequence[str] = ()
    """What the program or its libraries said, as ``abort() called``."""
    termination: Termination | None = None
    data: dict[str, JSON] = {}
    """Whatever else belongs to it."""


class Report(Struct, frozen=True):
    """A whole report. ``named_thread``: the number of the thread that the header says crashed."""

    failure: Failure = field(default_factory=Failure)
    threads: Sequence[PrintedThread] = ()
    named_thread: int | None = None
    images: Sequence[PrintedImage] = ()
    exception_frames: Sequence[RawFrame] = ()
    """The stack of the exception itself, newest call first: all return addresses."""
    caller: Caller | None = None
    """Who asked for what the crashed thread does."""
    arch: str | None = None
    event_id: str | None = None
    timestamp: str | float | None = None
    contexts: dict[str, JSON] = {}
    breadcrumbs: Sequence[Breadcrumb] = ()
    problems: Sequence[Problem] = ()
    extra: dict[str, JSON] = {}
