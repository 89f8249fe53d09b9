"""One frame of a sanitizer's report (AddressSanitizer and its kin, libFuzzer).

=========================================================================  ============================================
``#0 0x55b3562b2fb1  (/srv/shift+0x5fb1) (BuildId: c243…)``                module and offset
``#1 0x55b3562b07cd in carriersFor(int) (/srv/shift+0x37cd)``              function by symbol, module and offset
``#2 0x55b3562b06aa in main /srv/main.cpp:28:26``                          resolved by the sanitizer
``#3 main race.cpp:10:3 (race+0x1234) (BuildId: c243…)``                   ThreadSanitizer: no address
``#4 0x7fac21a45249 in f (prog:x86_64+0x12)``                              macOS names the architecture
=========================================================================  ============================================

The offset counts from the module's load bias. Addresses are printed stepped back into the call already: they are lookup
addresses. Source: sanitizer_stacktrace_printer.cpp of compiler-rt, for the shapes.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.raw_frames import RawFrame, last_group, position

_FRAME = re.compile(
    r"\s*#(?P<number>[0-9]{1,6}) +(?:0x(?P<address>[0-9a-fA-F]{1,16})(?: +in (?=\S)| +(?=\()|\Z))?(?P<rest>.*)\Z"
)
_BUILD_ID = re.compile(r" *\(BuildId: (?P<id>[0-9a-fA-F]{2,128})\)\Z")
_BUILD_ID_WINDOW = 160
_OFFSET = re.compile(r"\+0x(?P<offset>[0-9a-fA-F]{1,16})\Z")
_OFFSET_WINDOW = len("+0x0123456789abcdef")
_ARCH = re.compile(r":(?P<arch>x86_64h?|i386|arm64e?|armv7[sk]?)\Z")
_ABSOLUTE_PATH = re.compile(r" (?=/|[A-Za-z]:[\\/]|\\\\)")


class SanitizerFrame(Struct, frozen=True):
    """A frame and its number in the stack; number 0 is the newest call. ``certain``: no other tool prints it so."""

    number: int
    raw: RawFrame
    certain: bool


def parse_frame(line: str) -> SanitizerFrame | None:
    """The frame of one line, None if it is none."""
    match = _FRAME.match(line)
    if match is None:
        return None
    address = int(match["address"], 16) if match["address"] else None
    rest, build_id = _take_build_id(match["rest"].rstrip())
    rest, module = _take_module(rest)
    raw = _function_and_place(rest.strip())
    of_gdb = (raw.function or "").endswith(") at")
    if of_gdb or (address is None and not (module or raw.file)):
        return None
    raw = replace(raw, address=address, build_id=build_id, adjust=None)
    if module:
        raw = replace(raw, image=module.image, image_offset=module.image_offset, arch=module.arch)
    return SanitizerFrame(int(match["number"]), raw, certain=bool(module or build_id))


def _take_build_id(text: str) -> tuple[str, str | None]:
    match = _BUILD_ID.search(text, max(0, len(text) - _BUILD_ID_WINDOW))
    return (text[: match.start()], match["id"].lower()) if match else (text, None)


def _take_module(text: str) -> tuple[str, RawFrame | None]:
    """Takes ``(path+0xoffset)`` off the end."""
    opened = last_group(text)
    if opened is None:
        return text, None
    inside = text[opened + 1 : -1]
    match = _OFFSET.search(inside, max(0, len(inside) - _OFFSET_WINDOW))
    if match is None or not inside[: match.start()]:
        return text, None
    path = inside[: match.start()]
    arch = _ARCH.search(path[-_OFFSET_WINDOW:])
    if arch:
        path = path[: -len(arch[0])]
    return text[:opened], RawFrame(
        image=path, image_offset=int(match["offset"], 16), arch=arch["arch"] if arch else None
    )


def _function_and_place(text: str) -> RawFrame:
    """``function path:line:column``: names hold spaces; an absolute path is looked for, else the last word taken."""
    file, line, column = position(text)
    if line is None:
        name = text.removesuffix("(<unknown module>)").rstrip().removesuffix("<null>").rstrip()
        return RawFrame(function=None if name in ("", "<null>") else name)
    split = _ABSOLUTE_PATH.search(file)
    start = split.end() if split else file.rfind(" ") + 1
    return RawFrame(function=file[:start].strip() or None, file=file[start:], line1=line, column1=column)
