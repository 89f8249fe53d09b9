"""Threads of a gdb session that are to be told more about than gdb walked itself."""

from collections.abc import Sequence

from msgspec.structs import replace

from symbolicator.model import Event, Thread, Values


def with_crashed_thread(event: Event) -> tuple[Event, Sequence[Thread]]:
    """The threads, with one for the exception too: gdb may have printed only the stack of that, under no heading."""
    threads = event.thread_list
    if not event.exceptions or any(thread.crashed for thread in threads):
        return event, threads
    crashed = event.exceptions[-1]
    number = crashed.thread_id if crashed.thread_id is not None else 1
    values = (*event.exceptions[:-1], replace(crashed, thread_id=number))
    event = replace(event, exception=Values(values=values))
    return event, (Thread(id=number, crashed=True, current=True), *threads)
