"""Native errors behind errors of JavaScript become exceptions of their own, linked as what caused them.

The error object (`native.react_native.error_objects`) is looked for where payloads keep it: in the exception's
``mechanism.data``, in the context that is called like the error, in ``extra``. Sentry's SDK for React Native makes
exceptions of it by itself, puts them behind the raised one and gives none of them an id: they get theirs here. Each
gets what JavaScript had called, as far as the error tells (`native.react_native.called`).
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from native.crashes.apple.frames import ImageTable
from native.crashes.apple.report import PrintedImage
from native.crashes.java.exceptions import class_name
from native.images import base_name
from native.linked_causes import MAX_EXCEPTIONS, with_causes
from native.react_native.called import called_by
from native.react_native.error_objects import KEYS, NativeError, native_errors
from symbolicator.model import JSON, DebugMeta, Event, ExceptionValue, Mechanism, Stacktrace, Values
from symbolicator.model.causes import id_of, parent_of, raised_exception
from symbolicator.model.edit import platform_of
from symbolicator.protocols import Artifacts, Key

_SDK = "sentry.javascript.react-native"
_JAVASCRIPT, _NATIVE = frozenset({"javascript", "node"}), frozenset({"java", "native", "cocoa"})


class CausesTransformer:
    """Adds what native code threw."""

    name = "React Native's native causes"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Links what the SDK appended, then adds the native errors that no exception tells of yet."""
        event = _linked(event)
        for index, error in _found(event):
            event = _with_cause(event, index, error)
        return _with_callers(event)


TRANSFORMER = CausesTransformer()


def _with_callers(event: Event) -> Event:
    """Notes at each native cause of an error of JavaScript what that had called."""
    errors = {id_of(value): value for value in event.exceptions[-MAX_EXCEPTIONS:] if _is_all(event, value, _JAVASCRIPT)}
    values = tuple(_with_caller(event, value, errors.get(parent_of(value))) for value in event.exceptions)
    return event if values == event.exceptions else replace(event, exception=Values(values=values))


def _with_caller(event: Event, value: ExceptionValue, error: ExceptionValue | None) -> ExceptionValue:
    if error is None or parent_of(value) is None or value.caller or not _is_all(event, value, _NATIVE):
        return value
    return replace(value, caller=called_by(error, value.mechanism.source if value.mechanism else None))


def _found(event: Event) -> list[tuple[int, NativeError]]:
    """Native errors, each with its distance from the end of the exceptions: causes go in front of them."""
    count = len(event.exceptions)
    return [
        (count - index, error)
        for index, value in enumerate(event.exceptions[-MAX_EXCEPTIONS:], max(0, count - MAX_EXCEPTIONS))
        for holder in _holders(event, index, value)
        for error in native_errors(holder)
    ]


def _holders(event: Event, index: int, value: ExceptionValue) -> Iterator[Mapping[str, JSON]]:
    """Objects that may be the error's own fields; the event's are the raised exception's."""
    candidates: list[JSON] = []
    if value.mechanism and value.mechanism.data:
        candidates.append(value.mechanism.data)
    if index == raised_exception(event):
        extra = event.extra.get("extra")
        candidates.append((event.contexts or {}).get(value.type or ""))
        candidates.append(extra)
        if isinstance(extra, dict):
            candidates += [extra.get("__serialized__"), extra.get(value.type or "")]
    yield from (one for one in candidates if isinstance(one, dict) and not KEYS.isdisjoint(one))


def _with_cause(event: Event, from_end: int, error: NativeError) -> Event:
    """The event with one more exception, and the images that only the frames of it name."""
    table = ImageTable([PrintedImage(one, name=base_name(one.code_file or "")) for one in event.images], error.apple)
    changed = with_causes(event, from_end, [_exception(error, table)])
    if changed is event or len(table.images) == len(event.images):
        return changed
    return replace(changed, debug_meta=replace(event.debug_meta or DebugMeta(), images=table.images))


def _exception(error: NativeError, table: ImageTable) -> ExceptionValue:
    package, name = class_name(error.name) if error.name and error.java else (None, error.name)
    if error.apple:
        frames = tuple(replace(table.frame(raw), platform="native") for raw in reversed(error.apple))
        stack = Stacktrace(frames=frames, instruction_addr_adjustment="all")
    else:
        stack = Stacktrace(frames=error.java[::-1])
    mechanism = Mechanism(source=error.source)
    return ExceptionValue(type=name, module=package, value=error.message, mechanism=mechanism, stacktrace=stack)


def _linked(event: Event) -> Event:
    """Gives ids to what Sentry's SDK appended: the raised error first, then each cause behind what it caused."""
    values = event.exceptions
    sdk = event.extra.get("sdk")
    is_from_sdk = isinstance(sdk, dict) and sdk.get("name") == _SDK
    if not is_from_sdk or not 1 < len(values) <= MAX_EXCEPTIONS or any(id_of(value) is not None for value in values):
        return event
    if not _is_all(event, values[0], _JAVASCRIPT) or not all(_is_all(event, value, _NATIVE) for value in values[1:]):
        return event
    return replace(event, exception=Values(values=tuple(_numbered(values))[::-1]))


def _is_all(event: Event, value: ExceptionValue, platforms: frozenset[str]) -> bool:
    """Whether there are frames, and all of them are of these platforms."""
    frames = value.stacktrace.frames if value.stacktrace else ()
    return bool(frames) and all(platform_of(event, frame) in platforms for frame in frames)


def _numbered(values: Sequence[ExceptionValue]) -> Iterator[ExceptionValue]:
    for number, value in enumerate(values):
        mechanism = value.mechanism or Mechanism(type="chained" if number else "generic")
        source = mechanism.source or "cause" if number else mechanism.source
        parent = number - 1 if number else None
        yield replace(value, mechanism=replace(mechanism, exception_id=number, parent_id=parent, source=source))
