"""Images of crash texts, in all forms in which Apple's tools write them."""

import pytest

from native.crashes.apple.image_lines import parse_image

ID = "2f3a4b5c6d7e8f90a1b2c3d4e5f60718"
DASHED = "2f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718"
IOS = "/var/containers/Bundle/Application/51346174/My App.app/My App"
LINES = {
    f"0x104e34000 - 0x104e3ffff My App arm64  <{ID}> {IOS}": ("My App", IOS, DASHED, "arm64", 0xC000, False),
    f"  0x1000 -    0x17fff +MyApp armv7  <{ID}> /var/MyApp": ("MyApp", "/var/MyApp", DASHED, "armv7", 0x17000, True),
    f"       0x10b1e8000 -        0x10b1f7ff7 +com.example.App (1.0 - 7) <{DASHED.upper()}> /Applications/A": (
        "com.example.App", "/Applications/A", DASHED, None, 0xFFF8, True,
    ),
    f"0x7fff5c0a5000 - 0x7fff5c0cbffb  libsystem_malloc.dylib (166.251.2) <{DASHED}> /usr/lib/l.dylib": (
        "libsystem_malloc.dylib", "/usr/lib/l.dylib", DASHED, None, 0x26FFC, False,
    ),
    f"0x10a000000 - 0x10a0fffff dyld_sim x86_64  <{ID}> /Library/RuntimeRoot/usr/lib/dyld_sim": (
        "dyld_sim", "/Library/RuntimeRoot/usr/lib/dyld_sim", DASHED, "x86_64", 0x100000, False,
    ),
    "0x10a000000 - 0x10a0fffff dyld (0.0) /usr/lib/dyld": ("dyld", "/usr/lib/dyld", None, None, 0x100000, False),
    "0x10a000000 - 0x10a0fffff libfoo.dylib (???) <00000000-0000-0000-0000-000000000000> /usr/lib/libfoo.dylib": (
        "libfoo.dylib", "/usr/lib/libfoo.dylib", None, None, 0x100000, False,
    ),
    f"0x10a000000 - 0x10a0fffff i386 i386 <{ID}>": ("i386", "i386", DASHED, "x86", 0x100000, False),
    "0x200 - 0x100 odd": ("odd", "odd", None, None, None, False),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_an_image(line: str) -> None:
    """With a wrong UUID or start the dSYM is not found, or answers for other addresses."""
    found = parse_image(line)
    assert found is not None
    image = found.image
    told = (found.name, image.code_file, image.debug_id, image.arch, image.image_size, found.is_own)
    assert told == LINES[line]
    assert (image.type, image.image_addr) == ("macho", int(line.split(maxsplit=1)[0], 16))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "EOF",
        "0x0 - 0xffffffffffffffff ??? (*) <00000000-0000-0000-0000-000000000000> ???",
        "0x10 -",
        "0x10 - 0x20",
        "0x11112222333344445 - 0x11112222333344446 a",
        "10 - 20 a",
    ],
)
def test_what_is_no_image(line: str) -> None:
    """An image that covers everything would take every frame for its own."""
    assert parse_image(line) is None
