r"""Calls as Node.js prints them when it ends.

===========================================================  ======================================================
``node::Abort() [node]``, `` [node]``                        function and image; no function where it has no symbol
``uv_run+1234 [C:\node.exe]:L12``                            Windows: bytes from the symbol, and its line
``total (/srv/shop.js:3:21)``, ``node:internal/timers:5:1``  JavaScript
``async pay (/srv/shop.js:20:3)``                             JavaScript that awaited what is newer
``async Promise.all (index 1)``                               the same, of the engine's own
``push [0x2c1e] [/srv/shop.js:12] [bytecode=…](this=…)``     JavaScript, before Node.js 14
===========================================================  ======================================================

Source: NativeSymbolDebuggingContext and PrintStackFrame of Node.js, JavaScriptFrame::Print of V8 for the shapes.
"""

import re

from msgspec.structs import replace

from native.crashes.raw_frames import RawFrame, position
from symbolicator.model import AsyncCall, Frame
from symbolicator.model.edit import with_data

JAVASCRIPT = "node"
_IMAGE = re.compile(r" ?\[(?P<image>[^\[\]\n]{1,1000})\](?::L(?P<line>[0-9]{1,9}))?\Z")
_DISTANCE = re.compile(r"\+(?P<bytes>[0-9]{1,12})\Z")
_OLD_SCRIPT = re.compile(
    r"(?P<name>[^\[\n]{0,300}?) ?\[0x[0-9a-f]{1,16}\](?:\(this=\S{1,80})? ?"
    r"\[(?P<file>[^\[\]\n]{1,1000}):~?(?P<line>[0-9]{1,9})\]"
)
_ASYNC = "async "
_AWAITED = AsyncCall(rule="v8-async")
_COMBINATOR = re.compile(r"Promise\.[A-Za-z]{1,20} \(index [0-9]{1,10}\)\Z")
_ANONYMOUS = frozenset({"", "/* anonymous */", "<anonymous>"})


def native_call(address: int, symbol: str) -> RawFrame:
    """A call in machine code at an absolute address."""
    image = _IMAGE.search(symbol)
    name = symbol[: image.start()] if image else symbol
    distance = _DISTANCE.search(name[-20:])
    name = name[: -len(distance[0])] if distance else name
    return RawFrame(
        function=name.strip() or None,
        function_offset=int(distance["bytes"]) if distance else None,
        image=image["image"] if image else None,
        address=address,
    )


def script_call(text: str) -> Frame | None:
    """A call of JavaScript, None if it is none."""
    text = text.strip().removeprefix("at ")
    if text.startswith(_ASYNC):
        frame = _combinator(text.removeprefix(_ASYNC)) or _call(text.removeprefix(_ASYNC))
        return with_data(frame, async_call=_AWAITED) if frame else None
    return _call(text)


def _combinator(text: str) -> Frame | None:
    return Frame(platform=JAVASCRIPT, function=text, in_app=False) if _COMBINATOR.match(text) else None


def _call(text: str) -> Frame | None:
    old = _OLD_SCRIPT.match(text)
    if old:
        return _script(None if old["name"].strip() in _ANONYMOUS else old["name"], old["file"], int(old["line"]), None)
    name, opened, inside = text.rpartition(" (")
    place = inside.removesuffix(")") if opened else text
    file, line1, column1 = position(place)
    if line1 is None or column1 is None or (" " in file and not opened):
        return None
    frame = _script(name or None, file, line1, column1)
    method, called_as, other = name.partition(" [as ")
    return with_data(replace(frame, function=method), extra={"called_as": other[:-1]}) if called_as else frame


def _script(name: str | None, file: str, line1: int, column1: int | None) -> Frame:
    return Frame(
        platform=JAVASCRIPT,
        function=None if name in _ANONYMOUS else name,
        filename=file,
        abs_path=file,
        lineno=line1 or None,
        colno=column1,
    )
