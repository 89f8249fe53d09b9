"""Reads a tombstone in its binary form (``tombstone_00.pb``) into `Tombstone`.

The tables name the fields that are read, by message. Fields that are not here are skipped.

Source: AOSP, debuggerd's tombstone.proto (Android 12 and later).
"""

from collections.abc import Iterator
from enum import IntEnum
from itertools import islice

from native.crashes.android.frames import AndroidFrame
from native.crashes.android.memory_map import MAX_MAPPINGS, Mapping
from native.crashes.android.tombstone import (
    MAX_CAUSES,
    MAX_DUMP,
    MAX_LOG_LINES,
    MAX_MEMORY,
    MAX_OPEN_FILES,
    MAX_THREADS,
    Cause,
    HeapStack,
    LogLine,
    MemoryDump,
    OpenFile,
    Signal,
    Tombstone,
    TombstoneThread,
)
from native.crashes.protobuf import Message, parse
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES

_ARCHITECTURES = ("arm", "arm64", "x86", "x86_64", "riscv64")
_PRIORITIES = "!.VDIWEFS"
_MAX_BUFFERS = 20


class Field(IntEnum):
    """Of ``Tombstone``."""

    ARCH = 1
    FINGERPRINT = 2
    REVISION = 3
    TIMESTAMP = 4
    PID = 5
    TID = 6
    UID = 7
    COMMAND_LINE = 9
    SIGNAL = 10
    ABORT_MESSAGE = 14
    CAUSES = 15
    THREADS = 16
    MAPPINGS = 17
    LOGS = 18
    OPEN_FILES = 19
    UPTIME = 20


class SignalField(IntEnum):
    """Of ``Signal``."""

    NUMBER = 1
    NAME = 2
    CODE = 3
    CODE_NAME = 4
    HAS_SENDER = 5
    SENDER_UID = 6
    SENDER_PID = 7
    HAS_FAULT_ADDRESS = 8
    FAULT_ADDRESS = 9


class ThreadField(IntEnum):
    """Of ``Thread``; the map's entries have it as their field 2."""

    ID = 1
    NAME = 2
    REGISTERS = 3
    BACKTRACE = 4
    MEMORY = 5


class FrameField(IntEnum):
    """Of ``BacktraceFrame``."""

    REL_PC = 1
    FUNCTION_NAME = 4
    FUNCTION_OFFSET = 5
    FILE_NAME = 6
    FILE_MAP_OFFSET = 7
    BUILD_ID = 8


class MemoryField(IntEnum):
    """Of ``MemoryDump``."""

    REGISTER_NAME = 1
    MAPPING_NAME = 2
    BEGIN_ADDRESS = 3
    MEMORY = 4


class MappingField(IntEnum):
    """Of ``MemoryMapping``."""

    BEGIN = 1
    END = 2
    OFFSET = 3
    EXECUTE = 6
    NAME = 7
    BUILD_ID = 8
    LOAD_BIAS = 9


class CauseField(IntEnum):
    """Of ``Cause``, its ``MemoryError`` and that one's ``HeapObject``."""

    TEXT = 1
    MEMORY_ERROR = 2
    HEAP = 3
    ALLOCATION_TID = 3
    ALLOCATION_BACKTRACE = 4
    DEALLOCATION_TID = 5
    DEALLOCATION_BACKTRACE = 6


class LogField(IntEnum):
    """Of ``LogMessage``; its ``LogBuffer`` has a name (1) and messages (2)."""

    TIMESTAMP = 1
    PRIORITY = 4
    TAG = 5
    MESSAGE = 6


_MAP_VALUE = 2
_BUFFER_NAME, _BUFFER_LOGS = 1, 2
_FILE_NUMBER, _FILE_PATH = 1, 2
_REGISTER_NAME, _REGISTER_VALUE = 1, 2


def read_protobuf(data: Buffer) -> Tombstone:
    """Reads a tombstone; of a damaged one what comes before the damage."""
    message = parse(data)
    budget = _Frames()
    arguments = message.texts(Field.COMMAND_LINE)
    stone = Tombstone(
        fingerprint=message.text(Field.FINGERPRINT) or "",
        revision=message.text(Field.REVISION) or "",
        arch=_arch(message.number(Field.ARCH) or 0),
        timestamp=message.text(Field.TIMESTAMP) or "",
        uptime=message.number(Field.UPTIME),
        command_line=" ".join(arguments),
        process=arguments[0] if arguments else "",
        pid=message.number(Field.PID),
        tid=message.number(Field.TID),
        uid=message.number(Field.UID),
        signal=_signal(found) if (found := message.message(Field.SIGNAL)) else None,
        abort_message=message.text(Field.ABORT_MESSAGE) or None,
        threads=_threads(message, budget),
        causes=[_cause(cause, budget) for cause in islice(message.messages(Field.CAUSES), MAX_CAUSES)],
        mappings=[_mapping(one) for one in islice(message.messages(Field.MAPPINGS), MAX_MAPPINGS)],
        logs=dict(_log(buffer) for buffer in islice(message.messages(Field.LOGS), _MAX_BUFFERS)),
        open_files=[_file(one) for one in islice(message.messages(Field.OPEN_FILES), MAX_OPEN_FILES)],
    )
    stone.full = budget.left <= 0
    return stone


