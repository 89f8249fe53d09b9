r"""Fatal errors of Node.js and V8, as text.

==============================================================================  ===================================
``FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap …``       what happened
``# Fatal error in ../src/x.cc, line 12``, below it ``# Check failed: x``       a check of V8 that failed
``#  Assertion failed: (env) != nullptr``                                       a check of Node.js (since version 21)
``[4242:0x16c0]      102 ms: Mark-Compact 39.0 (66.0) -> 38.6 (72.0) MB, …``    a garbage collection before that
``----- Native stack trace -----``, `` 1: 0xb78db3 node::Abort() [node]``       calls, newest first
``----- JavaScript stack trace -----``, ``1: total (/srv/shop.js:3:21)``        calls of the same moment
``<--- JS stacktrace --->``                                                     the same before version 21, mostly empty
==============================================================================  ===================================

Addresses are return addresses, all but the newest one's. Source: node_errors.cc and debug_utils.cc of Node.js.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from native.crashes.node.frames import native_call, script_call
from native.crashes.raw_frames import RawFrame
from symbolicator.model import Breadcrumb, Frame
from symbolicator.readers.text import MAX_FRAMES

_FATAL = re.compile(r"FATAL ERROR: (?P<what>\S.*)\Z")
_V8 = re.compile(r" {0,4}# Fatal error in (?P<where>[^\n]{0,400})\Z")
_CHECK = re.compile(
    r" {0,4}# {1,4}(?P<what>(?:Check failed|Debug check failed|Assertion failed|unreachable code)\b.*)\Z"
)
_NATIVE, _SCRIPT = "----- Native stack trace -----", "----- JavaScript stack trace -----"
_OLD_SCRIPT = "<--- JS stacktrace --->"
_CALL = re.compile(r" {0,4}(?P<number>[0-9]{1,6}): (?P<rest>.*)\Z")
_ADDRESS = re.compile(r"(?:0x(?P<hex>[0-9a-f]{1,16})|(?P<windows>[0-9A-F]{16}))(?: (?P<symbol>.*))?\Z")
_COLLECTION = re.compile(
    r"\[(?P<pid>[0-9]{1,9}):0x[0-9a-f]{1,16}\] {1,12}(?P<ms>[0-9]{1,12}) ms: (?P<what>[^\[\n]{1,600})"
)
_MAX_COLLECTIONS = 100


class Fatal(Struct):
    """What was said. ``kind`` and ``what`` as in ``FATAL ERROR`` and ``Reached heap limit …``; calls newest first."""

    kind: str | None = None
    what: str | None = None
    where: str | None = None
    native: list[RawFrame] = field(default_factory=list)
    script: list[Frame] = field(default_factory=list)
    collections: list[Breadcrumb] = field(default_factory=list)
    pid: int | None = None


def is_fatal(lines: Sequence[str]) -> bool:
    """Whether Node.js says in these lines that it ends, and shows a stack."""
    said = any(_FATAL.match(line) or _V8.match(line) or _CHECK.match(line) for line in lines)
    titled = any(line in (_NATIVE, _SCRIPT, _OLD_SCRIPT) for line in lines)
    return said and (titled or any(_native(line) for line in lines))


def read_fatal(lines: Sequence[str]) -> Fatal:
    """Reads everything that the lines say of it."""
    fatal = Fatal()
    in_script = False
    for line in lines:
        if line in (_NATIVE, _SCRIPT, _OLD_SCRIPT):
            in_script = line != _NATIVE
        elif not (_take_words(fatal, line) or len(fatal.native) + len(fatal.script) >= MAX_FRAMES):
            _take_call(fatal, line, in_script=in_script)
    return fatal


def _take_words(fatal: Fatal, line: str) -> bool:
    said, v8, check = _FATAL.match(line), _V8.match(line), _CHECK.match(line)
    if said and fatal.what is None:
        fatal.kind, fatal.what = "FATAL ERROR", said["what"]
    elif v8:
        fatal.kind, fatal.where = fatal.kind or "Fatal error", v8["where"]
    elif check and fatal.what is None:
        fatal.kind, fatal.what = fatal.kind or "Fatal error", check["what"]
    else:
        return _take_collections(fatal, line)
    return True


def _take_collections(fatal: Fatal, line: str) -> bool:
    """Garbage collections: V8 cuts a line and starts the next one behind it."""
    found = list(_collections(fatal, line)) if " ms: " in line else []
    fatal.collections += found[: _MAX_COLLECTIONS - len(fatal.collections)]
    return bool(found)


def _collections(fatal: Fatal, line: str) -> Iterator[Breadcrumb]:
    for match in _COLLECTION.finditer(line):
        fatal.pid = int(match["pid"])
        yield Breadcrumb(category="gc", message=match["what"].strip(), data={"milliseconds": int(match["ms"])})


def _take_call(fatal: Fatal, line: str, *, in_script: bool) -> None:
    native = _native(line)
    call = _CALL.match(line)
    script = script_call(call["rest"]) if in_script and call and native is None else None
    if native:
        fatal.native.append(native)
    elif script:
        fatal.script.append(script)


def _native(line: str) -> RawFrame | None:
    call = _CALL.match(line)
    address = _ADDRESS.match(call["rest"]) if call else None
    if address is None:
        return None
    return native_call(int(address["hex"] or address["windows"], 16), address["symbol"] or "")
