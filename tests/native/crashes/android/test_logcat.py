"""Crashes in Android's log, in each of the forms that it is printed in."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from native.crashes.android.logcat_reader import READER
from native.crashes.android.tombstone_reader import READER as TOMBSTONES
from native.crashes.java.stack_reader import READER as STACKS
from sourcemaps.javascript.reader import READER as JAVASCRIPT
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
TOMBSTONE = FIXTURES / "android-tombstone" / "crash.txt"
DATE = "11-28 06:20:58.415"
FORMS = {
    "brief": "{level}/{tag:<8}({pid:5}): {text}",
    "tag": "{level}/{tag:<8}: {text}",
    "time": DATE + " {level}/{tag:<8}({pid:5}): {text}",
    "threadtime": DATE + " {pid:5} {pid:5} {level} {tag:<8}: {text}",
    "threadtime with uid": "2026-" + DATE + "  10213 {pid:5} {pid:5} {level} {tag:<8}: {text}",
    "long": "[ " + DATE + " {pid:5}:{pid:5} {level}/{tag:<8} ]\n{text}\n",
    "studio until 2022": "2026-" + DATE + " {pid}-{pid}/com.example.shop {level}/{tag}: {text}",
    "studio until 2022, unknown process": "2026-" + DATE + " {pid}-{pid}/? {level}/{tag}: {text}",
    "studio": "2026-" + DATE + " {pid:5}-{pid:<5} {tag:<23} com.example.shop                 {level}  {text}",
}
JAVA = (
    "FATAL EXCEPTION: main\nProcess: com.example.shop, PID: 1234\njava.lang.Error: no price\nfor tea\n"
    "\tat a.b.c(B.java:1)\nCaused by: java.lang.Error: y\n\tat a.b.d(B.java:2)\n\t... 1 more"
)


def log(form: str, tag: str, level: str, text: str) -> bytes:
    """The text logged line by line, with lines of others before, between and behind."""
    lines = [("Zygote", "I", "started", 1)]
    for number, line in enumerate(text.split("\n")):
        lines.append((tag, level, line, 1234))
        if number == 3:
            lines.append(("Other", "W", "\tat x.y.z(Noise.java:1)", 99))
    lines.append(("Zygote", "I", "died", 1))
    printed = (FORMS[form].format(tag=tag, level=level, text=text, pid=pid) for tag, level, text, pid in lines)
    return "\n".join(printed).encode()


@pytest.mark.parametrize("form", FORMS)
def test_a_native_crash_in_every_form(form: str) -> None:
    """Whatever the prefix, the trace is that of the tombstone."""
    data = log(form, "DEBUG", "F", TOMBSTONE.read_text())
    assert READER.detect(data[:65536]) >= 0.95
    logged, alone = READER.read(data), TOMBSTONES.read(TOMBSTONE.read_bytes())
    assert logged.thread_list == alone.thread_list
    assert (logged.exceptions, logged.images) == (alone.exceptions, alone.images)


@pytest.mark.parametrize("form", FORMS)
def test_an_uncaught_exception_in_every_form(form: str) -> None:
    """With its causes, the lines of its message, its thread, and nothing of others."""
    data = log(form, "AndroidRuntime", "E", JAVA)
    assert READER.detect(data) >= 0.95
    event, alone = READER.read(data), STACKS.read(JAVA.encode())
    assert event.exceptions == alone.exceptions
    assert event.exceptions[-1].value == "no price\nfor tea"
    assert [(thread.name, thread.crashed, thread.main) for thread in event.thread_list] == [("main", True, True)]
    assert event.contexts
    assert event.contexts["app"] == {"app_identifier": "com.example.shop", "app_name": "com.example.shop"}


@pytest.mark.parametrize("form", ["studio until 2022", "studio until 2022, unknown process", "studio", "tag"])
def test_android_studio_prints_one_prefix_for_a_message(form: str) -> None:
    """That is how traces are copied into bug reports."""
    first, *more = JAVA.split("\n")
    head = FORMS[form].format(tag="AndroidRuntime", level="E", text=first, pid=1234)
    indent = len(head) - len(first) if form == "studio" else 4
    data = "\n".join([head, *(" " * indent + line for line in more)]).encode()
    assert READER.detect(data) >= 0.95
    assert READER.read(data).exceptions == STACKS.read(JAVA.encode()).exceptions


def test_what_was_logged_before_are_breadcrumbs() -> None:
    """The minute before the crash tells what the user did."""
    event = READER.read((FIXTURES / "android-fatal-exception" / "crash.txt").read_bytes())
    assert event.breadcrumbs
    assert [(crumb.category, crumb.level) for crumb in event.breadcrumbs.values] == [
        ("ShopActivity", "info"),
        ("OkHttp", "warning"),
    ]
    assert [(value.type, value.mechanism and value.mechanism.source) for value in event.exceptions] == [
        ("DiagnosticCoroutineContextException", "suppressed[0]"),
        ("IOException", "cause"),
        ("IllegalStateException", "cause"),
        ("RuntimeException", None),
    ]
    assert [image.type for image in event.images] == ["proguard"]


def test_an_exception_under_any_tag() -> None:
    """Many apps catch and log; without a crash that is what the log has."""
    data = log("threadtime", "System.err", "W", JAVA.partition("1234\n")[2])
    assert READER.detect(data) >= 0.6
    assert READER.read(data).exceptions[-1].value == "no price\nfor tea"


def test_the_crash_goes_before_what_was_only_logged() -> None:
    """Caught exceptions are logged by the dozen before the one that ended the app."""
    data = log("brief", "System.err", "W", JAVA.partition("1234\n")[2].replace("no price", "caught"))
    event = READER.read(data + b"\n" + log("brief", "AndroidRuntime", "E", JAVA))
    assert event.exceptions[-1].value == "no price\nfor tea"


def test_javascript_in_the_log_is_left_to_its_reader() -> None:
    """React Native logs JavaScript's stacks under a tag of its own."""
    stack = (
        "TypeError: x is undefined\n    at total (index.android.bundle:1:985)\n    at pay (index.android.bundle:1:99)"
    )
    assert READER.detect(log("threadtime", "ReactNativeJS", "E", stack)) == 0.0
    assert READER.detect(stack.encode()) == 0.0
    assert Engine.for_folder(FIXTURES / "hermes-rn").reader_of(stack.encode()) is JAVASCRIPT


def test_the_log_itself_stays_with_the_event() -> None:
    """What no parser took is still there for a person."""
    data = (FIXTURES / "android-logcat" / "crash.txt").read_bytes()
    event = READER.read(data)
    assert event.extra == {"raw_report": data.decode()}
    assert replace(event, extra={}).thread_list[0].crashed


def test_a_log_without_a_crash_is_said_so() -> None:
    """People pass the wrong part of the log."""
    with pytest.raises(UnreadableInput, match=r"No crash was found in the log: .*Pass the part"):
        READER.read(log("brief", "Zygote", "I", "started"))
