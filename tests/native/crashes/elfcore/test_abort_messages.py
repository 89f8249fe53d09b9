"""What glibc said before it aborted: cores of programs that do it, and memory made to look like it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from native.crashes.elfcore.reader import READER
from symbolicator.model import Event
from tests.native.crashes.elfcore import cores
from tests.native.crashes.elfcore.conftest import KERNEL_CORES
from tests.native.crashes.elfcore.cores import EXECUTE, READ, Part

PROGRAM = """\
#include <assert.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **words) {
    volatile char *box = malloc(30);
    if (!strcmp(words[1], "twice")) { free((char *)box); free((char *)box); }
    if (!strcmp(words[1], "abort")) abort();
    assert(count > 3 && "a van has room");
}
"""


@pytest.fixture(scope="module", params=["", "-static"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or pytest.skip("gcc is not installed")
    if not KERNEL_CORES:
        pytest.skip("the kernel writes no plain core files here (core_pattern)")
    folder: Path = tmp_path_factory.mktemp("abort")
    (folder / "van.c").write_text(PROGRAM)
    flags = [request.param] if request.param else []
    command = [compiler, "-w", "-g", *flags, "van.c", "-o", "van"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True)
    return folder / "van" if done.returncode == 0 else pytest.skip("glibc has no static library here")


@pytest.mark.parametrize("how", ["assert", "twice", "abort"])
def test_the_message_is_what_was_printed(program: Path, how: str) -> None:
    """If this failed, a core would say SIGABRT where the terminal said why."""
    for old in program.parent.glob("core*"):
        old.unlink()
    command = ["bash", "-c", f"ulimit -c unlimited; exec ./van {how}"]
    done = subprocess.run(command, check=False, cwd=program.parent, capture_output=True, text=True)
    (core,) = program.parent.glob("core*")
    (exception,) = READER.read(core.read_bytes()).exceptions
    by_itself = "SI_TKILL: sent by the process itself, as abort(3) and raise(3) do"
    assert (exception.type, exception.value) == ("SIGABRT", done.stderr.strip() or by_itself)
    assert exception.mechanism
    assert exception.mechanism.meta == {"signal": {"number": 6, "name": "SIGABRT", "code": -6, "code_name": "SI_TKILL"}}


def _event(page: bytes, *, signal: int = 6, at: int = 0x700000) -> Event:
    registers = [0] * 27
    note = cores.files([(0x400000, 0x401000, 0, "/lib/libc.so.6"), (0x401000, 0x403000, 1, "/lib/libc.so.6")])
    data = bytes(64) + at.to_bytes(8, "little") + bytes(64)
    parts = [
        Part(0x400000, cores.image()), Part(0x401000, b"", READ | EXECUTE, 0x1000), Part(0x402000, data),
        Part(0x700000, page),
    ]  # fmt: skip
    return READER.read(cores.core([cores.thread(7, registers, signal), note], parts))


def _page(text: bytes, size: int = 4096) -> bytes:
    return (size.to_bytes(4, "little") + text).ljust(4096, b"\0")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (_event(_page(b"corrupted size vs. prev_size\n")), "corrupted size vs. prev_size"),
        (_event(_page(b"caf\xc3\xa9: Assertion `x' failed.\n")), "café: Assertion `x' failed."),
        (_event(_page(b"corrupted size vs. prev_size\n"), signal=11), None),
        (_event(_page(b"not text \1\2\3")), None),
        (_event(_page(b"no number of pages", 4097)), None),
        (_event(_page(b"too many pages", 4096 * 1000)), None),
        (_event(_page(b"")), None),
        (_event(_page(b"elsewhere\n"), at=0x700008), None),
        (_event(_page(b"nowhere\n"), at=0x900000), None),
    ],
)
def test_only_what_can_be_nothing_else_is_a_message(event: Event, message: str | None) -> None:
    """If this failed, chance bytes would be shown as the reason of a crash."""
    assert event.exceptions[0].value == message
