"""Node.js' own reports of errors that nobody caught: excerpt, frames, properties, causes, aggregates."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sourcemaps.javascript.reader import READER
from symbolicator.model import Event, ExceptionValue

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.txt").read_bytes())


def frames(exception: ExceptionValue) -> list[str | None]:
    """Functions, newest call first."""
    assert exception.stacktrace is not None
    return [frame.function for frame in reversed(exception.stacktrace.frames)]


def test_cause_properties_and_shared_frames() -> None:
    """What Node.js leaves out of the outer stack because the cause has it too is put back, in its place."""
    event = read("node-cause")
    inner, outer = event.exceptions
    assert (outer.type, outer.value, inner.type) == ("HttpError", "outer", "TypeError")
    assert frames(outer)[:6] == ["outer", "f4", "f3", "f2", "f1", "Object.<anonymous>"]
    assert frames(inner)[:4] == ["e", "d", "c", "b"]
    assert inner.value == "inner\nsecond line\n  at the end"
    assert outer.mechanism is not None
    assert inner.mechanism is not None
    assert (outer.mechanism.type, outer.mechanism.handled) == ("onuncaughtexception", False)
    assert (inner.mechanism.type, inner.mechanism.source) == ("chained", "cause")
    assert (inner.mechanism.exception_id, inner.mechanism.parent_id) == (1, 0)


def test_properties_are_kept() -> None:
    """`code` and `status` of an error often say more than its message."""
    mechanism = read("node-cause").exceptions[-1].mechanism
    assert mechanism is not None
    assert mechanism.data is not None
    properties = mechanism.data["properties"]
    assert isinstance(properties, dict)
    assert properties["status"] == 503
    assert properties["code"] == "E_HTTP"
    assert properties["nested"] == "{\n  a: 1,\n  b: [ 1, 2, { c: { d: 1 } } ]\n}"
    assert properties["re"] == "/a{2}/"
    assert len(properties) == 8


def test_runtime_and_platform() -> None:
    """Frames of Node.js' own modules are nobody's bug; that they are Node.js' must be known."""
    event = read("node-cause")
    assert event.platform == "node"
    assert event.contexts == {"runtime": {"name": "node", "version": "v20.20.2"}}


def test_aggregate_without_a_stack_of_its_own() -> None:
    """`Promise.any` rejects with an error that has only errors: it must not be lost with its frames."""
    event = read("node-aggregate")
    *errors, root = event.exceptions
    assert (root.type, root.value, root.stacktrace) == ("AggregateError", "All promises were rejected", None)
    assert root.mechanism is not None
    assert root.mechanism.is_exception_group is True
    assert root.mechanism.data == {"properties": {"errors[2]": "str", "errors[3]": None}}
    links = [(e.type, e.value, e.mechanism.source, e.mechanism.parent_id) for e in errors if e.mechanism]
    assert links == [
        ("Error", "q", "errors[4]", 0),
        ("Error", "e2", "errors[1]", 0),
        ("Error", "e1", "errors[0]", 0),
    ]


def test_errors_that_have_causes() -> None:
    """Trees of errors keep their shape: each knows its parent."""
    event = read("node-errors-with-causes")
    tree = {e.mechanism.exception_id: (e.value, e.mechanism.parent_id) for e in event.exceptions if e.mechanism}
    assert tree == {0: ("agg", None), 1: ("deep", 0), 2: ("z", 0), 3: ("deep", 2)}
    assert frames(event.exceptions[0]) == ["f"] * 10


def test_a_thrown_value() -> None:
    """`throw 5` has no type; its value and the place that threw it are all there is."""
    event = read("node-thrown-value")
    assert (event.exceptions[0].type, event.exceptions[0].value) == (None, "5")
    assert len(frames(event.exceptions[0])) == 7


def test_the_excerpt_may_be_longer_than_the_head() -> None:
    """Node.js prints the failing line whole; of a bundle that is megabytes before the first frame."""
    line = b"var p=" + b"x" * 200_000
    report = (
        b"file:///srv/app.min.js:1\n" + line + b"\n      ^\n\nTypeError: no\n    at f (file:///srv/app.min.js:1:801)\n"
    )
    assert READER.detect(report[:65536]) > 0.3
    event = READER.read(report)
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("TypeError", "no")


def test_two_errors_in_one_text_are_not_each_others_cause() -> None:
    """A log with two unrelated errors must not tell a story that never happened."""
    event = READER.read(b"TypeError: a\n    at f (app.js:1:2)\n\nRangeError: b\n    at g (app.js:3:4)\n")
    assert [e.type for e in event.exceptions] == ["RangeError", "TypeError"]
    links = [
        (e.mechanism.type, e.mechanism.exception_id, e.mechanism.parent_id) for e in event.exceptions if e.mechanism
    ]
    assert links == [("separate", 1, None), ("generic", 0, None)]


def test_the_raw_report_is_kept() -> None:
    """What was not understood is still there for a person, byte for byte."""
    report = b"noise \xff\r\nTypeError: a\r\n    at f (app.js:1:2)\r\nmore noise"
    event = READER.read(report)
    assert event.extra["raw_report"] == "noise \\xff\r\nTypeError: a\r\n    at f (app.js:1:2)\r\nmore noise"
    assert event.exceptions[0].value == "a"


PROGRAM = """
class Deep extends Error { name = 'Deep' }
function a(n) { if (n) return a(n - 1); throw new TypeError('bottom') }
function wrap(n) { try { a(3) } catch (cause) { throw new Deep('level ' + n, { cause }) } }
function chain(n) { try { n ? chain(n - 1) : wrap(n) } catch (cause) { throw new Deep('level ' + (n + 1), { cause }) } }
const stacks = [];
try { chain(4) } catch (error) { for (let e = error; e; e = e.cause) stacks.push(e.stack); }
process.stdout.write(JSON.stringify(stacks));
chain(4);
"""


def test_causes_are_restored_as_the_runtime_has_them(tmp_path: Path) -> None:
    """The report with frames left out must give the very stacks that `error.stack` has."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    script = tmp_path / "chain.cjs"
    script.write_text(PROGRAM)
    done = subprocess.run([node, str(script)], capture_output=True, check=False, timeout=60)
    stacks = json.loads(done.stdout)
    event = READER.read(done.stderr)
    assert b"matching cause stack trace" in done.stderr
    assert len(event.exceptions) == len(stacks) > 2
    for exception, stack in zip(reversed(event.exceptions), stacks, strict=True):
        alone = READER.read(stack.encode()).exceptions[0]
        assert exception.type == alone.type
        assert exception.value == alone.value
        assert up_to_the_module(frames(exception)) == up_to_the_module(frames(alone))


def up_to_the_module(functions: list[str | None]) -> list[str | None]:
    """Up to the module: it called `chain` from two lines, once for the truth and once for the report."""
    return functions[: functions.index("Object.<anonymous>")] if "Object.<anonymous>" in functions else functions
