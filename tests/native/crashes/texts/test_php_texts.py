"""What PHP prints and logs, read as a person reads it."""

from pathlib import Path

import pytest

from native.crashes.php.frames import Place, frames_of, parse_call
from native.crashes.php.reader import READER
from symbolicator.model import Event, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def calls(stack: Stacktrace | None) -> list[tuple[str | None, str, int | None]]:
    """Newest first, files without their folders."""
    assert stack is not None
    return [
        (frame.function, (frame.filename or "").rpartition("/")[2], frame.lineno) for frame in reversed(stack.frames)
    ]


@pytest.mark.parametrize("name", ["php-previous", "php-displayed"])
def test_exceptions_that_led_to_another(name: str) -> None:
    """PHP prints the first one first: the one that ended the script is the last."""
    event = read(name)
    assert [(error.type, error.value) for error in event.exceptions] == [
        ("TypeError", "no cents"),
        ("OutOfBoundsException", None),
        ("Shop\\NoPrice", "no price for the cart\nof today"),
    ]
    links = [error.mechanism for error in event.exceptions]
    assert [(link.exception_id, link.parent_id, link.source) for link in links if link] == [
        (2, 1, "previous"), (1, 0, "previous"), (0, None, None),
    ]  # fmt: skip


def test_a_place_is_that_of_the_caller() -> None:
    """Read as it is printed, every function would stand at a line of another one."""
    assert calls(read("php-previous").exceptions[1].stacktrace) == [
        ("Shop\\Till::price", "till.php", 19),
        ("Shop\\Till->Shop\\{closure}", "till.php", 11),
        ("array_map", "", None),
        ("Shop\\Till->total", "till.php", 11),
        ("Shop\\Desk->open", "shop.php", 14),
        ("{main}", "shop.php", 21),
    ]


def test_laravel() -> None:
    """Its log has the exception that was raised first, backslashes twice, and code of others under vendor."""
    event = read("php-laravel.synthetic")
    assert [(error.type, error.value) for error in event.exceptions] == [
        ("TypeError", "no cents"), ("Shop\\NoPrice", "no price"),
    ]  # fmt: skip
    stack = event.exceptions[1].stacktrace
    assert calls(stack)[:2] == [
        ("Shop\\Desk->open", "Desk.php", 16),
        ("Illuminate\\Routing\\Controller->callAction", "Controller.php", 54),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "value", "place"),
    [
        (
            "php-memory", "Fatal error",
            "Allowed memory size of 20971520 bytes exhausted (tried to allocate 2097152 bytes)",
            ("Command line code", 1),
        ),
        ("php-parse", "Parse error", 'syntax error, unexpected token ";"', ("bad.php", 2)),
    ],
)  # fmt: skip
def test_errors_that_are_no_exceptions(name: str, kind: str, value: str, place: tuple[str, int]) -> None:
    """They have a place and no trace; which function it lies in is not told."""
    [raised] = read(name).exceptions
    assert (raised.type, raised.value) == (kind, value)
    assert calls(raised.stacktrace) == [(None, *place)]


def test_a_message_of_several_lines() -> None:
    """Its last line may look like the name of an exception."""
    text = "PHP Fatal error:  Uncaught Shop\\NoPrice: no price\ntoday in /srv/a.php:3\nStack trace:\n#0 {main}\n"
    [raised] = READER.read(text.encode()).exceptions
    assert (raised.type, raised.value) == ("Shop\\NoPrice", "no price\ntoday")


def test_a_trace_that_breaks_off() -> None:
    """The oldest place that is known is of a function that is not."""
    call = parse_call("#0 /srv/till.php(11): Shop\\Till->total(Object(Shop\\Cart), 'a long te...')")
    assert call is not None
    older, newest = frames_of(Place("/srv/vendor/x.php", 3), [call])
    assert (newest.function, newest.lineno) == ("Shop\\Till->total", 3)
    assert newest.raw_function == "Shop\\Till->total(Object(Shop\\Cart), 'a long te...')"
    assert (older.function, older.filename, older.lineno) == (None, "/srv/till.php", 11)
