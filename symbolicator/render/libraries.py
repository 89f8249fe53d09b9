"""Which library a frame belongs to, as a person would call it.

>>> library_of(Frame(filename="/app/node_modules/@hapi/hapi/lib/core.js"))
'@hapi/hapi'
"""

import re

from symbolicator.model import Frame
from symbolicator.render.safe import safe

_MAX_NAME = 60
_PACKAGE_PARTS = 3

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\A(?:node:|internal/)"), "node internals"),
    (re.compile(r"(?:.*[/\\])?node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\]", re.DOTALL), r"\1"),
    (re.compile(r"(?:.*/)?\.cargo/(?:registry/src|git/checkouts)/[^/]+/([^/]+?)(?:-\d[^/]*)?/", re.DOTALL), r"\1"),
    (re.compile(r"(?:/rustc/|.*/rustlib/src/rust/|library/(?:core|std|alloc)/)", re.DOTALL), "the Rust library"),
    (re.compile(r".*/include/c\+\+/", re.DOTALL), "the C++ library"),
    (re.compile(r"(?:.*/)?site-packages/([^/]+)/", re.DOTALL), r"\1"),
)
"""Patterns at the start of a source path, the last match of a repeated folder winning."""

_BUILT_IN = re.compile(r"\A(?:\[?native(?: code)?\]?|<anonymous>|<native>|native)\Z")


def library_of(frame: Frame) -> str:
    """Name of the library that holds the code: package, crate, image, or else the file."""
    path = (frame.abs_path or frame.filename or "")[-1000:]
    name = _from_path(path) or _from_image(frame) or _from_module(frame) or _from_file(frame)
    return safe(name.replace("\\", "/"), _MAX_NAME)


def _from_path(path: str) -> str | None:
    for pattern, name in _RULES:
        if match := pattern.match(path):
            return match.expand(name)
    return None


def _from_image(frame: Frame) -> str | None:
    return base_name(frame.package) if frame.package else None


def _from_module(frame: Frame) -> str | None:
    """The package of a dotted module: ``java.util.concurrent`` of ``java.util.concurrent.FutureTask``."""
    parts = (frame.module or "")[:1000].split(".")
    package = [part for part in parts[:_PACKAGE_PARTS] if part[:1].islower()]
    return ".".join(package) if len(parts) > 1 else None


def _from_file(frame: Frame) -> str:
    place = frame.filename or frame.abs_path
    return "built-in functions" if place is None or is_built_in(place) else base_name(place)


def is_built_in(path: str) -> bool:
    """Whether a runtime says by this that the function is its own: ``native``, ``<anonymous>``."""
    return bool(_BUILT_IN.match(path))


def base_name(path: str) -> str:
    """Last component of a POSIX or Windows path."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1] or path
