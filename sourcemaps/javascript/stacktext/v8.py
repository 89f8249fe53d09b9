"""Lines that start with ``at``: V8 (Chrome, Node.js, Deno, Bun's own form is the same), old Edge and Hermes.

======================================================  ==============================================================
``at total (https://shop.example/app.js:1:985)``        call
``at https://shop.example/app.js:1:985``                call of a function without name, or module code
``at new Cart (…)``, ``at Cart.add [as push] (…)``      constructor; method called by another name (``called_as``)
``at async load (…)``, ``at async Promise.all (index 0)``  resumed after ``await``; element of a combinator
``at Array.map (<anonymous>)``, ``at map (native)``     the engine's own
``at eval (eval at run (app.js:3:17), <anonymous>:1:6)``  code from ``eval`` or ``new Function``, origins nest
``at f (wasm://wasm/0145fffe:wasm-function[0]:0x1e)``   WebAssembly, byte offset
``at f (address at index.android.bundle:1:1234)``       Hermes bytecode: the offset is 0-based
======================================================  ==============================================================

Evaluated code has no file. As Sentry's and TraceKit's parsers do, its frame takes the place that called ``eval``: the
outermost real file; the line as printed stays in ``data.raw_line``. Code with a ``sourceURL`` of its own keeps that.

Source: v8.dev/docs/stack-trace-api; Hermes lib/VM/JSError.cpp for the shape of its lines.
"""

import re

from sourcemaps.javascript.async_calls import V8
from sourcemaps.javascript.stacktext.frames import builtin_frame, script_frame, wasm_frame
from sourcemaps.javascript.stacktext.location import (
    Location,
    names_a_foreign_source,
    names_a_script,
    parse_location,
)
from symbolicator.model import JSON, AsyncCall, Frame

_BYTECODE = "address at "
_EVAL = "eval at "
_EVAL_END = re.compile(r":[0-9]{1,10}(?=\))")
_COMBINATOR = re.compile(r"Promise\.[A-Za-z]{1,20} \(index [0-9]{1,10}\)\Z")
_BUILTIN_PLACES = frozenset({"native", "<anonymous>", "unknown location", "<unknown>", "<wasm>", "native code"})


def parse_v8_line(line: str) -> Frame | None:
    """The frame of one line, None if it is none."""
    text = line.strip()
    if not text.startswith("at "):
        return None
    text = text[3:].lstrip()
    async_call = V8 if text.startswith("async ") and not text.startswith("async (") else None
    call = text[6:].lstrip() if async_call else text
    if _COMBINATOR.match(call):
        return builtin_frame(call, None, async_call=V8)
    if call.endswith(")"):
        return _called(call, line, async_call=async_call)
    return _nameless(call, async_call=async_call)


def _called(call: str, line: str, *, async_call: AsyncCall | None) -> Frame | None:
    """``function (place)``."""
    split = _split_call(call)
    if split is None:
        return None
    name, place = split
    function, notes = _function(name)
    if place in _BUILTIN_PLACES:
        return builtin_frame(function, place, async_call=async_call, notes=notes)
    if place.startswith(_BYTECODE):
        bytecode = parse_location(place.removeprefix(_BYTECODE), column_base=0)
        return script_frame(function, bytecode, async_call=async_call, notes=notes)
    if place.startswith(_EVAL):
        return _evaluated(function, place, async_call=async_call, notes={**notes, "raw_line": line.strip()})
    if not _is_place(place):
        return None
    return wasm_frame(function, place, async_call=async_call) or script_frame(
        function, parse_location(place), async_call=async_call, notes=notes
    )


def _nameless(place: str, *, async_call: AsyncCall | None) -> Frame | None:
    """The place alone."""
    if place in _BUILTIN_PLACES:
        return builtin_frame(None, place, async_call=async_call)
    frame = wasm_frame(None, place, async_call=async_call)
    if frame:
        return frame
    location = parse_location(place)
    if location.line1 is None or names_a_foreign_source(location.url):
        return None
    if " " in location.url and not names_a_script(location.url):
        return None
    return script_frame(None, location, async_call=async_call)


def _split_call(call: str) -> tuple[str, str] | None:
    """Name and what is in the outermost parentheses at the end; paths and names may hold parentheses themselves."""
    if call.startswith("("):
        return "", call[1:-1]
    depth = 0
    for index in range(len(call) - 1, 0, -1):
        if call[index] == ")":
            depth += 1
        elif call[index] == "(" and (depth > 1 or call[index - 1] == " "):
            depth -= 1
            if depth == 0:
                return call[:index].rstrip(), call[index + 1 : -1]
    name, separator, place = call.partition(" (")
    return (name, place[:-1]) if separator else None


def _function(name: str) -> tuple[str | None, dict[str, JSON]]:
    """``Cart.add [as push]``: the name, and the other name that it was called by."""
    start = name.rfind(" [as ")
    if start > 0 and name.endswith("]"):
        return name[:start], {"called_as": name[start + 5 : -1]}
    return name or None, {}


def _is_place(place: str) -> bool:
    """Whether it can be a place at all: prose in parentheses is not."""
    location = parse_location(place)
    return names_a_script(location.url) or (location.line1 is not None and " " not in location.url)


def _evaluated(function: str | None, place: str, *, async_call: AsyncCall | None, notes: dict[str, JSON]) -> Frame:
    own = parse_location(place.rpartition(", ")[2])
    if own.line1 is not None and own.url != "<anonymous>" and names_a_script(own.url):
        return script_frame(function, own, async_call=async_call, notes=notes)
    return script_frame(function, _eval_origin(place), async_call=async_call, notes=notes)


def _eval_origin(place: str) -> Location:
    """The file at the bottom of ``eval at f (eval at g (app.js:4:18), <anonymous>:1:1), <anonymous>:1:6``."""
    start = 0
    while place.startswith(_EVAL, start):
        opened = place.find(" (", start)
        if opened < 0:
            return Location("<anonymous>")
        start = opened + 2
    end = _EVAL_END.search(place, start)
    return parse_location(place[start : end.end()]) if end else Location("<anonymous>")
