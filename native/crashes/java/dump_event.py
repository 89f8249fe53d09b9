"""From a thread dump to its event: the deadlock on top if there is one, else what the main thread did."""

from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.android.contexts import contexts, iso_timestamp
from native.crashes.android.frames import AndroidFrame
from native.crashes.android.images import AndroidImages
from native.crashes.android.model_frames import FrameMaker
from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.java.deadlock import Wait, Waits, describe, describe_wait, held_by, thread_label
from native.crashes.java.frames import PLATFORM
from native.crashes.java.images import mapping_images
from native.crashes.java.locks import LOCKED, LockLine, lock_of
from native.crashes.java.thread_dump import DumpThread, PrintedCall, ThreadDump
from symbolicator.model import (
    JSON,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.readers.text import RAW_REPORT

_MAIN = "main"


def event_of(dump: ThreadDump, text: str) -> Event:
    """The event."""
    waits = Waits(dump)
    arch = dump.fields.get("ABI", "").strip("'") or None
    native = [call.frame for thread in dump.threads for call in thread.calls if isinstance(call.frame, AndroidFrame)]
    table = AndroidImages(native, arch=arch)
    maker = FrameMaker(table, platform=PLATFORM)
    threads = [_thread(dump, waits, index, maker) for index in range(len(dump.threads))]
    java = (call.frame for thread in dump.threads for call in thread.calls if isinstance(call.frame, Frame))
    images = (*table.images, *mapping_images(java))
    return Event(
        platform=PLATFORM,
        timestamp=iso_timestamp(dump.timestamp or ""),
        exception=Values(values=(_exception(dump, waits, threads),)),
        threads=Values(values=tuple(threads)),
        debug_meta=DebugMeta(images=images) if images else None,
        contexts=_contexts(dump, arch) or None,
        errors=(TOO_MANY_FRAMES,) if dump.full else (),
        extra={RAW_REPORT: text},
    )


def _exception(dump: ThreadDump, waits: Waits, threads: Sequence[Thread]) -> ExceptionValue:
    circles = waits.circles()
    main = next((index for index, thread in enumerate(dump.threads) if _is_main(dump, thread)), None)
    if circles:
        return _deadlock(dump, waits, circles, threads, main)
    kind = "ANR" if dump.is_android else "Thread dump"
    return ExceptionValue(
        type=kind,
        value=_words(dump, waits, main),
        thread_id=None if main is None else threads[main].id,
        mechanism=_mechanism(dump),
    )


def _deadlock(
    dump: ThreadDump, waits: Waits, circles: Sequence[tuple[Wait, ...]], threads: Sequence[Thread], main: int | None
) -> ExceptionValue:
    """The circle that holds the main thread up, if one does, comes first."""
    stuck = [circle for circle in circles if main is not None and waits.leads_to(main, circle)]
    first, *others = [*stuck, *(circle for circle in circles if circle not in stuck)]
    waiting = waits.of(main) if main is not None and stuck else None
    outside = [] if waiting is None or waiting in first else [describe_wait(waiting, dump.threads)]
    sentences = [*outside, *(describe(circle, dump.threads) for circle in (first, *others))]
    index = main if main is not None and stuck else first[0].waiter
    cycle: list[JSON] = [threads[wait.waiter].id for wait in first]
    return ExceptionValue(
        type="Deadlock",
        value="\n".join(sentences),
        thread_id=threads[index].id,
        mechanism=replace(_mechanism(dump), data={"threads": cycle}),
    )


def _words(dump: ThreadDump, waits: Waits, main: int | None) -> str:
    """Why the dump was taken, and what holds the main thread up."""
    subject = dump.fields.get("Subject") or dump.fields.get("Reason")
    if main is None or not dump.is_android:
        return subject or ("1 thread" if len(dump.threads) == 1 else f"{len(dump.threads):,} threads")
    thread = dump.threads[main]
    wait = waits.of(main)
    doing = (
        describe_wait(wait, dump.threads)
        if wait
        else f"{thread_label(thread)} is {thread.state or 'in no known state'}"
    )
    return "\n".join(part for part in (subject, doing) if part)


def _mechanism(dump: ThreadDump) -> Mechanism:
    return Mechanism(type="ANR" if dump.is_android else "thread_dump", handled=False if dump.is_android else None)


def _is_main(dump: ThreadDump, thread: DumpThread) -> bool:
    """ART numbers it 1, whatever its name; HotSpot calls it so."""
    return thread.id == 1 if dump.is_android else thread.name == _MAIN


def _thread(dump: ThreadDump, waits: Waits, index: int, maker: FrameMaker) -> Thread:
    thread, wait = dump.threads[index], waits.of(index)
    held = {lock.address: lock_of(lock, thread.id) for lock in held_by(thread)}
    holder = dump.threads[wait.holder].id if wait else None
    frames = tuple(_frame(call, maker, thread, holder) for call in reversed(thread.calls))
    notes: dict[str, JSON] = {"system_id": thread.system_id, "daemon": thread.is_daemon or None}
    return Thread(
        id=thread.id,
        name=thread.name,
        state=thread.state,
        main=True if _is_main(dump, thread) else None,
        held_locks=held or None,
        stacktrace=Stacktrace(frames=frames, instruction_addr_adjustment="none") if frames else None,
        extra={name: value for name, value in notes.items() if value is not None},
    )


def _frame(call: PrintedCall, maker: FrameMaker, thread: DumpThread, holder: int | None) -> Frame:
    frame = maker.frame(call.frame) if isinstance(call.frame, AndroidFrame) else call.frame
    lock = _shown(call.locks)
    if lock is None:
        return frame
    owner = lock.holder or holder if lock.is_wanted else thread.id if lock.kind == LOCKED else None
    return replace(frame, lock=lock_of(lock, owner))


def _shown(locks: Sequence[LockLine]) -> LockLine | None:
    """Of the locks of one call the one that it waits for, else the first."""
    return next((lock for lock in locks if lock.kind != LOCKED), None) or next(iter(locks), None)


def _contexts(dump: ThreadDump, arch: str | None) -> dict[str, JSON]:
    if not dump.is_android:
        name, _, version = (dump.vm or "").partition(" (")
        found: dict[str, JSON] = {"runtime": {"name": name, "version": version.removesuffix(")").partition(" ")[0]}}
    else:
        process = dump.fields.get("Cmd line") or dump.fields.get("Process") or ""
        found = contexts(dump.fields.get("Build fingerprint", "").strip("'"), arch, process)
    counts: dict[str, JSON] = {"pid": dump.pid, "dumps": dump.count if dump.count > 1 else None}
    told: dict[str, JSON] = {name: value for name, value in counts.items() if value is not None}
    return found | ({"thread_dump": told} if told else {})
