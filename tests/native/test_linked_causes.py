"""Exceptions that are found inside of another one, linked to it."""

from native.linked_causes import with_causes
from symbolicator.merge.chain import cause_chain
from symbolicator.model import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Values
from symbolicator.model.causes import raised_exception


def exception(name: str, **mechanism: int) -> ExceptionValue:
    linked = Mechanism(**mechanism) if mechanism else None  # type: ignore[arg-type]  # test data
    return ExceptionValue(type=name, mechanism=linked, stacktrace=Stacktrace(frames=(Frame(function=name),)))


def linked(from_end: int, *values: ExceptionValue) -> tuple[str | None, list[str | None]]:
    """What was raised, and the chain from there, once a cause is linked."""
    event = with_causes(Event(exception=Values(values=values)), from_end, [exception("found")])
    raised = raised_exception(event)
    assert raised is not None
    return event.exceptions[raised].type, [event.exceptions[link.index].type for link in cause_chain(event)]


def test_a_cause_of_a_cause_leaves_the_raised_exception_the_raised_one() -> None:
    """The cause that has something inside would be taken for the crash, as it alone had an id."""
    assert linked(2, exception("cause"), exception("raised")) == ("raised", ["raised", "cause", "found"])


def test_ids_that_others_have_are_not_given_again() -> None:
    """Two exceptions of one id would be shown in whatever order they come."""
    values = exception("cause"), exception("raised", exception_id=0)
    assert linked(2, *values) == ("raised", ["raised", "cause", "found"])
    values = exception("cause", exception_id=7, parent_id=0), exception("raised", exception_id=0)
    assert linked(1, *values) == ("raised", ["raised", "cause", "found"])
