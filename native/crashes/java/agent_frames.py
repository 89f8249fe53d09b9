r"""One frame as HotSpot's serviceability agent prints it: ``jhsdb jstack`` and ``jhsdb jstack --mixed``, of a core too.

>>> parse_frame(" - shop.Cart.total(int, long) @bci=11, line=25 (Interpreted frame)").lineno
25

==============================================================================  =======================================
``- shop.Cart.total(int, long) @bci=11, line=25 (Interpreted frame)``            Java; a native method has no line
``- shop.Cart.pay() @bci=3, line=9 (Compiled frame; information may be …)``      compiled Java
``0x00007f01\t* shop.Cart.total(int, long) bci:11 line:25 (Interpreted frame)``  the same among native frames
``0x00007f22\tJava_Shop_spin + 0x17``, ``0x00007f23\t????????``                  native code
``0x00007f24\t<StubRoutines>``, ``<Interpreter> codelet``                        code that the JVM generated
``----------------- 13387 -----------------``                                    the thread, as the system numbers it
==============================================================================  =======================================

Source: sun.jvm.hotspot.tools, StackTrace.java and PStack.java.
"""

import re

from native.crashes.java.frames import PLATFORM, known
from symbolicator.model import Frame, FrameData, ReportedAddress

MAX_LINE = 8 * 1024
_METHOD = r"(?P<class>[^\s()]{1,2000})\.(?P<method>[^\s.()]{1,1000})\((?P<arguments>[^()\n]{0,4000})\)"
_HOW = r" \((?P<how>Interpreted|Compiled) frame[^()\n]{0,100}\)\s*\Z"
_JAVA = re.compile(rf"\s{{0,8}}- {_METHOD} @bci=(?P<index>[0-9]{{1,9}})(?:, line=(?P<line>[0-9]{{1,9}}))?"
                   rf"(?:, pc=0x[0-9a-f]{{1,16}})?(?:, Method\*=0x[0-9a-f]{{1,16}})?{_HOW}")  # fmt: skip
_JAVA_AMONG_NATIVE = re.compile(
    rf"0x[0-9a-f]{{1,16}}\t\* {_METHOD} bci:(?P<index>[0-9]{{1,9}})(?: line:(?P<line>[0-9]{{1,9}}))?{_HOW}"
)
_NATIVE = re.compile(
    r"0x(?P<address>[0-9a-f]{1,16})\t(?:\?{8}|<(?P<made>[^\n]{1,200})|(?P<function>\S[^\n]{0,4000}?)"
    r"(?: \+ 0x(?P<offset>[0-9a-f]{1,16}))?)\s*\Z"
)
_THREAD = re.compile(r"-{10,40} (?P<id>[0-9]{1,10}) -{10,40}\s*\Z")


def parse_thread(line: str) -> int | None:
    """The system's number of the thread whose frames, and its heading if it is one of Java, follow."""
    match = _THREAD.match(line)
    return int(match["id"]) if match else None


def parse_frame(line: str) -> Frame | None:
    """The frame of a line; None for every other line."""
    if len(line) > MAX_LINE:
        return None
    java = _JAVA.match(line) or _JAVA_AMONG_NATIVE.match(line)
    if java:
        return _java(java)
    match = _NATIVE.match(line)
    return _native(match) if match else None


def _java(match: re.Match[str]) -> Frame:
    line1 = int(match["line"]) if match["line"] else None
    is_native = line1 is None and match["index"] == "0"
    notes = known(
        arguments=match["arguments"] or None,
        bytecode_index=None if is_native else int(match["index"]),
        compiler="compiled" if match["how"] == "Compiled" else None,
    )
    return Frame(
        platform=PLATFORM,
        module=match["class"],
        function=match["method"],
        lineno=line1,
        data=FrameData(is_native=is_native, extra=notes),
    )


def _native(match: re.Match[str]) -> Frame:
    made = match["made"]
    name = made.partition(">")[0] if made else match["function"]
    return Frame(
        platform="native",
        function=name,
        instruction_addr=None if name else ReportedAddress(int(match["address"], 16)),
        in_app=False if made else None,
        data=FrameData(function_offset=int(match["offset"], 16)) if match["offset"] else None,
    )
