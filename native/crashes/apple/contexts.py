"""The contexts of an event: system, device, app, in the names of Sentry's payload."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from symbolicator.model import JSON

_VERSION = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z ]{0,40}?)[ \t]{1,4}(?P<version>[0-9][0-9.]{0,20})"
    r"(?:[ \t]{1,4}\((?P<build>[A-Za-z0-9]{1,20})\))?"
)
_NAMES = {"iPhone OS": "iOS", "Mac OS X": "macOS", "OS X": "macOS", "MacOS": "macOS"}


def contexts_of(**contexts: "Mapping[str, JSON]") -> "dict[str, JSON]":
    """The contexts with the fields that are known."""
    told: dict[str, dict[str, JSON]] = {
        name: {key: value for key, value in fields.items() if value} for name, fields in contexts.items()
    }
    return {name: fields for name, fields in told.items() if fields}


def system_context(words: str | None) -> "dict[str, JSON]":
    """Name, version and build of ``iPhone OS 13.5 (17F75)``."""
    match = _VERSION.match((words or "").strip())
    if match is None:
        return {"name": words} if words else {}
    return {"name": system_name(match["name"]), "version": match["version"], "build": match["build"]}


def system_name(name: str) -> str:
    """Today's name of a system."""
    return _NAMES.get(name, name)
