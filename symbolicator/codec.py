"""Event payloads to and from JSON; what the model does not know goes through untouched.

>>> event = decode(b'{"platform": "native", "my_field": [1]}')
>>> event.extra
{'my_field': [1]}
>>> encode(event)
b'{"platform":"native","my_field":[1]}'

Read in several spellings, written in one: addresses (hex or decimal strings, numbers) are written as ``"0x…"``, a bare
list or object where ``{"values": […]}`` belongs becomes that, and ``null`` means absent.
"""

import re
from typing import Any, NoReturn

import msgspec

from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.base import EXTRA
from symbolicator.model.plan import Plan, Shape, plan_of

MAX_EVENT_BYTES = 64 * 1024 * 1024
MAX_EVENT_DEPTH = 200
_ADDRESS = re.compile(r"\s*(?:0[xX])?([0-9a-fA-F]{1,16})\s*\Z")
_HEX_PREFIX = re.compile(r"\s*0[xX]")


def decode(payload: bytes | memoryview) -> Event:
    """Reads an event. Raises `UnreadableInput` whose text and ``path`` name the field that is wrong."""
    if len(payload) > MAX_EVENT_BYTES:
        raise UnreadableInput(
            f"The event has {len(payload)} bytes; the limit is {MAX_EVENT_BYTES}. Send it without attachments."
        )
    try:
        raw = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"The event is no valid JSON: {error}. Check that it is complete.") from error
    except RecursionError as error:
        raise UnreadableInput("The event is nested too deeply to be one. Check what wrote it.") from error
    if not isinstance(raw, dict):
        raise UnreadableInput(
            f"The event is a JSON {_json_name(raw)}, not an object. Send one event, as in {{…}}.", path=""
        )
    _check_depth(raw)
    return from_builtins(raw)


def from_builtins(raw: dict[str, Any]) -> Event:
    """Reads an event from parsed JSON, which it takes over and changes. Raises `UnreadableInput`."""
    prepared = _prepare_object(raw, plan_of(Event), "")
    try:
        return msgspec.convert(prepared, Event)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        _refuse(path.rstrip("`").lstrip("."), text.replace("`", ""))


def encode(event: Event) -> bytes:
    """Writes an event as JSON (UTF-8, no line breaks)."""
    return msgspec.json.encode(to_builtins(event))


def to_builtins(event: Event) -> dict[str, Any]:
    """The event as plain dicts, lists, strings and numbers."""
    builtins: dict[str, Any] = msgspec.to_builtins(event)
    return _restore_object(builtins, plan_of(Event))


def _refuse(path: str, reason: str) -> NoReturn:
    where = f"Field {path}" if path else "The event"
    raise UnreadableInput(f"{where}: {reason[:1].lower()}{reason[1:]}. Correct it where it is written.", path=path)


def _prepare(value: Any, shape: Shape, path: str) -> Any:
    """Brings one known field's JSON into the one spelling that `msgspec.convert` reads.

    A value of the wrong type is left to `msgspec.convert`, which says what it expected.
    """
    if shape.kind == "address":
        return _parse_address(value, path)
    if isinstance(value, list):
        return _prepare_array(value, shape, path)
    if isinstance(value, dict):
        return _prepare_map(value, shape, path)
    return value


def _prepare_array(value: list[Any], shape: Shape, path: str) -> Any:
    if shape.kind == "values":
        return {"values": _prepare_items(value, shape.plan(), f"{path}.values")}
    return _prepare_items(value, shape.plan(), path) if shape.kind == "objects" else value


def _prepare_map(value: dict[str, Any], shape: Shape, path: str) -> dict[str, Any]:
    match shape.kind:
        case "object":
            return _prepare_object(value, shape.plan(), path)
        case "values":
            return _prepare_values(value, shape.plan(), path)
        case "addresses":
            return {name: _parse_address(item, f"{path}.{name}") for name, item in value.items()}
        case "mapping":
            return {name: _prepare_item(item, shape.plan(), f"{path}.{name}") for name, item in value.items()}
    return value


def _prepare_object(raw: dict[str, Any], plan: Plan, path: str) -> dict[str, Any]:
    prepared: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, value in raw.items():
        shape = plan.get(name)
        if shape is None:
            unknown[name] = value
        elif value is not None:
            prepared[name] = _prepare(value, shape, f"{path}.{name}" if path else name)
    if unknown:
        prepared[EXTRA] = unknown
    return prepared


def _prepare_values(raw: dict[str, Any], plan: Plan, path: str) -> dict[str, Any]:
    if "values" not in raw and raw.keys() & plan.keys():
        return {"values": [_prepare_object(raw, plan, f"{path}.values[0]")]}
    values = raw.pop("values", None)
    prepared: dict[str, Any] = {EXTRA: raw} if raw else {}
    if values is not None:
        is_list = isinstance(values, list)
        prepared["values"] = _prepare_items(values, plan, f"{path}.values") if is_list else values
    return prepared


def _prepare_items(items: list[Any], plan: Plan, path: str) -> list[Any]:
    """Lists of objects. ``null`` items say nothing and are left out."""
    return [_prepare_item(item, plan, f"{path}[{index}]") for index, item in enumerate(items) if item is not None]


def _prepare_item(item: Any, plan: Plan, path: str) -> Any:
    return _prepare_object(item, plan, path) if isinstance(item, dict) else item


def _parse_address(value: Any, path: str) -> int | None:
    """A number, a hex string with ``0x`` or a decimal string (hex too if it has letters), as SDKs send them."""
    if value is None:
        return None
    if isinstance(value, str) and (match := _ADDRESS.match(value)):
        digits = match[1]
        value = int(digits, 16 if _HEX_PREFIX.match(value) or not digits.isdecimal() else 10)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value
    _refuse(path, f"expected an address of 64 bits such as 0x7f00, got {str(value)[:40]!r}")


def _restore(value: Any, shape: Shape) -> Any:
    match shape.kind:
        case "object":
            return _restore_object(value, shape.plan())
        case "values":
            items = [_restore_object(item, shape.plan()) for item in value.pop("values", ())]
            return {"values": items, **value.pop(EXTRA, {})}
        case "objects":
            return [_restore_object(item, shape.plan()) for item in value]
        case "address":
            return hex(value)
        case "addresses" | "mapping":
            return {name: _restore_entry(item, shape) for name, item in value.items()}
    return value


def _restore_entry(item: Any, shape: Shape) -> Any:
    if shape.kind == "mapping":
        return _restore_object(item, shape.plan())
    return None if item is None else hex(item)


def _restore_object(value: dict[str, Any], plan: Plan) -> dict[str, Any]:
    unknown: dict[str, Any] = value.pop(EXTRA, {})
    restored = {name: _restore(item, plan[name]) for name, item in value.items() if item is not None}
    return restored | unknown


def _check_depth(raw: Any) -> None:
    """Level by level, so that hostile nesting costs no stack here or wherever the event goes next."""
    level = [raw]
    for _ in range(MAX_EVENT_DEPTH):
        children = (
            item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)
        )
        level = [child for group in children for child in group if isinstance(child, dict | list)]
        if not level:
            return
    raise UnreadableInput(f"The event is nested more than {MAX_EVENT_DEPTH} levels deep. Check what wrote it.")


def _json_name(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
