"""Parts of the command line that only fakes can show."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from symbolicator.cli import busy as busy_module
from symbolicator.cli import inputs
from symbolicator.cli.busy import Busy
from symbolicator.cli.inspect import Inspection, describe_inspection
from symbolicator.cli.stores import OpenStores
from symbolicator.errors import UnreadableInput
from symbolicator.protocols import Artifact, Identity, Key, Missing, NearMiss
from symbolicator.render import plain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_appears_on_a_terminal_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute without a word looks like a hang."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(busy_module, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    with Busy() as busy:
        busy._timer.join()
        busy.looked_at(7, None, "dist/app.js\x1b[2J")
    assert "Looked at 7 files" in terminal.getvalue()
    assert "\x1b[2J" not in terminal.getvalue()


def test_no_bar_for_the_quick_or_for_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars in log files, or a flash of one on every run, would be noise."""
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr("sys.stderr", stream)
        with Busy() as busy:
            busy.looked_at(1, None, "a")
        assert not stream.getvalue()


def test_a_report_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of gigabytes by mistake would fill the memory."""
    monkeypatch.setattr(inputs, "MAX_STDIN_BYTES", 10)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
    with pytest.raises(UnreadableInput, match="too much"), inputs.open_input("-"):
        pass


def test_a_file_that_may_not_be_read_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The wrong user would be told that the file is missing or broken."""

    def refuse(*_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "crash.txt").touch()
    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(UnreadableInput, match="permission denied"), inputs.open_input(str(tmp_path / "crash.txt")):
        pass


class FakeStore:
    """Answers from a dict; anything else is missing."""

    notes: tuple[str, ...] = ("seen",)

    def __init__(self, name: str, *values: str) -> None:
        self._name = name
        self._values = values
        self.asked: list[frozenset[Key]] = []

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        self.asked.append(keys)
        return {key: self._answer(key) for key in keys}

    def _answer(self, key: Key) -> Artifact | Missing:
        if key.value in self._values:
            return Artifact(key, self._name, None)
        return Missing(key, f"not in {self._name}.", (NearMiss(self._name, "near"),))


def test_the_second_store_is_asked_for_what_the_first_lacks() -> None:
    """Artifacts given by hand come before uploads, and a miss tells about both."""
    folder, uploads = FakeStore("folder", "a", "b"), FakeStore("uploads", "b", "c")
    stores = OpenStores(folder, uploads)
    keys = {value: Key("sourcemap", "url", value) for value in "abcd"}
    answers = stores.fetch(frozenset(keys.values()))
    names = {value: answers[keys[value]].name for value in "abc"}  # type: ignore[union-attr]  # these were found
    assert names == {"a": "folder", "b": "folder", "c": "uploads"}
    missing = answers[keys["d"]]
    assert isinstance(missing, Missing)
    assert missing.why == "not in folder. not in uploads."
    assert len(missing.near) == 2
    assert uploads.asked == [frozenset({keys["c"], keys["d"]})]
    assert stores.notes == ("seen",)


def test_inspect_tells_what_a_file_is_once() -> None:
    """A debug file that serves three uses would be listed three times, its ids six times."""
    details = {"build id": "c243"}
    uses = ("elf", "elf-debug")
    keys = {use: frozenset({Key(use, "code_id", "c243"), Key(use, "name", "shop.debug")}) for use in uses}
    identities = tuple(Identity(use, keys[use], "ELF file", details) for use in uses)
    assert list(plain(describe_inspection(Inspection("shop.debug", identities)))) == [
        "shop.debug",
        "  ELF file",
        "    build id       c243",
        "    found by name  shop.debug",
    ]
