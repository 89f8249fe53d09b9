"""Texts made to break the reader: whatever comes in, an event or one clear error comes out, and soon."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.backtrace import READER
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.readers.text import MAX_FRAMES, MAX_LINE, MAX_REPORT_BYTES

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
CASES = ("native-cpp", "native-asan", "native-gdb", "rust-panic")
SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))
REPORTS = [*(FIXTURES / case / "crash.txt" for case in CASES), *(path for path in SAMPLES if "full" not in path.name)]


def read(data: bytes) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= READER.detect(data[:65536]) <= 1.0
    try:
        event = READER.read(data)
    except UnreadableInput:
        return None
    assert codec.decode(codec.encode(event)) == event
    return event


PIECES = st.sampled_from(
    [
        "#0  ", "#1 ", "0x1000 in ", "f", " (", ")", " (a=1)", " at a.c:1", " from /lib/x.so", "\n",
        "\n#0  0x1 in f () at a.c:1", "\n    #0 0x1 in f (m+0x1)", "(BuildId: ab)", "\n./p(+0x1)[0x1001]",
        "./p(f+0x1) [0x1]", "[0x1]", "+0x", "-0x1", "\nThread 1 (LWP 1):", "\n[Current thread is 1 (x)]",
        "\nProgram received signal SIGSEGV, x.", "        x = 1\n", "\nstack backtrace:\n", "   0: f\n",
        "             at a.rs:1:2\n", "thread 'main' panicked at 'x', a.rs:1:2\n", "note: ",
        "\n==1==ERROR: AddressSanitizer: ", "x on address 0x1 at pc 0x1", "\nfreed by thread T0 here:",
        "\nSUMMARY: x", "a.c:1:2: runtime error: x\n", "terminate called after throwing an instance of 'x'\n",
        "  what():  ", "Assertion `x' failed.", "*** x ***", "signal 11", "<signal handler called>",
        "00400000-00401000 r-xp 00000000 fd:01 1  /p\n", '"', "'", "\\", "\x00",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_text_made_of_backtrace_pieces(text: str) -> None:
    """A report that is cut or mixed up must not stop the tool that is to explain it."""
    read(text.encode())


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    """People pass the wrong file; they are owed a sentence, not a traceback."""
    read(data)


@pytest.mark.parametrize("report", REPORTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_thousand_mutations(report: Path) -> None:
    """Logs are truncated and damaged: the reader copes with every such text, and what it made can be written."""
    whole = report.read_bytes()
    dice = random.Random(report.name)
    for _ in range(1000 if report.name == "crash.txt" else 100):
        data = bytearray(whole[: dice.randrange(len(whole) + 1)] if dice.random() < 0.5 else whole)
        for _ in range(dice.randrange(4)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        read(bytes(data))


LONG = MAX_LINE
ADVERSARIAL = {
    "open parentheses": "#0  0x1 in " + " (" * (LONG // 2),
    "closed parentheses": "#0  0x1 in f (" + ")" * LONG,
    "groups": "#0  0x1 in f" + " ()" * (LONG // 3) + "x",
    "quotes": "#0  f (a=" + '"' * LONG + ") at a.c:1",
    "backslashes": "#0  f (a=" + '"\\' * (LONG // 2) + ") at a.c:1",
    "characters": "#0  f (a=" + "'" * LONG + ") at a.c:1",
    "places": "#0  f () at " + " at a.c:1" * (LONG // 9),
    "glibc parentheses": "./p" + "(" * LONG + "+0x1)[0x1]",
    "glibc closed": "./p" + ")" * LONG + "[0x1]",
    "offsets": "./p(" + "+0x1" * (LONG // 4) + ")[0x1]",
    "addresses": "[0x1]" * (LONG // 5),
    "modules": "    #0 0x1 in " + "(a+0x1)" * (LONG // 7) + "x",
    "build ids": "    #0 0x1 in f " + "(BuildId: ab)" * (LONG // 13),
    "paths": "    #0 0x1 in f" + " /a" * (LONG // 3) + ":1",
    "positions": "    #0 0x1 in f" + ":1" * (LONG // 2),
    "assertions": "Assertion `" * (LONG // 11) + "' failed",
    "stars": "*** " * (LONG // 4) + "***",
    "panics": "thread '" * (LONG // 8) + "' panicked at " + "', " * (LONG // 3) + "a:1:2",
    "what": "terminate called after throwing an instance of '" + "'" * LONG,
    "runtime errors": "a:1:2: runtime error: " * (LONG // 22),
    "threads": "Thread 1 (" + ' "' * (LONG // 2) + ")",
    "signals": 'Thread 1 "' + '" received signal SIGSEGV' * (LONG // 25),
    "mappings": "00400000-00401000 r-xp 00000000 fd:01 1" + " " * LONG,
    "rows": "0x1 " + " " * LONG + "0x2",
    "rust": "   0: " + " " * LONG,
    "sanitizer": "==1==ERROR: AddressSanitizer: " + "( on 0x in thread" * (LONG // 17),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_long_lines_take_linear_time(name: str) -> None:
    """One hostile line must not occupy a worker: each pattern sees lines of the greatest length, in every format."""
    line = ADVERSARIAL[name]
    frames = {
        "gdb": "#0  0x1 in f () at a.c:1\n#1  0x2 in g () at a.c:1",
        "glibc": "./p(+0x1)[0x1001]\n./p(+0x2)[0x1002]",
        "sanitizer": "==1==ERROR: AddressSanitizer: x\n    #0 0x1 in f (m+0x1)\n    #1 0x1 in f (m+0x1)",
        "rust": "stack backtrace:\n   0: f\n   1: g",
    }
    for text in frames.values():
        assert read("\n".join([line, line, text, line, f"    {line}", line, text, line]).encode()) is not None


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "block",
    [
        "\n",
        "x\n",
        "SIGSEGV\n",
        "#0  0x1 in f () at a.c:1\n",
        "#0  0x1 in f () at a.c:1\n        x = 1\n",
        "#0  0x1 in f () at a.c:1\nThread 1 (LWP 1):\n",
        "        x = 1\n",
        "    at a.c:1\n",
        "./p(+0x1)[0x1001]\n",
        "./p(+0x1)[0x1001]\nSIGSEGV\n",
        "    #0 0x1 in f (m+0x1)\n",
        "    #0 0x1 in f (m+0x1)\n\n",
        "==1==ERROR: AddressSanitizer: x\n",
        "stack backtrace:\n",
        "stack backtrace:\n   0: f\n",
        "thread 'main' panicked at a.rs:1:2:\nx\n",
        "00400000-00401000 r-xp 00000000 fd:01 1  /p\n",
        "0x0000000000000001  0x0000000000000002  Yes         /lib/a.so\n",
        "terminate called after throwing an instance of 'x'\n  what():  x\n",
    ],
)
def test_many_lines_take_linear_time(block: str) -> None:
    """The same for many lines: no step of the reader may look at all lines again for each line."""
    count = 1_000_000 // len(block)
    event = read(("#0  0x1 in f () at a.c:1\n#1  0x2 in g () at a.c:1\n" + block * count).encode())
    assert event is not None
    stacks = [stack for _, stack in stacks_of(event)]
    assert sum(len(stack.frames) for stack in stacks) <= MAX_FRAMES


@pytest.mark.timeout(100)
def test_variables_by_the_hundred_thousand() -> None:
    """`bt full` of a generated struct: each name is another one."""
    names = "".join(f"        v{index} = {index}\n" for index in range(100_000))
    event = read(f"#0  0x1 in f () at a.c:1\n{names}".encode())
    assert event is not None


def test_too_large() -> None:
    """A limit that is met is said, with what to do about it."""
    with pytest.raises(UnreadableInput, match=r"the limit is .*Pass only the part"):
        READER.read(b" " * (MAX_REPORT_BYTES + 1))


def test_no_frames() -> None:
    """The error names what was expected and what to do."""
    with pytest.raises(UnreadableInput, match=r"expected lines such as .*Pass the whole text"):
        READER.read(b"Segmentation fault (core dumped)")


@pytest.mark.parametrize("line", ["./p(+0x1)[0x1001]", "    #0 0x1 in f (m+0x1)", "#0  0x1 in f () at a.c:1"])
def test_more_frames_than_the_limit_are_said_to_be_missing(line: str) -> None:
    """Leaving frames out without a word would be a wrong trace."""
    event = READER.read(f"{line}\n".encode() * (MAX_FRAMES + 5))
    assert [problem.type for problem in event.errors] == ["too_many_frames"]
    assert event.errors[0].remedy
