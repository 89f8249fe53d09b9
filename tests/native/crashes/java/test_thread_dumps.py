"""Thread dumps: states, locks, and the deadlock that they show."""

import re
from pathlib import Path

import pytest

from native.crashes.java.dump_reader import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Frame, Lock, Thread

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
DEADLOCK = FIXTURES / "java-deadlock"
ANR = FIXTURES / "android-anr" / "crash.txt"


def thread(event: Event, name: str) -> Thread:
    return next(one for one in event.thread_list if one.name == name)


def frames(one: Thread) -> list[Frame]:
    """Newest call first, as printed."""
    return list(reversed(one.stacktrace.frames)) if one.stacktrace else []


def art(*threads: str) -> Event:
    return READER.read("\n\n".join(threads).encode())


def waiting(name: str, number: int, wants: str, held: str, by: int) -> str:
    return (
        f'"{name}" prio=5 tid={number} Blocked\n  at a.B.c(B.java:1)\n'
        f"  - waiting to lock <{wants}> (a a.L) held by thread {by}\n  at a.B.d(B.java:2)\n  - locked <{held}> (a a.L)"
    )


@pytest.mark.parametrize("report", ["crash.txt", "jstack.txt"])
def test_the_real_deadlock_is_the_one_that_the_jvm_found(report: str) -> None:
    """The circle is the answer to why nothing moves; `clerk` only waits for it."""
    text = (DEADLOCK / report).read_text()
    event = READER.read(text.encode())
    said = re.findall(r'^"(\w+)":\n  waiting .*\n?.*?which is held by "(\w+)"', text, re.MULTILINE)
    assert len(said) == 3
    (value,) = event.exceptions
    assert (value.type, value.thread_id) == ("Deadlock", 1)
    assert re.findall(r'"(\w+)" waits for \S+ <0x\w+> held by "(\w+)"', value.value or "") == said


def test_the_deadlock_is_found_without_the_words_of_the_jvm() -> None:
    """Where the search is cut off, or the runtime has none, the circle must be found all the same."""
    text = (DEADLOCK / "jstack.txt").read_text().partition("Found one Java-level deadlock")[0]
    assert READER.read(text.encode()).exceptions[0].type == "Deadlock"


def test_locks_of_hotspot() -> None:
    """What a thread waits for, at the call that waits; what it holds, and who has what it wants."""
    event = READER.read((DEADLOCK / "jstack.txt").read_bytes())
    main, till, ledger = (thread(event, name) for name in ("main", "till", "ledger"))
    wanted = frames(main)[0].lock
    assert wanted == Lock(
        type=8,
        address=wanted.address if wanted else "",
        package_name="java.lang",
        class_name="Object",
        thread_id=till.id,
    )
    parked = next(frame.lock for frame in frames(till) if frame.lock and frame.lock.type == 2)
    assert (parked.class_name, parked.thread_id) == ("ReentrantLock$NonfairSync", ledger.id)
    assert [lock.class_name for lock in (ledger.held_locks or {}).values()] == ["ReentrantLock$NonfairSync"]
    assert (main.state, main.main, till.state) == ("BLOCKED (on object monitor)", True, "WAITING (parking)")


def test_an_object_that_is_waited_on_is_not_held() -> None:
    """`Object.wait` gives the monitor away: taken for held, it would make circles that are none."""
    event = READER.read((DEADLOCK / "jstack.txt").read_bytes())
    assert thread(event, "Finalizer").held_locks is None
    assert thread(event, "Finalizer").stacktrace


def test_an_anr_says_what_the_main_thread_waits_for() -> None:
    """Nothing crashed: the trace to read is the main thread's, and beside it who holds it up."""
    event = READER.read(ANR.read_bytes())
    (value,) = event.exceptions
    assert (value.type, value.thread_id) == ("ANR", 1)
    assert (value.value or "").split("\n")[1] == '"main" waits for com.example.shop.Stock <0x0d3a2f0a> held by "prices"'
    main, prices = thread(event, "main"), thread(event, "prices")
    lock = frames(main)[0].lock
    assert lock
    assert (lock.type, lock.class_name, lock.thread_id) == (8, "Stock", prices.id)
    assert list(prices.held_locks or {}) == ["0x0d3a2f0a"]
    assert not [one.name for one in event.thread_list if one.crashed]


def test_native_and_java_frames_are_one_stack() -> None:
    """Native code runs on top of the Java method that called it."""
    event = READER.read(ANR.read_bytes())
    prices = frames(thread(event, "prices"))
    assert [frame.platform for frame in prices] == ["native"] * 3 + ["java"] * 4
    assert [frame.function for frame in prices[:4]] == ["shop_tax", None, "shop_total", "total"]
    assert prices[0].addr_mode
    assert event.images[int(prices[0].addr_mode.removeprefix("rel:"))].code_id
    stack = thread(event, "prices").stacktrace
    assert stack
    assert stack.instruction_addr_adjustment == "none"


