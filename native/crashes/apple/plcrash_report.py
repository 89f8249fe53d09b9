"""PLCrashReporter's message as a report. Numbers of fields are those of its definition."""

import itertools
from collections.abc import Iterator

from native.crashes.apple.contexts import contexts_of
from native.crashes.apple.plcrash_json import AnyMessage
from native.crashes.apple.processors import arch_of
from native.crashes.apple.registers import named
from native.crashes.apple.report import (
    MAX_FRAMES,
    MAX_IMAGES,
    MAX_THREADS,
    Failure,
    PrintedImage,
    PrintedThread,
    Report,
)
from native.crashes.apple.stamps import event_id, timestamp_of
from native.crashes.mach_exceptions import exception_name
from native.crashes.raw_frames import RawFrame
from symbolicator.model import JSON, AbsoluteAddress, DebugImage, Problem
from symbolicator.model.debug_ids import normal_debug_id

_SYSTEM, _APP, _THREADS, _IMAGES, _EXCEPTION, _SIGNAL, _PROCESS, _MACHINE, _REPORT, _CUSTOM = range(1, 11)
_SYSTEMS = {0: "macOS", 1: "iOS", 2: "iOS Simulator", 4: "tvOS"}
_OLD_ARCHS = {0: "x86", 1: "x86_64", 2: "armv6", 3: "ppc", 4: "ppc64", 5: "armv7"}
_MAX_REGISTERS = 128
_UUID_BYTES = 16
_64_BITS = 1 << 64


def report_of(message: AnyMessage, problems: tuple[Problem, ...]) -> Report:
    """The report."""
    arch = _arch(message)
    exception, head, system = message.message(_EXCEPTION), message.message(_REPORT), message.message(_SYSTEM)
    return Report(
        failure=_failure(message),
        threads=[_thread(index, one) for index, one in enumerate(_some(message, _THREADS, MAX_THREADS))],
        images=[_image(one) for one in _some(message, _IMAGES, MAX_IMAGES)],
        exception_frames=[_frame(one) for one in _some(exception, 3, MAX_FRAMES)] if exception else [],
        arch=arch,
        event_id=event_id(head.data(2)) if head else None,
        timestamp=timestamp_of(system.number(4)) if system else None,
        contexts=_contexts(message, arch),
        problems=problems,
        extra=_extra(message),
    )


def _some(message: AnyMessage, tag: int, limit: int) -> Iterator[AnyMessage]:
    """The messages of a field up to one more than the limit, so that it is seen that there are more."""
    return itertools.islice(message.messages(tag), limit + 1)


def _thread(index: int, one: AnyMessage) -> PrintedThread:
    number = one.number(1)
    registers = ((register.text(1), register.number(2)) for register in _some(one, 4, _MAX_REGISTERS))
    return PrintedThread(
        number=index if number is None else number,
        frames=[_frame(frame) for frame in _some(one, 2, MAX_FRAMES)],
        registers=named((name, value) for name, value in registers if name and value is not None),
        is_marked=bool(one.flag(3)),
    )


def _frame(one: AnyMessage) -> RawFrame:
    """A frame; its symbol has the underscore that Mach-O puts before names of C."""
    address, symbol = one.number(3), one.message(6)
    name = (symbol.text(1) or "").removeprefix("_") if symbol else ""
    start = symbol.number(2) if symbol else None
    return RawFrame(
        function=name or None,
        function_offset=address - start if name and address is not None and start and start <= address else None,
        address=address,
    )


def _image(one: AnyMessage) -> PrintedImage:
    path, uuid, processor = one.text(3), one.data(4), one.message(5)
    image = DebugImage(
        type="macho",
        code_file=path,
        debug_id=normal_debug_id(uuid.hex()) if uuid and len(uuid) == _UUID_BYTES else None,
        arch=arch_of(processor.number(2), processor.number(3)) if processor else None,
        image_addr=_address(one.number(1)),
        image_size=_address(one.number(2)),
    )
    return PrintedImage(image, name=path.rpartition("/")[2] if path else None)


def _address(value: int | None) -> AbsoluteAddress | None:
    return AbsoluteAddress(value) if value is not None and 0 <= value < _64_BITS else None


def _failure(message: AnyMessage) -> Failure:
    signal, exception = message.message(_SIGNAL), message.message(_EXCEPTION)
    mach = signal.message(4) if signal else None
    head = message.message(_REPORT)
    is_requested = bool(head and head.flag(1))
    return Failure(
        is_crash=not is_requested,
        kind="nsexception" if exception else "mach" if mach else "signal",
        exception=exception_name(mach.number(1) or 0) if mach else None,
        signal=signal.text(1) if signal else None,
        codes=mach.numbers(2)[:2] if mach else (),
        subtype=None if mach or exception or not signal else _signal_words(signal),
        name=exception.text(1) if exception else None,
        reason=exception.text(2) if exception else None,
    )


def _signal_words(signal: AnyMessage) -> str | None:
    """``SEGV_MAPERR at 0x10``: the code is a name, or its number as ``#0``."""
    code, address = signal.text(2), signal.number(3)
    name = None if code is None or code.startswith("#") else code
    if not address:
        return name
    return f"{name} at {address:#x}" if name else f"at {address:#x}"


def _arch(message: AnyMessage) -> str | None:
    machine, system = message.message(_MACHINE), message.message(_SYSTEM)
    processor = machine.message(2) if machine else None
    known = arch_of(processor.number(2), processor.number(3)) if processor else None
    return known or (_OLD_ARCHS.get(system.number(3) or 0) if system and system.number(3) is not None else None)


def _contexts(message: AnyMessage, arch: str | None) -> dict[str, JSON]:
    system, app = message.message(_SYSTEM), message.message(_APP)
    machine, process = message.message(_MACHINE), message.message(_PROCESS)
    return contexts_of(
        os={
            "name": _SYSTEMS.get(system.number(1) or 0) if system and system.number(1) is not None else None,
            "version": system.text(2) if system else None,
            "build": system.text(5) if system else None,
        },
        device={"model": machine.text(1) if machine else None, "arch": arch},
        app={
            "app_name": process.text(1) if process else None,
            "app_identifier": app.text(1) if app else None,
            "app_version": (app.text(3) or app.text(2)) if app else None,
            "app_build": app.text(2) if app and app.text(3) else None,
        },
    )


def _extra(message: AnyMessage) -> dict[str, JSON]:
    """What the app gave along, and the process."""
    process, custom = message.message(_PROCESS), message.text(_CUSTOM)
    kept: dict[str, JSON] = {"custom_data": custom} if custom else {}
    if process:
        told: dict[str, JSON] = {
            "process_id": process.number(2),
            "process_path": process.text(3),
            "parent_process_name": process.text(4),
            "parent_process_id": process.number(5),
            "is_native": process.flag(6),
            "start_time": process.number(7),
        }
        kept["process"] = {name: value for name, value in told.items() if value is not None}
    return kept
