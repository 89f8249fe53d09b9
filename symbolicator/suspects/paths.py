r"""Which tracked file a frame's path means: the one with the longest suffix in common.

The path of a frame is what a compiler, a bundler or a runtime wrote: ``/build/ci/shop/src/cart.cpp``,
``webpack://shop/./src/cart.ts``, ``C:\work\src\cart.cpp``. The tracked files are those of all repositories. The name of
a repository's folder counts as the first component of its files' paths, so that ``shop/src/cart.cpp`` is told from the
``src/cart.cpp`` of another one.

>>> paths = TrackedPaths([("shop", ["src/cart.cpp", "lib/src/cart.cpp", "src/main.cpp"])])
>>> paths.find("/build/ci/src/cart.cpp")
Tracked(repository=0, path='src/cart.cpp', is_sure=True)
>>> TrackedPaths([("a", ["src/x.c"]), ("b", ["src/x.c"])]).find("src/x.c").paths
('a/src/x.c', 'b/src/x.c')
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from msgspec import Struct

MAX_CHARACTERS = 4096
"""A longer name is no path."""
_MAX_SHOWN = 3
_MIN_SURE = 3
"""Components in common that make up for folders that differ above them: ``src/main.c`` is everywhere."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,40}:/{1,3}")


class Tracked(Struct, frozen=True):
    """A file of a repository. ``is_sure`` is False where little of the path fits and the folders above differ."""

    repository: int
    path: str
    is_sure: bool


class Ambiguous(Struct, frozen=True):
    """Several files fit equally well; a few of them, with the names of their repositories, and how many there are."""

    paths: tuple[str, ...]
    count: int


def components(raw: str) -> tuple[str, ...]:
    """Components of a path or URL, from the root on, ``.`` and ``..`` resolved. The host of a URL is one of them."""
    if len(raw) > MAX_CHARACTERS:
        return ()
    url = _URL.match(raw)
    path = unquote(raw[url.end() :].partition("?")[0]) if url else raw
    kept: list[str] = []
    for part in unicodedata.normalize("NFC", path).replace("\\", "/").split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", ".", "~"):
            kept.append(part)
    return tuple(kept)


class TrackedPaths:
    """The tracked files of several repositories, ready to be asked for many paths."""

    def __init__(self, repositories: Sequence[tuple[str, Iterable[str]]]) -> None:
        self._names = [name for name, _ in repositories]
        self._by_file: dict[str, list[tuple[int, str]]] = {}
        self._parts: dict[tuple[int, str], tuple[str, ...]] = {}
        for number, (_, paths) in enumerate(repositories):
            for path in paths:
                name = unicodedata.normalize("NFC", path.rpartition("/")[2])
                self._by_file.setdefault(name.casefold(), []).append((number, path))

    def find(self, raw: str) -> Tracked | Ambiguous | None:
        """The file that a path means. Case counts unless no file has the path's case."""
        wanted = components(raw)
        candidates = self._by_file.get(wanted[-1].casefold(), []) if wanted else []
        fits = [(self._fit(wanted, *candidate), candidate) for candidate in candidates]
        if not any(fit[0] for fit, _ in fits):
            folded = tuple(map(str.casefold, wanted))
            fits = [(self._fit(folded, *candidate, folds=True), candidate) for candidate in candidates]
        best = max((fit for fit, _ in fits), default=(0, False, False))
        return self._answer(best, [candidate for fit, candidate in fits if fit == best]) if best[0] else None

    def _fit(
        self, wanted: tuple[str, ...], repository: int, path: str, *, folds: bool = False
    ) -> tuple[int, bool, bool]:
        """Components in common at the end; whether that is all of either path; whether of the tracked one."""
        full = self._full(repository, path)
        common = _common(wanted, tuple(map(str.casefold, full)) if folds else full)
        is_whole = common >= len(full) - 1
        return common, is_whole or common == len(wanted), is_whole

    def _full(self, repository: int, path: str) -> tuple[str, ...]:
        """Components of a tracked file's path behind its repository's name; kept: many frames ask for an index.ts."""
        known = self._parts.get((repository, path))
        if known is None:
            known = (self._names[repository], *unicodedata.normalize("NFC", path).split("/"))
            self._parts[repository, path] = known
        return known

    def _answer(self, fit: tuple[int, bool, bool], best: list[tuple[int, str]]) -> Tracked | Ambiguous:
        if len(best) > 1:
            return Ambiguous(tuple(f"{self._names[number]}/{path}" for number, path in best[:_MAX_SHOWN]), len(best))
        common, agrees, _ = fit
        return Tracked(*best[0], is_sure=agrees or common >= _MIN_SURE)


def _common(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        count += 1
    return count
