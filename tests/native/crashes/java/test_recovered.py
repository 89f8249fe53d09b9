"""Exceptions that crossed from one coroutine of Kotlin to another."""

from pathlib import Path

import pytest

from native.crashes.java.recovered import TRANSFORMER
from native.crashes.java.stack_reader import READER
from symbolicator.engine import Engine
from symbolicator.model import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Values

CASE = Path(__file__).resolve().parents[4] / "fixtures" / "kotlin-coroutines"


def joined(event: Event) -> Event:
    return TRANSFORMER.transform(event, {})


def shown(value: ExceptionValue) -> list[tuple[str | None, int | None, str]]:
    """Newest first: function, line, what is told of the gap above."""
    frames = value.stacktrace.frames[::-1] if value.stacktrace else ()
    return [(f.function, f.lineno, f.data.async_call.label if f.data and f.data.async_call else "") for f in frames]


def test_the_copy_and_what_was_thrown_are_one_stack() -> None:
    """The same calls twice, and the library's threads in the place of who awaited: nobody reads that at night."""
    event = Engine.for_folder().resolve((CASE / "plain.txt").read_bytes())
    [error] = event.exceptions
    calls = shown(error)
    assert calls[:2] == [("take", 10, ""), ("invokeSuspend", None, "")]
    assert calls[7:] == [
        ("run", 704, ""),
        ("pay", 14, "coroutine resumed"),
        ("invokeSuspend", 35, "coroutine resumed"),
        ("invokeSuspend", 34, "coroutine resumed"),
    ]
    assert error.raw_stacktrace
    assert len(error.raw_stacktrace.frames) == 5


@pytest.mark.parametrize("cause", ["x\n\tat a.B.other(B.kt:1)", "y\n\tat a.B.c(B.kt:1)"])
def test_a_cause_of_its_own_stays_one(cause: str) -> None:
    """Only the very calls of the very exception are told twice."""
    boundary = "\tat _COROUTINE.a._(SourceFile:1)"
    text = f"a.E: x\n\tat a.B.c(B.kt:1)\n{boundary}\n\tat a.B.d(B.kt:2)\nCaused by: a.E: {cause}"
    event = READER.read(text.encode())
    assert joined(event) == event
    assert len(event.exceptions) == 2


def frame(function: str, module: str = "a.B") -> Frame:
    return Frame(module=module, function=function)


def value(number: int, parent: int | None, *names: Frame, kind: str = "E") -> ExceptionValue:
    """``names``: newest first."""
    link = Mechanism(exception_id=number, parent_id=parent)
    return ExceptionValue(type=kind, mechanism=link, stacktrace=Stacktrace(frames=tuple(reversed(names))))


def test_a_payload_whose_boundary_is_a_frame() -> None:
    """Sentry's SDK for Java sends the boundary as a call; what caused the original stays in the chain."""
    copy = value(0, None, frame("take"), frame("_", "_COROUTINE._BOUNDARY"), frame("pay"))
    thrown = value(1, 0, frame("take"), frame("run"))
    deepest = value(2, 1, frame("read"), kind="F")
    event = joined(Event(platform="java", exception=Values(values=(deepest, thrown, copy))))
    assert [one.type for one in event.exceptions] == ["F", "E"]
    assert [call for call, _, _ in shown(event.exceptions[1])] == ["take", "run", "pay"]
    assert event.exceptions[0].mechanism
    assert event.exceptions[0].mechanism.parent_id == 0
    assert joined(event) == event


def test_other_languages_have_their_own_boundaries() -> None:
    """A function of that name is nobody's marker elsewhere."""
    event = Event(platform="csharp", exception=Values(values=(value(0, None, frame("_", "_COROUTINE.A")),)))
    assert joined(event) == event
