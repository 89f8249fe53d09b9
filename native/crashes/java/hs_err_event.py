"""From a fatal error log of the JVM to its event.

The stack of the crashed thread has native, Java and generated frames as the walk found them. What the JVM itself knows
of the same thread, all frames of Java, is its ``vm_stacktrace`` where the walk did not come to all of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from native.crashes.images import ImageTable
from native.crashes.java.hs_err import ErrorLog, LoggedThread, Signal
from native.crashes.java.hs_err_frames import NativeCall
from native.crashes.java.hs_err_libraries import libraries
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import NUMBERS
from native.images import base_name
from symbolicator.model import (
    JSON,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.edit import with_data
from symbolicator.readers.text import RAW_REPORT

_ARCHES = (
    ("amd64", "x86_64"),
    ("x86_64", "x86_64"),
    ("aarch64", "arm64"),
    ("arm64", "arm64"),
    ("x86", "x86"),
    ("arm", "arm"),
)
_SYSTEMS = (("linux", "Linux"), ("windows", "Windows"), ("bsd", "macOS"), ("macosx", "macOS"))
_ARM64 = {"r29": "fp", "r30": "lr"} | {f"r{number}": f"x{number}" for number in range(29)}
"""HotSpot names that processor's registers as the 32-bit one's."""

_CALL_STUB = re.compile(r"StubRoutines(?:::(?:Stub Generator )?call_stub| \(initial stubs\))")
"""The code that native calls of Java go through; newer JVMs say more of it."""


def event_of(log: ErrorLog, text: str) -> Event:
    """The event."""
    arch = _arch(log.fields.get("Java VM", "") + log.fields.get("vm_info", ""))
    maker = _Maker(log, arch)
    threads = _threads(log, maker)
    crashed = next((thread for thread in threads if thread.crashed), None)
    return Event(
        platform="native",
        level="fatal",
        exception=Values(values=(_exception(log, crashed),)),
        threads=Values(values=threads) if threads else None,
        debug_meta=DebugMeta(images=maker.images) if maker.images else None,
        contexts=_contexts(log, arch),
        extra={RAW_REPORT: text},
    )


class _Maker:
    """Makes frames; a library's name leads to its path in the memory map."""

    def __init__(self, log: ErrorLog, arch: str | None) -> None:
        known = libraries(log.map, arch)
        self._by_name = {base_name(image.code_file or ""): image for image in reversed(known)}
        calls = (call for calls in (log.native, log.java, [log.problematic]) for call in calls)
        raw = [self._raw(call) for call in calls if isinstance(call, NativeCall)]
        self._table = ImageTable(raw, known)
        self._registers = _ARM64 if arch == "arm64" else {}
        self.images = self._table.images

    def stacktrace(
        self, calls: Iterable[Frame | NativeCall], registers: dict[str, int] | None = None
    ) -> Stacktrace | None:
        """The stack from caller to callee; all addresses but the newest are those where calls return to."""
        frames = tuple(call if isinstance(call, Frame) else self._table.frame(self._raw(call)) for call in calls)[::-1]
        if not frames:
            return None
        lower = {name.lower(): ReportedAddress(value) for name, value in (registers or {}).items()}
        named = {self._registers.get(name, name): value for name, value in lower.items()}
        return Stacktrace(frames=frames, registers={**named} or None, instruction_addr_adjustment="all_but_first")

    def _raw(self, call: NativeCall) -> RawFrame:
        image = self._by_name.get(call.library or "")
        begin = image.image_addr if image else None
        address = call.address if begin is None else begin + call.offset
        return RawFrame(
            function=call.function,
            function_offset=call.function_offset,
            image=(image.code_file if image else None) or call.library,
            image_offset=call.offset if call.library else None,
            address=address if address is not None and address < 1 << 64 else None,
        )


