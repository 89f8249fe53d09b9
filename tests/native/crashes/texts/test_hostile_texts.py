"""Texts made to break the readers of runtimes: whatever comes in, an event or one clear error comes out, and soon."""

import os
import random
from pathlib import Path

import pytest

from native.crashes import lldb
from native.crashes.dotnet import reader as dotnet
from native.crashes.flutter import reader as flutter
from native.crashes.go import reader as go
from native.crashes.kernel import reader as kernel
from native.crashes.lua import reader as lua
from native.crashes.node import reader as node
from native.crashes.perl import reader as perl
from native.crashes.php import reader as php
from native.crashes.python import reader as python
from native.crashes.ruby import reader as ruby
from native.crashes.swift import reader as swift
from native.crashes.unity import reader as unity
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Reader
from symbolicator.readers.text import MAX_FRAMES, MAX_LINE, MAX_REPORT_BYTES

ROOT = Path(__file__).resolve().parents[4]
READERS: dict[str, Reader] = {
    "go": go.READER, "python": python.READER, "pystack": python.READER,
    "lldb": lldb.READER, "dotnet": dotnet.READER, "mono": dotnet.READER,
    "node": node.READER, "dart": flutter.READER, "flutter": flutter.READER, "unity": unity.READER,
    "kernel": kernel.READER, "lua": lua.READER, "perl": perl.READER, "php": php.READER, "ruby": ruby.READER,
    "swift": swift.READER,
}  # fmt: skip
TOPICS = {"text-mono": "mono", "text-mono-native": "mono", "text-kernel-oops": "kernel", "text-kasan": "kernel"} | {
    "merge-cpython-pystack": "pystack", "merge-go-c": "go",
}  # fmt: skip
MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
"""Of each reader."""


def topic_of(report: Path) -> str:
    name = report.stem if report.parent.name == "samples" else report.parent.name
    return TOPICS.get(name, name.partition("-")[0])


REPORTS = {
    topic: [path for path in found if topic_of(path) == topic and path.stat().st_size < 40_000]
    for found in [
        [*sorted((ROOT / "fixtures").glob("*/crash.*")), *sorted(Path(__file__).with_name("samples").glob("*.txt"))]
    ]
    for topic in READERS
}


def read(reader: Reader, data: bytes) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= reader.detect(data[: 64 * 1024]) <= 1.0
    try:
        event = reader.read(data)
    except UnreadableInput as error:
        assert str(error)
        return None
    assert codec.decode(codec.encode(event)) == event
    assert event.exceptions or event.thread_list
    return event


