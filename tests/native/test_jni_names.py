"""Names of native functions tie them to the methods that they carry out: JNI's, as the JVM's table has them."""

import time

import pytest

from native.bridges import JVM
from symbolicator.merge import merge
from symbolicator.merge.bridges import Bridges
from symbolicator.merge.interleave import Interleaved, Unproven, interleave
from symbolicator.model import Event, Frame, FrameData, Stacktrace, Thread, Values

BRIDGES = Bridges([JVM])
[NAMES] = JVM.names


def java(function: str, line: int | None = None, *, native: bool = False, entry: bool = False) -> Frame:
    data = FrameData(is_native=native, is_entry=entry)
    return Frame(platform="java", module="com.shop.Prices", function=function, lineno=line, data=data)


def c(function: str | None, package: str | None = "/srv/libprices.so") -> Frame:
    return Frame(platform="native", function=function, package=package)


def order(native: list[Frame], runtime: list[Frame]) -> list[str | None]:
    found = interleave(native, runtime, BRIDGES, "java")
    assert isinstance(found, Interleaved), found
    return [
        (runtime if run.is_runtime else native)[at].function for run in found.runs for at in range(run.start, run.end)
    ]


@pytest.mark.parametrize(
    ("module", "function", "name"),
    [
        ("com.shop.Prices", "lookUp", "Java_com_shop_Prices_lookUp"),
        ("Shop", "run", "Java_Shop_run"),
        ("com.my_shop.Prices", "look_up", "Java_com_my_1shop_Prices_look_1up"),
        ("com.shop.Prices$Table", "at", "Java_com_shop_Prices_00024Table_at"),
        ("com.shop.Übersicht", "größe", "Java_com_shop__000dcbersicht_gr_000f6_000dfe"),
        ("com.shop.A", "\U0001f600", "Java_com_shop_A__0d83d_0de00"),
    ],
)
def test_names_are_made_as_jni_makes_them(module: str, function: str, name: str) -> None:
    """A name that is made otherwise finds nothing, or the function of another method."""
    assert NAMES.functions_of(module, function) == (name, f"{name}__*")


def test_a_walk_that_ends_at_the_interpreter_has_all_of_java_below() -> None:
    """Code that the JVM made gdb cannot walk: what it has left is what the newest native method called."""
    native = [c(None, None), c(None, None), c("Java_com_shop_Prices_lookUp__IJ"), c("cents_of")]
    runtime = [java("main", 9), java("total", native=True), java("base", 4, entry=True), java("lookUp", native=True)]
    assert order(native, runtime) == ["main", "total", "base", "lookUp", None, None, *(f.function for f in native[2:])]


def test_overloads_are_told_apart_by_how_often_they_are_called() -> None:
    """Both have the name of the method, each with its own signature behind it."""
    calls = ["start_thread", "JavaCalls::call_helper", "Java_com_shop_Prices_at__I", "JavaCalls::call_helper"]
    native = [c(name) for name in (*calls, "Java_com_shop_Prices_at__J", "fail")]
    runtime = [java("main", 9), java("at", native=True), java("next", 12), java("at", native=True)]
    expected = [*calls[:2], "main", "at", calls[2], calls[3], "next", "at", "Java_com_shop_Prices_at__J", "fail"]
    assert order(native, runtime) == expected


def test_a_frame_with_a_line_is_no_native_method() -> None:
    """An overload that is written in Java has the name too, and calls the native one."""
    native = [c("JavaCalls::call_helper"), c("Java_com_shop_Prices_at"), c("fail")]
    runtime = [java("main", 9), java("at", 12), java("at")]
    expected = ["JavaCalls::call_helper", "main", "at", "at", "Java_com_shop_Prices_at", "fail"]
    assert order(native, runtime) == expected


def test_names_in_another_order_are_no_proof() -> None:
    """One of the stacks is of another moment, or another thread."""
    native = [c("Java_com_shop_Prices_a"), c("Java_com_shop_Prices_b")]
    found = interleave(native, [java("b", native=True), java("a", native=True)], BRIDGES, "java")
    assert found == Unproven("the names in the two stacks contradict each other")


def test_a_walk_that_has_frames_of_java_is_the_same_thread_or_nothing() -> None:
    """A frame that the JVM's own stack does not have: they are not the same stack."""
    native = [java("total", 7), c("fail")]
    assert isinstance(interleave(native, [java("main", 9)], BRIDGES, "java"), Unproven)


def test_a_crossing_that_was_lost_between_two_names_is_placed_less_surely() -> None:
    """Nothing names the frame that entered Java: that there was one, Java itself says."""
    native = [c("start_thread"), c("Java_com_shop_Prices_a"), c("apply"), c("Java_com_shop_Prices_b")]
    runtime = [java("a", native=True), java("next", 3), java("b", native=True)]
    found = interleave(native, runtime, BRIDGES, "java")
    assert isinstance(found, Interleaved)
    assert found.confidence < 0.9
    expected = ["start_thread", "a", "Java_com_shop_Prices_a", "apply", "next", "b", "Java_com_shop_Prices_b"]
    assert order(native, runtime) == expected


def test_a_crossing_that_cannot_be_placed_is_shown_apart() -> None:
    """Java says that it was entered twice between two names, the native stack has one such call."""
    names = ["start_thread", "Java_com_shop_Prices_a", "JavaCalls::call_helper", "Java_com_shop_Prices_d"]
    runtime = [java("a", native=True), java("b", native=True), java("c", 5), java("d", native=True)]
    found = interleave([c(name) for name in names], runtime, BRIDGES, "java")
    assert found == Unproven("calls are missing or left over beside d, which is in both")


def test_deep_recursion_takes_linear_time() -> None:
    """A stack overflow through JNI has thousands of crossings."""
    depth = 5_000
    native = [c(name) for name in ("JavaCalls::call_helper", "Java_com_shop_Prices_a")] * depth
    runtime = [java("a", native=True)] * depth
    start = time.process_time()
    assert len(order(native, runtime)) == 3 * depth
    assert time.process_time() - start < 3


def test_code_that_was_made_at_run_time_folds_beside_its_language() -> None:
    """A ?? stands for each frame of the interpreter: ten of them would hide the rest."""
    native = (c(None, None), c(None, None), c("Java_com_shop_Prices_a"), c("fail"))
    runtime = (java("main", 9), java("a", native=True))
    thread = Thread(crashed=True, stacktrace=Stacktrace(frames=native), vm_stacktrace=Stacktrace(frames=runtime))
    merged = merge(Event(threads=Values(values=(thread,))), lambda: [JVM]).merged
    assert merged
    assert [(fold.start, fold.count, fold.label) for fold in merged.folds] == [(2, 2, "code made at run time")]
    assert [(seam.before, seam.rule, seam.confidence) for seam in merged.seams] == [(2, "jni-name", 0.95)]
