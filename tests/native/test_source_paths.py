"""Paths of source files as people read them."""

import pytest

from native.source_paths import short, tidy


@pytest.mark.parametrize(
    ("path", "tidied"),
    [
        ("/src/./order.cpp", "/src/order.cpp"),
        (
            "/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/bits/alloc_traits.h",
            "/usr/include/c++/12/bits/alloc_traits.h",
        ),
        ("//src//main.rs", "/src/main.rs"),
        ("../sysdeps/raise.c", "../sysdeps/raise.c"),
        ("C:\\shop\\..\\main.cpp", "C:\\shop\\..\\main.cpp"),
    ],
)
def test_paths_are_shown_without_detours(path: str, tidied: str) -> None:
    """Clang writes the include path as it was searched; nobody finds a file by that."""
    assert tidy(path) == tidied


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/src/order.cpp", "src/order.cpp"),
        ("/home/me/shop/src/cart/mod.rs", "cart/mod.rs"),
        ("main.c", "main.c"),
        ("/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/iter/map.rs", "core/src/iter/map.rs"),
        ("/h/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0/src/de.rs", "serde-1.0.0/src/de.rs"),
        ("/usr/include/c++/12/bits/stl_numeric.h", "bits/stl_numeric.h"),
        ("C:\\shop\\src\\main.cpp", "src/main.cpp"),
    ],
)
def test_short_names_still_tell_files_apart(path: str, shown: str) -> None:
    """Every Rust crate has a mod.rs: file names alone would be the same everywhere."""
    assert short(path) == shown