def test_what_else_a_dump_of_android_says() -> None:
    """Threads without Java, the device, the app, the mapping file."""
    event = READER.read(ANR.read_bytes())
    detached = thread(event, "binder:12345_3")
    assert (detached.id, detached.extra["system_id"], len(frames(detached))) == (None, 12361, 3)
    assert event.contexts
    assert event.contexts["app"] == {
        "app_identifier": "com.example.shop", "app_name": "com.example.shop",
    }  # fmt: skip
    assert event.timestamp == "2026-11-28T06:20:58.501234+01:00"
    assert [image.type for image in event.images if image.type != "elf"] == ["proguard"]


def test_a_deadlock_that_the_main_thread_waits_for() -> None:
    """Main is not in the circle, and stands still because of it."""
    event = art(waiting("main", 1, "0x1", "0x9", 2), waiting("a", 2, "0x2", "0x1", 3), waiting("b", 3, "0x1", "0x2", 2))
    (value,) = event.exceptions
    assert (value.type, value.thread_id) == ("Deadlock", 1)
    assert [line.split(" waits")[0] for line in (value.value or "").split("\n")] == ['"main"', '"a"', '"b"']


def test_a_deadlock_beside_the_main_thread() -> None:
    """Then the circle's first thread is the one to look at."""
    event = art(
        '"main" prio=5 tid=1 Native\n  at a.B.c(B.java:1)',
        waiting("a", 2, "0x2", "0x1", 3),
        waiting("b", 3, "0x1", "0x2", 2),
    )
    assert (event.exceptions[0].type, event.exceptions[0].thread_id) == ("Deadlock", 2)


def test_waiting_for_one_another_in_a_row_is_no_deadlock() -> None:
    """A false deadlock sends people hunting for a bug that is not there."""
    event = art(
        waiting("main", 1, "0x1", "0x9", 2),
        waiting("a", 2, "0x2", "0x1", 3),
        '"b" prio=5 tid=3 Native\n  at a.B.c(B.java:1)\n  - locked <0x2> (a a.L)',
    )
    assert event.exceptions[0].type == "ANR"


def test_the_form_of_google_play() -> None:
    """There threads have no priority, native frames no prefix, addresses a 0x."""
    event = art(
        '"main" tid=1 Native\n  #00  pc 0x00000000000a33b8  /apex/com.android.runtime/lib64/libc.so (__epoll_pwait+8)\n'
        "  at android.os.MessageQueue.nativePollOnce (Native method)\n  at android.os.Looper.loop (Looper.java:288)"
    )
    assert [frame.function for frame in frames(event.thread_list[0])] == ["__epoll_pwait", "nativePollOnce", "loop"]


def test_a_process_without_java() -> None:
    """The same file has the native services that the app waited for."""
    event = art('"surfaceflinger" sysTid=482\n    #00 pc 00000000000a23d8  /apex/x/libc.so (__ioctl+8)')
    (one,) = event.thread_list
    assert (one.name, one.id, one.extra["system_id"], len(frames(one))) == ("surfaceflinger", None, 482, 1)


def test_only_the_first_dump_is_read() -> None:
    """Dumps of other moments or processes are not the same threads twice."""
    text = (DEADLOCK / "crash.txt").read_text()
    once, twice = READER.read(text.encode()), READER.read((text + text).encode())
    assert twice.thread_list == once.thread_list
    assert twice.contexts
    assert twice.contexts["thread_dump"] == {"dumps": 2}


def test_newer_headings_of_hotspot() -> None:
    """Java 21 writes the system's number in brackets and in decimal."""
    event = READER.read(
        b'"main" #1 [4711] prio=5 os_prio=0 cpu=26.08ms elapsed=2.00s tid=0x00007ff9bc017ed0 nid=4711 '
        b"waiting on condition  [0x00007ff9c271e000]\n"
        b"   java.lang.Thread.State: TIMED_WAITING (sleeping)\n"
        b"\tat java.lang.Thread.sleep0(java.base@21/Native Method)\n"
    )
    (one,) = event.thread_list
    assert (one.id, one.state, one.extra["system_id"]) == (1, "TIMED_WAITING (sleeping)", 4711)


def test_a_part_of_a_dump_of_hotspot_is_no_anr() -> None:
    """People cut the head off; the headings of the threads still say whose they are."""
    event = READER.read(b'"worker" #12 prio=5 os_prio=0 tid=0x1 nid=0x2 runnable  [0x3]\n\tat a.b.c(B.java:1)\n')
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("Thread dump", "1 thread")


def test_no_thread_is_said_with_what_to_do() -> None:
    """People pass a part of the dump."""
    with pytest.raises(UnreadableInput, match=r"expected lines such as .*Pass the whole thread dump"):
        READER.read(b"Full thread dump OpenJDK 64-Bit Server VM (17 mixed mode):")
