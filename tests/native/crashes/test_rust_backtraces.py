"""Backtraces of Rust 1.95, printed by the standard library itself."""

from pathlib import Path

from native.crashes.backtrace import READER
from symbolicator.model import Event, Frame

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.txt").read_bytes())


def frames(event: Event, exception: int = -1) -> list[Frame]:
    """Newest call first."""
    stack = event.exceptions[exception].stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


def test_short() -> None:
    """`RUST_BACKTRACE=1` is what people have; it is resolved already and must stay as it is."""
    event = read("rust-short")
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "panic",
        "index out of bounds: the len is 2 but the index is 6",
    )
    assert len(frames(event)) == 10
    own = frames(event)[6]
    assert (own.function, own.filename, own.lineno, own.colno) == ("p::inl", "./p.rs", 1, 57)


def test_full_with_two_panics() -> None:
    """The panic of the worker came first; the main thread's is another one, on another thread."""
    event = read("rust-full-two-threads")
    assert [(e.thread_id, len(frames(event, index))) for index, e in enumerate(event.exceptions)] == [
        (4964, 36),
        (4965, 36),
    ]
    assert [(t.id, t.name, t.crashed) for t in event.thread_list] == [(4965, "wörk er", True), (4964, "main", None)]


def test_calls_at_one_address_are_inlined() -> None:
    """Six calls share an address: only the outermost of them has code of its own."""
    shared = [f for f in frames(read("rust-full-two-threads")) if (f.instruction_addr or 0) & 0xFFFFF == 0x204D7]
    assert [frame.data.inlined for frame in shared if frame.data] == [True, True, True, True, False]


def test_recursion_is_not_inlining() -> None:
    """A function that calls itself returns to the same address again and again."""
    event = READER.read(b"stack backtrace:\n   0:  0x1 - f\n   1:  0x1 - f\n   2:  0x1 - g\n   3:  0x2 - main\n")
    assert [bool(frame.data and frame.data.inlined) for frame in frames(event)] == [False, True, False, False]


def test_older_versions_number_inlined_calls_once() -> None:
    """The calls without a number are those that the numbered one was inlined into."""
    inner = b"   0:     0x1 - inner\n             at a.rs:1:2\n                           outer\n"
    event = READER.read(b"stack backtrace:\n" + inner + b"   1: 0x2 - main\n")
    found = [(f.function, f.instruction_addr, bool(f.data and f.data.inlined)) for f in frames(event)]
    assert found == [("inner", 1, True), ("outer", 1, False), ("main", 2, False)]


def test_stripped() -> None:
    """`<unknown>` with an address is what there is to resolve."""
    found = frames(read("rust-stripped"))
    assert len(found) == 21
    assert (found[0].function, found[0].instruction_addr) == (None, 0x55AB80B7D0BA)


def test_no_backtrace() -> None:
    """The panic alone says where it was: better than nothing to show."""
    event = read("rust-no-backtrace")
    [frame] = frames(event)
    assert (frame.filename, frame.lineno, frame.colno) == ("p.rs", 1, 57)
    assert event.thread_list[0].name == "main"