def _threads(log: ErrorLog, maker: _Maker) -> tuple[Thread, ...]:
    """The crashed thread first; of the others the names are known."""
    calls = log.native or ([log.problematic] if log.problematic else [])
    current = log.current or LoggedThread(log.tid, None, "")
    number = log.tid if current.id is None else current.id
    listed = [thread for thread in log.threads if thread.id is None or thread.id != number]
    if not calls and not log.java and log.current is None:
        return tuple(_thread(thread) for thread in listed)
    crashed = Thread(
        id=number,
        name=current.name or current.kind or None,
        state=current.state,
        crashed=True,
        current=True,
        main=True if current.name == "main" else None,
        stacktrace=maker.stacktrace(calls, log.registers),
        vm_stacktrace=maker.stacktrace(_entered(log.java)) if _of_java(log.java) != _of_java(calls) else None,
    )
    return (crashed, *(_thread(thread) for thread in listed))


def _entered(calls: Sequence[Frame | NativeCall]) -> Iterator[Frame]:
    """The frames of Java; below those that native code entered the JVM with, its call stub is listed."""
    for call, older in zip_longest(calls, calls[1:]):
        if isinstance(call, Frame) and call.module:
            is_entry = isinstance(older, Frame) and _CALL_STUB.match(older.function or "") is not None
            yield with_data(call, is_entry=True) if is_entry else call


def _of_java(calls: Sequence[Frame | NativeCall]) -> list[Frame]:
    return [call for call in calls if isinstance(call, Frame) and call.module]


def _thread(thread: LoggedThread) -> Thread:
    return Thread(
        id=thread.id,
        name=thread.name or thread.kind,
        state=thread.state,
        main=True if thread.name == "main" else None,
        extra={"daemon": True} if thread.is_daemon else {},
    )


def _exception(log: ErrorLog, crashed: Thread | None) -> ExceptionValue:
    signal = log.signal
    return ExceptionValue(
        type=(signal.name if signal else None) or log.error or "Insufficient memory",
        value=_sentence(log) or None,
        thread_id=crashed.id if crashed else None,
        mechanism=Mechanism(type="signalhandler", handled=False, meta=_meta(signal)) if signal else None,
    )


def _sentence(log: ErrorLog) -> str:
    """Where memory could not be accessed, or else what the head of the log says."""
    signal = log.signal
    if signal and signal.words:
        return signal.words
    if signal and signal.address is not None:
        return f"{signal.code_name or signal.code} at {signal.address:#x}"
    if signal:
        return signal.code_name or ""
    if log.error is None:
        return "\n".join(log.words[1:2])
    return ": ".join(part for part in (log.detail, *log.words[1:2]) if part)


def _meta(signal: Signal) -> dict[str, JSON] | None:
    number = signal.number if signal.number is not None else NUMBERS.get(signal.name)
    if number is None:
        return None
    said: dict[str, JSON] = {"number": number, "name": signal.name, "code": signal.code, "code_name": signal.code_name}
    return {"signal": {name: value for name, value in said.items() if value is not None}}


def _contexts(log: ErrorLog, arch: str | None) -> dict[str, JSON]:
    name, _, version = log.fields.get("JRE version", "").partition(" (build ")
    runtime: dict[str, JSON] = {"name": name, "version": version.removesuffix(")")} if name else {}
    words = log.fields.get("Java VM", "") + log.fields.get("vm_info", "")
    system: dict[str, JSON] = {"name": next((name for word, name in _SYSTEMS if f"{word}-" in words), None)}
    command = log.fields.get("java_command") or log.fields.get("Command Line")
    found: dict[str, dict[str, JSON]] = {
        "runtime": runtime | ({"raw_description": log.fields["Java VM"]} if "Java VM" in log.fields else {}),
        "os": {key: value for key, value in (system | {"raw_description": log.fields.get("OS")}).items() if value},
        "device": {"arch": arch} if arch else {},
        "app": {"app_name": command} if command else {},
        "hs_err": {key: value for key, value in _process(log).items() if value is not None},
    }
    return {key: value for key, value in found.items() if value}


def _process(log: ErrorLog) -> dict[str, JSON]:
    return {"pid": log.pid, "time": log.fields.get("Time"), "host": log.fields.get("Host")}


def _arch(words: str) -> str | None:
    """Of ``…, g1 gc, linux-amd64)``."""
    return next((arch for word, arch in _ARCHES if f"-{word}" in words), None)
