"""Long names made to fit: parameter and template lists fold before anything is cut, paths lose their front.

>>> shorten_function("int std::accumulate<It<Line const*>, int>(It<Line const*>, int)", 30)
'int std::accumulate<…>(…)'
>>> shorten_path("/usr/include/c++/12/bits/stl_numeric.h:169:22", 25)
'…/stl_numeric.h:169:22'
"""

import re

from symbolicator.render.lines import ELLIPSIS, cells, cut, cut_front

_TOKEN = re.compile(
    r"operator\s*(?:<=>|<<=?|>>=?|<=?|>=?|->\*?|\(\))"  # brackets that are part of a name
    r"|\(anonymous namespace\)|->|=>|[<>()]"
)
_CLOSING = {"<": ">", "(": ")"}
_QUERY = re.compile(r"(?<=[^/])\?[^:/\s]{1,2000}(?=(?::[0-9]{1,10}){0,2}\Z)")


def shorten_function(name: str, width: int) -> str:
    """The name in at most ``width`` cells: without its parameters, then without template arguments, then cut."""
    for opening in "(<":
        if cells(name) <= width:
            return name
        name = _fold(name, opening)
    return cut(name, width)


def shorten_path(path: str, width: int) -> str:
    """The end of the path in at most ``width`` cells, without a URL's query, from a folder's start if that is early."""
    path = path if cells(path) <= width else _QUERY.sub("", path)
    tail = cut_front(path, width)
    slash = tail.find("/", 1)
    return ELLIPSIS + tail[slash:] if tail != path and 0 < slash < len(tail) // 2 else tail


def _fold(name: str, opening: str) -> str:
    """An ellipsis in place of what the outermost pairs of a bracket hold; an unbalanced name stays as it is."""
    pieces: list[str] = []
    depth = start = inside = 0
    for token in _TOKEN.finditer(name):
        if token[0] == opening:
            inside = inside if depth else token.end()
            depth += 1
        elif token[0] == _CLOSING[opening] and depth:
            depth -= 1
            if depth == 0:
                pieces += [name[start:inside], ELLIPSIS if token.start() > inside else ""]
                start = token.start()
    return name if depth else "".join([*pieces, name[start:]])
