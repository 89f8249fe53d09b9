"""Switches for fields of the standard's proposals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sourcemaps.backends.options import VARIABLE, range_mappings

# One segment, a range: the call at column 30 is at column 30 of the source, too.
MAP = {"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA", "rangeMappings": "A"}


def test_range_mappings_are_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proposal that changed its meaning once must not move positions by itself."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert range_mappings() is None
    monkeypatch.setenv(VARIABLE, "1-based")
    assert range_mappings() == "1-based"


def test_an_unknown_value_says_what_to_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error must not silently switch it off."""
    monkeypatch.setenv(VARIABLE, "yes")
    assert range_mappings() is None
    assert "0-based or 1-based" in capsys.readouterr().err


@pytest.mark.parametrize("backend", ["core", "reference"])
@pytest.mark.parametrize(
    ("value", "column"), [("", "a.js:1:1"), ("0-based", "a.js:1:31"), ("on", "0-based or 1-based")]
)
def test_the_command_line_heeds_the_switch(tmp_path: Path, backend: str, value: str, column: str) -> None:
    """With the switch the exact column comes out, and an index built without it is not used again."""
    (tmp_path / "a.min.js.map").write_text(json.dumps(MAP))
    (tmp_path / "crash.txt").write_text("Error: x\n    at f (https://x.example/a.min.js:1:31)\n")
    environment = os.environ | {"SYMBOLICATOR_BACKEND": backend, VARIABLE: value}
    done = subprocess.run(
        [sys.executable, "-m", "symbolicator", "resolve", str(tmp_path / "crash.txt"), "--artifacts", str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert column in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
