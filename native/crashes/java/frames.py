r"""One frame of a Java stack text.

>>> parse_frame("\tat shop.Cart.total(Cart.java:12)").module
'shop.Cart'

==========================================================================  ==========================================
``at shop.Cart.total(Cart.java:12)``                                         class, method, file, line
``at java.base/java.lang.Thread.run(Thread.java:840)``                       module before the class (Java 9)
``at app//shop.Cart.total(Cart.java:12)``                                    name of the class loader before that
``at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)``               module before the file: thread dumps
``at shop.Cart$$Lambda$14/0x0000000800c03000.run(Unknown Source)``           hidden class: the slash belongs to it
``at shop.Cart.total(Cart.java:12) ~[shop.jar:1.0]``                         jar and version: logback, log4j
``at java.lang.Object.wait(Native Method)``                                  native method
``at shop.Cart.total (Cart.java:12)``                                        Google Play puts a space there
``at a.b.c(SourceFile:3)``, ``(r8-map-id-4f2c…:3)``, ``(Unknown Source:12)`` obfuscated by R8
==========================================================================  ==========================================

Source: java.lang.StackTraceElement.toString; HotSpot's javaVFrame printing; ART's Thread::DumpJavaStack.
"""

import re

from msgspec import Struct

from symbolicator.model import JSON, Frame, FrameData

PLATFORM = "java"
MAX_FRAME_LINE = 4096
"""In characters: the longest class names have some hundreds."""
R8_MAP_ID = re.compile(r"r8-map-id-(?P<id>[0-9a-f]{7,64})\Z")
"""What R8 puts in place of a file name: which mapping file belongs to the class."""
_HIDDEN = re.compile(r"/(?:0x[0-9a-f]{1,16}|[0-9]{1,20})\.[^/]{1,1000}\Z")
_NAME = re.compile(r"[^\s/()\[\]{}\"'`,;:=@#%*+!?|\\]{1,2000}\Z")
_METHOD = re.compile(r"[^/()\[\]{}\"'`,;:=@#%*+!?|\\\n\t]{0,2000}[^\s/()\[\]{}\"'`,;:=@#%*+!?|\\]\Z")
"""Kotlin's tests have spaces in their names."""
_END = re.compile(r"\) ?(?:~?\[(?P<jar>[^\[\]\n]{0,300})\])?\s*\Z")
_MODULE = re.compile(r"(?P<module>[\w.]{1,200}(?:@[\w.+-]{1,100})?)/")
_FILE = re.compile(r"(?P<file>[^\n]{1,500}?)(?::(?P<line>[0-9]{1,9}))?\Z")
_SOURCE = re.compile(r"[^\s/\\]{1,300}\.(?:java|kts?|scala|groovy|clj[cs]?|jsp|aj|xtend)\Z")
_NATIVE = frozenset({"native method", "native"})
_NO_FILE = frozenset({"unknown source", "<generated>", "generated method", "compiled code", "nativemethodaccessor"})
_BARE = frozenset({"SourceFile", "PG", "Proguard", "R8$$SyntheticClass"})
"""What obfuscators call every file, also where they print no line."""


class _Place(Struct, frozen=True):
    file: str | None = None
    line: int | None = None
    is_native: bool = False
    module: str | None = None

    @property
    def is_certain(self) -> bool:
        """Whether no other language has such places: those have numbers behind their files too."""
        return self.file is None or bool(_SOURCE.match(self.file) or self.file in _BARE or R8_MAP_ID.match(self.file))


def parse_frame(line: str) -> Frame | None:
    """The frame of a line that starts with ``at``, indented or not; None for every other line."""
    text = line.strip()
    if not text.startswith("at ") or len(text) > MAX_FRAME_LINE:
        return None
    qualified, bracket, rest = text[3:].lstrip().partition("(")
    end = _END.search(rest)
    place = _place(rest[: end.start()]) if bracket and end else None
    if place and qualified.endswith(" "):
        qualified, place = qualified[:-1], place if place.is_certain else None
    name = _split(qualified)
    if name is None or place is None or end is None or (" " in name[2] and not (place.file or "").endswith(".kt")):
        return None
    return _frame(*name, place, end["jar"])


def _frame(module: str | None, class_name: str, method: str, place: _Place, jar: str | None) -> Frame:
    said = known(java_module=module or place.module, jar=jar)
    return Frame(
        platform=PLATFORM,
        module=class_name,
        function=method,
        filename=place.file,
        lineno=place.line,
        data=FrameData(is_native=place.is_native, extra=said) if said or place.is_native else None,
    )


def known(**values: JSON) -> dict[str, JSON]:
    """Those of the values that there are."""
    return {name: value for name, value in values.items() if value is not None}


def _split(qualified: str) -> tuple[str | None, str, str] | None:
    """Java module (with its class loader), class and method of ``app//shop.Cart.total``."""
    hidden = _HIDDEN.search(qualified)
    plain = qualified[: hidden.start()] if hidden else qualified
    prefix, slash, name = plain.rpartition("/")
    class_name, dot, method = (name + (qualified[hidden.start() :] if hidden else "")).rpartition(".")
    is_class = _NAME.match(class_name.partition("/")[0]) and not class_name.startswith(".")
    if not (dot and is_class and _METHOD.match(method)):
        return None
    return (prefix.strip("/") or None) if slash else None, class_name, method


def _place(text: str) -> _Place | None:
    """What stands in the brackets; None if that is no place of Java: C# has arguments there."""
    named = _MODULE.match(text)
    bare = text[named.end() :] if named else text
    module = named["module"] if named else None
    if bare.lower() in _NATIVE:
        return _Place(is_native=True, module=module)
    match = _FILE.match(bare)
    if match is None:
        return None
    file, line = match["file"], int(match["line"]) if match["line"] else None
    if file.lower() in _NO_FILE:
        return _Place(line=line, module=module)
    place = _Place(file, line, module=module)
    return place if line is not None or place.is_certain else None
