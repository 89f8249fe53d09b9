"""``symbolicator resolve`` as a process: output, exit codes, streams."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from symbolicator import codec

ROOT = Path(__file__).resolve().parents[3]

RESOLVED = {
    "platform": "other",
    "release": "shop@1",
    "exception": {
        "values": [
            {
                "type": "KeyError",
                "value": "no such sku",
                "stacktrace": {
                    "frames": [
                        {"function": "main", "filename": "main.py", "lineno": 3, "in_app": True},
                        {
                            "function": "find",
                            "filename": "shop.py",
                            "lineno": 12,
                            "colno": 5,
                            "in_app": True,
                            "context_line": "    return prices[sku]",
                        },
                    ]
                },
            }
        ]
    },
}
UNRESOLVED = {
    "platform": "other",
    "exception": {"values": [{"type": "SIGSEGV", "stacktrace": {"frames": [{"instruction_addr": "0x1234"}]}}]},
}


@pytest.fixture
def crash(tmp_path: Path) -> Path:
    path = tmp_path / "crash.json"
    path.write_text(json.dumps(RESOLVED))
    return path


def test_a_resolved_crash_is_shown_and_exits_with_0(run: Any, crash: Path) -> None:
    """The main job of the product."""
    done = run("resolve", crash)
    assert done.code == 0
    assert not done.err
    assert done.out.splitlines()[:2] == ["KeyError: no such sku", "release shop@1"]
    assert "> 12 │     return prices[sku]" in done.out
    assert done.out.endswith("All 2 frames resolved.\n")


def test_the_report_may_come_from_stdin(run: Any) -> None:
    """Logs are piped, not saved first."""
    assert "KeyError: no such sku" in run("resolve", "-", stdin=json.dumps(RESOLVED).encode()).out


def test_an_unresolved_frame_exits_with_1_and_says_what_to_do(run: Any, tmp_path: Path) -> None:
    """A script cannot tell a good trace from a bad one; a person does not know how to go on."""
    path = tmp_path / "crash.json"
    path.write_text(json.dumps(UNRESOLVED))
    done = run("resolve", path)
    assert done.code == 1
    assert "[1]" in done.out
    assert "→" in done.out
    assert "0 of 1 frames resolved" in done.out


def test_json_is_the_resolved_event(run: Any, crash: Path) -> None:
    """Programs read the same result as people."""
    done = run("resolve", crash, "--format", "json")
    assert done.code == 0
    event = codec.decode(done.out.encode())
    assert event.merged
    assert [frame.status for frame in event.exceptions[0].stacktrace.frames] == ["as_is", "as_is"]  # type: ignore[union-attr]  # it has one


def test_explain_names_the_reader(run: Any, crash: Path) -> None:
    """Whoever doubts the result must see how the input was understood."""
    done = run("resolve", crash, "--explain")
    assert "Read as event JSON." in done.out
    assert "exception/0[1]" in done.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"just some words\n", "no crash report"),
        (b"\x1f\x8b\x08rubbish", "gzip"),
        (b"MDMP\x93\xa7\0\0", "minidump"),
        (b'{"exception": {"values": [{"type": 3}]}}', "exception.values[0].type"),
        (b'{"exception": ', "JSON"),
        (b"[" * 100_000, "no crash report"),
    ],
)
def test_what_cannot_be_read_exits_with_2_in_two_lines(run: Any, tmp_path: Path, content: bytes, says: str) -> None:
    """A traceback, or silence, for a wrong file."""
    path = tmp_path / "input"
    path.write_bytes(content)
    done = run("resolve", path)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.startswith("symbolicator: ")
    assert len(done.err.splitlines()) <= 2


def test_what_is_no_file_exits_with_2_at_once(run: Any, tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to would hang for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, says in [(tmp_path, "folder"), (pipe, "no regular file"), (tmp_path / "none", "does not exist")]:
        done = run("resolve", path)
        assert (done.code, done.out) == (2, "")
        assert says in done.err
        assert "\n" not in done.err.rstrip("\n")


def test_wrong_options_exit_with_2(run: Any, crash: Path) -> None:
    """A mistyped folder must not quietly resolve nothing."""
    done = run("resolve", crash, "--artifacts", "no/such/folder")
    assert done.code == 2
    assert "no/such/folder" in done.err


def test_a_folder_that_is_no_store_exits_with_2(run: Any, crash: Path, tmp_path: Path) -> None:
    """A wrong --store would look like missing artifacts."""
    (tmp_path / "other").mkdir()
    done = run("resolve", crash, "--store", tmp_path / "other")
    assert done.code == 2
    assert done.err.startswith("symbolicator: ")


def test_a_reader_that_stops_reading_is_no_error(crash: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """``symbolicator resolve … | head -1`` would end in a traceback."""
    big = json.loads(crash.read_text())
    frames = big["exception"]["values"][0]["stacktrace"]["frames"]
    big["exception"]["values"][0]["stacktrace"]["frames"] = [
        {**frames[0], "lineno": number} for number in range(1, 20_000)
    ]
    crash.write_text(json.dumps(big))
    for output in ("text", "json"):
        command = [sys.executable, "-m", "symbolicator", "resolve", str(crash), "--no-fold", "--format", output]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=tmp_path
        ) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.read(10)
            process.stdout.close()
            complaints = process.stderr.read().decode()
            assert process.wait(60) == 0
        assert "Traceback" not in complaints
        assert "roken" not in complaints


def test_a_full_disk_is_said_and_a_closed_output_is_none(
    crash: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """``> trace.txt`` on a full disk would leave half a trace and success, or a traceback."""
    command = f"{sys.executable} -m symbolicator resolve {crash}"
    for redirect, code, says in [("> /dev/full", 2, "cannot be written"), (">&-", 0, "")]:
        done = subprocess.run(
            f"{command} {redirect}",
            shell=True,
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == code
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def test_a_terminal_gets_colour_and_its_own_width(run_on_terminal: Any, crash: Path) -> None:
    """At 3 a.m. the error has to stand out, and no line may wrap."""
    done = run_on_terminal("resolve", crash)
    assert done.code == 0
    assert "\x1b[" in done.out
    assert "KeyError" in done.out
    words = re.sub(r"\x1b\[[0-9;]*m", "", done.out)
    assert "\x1b" not in words
    assert max(map(len, words.splitlines())) <= 72


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(run_on_terminal: Any, crash: Path, variables: dict[str, str]) -> None:
    """Not every terminal, and not every person, can read colours."""
    assert "\x1b" not in run_on_terminal("resolve", crash, **variables).out


def test_no_colour_goes_into_a_file(run: Any, crash: Path) -> None:
    """Escape sequences would end up in logs and tickets."""
    assert "\x1b" not in run("resolve", crash).out


def test_any_encoding_of_the_output_will_do(run: Any, crash: Path) -> None:
    """A container without a locale would turn the trace into a UnicodeEncodeError."""
    done = run("resolve", crash, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "> 12 |     return prices[sku]" in done.out


def test_a_hostile_report_cannot_drive_the_terminal(run_on_terminal: Any, tmp_path: Path) -> None:
    """A crash report could retitle the terminal, hide its own frames, or worse."""
    evil = {"exception": {"values": [{"type": "E\x1b]0;owned\x07", "value": "[red]x[/red] \x9b2J"}]}}
    path = tmp_path / "evil.json"
    path.write_text(json.dumps(evil))
    seen = run_on_terminal("resolve", path).out
    assert "\x1b]0" not in seen
    assert "\x07" not in seen
    assert "\x9b" not in seen
    assert "[red]x[/red]" in seen


def test_raw_shows_the_stack_as_it_came() -> None:
    """Whoever doubts what was made of a crash must be able to see it unchanged."""
    fixture = ROOT / "fixtures" / "js-esbuild"
    command = [sys.executable, "-m", "symbolicator", "resolve", str(fixture / "crash.txt"), "--artifacts", str(fixture)]
    done = subprocess.run([*command, "--raw"], capture_output=True, text=True, timeout=60, check=False)
    assert "dist/shop.min.js:1:801" in done.stdout
    assert "src/checkout.js" not in done.stdout
    assert "resolved" not in done.stdout


RULES = '[[rules]]\nid = "vendored"\nmatch = { path = "*/third_party/*" }\nin_app = false'


def test_rules_come_from_a_file(run: Any, tmp_path: Path) -> None:
    """The option, or the variable of the environment, is the only way to them."""
    (tmp_path / "rules.toml").write_text(RULES)
    frames = [{"function": "f", "abs_path": "/b/third_party/x.c", "lineno": 1}]
    crash = {"platform": "native", "exception": {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}}
    done = run("resolve", "-", "--rules", tmp_path / "rules.toml", "--format", "json", stdin=json.dumps(crash).encode())
    (frame,) = json.loads(done.out)["exception"]["values"][0]["stacktrace"]["frames"]
    assert frame["in_app"] is False
    (tmp_path / "rules.toml").write_text("[[rules")
    done = run("resolve", "-", "--rules", tmp_path / "rules.toml", stdin=json.dumps(crash).encode())
    assert (done.code, "cannot be read" in done.err) == (2, True)
