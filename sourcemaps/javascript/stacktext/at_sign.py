"""Lines with an ``@``: SpiderMonkey (Firefox), JavaScriptCore (Safari, Bun) and React Native's own list.

==================================================  ==================================================================
``total@https://shop.example/app.js:1:985``         call; nothing before the ``@`` where the function has no name
``load/<@…``, ``a/b/c<@…``                          SpiderMonkey's guess at the name of a function expression
``async*load@…``, ``promise callback*load@…``       called back asynchronously, and by what (``async_cause``)
``@app.js line 5 > eval:1:1``                       evaluated code: the frame takes the place of ``eval``
``map@[native code]``, ``global code@…``            JavaScriptCore's own; module, global or eval code
``<?>.wasm-function[3]@[wasm code]``                WebAssembly in JavaScriptCore: no offset
``total@<?>:wasm-function[3]``, ``(null)@…``        the same since 2023; the name where the module has names
``@m.wasm:wasm-function[3]:0x1f``                   WebAssembly in SpiderMonkey
``@app.js line 5 > WebAssembly.Module:wasm-…:0x1f``  the same, of bytes that a script compiled
``anonymous@``, ``eval code@``                      evaluated code in JavaScriptCore: it has no URL
``total@1:985``, ``total@12.js:1:985``              React Native after ``, stack:``: columns count from 0
==================================================  ==================================================================

Source: MDN, "Error.prototype.stack"; React Native's parseErrorStack (columns from 0, and printed so).
"""

import re

from sourcemaps.javascript.async_calls import JAVASCRIPTCORE, called_back
from sourcemaps.javascript.stacktext.frames import WASM, WASM_INDEX, builtin_frame, script_frame, wasm_frame
from sourcemaps.javascript.stacktext.location import Location, names_a_script, parse_location
from symbolicator.model import JSON, AsyncCall, Frame, FrameData

_NATIVE, _WASM_CODE = "[native code]", "[wasm code]"
_ENGINE_PLACES = frozenset({_NATIVE, _WASM_CODE, ""})
_LINE_AND_COLUMN = re.compile(r"[0-9]{1,10}:[0-9]{1,10}\Z")
_BARE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+:[0-9]{1,10}:[0-9]{1,10}\Z")
_EVALUATED = re.compile(r" line ([0-9]{1,10}) > ")
_OLD_WASM_NAME = re.compile(r"(?:<\?>|[^\s.]{1,200})\.wasm-function\[([0-9]{1,10})\]\Z")
_EVALUATED_FUNCTION = "anonymous"
_PLAIN_NAME = re.compile(r"[^\s(){};,=]{0,400}\Z")
_NAME_IN_WORDS = re.compile(
    r"(?:(?:global|module|eval|program) code|(?:async |get |set |bound |static )*\S{1,400}|.{0,100}\*\S{0,400})\Z"
)


def parse_at_sign_line(line: str, *, column_base: int = 1) -> Frame | None:
    """The frame of one line, None if it is none. ``column_base``: what its columns count from, 0 after ``, stack:``."""
    text = line.strip()
    name, at_sign, place = text.partition("@")
    if not at_sign:
        return _without_name(text)
    if name and not _NAME_IN_WORDS.match(name):
        return None
    if _LINE_AND_COLUMN.match(place):
        return _listed_by_react_native(name, place)
    function, async_call, notes = _function(name)
    if place in _ENGINE_PLACES:
        return _engine_frame(function, place, async_call=async_call, notes=notes)
    return _in_script(function, place, column_base, async_call=async_call, notes=notes)


def _without_name(text: str) -> Frame | None:
    """Older JavaScriptCore leaves out name and ``@`` of anonymous functions."""
    if text == _NATIVE:
        return builtin_frame(None, text)
    return script_frame(None, parse_location(text)) if _BARE_URL.match(text) else None


def _function(name: str) -> tuple[str | None, AsyncCall | None, dict[str, JSON]]:
    """The name, and whether and by what it was resumed or called back asynchronously."""
    cause, star, function = name.rpartition("*")
    if star:
        return function or None, called_back(cause), {"async_cause": cause}
    plain = name.removeprefix("async ")
    return plain or None, JAVASCRIPTCORE if plain != name else None, {}


def _engine_frame(
    function: str | None, place: str, *, async_call: AsyncCall | None, notes: dict[str, JSON]
) -> Frame | None:
    """Code of the engine's own; code without a URL, which only the engine's words tell from an address."""
    if place == _WASM_CODE:
        return _old_wasm_frame(function)
    if place or function == _EVALUATED_FUNCTION or (function or "").endswith(" code"):
        return builtin_frame(function, place or None, async_call=async_call, notes=notes)
    return None


def _old_wasm_frame(function: str | None) -> Frame:
    """``<?>.wasm-function[3]``: the name ends in the index; ``wasm-stub`` is the engine's own way in."""
    match = _OLD_WASM_NAME.match(function or "")
    if match is None:
        return Frame(platform=WASM, function=function, filename=_WASM_CODE)
    index = FrameData(extra={WASM_INDEX: int(match[1])})
    return Frame(platform=WASM, function=f"wasm-function[{match[1]}]", filename=_WASM_CODE, data=index)


def _listed_by_react_native(name: str, place: str) -> Frame | None:
    """A bundle without name: React Native leaves out the file unless it is a module file of its own."""
    if not _PLAIN_NAME.match(name):
        return None
    position = parse_location(f":{place}", column_base=0)
    return script_frame(name or None, position)


def _evaluated(place: str) -> Location | None:
    """``app.js line 5 > eval line 2 > Function:1:1``: the outermost file and its line that evaluated."""
    match = _EVALUATED.search(place)
    if match is None or not names_a_script(place[: match.start()]):
        return None
    return Location(place[: match.start()], int(match[1]) or None)


def _in_script(
    function: str | None, place: str, column_base: int, *, async_call: AsyncCall | None, notes: dict[str, JSON]
) -> Frame | None:
    wasm = wasm_frame(function, place, async_call=async_call)
    if wasm:
        return wasm
    evaluated = _evaluated(place)
    if evaluated:
        raw_line = f"{function or ''}@{place}"
        return script_frame(function, evaluated, async_call=async_call, notes={**notes, "raw_line": raw_line})
    location = parse_location(place, column_base=column_base)
    if location.line1 is None or not names_a_script(location.url):
        return None
    return script_frame(function, location, async_call=async_call, notes=notes)
