"""URLs and paths of JavaScript files: resolving one against another, and the name that people know a source by.

>>> resolve("https://cdn.example/js/app.js?v=3", "app.js.map")
'https://cdn.example/js/app.js.map'
>>> display_name("webpack://shop/./src/cart.js?a1b2")
'src/cart.js'
"""

import re
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")
"""Two letters at least: ``C:`` is a drive."""
_DRIVE = re.compile(r"[A-Za-z]:(?=[/\\])")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+://[^/?#]*")
_ANY_HOST = re.compile(r"~(?=/)")
_QUERY = re.compile(r"[?#]")
_SEPARATOR = re.compile(r"[/\\]")
_UPWARDS = re.compile(r"\A(?:\.\.?/)+")
_OLD_NODE_MODULES = re.compile(r"(?:\A|(?<=/))~/")


def is_absolute(name: str) -> bool:
    """Whether it stands for itself whatever refers to it: a URL, or a path with a drive."""
    return bool(_SCHEME.match(name) or _DRIVE.match(name))


def without_query(name: str) -> str:
    """The URL or path without ``?query`` and ``#fragment``."""
    return _QUERY.split(name, maxsplit=1)[0]


def base_name(name: str) -> str:
    """The last component of a path or URL, without query."""
    return _SEPARATOR.split(without_query(name).rstrip("/\\"))[-1]


def components(name: str) -> list[str]:
    """The path components of a URL or path, without scheme and host."""
    path = without_query(name)
    return [part for part in _SEPARATOR.split(path[len(_root(path)) :]) if part not in ("", ".")]


def is_same(left: str, right: str) -> bool:
    """Whether two URLs or paths name the same file, however they are written."""
    return _place(left) == _place(right)


def is_below(wanted: str, found: str) -> bool:
    """Whether ``found`` is the file ``wanted``, or that file as seen from a folder further up.

    Schemes and hosts do not count: what is served somewhere lies elsewhere. A file name alone is only its own.
    """
    ours, theirs = _place(wanted)[1], _place(found)[1]
    return ours == theirs or (len(ours) > 1 and theirs[-len(ours) :] == ours)


def _place(name: str) -> tuple[str, list[str]]:
    """Scheme and host, and the components below; ``..`` that lead out of what is known are left out."""
    bare = _with_slashes(without_query(name))
    root = _root(bare)
    parts = [unquote(part) for part in _without_dots(bare[len(root) :]).split("/") if part not in ("", "..")]
    return root, parts


def resolve(base: str, reference: str) -> str:
    """``reference`` as seen from ``base`` (RFC 3986, section 5.2), for any scheme and for plain paths.

    Python's urljoin knows a list of schemes; ``app:`` and ``webpack:`` are not on it. A ``blob:`` is seen from the
    site that made it: itself it is no place.
    """
    if is_absolute(reference):
        return reference
    base, reference = _with_slashes(without_query(base).removeprefix("blob:")), _with_slashes(reference)
    root = _root(base)
    if reference.startswith("//") and "://" in root:
        return root.partition("//")[0] + reference
    path, tail = _split_query(reference)
    if not path:
        return base + tail
    return root + _without_dots(_below(root, base[len(root) :], path)) + tail


def _root(base: str) -> str:
    """Scheme and host, ``~`` for any of them, or a drive; empty for other paths."""
    match = _ORIGIN.match(base) or _DRIVE.match(base) or _ANY_HOST.match(base)
    return match.group() if match else ""


def _below(root: str, base_path: str, path: str) -> str:
    if path.startswith("/"):
        return path
    folder, slash, _ = base_path.rpartition("/")
    return folder + (slash or ("/" if root else "")) + path


def _with_slashes(path: str) -> str:
    """Windows' separators, where they are the only ones or follow a drive."""
    return path.replace("\\", "/") if "/" not in path or _DRIVE.match(path) else path


def _split_query(reference: str) -> tuple[str, str]:
    match = _QUERY.search(reference)
    at = match.start() if match else len(reference)
    return reference[:at], reference[at:]


def _without_dots(path: str) -> str:
    """Resolves ``.`` and ``..``. Above an absolute path's root there is nothing; above a relative one ``..`` stays."""
    absolute = path.startswith("/")
    parts = path.split("/")[absolute:]
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in (".", "..") or (part == ".." and not absolute):
            kept.append(part)
    if parts[-1] in (".", "..") and kept and kept[-1] != "..":
        kept.append("")
    return "/" * absolute + "/".join(kept)


def display_name(source: str) -> str:
    """The path of a source as its authors write it: without bundler's prefix, query, and ``./`` or ``../`` in front.

    ``~/`` is how webpack 1 wrote ``node_modules/``. Absolute file paths stay absolute.
    """
    path = _path_of(_with_slashes(source.partition("?")[0].lstrip("\0")))
    path = _UPWARDS.sub("", _without_dots(path))
    return _OLD_NODE_MODULES.sub("node_modules/", path) or source


def _path_of(name: str) -> str:
    origin = _ORIGIN.match(name)
    if origin is None:
        return name
    path = name[origin.end() :]
    if name.startswith("file:"):
        return path[1:] if _DRIVE.match(path[1:]) else path
    if name.startswith(("http:", "https:")):
        path = path.partition("#")[0]
    _, marker, below = path.partition("/./")  # webpack://@scope/name/./src: the name may have slashes
    path = below if marker else path.lstrip("/")
    return path.removeprefix("[project]/")
