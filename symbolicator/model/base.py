"""What every value of the model has in common: frozen, typed, and nothing lost on the way through."""

from typing import TypeAlias

import msgspec

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

EXTRA = "+extra"
"""Name under which the codec hands unknown fields over; a payload's own field of that name is unknown like any other."""


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A JSON object of the event payload. ``extra`` keeps the fields that the class does not name."""

    extra: dict[str, JSON] = msgspec.field(default_factory=dict, name=EXTRA)
