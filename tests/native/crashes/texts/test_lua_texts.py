"""What Lua prints, read as a person reads it."""

from pathlib import Path

import pytest

from native.crashes.lua.frames import LEFT_OUT, TAIL_CALLS, parse_level
from native.crashes.lua.reader import READER
from symbolicator.model import Event, Frame

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def frames(event: Event) -> list[Frame]:
    """Newest first."""
    stack = event.exceptions[-1].stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


def marks(frame: Frame) -> tuple[bool, bool]:
    return (frame.data.is_entry, frame.data.is_native) if frame.data else (False, False)


def test_an_error() -> None:
    """Who called is told by the names that callers used; what C did has no line."""
    event = read("lua-traceback")
    [raised] = event.exceptions
    assert raised.value == "attempt to index a nil value (field 'count')"
    assert [(frame.function, frame.filename, frame.lineno) for frame in frames(event)] == [
        ("<anonymous>", "src/till.lua", 4),
        (TAIL_CALLS, None, None),
        ("<anonymous>", "src/till.lua", 14),
        ("table.sort", None, None),
        ("till.total", "src/till.lua", 13),
        ("open", "src/shop.lua", 6),
        ("sell", "src/shop.lua", 10),
        ("twice", "src/shop.lua", 15),
        ("main chunk", "src/shop.lua", 21),
        ("<function in C>", None, None),
    ]


@pytest.mark.parametrize("name", ["lua-5.1", "lua-jit"])
def test_other_versions_say_the_same(name: str) -> None:
    """Programs that run Lua keep to old versions for decades."""
    mine = [(frame.filename, frame.lineno) for frame in frames(read(name)) if frame.lineno]
    assert mine == [(frame.filename, frame.lineno) for frame in frames(read("lua-traceback")) if frame.lineno]


def test_where_c_entered_lua() -> None:
    """The stack of C is put together with this one by counting these; metamethods are called by way of C."""
    event = read("merge-lua")
    stack = event.thread_list[0].vm_stacktrace
    assert stack is not None
    assert [(frame.function, *marks(frame)) for frame in reversed(stack.frames)] == [
        ("read", False, True),
        ("metamethod 'index'", True, False),
        ("stamp", False, False),
        ("<anonymous>", True, False),
        ("guard", False, True),
        ("<anonymous>", True, False),
        ("table.sort", False, True),
        ("total", False, False),
        ("<anonymous>", True, False),
        ("each", False, True),
        ("open", False, False),
        ("main chunk", True, False),
    ]


def test_a_native_stack_elsewhere_in_the_log_is_another_story() -> None:
    """An error that Lua had caught long before the crash would become part of it."""
    native = b"caught signal 11\n./till(+0x1234)[0x5612]\n./till(+0x1334)[0x5712]\n"
    between = b"going on\n" * 20
    lua = b"lua: a.lua:1: x\nstack traceback:\n\ta.lua:1: in main chunk\n\t[C]: in ?\n"
    event = READER.read(lua + between + native)
    assert [error.type for error in event.exceptions] == ["Lua error"]
    assert not event.thread_list


def test_beside_the_threads_of_a_debugger() -> None:
    """A debugger can be told to call `luaL_traceback`: what it prints is of the thread that it stopped in."""
    event = read("lua-gdb")
    [raised], [thread] = event.exceptions, event.thread_list
    assert raised.stacktrace is not None
    assert (thread.crashed, raised.thread_id, len(raised.stacktrace.frames)) == (True, thread.id, 30)
    assert thread.vm_stacktrace is not None
    assert thread.vm_stacktrace.frames[-1].function == "read"


def test_levels_that_are_left_out() -> None:
    """Lua prints the ends of a deep stack; a count says how deep it was."""
    event = read("lua-deep")
    assert event.exceptions[0].value == "no price\nof today"
    assert [frame.function for frame in frames(event)].count(f"(42 {LEFT_OUT}") == 1


def test_a_path_that_was_cut() -> None:
    """Lua keeps the end of a long path: the folder that it cut into is no folder's name."""
    newest = frames(read("lua-cut-path"))[0]
    assert (newest.filename, newest.abs_path) == ("and-another-one/with-one-more/till.lua", None)
    assert newest.data is not None
    assert str(newest.data.extra["chunk"]).startswith("...-with-a-long-name/")


def test_a_script_that_does_not_compile() -> None:
    """There is no traceback, and the place is in the message."""
    event = read("lua-uncompiled")
    assert event.exceptions[0].value == "unexpected symbol near '='"
    assert [(frame.filename, frame.lineno) for frame in frames(event)] == [("bad.lua", 1)]


def test_openresty() -> None:
    """Its log has a time before the message, coroutines above levels, and the request after the last one."""
    event = read("lua-openresty.synthetic")
    assert event.exceptions[0].value == "attempt to index local 'item' (a nil value)"
    assert [frame.function for frame in frames(event)] == ["price", "call", "main chunk"]


def test_tracebacks_that_nothing_links() -> None:
    """The first one is the crash; the others stand beside it."""
    one = b"lua: a.lua:%d: no\nstack traceback:\n\ta.lua:1: in main chunk\n\t[C]: in ?\n\n"
    event = READER.read(one % 1 + one % 2)
    kinds = [error.mechanism.type for error in event.exceptions if error.mechanism]
    assert kinds == ["separate", "generic"]


@pytest.mark.parametrize(
    ("line", "function", "place"),
    [
        ('\t[string "return 1+nil"]:1: in main chunk', "main chunk", ('[string "return 1+nil"]', 1)),
        ("\t(command line):3: in upvalue 'r'", "r", ("(command line)", 3)),
        ("\t=stdin:1: in global 'f'", "f", ("=stdin", 1)),
        ("\tC:/shop/till.lua:4: in method 'sell'", "sell", ("C:/shop/till.lua", 4)),
        ("\ta.lua:7: in for iterator 'for iterator'", "for iterator 'for iterator'", ("a.lua", 7)),
        ("\t[builtin#21]: at 0x55d8d09242c0", "<function in C>", (None, None)),
        ("\t[C]: ?", "<function in C>", (None, None)),
        ("\t[C]: in function 'string.rep'", "string.rep", (None, None)),
    ],
)
def test_levels(line: str, function: str, place: tuple[str | None, int | None]) -> None:
    """Every form of a level in Lua's sources."""
    level = parse_level(line)
    assert level is not None
    assert (level.frame.function, (level.frame.filename, level.frame.lineno)) == (function, place)
