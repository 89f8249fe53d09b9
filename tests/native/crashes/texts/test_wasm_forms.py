"""Every form in which engines print a call in WebAssembly, against a real module with DWARF."""

from pathlib import Path

import pytest

from symbolicator.engine import Engine
from symbolicator.model import Frame

FOLDER = Path(__file__).resolve().parents[4] / "fixtures/wasm-node"
PLACE = "wasm-function[2]:0x102"
URL = "http://localhost:8123/static/shop.wasm"


def resolved(line: str) -> list[Frame]:
    text = f"RuntimeError: unreachable\n{line}\n"
    [error] = Engine.for_folder(FOLDER / "bin").resolve(text.encode()).exceptions
    assert error.stacktrace is not None
    return list(reversed(error.stacktrace.frames))


@pytest.mark.parametrize(
    "line",
    [
        f"    at shop.wasm.weigh ({URL}:{PLACE})",
        f"    at weigh ({URL}:{PLACE})",
        f"    at {URL}:{PLACE}",
        f"    at async weigh ({URL}:{PLACE})",
        f"    at wasm-function[2] ({URL}:{PLACE})",
        f"    at weigh ({URL}?v=3f9c:{PLACE})",
        f"    at weigh (file:///srv/static/shop.wasm:{PLACE})",
        f"weigh@{URL}:{PLACE}",
        f"@{URL}:{PLACE}",
        f"wasm-function[2]@{URL}:{PLACE}",
        f"shop.wasm.weigh@{URL}:{PLACE}",
    ],
)
def test_the_call_resolves(line: str) -> None:
    """The offset counts in the file: the line, and the call that was inlined into it, follow from nothing else."""
    assert [(f.function, f.filename, f.lineno, f.colno) for f in resolved(line)] == [
        ("weight", "src/shop.c", 11, 25),
        ("weigh", "src/shop.c", 17, 56),
    ]


@pytest.mark.parametrize("line", ["weigh@<?>:wasm-function[2]", "<?>.wasm-function[2]@[wasm code]"])
def test_without_offset_there_is_a_name_alone(line: str) -> None:
    """JavaScriptCore prints no offset: nothing is made up."""
    [frame] = resolved(line)
    assert (frame.instruction_addr, frame.lineno) == (None, None)
    assert frame.function in ("weigh", "wasm-function[2]")
