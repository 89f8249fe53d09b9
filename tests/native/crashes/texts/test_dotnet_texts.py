"""What .NET and mono print, read as a person reads it."""

from pathlib import Path

import pytest

from native.crashes.dotnet.frames import parse_frame
from native.crashes.dotnet.reader import READER
from native.crashes.trampoline import MACHINERY
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace

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


def called(stack: Stacktrace | None) -> list[str]:
    return [f"{frame.module}.{frame.function}" for frame in newest_first(stack)]


def test_exceptions_inside_one_another() -> None:
    """The outermost was raised; each one's calls are its own, and every exception of a group is there."""
    event = read("dotnet-core.synthetic")
    assert [(e.type, link(e)) for e in reversed(event.exceptions)] == [
        ("System.AggregateException", (0, None, None)),
        ("System.InvalidOperationException", (1, 0, "InnerExceptions[0]")),
        ("System.Collections.Generic.KeyNotFoundException", (2, 1, "InnerException")),
        ("System.IndexOutOfRangeException", (3, 0, "InnerExceptions[1]")),
    ]
    assert [len(newest_first(e.stacktrace)) for e in reversed(event.exceptions)] == [3, 5, 2, 1]
    raised = event.exceptions[-1].mechanism
    assert raised is not None
    assert (raised.handled, raised.is_exception_group) == (False, True)


def test_names_that_a_person_wrote() -> None:
    """Nobody wrote `<TotalAsync>d__4.MoveNext`: state machines and lambdas have the name of their method."""
    event = read("dotnet-core.synthetic")
    assert called(event.exceptions[2].stacktrace) == [
        "Shop.PriceList.Find", "Shop.Cart.Total.<lambda>", "System.Linq.Enumerable.Sum[TSource]",
        "Shop.Cart.TotalAsync", "Shop.Checkout.PayAsync",
    ]  # fmt: skip
    machine = newest_first(event.exceptions[2].stacktrace)[3]
    assert machine.raw_function == "Shop.Cart.<TotalAsync>d__4.MoveNext"
    assert called(event.exceptions[3].stacktrace)[1] == "Shop.Program.Main.Run"
    assert called(event.exceptions[0].stacktrace) == ["Shop.Stock..ctor"]


def test_what_awaited_is_no_caller() -> None:
    """Below the mark stands who awaited: it was not on the stack."""
    frames = newest_first(read("dotnet-core.synthetic").exceptions[2].stacktrace)
    assert [bool(frame.data and frame.data.is_async) for frame in frames] == [False] * 4 + [True]


@pytest.mark.parametrize(("name", "lines"), [("dotnet-german", [None, 31, 9]), ("dotnet-french", [12, 3])])
def test_other_languages(name: str, lines: list[int | None]) -> None:
    """.NET Framework speaks the language of its Windows."""
    event = read(f"{name}.synthetic")
    assert [frame.lineno for frame in newest_first(event.exceptions[0].stacktrace)] == lines
    assert (event.exceptions[0].type or "").startswith("System.")
    assert event.exceptions[0].mechanism is not None
    assert event.exceptions[0].mechanism.handled is False


def test_mono_prints_it_twice() -> None:
    """One failure is one event; the offsets in IL and the module's id are kept, as nothing else tells the line."""
    event = read("text-mono")
    assert [(e.type, e.value) for e in reversed(event.exceptions)] == [
        ("System.InvalidOperationException", "no price for pear\nof today"),
        (
            "System.ArgumentOutOfRangeException",
            (
                "Index was out of range. Must be non-negative and less than the size of the collection.\n"
                "Parameter name: index"
            ),
        ),
    ]
    newest = newest_first(event.exceptions[-1].stacktrace)[0]
    assert (newest.module, newest.function) == ("Shop.Program+Desk", "Price")
    assert newest.data is not None
    assert newest.data.extra == {
        "parameters": "System.String article",
        "il_offset": 0x48,
        "mvid": "835568c18a0447f69f3038782ae31719",
    }


def test_mono_crashes_in_c() -> None:
    """Both stacks of the thread that crashed, every other thread, and what is the signal handler's."""
    event = read("text-mono-native")
    assert (event.exceptions[0].type, event.exceptions[0].thread_id) == ("SIGSEGV", 1)
    assert [(t.id, t.name, t.crashed) for t in event.thread_list] == [
        (1, "mono", True), (4, "printer", None), (3, "Finalizer", None), (2, "SGen worker", None),
    ]  # fmt: skip
    crashed = event.thread_list[0]
    native = newest_first(crashed.stacktrace)
    assert [frame.data.machinery if frame.data else None for frame in native] == [MACHINERY] * 4 + [None]
    assert (native[4].function, native[4].adjust_instruction_addr) == ("scan_label", False)
    assert crashed.vm_stacktrace is not None
    natives = [frame.function for frame in crashed.vm_stacktrace.frames if frame.data and frame.data.is_native]
    assert natives == ["scan_label"]
    assert called(crashed.vm_stacktrace)[:3] == ["Shop.Program.scan_label", "Shop.Program.Scan", "Shop.Program.Main"]


@pytest.mark.parametrize(
    "line",
    [
        "    at total (/srv/app.js:3:21)",
        "    at Cart.total (https://shop.example/app.js:1:985)",
        "    at new Cart (app.js:1:2)",
        "    at async Promise.all (index 2)",
        "\tat shop.Cart.total(Cart.java:12)",
        "\tat shop.Cart.total(Native Method)",
        "\tat java.base@17.0.15/jdk.internal.misc.Unsafe.park(java.base@17.0.15/Native Method)",
        "\tat shop.CartKt.total(SourceFile:3)",
        "    at total (address at index.android.bundle:1:1234)",
        "   at the end (of the day)",
        "in Foo.Bar(Baz qux)",
    ],
)
def test_lines_of_others(line: str) -> None:
    """Java and JavaScript start their calls with `at` too."""
    assert parse_frame(line) is None
