"""How each class of the model looks as JSON, read once from its annotations: what the codec works from."""

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from symbolicator.model.addresses import AbsoluteAddress, FunctionId, ReportedAddress
from symbolicator.model.base import EXTRA, Model
from symbolicator.model.event import Values

Plan: TypeAlias = "dict[str, Shape]"
_ADDRESSES = frozenset({AbsoluteAddress, FunctionId, ReportedAddress})


def _no_plan() -> Plan:
    return {}


class Shape(Struct, frozen=True):
    """One field: a plain value, an address, a model object, or several: in an array, a map or ``{"values": […]}``."""

    kind: Literal["plain", "address", "addresses", "object", "objects", "mapping", "values"] = "plain"
    plan: Callable[[], Plan] = _no_plan
    """Fields of the model object (or of each of them)."""


@cache
def plan_of(model: type[Model]) -> Plan:
    """The known fields of a model by their JSON names."""
    hints = get_type_hints(model)
    fields = msgspec.structs.fields(model)
    return {field.encode_name: _shape(hints[field.name]) for field in fields if field.encode_name != EXTRA}


def _shape(hint: Any) -> Shape:
    hint = _without_none(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _ADDRESSES:
        return Shape("address")
    if origin is Values:
        return Shape("values", lambda: plan_of(arguments[0]))
    if origin is tuple and _is_model(arguments[0]):
        return Shape("objects", lambda: plan_of(arguments[0]))
    if origin is dict and _without_none(arguments[1]) in _ADDRESSES:
        return Shape("addresses")
    if origin is dict and _is_model(arguments[1]):
        return Shape("mapping", lambda: plan_of(arguments[1]))
    return Shape("object", lambda: plan_of(hint)) if _is_model(hint) else Shape()


def _without_none(hint: Any) -> Any:
    """``X`` of ``X | None``; other unions stay."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    rest = [argument for argument in get_args(hint) if argument is not type(None)]
    return rest[0] if len(rest) == 1 else hint


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Model)
