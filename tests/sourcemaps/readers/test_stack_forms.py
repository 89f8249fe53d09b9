"""The forms of stack lines of engines that do not run here, from hand-written texts (``samples/*.synthetic.txt``)."""

from pathlib import Path

import pytest

from sourcemaps.javascript.reader import READER
from symbolicator.model import Event, Frame

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.synthetic.txt").read_bytes())


def newest_first(event: Event, exception: int = -1) -> list[Frame]:
    stack = event.exceptions[exception].stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


def notes(frame: Frame) -> dict[str, object]:
    return dict(frame.data.extra) if frame.data else {}


APP = "https://shop.example/assets/app.min.js"


def test_firefox() -> None:
    """Firefox users' errors have no other stack than this one; it has no header either."""
    event = read("firefox")
    assert (event.exceptions[0].type, event.exceptions[0].value) == (None, None)
    frames = newest_first(event)
    assert [(f.function, f.filename, f.lineno, f.colno) for f in frames[:5]] == [
        ("total", APP, 1, 985),
        ("load/<", APP, 1, 1037),
        ("a/b/c<", APP, 1, 1063),
        ("get size", APP, 2, 9),
        (None, "https://cdn.example/react@18.2.0/umd/react.min.js", 1, 77),
    ]
    assert [(f.function, notes(f)["async_cause"]) for f in frames[5:9]] == [
        ("submit", "async"),
        ("run", "promise callback"),
        (None, "setTimeout handler"),
        (None, "EventListener.handleEvent"),
    ]
    assert [frame.data.async_call.label for frame in frames[5:9] if frame.data and frame.data.async_call] == [
        "awaited",
        "called back asynchronously: promise",
        "called back asynchronously: setTimeout",
        "called back asynchronously: EventListener.handleEvent",
    ]
    assert [(f.function, f.lineno, f.colno) for f in frames[9:11]] == [("evaluated", 5, None), (None, 7, None)]
    assert (frames[11].platform, frames[11].instruction_addr, frames[11].addr_mode) == ("native", 0x1F, "rel:0")
    assert event.images[0].code_file == "https://shop.example/m.wasm"
    assert frames[12].filename == "debugger eval code"


def test_safari() -> None:
    """Safari is most of the mobile web, and names its own code in words."""
    frames = newest_first(read("safari"))
    assert [(f.function, f.filename, f.lineno) for f in frames] == [
        ("total", APP, 1),
        ("map", "[native code]", None),
        (None, "[native code]", None),
        ("wasm-function[3]", "[wasm code]", None),
        ("wasm-stub", "[wasm code]", None),
        ("load", APP, 1),
        ("eval code", None, None),
        ("module code", APP, 1),
        ("global code", "https://shop.example/index.html", 12),
        (None, "https://shop.example/assets/older.min.js", 1),
        (None, "webkit-masked-url://hidden/", 1),
    ]


def test_react_native_counts_columns_from_zero() -> None:
    """One column off is another token of the minified line: the wrong name, often the wrong file."""
    event = read("react-native")
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "TypeError",
        "undefined is not an object (evaluating 'a.cents')",
    )
    assert [(f.function, f.filename, f.colno) for f in newest_first(event)] == [
        ("linePrice", None, 3252),
        ("<unknown>", None, 3419),
        ("value", "12.js", 2935),
        ("render", "seg-3_7.js", 56),
        ("anonymous", "index.android.bundle", 2194),
    ]
    assert event.contexts == {"runtime": {"name": "react-native"}}


def test_hermes_counts_bytecode_from_zero_and_source_columns_from_one() -> None:
    """Both stand in one stack; getting them the wrong way round shifts every lookup by one."""
    event = read("hermes-forms")
    places = [(f.function, f.filename, f.lineno, f.colno) for f in newest_first(event)]
    assert places[:2] == [("f", "index.android.bundle", 1, 1235), ("g", "index.android.bundle", 1, 1)]
    assert places[4] == ("h", "index.android.bundle", 7, 9)
    assert places[5:8] == [
        ("asyncStep", "InternalBytecode.js", 1, 1222),
        ("i", "seg-1_2.js", 1, 13),
        ("j", "42.js", 3, 4),
    ]
    stack = event.exceptions[0].stacktrace
    assert stack is not None
    assert stack.extra == {"frames_omitted": [1, 94]}


