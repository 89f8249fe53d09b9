"""Cores made to break the reader: whatever comes in, an event or one clear error comes out, and soon."""

import os
import random
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.elfcore.cpython.layouts import COOKIE, layout_of_table
from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.notes import FILES
from native.crashes.elfcore.reader import READER
from native.elf.layout import SEGMENT_LOAD, Segment
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from tests.native.crashes.elfcore import cores
from tests.native.crashes.elfcore.cores import Part
from tests.native.crashes.elfcore.files import mapped

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
SAMPLES = [
    FIXTURES / "core-small" / "crash.core",
    *sorted(Path(__file__).with_name("samples").glob("*.core")),
]
MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
RSP = 19


def _read(data: bytes | memoryview) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= READER.detect(bytes(data[:65536])) <= 1.0
    try:
        event = READER.read(data)
    except UnreadableInput as error:
        assert str(error)
        return None
    assert codec.decode(codec.encode(event)) == event
    return event


def _thread(pointer: int = 0x7FFF0100, number: int = 7, signal: int = 11) -> bytes:
    values = list(range(1, 28))
    values[RSP] = pointer
    return cores.thread(number, values, signal)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_core_that_is_cut_off_gives_what_it_holds(path: Path) -> None:
    """If this failed, a full disk or a limit would cost the whole report."""
    data = path.read_bytes()
    whole = _read(data)
    assert whole
    for percent in range(0, 100, 5):
        event = _read(data[: len(data) * percent // 100])
        assert event is None or len(event.thread_list) <= len(whole.thread_list)
        if event and len(event.thread_list) == len(whole.thread_list):
            assert [problem.type for problem in event.errors][:1] == ["core_truncated"]
            assert [one.type for one in event.exceptions] == [one.type for one in whole.exceptions]


def test_cores_by_kernel_and_gdb_that_are_cut_off(core: Path) -> None:
    """If this failed, what gdb writes last (the notes) or the kernel first would be relied on."""
    data = mapped(core)
    for percent in range(0, 100, 5):
        event = _read(data[: len(data) * percent // 100])
        if event and len(event.thread_list) == 40:
            assert event.exceptions[0].value == "SEGV_MAPERR at 0x0: nothing is mapped there"
            assert event.errors[0].type == "core_truncated"


def test_what_is_lost_of_a_core_is_told() -> None:
    """If this failed, nobody would know why threads have no callers."""
    stack = Part(0x7FFF0000, bytes(4096))
    event = _read(cores.core([_thread()], [stack])[:-4000])
    assert event
    assert [problem.message for problem in event.errors] == [
        "The core is cut off: 96 of 4,096 bytes of memory are there.", "The core lacks the stacks of 1 of 1 threads.",
    ]  # fmt: skip
    assert {problem.remedy for problem in event.errors if "ulimit -c unlimited" in (problem.remedy or "")}


Mutate = Callable[[random.Random, bytearray], object]


def _flip(source: random.Random, data: bytearray) -> None:
    for _ in range(source.choice((1, 4, 64))):
        data[source.randrange(min(len(data), source.choice((512, 16384, len(data)))))] ^= 1 << source.randrange(8)


def _number(source: random.Random, data: bytearray) -> None:
    for _ in range(source.choice((1, 8, 64))):
        at = source.randrange(len(data) - 8) & -4
        value = source.choice((0, 1, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1, source.getrandbits(64)))
        struct.pack_into("<Q", data, at, value)


def _cut(source: random.Random, data: bytearray) -> None:
    del data[source.randrange(len(data)) :]


def _remove(source: random.Random, data: bytearray) -> None:
    at = source.randrange(len(data))
    del data[at : at + source.randrange(1, 4096)]


def _double(source: random.Random, data: bytearray) -> None:
    at, size = source.randrange(len(data)), source.randrange(1, 4096)
    data[at:at] = data[at : at + size]


def _splice(source: random.Random, data: bytearray) -> None:
    """Words of the core in place of others: pointers that lead elsewhere in real memory."""
    for _ in range(source.choice((1, 8, 256))):
        here, there = (source.randrange(len(data) - 8) & -8 for _ in range(2))
        data[here : here + 8] = data[there : there + 8]


MUTATE: tuple[Mutate, ...] = (_flip, _flip, _number, _number, _splice, _splice, _cut, _remove, _double)


def test_mutated_cores() -> None:
    """If one raised or hung, a damaged core would stop the tool that is to explain it."""
    source = random.Random(20_261_128)
    originals = [path.read_bytes() for path in SAMPLES]
    read = 0
    for _ in range(MUTATIONS):
        data = bytearray(source.choice(originals))
        for _ in range(source.choice((1, 1, 2, 3))):
            if len(data) > 64:
                source.choice(MUTATE)(source, data)
        start = time.monotonic()
        read += _read(bytes(data)) is not None
        assert time.monotonic() - start < 20
    assert read > MUTATIONS // 4


@given(st.binary(max_size=2000))
def test_any_bytes_behind_the_header_of_a_core(data: bytes) -> None:
    """If this failed, a file that only begins like a core would crash the reader."""
    _read(cores.core([])[:64] + data)


@given(st.binary(max_size=2000), st.sampled_from([1, 3, 6, 0x53494749, FILES, 2]))
def test_any_bytes_in_a_note(data: bytes, kind: int) -> None:
    """If this failed, one odd note would cost all others."""
    event = _read(cores.core([cores.note(kind, data), _thread()]))
    assert event
    assert event.thread_list


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_notes_that_lie_about_their_size(size: int) -> None:
    """If this failed, a length from the file would be read beyond the file."""
    event = _read(cores.core([_thread(), cores.note(FILES, b"abc", size=size)]))
    assert event
    assert event.images == ()


@pytest.mark.parametrize("count", [0, 3, 1 << 32, (1 << 64) - 1])
def test_a_list_of_files_that_lies_about_its_length(count: int) -> None:
    """If this failed, 24 bytes would be asked for a few billion times."""
    note = cores.files([(0x400000 + at * 4096, 0x401000 + at * 4096, at, "/srv/shop") for at in range(3)], count=count)
    event = _read(cores.core([_thread(), note]))
    assert event
    assert len(event.images) <= 1


def test_names_of_files_that_are_cut_off_are_left_out() -> None:
    """If this failed, half a path would be looked up as if it were one."""
    rows = [(0x400000 + at * 4096, 0x401000 + at * 4096, at, "/srv/shop") for at in range(4)]
    whole = cores.files(rows)
    event = _read(cores.core([_thread(), whole])[:-6])
    assert event
    assert [image.image_size for image in event.images] == [0x3000]


def test_segments_over_one_another_have_the_bytes_of_the_first() -> None:
    """If this failed, the same address would have two contents, by chance of who asks."""
    data = bytes(range(200))
    parts = [Segment(SEGMENT_LOAD, 6, at, address, size, size) for at, address, size in
             ((0, 100, 50), (60, 120, 60), (130, 110, 10), (140, 175, 10), (199, 300, 1 << 63))]  # fmt: skip
    memory = Memory(memoryview(data), parts)
    assert [(span.start, span.end) for span in memory.spans] == [(100, 150), (150, 180), (180, 185), (300, 301)]
    assert memory.read(140, 20) == data[40:50] + data[90:100]
    assert memory.read(95, 10) == b""
    assert memory.read(180, 100) == data[145:150]
    assert memory.lost == (1 << 63) - 1


@given(st.lists(st.tuples(*[st.integers(0, 300)] * 3), max_size=12), st.integers(0, 600), st.integers(0, 300))
def test_memory_never_gives_more_than_it_has(parts: list[tuple[int, int, int]], address: int, size: int) -> None:
    """If this failed, an odd table of segments would shift all memory."""
    memory = Memory(
        memoryview(bytes(256)), [Segment(SEGMENT_LOAD, 6, at, start, length, length) for at, start, length in parts]
    )
    starts = [span.start for span in memory.spans]
    assert starts == sorted(starts)
    assert all(one.end <= other.start for one, other in zip(memory.spans, memory.spans[1:], strict=False))
    assert len(memory.read(address, size)) <= size


def test_a_process_with_very_many_mappings() -> None:
    """If this failed, a database with 70,000 mappings could not be read, or for minutes."""
    count = 70_000
    rows = [(0x10000 + at * 8192, 0x11000 + at * 8192, at % 3, f"/srv/lib{at // 3}.so") for at in range(count)]
    parts = [Part(row[0], b"x") for row in rows]
    start = time.monotonic()
    event = _read(cores.core([_thread(0x10000), cores.files(rows)], parts))
    assert time.monotonic() - start < 20
    assert event
    assert len(event.images) <= 2000
    assert event.thread_list[0].stack_memory


def test_very_many_threads() -> None:
    """If this failed, 30,000 threads would make a report that nobody can open."""
    start = time.monotonic()
    event = _read(cores.core([_thread(number=number) for number in range(30_000)], [Part(0x7FFF0000, bytes(4096))]))
    assert time.monotonic() - start < 30
    assert event
    assert len(event.thread_list) == 10_000
    assert [problem.type for problem in event.errors] == ["core_too_large"]


def test_a_core_of_many_gigabytes_is_not_read_as_a_whole(tmp_path: Path) -> None:
    """If this failed, the machine that explains a crash would run out of memory by it."""
    path = tmp_path / "large.core"
    small = cores.core([_thread()], [Part(0x7FFF0000, bytes(4096))])
    row = struct.pack("<IIQQQQQQ", 1, 6, len(small), 0x10_0000_0000, 0, 64 << 30, 64 << 30, 1)
    head = bytearray(small)
    struct.pack_into("<H", head, 56, 3)
    head = head[: 64 + 2 * 56] + row + head[64 + 2 * 56 :]
    for index in range(3):
        (at,) = struct.unpack_from("<Q", head, 64 + 56 * index + 8)
        struct.pack_into("<Q", head, 64 + 56 * index + 8, at + 56)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + (64 << 30))
    command = [sys.executable, "-c", _LARGE, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert said.split() == ["1", "None", "yes"]


_LARGE = """\
import resource, sys
from pathlib import Path
from native.crashes.elfcore.reader import READER
from tests.native.crashes.elfcore.files import mapped
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
event = READER.read(mapped(Path(sys.argv[1])))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(len(event.thread_list), event.errors[0] if event.errors else None, "yes" if grown < 50_000 else grown)
"""


def test_frames_of_python_that_go_round_end() -> None:
    """If this failed, a damaged core would keep the reader busy for ever."""
    sample = Path(__file__).with_name("samples") / "python-3.13.core"
    whole = _read(sample.read_bytes())
    assert whole
    for source in (random.Random(seed) for seed in range(40)):
        data = bytearray(sample.read_bytes())
        for _ in range(400):
            _splice(source, data)
        event = _read(bytes(data))
        assert event is None or all(
            len(thread.vm_stacktrace.frames) <= 1000 for thread in event.thread_list if thread.vm_stacktrace
        )


@given(st.binary(max_size=800))
def test_any_table_of_offsets(data: bytes) -> None:
    """If this failed, eight bytes that happen to be there would decide what the reader does."""
    layout = layout_of_table(COOKIE + data)
    assert layout is None or layout.version.startswith("3.1")


def test_memory_of_all_tests_here_was_bounded() -> None:
    """If this failed, some input above took memory that its size does not explain."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000
