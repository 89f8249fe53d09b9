"""Paths of source files as a person wants to read them.

>>> tidy("/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/bits/alloc_traits.h")
'/usr/include/c++/12/bits/alloc_traits.h'
>>> short("/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/iter/map.rs")
'core/src/iter/map.rs'
"""

import posixpath
import re

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_ROOTS = re.compile(
    r"/rustc/[0-9a-f]{8,}/library/"
    r"|.*/rustlib/src/rust/library/"
    r"|.*/registry/src/[^/]+/"
    r"|/usr/include/c\+\+/[^/]+/"
    r"|/usr/(?:local/)?include/"
)
"""Folders that everything of a toolchain lies in: below them the whole path tells files apart."""
_SHOWN = 2


def tidy(path: str) -> str:
    """The path without ``.``, ``..`` and double slashes, as far as its text tells."""
    if _WINDOWS.match(path):
        return path
    return posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)


def short(path: str) -> str:
    """The end of a path: below a toolchain's root all of it, else file and folder (``mod.rs`` alone says nothing)."""
    plain = path.replace("\\", "/")
    root = _ROOTS.match(plain)
    if root:
        return plain[root.end() :]
    return "/".join(plain.strip("/").split("/")[-_SHOWN:])
