"""What Python prints, read as a person reads it."""

from pathlib import Path

from native.crashes.python.reader import READER
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace
from symbolicator.readers.text import MAX_FRAMES

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def link(value: ExceptionValue) -> tuple[int | None, int | None, str | None]:
    mechanism = value.mechanism
    return (mechanism.exception_id, mechanism.parent_id, mechanism.source) if mechanism else (None, None, None)


def test_a_chain() -> None:
    """The newest error is the one that was raised; each older one says how it led to the next."""
    event = read("python-chained")
    assert [(e.type, e.value) for e in event.exceptions] == [
        ("KeyError", "'plum'"),
        ("PriceError", "no price for\n'plum'"),
        ("AttributeError", "'NoneType' object has no attribute 'name'"),
    ]
    assert [link(e) for e in event.exceptions] == [(2, 1, "__cause__"), (1, 0, "__context__"), (0, None, None)]


def test_frames_have_the_line_that_was_printed() -> None:
    """The source as it ran is in the traceback; what is on disk now may be another version."""
    [key_error, price_error, raised] = read("python-chained").exceptions
    assert [(f.function, f.lineno, f.context_line) for f in newest_first(raised.stacktrace)] == [
        ("main", 30, "print(cart.customer.name, file=sys.stderr)"),
        ("<module>", 33, "main()"),
    ]
    failing = newest_first(key_error.stacktrace)[0]
    assert failing.data is not None
    assert failing.data.extra == {"marked": '{"pear": 120}[article]'}
    assert len(newest_first(price_error.stacktrace)) == 4


def test_a_group() -> None:
    """A task group fails in several tasks at once: each error is one of the group's."""
    event = read("python-group")
    assert [(e.type, link(e)) for e in event.exceptions] == [
        ("RecursionError", (2, 0, "exceptions[1]")),
        ("ValueError", (1, 0, "exceptions[0]")),
        ("ExceptionGroup", (0, None, None)),
    ]
    mechanism = event.exceptions[-1].mechanism
    assert mechanism is not None
    assert mechanism.is_exception_group
    assert event.exceptions[1].value == "order 1 is empty\nand was paid\nseen by ana\ntwice\nin a row"


def test_endless_recursion_is_whole() -> None:
    """Python prints three calls of a hundred; the depth is what tells what happened."""
    deep = newest_first(read("python-group").exceptions[0].stacktrace)
    assert [frame.function for frame in deep] == ["unpack"] * 110 + ["check"]
    assert len({frame.lineno for frame in deep}) == 2


def test_groups_in_groups() -> None:
    """Exceptions that were only made have no traceback, and groups that `except*` split have none either."""
    event = read("python-nested-groups")
    assert [(e.type, link(e)) for e in reversed(event.exceptions)] == [
        ("ExceptionGroup", (0, None, None)),
        ("FileNotFoundError", (1, 0, "exceptions[0]")),
        ("ExceptionGroup", (2, 1, "__context__")),
        ("ValueError", (3, 2, "exceptions[0]")),
        ("ExceptionGroup", (4, 0, "exceptions[1]")),
        ("ZeroDivisionError", (5, 4, "__cause__")),
        ("ExceptionGroup", (6, 4, "exceptions[0]")),
        ("KeyError", (7, 6, "exceptions[0]")),
        ("TypeError", (8, 6, "exceptions[1]")),
    ]


def test_colours_change_nothing() -> None:
    """Python 3.13 paints tracebacks: the same program's are the same."""
    plain, painted = read("python-chained"), read("python-colours")
    assert [(e.type, e.value) for e in plain.exceptions] == [(e.type, e.value) for e in painted.exceptions]


def test_the_thread_that_an_exception_ended() -> None:
    """With several threads the first question is which one it was; what a destructor raised is no part of it."""
    event = read("python-thread")
    assert [(t.name, t.crashed) for t in event.thread_list] == [("worker 1", True)]
    late, raised = event.exceptions
    assert (raised.type, raised.thread_id) == ("RuntimeError", "worker 1")
    assert late.mechanism is not None
    assert (late.type, late.mechanism.type, late.mechanism.handled) == ("ValueError", "separate", True)


def test_a_syntax_error_has_a_place_and_no_function() -> None:
    """A program that does not even start says where."""
    error = read("python-syntax").exceptions[0]
    [frame] = newest_first(error.stacktrace)
    assert (error.type, frame.function, frame.lineno, frame.context_line) == ("SyntaxError", None, 1, "total = (1 +")


def test_a_log_goes_on_below() -> None:
    """The next entry of the log is no part of the message; the module of the type stands beside it."""
    error = read("python-logged").exceptions[0]
    assert (error.module, error.type) == ("json.decoder", "JSONDecodeError")
    assert error.value == "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


def test_faulthandler() -> None:
    """A crash in C: the signal's thread is the crash, and every other thread is there."""
    event = read("python-faulthandler")
    error = event.exceptions[0]
    assert (error.type, error.value, error.thread_id) == ("SIGSEGV", "Segmentation fault", "0x00007fbb1a6d6040")
    assert error.mechanism is not None
    assert error.mechanism.data == {"extension_modules": ["msgspec._core"]}
    assert [(t.id, t.crashed) for t in event.thread_list] == [
        ("0x00007fbb1a6d6040", True), ("0x00007fbb198cd6c0", None), ("0x00007fbb1a0ce6c0", None),
    ]  # fmt: skip
    frames = newest_first(event.thread_list[0].stacktrace)
    assert [f.function for f in frames] == ["string_at", "scan", "main", "<module>"]


