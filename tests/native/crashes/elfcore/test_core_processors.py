"""Real cores of other processors (what is left of them, see samples/README.md): registers as gdb shows them."""

import re
from pathlib import Path

import pytest

from native.crashes.elfcore.reader import READER

SAMPLES = Path(__file__).with_name("samples")
_REGISTER = re.compile(r"^([a-z]+\d*) +0x([0-9a-f]+) ", re.MULTILINE)
_OUR_NAMES = {"x29": "fp", "x30": "lr"}


@pytest.mark.parametrize(
    ("arch", "count", "pointer", "path", "address"),
    [
        ("x86", 10, "eip", "/srv/shop/shop", 0x10000),
        ("arm", 17, "pc", "./shop", 0x10000),
        ("arm64", 33, "pc", "./shop", 0x1000000),
    ],
)
def test_registers_and_image(arch: str, count: int, pointer: str, path: str, address: int) -> None:
    """If this failed, cores of that processor would be walked from a wrong place, or through no image."""
    told = {
        _OUR_NAMES.get(name, name): int(value, 16)
        for name, value in _REGISTER.findall((SAMPLES / f"{arch}.txt").read_text())
    }
    event = READER.read((SAMPLES / f"{arch}.core").read_bytes())
    (thread,) = event.thread_list
    assert thread.stacktrace
    registers = thread.stacktrace.registers or {}
    assert len(registers) == count
    assert registers == {name: told[name] for name in registers}
    (frame,) = thread.stacktrace.frames
    assert frame.instruction_addr == told[pointer]
    assert (event.images[0].code_file, event.images[0].image_addr, event.images[0].arch) == (path, address, arch)
    assert (thread.crashed, event.exceptions[0].type) == (True, "SIGSEGV")
    assert thread.stack_memory
    assert (event.contexts or {})["device"] == {"arch": arch}
