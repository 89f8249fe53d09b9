"""Frames of HotSpot's serviceability agent: ``jhsdb jstack``, with and without native frames."""

import pytest

from native.crashes.java.agent_frames import parse_frame
from native.crashes.java.dump_reader import READER


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (" - com.shop.Prices.lookUp(int, long) @bci=0 (Interpreted frame)", ("com.shop.Prices", "lookUp", None, True)),
        (" - Shop$Rule.total(int[]) @bci=11, line=25 (Interpreted frame)", ("Shop$Rule", "total", 25, False)),
        (
            " - a.b.c() @bci=3, line=9 (Compiled frame; information may be imprecise)",
            ("a.b", "c", 9, False),
        ),
        ("0x00007f2224\t* a.b.<init>(int) bci:11 line:25 (Interpreted frame)", ("a.b", "<init>", 25, False)),
        ("0x00007f222402e110\tJava_Spin_spin + 0x17", (None, "Java_Spin_spin", None, False)),
        ("0x00007f222402e110\t<StubRoutines>", (None, "StubRoutines", None, False)),
        ("0x00007f222402e110\t????????", (None, None, None, False)),
    ],
)
def test_a_frame(line: str, expected: tuple[object, ...]) -> None:
    """Java's frames have their method and line, native ones their name: whatever is lost was never printed."""
    frame = parse_frame(line)
    assert frame
    is_native = bool(frame.data and frame.data.is_native)
    assert (frame.module, frame.function, frame.lineno, is_native) == expected


@pytest.mark.parametrize("line", ["\t- locked <0x01> (a b.C)", "0x00007f22 in f ()", " - a.b @bci=0", "", "- " * 4_000])
def test_other_lines(line: str) -> None:
    """Locks stand between the frames."""
    assert parse_frame(line) is None


def test_threads_without_java_do_not_lend_their_frames_to_others() -> None:
    """With --mixed the JVM's own threads have a number and no heading: their frames are not the last Java thread's."""
    text = (
        '----------------- 11 -----------------\n"main" #1 prio=5 tid=0x01 nid=0xb runnable [0x02]\n'
        "   java.lang.Thread.State: RUNNABLE\n0x0a\tspin + 0x1\n"
        "----------------- 12 -----------------\n0x0b\tfutex + 0x2\n0x0c\twait + 0x3\n"
    )
    threads = READER.read(text.encode()).thread_list
    stacks = [[frame.function for frame in thread.stacktrace.frames] for thread in threads if thread.stacktrace]
    assert [(thread.name, thread.extra["system_id"]) for thread in threads] == [("main", 11), ("thread 12", 12)]
    assert stacks == [["spin"], ["wait", "futex"]]
