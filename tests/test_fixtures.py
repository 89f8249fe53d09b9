"""Every fixture end to end: real crash text and real artifacts in, the true stack out, with either backend."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
REPORTS = {path.parent.name: path.relative_to(ROOT) for path in sorted((ROOT / "fixtures").glob("*/crash.*"))}
TRUTHS = {
    path.parent.name: truth
    for path in sorted((ROOT / "fixtures").glob("*/truth.json"))
    if path.parent.name in REPORTS and "error" in (truth := json.loads(path.read_text()))
}
"""Truths in the form that fixtures/README.md describes; others belong to the tests of their topic."""
BACKENDS = {case: ["core"] if truth.get("needs_core") else ["core", "reference"] for case, truth in TRUTHS.items()}
GOLDEN = ROOT / "tests" / "golden"
GOOD = {"symbolicated", "as_is"}


def symbolicate(case: str, *options: str, backend: str = "core") -> subprocess.CompletedProcess[str]:
    folder = f"fixtures/{case}"
    return subprocess.run(
        [sys.executable, "-m", "symbolicator", "resolve", str(REPORTS[case]), "--artifacts", folder, *options],
        cwd=ROOT, env=os.environ | {"SYMBOLICATOR_BACKEND": backend}, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip


def main_stack(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Frames of the stack that crashed, newest call first as in the truth."""
    kind, index = event["merged"]["crashed_stack"].split("/")
    holder = event["exception" if kind == "exception" else "threads"]["values"][int(index)]
    frames: list[dict[str, Any]] = holder["stacktrace"]["frames"]
    return frames[::-1]


def last_name(function: str | None) -> str | None:
    """The function's own name without its scopes, arguments and template arguments: witnesses spell the rest apart."""
    if not function or function in ("<anonymous>", "<global>"):
        return None
    text = re.sub(r"\(anonymous namespace\)", "anonymous", function)
    text = re.sub(r"operator\(\)", "operator_call", text)
    text = re.sub(r"\{\{?closure\}?\}?(#\d+)?|\{closure#\d+\}", "closure", text)
    previous = ""
    while previous != text:
        previous, text = text, re.sub(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]", "", text)
    return re.split(r"::|\.|\s", text.replace(" const", "").strip())[-1] or None


@pytest.mark.parametrize(("case", "backend"), [(case, one) for case, names in BACKENDS.items() for one in names])
def test_the_trace_is_the_true_one(case: str, backend: str) -> None:
    """A wrong file or line sends an engineer to the wrong place at 3 a.m."""
    done = symbolicate(case, "--format", "json", backend=backend)
    assert done.returncode in (0, 1), done.stderr
    frames = main_stack(json.loads(done.stdout))
    truth = TRUTHS[case]["frames"]
    assert len(frames) == len(truth)
    for frame, true in zip(frames, truth, strict=True):
        if true["own"]:
            assert frame["data"]["status"] in GOOD, frame
            assert (frame["filename"].endswith(true["file"]), frame.get("lineno")) == (True, true["line"])
            assert true["column"] in (None, frame.get("colno"))
        if true["own"] and last_name(true["function"]):
            assert last_name(frame["function"]) == last_name(true["function"])


@pytest.mark.parametrize("case", TRUTHS)
def test_no_own_frame_stays_unresolved(case: str) -> None:
    """The whole point: with the right artifacts at hand nothing of the user's own code stays noise."""
    event = json.loads(symbolicate(case, "--format", "json").stdout)
    frames = [
        frame
        for holder in event.get("exception", {}).get("values", []) + event.get("threads", {}).get("values", [])
        for frame in (holder.get("stacktrace") or {}).get("frames", [])
    ]
    assert frames
    assert not [frame for frame in frames if frame.get("in_app") is not False and frame["data"]["status"] not in GOOD]


@pytest.mark.parametrize("case", [case for case, names in BACKENDS.items() if "reference" in names])
def test_both_backends_give_the_same_event(case: str) -> None:
    """Without a Rust toolchain users would silently get another answer."""
    core, reference = (
        json.loads(symbolicate(case, "--format", "json", backend=b).stdout) for b in ("core", "reference")
    )
    assert core == reference


@pytest.mark.parametrize("case", REPORTS)
def test_the_trace_reads_as_its_golden_text(case: str) -> None:
    """What people read changes only on purpose (SYMBOLICATOR_UPDATE_GOLDEN=1 writes the files anew)."""
    check_golden(f"{case}.txt", symbolicate(case).stdout)


@pytest.mark.parametrize("case", REPORTS)
def test_the_event_is_its_golden_one(case: str) -> None:
    """A field that is lost between the report and the event is missed by whatever reads the event."""
    event = json.loads(symbolicate(case, "--format", "json").stdout)
    event.pop("raw_report", None)
    check_golden(f"{case}.json", json.dumps(event, indent=1, ensure_ascii=False) + "\n")


def check_golden(name: str, text: str) -> None:
    golden = GOLDEN / name
    if os.environ.get("SYMBOLICATOR_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
