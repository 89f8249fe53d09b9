"""Which reader a report goes to."""

from pathlib import Path

import pytest

from symbolicator import plugins
from symbolicator.cli.inputs import open_input
from symbolicator.engine import MAX_COPIED_BYTES, Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer

STACK = b"TypeError: boom\n    at total (https://shop.example/app.js:1:20)\n    at https://shop.example/app.js:1:90\n"


class NoStore:
    def fetch(self, keys: frozenset[object]) -> dict[object, object]:
        return {}


def engine() -> Engine:
    return Engine(NoStore())  # type: ignore[arg-type]  # nothing is fetched here


def test_a_crash_far_down_in_a_log_is_found() -> None:
    """Logs are piped in whole: the crash is at their end, not at their beginning."""
    log = b"2026-11-23 10:00:00 INFO request served\n" * 10_000 + STACK
    (error,) = engine().read(log).exceptions
    assert error.type == "TypeError"
    assert error.stacktrace
    assert len(error.stacktrace.frames) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_text_redirected_on_windows_is_read(encoding: str) -> None:
    """PowerShell writes redirected output as UTF-16: every line would be noise."""
    (error,) = engine().read(STACK.decode().encode(encoding)).exceptions
    assert error.type == "TypeError"


@pytest.mark.parametrize(("payload", "word"), [(b"", "empty"), (b"  \n", "empty"), (b"hello\n" * 99, "JavaScript")])
def test_what_nobody_can_read_is_refused_with_what_can_be(payload: bytes, word: str) -> None:
    """A wrong file must lead to the right one, not to an empty trace."""
    with pytest.raises(UnreadableInput, match=word):
        engine().read(payload)


class DumpReader:
    """Takes whatever begins with DUMP; remembers what it was given."""

    name = "dump"
    given: Buffer = b""

    def detect(self, head: bytes) -> float:
        return float(head.startswith(b"DUMP"))

    def read(self, data: Buffer) -> Event:
        self.given = data[:4]
        return Event()


@pytest.mark.parametrize(("size", "kind"), [(4, bytes), (MAX_COPIED_BYTES + 1, memoryview)])
def test_only_a_large_dump_is_handed_over_as_it_is_mapped(tmp_path: Path, size: int, kind: type) -> None:
    """A dump of gigabytes would be copied before anybody looked at it."""
    path = tmp_path / "core"
    path.write_bytes(b"DUMP")
    with path.open("r+b") as file:
        file.truncate(size)
    reader = DumpReader()
    with open_input(str(path)) as payload:
        Engine(NoStore(), readers=[reader]).read(payload)  # type: ignore[arg-type]  # nothing is fetched here
        assert isinstance(reader.given, kind)
        del reader.given


def test_unwinders_run_before_other_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that come after everybody has looked would stay addresses."""
    groups = {"symbolicator.unwinders": ("z",), "symbolicator.transformers": ("a",)}
    monkeypatch.setattr(plugins, "_load", lambda group: plugins._Group(groups[group], ()))
    assert list(map(str, plugins.transformers())) == ["z", "a"]
