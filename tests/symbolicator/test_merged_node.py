"""One trace of Node.js and an addon: in the order in which the program itself says that it ran."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "fixtures" / "merge-node"


def resolved() -> dict[str, Any]:
    command = [sys.executable, "-m", "symbolicator", "resolve", str(CASE / "crash.json"), "--artifacts", str(CASE)]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, timeout=60, check=False)
    event: dict[str, Any] = json.loads(done.stdout)
    return event


def test_javascript_stands_below_the_addon_that_it_called() -> None:
    """The native stack of Node.js begins with the addon's call: who made it is only in JavaScript's."""
    event = resolved()
    (thread,) = event["threads"]["values"]
    stacks = {"thread/0": thread["stacktrace"]["frames"], "thread/0/vm": thread["vm_stacktrace"]["frames"]}
    frames = [stacks[one["stack"]][one["index"]] for one in event["merged"]["frames"]]
    entered = json.loads((CASE / "truth.json").read_text())["entered"]
    shown = [frame["function"] for frame in frames if frame.get("function") in entered]
    # Node.js walks no further than the code that V8 compiled, so the calls before the last one are not in its stack.
    assert shown == [name for name in entered if name != "relay_call"]
    assert "relay_call" not in {frame.get("function") for frame in frames}
    (seam,) = event["merged"]["seams"]
    assert (seam["relation"], seam["rule"]) == ("R1", "v8-api-callback")
