"""Java exceptions inside of Flutter's PlatformException."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.flutter.platform_exceptions import TRANSFORMER
from symbolicator.codec import decode, encode
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values

DART = Stacktrace(frames=(Frame(function="Payments.charge", platform="dart"),))
JAVA = (
    "java.lang.IllegalStateException: no price\n\tat com.shop.Payments.charge(Payments.kt:31)\n"
    "\tat android.os.Handler.handleCallback(Handler.java:958)\nCaused by: java.lang.NullPointerException\n"
    "\tat com.shop.PriceTable.find(PriceTable.kt:27)\n\t... 1 more\n"
)


def resolved(value: str | None, kind: str | None = "PlatformException") -> tuple[ExceptionValue, ...]:
    raised = ExceptionValue(type=kind, value=value, stacktrace=DART)
    event = TRANSFORMER.transform(Event(platform="dart", exception=Values(values=(raised,))), {})
    assert decode(encode(event)) == event
    assert TRANSFORMER.transform(event, {}) == event
    return event.exceptions


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"PlatformException(E_PAY, no price, null, {JAVA})", "E_PAY, no price"),
        (f"PlatformException(E_PAY, no price, {JAVA}, null)", "E_PAY, no price"),
        (f"PlatformException(error, java.lang.Error: no, null, {JAVA})", "error, java.lang.Error: no"),
        (f"PlatformException(error, two\nlines, {{a: 1}}, {JAVA})", "error, two\nlines, {a: 1}"),
        (f"PlatformException(error, null, null, {JAVA})", "error, null"),
        (f"E_PAY, no price, null, {JAVA}", "E_PAY, no price"),
    ],
)
def test_java_is_linked_and_the_message_stays(value: str, said: str) -> None:
    """Where it failed is in Java; as part of a message nobody looks it up, and its names stay obfuscated."""
    [inner, outer, raised] = resolved(value)
    assert (raised.type, raised.value, raised.raw_value) == ("PlatformException", said, value)
    assert (outer.type, inner.type) == ("IllegalStateException", "NullPointerException")
    assert outer.stacktrace
    assert inner.stacktrace
    assert [frame.function for frame in outer.stacktrace.frames] == ["handleCallback", "charge"]
    assert [frame.lineno for frame in inner.stacktrace.frames] == [958, 27]
    links = [(one.mechanism.exception_id, one.mechanism.parent_id) for one in (raised, outer, inner) if one.mechanism]
    assert links == [(0, None), (1, 0), (2, 1)]


def test_a_single_java_exception_is_linked_too() -> None:
    """Most have no cause of their own."""
    [cause, raised] = resolved("PlatformException(a, b, null, a.b.C\n\tat a.b.D.e(SourceFile:3)\n)", None)
    assert (raised.type, raised.value) == ("PlatformException", "a, b")
    assert (cause.module, cause.type, cause.value) == ("a.b", "C", None)
    assert cause.mechanism
    assert (cause.mechanism.source, cause.mechanism.parent_id) == ("cause", 0)


def test_what_the_sdk_linked_itself_is_not_linked_twice() -> None:
    """Sentry's SDK for Flutter makes exceptions of the Java text, and leaves it in the value."""
    value = f"PlatformException(E_PAY, no price, null, {JAVA})"
    frames = (Frame(platform="java", module="android.os.Handler", function="handleCallback", lineno=958),
              Frame(platform="java", module="com.shop.Payments", function="charge", lineno=31))  # fmt: skip
    known = ExceptionValue(type="IllegalStateException", stacktrace=Stacktrace(frames=frames))
    raised = ExceptionValue(type="PlatformException", value=value, stacktrace=DART)
    event = TRANSFORMER.transform(Event(platform="dart", exception=Values(values=(known, raised))), {})
    assert len(event.exceptions) == 2


@pytest.mark.parametrize(
    "value",
    [None, "", "PlatformException(a, b, null, null)", "PlatformException(", "PlatformException(a, b\n\tat x",
     "StateError: java.lang.Error: no\n\tat a.B.c(B.java:1)"],
)  # fmt: skip
def test_others_stay_as_they_are(value: str | None) -> None:
    """A message that only mentions Java is a message."""
    [raised] = resolved(value, None)
    assert raised.value == value


@given(st.lists(st.sampled_from([
    "PlatformException(", ", ", "null", ")", "\n", "\tat a.b.C.d(E.java:1)", "a.b.C: x", "Caused by: a.B", "...", "x",
]), max_size=30))  # fmt: skip
def test_any_text_is_survived(parts: list[str]) -> None:
    """Messages are anything."""
    assert resolved("".join(parts))[-1].stacktrace == DART


@pytest.mark.timeout(20)
def test_long_values_take_no_time() -> None:
    """A message may be as long as a report."""
    for part in (", a.b.C", "\tat a.b.C.d(E.java:1)\n", "a.", ", ", "PlatformException("):
        resolved("PlatformException(" + part * (400_000 // len(part)))
