"""Frames that need no source map: the machinery around the code, and files that are sources already.

The engine, its standard library, browser extensions and WebAssembly have no map, so none is looked for: their frames
are readable as they came, and nobody's own.
"""

import re

from sourcemaps.javascript.react_native import is_crash_frame
from sourcemaps.javascript.urls import base_name
from symbolicator.model import Frame

_PLACES = frozenset(
    {
        "",
        "(native)",
        "<anonymous>",
        "<unknown>",
        "[native code]",
        "[wasm code]",
        "anonymous",
        "debugger eval code",
        "evalmachine.<anonymous>",
        "native",
        "unknown",
    }
)
"""What engines print in place of a file."""

_SCHEMES = re.compile(
    r"(?:node|bun|ext|deno|internal|native|about|chrome|resource|wasm"
    r"|(?:chrome|moz|safari|safari-web|ms-browser|edge)-extension|webkit-masked-url):"
    r"|internal/|native "
)
"""Standard libraries of Node.js (``internal/`` before version 16), Bun and Deno, browsers' own pages, extensions."""

_WEBASSEMBLY = re.compile(r"wasm-function\[\d+\]|\.wasm(?:\Z|[?#:])")
_INTERNAL_BYTECODE = "InternalBytecode.js"
"""The part of Hermes' standard library that is written in JavaScript."""


def path_of(frame: Frame) -> str | None:
    """The generated file that the frame is in."""
    return frame.abs_path or frame.filename or None


def is_builtin(frame: Frame) -> bool:
    """Whether the frame is the machinery's."""
    path = path_of(frame)
    if path is None:
        return frame.lineno is None and not is_crash_frame(frame)
    if path in _PLACES or _SCHEMES.match(path) or _WEBASSEMBLY.search(path):
        return True
    return base_name(path) in (_INTERNAL_BYTECODE, "[native code]")


_ORIGINAL = re.compile(
    r"(?:webpack|webpack-internal|turbopack|rspack):|[^?#]*\.(?:[mc]?tsx?|jsx|vue|svelte|astro)(?:[?#]|\Z)",
    re.IGNORECASE,
)


def is_original(path: str) -> bool:
    """Whether a file is nothing that a build makes: TypeScript run directly, or positions that DevTools mapped."""
    return _ORIGINAL.match(path) is not None


_TOP_LEVEL = frozenset({"global", "global code", "module code"})


def is_bundle_start(frame: Frame) -> bool:
    """Whether the frame is the top level of its file (as Hermes and JavaScriptCore name it), which a bundler wrote."""
    return frame.function in _TOP_LEVEL
