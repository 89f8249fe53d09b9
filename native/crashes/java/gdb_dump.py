"""What a JVM's threads do in Java, where a thread dump stands in the text of a gdb session of the same process.

gdb walks no Java frame, ``jstack`` and ``jhsdb jstack`` no native one. Which threads are one and the same the system's
number says: ``LWP 9077`` of gdb is ``nid=0x2375`` of the JVM.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.gdb_views import with_crashed_thread
from native.crashes.java.dump_event import event_of
from native.crashes.java.thread_dump import read_thread_dump
from symbolicator.model import Event, Thread, Values

_NUMBER = re.compile(r"\(LWP (?P<number>[0-9]{1,10})\)")
_CURRENT = re.compile(
    r"\[(?:Current thread is [0-9]{1,9} \(|Switching to )Thread 0x[0-9a-f]{1,16} \(LWP ([0-9]{1,10})\)"
)
_HAS_DUMP = " nid="


def with_java(event: Event, lines: Sequence[str]) -> Event:
    """The event with Java's frames beside the native ones of the same threads; further threads of Java behind them."""
    if not any(line.startswith('"') and _HAS_DUMP in line for line in lines):
        return event
    java = {thread.extra.get("system_id"): thread for thread in event_of(read_thread_dump(lines), "").thread_list}
    current = next((int(match[1]) for match in map(_CURRENT.match, lines) if match), None)
    event, threads = with_crashed_thread(event)
    joined = [_joined(thread, java.pop(_number(thread, current), None)) for thread in threads]
    others = [replace(thread, id=number, main=None) for number, thread in java.items() if isinstance(number, int)]
    return replace(event, threads=Values(values=(*joined, *others)))


def _number(thread: Thread, current: int | None) -> int | None:
    match = _NUMBER.search(str(thread.extra.get("system_id", "")))
    return int(match["number"]) if match else current if thread.current else None


def _joined(thread: Thread, java: Thread | None) -> Thread:
    if java is None:
        return thread
    return replace(
        thread,
        name=java.name,
        state=java.state,
        held_locks=java.held_locks,
        vm_stacktrace=java.stacktrace,
    )
