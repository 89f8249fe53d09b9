"""Frames of crash texts, in all forms in which Apple's tools write them."""

import pytest

from native.crashes.apple.frame_lines import parse_frame
from native.crashes.raw_frames import RawFrame

LINES = {
    "0   MyApp                         \t0x0000000104e3c2c8 0x104e34000 + 33480": RawFrame(
        image="MyApp", address=0x104E3C2C8, image_offset=33480
    ),
    "12  libsystem_kernel.dylib        \t0x000000019a9d1df0 __pthread_kill + 8": RawFrame(
        image="libsystem_kernel.dylib", address=0x19A9D1DF0, function="__pthread_kill", function_offset=8
    ),
    "1   My Own App                       0x104e3c2c8 Cart.total() + 52 (Cart.swift:42)": RawFrame(
        image="My Own App",
        address=0x104E3C2C8,
        function="Cart.total()",
        function_offset=52,
        file="Cart.swift",
        line1=42,
    ),
    "1   MyApp                            0x104e3c2c8 -[Cart total:with:] (in MyApp) (Cart.m:42:7)": RawFrame(
        image="MyApp", address=0x104E3C2C8, function="-[Cart total:with:]", file="Cart.m", line1=42, column1=7
    ),
    "5     + libpackageinfo.dylib         \t0x100947768 0x100928000 + 0x1f768": RawFrame(
        image="libpackageinfo.dylib", address=0x100947768, image_offset=0x1F768
    ),
    "4   MyApp   0x104e3c2c8 Cart.sum() + 8 (C.swift:9) [inlined]": RawFrame(
        image="MyApp",
        address=0x104E3C2C8,
        function="Cart.sum()",
        function_offset=8,
        file="C.swift",
        line1=9,
        inlined=True,
    ),
    "1   [inlined]                     \t       0x104e3c2c8 Cart.sum() + 8 (C.swift:9)": RawFrame(
        address=0x104E3C2C8, function="Cart.sum()", function_offset=8, file="C.swift", line1=9, inlined=True
    ),
    "2   MyApp   0x104e3c2c8 closure #1 in Cart.sum() + 8 (<compiler-generated>:0)": RawFrame(
        image="MyApp", address=0x104E3C2C8, function="closure #1 in Cart.sum()", function_offset=8
    ),
    "3   MyApp   0x104e3c2c8 shop::Sum<int>::operator+(int) const + 12": RawFrame(
        image="MyApp", address=0x104E3C2C8, function="shop::Sum<int>::operator+(int) const", function_offset=12
    ),
    "3   MyApp   0x104e3c2c8 <redacted> + 12": RawFrame(
        image="MyApp", address=0x104E3C2C8, function="<redacted>", function_offset=12
    ),
    "5   UIKitCore                        -[UIApplication _run] + 888": RawFrame(
        image="UIKitCore", function="-[UIApplication _run]", function_offset=888
    ),
    "6   ???                           \t0x00000000deadbeef 0 + 3735928559": RawFrame(address=0xDEADBEEF),
    "6   ???                           \t               0x0 ???": RawFrame(address=0),
    "7   MyApp   0x104e3c2c8": RawFrame(image="MyApp", address=0x104E3C2C8),
    "8   MyApp   0x104e3c2c8 MyApp + 33480": RawFrame(
        image="MyApp", address=0x104E3C2C8, function="MyApp", function_offset=33480, image_offset=33480
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_a_frame(line: str) -> None:
    """An address, offset or line taken from the wrong column resolves to another function."""
    assert parse_frame(line) == LINES[line]


@pytest.mark.parametrize(
    "line",
    ["", "Thread 0:", "0", "0 ", "MyApp 0x10 f + 1", "0x10 0x20", "12345   MyApp  0x10 f + 1", "0   just words", "EOF"],
)
def test_what_is_no_frame(line: str) -> None:
    """Text between the stacks must not become calls."""
    assert parse_frame(line) is None
