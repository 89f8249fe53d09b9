r"""One frame of a fatal error log of the JVM.

>>> parse_frame("C  [libshop.so+0x10f9]  Java_shop_Shop_read+0x0").offset
4345

==============================================================================  =======================================
``C  [libshop.so+0x10f9]  Java_shop_Shop_read+0x0``                              native code of a library
``V  [libjvm.so+0x8282d2]  JavaCalls::call_helper(…)+0x302``                    the JVM's own
``C  0x00007ff89017a0f9``                                                        native code in no library
``j  shop.Shop.discount(I)I+2``, ``j  java.lang.Thread.run()V+11 java.base@17``  interpreted Java; index in its bytecode
``J 123 c2 java.lang.String.hashCode()I (49 bytes) @ 0x00007f01 [0x00007f00+0x1]``   compiled Java
``v  ~StubRoutines::call_stub``                                                  code that the JVM generated
==============================================================================  =======================================

Source: HotSpot's frame.cpp (frame::print_on_error) and os.cpp (os::print_function_and_library_name).
"""

import re

from msgspec import Struct

from native.crashes.java.frames import PLATFORM, known
from symbolicator.model import JSON, Frame, FrameData

_NATIVE = re.compile(
    r"(?P<kind>[CV])  (?:\[(?P<library>[^\]\n]{1,1000})\+0x(?P<offset>[0-9a-f]{1,16})\]|0x(?P<address>[0-9a-f]{1,16}))"
    r"(?: {1,3}(?P<function>\S[^\n]{0,8000}?)(?:\+0x(?P<into>[0-9a-f]{1,16}))?)?\s*\Z"
)
_INTERPRETED = re.compile(r"j  (?P<what>\S{1,4000}?)(?:\+(?P<index>[0-9]{1,10}))?(?: (?P<module>\S{1,200}))?\s*\Z")
_COMPILED = re.compile(
    r"[JA] {1,6}(?:[0-9]{1,9}%?(?:!| )? {0,4})?(?:(?P<compiler>[cj][0-9A-Za-z]{1,10}) )?(?P<what>\S{1,4000})"
    r"(?: (?P<module>\S{1,200}))? \([0-9]{1,9} bytes\) @ 0x(?P<address>[0-9a-f]{1,16})"
    r" \[0x[0-9a-f]{1,16}\+0x[0-9a-f]{1,16}\]"
)
_GENERATED = re.compile(r"v  ~(?P<name>\S[^\n]{0,300}?)(?: 0x(?P<address>[0-9a-f]{1,16}))?\s*\Z")
_METHOD = re.compile(
    r"(?P<class>[^\s()]{1,2000})\.(?P<method>[^\s.()]{1,1000})(?P<signature>\([^\s()]{0,2000}\)\S{1,1000})\Z"
)
_MAX_LINE = 16 * 1024


class NativeCall(Struct, frozen=True):
    """Code of a library: ``offset`` from where that is loaded, or ``address`` absolute, in bytes."""

    library: str | None
    offset: int = 0
    address: int | None = None
    function: str | None = None
    function_offset: int | None = None


def parse_frame(line: str) -> Frame | NativeCall | None:
    """The frame of a line; None for every other line. Frames of Java and of generated code have no address."""
    if len(line) > _MAX_LINE:
        return None
    match line[:1]:
        case "C" | "V":
            return _native(line)
        case "j":
            return _interpreted(line)
        case "J" | "A":
            return _compiled(line)
        case "v":
            return _generated(line)
    return None


def _native(line: str) -> NativeCall | None:
    match = _NATIVE.match(line)
    if match is None:
        return None
    return NativeCall(
        library=match["library"],
        offset=int(match["offset"] or "0", 16),
        address=int(match["address"], 16) if match["address"] else None,
        function=match["function"],
        function_offset=int(match["into"], 16) if match["into"] else None,
    )


def _interpreted(line: str) -> Frame | None:
    match = _INTERPRETED.match(line)
    if match is None:
        return None
    return _java(match["what"], match["module"], {"bytecode_index": int(match["index"]) if match["index"] else None})


def _compiled(line: str) -> Frame | None:
    match = _COMPILED.match(line)
    if match is None:
        return None
    return _java(
        match["what"], match["module"], {"compiler": match["compiler"], "code_address": f"0x{match['address']}"}
    )


def _java(what: str, module: str | None, notes: dict[str, JSON]) -> Frame | None:
    match = _METHOD.match(what)
    if match is None:
        return None
    said = known(**notes, signature=match["signature"], java_module=module)
    return Frame(
        platform=PLATFORM,
        module=match["class"],
        function=match["method"],
        data=FrameData(extra=said),
    )


def _generated(line: str) -> Frame | None:
    """Code that is in no file: what it is called is all that is known."""
    match = _GENERATED.match(line)
    return Frame(function=match["name"], in_app=False) if match else None
