r"""One frame as Android's unwinder prints it: native code, code compiled from Java, interpreted Java.

>>> parse_frame("  #01 pc 0000000000012345  /data/app/x/base.apk!libshop.so (offset 0x1000) (shop_total+12)").function
'shop_total'

=======================================================================================  ============================
``#00 pc 0000000000012345  /system/lib64/libc.so (abort+164) (BuildId: 5812256023147338)``  function, build id
``#01 pc 0001a2b4  /data/app/~~x==/shop-y==/base.apk!libshop.so (offset 0x4000)``           library in a package
``#02 pc 000000000009a1b4  /data/app/~~x==/shop-y==/oat/arm64/base.odex (shop.Cart.total+88)``   compiled Java
``#03 pc 000000000001c2f0  [anon:dalvik-classes.dex extracted in memory from …] (shop.Cart.add+16)``   interpreted Java
``native: #00 pc 00000000000b63b0  /apex/…/libc.so (__pthread_start(void*)+208)``           in a thread dump
=======================================================================================  ============================

The address is one of the file: what its headers call a virtual address. The unwinder stepped back from return addresses
already. For interpreted Java it is a place in the dex file, and the offset counts bytes of dex code.

Source: AOSP, unwindstack's Unwinder::FormatFrame; debuggerd's tombstone_proto_to_text; ART's DumpNativeStack.
"""

import re

from msgspec import Struct

from native.crashes.raw_frames import last_group

MAX_FRAME_LINE = 16 * 1024
"""In characters: names of template functions have some thousands."""
_FRAME = re.compile(
    r"\s*(?:native: )?#(?P<number>[0-9]{1,5}) {1,4}pc (?:0x)?(?P<pc>[0-9a-f]{1,16})"
    r"(?: {1,8}(?P<rest>\S.*))?\Z"
)
_BUILD_ID = re.compile(r" \(BuildId: (?P<id>[0-9a-f]{2,128})\)\Z")
_OFFSET = re.compile(r" \(offset 0x(?P<offset>[0-9a-f]{1,16})\)\Z")
_FUNCTION = re.compile(r"(?P<name>.+?)(?:\+(?P<offset>[0-9]{1,19}))?\Z", re.DOTALL)
_NO_FUNCTION = frozenset({"deleted", "???"})
_CONTAINER = re.compile(
    r"\.(?:odex|oat|vdex|dex|cdex|jar|art|apk)(?: \(deleted\))?\Z"
    r"|\.apk!classes|dalvik-|jit-(?:zygote-)?cache|\A<anonymous|\.(?:dex|jar|apk)\b[^/]*\]\Z"
)
"""Files and memory that code of Java is in; a library in a package is none."""
_COMPILED = re.compile(r"\.(?:odex|oat|art)(?: \(deleted\))?\Z|dalvik-jit|jit-(?:zygote-)?cache")
"""Those that have only what ART compiled."""
_JAVA_NAME = re.compile(r"(?P<module>(?:[\w$-]{1,300}\.){1,60})(?P<function><init>|<clinit>|[\w$-]{1,500})\Z")
_PRETTY = re.compile(r"(?:[\w.$\[\]-]{1,500} )?(?P<name>[\w.$<>-]{3,2000})\((?P<arguments>[^()]{0,2000})\)\Z")
_DEDUPED = " [DEDUPED]"


class JavaName(Struct, frozen=True):
    """Class and method. ``is_shared``: other methods have the very same code, and it may be one of them."""

    module: str
    function: str
    arguments: str | None = None
    is_shared: bool = False


class AndroidFrame(Struct, frozen=True):
    """``pc``: address in the file, or absolute where ``path`` is none.

    ``map_offset``: where in its package a library lies.
    ``function_offset``: bytes from the start of the function. All in bytes.
    """

    number: int
    pc: int
    path: str | None = None
    map_offset: int = 0
    function: str | None = None
    function_offset: int | None = None
    build_id: str | None = None

    @property
    def is_of_runtime(self) -> bool:
        """Whether ART's compiler made the code and no method is in it: a bridge between Java and native code."""
        return bool(self.function and self.path and _COMPILED.search(self.path)) and self.java is None

    @property
    def java(self) -> JavaName | None:
        """Class and method if the frame is one of Java: by the form of its name and the file that it is in."""
        return java_name(self.function or "") if self.path and _CONTAINER.search(self.path) else None


def parse_frame(line: str) -> AndroidFrame | None:
    """The frame of a line; None for every other line."""
    match = _FRAME.match(line) if "pc" in line and len(line) <= MAX_FRAME_LINE else None
    if match is None:
        return None
    rest = (match["rest"] or "").rstrip()
    build_id = _BUILD_ID.search(rest)
    rest = rest[: build_id.start()] if build_id else rest
    rest, function, function_offset = _split_function(rest)
    offset = _OFFSET.search(rest)
    rest = rest[: offset.start()] if offset else rest
    return AndroidFrame(
        number=int(match["number"]),
        pc=int(match["pc"], 16),
        path=rest or None,
        map_offset=int(offset["offset"], 16) if offset else 0,
        function=function,
        function_offset=function_offset,
        build_id=build_id["id"] if build_id else None,
    )


def java_name(function: str) -> JavaName | None:
    """The parts of ``shop.Cart.total`` or ``int shop.Cart.total(int)``; None for what is no method of Java."""
    plain = function.removesuffix(_DEDUPED)
    pretty = _PRETTY.match(plain)
    match = _JAVA_NAME.match(pretty["name"] if pretty else plain)
    if match is None:
        return None
    arguments = pretty["arguments"] if pretty else None
    return JavaName(match["module"][:-1], match["function"], arguments, is_shared=plain != function)


def _split_function(text: str) -> tuple[str, str | None, int | None]:
    """Path, function and offset of ``path (function+12)``; brackets may belong to the path."""
    group = last_group(text)
    inner = text[group + 1 : -1] if group else ""
    match = _FUNCTION.match(inner)
    if (
        not group
        or text[group - 1] != " "
        or match is None
        or _OFFSET.match(text[group - 1 :])
        or inner in _NO_FUNCTION
    ):
        return text, None, None
    return text[: group - 1].rstrip(), match["name"], int(match["offset"]) if match["offset"] else 0
