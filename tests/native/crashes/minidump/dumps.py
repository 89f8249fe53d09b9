"""Minidumps that tests write, and what comes out of them."""

import importlib.util
from pathlib import Path
from typing import Any

from msgspec import Struct

from native.crashes.minidump.reader import READER
from symbolicator.model import Event, ExceptionValue

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
IDLE = {"rip": 0x401000, "rsp": 0x7000, "eip": 0x401000, "esp": 0x7000, "pc": 0x401000, "sp": 0x7000}


def _writer() -> Any:
    spec = importlib.util.spec_from_file_location("minidump_writer", FIXTURES / "minidump_writer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


md = _writer()


def context_of(arch: int) -> bytes:
    """Registers of a thread that is at 0x401000, its stack at 0x7000."""
    contexts = {
        md.X86: md.context_x86, md.ARM: md.context_arm, md.X86_64: md.context_x86_64, md.ARM64: md.context_arm64,
    }  # fmt: skip
    data: bytes = contexts[arch](IDLE)
    return data


class Fault(Struct, frozen=True):
    """The numbers of an exception."""

    code: int
    flags: int = 0
    address: int = 0
    parameters: tuple[int, ...] = ()


def crash(arch: int, platform: int, fault: Fault, *streams: tuple[int, bytes]) -> bytes:
    """A minidump of one thread, number 7, that crashed."""
    dump = md.Writer(timestamp=1_700_000_000)
    context = dump.place(context_of(arch))
    dump.stream(md.SYSTEM_INFO, md.system(arch, platform))
    dump.stream(md.EXCEPTION, md.exception(7, fault.code, context, fault.flags, fault.address, fault.parameters))
    dump.stream(md.THREADS, md.listed(md.thread(7, dump.memory(0x7000, bytes(64)), context)))
    for kind, content in streams:
        dump.stream(kind, content)
    data: bytes = dump.finish()
    return data


def raised(data: bytes) -> ExceptionValue:
    """The exception that a dump was written for."""
    return READER.read(data).exceptions[-1]


def read(case: str) -> Event:
    """The event of a fixture's dump."""
    return READER.read((FIXTURES / case / "crash.dmp").read_bytes())
