"""Java's stack texts: what a person reads out of them."""

from pathlib import Path

import pytest

from native.crashes.java.stack_reader import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, ExceptionValue, Frame

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"


def read(text: str) -> Event:
    return READER.read(text.encode())


def frames(value: ExceptionValue) -> list[Frame]:
    """Newest call first, as printed."""
    return list(reversed(value.stacktrace.frames)) if value.stacktrace else []


def only_frame(line: str) -> Frame:
    (frame,) = frames(read(f"java.lang.Error\n\t{line}").exceptions[0])
    return frame


def link(value: ExceptionValue) -> tuple[int | None, int | None, str | None]:
    assert value.mechanism
    return value.mechanism.exception_id, value.mechanism.parent_id, value.mechanism.source


@pytest.mark.parametrize(
    ("line", "module", "function", "filename", "lineno"),
    [
        ("at shop.Cart.total(Cart.java:12)", "shop.Cart", "total", "Cart.java", 12),
        ("at java.base/java.lang.Thread.run(Thread.java:840)", "java.lang.Thread", "run", "Thread.java", 840),
        ("at app//shop.Cart.total(Cart.java:12)", "shop.Cart", "total", "Cart.java", 12),
        ("at app//org.a@1.2/shop.Cart.total(Cart.java)", "shop.Cart", "total", "Cart.java", None),
        ("at java.lang.Object.wait(java.base@17.0.15/Native Method)", "java.lang.Object", "wait", None, None),
        ("at java.lang.Object.wait(java.base@17/Object.java:338)", "java.lang.Object", "wait", "Object.java", 338),
        ("at s.C$$Lambda$14/0x800c03000.run(Unknown Source)", "s.C$$Lambda$14/0x800c03000", "run", None, None),
        ("at shop.Cart$$Lambda/0x00007f01.run(Unknown Source)", "shop.Cart$$Lambda/0x00007f01", "run", None, None),
        ("at shop.Cart.<init>(Cart.kt:3) ~[shop.jar:1.0]", "shop.Cart", "<init>", "Cart.kt", 3),
        ("at shop.Cart.lambda$total$0(Cart.java:4) [classes/:na]", "shop.Cart", "lambda$total$0", "Cart.java", 4),
        ("at a.b.c(SourceFile:3)", "a.b", "c", "SourceFile", 3),
        ("at a.b.c(SourceFile)", "a.b", "c", "SourceFile", None),
        ("at a.b.c(Unknown Source:12)", "a.b", "c", None, 12),
        ("at a.b.c(r8-map-id-4f2c1b7:3)", "a.b", "c", "r8-map-id-4f2c1b7", 3),
        ("at Main.main(Main.java:3)", "Main", "main", "Main.java", 3),
        ("at shop.CartKt$main$1.invokeSuspend(Cart.kt)", "shop.CartKt$main$1", "invokeSuspend", "Cart.kt", None),
        ("at shop.CartTest.sums up(CartTest.kt:9)", "shop.CartTest", "sums up", "CartTest.kt", 9),
        ("at clojure.core$eval.invoke(core.clj:2)", "clojure.core$eval", "invoke", "core.clj", 2),
        ("at shop.Käse.wäge(Käse.java:1)", "shop.Käse", "wäge", "Käse.java", 1),
        ("at gms.a.b(:com.gms@2236@22.36.16 (1504-4736):11)", "gms.a", "b", ":com.gms@2236@22.36.16 (1504-4736)", 11),
    ],
)  # fmt: skip
def test_forms_of_frames(line: str, module: str, function: str, filename: str | None, lineno: int | None) -> None:
    """A mapping file is asked by class and method: a module or a jar that sticks to them finds nothing."""
    frame = only_frame(line)
    assert (frame.module, frame.function, frame.filename, frame.lineno) == (module, function, filename, lineno)


