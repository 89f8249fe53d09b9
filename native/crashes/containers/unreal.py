"""Unreal Engine's crash files: the minidump becomes the event; the engine's own account and log go with it."""

from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.containers.inflate import ZLIB, inflated
from native.crashes.containers.log_tail import log_tail
from native.crashes.containers.other_dumps import with_other_dumps
from native.crashes.containers.unreal_context import UnrealContext, portable_frames, read_context
from native.crashes.containers.unreal_files import CrashFile, detects, files_of
from native.crashes.events import PrintedStack, stacktrace
from native.crashes.images import ImageTable
from native.crashes.minidump.reader import MAGICS, event_in
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, DebugMeta, Event, ExceptionValue, Values
from symbolicator.protocols import Buffer

CONTEXT_FILE = "CrashContext.runtime-xml"
_ZLIB_HEADERS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_DESCRIBED = {"GameName": "app_name", "BuildVersion": "app_version", "ExecutableName": "app_identifier"}


class UnrealCrashReader:
    """Reads crash files of Unreal Engine 4 and 5."""

    name = "Unreal Engine crash"

    def detect(self, head: bytes) -> float:
        """Certain by the header inside of the compressed stream."""
        return 0.97 if head.startswith(_ZLIB_HEADERS) and detects(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the file. Raises `UnreadableInput`."""
        files = tuple(files_of(inflated(data, ZLIB)))
        context = next((read_context(file.content) for file in files if file.name == CONTEXT_FILE), UnrealContext())
        dumps = [file for file in files if bytes(file.content[:4]) in MAGICS]
        event = event_in(dumps[0].content) if dumps else _without_dump(context)
        event = with_other_dumps(event, [file.name for file in dumps[1:]])
        return _with_log(_with_context(_with_files(event, files), context), files)


def _without_dump(context: UnrealContext) -> Event:
    """The event of a file whose dump is missing: the stack that the engine walked itself."""
    frames = portable_frames(context)
    if not frames:
        raise UnreadableInput(
            "The crash file of Unreal Engine holds neither a minidump nor a stack. Pass the whole file."
        )
    table = ImageTable(frames)
    stack = stacktrace(PrintedStack(frames=frames, adjustment="all_but_first"), table)
    value = ExceptionValue(type=context.get("CrashType") or "Crash", stacktrace=stack)
    return Event(
        platform="native",
        level="fatal",
        exception=Values(values=(value,)),
        debug_meta=DebugMeta(images=table.images) if table.images else None,
    )


def _with_files(event: Event, files: Sequence[CrashFile]) -> Event:
    names: list[JSON] = [{"name": file.name, "size": len(file.content)} for file in files]
    return replace(event, extra=event.extra | {"attachments": names})


def _with_context(event: Event, context: UnrealContext) -> Event:
    """The engine's fields in ``contexts.unreal``, its message before the system's, its stack as text."""
    known = dict(event.contexts or {})
    app = known.get("app")
    named: dict[str, JSON] = {field: text for name, field in _DESCRIBED.items() if (text := context.get(name))}
    said: dict[str, JSON] = {section: dict[str, JSON](fields) for section, fields in context.fields().items()}
    contexts: dict[str, JSON] = {"app": (app if isinstance(app, dict) else {}) | named, "unreal": said}
    if engine := context.get("EngineVersion"):
        contexts["runtime"] = {"name": "Unreal Engine", "version": engine}
    stack = context.get("CallStack") or context.get("PCallStack")
    return replace(
        event,
        contexts=known | {name: fields for name, fields in contexts.items() if fields},
        exception=_with_message(event.exception, context.get("ErrorMessage")),
        extra=event.extra | ({"unreal_callstack": stack} if stack else {}),
    )


def _with_message(values: Values[ExceptionValue] | None, message: str | None) -> Values[ExceptionValue] | None:
    """The engine's message, and behind it the dump's own text where the message does not name the exception itself."""
    if values is None or message is None:
        return values
    *others, raised = values.values
    is_said = not raised.value or (raised.type or "?") in message
    text = message if is_said else f"{message}\n{raised.value}"
    return replace(values, values=(*others, replace(raised, value=text, raw_value=raised.value)))


def _with_log(event: Event, files: Sequence[CrashFile]) -> Event:
    log = next((file for file in files if file.name.lower().endswith(".log")), None)
    tail = log_tail(log.content) if log else ()
    return replace(event, breadcrumbs=Values(values=tail)) if tail else event


READER = UnrealCrashReader()
