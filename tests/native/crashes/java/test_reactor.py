"""Assembly traces of Project Reactor."""

from pathlib import Path

import pytest

from native.crashes.java.reactor import TRANSFORMER
from native.crashes.java.stack_reader import READER
from symbolicator.engine import Engine
from symbolicator.model import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Values

CASE = Path(__file__).resolve().parents[4] / "fixtures" / "java-reactor"
SITES = "Error has been observed at the following site(s):\n\t*__Mono.map ⇢ at a.B.c(B.java:5)\nOriginal Stack Trace:"
ENHANCED = "The stacktrace has been enhanced by Reactor, refer to additional information below: \n"


def transformed(event: Event) -> Event:
    return TRANSFORMER.transform(event, {})


def calls(value: ExceptionValue) -> list[tuple[str | None, int | None, bool]]:
    """Newest first: function, line, whether it was on no stack."""
    frames = value.stacktrace.frames[::-1] if value.stacktrace else ()
    return [(f.function, f.lineno, bool(f.data and f.data.is_async)) for f in frames]


def test_who_assembled_the_pipeline_is_below_what_ran() -> None:
    """The exception itself has one call, its pipeline is in prose below it, and the threads of Reactor in between."""
    event = Engine.for_folder().resolve((CASE / "crash.txt").read_bytes())
    block, error = event.exceptions
    assert block.value == "#block terminated with an error"
    assert error.mechanism
    assert error.mechanism.handled is False
    assert calls(error)[0] == ("look", 22, False)
    assert calls(error)[-5:] == [
        ("take", 17, True),
        ("pay", 13, True),
        ("checkpoint every article taken", None, True),
        ("pay", 15, True),
        ("main", 20, True),
    ]
    assert event.merged
    assert [(seam.before, seam.label) for seam in event.merged.seams if seam.label] == [(8, "pipeline assembled by")]


def linked(text: str, *ran: str) -> Event:
    """An exception of one call ``c``, and the trace that was added to it with the calls that ran, newest first."""
    error = ExceptionValue(
        type="E", mechanism=Mechanism(exception_id=0), stacktrace=Stacktrace(frames=(Frame(function="c"),))
    )
    trace = ExceptionValue(
        value=text,
        mechanism=Mechanism(exception_id=1, parent_id=0, source="suppressed[0]"),
        stacktrace=Stacktrace(frames=tuple(Frame(function=name) for name in reversed(ran))),
    )
    return Event(platform="java", exception=Values(values=(trace, error)))


@pytest.mark.parametrize("site", ["|_ Mono.map ⇢ a.B.d(B.java:5)", "*_____Mono.map ⇢ at a.B.d(B.java:5)"])
def test_sites_of_older_and_newer_versions(site: str) -> None:
    """The tree was drawn without marks, and places without "at", before 3.4."""
    event = transformed(
        linked(f"{ENHANCED}Error has been observed by the following operator(s):\n\t{site}\n", "c", "run")
    )
    [error] = event.exceptions
    assert calls(error) == [("c", None, False), ("run", None, False), ("d", 5, True)]
    assert error.raw_stacktrace


@pytest.mark.parametrize(
    "event",
    [
        linked(ENHANCED + SITES, "other", "run"),
        linked("something else\n" + SITES, "c", "run"),
        linked(ENHANCED, "c", "run"),
    ],
    ids=["other calls", "other words", "no sites"],
)
def test_what_is_no_trace_of_that_exception_stays(event: Event) -> None:
    """Nothing is put together that does not say that it belongs together."""
    assert transformed(event) == event


def test_a_trace_without_parent_stays() -> None:
    """A log may begin in the middle."""
    event = READER.read(f"\tSuppressed: {ENHANCED}{SITES}\n\t\tat a.B.c(B.java:5)\n".encode())
    assert transformed(event) == event
