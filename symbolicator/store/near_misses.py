"""Names that nearly fit: shown to the user beside a miss, never used.

>>> near_misses("https://cdn.example/app.3f9c.js", ["dist/app.81aa.js", "dist/vendor.js"])
(NearMiss(name='dist/app.81aa.js', note='same name, another hash'),)
"""

import re
from collections.abc import Iterable

from symbolicator.protocols import NearMiss
from symbolicator.store.names import file_name

MAX_SHOWN = 3
MIN_SCORE = 75.0
"""Percent of likeness (rapidfuzz's ratio of the file names) below which a name is another name."""
MAX_COMPARED = 20_000
_MAX_FILE_NAME = 255
_SAME_STEM_SCORE = 99.0
_SEPARATORS = re.compile(r"[.\-_]")
_HEX_HASH = re.compile(r"(?=.*\d)[0-9a-fA-F]{4,64}\Z")
_MIXED_HASH = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[0-9A-Za-z]{8,64}\Z")


def near_misses(wanted: str, known: Iterable[str]) -> tuple[NearMiss, ...]:
    """The known names whose file names are most like that of ``wanted``, best first, and what differs."""
    return Neighbours(known).of(wanted)


class Neighbours:
    """Known names, ready to be compared with many others."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for _, name in zip(range(MAX_COMPARED), known, strict=False):
            self._add(name)
        self._file_names = list(self._names)

    def _add(self, name: str) -> None:
        found = file_name(name)
        if not found or len(found) > _MAX_FILE_NAME:
            return
        if found not in self._names:
            self._by_stem.setdefault(without_hash(found), []).append(found)
        names = self._names.setdefault(found, [])
        if len(names) < MAX_SHOWN:
            names.append(name)

    def of(self, wanted: str) -> tuple[NearMiss, ...]:
        """The names most like ``wanted``, best first, and what differs."""
        target = file_name(wanted)
        if not target or len(target) > _MAX_FILE_NAME:
            return ()
        ranked = sorted(self._scored(target).items(), key=lambda pair: (-pair[1], pair[0]))
        shown = [(name, score) for found, score in ranked for name in self._names[found]]
        return tuple(NearMiss(name, _note(target, file_name(name), score)) for name, score in shown[:MAX_SHOWN])

    def _scored(self, target: str) -> dict[str, float]:
        """Names that differ in their hash only count as nearly equal, however different the hashes are."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a miss pays for the import

        alike = process.extract(target, self._file_names, scorer=fuzz.ratio, limit=MAX_SHOWN, score_cutoff=MIN_SCORE)
        scores = {name: score for name, score, _ in alike}
        same_stem = self._by_stem.get(without_hash(target), [])[:MAX_SHOWN]
        return scores | {name: max(scores.get(name, 0.0), _SAME_STEM_SCORE) for name in same_stem}


def _note(wanted: str, found: str, score: float) -> str:
    if wanted == found:
        return "same file name in another folder"
    if wanted.casefold() == found.casefold():
        return "differs in upper and lower case only"
    if without_hash(wanted) == without_hash(found):
        return _hash_note(wanted, found)
    return f"{score:.0f}% alike"


def _hash_note(wanted: str, found: str) -> str:
    plain = without_hash(found)
    if plain == found:
        return "same name without the hash"
    return "same name with a hash" if plain == wanted else "same name, another hash"


def without_hash(name: str) -> str:
    """The file name without the parts that a bundler derives from the content: ``app.3f9c.js`` is ``app.js``."""
    kept = [part for part in _SEPARATORS.split(name) if not (_HEX_HASH.match(part) or _MIXED_HASH.match(part))]
    return ".".join(kept) if len(kept) > 1 else name
