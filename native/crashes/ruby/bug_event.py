"""From a crash report of Ruby's interpreter to its event.

The stack of the thread is the native one; what Ruby knows of the same thread is its ``vm_stacktrace``.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from native.crashes.events import TOO_MANY_FRAMES, PrintedStack, stacktrace
from native.crashes.images import ImageTable
from native.crashes.mappings import mapped_images
from native.crashes.ruby.bug_report import BugReport
from native.crashes.ruby.control_frames import frames_of
from native.crashes.ruby.frames import PLATFORM
from native.crashes.ruby.native_frames import with_interruption
from native.crashes.signals import find_signal, signal_mechanism
from symbolicator.model import (
    JSON,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.readers.text import RAW_REPORT

_ARCHES = {"x86_64": "x86_64", "x64": "x86_64", "aarch64": "arm64", "arm64": "arm64", "i386": "x86", "i686": "x86"}
_POINTERS = ("rip", "pc", "eip", "__pc")
_WORDS = {"Bus Error": "SIGBUS"}


def event_of(report: BugReport, text: str) -> Event:
    """The event."""
    arch = _arch(report)
    calls = with_interruption(report.native, next(filter(None, map(report.registers.get, _POINTERS)), None))
    table = ImageTable(calls, (replace(image, arch=arch) for image in mapped_images(report.map)))
    paths = {int(image.image_addr): image.code_file for image in table.images if image.image_addr is not None}
    native = _native(stacktrace(PrintedStack(calls), table), report, paths)
    frames = frames_of(report.control, report.backtrace) or tuple(filter(None, [report.place]))
    ruby = Stacktrace(frames=frames) if frames else None
    thread = Thread(crashed=True, current=True, stacktrace=native or ruby, vm_stacktrace=ruby if native else None)
    return Event(
        platform=PLATFORM,
        level="fatal",
        exception=Values(values=(_exception(report),)),
        threads=Values(values=(thread,)),
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        contexts=_contexts(report, arch),
        errors=(TOO_MANY_FRAMES,) if report.is_full else (),
        extra={RAW_REPORT: text} | ({"modules": dict[str, JSON](report.gems)} if report.gems else {}),
    )


def _exception(report: BugReport) -> ExceptionValue:
    what = report.what or ""
    signal = find_signal(what) or next((name for words, name in _WORDS.items() if what.startswith(words)), None)
    return ExceptionValue(type=signal or "[BUG]", value=what or None, mechanism=signal_mechanism(signal, {}))


def _native(stack: Stacktrace | None, report: BugReport, paths: Mapping[int, str | None]) -> Stacktrace | None:
    if stack is None:
        return None
    registers = {name: ReportedAddress(value) for name, value in report.registers.items()}
    mapped = (replace(frame, package=paths.get(frame.image_addr or 0, frame.package)) for frame in stack.frames)
    return replace(stack, frames=tuple(map(_as_native, mapped)), registers={**registers} or None)


def _as_native(frame: Frame) -> Frame:
    return replace(frame, platform="native")


def _arch(report: BugReport) -> str | None:
    return _ARCHES.get((report.target or "").partition("-")[0])


def _contexts(report: BugReport, arch: str | None) -> dict[str, JSON] | None:
    runtime: dict[str, JSON] = {"name": "ruby", "version": report.version, "raw_description": report.description}
    found: dict[str, dict[str, JSON]] = {
        "runtime": runtime if report.version else {},
        "device": {"arch": arch} if arch else {},
        "app": {"app_name": report.script} if report.script else {},
        "ruby": {what.lower().replace(" ", "_"): count for what, count in report.counts.items()},
    }
    return {key: value for key, value in found.items() if value} or None
