r"""Crashes of Unity's player, as it writes them to its log.

==========================================================================  =======================================
``Received signal SIGSEGV``, ``Caught fatal signal - signo:11 code:1 …``    what happened
``Read from location 0000000000000008 caused an access violation.``         the same on Windows
``C:\Game\UnityPlayer.dll:UnityPlayer.dll (00007FF8A1B20000), size: 30…``   an image, and where it was loaded
``========== OUTPUTTING STACK TRACE ==================``                    calls follow, newest first
``0x00007FF8A1B2C3D4 (UnityPlayer) UnityMain``                              address, image, function
``0x000001F2A0000010 (Mono JIT Code) [Cart.cs:12] Shop.Cart:Total ()``      a script's call, compiled by mono
``#0  0x007f8e2d5c8cf0 in funlockfile``                                     the same on Linux and macOS
==========================================================================  =======================================

Addresses are return addresses, all but the newest one's.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.dotnet.frames import parse_call
from native.crashes.mappings import MAX_IMAGES
from native.crashes.signals import NUMBERS
from native.images import base_name
from symbolicator.model import AbsoluteAddress, DebugImage, Frame, ReportedAddress
from symbolicator.readers.text import MAX_FRAMES

_START = re.compile(r"=+ OUTPUTTING STACK TRACE =+\Z")
_END = re.compile(r"=+ END OF STACKTRACE =+\Z")
_OBTAINED = re.compile(r"Obtained [0-9]{1,6} stack frames\b")
_CALL = re.compile(
    r"0x(?P<address>[0-9a-fA-F]{1,16}) \((?P<image>[^()\n]{1,200})\)"
    r"(?: \[(?P<place>[^\]\n]{1,500}):(?P<line>[0-9]{1,9})\])? ?(?P<function>.*)\Z"
)
_UNIX_CALL = re.compile(r"#(?P<number>[0-9]{1,6}) {1,3}0x(?P<address>[0-9a-f]{1,16}) in (?P<function>\S.*)\Z")
_IMAGE = re.compile(
    r"(?P<path>[A-Za-z]:[\\/][^\n:]{1,1000}):[^:\n]{1,300} \((?P<base>[0-9A-F]{16})\), size: (?P<size>[0-9]{1,12}) "
    r"\(result: [0-9]{1,4}\), SymType: '[^']{0,40}', PDB: '(?P<pdb>[^']{0,1000})'"
)
_SIGNAL = re.compile(
    r"(?:Received signal (?P<name>SIG[A-Z]{2,6})|Got a (?P<got>SIG[A-Z]{2,6}) while executing native code"
    r"|Caught fatal signal - signo:(?P<number>[0-9]{1,3})(?P<rest> .{0,200})?)"
)
_VIOLATION = re.compile(
    r"(?:Read from|Write to|Execution at) location (?P<address>[0-9A-Fa-f]{8,16}) caused an access violation\.?\Z"
)
_VERSION = re.compile(r"(?:Initialize engine version: |Unity Player \[version: Unity )(?P<version>[0-9][\w.]{0,40})")
_SCRIPTS = "Mono JIT Code"
_UNNAMED = frozenset({"", "(Unknown)", "(function-name not available)", "<unknown>"})
_NAMES = {number: name for name, number in NUMBERS.items()}


class Crash(Struct):
    """What the log says of a crash; calls newest first."""

    kind: str | None = None
    what: str | None = None
    address: str | None = None
    signal: str | None = None
    version: str | None = None
    frames: list[Frame] = field(default_factory=list)
    images: list[DebugImage] = field(default_factory=list)


def is_player_crash(lines: Sequence[str]) -> bool:
    """Whether a player's stack is in these lines."""
    if any(_START.match(line) for line in lines):
        return True
    return any(_OBTAINED.match(line) for line in lines) and any(_UNIX_CALL.match(line) for line in lines)


def read_player(lines: Sequence[str]) -> Crash:
    """Reads the first crash of the lines."""
    crash = Crash()
    inside = done = False
    for line in lines:
        if _START.match(line) or _OBTAINED.match(line):
            inside, done = not done, done or bool(crash.frames)
        elif _END.match(line):
            inside, done = False, True
        elif inside and len(crash.frames) < MAX_FRAMES:
            frame = _parse_call(line)
            crash.frames += [frame] if frame else []
        else:
            _take_words(crash, line)
    crash.frames = [_with_image(frame, crash.images) for frame in crash.frames]
    return crash


def _parse_call(line: str) -> Frame | None:
    match, unix = _CALL.match(line), _UNIX_CALL.match(line)
    if match and match["image"] == _SCRIPTS:
        return _script(match)
    if match:
        return _native(match["address"], match["function"], match["image"], match["place"], match["line"])
    return _native(unix["address"], unix["function"], None, None, None) if unix else None


def _script(match: re.Match[str]) -> Frame:
    """A call of C#: where its name makes no sense it stays as it is."""
    name = match["function"]
    frame = parse_call(name, is_sure=True) or Frame(platform="csharp", function=name or None)
    frame = replace(frame, instruction_addr=ReportedAddress(int(match["address"], 16)))
    if match["place"]:
        frame = replace(frame, filename=match["place"], abs_path=match["place"], lineno=int(match["line"]) or None)
    return frame


def _native(address: str, function: str, image: str | None, place: str | None, line: str | None) -> Frame:
    name = None if function.strip() in _UNNAMED else function.strip()
    return Frame(
        platform="native",
        function=name,
        package=image,
        filename=place,
        abs_path=place,
        lineno=int(line or 0) or None,
        instruction_addr=ReportedAddress(int(address, 16)),
    )


def _with_image(frame: Frame, images: Sequence[DebugImage]) -> Frame:
    """The frame with the path of its image, which calls name without folder and ending."""
    if frame.package is None:
        return frame
    name = frame.package
    path = next((image.code_file for image in images if _is_called(image.code_file or "", name)), None) or name
    return replace(frame, package=path)


def _is_called(path: str, name: str) -> bool:
    return base_name(path).rpartition(".")[0].lower() == name.lower()


def _take_words(crash: Crash, line: str) -> None:
    image, violation = _IMAGE.match(line), _VIOLATION.match(line)
    signal, version = _SIGNAL.search(line[:400]), _VERSION.search(line[:400])
    if image and len(crash.images) < MAX_IMAGES:
        crash.images.append(_image(image))
    elif signal and crash.signal is None:
        name = signal["name"] or signal["got"] or _NAMES.get(int(signal["number"] or 0))
        crash.signal = name if name in NUMBERS else None
        crash.what = crash.what or line.strip()
    elif violation:
        crash.kind, crash.what, crash.address = "access violation", line.strip(), f"0x{violation['address'].lower()}"
    elif version:
        crash.version = crash.version or version["version"]


def _image(match: re.Match[str]) -> DebugImage:
    base = int(match["base"], 16)
    return DebugImage(
        type="pe",
        code_file=match["path"],
        debug_file=match["pdb"] or None,
        image_addr=AbsoluteAddress(base) if base else None,
        image_size=int(match["size"]) or None,
    )
