"""The JavaScript that ran when V8 had no more memory, as Electron and V8 leave it in annotations.

======================= ======================================================
``electron.v8-oom.stack`` ``    #0 appendChunk (file:///app/index.js:4821:17)``
``v8-oom-stack``          ``appendChunk in file:///app/index.js:4821:17``
======================= ======================================================
"""

import re
from typing import TYPE_CHECKING

from native.crashes.minidump.annotations import annotation
from symbolicator.model import Frame, Stacktrace

if TYPE_CHECKING:
    from symbolicator import _core

KEYS = ("electron.v8-oom.stack", "v8-oom-stack")
_MAX_FRAMES = 64
_MAX_LINE = 4096
_ELECTRON = re.compile(r"#[0-9]{1,4} (?P<function>.{0,1000}) \((?P<place>[^()]{1,2000})\)\Z")
_V8 = re.compile(r"(?P<function>.{0,1000}?) in (?P<place>.{1,2000})\Z")
_PLACE = re.compile(r"(?P<file>.{1,2000}?)(?::(?P<line>[0-9]{1,9}))?(?::(?P<column>[0-9]{1,9}))?\Z")
_NAMELESS = frozenset({"(anonymous)", "<none>", "<anonymous>", ""})


def javascript_stack(dump: "_core.Minidump") -> Stacktrace | None:
    """The stack that V8 saw; None if no annotation has one."""
    stacks = (_stack(annotation(dump, key) or "") for key in KEYS)
    return next((stack for stack in stacks if stack), None)


def _stack(text: str) -> Stacktrace | None:
    lines = (line.strip()[:_MAX_LINE] for line in text.splitlines()[:_MAX_FRAMES])
    frames = [frame for frame in map(_frame, lines) if frame]
    return Stacktrace(frames=tuple(reversed(frames))) if frames else None


def _frame(line: str) -> Frame | None:
    match = _ELECTRON.match(line) or _V8.match(line)
    place = _PLACE.match(match["place"]) if match else None
    if match is None or place is None or place["line"] is None:
        return None
    return Frame(
        platform="javascript",
        function=None if match["function"] in _NAMELESS else match["function"],
        filename=place["file"],
        abs_path=place["file"],
        lineno=int(place["line"]) or None,
        colno=int(place["column"]) or None if place["column"] else None,
    )
