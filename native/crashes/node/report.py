"""Diagnostic reports of Node.js: one JSON document (``report.*.json``).

``javascriptStack`` and ``nativeStack`` are of the thread that wrote the report, ``workers`` holds a report for each
other one. An error that nothing handled has its own stack, taken when it was made; the native one is of the moment
when Node.js gave up. With any other trigger both are of one moment: JavaScript's calls stand beside the native ones.

Source: the Node.js documentation, "Diagnostic report".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias, TypeGuard

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from native.crashes.events import PrintedStack, stacktrace
from native.crashes.images import ImageTable
from native.crashes.node.frames import JAVASCRIPT, native_call, script_call
from native.crashes.raw_frames import RawFrame
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    JSON,
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, MAX_REPORT_BYTES

_TYPE = re.compile(r"(?P<type>[^\W\d][\w$.]{0,199})(?: \[[^\]\n]{1,200}\])?(?:: |\Z)")
_ARCHITECTURES = {"x64": "x86_64", "ia32": "x86"}
_FORMATS = {"darwin": "macho", "win32": "pe"}
_UNHANDLED, _FATAL = "Exception", "FatalError"
_HEADINGS = (b'"javascriptStack"', b'"nativeStack"', b'"reportVersion"', b'"nodejsVersion"')
_MAX_WORKERS = 1_000
_MAX_LIBRARIES = 5_000
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_Object: TypeAlias = Mapping[str, JSON]


class _Part(Struct, frozen=True):
    """The report of one thread; calls newest first."""

    header: _Object
    message: str | None
    native: Sequence[RawFrame]
    script: Sequence[Frame]
    number: int | str

    @property
    def trigger(self) -> str:
        """Why Node.js wrote it: ``Exception``, ``FatalError``, ``Signal``, ``GetReport``, ``API``."""
        return _text(self.header, "trigger") or ""


def confidence(head: bytes) -> float:
    """How sure it is that a document which starts so is a report."""
    found = sum(name in head for name in _HEADINGS) if head.lstrip().startswith(b"{") else 0
    return 0.95 if found > 2 else 0.8 if found == 2 else 0.0  # noqa: PLR2004 - of the four


def read_report(data: Buffer) -> Event:
    """Reads the document. Raises `UnreadableInput`."""
    report = _decoded(data)
    main = _part(report)
    parts = [main, *(_part(worker) for worker in _objects(report, "workers", _MAX_WORKERS))]
    table = ImageTable((raw for part in parts for raw in part.native), _images(report))
    raised = _raised(main)
    return Event(
        platform=JAVASCRIPT,
        timestamp=_text(main.header, "dumpEventTime"),
        exception=Values(values=(raised,)) if raised else None,
        threads=Values(values=tuple(_thread(part, table, part is main) for part in parts)),
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        contexts=_contexts(main.header),
        extra={"report": {name: value for name, value in report.items() if name not in _SHOWN}},
    )


_SHOWN = frozenset({"javascriptStack", "nativeStack", "sharedObjects", "workers", "environmentVariables"})
"""What the event has elsewhere; the environment holds secrets."""


def _decoded(data: Buffer) -> _Object:
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableInput(f"The report has {len(data):,} bytes; the limit is {MAX_REPORT_BYTES:,}.")
    try:
        report = msgspec.json.decode(bytes(data))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"The report of Node.js is no JSON: {error}. Pass the whole file.") from error
    if not _is_object(report) or not (_object(report, "header") or _object(report, "javascriptStack")):
        raise UnreadableInput("The JSON is no report of Node.js: it has no `header` and no `javascriptStack`.")
    return report


def _part(report: _Object) -> _Part:
    header, script = _object(report, "header"), _object(report, "javascriptStack")
    entries = script.get("stack")
    lines = [line for line in entries if isinstance(line, str)] if isinstance(entries, list) else []
    calls = (script_call(line) for line in lines)
    number = header.get("threadId")
    return _Part(
        header=header,
        message=_text(script, "message"),
        native=list(islice(_native(report), MAX_FRAMES)),
        script=list(islice((call for call in calls if call), MAX_FRAMES)),
        number=number if isinstance(number, int) else 0,
    )


def _native(report: _Object) -> Iterator[RawFrame]:
    for entry in _objects(report, "nativeStack", MAX_FRAMES):
        address, symbol = _text(entry, "pc") or "", _text(entry, "symbol") or ""
        if _NUMBER.match(address):
            yield native_call(int(address, 16), symbol)


def _images(report: _Object) -> list[DebugImage]:
    """The loaded libraries; the report does not say where they lie."""
    listed = report.get("sharedObjects")
    paths = [path for path in listed if isinstance(path, str)] if isinstance(listed, list) else []
    kind = _FORMATS.get(_text(_object(report, "header"), "platform") or "", "elf")
    return [DebugImage(type=kind, code_file=path) for path in dict.fromkeys(paths[:_MAX_LIBRARIES])]


def _raised(part: _Part) -> ExceptionValue | None:
    """What ended the process; None if somebody only asked for a report."""
    if part.trigger == _UNHANDLED:
        match = _TYPE.match(part.message or "")
        kind, value = (match["type"], (part.message or "")[match.end() :]) if match else (None, part.message)
        mechanism = Mechanism(type="onuncaughtexception", handled=False)
        stack = _script_stack(part)
        return ExceptionValue(
            type=kind, value=value or None, thread_id=part.number, mechanism=mechanism, stacktrace=stack
        )
    if part.trigger == _FATAL:
        mechanism = Mechanism(type="generic", handled=False)
        value = _text(part.header, "event")
        return ExceptionValue(type="FATAL ERROR", value=value, thread_id=part.number, mechanism=mechanism)
    return None


def _script_stack(part: _Part) -> Stacktrace | None:
    return Stacktrace(frames=tuple(reversed(part.script))) if part.script else None


def _thread(part: _Part, table: ImageTable, is_main: bool) -> Thread:  # noqa: FBT001 - private
    native = _native_stack(part, table)
    script = None if part.trigger == _UNHANDLED and is_main else _script_stack(part)
    return Thread(
        id=part.number,
        crashed=True if is_main and part.trigger in (_UNHANDLED, _FATAL) else None,
        current=True if is_main else None,
        main=True if part.number == 0 else None,
        stacktrace=native or script,
        vm_stacktrace=script if native else None,
    )


def _native_stack(part: _Part, table: ImageTable) -> Stacktrace | None:
    native = stacktrace(PrintedStack(part.native, adjustment="all"), table)
    if native is None:
        return None
    return replace(native, frames=tuple(replace(frame, platform="native") for frame in native.frames))


def _contexts(header: _Object) -> dict[str, JSON]:
    arch = _text(header, "arch")
    found: dict[str, dict[str, JSON]] = {
        "runtime": {"name": "node", "version": _text(header, "nodejsVersion")},
        "os": {"name": _text(header, "osName"), "version": _text(header, "osRelease")},
        "device": {"arch": _ARCHITECTURES.get(arch, arch) if arch else None},
    }
    contexts: dict[str, JSON] = {}
    for name, fields in found.items():
        known: dict[str, JSON] = {key: value for key, value in fields.items() if value}
        contexts |= {name: known} if known else {}
    return contexts


def _is_object(value: object) -> TypeGuard[_Object]:
    return isinstance(value, dict)


def _object(owner: _Object, name: str) -> _Object:
    value = owner.get(name)
    return value if _is_object(value) else {}


def _objects(owner: _Object, name: str, limit: int) -> list[_Object]:
    value = owner.get(name)
    return [one for one in value[:limit] if _is_object(one)] if isinstance(value, list) else []


def _text(owner: _Object, name: str) -> str | None:
    value = owner.get(name)
    return value if isinstance(value, str) else None
