"""From Java's exceptions to those of the model.

They are linked as Sentry links them, by ``exception_id``, ``parent_id`` and ``source``. The first exception of a text
is the one that was raised; further ones that nothing ties to it have no parent.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.crashes.java.stack_text import StackText, Throwable, walk
from symbolicator.model import ExceptionValue, Frame, Mechanism, Stacktrace, Thread

UNCAUGHT = "UncaughtExceptionHandler"
"""Mechanism of an exception that ended its thread, in the words of Sentry's SDK for Java."""


def exceptions_of(text: StackText, *, uncaught: bool = False) -> tuple[ExceptionValue, ...]:
    """The exceptions, innermost cause first, the one that was raised last. ``uncaught``: the report says it was."""
    trees = [list(walk(root)) for root in text.roots]
    is_alone = sum(map(len, trees)) == 1
    values: list[ExceptionValue] = []
    for tree in trees:
        start = len(values)
        for one, parent, source in tree:
            number = None if is_alone else len(values)
            mechanism = _mechanism(number, None if parent is None else start + parent, source)
            values.append(_value(one, _raised(mechanism) if not values and uncaught else mechanism))
    return tuple(reversed(values))


def stacktrace(frames: Sequence[Frame]) -> Stacktrace | None:
    """The stack of the model, from caller to callee; the text has the newest call first."""
    return Stacktrace(frames=tuple(reversed(frames))) if frames else None


def class_name(qualified: str) -> tuple[str | None, str]:
    """Package and name of a class: ``java.io`` and ``IOException``."""
    package, _, name = qualified.rpartition(".")
    return package or None, name


def threads_of(text: StackText) -> Iterator[Thread]:
    """The thread that the raised exception ended; its stack is the exception's."""
    name = text.roots[0].header.thread if text.roots else None
    if name is not None:
        yield Thread(name=name, crashed=True, current=True, main=True if name == "main" else None)


def is_uncaught(text: StackText) -> bool:
    """Whether the JVM says that nobody caught the exception."""
    return bool(text.roots) and text.roots[0].header.thread is not None


def _value(one: Throwable, mechanism: Mechanism | None) -> ExceptionValue:
    package, name = class_name(one.header.type) if one.header.type else (None, None)
    stack = stacktrace(one.frames)
    if stack and one.omitted:
        stack = replace(stack, extra={"frames_omitted": [0, one.omitted]})
    if one.header.is_circular:
        mechanism = replace(mechanism or Mechanism(type="generic"), data={"circular_reference": True})
    return ExceptionValue(type=name, module=package, value=one.header.value, mechanism=mechanism, stacktrace=stack)


def _mechanism(number: int | None, parent: int | None, source: str | None) -> Mechanism | None:
    if number is None:
        return None
    kind = "chained" if parent is not None else "separate" if number else "generic"
    return Mechanism(type=kind, source=source, exception_id=number, parent_id=parent)


def _raised(mechanism: Mechanism | None) -> Mechanism:
    return replace(mechanism or Mechanism(), type=UNCAUGHT, handled=False)