def test_v8_forms_behind_log_prefixes() -> None:
    """Traces come out of log files: a timestamp in front of every line must not cost a frame."""
    event = read("v8-forms")
    error = event.exceptions[0]
    assert (error.type, error.value) == ("RangeError", "a: b")
    assert error.mechanism is not None
    assert (error.mechanism.type, error.mechanism.handled) == ("onunhandledrejection", False)
    places = [(f.function, f.filename, f.lineno, f.colno) for f in newest_first(event)]
    assert places == [
        (None, "https://h:8080/a(b)/x.js?q=1:2", 1, 18),
        ("ff", "C:\\Program Files (x86)\\app\\b.js", 1, 2),
        ("new X", "file:///C:/a%20b/c.mjs", 3, 4),
        ("T.m", "webpack-internal:///./src/x.js", 5, 6),
        ("eval", "webpack-internal:///./src/y.js", 9, 8),
        ("eval", "/srv/c.js", 4, 18),
        (None, "blob:https://h/1b4e28ba-2fa1-11d2", 7, 8),
        ("foo", "app:///main.jsbundle", 9, 10),
        ("bar", "ext:deno_web/02_timers.js", 11, 12),
        ("baz", "bun:main", 13, 14),
        ("Array.map", "<anonymous>", None, None),
        ("Promise.all (index 0)", None, None, None),
        ("Object.<anonymous>", "index.js", 1, 1),
        (None, "native", None, None),
        ("main", "wasm://wasm/main.wasm-000d2b1e", None, None),
        (None, "<wasm>", None, None),
        ("Module.load", "internal/modules/cjs/loader.js", 950, 32),
        (None, "https://h/only-parentheses.js", 1, 2),
        ("Anonymous function", "https://h/old-edge.js", 3, 4),
    ]


def test_deno_causes_are_a_chain() -> None:
    """The innermost cause is the bug; lost, only its last consequence is left."""
    event = read("deno")
    assert [(e.type, e.value) for e in event.exceptions] == [
        ("innermost", "said so"),
        ("TypeError", "inner"),
        ("Error", "boom"),
    ]
    links = [(e.mechanism.exception_id, e.mechanism.parent_id) for e in event.exceptions if e.mechanism]
    assert links == [(2, 1), (1, 0), (0, None)]


def test_folded_repetitions_are_unfolded() -> None:
    """Node.js 24 prints a run that repeats once: frames that were on the stack must be in the trace."""
    event = read("node-collapsed")
    assert "".join((f.function or "?")[0] for f in newest_first(event)) == "ab" * 4 + "c" * 4 + "m"


@pytest.mark.parametrize(
    "line",
    [
        "    at com.example.shop.Cart.total(Cart.java:12)",
        "   at Shop.Cart.Total(Order order) in C:\\src\\Cart.cs:line 12",
        "             at ./src/main.rs:4:5",
        "    at src/parcel.cpp:10",
        "at the end of the day (it was late)",
        "at last",
        "me@example.com",
        "ssh git@example.com:22:3 now",
        "see https://example.com/a:1:2",
        "#0  0x0000000000401452 in main () at src/main.c:10",
        "./shop(+0x3f19)[0x55e7bb248f19]",
    ],
)
def test_lines_of_others_are_no_frames(line: str) -> None:
    """A line that is taken for a frame sends the reader to a place that does not exist."""
    assert READER.detect(line.encode()) == 0.0


@pytest.mark.parametrize(
    ("separator", "rule", "label"),
    [
        ("From previous event:", "previous-event", "called back asynchronously: promise"),
        ("-" * 45, "longjohn", "called back asynchronously"),
        ("  -------------   Elapsed: 9 ms; At: Wed Nov 16 2016 08:23:17 GMT-0500 (EST)   -------------  ", "zone",
         "called back asynchronously: 9 ms later"),
    ],
)  # fmt: skip
def test_separators_of_long_stack_traces(separator: str, rule: str, label: str) -> None:
    """Three stacks of three moments would be read as one, in which everything called the next thing."""
    text = f"E: x\n    at a (a.js:1:1)\n{separator}\n    at b (a.js:2:1)\n{separator}\n    at c (a.js:3:1)\n"
    frames = newest_first(READER.read(text.encode()))
    calls = [frame.data.async_call if frame.data else None for frame in frames]
    assert [call and (call.rule, call.label, call.each_time) for call in calls] == [
        None, (rule, label, True), (rule, label, True),
    ]  # fmt: skip


def test_a_rule_that_separates_nothing() -> None:
    """Logs draw lines too: what follows one that no frame does is another error."""
    text = "E: x\n    at a (a.js:1:1)\n" + "-" * 45 + "\nF: y\n    at b (a.js:2:1)\n"
    event = READER.read(text.encode())
    assert len(event.exceptions) == 2
    assert not [f for f in newest_first(event) if f.data and f.data.is_async]
