"""What every value of the model has in common: frozen, typed, and nothing lost on the way through."""

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
else:
    JSON = Any  # msgspec does not take recursive aliases; free-form fields are not validated anyway

EXTRA = "+extra"
"""Name under which the codec hands unknown fields over; a payload's own field of that name is unknown too."""


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A JSON object of the event payload. ``extra`` keeps the fields that the class does not name."""

    extra: dict[str, JSON] = msgspec.field(default_factory=dict, name=EXTRA)
