"""Reports made to break the readers of Java and Android: an event or one clear error comes out, and soon."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.android.logcat_reader import READER as LOGCAT
from native.crashes.android.tombstone_reader import READER as TOMBSTONES
from native.crashes.java.dump_reader import READER as DUMPS
from native.crashes.java.hs_err_reader import READER as FATAL_ERRORS
from native.crashes.java.stack_reader import READER as STACKS
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Reader
from symbolicator.readers.text import MAX_FRAMES, MAX_LINE, MAX_REPORT_BYTES

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
READERS: dict[str, Reader] = {
    "android-anr/crash.txt": DUMPS,
    "android-fatal-exception/crash.txt": LOGCAT,
    "android-logcat/crash.txt": LOGCAT,
    "android-tombstone/crash.txt": TOMBSTONES,
    "android-tombstone-heap/crash.txt": TOMBSTONES,
    "android-tombstone-pb/crash.pb": TOMBSTONES,
    "java-deadlock/jstack.txt": DUMPS,
    "java-hs-err/crash.log": FATAL_ERRORS,
    "java-stack/crash.txt": STACKS,
    "merge-jni/crash.log": FATAL_ERRORS,
    "merge-jni-core/crash.txt": DUMPS,
}


def read(reader: Reader, data: bytes) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= reader.detect(data[:65536]) <= 1.0
    try:
        event = reader.read(data)
    except UnreadableInput as error:
        assert len(str(error)) > 20
        return None
    assert codec.decode(codec.encode(event)) == event
    assert sum(len(stack.frames) for _, stack in stacks_of(event)) <= 3 * MAX_FRAMES
    return event


def mutations(good: bytes, seed: str) -> Iterator[bytes]:
    """Truncated, bit-flipped, spliced and doubled versions of a report."""
    dice = random.Random(seed)
    for _ in range(MUTATIONS):
        data = bytearray(good)
        kind = dice.randrange(4)
        start = dice.randrange(len(data))
        if kind == 0:
            del data[start:]
        elif kind == 1:
            for _ in range(dice.randint(1, 8)):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        elif kind == 2:
            del data[start : start + dice.randint(1, 400)]
        else:
            data[start:start] = data[dice.randrange(len(data)) :][: dice.randint(1, 2000)]
        yield bytes(data)


@pytest.mark.timeout(60 + MUTATIONS)
@pytest.mark.parametrize("report", READERS)
def test_damaged_reports(report: str) -> None:
    """Reports come truncated and damaged: what they still hold is shown, and what was made can be written."""
    for data in mutations((FIXTURES / report).read_bytes(), report):
        read(READERS[report], data)


@pytest.mark.parametrize("report", READERS)
def test_a_report_that_breaks_off_keeps_what_it_has(report: str) -> None:
    """The half of a report with the crashed stack is worth nearly as much as all of it."""
    good = (FIXTURES / report).read_bytes()
    event = read(READERS[report], good[: len(good) * 3 // 4])
    assert event is not None
    assert list(stacks_of(event))


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    """People pass the wrong file; they are owed a sentence, not a traceback."""
    for reader in set(READERS.values()):
        read(reader, data)


PIECES = st.sampled_from(
    [
        "\n", "\tat ", "a.b.c", "(B.java:1)", "\n\tat a.b.c(B.java:1)", "\nCaused by: ", "\n\tSuppressed: ",
        "\nWrapped by: ", "java.lang.Error: x", "\n\t... 2 more", "[CIRCULAR REFERENCE: ", "]",
        "\n\t\tat a.b.d(B.java:2)",
        '\n"main" prio=5 tid=1 Blocked', '\n"b" #2 prio=5 tid=0x1 nid=0x2 runnable',
        "\n  - waiting to lock <0x1> (a b.C)",
        " held by thread 1", "\n  - locked <0x1> (a b.C)", "\n  native: #00 pc 10  /system/lib/libc.so (f+1)",
        "\nFound one Java-level deadlock:\n", '"b":\n', '  which is held by "main"', "\n----- pid 1 at x -----",
        "\npid: 1, tid: 1, name: a  >>> b <<<", "\nsignal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x1",
        "\nbacktrace:", "\n    #00 pc 10  /x.so", "\n--- --- ---", "\nmemory near x0:", "\n    00000010 00000001",
        "\nAbort message: 'x", "'", "\nE/DEBUG ( 1): ", "\nE/AndroidRuntime( 1): ", "FATAL EXCEPTION: main",
        "\nNative frames:", "\nC  [a.so+0x1]  f+0x1", "\nj  a.B.c(I)I+1", "\n#  SIGSEGV (0xb) at pc=0x1, pid=1, tid=1",
        "\nDynamic libraries:", "\n00400000-00401000 r-xp 00000000 fd:01 1  /p", "\x00", "\\", '"', " ", "0x",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_text_made_of_pieces(text: str) -> None:
    """A report that is cut or mixed up must not stop the tool that is to explain it."""
    for reader in set(READERS.values()):
        read(reader, text.encode())


LONG = MAX_LINE
ADVERSARIAL = {
    "brackets": "\tat a.b.c" + "(" * LONG,
    "closed": "\tat a.b.c(" + ")" * LONG,
    "dots": "\tat " + "a." * (LONG // 2) + "(B.java:1)",
    "slashes": "\tat " + "a/" * (LONG // 2) + "b.c(B.java:1)",
    "jars": "\tat a.b.c(B.java:1) ~" + "[" * LONG,
    "spaces": "\tat a.b." + "c " * (LONG // 2) + "(B.kt:1)",
    "class": "java.lang." + "Error" * (LONG // 5) + ": x",
    "classes": "a.b.Error: " * (LONG // 11),
    "relations": "Caused by " * (LONG // 10),
    "circles": "[CIRCULAR REFERENCE: " * (LONG // 21),
    "quotes": '"' * LONG,
    "headings": '"main" prio=5 ' * (LONG // 14),
    "hotspot": '"main" #1 ' + "cpu=1 " * (LONG // 6),
    "locks": "  - locked <0x1> (a " + ")" * LONG,
    "frames": "  #00 pc 10  /x.so " + "(" * (LONG // 2) + "+1)" * 1000,
    "offsets": "  #00 pc 10  /x.so" + " (offset 0x1)" * (LONG // 13),
    "ids": "  #00 pc 10  /x.so" + " (BuildId: ab)" * (LONG // 14),
    "process": "pid: 1, tid: 1, name: " + "  >>> a" * (LONG // 7),
    "signal": "signal 11 (SIGSEGV), code 1 (" + "(" * LONG,
    "rows": "    " + "x0 00000000 " * (LONG // 12),
    "map": "    00000000-00000001 r-x" + " " * LONG,
    "notes": "    00000000-00000001 r-x 0 1000  /x" + " (BuildId: ab)" * (LONG // 14),
    "log": "11-28 06:20:58.415" + " " * LONG,
    "tags": "E/" + "a" * LONG,
    "studio": "2026-11-28 06:20:58.415 1-1 " + "a  " * (LONG // 3),
    "native": "C  [" + "a+0x1" * (LONG // 5) + "]",
    "interpreted": "j  " + "a.b(" * (LONG // 4),
    "compiled": "J 1 c2 " + "a.b()I " * (LONG // 7),
    "registers": "RAX=0x" + "0" * LONG,
    "fatal": "#  SIGSEGV (" + "a" * LONG,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_long_lines_take_linear_time(name: str) -> None:
    """One hostile line must not occupy a worker: each pattern sees lines of the greatest length."""
    line = ADVERSARIAL[name]
    for report, reader in READERS.items():
        good = (FIXTURES / report).read_text(errors="replace") if not report.endswith(".pb") else ""
        read(reader, "\n".join([line, good, line, f"E/DEBUG   (  1): {line}", f"    {line}"]).encode())


BLOCKS = [
    "\n", "x\n", "java.lang.Error: x\n", "\tat a.b.c(B.java:1)\n", "java.lang.Error: x\n\tat a.b.c(B.java:1)\n",
    "Caused by: java.lang.Error\n\tat a.b.c(B.java:1)\n", "\tSuppressed: java.lang.Error\n", "\t... 1 more\n",
    '"a" prio=5 tid=1 Blocked\n', '"a" prio=5 tid=1 Blocked\n  at a.b.c(B.java:1)\n  - locked <0x1> (a b.C)\n',
    "  - locked <0x1> (a b.C)\n", "pid: 1, tid: 1, name: a  >>> b <<<\n", "    #00 pc 10  /x.so\n",
    "deallocated by thread 1:\n", "Cause: x\n", "Abort message: 'x\n",
    "    00000000-00000fff r-x 0 1000  /x (BuildId: ab)\n",
    "E/DEBUG   (  1): x\n", "E/AndroidRuntime(  1): \tat a.b.c(B.java:1)\n", "W/x(  1): y\n", "C  [a.so+0x1]  f+0x1\n",
    '  0x1 JavaThread "a" [_thread_blocked, id=1]\n', "00400000-00401000 r-xp 00000000 fd:01 1  /p\n",
]  # fmt: skip


@pytest.mark.timeout(100)
@pytest.mark.parametrize("block", BLOCKS)
def test_many_lines_take_linear_time(block: str) -> None:
    """The same for many lines: no step may look at all lines again for each line."""
    starts = {
        "java-stack/crash.txt": "java.lang.Error\n\tat a.b.c(B.java:1)\n",
        "java-deadlock/jstack.txt": '"m" prio=5 tid=1 Blocked\n  at a.b.c(B.java:1)\n',
        "android-tombstone/crash.txt": "pid: 1, tid: 1, name: a  >>> b <<<\nCause: x\nbacktrace:\n",
        "android-logcat/crash.txt": "E/DEBUG   (  1): pid: 1, tid: 1, name: a  >>> b <<<\n",
        "java-hs-err/crash.log": "#  SIGSEGV (0xb) at pc=0x1, pid=1, tid=1\nNative frames:\n",
    }
    for report, start in starts.items():
        assert read(READERS[report], (start + block * (500_000 // len(block))).encode()) is not None


def test_threads_by_the_ten_thousand_that_wait_for_one_another() -> None:
    """A circle of all threads of a server, and a line of all of them."""

    def one(number: int, holder: int) -> str:
        return (
            f'"t{number}" prio=5 tid={number} Blocked\n  at a.b.c(B.java:1)\n'
            f"  - waiting to lock <{holder:#x}> (a b.C) held by thread {holder}\n"
        )

    circle = "".join(one(number, number % 9_000 + 1) for number in range(1, 9_001))
    event = read(DUMPS, circle.encode())
    assert event is not None
    assert event.exceptions[0].type == "Deadlock"
    assert (event.exceptions[0].value or "").endswith("8950 more threads")


def test_exceptions_by_the_thousand() -> None:
    """A chain that never ends is cut, and the reader says so."""
    event = read(STACKS, b"java.lang.Error\n\tat a.b.c(B.java:1)\n" + b"Caused by: a.B\n\tat a.b.c(B.java:1)\n" * 5_000)
    assert event is not None
    assert [problem.type for problem in event.errors] == ["too_many_frames"]


@pytest.mark.parametrize("reader", [STACKS, DUMPS, FATAL_ERRORS, LOGCAT, TOMBSTONES])
def test_too_large(reader: Reader) -> None:
    """A limit that is met is said, with what to do about it."""
    with pytest.raises(UnreadableInput, match=r"the limit is .*Pass only the part"):
        reader.read(b" " * (MAX_REPORT_BYTES + 1))
