"""Finds deadlocks in a thread dump: threads that wait for one another in a circle.

Each thread waits for at most one lock. Who holds that one is known by a ``locked`` line of the holder, by its list of
ownable synchronizers, or because the runtime names the holder.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from native.crashes.java.locks import LOCKED, SLEEPING, WAITING, LockLine
from native.crashes.java.thread_dump import DumpThread, ThreadDump

_MAX_NAMED = 50
"""Threads of a circle that its sentence names."""


class Wait(Struct, frozen=True):
    """``waiter`` and ``holder`` are indexes of the dump's threads."""

    waiter: int
    lock: LockLine
    holder: int


class Waits:
    """Who waits for whom."""

    def __init__(self, dump: ThreadDump) -> None:
        self._threads = dump.threads
        holders = dict(_holders(dump))
        numbers = {thread.id: index for index, thread in enumerate(dump.threads) if thread.id is not None}
        found = (_wait(dump, holders, numbers, index) for index in range(len(dump.threads)))
        self._by_waiter: Mapping[int, Wait] = {wait.waiter: wait for wait in found if wait}

    def of(self, thread: int) -> Wait | None:
        """What the thread waits for, if it is known who holds that."""
        return self._by_waiter.get(thread)

    def circles(self) -> list[tuple[Wait, ...]]:
        """Every circle, once, in the order of the dump's threads."""
        done: set[int] = set()
        circles: list[tuple[Wait, ...]] = []
        for start in self._by_waiter:
            path: dict[int, int] = {}
            at: int | None = start
            while at is not None and at not in done and at not in path:
                path[at] = len(path)
                at = self._next(at)
            if at in path:
                members = sorted(list(path)[path[at] :])
                circles.append(self._around(members[0]))
            done |= path.keys()
        return circles

    def leads_to(self, thread: int, circle: Sequence[Wait]) -> bool:
        """Whether the thread is in the circle, or waits for one that is."""
        members = {wait.waiter for wait in circle}
        seen: set[int] = set()
        at: int | None = thread
        while at is not None and at not in seen:
            if at in members:
                return True
            seen.add(at)
            at = self._next(at)
        return False

    def _next(self, thread: int) -> int | None:
        wait = self._by_waiter.get(thread)
        return wait.holder if wait else None

    def _around(self, start: int) -> tuple[Wait, ...]:
        waits = [self._by_waiter[start]]
        while waits[-1].holder != start:
            waits.append(self._by_waiter[waits[-1].holder])
        return tuple(waits)


def describe(waits: Sequence[Wait], threads: Sequence[DumpThread]) -> str:
    """A line a thread: ``"main" waits for java.lang.Object <0x1> held by "net"``."""
    named = [describe_wait(wait, threads) for wait in waits[:_MAX_NAMED]]
    more = [f"{len(waits) - _MAX_NAMED} more threads"] if len(waits) > _MAX_NAMED else []
    return "\n".join([*named, *more])


def describe_wait(wait: Wait, threads: Sequence[DumpThread]) -> str:
    """One thread, what it waits for, and who holds it."""
    what = " ".join(part for part in (wait.lock.class_name, f"<{wait.lock.address}>") if part)
    return f"{thread_label(threads[wait.waiter])} waits for {what} held by {thread_label(threads[wait.holder])}"


def thread_label(thread: DumpThread) -> str:
    """The thread's name, in quotes."""
    return f'"{thread.name}"'


def held_by(thread: DumpThread) -> Iterator[LockLine]:
    """The locks that a thread has now: ``wait`` and ART's ``sleep`` have given their object away for the time being."""
    locks = thread.locks
    given = {lock.address for lock in locks if lock.kind in (WAITING, SLEEPING) and not lock.is_parking}
    wanted = {lock.address for lock in locks if lock.is_wanted}
    for lock in locks:
        if lock.kind == LOCKED and lock.address not in given | wanted:
            yield lock


def _holders(dump: ThreadDump) -> Iterator[tuple[str, int]]:
    names = {thread.name: index for index, thread in enumerate(dump.threads)}
    yield from ((address, names[name]) for address, name in dump.owners.items() if name in names)
    for index, thread in enumerate(dump.threads):
        yield from ((lock.address, index) for lock in held_by(thread))


def _wait(dump: ThreadDump, holders: Mapping[str, int], numbers: Mapping[int, int], waiter: int) -> Wait | None:
    """``numbers``: indexes of the threads by the numbers that ART names holders by."""
    wanted = next((lock for lock in dump.threads[waiter].locks if lock.is_wanted), None)
    if wanted is None:
        return None
    holder = None if wanted.holder is None else numbers.get(wanted.holder)
    holder = holders.get(wanted.address) if holder is None else holder
    return None if holder is None or holder == waiter else Wait(waiter, wanted, holder)
