"""What Perl prints, read as a person reads it."""

from pathlib import Path

from native.crashes.perl.reader import READER
from symbolicator.model import Event, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def calls(stack: Stacktrace | None) -> list[tuple[str | None, str | None, int | None]]:
    """Newest first."""
    assert stack is not None
    return [(frame.function, frame.filename, frame.lineno) for frame in reversed(stack.frames)]


def test_a_place_is_that_of_the_caller() -> None:
    """Read as it is printed, every function would stand at a line of another one."""
    [raised] = read("perl-confess").exceptions
    assert raised.value == "no price for pear"
    assert calls(raised.stacktrace) == [
        ("Till::price", "src/shop.pl", 10),
        ("Till::total", "src/shop.pl", 15),
        ("eval {...}", "src/shop.pl", 21),
        ("main::open_shop", "src/shop.pl", 21),
        (None, "src/shop.pl", 24),
    ]


def test_an_error_without_calls() -> None:
    """`die` has a place only; which function it lies in is not told."""
    [raised] = read("perl-die").exceptions
    assert raised.value == 'Can\'t call method "foo" on an undefined value'
    assert calls(raised.stacktrace) == [(None, "-e", 1)]


def test_what_was_read_last() -> None:
    """Perl adds it to the place."""
    text = "no at /usr/share/perl5/Till.pm line 3, <$h> line 7.\n\tTill::f() called at a.pl line 2, <$h> line 7\n"
    [raised] = READER.read(text.encode()).exceptions
    assert calls(raised.stacktrace) == [("Till::f", "/usr/share/perl5/Till.pm", 3), (None, "a.pl", 2)]
