"""Sessions of gdb with a runtime's own stacks in the same text: Python's and Java's beside the native ones."""

import pytest

from native.crashes.backtrace import READER
from symbolicator.model import Thread

SESSION = """Thread 2 (Thread 0x7f01 (LWP 12) "worker"):
#0  wait () at wait.c:3
#1  run () at run.c:4
{worker}
Thread 1 (Thread 0x7f02 (LWP 11) "shop"):
#0  spin () at spin.c:5
#1  main () at main.c:6
{main}
"""
PY_BT = (
    'Traceback (most recent call first):\n  <built-in method spin>\n  File "/srv/shop.py", line {}, in {}\n    go()\n'
)
NUMBERED = """#1 <built-in method spin of module object at remote 0x7f>
#2 Frame 0x7fb5290, for file /srv/shop.py, line 7, in inner (n=1)
    spin()
#2 Frame 0x7fb5228, for file /srv/shop.py, line 8, in outer ()
#5 Frame 0x7fb5220, for file /srv/shop.py, line 9, in <module> ()
"""
JAVA = """
"main" #1 prio=5 tid=0x01 nid={} runnable [0x02]
   java.lang.Thread.State: RUNNABLE
 - com.shop.Cart.total(int) @bci=4, line=7 (Interpreted frame)

"Finalizer" #3 daemon prio=8 tid=0x03 nid=0x63 in Object.wait() [0x04]
   java.lang.Thread.State: WAITING (on object monitor)
 - java.lang.Object.wait(long) @bci=0 (Interpreted frame)
"""


def threads(text: str) -> dict[object, Thread]:
    return {thread.id: thread for thread in READER.read(text.encode()).thread_list}


def calls(thread: Thread) -> list[tuple[str | None, int | None, bool]]:
    """Newest first, with whether native code entered the runtime there."""
    frames = thread.vm_stacktrace.frames if thread.vm_stacktrace else ()
    return [(frame.function, frame.lineno, bool(frame.data and frame.data.is_entry)) for frame in reversed(frames)]


def test_each_thread_has_its_own_python() -> None:
    """``thread apply all py-bt``: a stack under the heading of another thread would be merged into that."""
    found = threads(SESSION.format(worker=PY_BT.format(3, "work"), main=PY_BT.format(9, "<module>")))
    assert {number: calls(thread) for number, thread in found.items()} == {
        2: [("work", 3, True)],
        1: [("<module>", 9, True)],
    }


def test_numbers_say_which_calls_one_native_frame_ran() -> None:
    """``py-bt-full``: Python that calls Python stays in one native frame, and is entered once."""
    [one] = [thread for thread in threads(SESSION.format(worker="", main=NUMBERED)).values() if thread.vm_stacktrace]
    assert one.id == 1
    assert calls(one) == [("inner", 7, False), ("outer", 8, True), ("<module>", 9, True)]


@pytest.mark.parametrize("nid", ["0xb", "11"])
def test_java_is_found_by_the_number_of_the_system(nid: str) -> None:
    """Both gdb and the JVM count threads from 1, but not the same ones; newer JVMs print the number as decimal."""
    found = threads(SESSION.format(worker="", main="") + JAVA.format(nid))
    assert calls(found[1]) == [("total", 7, False)]
    assert (found[1].name, found[2].vm_stacktrace) == ("main", None)
    assert found[99].name == "Finalizer"


def test_a_dump_of_another_process_joins_no_thread() -> None:
    """No number is the same: nothing says that they belong together."""
    found = threads(SESSION.format(worker="", main="") + JAVA.format("0x1000"))
    assert not any(thread.vm_stacktrace for thread in found.values())
    assert {thread.name for thread in found.values()} == {"worker", "shop", "main", "Finalizer"}