def mutated(dice: random.Random, whole: bytes, other: bytes) -> bytes:
    """Cut off, with flipped bits, with a piece of another report in it, or with a part of it twice."""
    start, end = sorted((dice.randrange(len(whole) + 1), dice.randrange(len(whole) + 1)))
    kind = dice.randrange(4)
    data = bytearray(
        whole[:end]
        if kind == 0
        else whole[:start] + other[dice.randrange(len(other)) :][: end - start] + whole[start:]
        if kind == 1
        else whole[:end] + whole[start:]
        if kind == 2
        else whole
    )
    for _ in range(dice.randrange(6)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("topic", READERS)
def test_mutations(topic: str) -> None:
    """Logs are cut, damaged and mixed up: the reader copes with every such text, and what it made can be written."""
    reports = [path.read_bytes() for path in REPORTS[topic]]
    others = [path.read_bytes() for paths in REPORTS.values() for path in paths]
    assert reports
    dice = random.Random(topic)
    for _ in range(MUTATIONS):
        read(READERS[topic], mutated(dice, dice.choice(reports), dice.choice(others)))


LONG = MAX_LINE
LINES = {
    "swift call": "0 0x1 " + "f() + 1 in a at " * (LONG // 16),
    "swift reason": "*** " + "*** " * (LONG // 4),
    "swift check": "a: " * (LONG // 3) + "Fatal error",
    "swift image": "0x1\u20130x2 ab " + "a " * (LONG // 2),
    "swift kinds": "0" + " [ra]" * (LONG // 5),
    "coroutine": "at _COROUTINE." + "a" * LONG,
    "go call": "main.f" + "(" * LONG,
    "go closed": "main.f(" + ")" * LONG,
    "go place": "\t/a" + ":1" * (LONG // 2) + " +0x1",
    "go state": "goroutine 1 [" + "a, " * (LONG // 3) + "]:",
    "go escapes": "a/" + "%2e" * (LONG // 3) + ".f(0x1)",
    "panic": "panic: " + " [recovered]" * (LONG // 12),
    "python file": '  File "' + '", line 1, in ' * (LONG // 14),
    "python margins": "  " * (LONG // 2) + "| x",
    "python type": "a." * (LONG // 2) + "b: c",
    "python marks": "    " + "^~ " * (LONG // 3),
    "python rule": "  +-+" + "-" * LONG,
    "faulthandler": '  Binary file "' + '", at +0x1 [0x1' * (LONG // 15),
    "py-spy": "    f (" + "a:1) (" * (LONG // 6) + "a:1)",
    "pystack": '    (C) File "' + '", line 1, in f (inlined) (' * (LONG // 28) + "a)",
    "pystack suffixes": '    (C) File "a", line 1, in f' + ".part.1" * (LONG // 7) + " (a)",
    "go c": "f\n\t" + "a:1 " * (LONG // 4) + "pc=0x1",
    "dotnet": "   at A.B(" + "a b, " * (LONG // 5) + ") in x:line 1",
    "dotnet places": "   at A.B()" + " in x:line 1" * (LONG // 12),
    "dotnet names": "   at " + "A.<B>d__1." * (LONG // 10) + "MoveNext()",
    "dotnet brackets": "   at " + "[" * (LONG // 2) + "]" * (LONG // 2) + ".B()",
    "dotnet inner": "A.BException: " + " ---> A.BException: x" * (LONG // 21),
    "mono": "  at A.B () " + "[0x00001] in <" * (LONG // 14) + ">:0",
    "node": " 1: 0x1 " + "f [" * (LONG // 3) + "node]",
    "node old": " 1: " + "f [0x1] [" * (LONG // 9) + "a:1]",
    "node gc": "[1:0x1]      1 ms: " * (LONG // 19),
    "dart": "#0      " + "f (" * (LONG // 3) + "package:a/b.dart:1:2)",
    "dart places": "#0      f (package:" + ":1" * (LONG // 2) + ")",
    "dart abs": "    #00 abs 1 virt 1 " + "_k+0x1" * (LONG // 6),
    "unity": "A.B:C (" + "a) (at " * (LONG // 7) + "Assets/a.cs:1)",
    "unity image": "C:\\a" + ":a.dll (0000000000000001), size: 1" * (LONG // 34),
    "lldb": "    frame #0: 0x1 a`" + "f() [inlined] " * (LONG // 14) + "g() at a.c:1:2",
    "lldb thread": "* thread #1" + ", name = 'a'" * (LONG // 12),
    "kernel": " " + "f+0x1/0x2 " * (LONG // 10),
    "kernel registers": "RAX: 0000000000000000 " * (LONG // 22),
    "ruby header": "a.rb:1:in `" * (LONG // 11) + "f': x (E)",
    "ruby class": "a.rb:1:in `f': " + "(A::" * (LONG // 4) + "B)",
    "ruby from": "\tfrom a.rb" + ":1:in `f'" * (LONG // 9),
    "ruby logged": "AError: " + "#<AError: " * (LONG // 10) + ">",
    "ruby thread": "#<Thread:0x1 " + "a b> " * (LONG // 5) + "terminated with exception",
    "ruby tags": "[a] " * (LONG // 4) + "AError (x):",
    "ruby control": "c:0001 p:0000 s:0003 e:000002 METHOD " + "a.rb:1 [FINISH] " * (LONG // 16),
    "ruby native": "/a(f+0x1) " + "[0x1] a.c:1 " * (LONG // 12) + "[0x1]",
    "ruby outer": "/a(f) " + "a.c:1 " * (LONG // 6) + ":1",
    "ruby gem": "    1 /gems/" + "a-1/gems/" * (LONG // 9) + "lib/a.rb",
    "lua level": "\ta.lua:1: in " + "function 'f': in " * (LONG // 17),
    "lua chunk": '\t[string "' + '"]:1: in ' * (LONG // 9) + "main chunk",
    "lua message": "lua: " + "a.lua:1: " * (LONG // 9),
    "perl place": "x" + " at a.pl line 1" * (LONG // 15) + ".",
    "perl call": "\tf(" + ") called at a.pl line 1" * (LONG // 23),
    "php call": "#0 " + "/a(1): f() " * (LONG // 11),
    "php function": "#0 /a(1): " + "f" * LONG + "()",
    "php ended": "Uncaught A: " + "x in /a:1 " * (LONG // 10),
    "php places": "A: " + "x in " * (LONG // 5) + "\nStack trace:",
    "php fatal": "PHP Fatal error:  " + "x in /a on line 1 " * (LONG // 18),
    "php logged": "[previous exception] [object] (A(code: 0): " + "x at /a:1) " * (LONG // 11),
    "spaces": " " * LONG,
    "words": "at " * (LONG // 3),
}
CALLS = {
    "go": "goroutine 1 [running]:\nmain.main()\n\t/a/main.go:3 +0x1\n",
    "python": 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: x\n',
    "pystack": 'Traceback for thread 1 [] (most recent call last):\n    (Python) File "a.py", line 1, in f\n',
    "lldb": "* thread #1, stop reason = signal SIGSEGV\n    frame #0: 0x1 a`f() at a.c:1:2\n",
    "dotnet": "A.BException: x\n   at A.B.C(D e) in /a.cs:line 1\n   at A.B.D(D e) in /a.cs:line 1\n",
    "mono": "\tNative stacktrace:\n\t0x1 - mono : f\n\tManaged Stacktrace:\n\t  at A:B <0x1>\n",
    "node": "FATAL ERROR: x\n----- Native stack trace -----\n 1: 0x1 f [node]\n",
    "dart": "#0      f (package:a/b.dart:1:2)\n#1      g (package:a/b.dart:1:2)\n",
    "flutter": "*** *** ***\nbuild_id: 'abcd'\n    #00 abs 1 virt 1 _k+0x1\n",
    "unity": "AException: x\nA.B () (at Assets/a.cs:1)\nA.C () (at Assets/a.cs:1)\n",
    "ruby": "a.rb:1:in `f': x (AError)\n\tfrom a.rb:2:in `g'\n",
    "lua": "lua: a.lua:1: x\nstack traceback:\n\ta.lua:1: in main chunk\n\t[C]: in ?\n",
    "perl": "no at a.pl line 1.\n\tmain::f() called at a.pl line 2\n",
    "php": "PHP Fatal error:  Uncaught A: x in /a.php:1\nStack trace:\n#0 /a.php(2): f()\n#1 {main}\n",
    "kernel": "BUG: kernel NULL pointer dereference, address: 0\nCall Trace:\n f+0x1/0x2 [m]\n g+0x1/0x2\n",
    "swift": "Thread 0 crashed:\n\n0 0x1 f() + 1 in shop at /a.swift:1:2\n1 [async] 0x2 g() in shop\n",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", LINES)
def test_long_lines_take_linear_time(name: str) -> None:
    """One hostile line must not occupy a worker: each pattern sees lines of the greatest length, in every format."""
    line = LINES[name]
    for topic, calls in CALLS.items():
        assert read(READERS[topic], f"{line}\n{line}\n{calls}{line}\n    {line}\n\t{line}\n{calls}{line}".encode())


BLOCKS = {
    "": (
        "\n", "x\n", "  x\n", "panic: x\n", "goroutine 1 [running]:\n", "main.f()\n\t/a.go:1\n",
        "Traceback (most recent call last):\n", '  File "a.py", line 1, in f\n', "ValueError: x\n",
        "During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n",
        "  + Exception Group Traceback (most recent call last):\n", "  +-+---------------- 1 ----------------\n",
        "  [Previous line repeated 999999999 more times]\n", "   at A.B.C() in a:line 1\n", " ---> A.BException: x\n",
        "   --- End of inner exception stack trace ---\n", "FATAL ERROR: x\n", " 1: 0x1 f [node]\n",
        "#0      f (package:a/b.dart:1:2)\n", "<asynchronous suspension>\n", "    #00 abs 1 virt 1\n",
        "A.B:C () (at Assets/a.cs:1)\n", "Rethrow as AException: x\n", "* thread #1\n", "  thread #2, name = 'a'\n",
        "    frame #0: 0x1 a`f() at a.c:1\n", "[  0] 00000000-0000 0x0000000000000001 /a\n", " f+0x1/0x2\n",
        "Call Trace:\n", "Allocated by task 1:\n", "Thread 0x1 (most recent call first):\n", "WARNING: DATA RACE\n",
        "non-Go function at pc=0x1\n", "f\n\tpc=0x1\n", "Traceback for thread 1 [] (most recent call last):\n",
        '    (Python) File "a.py", line 1, in f\n', '    (C) File "a.c", line 1, in f (a)\n',
        "      Locals:\n        a: 1\n",
    ),
    "ruby": (
        "x\n", "a.rb:1:in `f': x (AError)\n", "a.rb:1:in `f'\n", "\tfrom a.rb:1:in `f'\n", "\t1: from a.rb:1:in `f'\n",
        "Caused by:\n", "AError: x\na.rb:1:in `f'\n", "-- C level backtrace information ---\n/a(f) a.c:1\n",
        "-- Control frame information ---\n", "c:0001 p:0000 s:0003 e:000002 CFUNC  :f\n", "a: x\n    a.b\n      ^^\n",
    ),
    "perl": (
        "x\n", "no at a.pl line 1.\n", "\tf() called at a.pl line 1\n", "no at a line 1\n\tf() called at a line 2\n",
    ),
    "php": (
        "x\n", "Stack trace:\n", "#0 /a.php(1): f()\n", "#0 {main}\n", "Next A: x in /a.php:1\nStack trace:\n",
        "A: x\n", "PHP Fatal error:  x in /a.php on line 1\n",
        "[previous exception] [object] (A(code: 0): x at /a.php:1)\n",
    ),
    "lua": (
        "x\n", "stack traceback:\n", "\ta.lua:1: in local 'f'\n", "\t[C]: in ?\n",
        "\t...\t(skipping 999999999 levels)\n",
        "lua: a.lua:1: x\nstack traceback:\n\ta.lua:1: in main chunk\n", "stack traceback:\ncoroutine 0:\n",
        "a(+0x1)[0x1]\n",
    ),
}  # fmt: skip
"""By the topic whose reader sees them; those of none are for the readers of all the others."""
MANY = [
    (block, topic)
    for kind, blocks in BLOCKS.items()
    for block in blocks
    for topic in ([kind] if kind else sorted(READERS.keys() - BLOCKS.keys()))
]


@pytest.mark.timeout(100)
@pytest.mark.parametrize(("block", "topic"), MANY, ids=repr)
def test_many_lines_take_linear_time(block: str, topic: str) -> None:
    """The same for many lines: no step of a reader may look at all lines again for each line."""
    count = min(60_000, 600_000 // len(block))
    event = read(READERS[topic], (CALLS[topic] + block * count).encode())
    assert event is not None
    assert sum(len(stack.frames) for _, stack in stacks_of(event)) <= 2 * MAX_FRAMES


@pytest.mark.parametrize("topic", READERS)
def test_too_large(topic: str) -> None:
    """A limit that is met is said, with the limit."""
    with pytest.raises(UnreadableInput, match="the limit is"):
        READERS[topic].read(b" " * (MAX_REPORT_BYTES + 1))


@pytest.mark.parametrize("topic", READERS)
def test_nothing_to_read(topic: str) -> None:
    """The error names what was expected and what to do."""
    with pytest.raises(UnreadableInput, match="Pass "):
        READERS[topic].read(b"Segmentation fault (core dumped)")


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b'{"header": 1, "javascriptStack": 2}', b"{", b'{"header": {"threadId": []}}']
)
def test_damaged_reports_of_node(data: bytes) -> None:
    """JSON of another shape is said to be that."""
    read(node.READER, data)