class _Frames:
    """How many frames may still be read."""

    def __init__(self) -> None:
        self.left = MAX_FRAMES

    def read(self, messages: Iterator[Message]) -> list[AndroidFrame]:
        frames = [_frame(number, one) for number, one in enumerate(islice(messages, self.left))]
        self.left -= len(frames)
        return frames


def _arch(number: int) -> str | None:
    return _ARCHITECTURES[number] if number < len(_ARCHITECTURES) else None


def _threads(message: Message, budget: _Frames) -> list[TombstoneThread]:
    """The crashed thread first, the others by their number, as the text has them."""
    crashed = message.number(Field.TID)
    entries = islice(message.messages(Field.THREADS), MAX_THREADS)
    values = [value for entry in entries if (value := entry.message(_MAP_VALUE)) is not None]
    values.sort(key=lambda value: (value.number(ThreadField.ID) != crashed, value.number(ThreadField.ID) or 0))
    return [_thread(value, budget) for value in values]


def _thread(message: Message, budget: _Frames) -> TombstoneThread:
    registers = (
        (one.text(_REGISTER_NAME), one.number(_REGISTER_VALUE) or 0) for one in message.messages(ThreadField.REGISTERS)
    )
    return TombstoneThread(
        id=message.number(ThreadField.ID) or 0,
        name=message.text(ThreadField.NAME) or "",
        registers={name: value for name, value in islice(registers, _MAX_REGISTERS) if name},
        frames=budget.read(message.messages(ThreadField.BACKTRACE)),
        memory=[dump for one in islice(message.messages(ThreadField.MEMORY), MAX_MEMORY) if (dump := _dump(one))],
    )


_MAX_REGISTERS = 200


def _frame(number: int, message: Message) -> AndroidFrame:
    function = message.text(FrameField.FUNCTION_NAME) or None
    return AndroidFrame(
        number=number,
        pc=message.number(FrameField.REL_PC) or 0,
        path=message.text(FrameField.FILE_NAME) or None,
        map_offset=message.number(FrameField.FILE_MAP_OFFSET) or 0,
        function=function,
        function_offset=message.number(FrameField.FUNCTION_OFFSET) or 0 if function else None,
        build_id=message.text(FrameField.BUILD_ID) or None,
    )


def _dump(message: Message) -> MemoryDump | None:
    data = (message.data(MemoryField.MEMORY) or b"")[:MAX_DUMP]
    if not data:
        return None
    return MemoryDump(
        message.text(MemoryField.REGISTER_NAME) or "",
        message.text(MemoryField.MAPPING_NAME) or "",
        message.number(MemoryField.BEGIN_ADDRESS) or 0,
        data,
    )


def _mapping(message: Message) -> Mapping:
    return Mapping(
        begin=message.number(MappingField.BEGIN) or 0,
        end=message.number(MappingField.END) or 0,
        offset=message.number(MappingField.OFFSET) or 0,
        name=message.text(MappingField.NAME) or "",
        build_id=message.text(MappingField.BUILD_ID) or None,
        load_bias=message.number(MappingField.LOAD_BIAS) or 0,
        is_executable=bool(message.flag(MappingField.EXECUTE)),
    )


def _signal(message: Message) -> Signal:
    sender = f"pid {message.signed(SignalField.SENDER_PID) or 0}, uid {message.signed(SignalField.SENDER_UID) or 0}"
    has_address = message.flag(SignalField.HAS_FAULT_ADDRESS)
    return Signal(
        number=message.signed(SignalField.NUMBER) or 0,
        name=message.text(SignalField.NAME) or "",
        code=message.signed(SignalField.CODE) or 0,
        code_name=message.text(SignalField.CODE_NAME) or "",
        sender=sender if message.flag(SignalField.HAS_SENDER) else None,
        fault_address=message.number(SignalField.FAULT_ADDRESS) or 0 if has_address else None,
    )


def _cause(message: Message, budget: _Frames) -> Cause:
    error = message.message(CauseField.MEMORY_ERROR)
    heap = error.message(CauseField.HEAP) if error else None
    cause = Cause(message.text(CauseField.TEXT) or "")
    if heap:
        parts = (
            ("deallocated", CauseField.DEALLOCATION_TID, CauseField.DEALLOCATION_BACKTRACE),
            ("allocated", CauseField.ALLOCATION_TID, CauseField.ALLOCATION_BACKTRACE),
        )
        stacks = (
            HeapStack(f"{verb} by thread {heap.number(tid) or 0}", budget.read(heap.messages(frames)))
            for verb, tid, frames in parts
        )
        cause.stacks = [stack for stack in stacks if stack.frames]
    return cause


def _log(buffer: Message) -> tuple[str, list[LogLine]]:
    lines = [_log_line(one) for one in islice(buffer.messages(_BUFFER_LOGS), MAX_LOG_LINES)]
    return buffer.text(_BUFFER_NAME) or "", lines


def _log_line(message: Message) -> LogLine:
    priority = message.number(LogField.PRIORITY) or 0
    return LogLine(
        message.text(LogField.TIMESTAMP) or "",
        _PRIORITIES[priority] if priority < len(_PRIORITIES) else "?",
        message.text(LogField.TAG) or "",
        message.text(LogField.MESSAGE) or "",
    )


def _file(message: Message) -> OpenFile:
    return OpenFile(message.signed(_FILE_NUMBER) or 0, message.text(_FILE_PATH) or "")
