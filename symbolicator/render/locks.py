"""Monitors: what a call waits for or holds, and the threads that keep the crashed one waiting."""

from symbolicator.model import Event, Lock, Thread
from symbolicator.render.safe import safe

_LOCKED = 1
_VERBS = {_LOCKED: "holds", 2: "waits on", 4: "sleeps on", 8: "waits for"}
MAX_BLOCKERS = 8


def lock_note(lock: Lock) -> str:
    """``waits for com.shop.Stock <0x0d3a2f0a>, held by thread 12``."""
    kind = ".".join(part for part in (lock.package_name, lock.class_name) if part)
    address = f"<{lock.address}>" if lock.address else ""
    text = " ".join(part for part in (_VERBS.get(lock.type or 0, "uses"), kind or "a lock", address) if part)
    is_others = lock.type != _LOCKED and lock.thread_id is not None
    return safe(text + (f", held by thread {lock.thread_id}" if is_others else ""), 200)


def blockers(event: Event, thread: Thread | None) -> list[Thread]:
    """The threads that hold what a thread waits for, and what those wait for in turn, each once."""
    by_id: dict[int | str | None, Thread] = {one.id: one for one in event.thread_list if one.id is not None}
    found: list[Thread] = []
    waiting = thread
    while waiting and len(found) < MAX_BLOCKERS:
        holder = by_id.get(_holder(waiting))
        if holder is None or holder is thread or holder in found:
            break
        found.append(holder)
        waiting = holder
    return found


def _holder(thread: Thread) -> int | str | None:
    frames = thread.stacktrace.frames if thread.stacktrace else ()
    locks = (frame.lock for frame in reversed(frames) if frame.lock and frame.lock.type != _LOCKED)
    return next((lock.thread_id for lock in locks if lock.thread_id not in (None, thread.id)), None)
