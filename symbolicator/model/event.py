"""The event: one crash, in the words and field names of the Sentry event payload.

Source of the field names: Sentry's event payload documentation (develop.sentry.dev/sdk/data-model/event-payloads).
"""

from typing import Generic, TypeVar

from symbolicator.model.addresses import AbsoluteAddress
from symbolicator.model.base import JSON, Model
from symbolicator.model.fingerprints import Fingerprint
from symbolicator.model.frames import Lock, Stacktrace
from symbolicator.model.kinds import CrashKind
from symbolicator.model.merged import MergedTrace
from symbolicator.model.problems import Problem
from symbolicator.model.suspects import SuspectCommit

T = TypeVar("T")


class Values(Model, Generic[T], frozen=True, kw_only=True):
    """Sentry's ``{"values": […]}`` wrapper; a bare list (or a single object) is read as one too."""

    values: tuple[T, ...] = ()


class Mechanism(Model, frozen=True, kw_only=True):
    """How an exception came about, and where it stands in a chain of causes (``exception_id`` 0 is the one raised)."""

    type: str | None = None
    handled: bool | None = None
    synthetic: bool | None = None
    source: str | None = None
    is_exception_group: bool | None = None
    exception_id: int | None = None
    parent_id: int | None = None
    data: dict[str, JSON] | None = None
    meta: dict[str, JSON] | None = None


class Caller(Model, frozen=True, kw_only=True):
    """Who asked for what a thread does or for what failed: earlier, on another thread, or waiting for it (``sync``)."""

    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None
    function_addr: AbsoluteAddress | None = None
    """Start of the native function that carries the request out."""
    asked_for: str | None = None
    """What was asked for, as in ``Module.method``; just ``method`` where no more is known."""
    kind: str | None = None
    """``async`` or ``void`` where the caller has gone on meanwhile, ``sync`` where it waits."""
    rule: str | None = None
    """Whose word that is, as in ``react-native-ios-bridge``."""
    label: str | None = None
    """What a reader is told, where all that the thread does was asked for: ``enqueued from com.apple.main-thread``."""


class ExceptionValue(Model, frozen=True, kw_only=True):
    """One exception. In ``exception.values`` the innermost cause comes first, the one that was raised last."""

    type: str | None = None
    value: str | None = None
    raw_value: str | None = None
    """As the report has it, where ``value`` was decoded from it."""
    module: str | None = None
    thread_id: int | str | None = None
    mechanism: Mechanism | None = None
    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None
    caller: Caller | None = None
    """What the exception that it caused had called, of which exception the caller's stack is."""


class StackMemory(Model, frozen=True, kw_only=True):
    """Bytes of a thread's stack in a dump, from the stack pointer upwards: what an unwinder has yet to walk."""

    address: AbsoluteAddress
    data: bytes
    interrupted: "StackMemory | None" = None
    """The stack that a signal interrupted, where its handler runs on one of its own."""

    @property
    def pieces(self) -> "tuple[StackMemory, ...]":
        """The memory of the current stack, then that of the interrupted one."""
        return (self, self.interrupted) if self.interrupted else (self,)


class Thread(Model, frozen=True, kw_only=True):
    """One thread of the crashed process."""

    id: int | str | None = None
    name: str | None = None
    crashed: bool | None = None
    current: bool | None = None
    main: bool | None = None
    state: str | None = None
    held_locks: dict[str, Lock] | None = None
    """Monitors that it holds, by their addresses."""
    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None
    vm_stacktrace: Stacktrace | None = None
    """The same thread as a language's runtime sees it: the interpreter's frames beside the native ones."""
    raw_vm_stacktrace: Stacktrace | None = None
    caller: Caller | None = None
    stack_memory: StackMemory | None = None
    """Of a thread that is yet to be walked; ``stacktrace`` then has its registers and one frame."""


class DebugImage(Model, frozen=True, kw_only=True):
    """One loaded file: an executable, a library, a minified bundle. ``image_size`` is in bytes."""

    type: str | None = None
    code_id: str | None = None
    code_file: str | None = None
    debug_id: str | None = None
    debug_file: str | None = None
    uuid: str | None = None
    arch: str | None = None
    image_addr: AbsoluteAddress | None = None
    image_size: int | None = None
    image_vmaddr: AbsoluteAddress | None = None
    debug_status: str | None = None
    """``found``, ``unused``, ``missing``, ``wrong_id``, ``stripped``, ``malformed``, ``unsupported``."""
    unwind_status: str | None = None
    features: dict[str, JSON] | None = None


class DebugMeta(Model, frozen=True, kw_only=True):
    """The images of the crashed process."""

    images: tuple[DebugImage, ...] = ()


class Breadcrumb(Model, frozen=True, kw_only=True):
    """Something that happened before the crash."""

    timestamp: str | float | None = None
    type: str | None = None
    category: str | None = None
    level: str | None = None
    message: str | None = None
    data: dict[str, JSON] | None = None


class Event(Model, frozen=True, kw_only=True):
    """One crash."""

    event_id: str | None = None
    platform: str | None = None
    level: str | None = None
    timestamp: str | float | None = None
    release: str | None = None
    dist: str | None = None
    environment: str | None = None
    transaction: str | None = None
    title: str | None = None
    culprit: str | None = None
    crash_kind: CrashKind | None = None
    """What kind of crash it was, where that is recognised."""
    exception: Values[ExceptionValue] | None = None
    threads: Values[Thread] | None = None
    stacktrace: Stacktrace | None = None
    raw_stacktrace: Stacktrace | None = None
    debug_meta: DebugMeta | None = None
    breadcrumbs: Values[Breadcrumb] | None = None
    contexts: dict[str, JSON] | None = None
    errors: tuple[Problem, ...] = ()
    merged: MergedTrace | None = None
    suspects: tuple[SuspectCommit, ...] = ()
    """Commits that may have caused the crash, the likeliest first."""
    fingerprints: tuple[Fingerprint, ...] = ()

    @property
    def exceptions(self) -> tuple[ExceptionValue, ...]:
        """The exceptions, innermost cause first."""
        return self.exception.values if self.exception else ()

    @property
    def thread_list(self) -> tuple[Thread, ...]:
        """The threads in the order of the report."""
        return self.threads.values if self.threads else ()

    @property
    def images(self) -> tuple[DebugImage, ...]:
        """The loaded images in the order of the report."""
        return self.debug_meta.images if self.debug_meta else ()