@pytest.mark.parametrize(
    "line",
    [
        "    at Cart.total (https://shop.example/app.js:1:985)",
        "    at async Promise.all (index 2)",
        "    at Object.<anonymous> (/srv/app.js:1:2)",
        "   at Shop.Cart.Total(Int32 cents) in C:\\shop\\Cart.cs:line 12",
        "   at Shop.Cart.Total(String)",
        "   at Shop.Cart.Total()",
        "#0  0x55d0 in shop::total (n=2) at src/order.cpp:28",
        "             at src/main.rs:10:5",
        '  File "cart.py", line 12, in total',
        "look at shop.total(now)",
    ],
)
def test_lines_of_others_are_no_frames_of_java(line: str) -> None:
    """A trace of C# or JavaScript, read as Java, would lose its lines."""
    assert READER.detect(line.encode()) == 0.0


def test_a_real_chain_is_linked_and_complete() -> None:
    """Frames that Java printed only once, in the enclosing exception, must be in every stack that they belong to."""
    event = READER.read((FIXTURES / "java-stack" / "crash.txt").read_bytes())
    by_type = {str(value.type): value for value in event.exceptions}
    raised, cause = by_type["IllegalStateException"], by_type["NullPointerException"]
    suppressed, deepest = by_type["IOException"], by_type["FileNotFoundException"]
    assert event.exceptions[-1] is raised
    assert raised.value == "checkout failed:\n  items: 2\n  at noon"
    assert (raised.module, raised.mechanism and raised.mechanism.handled) == ("java.lang", False)
    assert [link(value) for value in (raised, cause, suppressed, deepest)] == [
        (0, None, None),
        (1, 0, "cause"),
        (2, 1, "suppressed[0]"),
        (3, 2, "cause"),
    ]
    assert [(f.function, f.lineno) for f in frames(raised)] == [("timed", 31), ("main", 43)]
    assert [(f.function, f.lineno) for f in frames(deepest)] == [
        ("close", 16), ("pay", 36), ("lambda$main$1", 43), ("timed", 29), ("main", 43),
    ]  # fmt: skip
    restored = [bool(f.data and f.data.extra.get("restored")) for f in frames(deepest)]
    assert restored == [False, True, True, True, True]
    assert [(thread.name, thread.crashed) for thread in event.thread_list] == [("main", True)]


def test_the_outer_exception_may_come_last() -> None:
    """Logback can print the innermost cause first; the raised exception is then the last one."""
    event = read(
        "java.io.IOException: gone\n\tat a.b.c(B.java:1)\n\t... 1 common frames omitted\n"
        "Wrapped by: java.lang.RuntimeException: failed\n\tat a.b.d(B.java:2)\n\tat a.b.e(B.java:3)"
    )
    assert [value.type for value in event.exceptions] == ["IOException", "RuntimeException"]
    assert [link(value) for value in event.exceptions] == [(1, 0, "cause"), (0, None, None)]
    assert [f.function for f in frames(event.exceptions[0])] == ["c", "e"]


def test_a_circular_reference_is_an_exception_without_frames() -> None:
    """It says that the chain ends here, and must not swallow what follows."""
    event = read("a.B: x\n\tat a.b.c(B.java:1)\nCaused by: [CIRCULAR REFERENCE: a.B: x]\n")
    circular = event.exceptions[0]
    assert (circular.type, circular.value, circular.stacktrace) == ("B", "x", None)
    assert circular.mechanism
    assert circular.mechanism.data == {"circular_reference": True}


def test_frames_of_a_resumed_coroutine_are_marked() -> None:
    """Below the boundary nobody was on the stack any more: it is no physical one."""
    event = read(
        "java.lang.Error\n\tat a.B.c(B.kt:1)\n\tat _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:46)\n\tat a.B.d(B.kt:2)"
    )
    assert [(f.function, bool(f.data and f.data.is_async)) for f in frames(event.exceptions[0])] == [
        ("c", False),
        ("d", True),
    ]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("at _COROUTINE._CREATION._(CoroutineDebugging.kt)", "coroutine created"),
        ("at (Coroutine creation stacktrace.(Coroutine creation stacktrace)", "coroutine created"),
        ("at (Coroutine boundary.(Coroutine boundary)", "coroutine resumed"),
        ("at _COROUTINE.w3._(SourceFile:1)", "coroutine resumed"),
    ],
)
def test_markers_of_coroutines(line: str, label: str) -> None:
    """Of every version, and as R8 renames them: a marker that is not known would be shown as a call."""
    [error] = read(f"a.E: x\n\tat a.B.c(B.kt:1)\n\t{line}\n\tat a.B.d(B.kt:2)").exceptions
    assert [f.data.async_call.label if f.data and f.data.async_call else "" for f in frames(error)] == ["", label]


