"""Reports made to break the readers: whatever comes in, an event or one clear error comes out, and soon."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.apple import ips, kscrash, plcrash, text
from native.crashes.apple.report import MAX_ALL_FRAMES, MAX_FRAMES, MAX_IMAGES, MAX_THREADS
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Reader
from symbolicator.readers.text import MAX_LINE, MAX_REPORT_BYTES

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
READERS: dict[str, Reader] = {
    "apple-crash-text": text.READER,
    "apple-ips": ips.READER,
    "apple-jetsam": ips.READER,
    "apple-kscrash": kscrash.READER,
    "apple-plcrash": plcrash.READER,
    "apple-watchdog": ips.READER,
}


def reports() -> list[bytes]:
    return [next((FIXTURES / case).glob("crash.*")).read_bytes() for case in READERS]


def read(reader: Reader, data: bytes) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= reader.detect(data[:65536]) <= 1.0
    try:
        event = reader.read(memoryview(data))
    except UnreadableInput as error:
        assert len(str(error)) > 20
        return None
    assert codec.decode(codec.encode(event)) == event
    assert sum(thread.crashed or 0 for thread in event.thread_list) <= 1
    return event


def mutations(good: bytes, others: list[bytes], dice: random.Random) -> Iterator[bytes]:
    """Cut, flipped, spliced and doubled; parts of other formats spliced in too."""
    for number in range(MUTATIONS):
        data = bytearray(good)
        at = dice.randrange(len(data))
        match number % 5:
            case 0:
                del data[at:]
            case 1:
                for _ in range(dice.randint(1, 8)):
                    data[dice.randrange(len(data))] = dice.randrange(256)
            case 2:
                del data[at : at + dice.randint(1, 300)]
            case 3:
                data[at:at] = data[dice.randrange(len(data)) :][: dice.randint(1, 300)]
            case _:
                other = dice.choice(others)
                data[at:at] = other[dice.randrange(len(other)) :][: dice.randint(1, 300)]
        yield bytes(data)


@pytest.mark.timeout(60 + MUTATIONS)
@pytest.mark.parametrize("case", READERS)
def test_damaged_reports(case: str) -> None:
    """Reports are cut, edited and mixed up on their way: each gives what it still holds, or a clear error."""
    good = next((FIXTURES / case).glob("crash.*")).read_bytes()
    assert read(READERS[case], good) is not None
    for data in mutations(good, reports(), random.Random(case)):
        read(READERS[case], data)


PIECES = st.sampled_from(
    [
        "Incident Identifier: ", "Process: ", "Exception Type:  ", "EXC_CRASH (SIGKILL)", "Exception Codes: ",
        "0x1, 0x2", "Termination Reason: ", "FRONTBOARD 2343432205", "Namespace DYLD, Code 0x1",
        "Triggered by Thread:  0", "Thread 0 name:  ", "Thread 0 Crashed:", "Thread 0 Crashed:: ",
        "Dispatch queue: ", "Thread 1:", "Thread 0 crashed with ", "ARM Thread State (64-bit):", "\n", "\n\n",
        "0   ", "Cart  ", "0x104e34000 ", "+ 12", " + ", "main", "???", "(a.swift:1)", "[inlined]",
        "Last Exception Backtrace:", "(0x1 0x2)", "Binary Images:", "0x1 - 0x2 ", "arm64 ", "<", ">",
        "2f3a4b5c6d7e8f90a1b2c3d4e5f60718", "/a", "x0: 0x1", "esr: 0x1 x", "Application Specific Information:",
        "uncaught exception 'X', reason: 'y'", "EOF", "\t", "'", "(", ")", "\x00", "Filtered syslog:", "é",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=80).map("".join))
def test_text_made_of_pieces(told: str) -> None:
    """Whatever order the parts of a report come in, the reader goes on."""
    read(text.READER, told.encode())


NAMES = st.sampled_from(
    [
        "threads", "frames", "usedImages", "exception", "type", "signal", "termination", "code", "namespace",
        "asi", "base", "size", "uuid", "name", "path", "imageIndex", "imageOffset", "symbol", "symbolLocation",
        "sourceLine", "inline", "threadState", "x", "value", "triggered", "faultingThread",
        "lastExceptionBacktrace", "crash", "error", "mach", "backtrace", "contents", "instruction_addr",
        "object_addr", "registers", "basic", "lr", "binary_images", "image_addr", "image_size", "recrash_report",
        "report", "timestamp", "user", "index", "crashed", "pc", "processes", "rpages", "largestProcess",
        "memoryStatus", "pageSize", "reason", "rawCodes", "system", "debug", "console_log", "address",
    ]
)  # fmt: skip
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "0x10", "-1", "SIGSEGV", "EXC_BAD_ACCESS", "2f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718", "�"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=40,
)


@given(st.dictionaries(NAMES, ODD, max_size=8))
def test_json_of_the_right_names(told: dict[str, object]) -> None:
    """A field that is something else than it should be costs that field, and nothing more."""
    data = json.dumps(told).encode()
    for reader in (ips.READER, kscrash.READER, plcrash.READER):
        read(reader, data)


@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    """People pass the wrong file; they are owed a sentence, not a traceback."""
    for reader in (text.READER, ips.READER, kscrash.READER, plcrash.READER):
        read(reader, data)
    read(plcrash.READER, b"plcrash\x01" + data)


LONG = MAX_LINE
ADVERSARIAL = {
    "spaces": "0   Cart" + " " * LONG,
    "addresses": "0   Cart " + "0x1 " * (LONG // 4),
    "hex": "0   Cart 0x" + "1" * LONG,
    "groups": "0   Cart 0x1 f" + " ()" * (LONG // 3),
    "open": "0   Cart 0x1 f" + " (" * (LONG // 2),
    "closed": "0   Cart 0x1 f " + ")" * LONG,
    "offsets": "0   Cart 0x1 f" + " + 1" * (LONG // 4),
    "images": "0x1 - 0x2 " + "<" * LONG,
    "ids": "0x1 - 0x2 " + "<2f3a4b5c6d7e8f90a1b2c3d4e5f60718" * (LONG // 33),
    "versions": "0x1 - 0x2 a" + " (1)" * (LONG // 4),
    "gaps": "0x1 -" + " " * LONG + "0x2",
    "names": "Thread 0 name:" + " " * LONG,
    "headings": "Thread 0" + " Crashed" * (LONG // 8),
    "states": "Thread 0 " + "Thread State " * (LONG // 13),
    "registers": "x0: 0x1 " * (LONG // 8),
    "register spaces": "x0:" + " " * LONG,
    "syndrome": "esr: 0x1" + " " * LONG,
    "list": "(" + "0x1 " * (LONG // 4),
    "types": "Exception Type: " + "A" * LONG,
    "terminations": "Termination Reason: " + "A" * LONG,
    "uncaught": "Application Specific Information: uncaught exception '" + "'" * LONG,
    "cpp": "Application Specific Information: " + "terminating with uncaught exception of type " * (LONG // 44),
    "dates": "Date/Time: " + "2023-04-06 18:06:51." * (LONG // 20),
    "systems": "OS Version: " + "iPhone OS " * (LONG // 10),
    "fields": "A" * LONG + ":",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_long_lines_take_linear_time(name: str) -> None:
    """One hostile line must not occupy a worker: each pattern sees lines of the greatest length, in every section."""
    line = ADVERSARIAL[name]
    told = ["Process: Cart [1]", line, "Application Specific Information:", line, "Last Exception Backtrace:", line]
    told += ["Thread 0 Crashed:", line, "0   Cart  0x1000 main + 8", "Thread 0 crashed with ARM Thread State:", line]
    assert read(text.READER, "\n".join([*told, "Binary Images:", line]).encode()) is not None
    assert 0.0 <= text.READER.detect((line * 2).encode()[:65536]) <= 1.0


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "block",
    [
        "\n", "x\n", "Thread 1:\n", "Thread 0 Crashed:\n0   Cart  0x1000 main + 8\n", "0   Cart  0x1000 main + 8\n",
        "0x1000 - 0x2000 Cart arm64 <2f3a4b5c6d7e8f90a1b2c3d4e5f60718> /a\n", "Application Specific Backtrace 1:\n",
        "Last Exception Backtrace:\n", "x0: 0x1\n", "Exception Type: A\n", "(0x1 0x2)\n", "Binary Images:\n",
    ],
)  # fmt: skip
def test_many_lines_take_linear_time(block: str) -> None:
    """The same for many lines: no step of the reader may look at all lines again for each line."""
    start = "Process: Cart [1]\nThread 0 Crashed:\n0   Cart  0x1000 main + 8\n"
    event = read(text.READER, (start + block * (1_000_000 // len(block))).encode())
    assert event is not None
    assert all(len(stack.frames) <= MAX_FRAMES for _, stack in stacks_of(event))
    assert len(event.images) <= MAX_IMAGES + 1


@pytest.mark.timeout(100)
def test_limits_of_a_text() -> None:
    """More threads, frames or images than any process has are left out, and the event says so."""
    frames = "".join(f"{number}   Cart  0x1000 f + 8\n" for number in range(MAX_FRAMES + 5))
    threads = "".join(f"Thread {number}:\n0   Cart  0x1000 f + 8\n" for number in range(1, MAX_THREADS + 5))
    images = "".join(f"{number:#x} - {number + 9:#x} a{number} <>\n" for number in range(16, 10 * MAX_IMAGES + 100, 10))
    event = read(text.READER, f"Thread 0 Crashed:\n{frames}{threads}Binary Images:\n{images}".encode())
    assert event is not None
    assert {problem.type for problem in event.errors} == {"too_many_threads", "too_many_frames", "too_many_images"}
    assert len(event.thread_list) == MAX_THREADS
    assert len(event.images) <= MAX_IMAGES + 1


@pytest.mark.timeout(100)
def test_frames_of_all_threads_together() -> None:
    """Many threads of many frames are within each limit, and would take the memory of a worker."""
    frames = "".join(f"{number}   Cart  0x1000 f + 8\n" for number in range(MAX_FRAMES))
    event = read(text.READER, "".join(f"Thread {number}:\n{frames}" for number in range(250)).encode())
    assert event is not None
    assert sum(len(stack.frames) for _, stack in stacks_of(event)) == MAX_ALL_FRAMES
    assert [problem.type for problem in event.errors] == ["too_many_frames"]
    assert len(event.thread_list) == 250


@pytest.mark.timeout(100)
def test_limits_of_json() -> None:
    """The same in the other formats."""
    frames = [{"imageIndex": 0, "imageOffset": 1, "symbol": "f"}] * (MAX_FRAMES + 5)
    images = [{"base": 4096, "size": 1, "name": "a", "path": "/a"}] * (MAX_IMAGES + 5)
    told = {
        "threads": [{"frames": frames, "triggered": True}, *([{"id": 1}] * (MAX_THREADS + 5))],
        "usedImages": images,
    }
    event = read(ips.READER, json.dumps({**told, "exception": {}}).encode())
    assert event is not None
    assert {problem.type for problem in event.errors} == {"too_many_threads", "too_many_frames", "too_many_images"}
    contents = [{"instruction_addr": 1}] * (MAX_FRAMES + 5)
    listed = [{"backtrace": {"contents": contents}}, *([{"index": 1}] * (MAX_THREADS + 5))]
    crash = {"error": {}, "threads": listed}
    event = read(
        kscrash.READER, json.dumps({"crash": crash, "binary_images": [{"image_addr": 1}] * (MAX_IMAGES + 5)}).encode()
    )
    assert event is not None
    assert {problem.type for problem in event.errors} == {"too_many_threads", "too_many_frames", "too_many_images"}


@pytest.mark.timeout(100)
@pytest.mark.parametrize("reader", [text.READER, ips.READER, kscrash.READER, plcrash.READER], ids=lambda one: one.name)
def test_large_inputs(reader: Reader) -> None:
    """Each reader has a limit, and takes any bytes below it in bounded time."""
    with pytest.raises(UnreadableInput, match=r"the limit is"):
        reader.read(
            b"plcrash\x01" + b" " * MAX_REPORT_BYTES if reader is plcrash.READER else b" " * (MAX_REPORT_BYTES + 1)
        )
    for data in (
        b"[" * 4_000_000,
        b'{"a":' * 1_000_000,
        b'{"a": "' + b"\\" * 4_000_001,
        b'{"threads":[' + b"{}," * 300_000,
    ):
        read(reader, data)
    read(plcrash.READER, b"plcrash\x01" + b"\x1a\x00" * 500_000)


def test_nesting_that_the_payload_cannot_have() -> None:
    """What is kept as it came must still be a payload that can be read again."""
    deep: object = 1
    for _ in range(90):
        deep = {"a": [deep]}
    event = read(ips.READER, json.dumps({"threads": [], "exception": {"type": "EXC_CRASH"}, "note": deep}).encode())
    assert event is not None
    assert read(kscrash.READER, json.dumps({"crash": {"error": {}}, "user": deep}).encode()) is not None
