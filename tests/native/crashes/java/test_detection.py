"""Which reader takes which report: those of Java and Android among all that are installed."""

import json
from pathlib import Path

import pytest

from symbolicator import plugins
from symbolicator.engine import Engine
from symbolicator.protocols import Reader

ROOT = Path(__file__).resolve().parents[4]
OWN = {
    "android-anr": "Java thread dump",
    "android-fatal-exception": "logcat",
    "android-logcat": "logcat",
    "android-tombstone": "Android tombstone",
    "android-tombstone-heap": "Android tombstone",
    "android-tombstone-pb": "Android tombstone",
    "java-deadlock": "Java thread dump",
    "java-hs-err": "JVM fatal error log",
    "java-reactor": "Java stack text",
    "merge-jni": "JVM fatal error log",
    "java-stack": "Java stack text",
    "kotlin-coroutines": "Java stack text",
}
NAMES = frozenset(OWN.values())
REPORTS = {path.parent.name: path for path in sorted((ROOT / "fixtures").glob("*/crash.*"))}
OTHERS = sorted(case for case in REPORTS if case not in OWN and not case.startswith(("android-", "java-")))
SAMPLES = sorted(
    [
        *(ROOT / "tests" / "native" / "crashes" / "samples").glob("*.txt"),
        *(ROOT / "tests" / "sourcemaps" / "readers" / "samples").glob("*.txt"),
        *(
            path
            for path in (ROOT / "tests" / "native" / "crashes" / "samples-of-others").iterdir()
            if path.stem not in ("java", "tombstone")
        ),
    ]
)
MIN_CONFIDENCE = 0.3
"""Of the engine: below it no reader is chosen."""


def chosen(payload: bytes) -> Reader:
    return Engine.for_folder().reader_of(payload)


def own_readers() -> list[Reader]:
    return [reader for reader in plugins.readers() if reader.name in NAMES]


@pytest.mark.parametrize("case", OWN)
def test_own_reports_are_taken(case: str) -> None:
    """No option is needed: a report that nobody claims is "unreadable" to the user."""
    assert chosen(REPORTS[case].read_bytes()).name == OWN[case]


def test_all_readers_are_installed() -> None:
    """An entry point that is missing makes a reader dead code."""
    assert {reader.name for reader in own_readers()} == NAMES


@pytest.mark.parametrize("case", OTHERS)
def test_reports_of_others_are_left_to_them(case: str) -> None:
    """A gdb session of a JVM, JavaScript, JSON: each has a reader that knows more."""
    assert chosen(REPORTS[case].read_bytes()).name not in NAMES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_of_others_are_nobody_s_here(path: Path) -> None:
    """A trace in another language, read as Java, is nonsense instead of an honest "not mine"."""
    head = path.read_bytes()[:65536]
    assert [reader.name for reader in own_readers() if reader.detect(head) >= MIN_CONFIDENCE] == []


@pytest.mark.parametrize("case", OWN)
def test_texts_inside_json_are_left_to_the_json_reader(case: str) -> None:
    """An event has stack texts in its strings; pretty-printed, they even stand on lines of their own."""
    lines = REPORTS[case].read_bytes().decode("utf-8", "replace").splitlines()
    text = json.dumps({"raw": lines}, indent=1).encode()[:65536]
    assert [reader.name for reader in own_readers() if reader.detect(text) >= MIN_CONFIDENCE] == []


@pytest.mark.parametrize("name", ["java.txt", "tombstone.txt"])
def test_the_samples_that_others_leave_are_taken(name: str) -> None:
    """They were nobody's before."""
    path = ROOT / "tests" / "native" / "crashes" / "samples-of-others" / name
    assert chosen(path.read_bytes()).name in NAMES


def test_a_java_line_in_a_javascript_log_changes_nothing() -> None:
    """A Node.js service quotes one line of a Java service's answer."""
    text = (
        b"Error: upstream said: java.lang.Error\n    at total (/srv/app.js:1:985)\n    at pay (/srv/app.js:2:5)\n"
        b"    at main (/srv/app.js:3:5)\n  at shop.Cart.total(Cart.java:12)\n"
    )
    assert chosen(text).name == "JavaScript stack text"