@pytest.mark.parametrize(
    ("above", "type_", "value"),
    [
        ("java.lang.Error: x", "Error", "x"),
        ("java.lang.Error", "Error", None),
        ('Exception in thread "pool-1 "a"" java.lang.Error: x', "Error", "x"),
        ("Exception java.lang.NullPointerException: x", "NullPointerException", "x"),
        ("a.b.c: x", "c", "x"),
        ("shop.Cart$Empty: x", "Cart$Empty", "x"),
        ("12:00:00.123 [main] ERROR shop.Cart - java.lang.Error: x", "Error", "x"),
        ("12:00:00.123 [main] ERROR shop.Cart - it failed\njava.lang.Error: x\ny", "Error", "x\ny"),
        ("it failed", None, None),
    ],
)
def test_headers(above: str, type_: str | None, value: str | None) -> None:
    """The type groups crashes; a log's words in its place would make each crash its own group."""
    found = read(f"{above}\n\tat a.b.c(B.java:1)").exceptions[0]
    assert (found.type, found.value) == (type_, value)


def test_the_form_of_google_play() -> None:
    """The console writes a space before the bracket, and no colon where Java does."""
    event = read(
        "Exception java.lang.RuntimeException:\n  at shop.Cart.total (Cart.java:12)\n  at a.b.c (SourceFile:3)\n"
        "Caused by java.lang.Error: no price\n  at shop.Price.of (Price.kt:7)"
    )
    assert [(value.type, value.value) for value in event.exceptions] == [
        ("Error", "no price"),
        ("RuntimeException", None),
    ]
    assert [f.function for f in frames(event.exceptions[1])] == ["total", "c"]


def test_two_stacks_of_one_log_are_not_tied_together() -> None:
    """The second did not cause the first."""
    event = read("java.lang.Error: a\n\tat a.b.c(B.java:1)\nsomething else\njava.lang.Error: b\n\tat a.b.d(B.java:2)\n")
    assert [(value.value, link(value)) for value in event.exceptions] == [
        ("b", (1, None, None)),
        ("a", (0, None, None)),
    ]


def test_every_line_may_have_a_prefix() -> None:
    """Containers and loggers put one before each line."""
    text = "java.lang.Error: x\n\tat a.b.c(B.java:1)\nCaused by: java.lang.Error: y\n\tat a.b.d(B.java:2)"
    plain = read(text)
    for prefix in ("2026-01-02T03:04:05.678Z stderr F ", "[ERROR] ", "web-1  | ", "2026-01-02 03:04:05,678 "):
        event = read("\n".join(prefix + line for line in text.split("\n")))
        assert event.exceptions == plain.exceptions


def test_a_broken_frame_stays_in_its_stack() -> None:
    """One line that a collector damaged must not tear the stack in two."""
    (value,) = read("java.lang.Error\n\tat a.b.c(B.java:1)\n\tat a.b.{d(B.ja\n\tat a.b.e(B.java:3)").exceptions
    assert [f.function for f in frames(value)] == ["c", "a.b.{d(B.ja", "e"]


def test_the_id_of_the_mapping_file_is_an_image() -> None:
    """By it the very mapping of that build is found."""
    event = read("a.b: x\n\tat a.b.c(r8-map-id-4f2c1b7a9d0e:3)\n\tat a.b.d(r8-map-id-4f2c1b7a9d0e:4)")
    assert [(image.type, image.debug_id) for image in event.images] == [("proguard", "4f2c1b7a9d0e")]


def test_no_frame_is_said_with_what_to_do() -> None:
    """People pass the message alone."""
    with pytest.raises(UnreadableInput, match=r"expected lines such as .*Pass the whole text"):
        read("java.lang.Error: x")
