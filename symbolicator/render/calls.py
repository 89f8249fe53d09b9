"""What one frame is called and where it is: the words of its line, before anything is cut to fit."""

from msgspec import Struct

from symbolicator.model import Frame
from symbolicator.render.libraries import base_name, is_built_in
from symbolicator.render.locks import lock_note
from symbolicator.render.safe import safe
from symbolicator.render.status import is_resolved

_JVM_LIKE = frozenset({"java", "csharp", "dart"})
_JAVASCRIPT = frozenset({"javascript", "node", "hermes"})
_LANGUAGE_TAGS = {"javascript": "js", "node": "js", "hermes": "js", "csharp": "cs", "python": "py", "ruby": "rb"}

_WITHOUT_LINE = {"symbol table": "symbol table: no line", "export": "exported name: no line"}


class Call(Struct, frozen=True):
    """One frame in words; all of it safe to print. ``function`` is empty where only the place is known."""

    function: str
    place: str
    notes: tuple[str, ...]


def describe(frame: Frame, platform: str | None) -> Call:
    """The frame in words. ``platform`` is the frame's or else the event's."""
    known = is_resolved(frame)
    function = _function(frame, platform)
    if not function and known:
        function = "<anonymous>" if platform in _JAVASCRIPT else "<unknown function>"
    if not function and frame.filename is None and frame.instruction_addr is not None:
        function = f"{'+' if _is_relative(frame) else ''}{frame.instruction_addr:#x}"
    return Call(safe(function), safe(_place(frame, resolved=known)), _notes(frame))


def _function(frame: Frame, platform: str | None) -> str:
    name = frame.function or frame.raw_function or frame.symbol or ""
    if name and frame.module and platform in _JVM_LIKE:
        return f"{frame.module}.{name}"
    offset = frame.data.function_offset if frame.data else None
    return f"{name}+{offset:#x}" if name and offset is not None and frame.lineno is None else name


def _place(frame: Frame, *, resolved: bool) -> str:
    path = frame.filename or frame.abs_path
    if path and frame.lineno is None and is_built_in(path):
        return ""
    if path:
        return path + "".join(f":{number}" for number in _position(frame))
    if not frame.package:
        return "" if resolved else "in an unknown image" if frame.instruction_addr is not None else ""
    offset = "" if resolved or (_is_relative(frame) and not _function(frame, None)) else _image_offset(frame)
    return f"in {base_name(frame.package)}{offset}"


def _position(frame: Frame) -> tuple[int, ...]:
    if frame.lineno is None:
        return ()
    return (frame.lineno,) if frame.colno is None else (frame.lineno, frame.colno)


def _image_offset(frame: Frame) -> str:
    """Where in its image the frame is, in bytes from the address that the image is loaded at."""
    address = frame.instruction_addr
    if address is None:
        return ""
    if _is_relative(frame):
        return f" +{address:#x}"
    inside = frame.image_addr is not None and address >= frame.image_addr
    return f" +{address - (frame.image_addr or 0):#x}" if inside else ""


def _is_relative(frame: Frame) -> bool:
    return (frame.addr_mode or "abs") != "abs"


def _notes(frame: Frame) -> tuple[str, ...]:
    """What a reader must know to trust the line as far as it deserves."""
    data = frame.data
    notes = []
    if data and data.inlined:
        notes.append("inlined")
    if data and data.evidence in _WITHOUT_LINE and frame.lineno is None:
        notes.append(_WITHOUT_LINE[data.evidence])
    if data and data.symbol_distance is not None:
        notes.append(f"nearest symbol, +{data.symbol_distance:#x}")
    if data and data.at_function_start:
        notes.append("begins there")
    if frame.lock:
        notes.append(lock_note(frame.lock))
    if frame.trust in ("scan", "cfiscan"):
        notes.append("found by scanning the stack, may be wrong")
    return tuple(notes)


def language_of(frame: Frame, platform: str | None) -> str:
    """Short name of the frame's language: ``js``, ``cpp``, ``rust``; its platform's where that is all we know."""
    if frame.lang:
        return safe(frame.lang, 12)
    return safe(_LANGUAGE_TAGS.get(platform or "", platform or "?"), 12)


def columns_in_utf16(platform: str | None) -> bool:
    """Whether ``colno`` counts UTF-16 units (JavaScript) or bytes of UTF-8 (elsewhere)."""
    return platform in _JAVASCRIPT
