"""Where a frame is: ``https://shop.example/app.js:1:985`` taken apart from the right.

Lines and columns are 1-based, columns count UTF-16 units, as V8, SpiderMonkey and JavaScriptCore print them.
"""

import re

from msgspec import Struct

_POSITION = re.compile(r":([0-9]{1,10})(?::([0-9]{1,10}))?\Z")
_WINDOW = len(":4294967295:4294967295") + 2
_HOST_AND_PORT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*:[0-9]+\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SCRIPT = re.compile(
    r"\.(?:[cm]?[jt]sx?|(?:js)?bundle|hbc|html?|vue|svelte|astro|wasm|php|aspx?|jsp)(?:[?#].*)?\Z", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"\.(?:rs|c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|s|go|java|kt|kts|swift|py|rb|cs|fs|dart|ex|erl|zig)\Z", re.IGNORECASE
)
_NAMED_PLACES = ("debugger eval code", "self-hosted", "<anonymous>", "evalmachine.<anonymous>", "<unknown>")


class Location(Struct, frozen=True):
    """A URL or path as printed, and the position in it; ``line1`` and ``column1`` are None where the text has none."""

    url: str
    line1: int | None = None
    column1: int | None = None


def parse_location(text: str, *, column_base: int = 1) -> Location:
    """Takes ``:line:column`` or ``:line`` off the end; ``column_base`` is what the text counts columns from.

    Line 0, and column 0 where columns count from 1, are no positions: engines print them where they know none.
    """
    match = _POSITION.search(text, max(0, len(text) - _WINDOW))
    if match is None or (match[2] is None and _HOST_AND_PORT.match(text)):
        return Location(text)
    column1 = None if match[2] is None else int(match[2]) + 1 - column_base
    return Location(text[: match.start()], int(match[1]) or None, column1 or None)


def names_a_script(url: str) -> bool:
    """Whether it can be what JavaScript was loaded from: a URL, an absolute path, a named place, a script's name."""
    return bool(
        _SCHEME.match(url) or url.startswith(("/", "\\\\")) or url in _NAMED_PLACES or _SCRIPT.search(url[-200:])
    )


def names_a_foreign_source(url: str) -> bool:
    """Whether the name ends as sources of other languages do: Rust prints ``at src/main.rs:4:5`` too."""
    return bool(_FOREIGN.search(url[-8:]))
