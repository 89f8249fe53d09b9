"""What React Native puts into an error of JavaScript that native code caused.

===================================================================  ================================================
``cause.stackElements[]{className,methodName,fileName,lineNumber}``  Java exception of a TurboModule
``cause.stackReturnAddresses[]``, ``cause.stackSymbols[]``           Objective-C exception of a TurboModule
``nativeStackAndroid[]{class,methodName,file,lineNumber}``           Java exception that rejected a promise
``nativeStackIOS[]``                                                 ``callStackSymbols`` where a promise was rejected
===================================================================  ================================================

All with the newest call first; line -2 is a native method. Source: React Native's ``JavaTurboModule`` and
``RCTTurboModule`` (``cause``), ``PromiseImpl`` and ``RCTUtils`` (``nativeStack…``).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.apple.frame_lines import parse_frame
from native.crashes.raw_frames import RawFrame
from symbolicator.model import JSON, Frame, FrameData

KEYS = frozenset({"cause", "nativeStackAndroid", "nativeStackIOS"})
MAX_FRAMES = 1_000
"""Of one stack; a phone's has some hundreds at most."""
_MAX_TEXT = 4_000
_NATIVE_METHOD = -2


class NativeError(Struct, frozen=True):
    """One native error behind an error of JavaScript; the newest call comes first. One of both stacks is empty."""

    name: str | None
    message: str | None
    java: tuple[Frame, ...] = ()
    apple: tuple[RawFrame, ...] = ()
    source: str = "cause"
    """The field that it is from."""


def native_errors(error: Mapping[str, JSON]) -> Iterator[NativeError]:
    """The native errors that an error object holds, what caused it first."""
    cause = error.get("cause")
    if isinstance(cause, dict):
        java, apple = _java(cause, "stackElements"), tuple(_apple(cause))
        yield from _with_stack(NativeError(_text(cause, "name"), _text(cause, "message"), java, apple))
    name, message = _text(error, "code"), _text(error, "message")
    android, ios = _java(error, "nativeStackAndroid"), tuple(_symbols(error, "nativeStackIOS"))
    yield from _with_stack(NativeError(name, message, android, (), "nativeStackAndroid"))
    yield from _with_stack(NativeError(name, message, (), ios, "nativeStackIOS"))


def _with_stack(error: NativeError) -> Iterator[NativeError]:
    if error.java or error.apple:
        yield error


def _java(error: Mapping[str, JSON], field: str) -> tuple[Frame, ...]:
    return tuple(frame for one in _list(error, field) if isinstance(one, dict) for frame in _java_frame(one))


def _java_frame(one: Mapping[str, JSON]) -> Iterator[Frame]:
    """Android calls the same things by other names than the New Architecture does."""
    class_name, method = _text(one, "className") or _text(one, "class"), _text(one, "methodName")
    if not class_name or not method:
        return
    line = _number(one, "lineNumber")
    file = _text(one, "fileName") or _text(one, "file")
    yield Frame(
        platform="java",
        module=class_name,
        function=method,
        filename=file,
        lineno=line if line and line > 0 else None,
        data=FrameData(is_native=True) if line == _NATIVE_METHOD else None,
    )


def _apple(cause: Mapping[str, JSON]) -> Iterator[RawFrame]:
    """Addresses, with the names that the system knew where they are told too."""
    symbols = {frame.address: frame for frame in _symbols(cause, "stackSymbols")}
    addresses = [value for value in map(_address, _list(cause, "stackReturnAddresses")) if value is not None]
    for address in addresses:
        yield symbols.get(address) or RawFrame(address=address)
    if not addresses:
        yield from symbols.values()


def _symbols(error: Mapping[str, JSON], field: str) -> Iterator[RawFrame]:
    for line in _list(error, field):
        frame = parse_frame(line[:_MAX_TEXT]) if isinstance(line, str) else None
        if frame:
            yield _without_image_as_name(frame)


def _without_image_as_name(frame: RawFrame) -> RawFrame:
    """Of functions that it does not know the system says the image again: ``Shop + 5460``."""
    return replace(frame, function=None, function_offset=None) if frame.function == frame.image else frame


def _list(error: Mapping[str, JSON], field: str) -> Iterable[JSON]:
    found = error.get(field)
    return islice(found, MAX_FRAMES) if isinstance(found, list) else ()


def _text(error: Mapping[str, JSON], field: str) -> str | None:
    found = error.get(field)
    return found[:_MAX_TEXT] or None if isinstance(found, str) else None


def _number(one: Mapping[str, JSON], field: str) -> int | None:
    """JavaScript has one kind of numbers: 12 may be written 12.0."""
    found = one.get(field)
    if isinstance(found, bool) or not isinstance(found, int | float) or not _NATIVE_METHOD <= found < 1 << 31:
        return None
    return int(found)


def _address(value: JSON) -> int | None:
    if isinstance(value, str) and value.startswith("0x") and len(value) <= len("0x") + 16:
        try:
            return int(value, 16)
        except ValueError:
            return None
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if is_whole and 0 < value < 1 << 64 else None  # type: ignore[operator,arg-type]  # checked
