"""Crashpad's annotations: those that Sentry has a field for go there, all others to ``contexts.crashpad``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from native.images import base_name
from symbolicator.model import JSON

if TYPE_CHECKING:
    from symbolicator import _core

_LIST_LIMIT = 1_000


class CrashpadFields(Struct, frozen=True):
    """What the annotations add to an event."""

    contexts: dict[str, JSON]
    extra: dict[str, JSON]


def crashpad_fields(dump: "_core.Minidump") -> CrashpadFields:
    """Annotations of the process in ``contexts.crashpad``, those of images under ``crashpad_modules``."""
    crashpad = dump.crashpad
    if crashpad is None:
        return CrashpadFields({}, {})
    fields: dict[str, JSON] = dict(_limited(crashpad.annotations))
    ids = {"report_id": crashpad.report_id, "client_id": crashpad.client_id}
    fields |= {name: value for name, value in ids.items() if value}
    names = [module.name for module in dump.modules]
    modules = [_module(names, module) for module in crashpad.modules]
    said: list[JSON] = [module for module in modules if len(module) > 1]
    return CrashpadFields({"crashpad": fields} if fields else {}, {"crashpad_modules": said} if said else {})


def annotation(dump: "_core.Minidump", name: str) -> str | None:
    """Value of the first annotation of that name, of the process or of an image."""
    crashpad = dump.crashpad
    if crashpad is None:
        return None
    pairs = [*crashpad.annotations]
    for module in crashpad.modules:
        pairs += module.simple
        pairs += [(key, value) for key, _, value in module.objects if value is not None]
    return next((value for key, value in pairs if key == name), None)


def _module(names: Sequence[str], module: "_core.MinidumpModuleAnnotations") -> dict[str, JSON]:
    name = names[module.module] if module.module < len(names) else ""
    texts: list[JSON] = list(module.texts[:_LIST_LIMIT])
    objects = {key: value for key, _, value in module.objects[:_LIST_LIMIT] if value is not None}
    values = _limited(module.simple) | objects
    fields: dict[str, JSON] = {"module": base_name(name) if name else None, "annotations": values, "texts": texts}
    return {key: value for key, value in fields.items() if value or key == "module"}


def _limited(pairs: list[tuple[str, str]]) -> dict[str, JSON]:
    return dict(pairs[:_LIST_LIMIT])
