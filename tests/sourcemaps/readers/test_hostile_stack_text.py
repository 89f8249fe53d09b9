"""Texts made to break the reader: whatever comes in, an event or one clear error comes out, and soon."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.reader import READER
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.readers.text import MAX_FRAMES, MAX_LINE, MAX_REPORT_BYTES

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))
REPORTS = [*(FIXTURES / case / "crash.txt" for case in ("js-esbuild", "js-webpack", "hermes-rn")), *SAMPLES]


def read(data: bytes) -> Event | None:
    """Reads and writes; None where the reader says that it cannot read it."""
    assert 0.0 <= READER.detect(data[:65536]) <= 1.0
    try:
        event = READER.read(data)
    except UnreadableInput:
        return None
    assert codec.decode(codec.encode(event)) == event
    return event


PIECES = st.sampled_from(
    [
        "    at ", "at async ", "f", "g@", "(", ")", " (", "eval at ", "<anonymous>", "native", "address at ", ":1",
        ":2:3", "https://a/b.js:1:2", "\n", "\n    at f (a.js:1:2)", "\n", " {", ",", "}", "  }", "[cause]: ",
        "[errors]: [", "]", "Error: x", "Caused by: ", "[Error: x]", "[Error: x] {", "  code: 'x'", ", stack:\n",
        "... 3 lines matching cause stack trace ...", "@", "*", " line 5 > eval:1:1", "wasm-function[0]:0x1f",
        "... collapsed 4 duplicate lines matching above 2 lines 2 times...", "Promise.all (index 0)", "\t", "\x00",
        "\x1b[31m", "\u2028", "  ", "^",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_text_made_of_stack_pieces(text: str) -> None:
    """A report that is cut or mixed up must not stop the tool that is to explain it."""
    read(text.encode())


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    """People pass the wrong file; they are owed a sentence, not a traceback."""
    read(data)


@pytest.mark.parametrize("report", REPORTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_thousand_mutations(report: Path) -> None:
    """Logs are truncated and damaged: the reader copes with every such text, and what it made can be written."""
    whole = report.read_bytes()
    dice = random.Random(report.name)
    for _ in range(1000):
        data = bytearray(whole[: dice.randrange(len(whole) + 1)] if dice.random() < 0.5 else whole)
        for _ in range(dice.randrange(4)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        read(bytes(data))


LONG = MAX_LINE
ADVERSARIAL = {
    "open parentheses": "    at " + "(" * LONG + ")",
    "closed parentheses": "    at f (" + ")" * LONG,
    "pairs": "    at " + "() " * (LONG // 3) + "(",
    "spaces": "    at " + " " * LONG + ")",
    "colons": "    at " + ":1" * (LONG // 2) + "x",
    "digits": "    at a:" + "1" * LONG,
    "evals": "    at e " + "(eval at f " * (LONG // 11) + ")",
    "at signs": "@" * LONG,
    "stars": "*" * LONG + "@",
    "names": "get set async " * (LONG // 14) + "@x",
    "line words": "f@" + " line 5 > eval" * (LONG // 14),
    "wasm": "    at wasm-function[1]:0x" + "f" * LONG,
    "types": "a." * (LONG // 2) + ": x\n    at f (a.js:1:2)",
    "brackets": "[" * LONG + "]" * LONG + " {\n    at f (a.js:1:2)",
    "quotes": "  '" + "\\'" * (LONG // 2) + ": 1",
    "escapes": "\x1b[" * (LONG // 2),
    "escape digits": "\x1b[" + "1;" * (LONG // 2),
    "timestamps": "[2026-01-01T00:00:00.000 " * (LONG // 25),
    "uncaught": "Uncaught " * (LONG // 9) + ": x",
    "wrappers": "a.JavascriptException: " * (LONG // 23),
    "dots": "... " * (LONG // 4),
    "carets": "^ " * (LONG // 2),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_long_lines_take_linear_time(name: str) -> None:
    """One hostile line must not occupy a worker: eight lines of this length, each tried against every pattern."""
    line = ADVERSARIAL[name]
    text = "\n".join(
        [f"Error: x\n{line}", *[line] * 7, "    at f (a.js:1:2)", f"{line} {{", f"  [cause]: {line}", line]
    )
    event = read(text.encode())
    assert event is not None


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "block",
    [
        "\n",
        "x\n",
        "Error: x\n",
        "Error: x\n\n",
        "Error: x\n    at f (a.js:1:2)\n",
        "    at f (a.js:1:2)\n",
        "    at f (a.js:1:2) {\n",
        "    at f (a.js:1:2) {\n  [cause]: Error: x\n",
        "[Error: x] {\n",
        "  [cause]: Error: x\n",
        "    at f (a.js:1:2)\nnoise\n",
        "    at f (a.js:1:2)\n    ... collapsed 9999999 duplicate lines matching above 1 lines 9999999 times...\n",
        "    at f (a.js:1:2)\n    ... 9999999 lines matching cause stack trace ...\n",
    ],
)
def test_many_lines_take_linear_time(block: str) -> None:
    """The same for many lines: no step of the reader may look at all lines again for each line."""
    count = 1_000_000 // len(block)
    event = read((block * count + "    at f (a.js:1:2)\n").encode())
    frames = [len(error.stacktrace.frames) for error in event.exceptions if error.stacktrace] if event else []
    assert sum(frames) <= MAX_FRAMES


def test_too_large() -> None:
    """A limit that is met is said, with what to do about it."""
    with pytest.raises(UnreadableInput, match=r"the limit is .*Pass only the part"):
        READER.read(b" " * (MAX_REPORT_BYTES + 1))


def test_no_frames() -> None:
    """The error names what was expected and what to do."""
    with pytest.raises(UnreadableInput, match=r"expected lines such as .*Pass the whole text"):
        READER.read(b"TypeError: x is undefined")


def test_more_frames_than_the_limit_are_said_to_be_missing() -> None:
    """Leaving frames out without a word would be a wrong trace."""
    event = READER.read(b"Error: x\n" + b"    at f (a.js:1:2)\n" * (MAX_FRAMES + 5))
    assert [problem.type for problem in event.errors] == ["too_many_frames"]
    assert event.errors[0].remedy


def test_a_cut_line_keeps_its_position() -> None:
    """Code from a long data: URL still says where it failed; the whole line is in the raw report."""
    url = "data:text/javascript," + "x" * (2 * MAX_LINE)
    event = READER.read(f"Error: x\n    at f ({url}:3:4)".encode())
    stack = event.exceptions[0].stacktrace
    assert stack is not None
    [frame] = stack.frames
    assert (frame.function, frame.lineno, frame.colno, frame.abs_path) == ("f", 3, 4, None)
    assert url in str(event.extra["raw_report"])
