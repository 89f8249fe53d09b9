"""Reads what Hermes writes about its own stack when the process crashes: function ids and bytecode offsets.

::

    {"callstack": [
      {"StackFrameRegOffs": 12, "NativeCode": true},
      {"StackFrameRegOffs": 30, "FunctionID": 27, "ByteCodeOffset": 16, "SegmentID": 0, "SourceURL": "main.jsbundle"},
      {"StackFrameRegOffs": 44, "FunctionID": 3, "ByteCodeOffset": 9, "SourceLocation": "/srv/app.js:3:14"}]}

The newest call comes first. ``SegmentID`` was ``CJSModuleOffset`` before 2020; ``SourceLocation`` is there where the
bytecode has debug information. The list is the crashed thread's: Hermes does not know why the process died.

Source: Hermes, Runtime::crashWriteCallStack; metro-symbolicate, symbolicateHermesMinidumpTrace.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import msgspec
from msgspec.structs import replace

from sourcemaps.javascript.react_native import HERMES_FUNCTION, HERMES_SEGMENT
from sourcemaps.javascript.stacktext.location import parse_location
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, Event, Frame, FrameData, Stacktrace, Thread, Values
from symbolicator.model.edit import with_data
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, MAX_REPORT_BYTES

_SURE = 0.95
_CALL_STACK = re.compile(rb'"callstack"\s*:\s*\[')
_ENTRY = re.compile(rb'"(?:ByteCodeOffset|StackFrameRegOffs)"\s*:')
_REPORT = re.compile(rb'"(?:exception|threads|event_id|binary_images)"\s{0,8}:')
_MAX_NUMBER = 2**32 - 1
_NATIVE = "native"
_TOP_LEVEL = "global"
"""What Hermes calls the first function of a segment, which runs the file."""


class HermesCrashReader:
    """Reader of Hermes' crash call stacks."""

    name = "Hermes crash call stack"

    def detect(self, head: bytes) -> float:
        """By the words that only Hermes uses, unless a report around them has the list as one part of many."""
        is_object = head.lstrip().startswith(b"{") and not _REPORT.search(head)
        return _SURE if is_object and _CALL_STACK.search(head) and _ENTRY.search(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the list. Raises `UnreadableInput` if it is none or too large."""
        frames = tuple(_frame(entry) for entry in reversed(_entries(data)))
        thread = Thread(crashed=True, stacktrace=Stacktrace(frames=frames))
        runtime: dict[str, JSON] = {"runtime": {"name": "react-native"}}
        return Event(platform="javascript", threads=Values(values=(thread,)), contexts=runtime)


READER = HermesCrashReader()


def _entries(data: Buffer) -> Sequence[Mapping[str, JSON]]:
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableInput(
            f"The report is larger than {MAX_REPORT_BYTES:,} bytes. Pass only the part with the crash."
        )
    try:
        report = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableInput(f"The report is no valid JSON: {error}. Pass it as Hermes wrote it.") from error
    listed = report.get("callstack") if isinstance(report, dict) else None
    entries = [entry for entry in listed[:MAX_FRAMES] if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not entries:
        raise UnreadableInput("The report has no frames.", path="callstack")
    return entries


def runtime_frames(entries: Sequence[Mapping[str, JSON]]) -> tuple[Frame, ...]:
    """The calls of JavaScript from caller to callee, without native ones: what those called is marked as an entry."""
    frames: list[Frame] = []
    is_entry = True
    for entry in reversed(entries[:MAX_FRAMES]):
        frame = _frame(entry)
        if not _is_native(frame):
            frame = replace(frame, platform="javascript")
            frames.append(with_data(frame, is_entry=True) if is_entry else frame)
        is_entry = _is_native(frame)
    return tuple(frames)


def is_call_stack(value: object) -> TypeGuard[list[dict[str, JSON]]]:
    """Whether a value is such a list: all of it are objects, and one at least has the words that only Hermes uses."""
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        return False
    return any("ByteCodeOffset" in entry or "StackFrameRegOffs" in entry for entry in value)


def _is_native(frame: Frame) -> bool:
    return frame.filename == _NATIVE and frame.data is None


def _frame(entry: Mapping[str, JSON]) -> Frame:
    source = entry.get("SourceLocation")
    if isinstance(source, str) and source:
        place = parse_location(source)
        return Frame(filename=place.url, abs_path=place.url, lineno=place.line1, colno=place.column1)
    function, offset = _number(entry, "FunctionID"), _number(entry, "ByteCodeOffset")
    if function is None or offset is None:
        return Frame(filename=_NATIVE)
    segment = _number(entry, "SegmentID") or _number(entry, "CJSModuleOffset") or 0
    url = entry.get("SourceURL")
    path = url if isinstance(url, str) and url else None
    noted: dict[str, JSON] = {HERMES_FUNCTION: function, HERMES_SEGMENT: segment}
    name = _TOP_LEVEL if function == 0 else None
    return Frame(function=name, filename=path, abs_path=path, data=FrameData(function_offset=offset, extra=noted))


def _number(entry: Mapping[str, JSON], field: str) -> int | None:
    value = entry.get(field)
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_NUMBER
    return value if is_number and isinstance(value, int) else None
