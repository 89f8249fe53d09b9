"""Stacks of stopped processes: captured with gdb, and walked with the core."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from symbolicator import _core
from symbolicator.model import (
    AbsoluteAddress,
    DebugImage,
    DebugMeta,
    Event,
    Frame,
    ReportedAddress,
    StackMemory,
    Stacktrace,
    Thread,
    Values,
)

MAX_FRAMES = 256
CAPTURE = Path(__file__).parents[3] / "fixtures" / "native-unwind" / "gdb_capture.py"


class Captured(msgspec.Struct, frozen=True):
    """A thread as gdb sees it. ``frames``: gdb's own program counters, newest first."""

    registers: Mapping[str, int]
    address: int
    stack: str
    frames: Sequence[Mapping[str, Any]]

    @property
    def memory(self) -> list[tuple[int, bytes]]:
        return [(self.address, bytes.fromhex(self.stack))]

    @property
    def truth(self) -> list[int]:
        return [frame["pc"] for frame in self.frames][:MAX_FRAMES]


class Capture(msgspec.Struct, frozen=True):
    """A stopped process. ``mappings``: start, end, offset in the file, path."""

    arch: str
    mappings: Sequence[tuple[int, int, int, str]]
    threads: Sequence[Captured]

    @staticmethod
    def read(path: Path) -> "Capture":
        return msgspec.convert(json.loads(path.read_text()), Capture)

    @property
    def places(self) -> dict[Path, tuple[int, int]]:
        """Start and size of each mapped file."""
        found: dict[Path, tuple[int, int]] = {}
        for start, end, _, path in self.mappings:
            if path.startswith("/"):
                first = found.get(Path(path), (start, 0))[0]
                found[Path(path)] = (first, end - first)
        return found

    def event(self, ids: Mapping[Path, str]) -> Event:
        """The process as a reader of dumps would give it."""
        images = tuple(
            DebugImage(
                type="elf",
                code_file=str(path),
                code_id=ids.get(path),
                arch=self.arch,
                image_addr=AbsoluteAddress(start),
                image_size=size,
            )
            for path, (start, size) in self.places.items()
        )
        return Event(
            platform="native",
            contexts={"device": {"arch": self.arch}},
            debug_meta=DebugMeta(images=images),
            threads=Values(values=tuple(_thread(one) for one in self.threads)),
        )


def _thread(captured: Captured) -> Thread:
    registers: dict[str, ReportedAddress | None] = {
        name: ReportedAddress(value) for name, value in captured.registers.items()
    }
    pc = ReportedAddress(next(captured.registers[name] for name in ("rip", "eip", "pc") if name in captured.registers))
    memory = StackMemory(address=AbsoluteAddress(captured.address), data=bytes.fromhex(captured.stack))
    frame = Frame(instruction_addr=pc, trust="context")
    return Thread(stack_memory=memory, stacktrace=Stacktrace(registers=registers, frames=(frame,)))


Walked = list[tuple[int, str, bool, dict[str, int]]]


def walk(capture: Capture, captured: Captured, files: Mapping[Path, bytes] | None = None) -> Walked:
    """Walks a thread with the files that were mapped, or with others in their place."""
    images = []
    for path, (start, size) in capture.places.items():
        data = path.read_bytes() if files is None else files.get(path)
        images.append((start, size, start, [_core.UnwindInfo(data)] if data else []))
    return _core.walk_stack(capture.arch, captured.registers, captured.memory, images)


def addresses(walked: Walked) -> list[int]:
    return [frame[0] for frame in walked]
