"""Which frames are Java's, and which of them an obfuscator has been at.

>>> looks_obfuscated(Frame(module="a.b", function="c", filename="SourceFile"))
True
>>> looks_obfuscated(Frame(module="com.shop.Cart", function="total", filename="Cart.java"))
False
"""

import re

from sourcemaps.ownership import is_platform_class
from symbolicator.model import Event, Frame
from symbolicator.model.edit import platform_of

PLATFORMS = frozenset({"java", "kotlin", "android"})
MAP_ID = re.compile(r"r8-map-id-([0-9A-Fa-f]{7,64})\Z")
"""What R8 calls every source file: which mapping file the class belongs to."""
_FILES = frozenset({"SourceFile", "PG", "Proguard", "ProGuard", "R8$$SyntheticClass"})
"""What obfuscators call every source file."""
_SHORT = re.compile(r"[a-z][a-zA-Z0-9]{0,2}\Z")
_SHORT_CAPITAL = re.compile(r"[A-Z][a-zA-Z0-9]{0,2}\Z")
_SYNTHETIC_CLASS = re.compile(r"\$\$(?:ExternalSynthetic|InternalSynthetic|SyntheticClass|Lambda[$/])")
_SYNTHETIC_METHOD = re.compile(r"-?\$\$Nest\$")
_SHORT_METHOD = re.compile(r"[a-zA-Z]{1,2}[0-9]?\Z")


def is_own(event: Event, frame: Frame) -> bool:
    """Whether a frame is one of Java that nobody took yet."""
    return frame.status is None and bool(frame.module and frame.function) and platform_of(event, frame) in PLATFORMS


def map_id(frame: Frame) -> str | None:
    """Id of the mapping file that the frame's class belongs to, where R8 wrote it down."""
    match = MAP_ID.match(frame.filename or "")
    return match[1].lower() if match else None


def looks_obfuscated(frame: Frame) -> bool:
    """Whether class or file are called as obfuscators call them, and a mapping file is needed to read them."""
    module, file = frame.module or "", frame.filename or ""
    if is_platform_class(module):
        return False
    return file in _FILES or map_id(frame) is not None or is_short(module, has_file=bool(file))


def is_short(class_name: str, *, has_file: bool = False) -> bool:
    """Whether a class is called as obfuscators do. ``has_file``: its file has a name, so ``Db`` may be a person's."""
    simple = class_name.rpartition(".")[2].partition("$")[0]
    return bool(_SHORT.match(simple)) or (not has_file and bool(_SHORT_CAPITAL.match(simple)))


def is_short_method(name: str) -> bool:
    """Whether a method is called as obfuscators do."""
    return bool(_SHORT_METHOD.match(name))


def is_synthetic(class_name: str, method: str) -> bool:
    """Whether the compiler or the JVM made a call, by the names that javac, D8 and R8 give such classes and methods."""
    return bool(_SYNTHETIC_CLASS.search(class_name) or _SYNTHETIC_METHOD.match(method))
