"""The command line before any command: start-up, unknown commands, plug-in commands, bugs, interrupts."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from symbolicator import __version__, cli, plugins
from symbolicator.cli.commands import COMMANDS, Command, Commands

HEAVY = ("rich", "dramatiq", "redis", "elftools", "tree_sitter", "sqlite3", "asyncio")


@pytest.mark.parametrize("arguments", [["--version"], ["resolve", "crash.json"]])
def test_nothing_heavy_is_imported_that_is_not_needed(
    arguments: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    """A small crash would take a second instead of an instant."""
    (tmp_path / "crash.json").write_text(
        '{"exception": {"values": [{"type": "E", "value": "v"}]}, "platform": "other"}'
    )
    script = (
        "import sys; from symbolicator.cli import run; code = run(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_version_is_the_package_version(run: Any) -> None:
    """A bug report would name the wrong version."""
    assert run("--version").out == f"symbolicator, version {__version__}\n"


def test_help_lists_every_command_on_one_line_each(run: Any) -> None:
    """A command that help does not show does not exist."""
    out = run("--help").out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_every_command_of_the_table_is_there(run: Any) -> None:
    """A mistyped module name would show only to the one who needs the command."""
    for name in COMMANDS:
        done = run(name, "--help")
        assert (done.code, done.err) == (0, "")


def test_an_unknown_command_exits_with_2(run: Any) -> None:
    """A typing error must not look like success."""
    done = run("resovle", "x")
    assert done.code == 2
    assert "resovle" in done.err


def boom(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


def run_failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    monkeypatch.setitem(COMMANDS, "boom", Command("tests", "boom", ""))
    monkeypatch.setattr(Commands, "get_command", lambda *_: boom(error))
    return cli.run(["boom"])


def test_a_bug_is_one_line_and_exits_with_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback at 3 a.m. says nothing to the person who reads it."""
    monkeypatch.delenv("SYMBOLICATOR_DEBUG", raising=False)
    assert run_failing(monkeypatch, ZeroDivisionError("a\x1b[31mb\nmore")) == 70
    expected = (
        r"symbolicator: internal error: ZeroDivisionError: a\x1b[31mb (run with SYMBOLICATOR_DEBUG=1 for the traceback)"
    )
    assert capsys.readouterr().err == f"{expected}\n"


def test_a_bug_shows_its_traceback_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the traceback the bug cannot be reported."""
    monkeypatch.setenv("SYMBOLICATOR_DEBUG", "1")
    assert run_failing(monkeypatch, ZeroDivisionError("a")) == 70
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_exits_with_130_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C is no bug; shells and scripts expect 130."""
    assert run_failing(monkeypatch, KeyboardInterrupt()) == 130
    assert not capsys.readouterr().err.strip()


def test_a_command_of_a_plugin_is_found_and_a_broken_one_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plug-in that cannot be imported would take the whole command line with it."""

    def load(name: str) -> click.Command | None:
        if name == "broken":
            raise ImportError("no such module")
        return (
            click.Command("extra", callback=lambda: click.echo("ran"), help="Does more.") if name == "extra" else None
        )

    monkeypatch.setattr(plugins, "command", load)
    monkeypatch.setattr(plugins, "command_names", lambda: ("broken", "extra"))
    assert cli.run(["extra"]) == 0
    assert capsys.readouterr().out == "ran\n"
    assert cli.run(["broken"]) == 1
    assert "no such module" in capsys.readouterr().err
    assert cli.run(["--help"]) == 0
    out = capsys.readouterr().out
    assert "Does more." in out
    assert "cannot be loaded" in out
