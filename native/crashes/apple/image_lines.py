"""One line of a ``.crash`` text's "Binary Images".

- ``0x104e34000 - 0x104e3ffff MyApp arm64  <2f3a…> /var/containers/Bundle/…/MyApp.app/MyApp`` (iOS)
- ``0x10b1e8000 - 0x10b1f7ff7 +com.example.MyApp (1.0 - 7) <1B2C…-…> /Applications/…/MyApp`` (macOS; ``+``: not Apple's)
- ``0x7fff5c0a5000 - 0x7fff5c0cbffb  libsystem_malloc.dylib (166.251.2) <…> /usr/lib/system/libsystem_malloc.dylib``

The last address belongs to the image. Any part from the name on may be missing.
"""

import re

from native.crashes.apple.frame_lines import UNKNOWN
from native.crashes.apple.processors import image_arch
from native.crashes.apple.report import PrintedImage
from symbolicator.model import AbsoluteAddress, DebugImage
from symbolicator.model.debug_ids import normal_debug_id

_RANGE = re.compile(
    r"[ \t]{0,40}0x(?P<start>[0-9a-fA-F]{1,16})[ \t]{0,40}-[ \t]{0,40}"
    r"0x(?P<end>[0-9a-fA-F]{1,16})(?P<rest>(?:[ \t].*)?)\Z",
    re.DOTALL,
)
_ID = re.compile(r"<(?P<id>[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})>")
_VERSION = re.compile(r" \([^()]{0,100}\)\Z")
_NO_ID = frozenset("0-")


def parse_image(line: str) -> PrintedImage | None:
    """The image of a line; None if there is none, or one of which nothing is known."""
    match = _RANGE.match(line)
    if match is None:
        return None
    start, end = int(match["start"], 16), int(match["end"], 16)
    label, debug_id, path = _parts(match["rest"].strip())
    name, arch = _name_and_arch(label.removeprefix("+").strip())
    if (name or path or UNKNOWN) == UNKNOWN:
        return None
    image = DebugImage(
        type="macho",
        code_file=path if path and path != UNKNOWN else name,
        debug_id=debug_id,
        arch=arch,
        image_addr=AbsoluteAddress(start),
        image_size=end - start + 1 if end >= start else None,
    )
    return PrintedImage(image, name=name or None, is_own=label.startswith("+"))


def _parts(text: str) -> tuple[str, str | None, str | None]:
    """Name with version or processor, UUID, path."""
    found = _ID.search(text)
    if found is None:
        label, slash, path = text.partition(" /")
        return label.strip(), None, f"/{path}" if slash else None
    debug_id = None if set(found["id"]) <= _NO_ID else normal_debug_id(found["id"])
    return text[: found.start()].strip(), debug_id, text[found.end() :].strip() or None


def _name_and_arch(label: str) -> tuple[str, str | None]:
    name, space, word = label.rpartition(" ")
    arch = image_arch(word) if space else None
    return (name.strip() if arch else _VERSION.sub("", label).strip()), arch