def test_the_c_stack_of_python_3_14() -> None:
    """The native calls are the thread's stack, Python's stand beside it; the crash is below the signal's handler."""
    event = read("python-314.synthetic")
    crashed = event.thread_list[0]
    assert (crashed.name, crashed.crashed) == ("scanner", True)
    native = newest_first(crashed.stacktrace)
    assert {frame.platform for frame in native} == {"native"}
    assert [f.function for f in native] == ["_Py_DumpStack", None, None, None, "ffi_call"]
    assert (native[3].instruction_addr, native[3].adjust_instruction_addr) == (0x77B7315D12A9, False)
    assert [f.function for f in newest_first(crashed.vm_stacktrace)] == ["string_at", "scan", "<module>"]
    addresses = {image.code_file: image.image_addr for image in event.images}
    assert addresses["/srv/shop/_scan.cpython-314-x86_64-linux-gnu.so"] == 0x77B7315D12A9 - 0x12A9


def test_windows() -> None:
    """Paths of Windows, and an exception that is no signal."""
    event = read("python-windows.synthetic")
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("Fatal Python error", "access violation")
    assert [bool(f.lineno) for f in newest_first(event.thread_list[0].stacktrace)] == [True] * 3


def test_py_spy() -> None:
    """A process that hangs: threads, what they do, C and Python in one stack, variables; and no error."""
    event = read("python-pyspy")
    assert event.exceptions == ()
    assert event.contexts == {"runtime": {"name": "CPython", "version": "3.11.2"}}
    main, worker = event.thread_list
    assert (main.name, main.state, main.current) == ("MainThread", "active+gil", True)
    frames = newest_first(main.stacktrace)
    assert frames[0].extra["vars"] == {"limit": "10000000000", "count": "42796644"}
    platforms = [frame.platform for frame in newest_first(worker.stacktrace)]
    assert platforms == ["native"] * 3 + ["python"] * 6 + ["native"] * 2


def test_py_spy_names_lines_of_c() -> None:
    """A C extension with debug information has a file and a line: it is no Python for that."""
    dump = b'Thread 7 (idle): "MainThread"\n    hand_over (relay.c:13)\n    run (shop/relay.py:9)\n'
    frames = newest_first(READER.read(dump).thread_list[0].stacktrace)
    assert [(frame.function, frame.platform, frame.lineno) for frame in frames] == [
        ("hand_over", "native", 13),
        ("run", "python", 9),
    ]


PYSTACK = b"""The process died due receiving signal SIGABRT sent by pid 12
Traceback for thread 7 (worker) [] (most recent call last):
    (Python) File "/srv/shop.py", line 4, in idle
      Arguments:
        n: 1

Traceback for thread 6 (shop) [Has the GIL] (most recent call last):
    (C) File "???", line 0, in _start (python3.11)
    (Python) File "/srv/shop.py", line 12, in total
        return look_up(sku)
      Locals:
        sku: 300
    (C) File "src/prices.c", line 9, in cents (inlined) (prices.so)
    (C) File "src/prices.c", line 20, in look_up.lto_priv.0 (prices.so)
"""


def test_pystack() -> None:
    """Both languages in one stack, the thread that failed, variables and source lines."""
    event = READER.read(PYSTACK)
    [error] = event.exceptions
    assert (error.type, error.value, error.thread_id) == ("SIGABRT", "sent by process 12", 6)
    worker, shop = event.thread_list
    assert (worker.name, worker.crashed, shop.crashed, shop.current) == ("worker", None, True, True)
    assert [frame.extra for frame in newest_first(worker.stacktrace)] == [{"vars": {"n": "1"}}]
    assert newest_first(worker.stacktrace)[0].context_line is None
    look_up, cents, total, start = newest_first(shop.stacktrace)
    assert (look_up.function, look_up.symbol, look_up.package) == ("look_up", "look_up.lto_priv.0", "prices.so")
    assert (cents.data and cents.data.inlined, cents.lineno) == (True, 9)
    assert (total.platform, total.context_line, total.extra["vars"]) == (
        "python",
        "return look_up(sku)",
        {"sku": "300"},
    )
    assert (start.function, start.filename, start.lineno) == ("_start", None, None)


def test_a_traceback_without_its_head() -> None:
    """People paste the end of a log: what is left is read."""
    event = READER.read(
        b'    g()\n  File "/srv/b.py", line 7, in g\n    return 1 / 0\nZeroDivisionError: division by zero\n'
    )
    assert [f.function for f in newest_first(event.exceptions[0].stacktrace)] == ["g"]


def test_repeats_have_a_limit() -> None:
    """A forged count must not fill the memory."""
    call, repeated = b'  File "a.py", line 1, in f\n', b"  [Previous line repeated 999999999 more times]\n"
    event = READER.read(b"Traceback (most recent call last):\n" + call + repeated + b"E: x\n")
    assert len(newest_first(event.exceptions[0].stacktrace)) <= MAX_FRAMES
    assert [problem.type for problem in event.errors] == ["too_many_frames"]
