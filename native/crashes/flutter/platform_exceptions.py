r"""Java exceptions inside of Flutter's PlatformException become exceptions of their own, linked as its cause.

Android's half of a plug-in answers a call of Dart with an error, whose last part may be the stack text of a Java
exception; Dart shows all of it::

    PlatformException(E_PAY, no price, null, java.lang.IllegalStateException: no price
        at com.shop.PaymentsPlugin.charge(PaymentsPlugin.kt:31)
    Caused by: java.lang.NullPointerException
        … 12 more
    )

The exception's value is then what stands before that text. Source: Flutter's ``PlatformException.toString`` and, on
Android, ``StandardMethodCodec.encodeErrorEnvelopeWithStacktrace``. On iOS an error has no stack.
"""

import re

from msgspec.structs import replace

from native.crashes.java.exceptions import exceptions_of
from native.crashes.java.frames import parse_frame
from native.crashes.java.stack_text import read_stack_text
from native.linked_causes import MAX_EXCEPTIONS, with_causes
from symbolicator.model import Caller, Event, ExceptionValue, Values
from symbolicator.protocols import Artifacts, Key
from symbolicator.readers.text import bounded

TYPE = "PlatformException"
_START = re.compile(rf"(?:MissingPluginException|{TYPE})\(")
_HEADER = re.compile(r"(?:\A|, |\()(?P<java>(?:[A-Za-z_$][\w$]{0,100}\.){1,20}[A-Za-z_$][\w$]{0,200})(?=: |\Z|\n)")
_EMPTY = ", null"
_MAX_TEXT, _MAX_LINES = 1 << 20, 10_000
_MAX_ABOVE = 16_000
"""Characters above the first frame: code, message and details."""


class PlatformExceptionTransformer:
    """Takes Java out of what Dart shows of it."""

    name = "Flutter's platform exceptions"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Links the Java exceptions; values of all others stay as they are."""
        count = len(event.exceptions)
        for from_end in range(1, min(count, MAX_EXCEPTIONS) + 1):
            value = event.exceptions[len(event.exceptions) - from_end]
            found = _java_in(value)
            if found:
                event = _with_java(event, from_end, *found)
        return event


TRANSFORMER = PlatformExceptionTransformer()


def _java_in(value: ExceptionValue) -> tuple[str, str] | None:
    """What is said before the Java text, and that text; None where there is none."""
    text = (value.value or "")[:_MAX_TEXT]
    if value.type != TYPE and not _START.match(text):
        return None
    first = _first_frame(text)
    above = text[max(0, first - _MAX_ABOVE) : first] if first is not None else ""
    header = next(reversed(list(_HEADER.finditer(above.rstrip("\n")))), None)
    if first is None or header is None:
        return None
    start = first - len(above) + header.start("java")
    return text[:start], text[start:]


def _first_frame(text: str) -> int | None:
    """Where the first line begins that is a frame of Java, behind one that is none."""
    at = 0
    for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]:
        if at and parse_frame(bounded(line)):
            return at
        at += len(line) + 1
    return None


def _with_java(event: Event, from_end: int, before: str, java: str) -> Event:
    lines = [bounded(line) for line in java.removesuffix(")").rstrip().split("\n", _MAX_LINES)[:_MAX_LINES]]
    causes = exceptions_of(read_stack_text(lines))[::-1]
    if not causes:
        return event
    values = list(event.exceptions)
    value = values[len(values) - from_end]
    said = _START.sub("", before.removesuffix(", "), count=1).removesuffix(_EMPTY)
    values[len(values) - from_end] = replace(
        value, type=value.type or TYPE, value=said or None, raw_value=value.raw_value or value.value
    )
    causes = (replace(causes[0], caller=Caller(kind="async", rule="flutter-method-channel")), *causes[1:])
    return with_causes(replace(event, exception=Values(values=tuple(values))), from_end, causes)
