r"""One level of Lua's traceback, and whose code it is.

====================================================================  =============================================
``\tshop.lua:3: in function 'price'``, ``… in method 'sell'``         function by the name that its caller used
``\tshop.lua:3: in function <shop.lua:1>``                            no name: the line where it begins
``\tshop.lua:10: in main chunk``                                      code of a file outside of functions
``\tshop.lua:4: in metamethod 'index'``, ``… in for iterator 'f'``    Lua itself called it, by way of C (5.4)
``\t[C]: in function 'table.sort'``, ``\t[C]: in ?``, ``\t[C]: ?``    a function in C
``\t[C]: at 0x55d8d09242c0``, ``\t[builtin#21]: at 0x7f``             LuaJIT: one without a name
``\t(...tail calls...)``, ``\t(tail call): ?``                        its caller's level was given up for it
``\t...``, ``\t...\t(skipping 42 levels)``                            levels that are left out
``\t...ng/path/shop.lua:3: …``, ``\t[string "x = 1..."]:1: …``        names of chunks have at most 60 characters
====================================================================  =============================================

Source: luaL_traceback in lauxlib.c, luaO_chunkid in lobject.c; db_errorfb in 5.1's ldblib.c; lj_debug.c.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.model import Frame, FrameData

PLATFORM = "lua"
TAIL_CALLS, LEFT_OUT = "(tail calls: their callers are gone)", "levels are left out)"
_LEVEL = re.compile(
    r"\s{1,8}(?P<chunk>\[C\]|\[builtin#[0-9]{1,5}\]|\[string \"[^\n]{0,200}?\"\]|[^\s:][^\n]{0,400}?)"
    r"(?::(?P<line>-?[0-9]{1,9}))?: (?:in (?P<what>[^\n]{1,500})|(?P<nameless>\?|at 0x[0-9a-f]{1,16}))\Z"
)
_TAIL = re.compile(r"\s{1,8}(?:\(\.\.\.tail calls\.\.\.\)|\(tail call\): \?)\s*\Z")
_SKIPPED = re.compile(r"\s{1,8}\.\.\.(?:\s{1,4}\(skipping (?P<count>[0-9]{1,9}) levels\))?\s*\Z")
_REQUEST = ", client: "
"""Where nginx goes on about the request, in the last line of a message."""
_NAMED = re.compile(r"(?P<kind>[a-z][a-z ]{1,20}?) '(?P<name>[^\n]{1,400})'\Z")
_IN_C = re.compile(r"\[C\]\Z|\[builtin#")
_CALLED_BY_LUA = frozenset({"metamethod", "for iterator"})


class Level(Struct, frozen=True):
    """``is_mark``: no level but a remark on them. ``is_reentry``: Lua called it by way of C."""

    frame: Frame
    is_mark: bool = False
    is_reentry: bool = False

    @property
    def is_native(self) -> bool:
        """Whether a function in C does the work."""
        return bool(self.frame.data and self.frame.data.is_native)


def parse_level(line: str) -> Level | None:
    """The level of a line, None if it is none."""
    skipped = _SKIPPED.match(line)
    if skipped:
        return _mark(f"({skipped['count'] or 'some'} {LEFT_OUT}")
    if _TAIL.match(line):
        return _mark(TAIL_CALLS)
    match = _LEVEL.match(line.partition(_REQUEST)[0])
    return _level(match) if match else None


def _mark(text: str) -> Level:
    return Level(Frame(platform=PLATFORM, function=text, in_app=False), is_mark=True)


def _level(match: re.Match[str]) -> Level:
    named = _NAMED.match(match["what"] or "")
    is_reentry = bool(named and named["kind"] in _CALLED_BY_LUA)
    name = named["name"] if named and not is_reentry else match["what"]
    if _IN_C.match(match["chunk"]):
        function = name if name and name != "?" else "<function in C>"
        return Level(Frame(platform=PLATFORM, function=function, in_app=False, data=FrameData(is_native=True)))
    line1 = int(match["line"] or 0)
    is_nameless = match["what"] is None or match["what"].startswith("function <")
    frame = frame_at(match["chunk"], line1, "<anonymous>" if is_nameless else name)
    return Level(replace(frame, raw_function=match["what"] if is_nameless else None), is_reentry=is_reentry)


def frame_at(chunk: str, line1: int, function: str | None) -> Frame:
    """A call in a chunk. Of a path whose begin Lua cut off, the folder that it cut into is left out too."""
    is_code = chunk.startswith("[string ")
    cut = chunk.removeprefix("...") if chunk.startswith("...") else None
    path = cut.partition("/")[2] or cut if cut else chunk
    return Frame(
        platform=PLATFORM,
        function=function,
        filename=path,
        abs_path=None if is_code or cut else path,
        lineno=line1 if line1 > 0 else None,
        data=FrameData(extra={"chunk": chunk}) if cut else None,
    )
