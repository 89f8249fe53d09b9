"""Names that nearly fit: shown to the user beside a miss, never used.

>>> near_misses("https://cdn.example/app.3f9c.js", ["dist/app.81aa.js", "dist/vendor.js"])
(NearMiss(name='dist/app.81aa.js', note='same name, another hash'),)
"""

import re
from collections.abc import Iterable

from symbolicator.protocols import NearMiss
from symbolicator.store.names import MAX_NAME_CHARACTERS, file_name

MAX_SHOWN = 3
MIN_SCORE = 75.0
"""Percent of likeness (rapidfuzz's ratio of the file names) below which a name is another name."""
MAX_COMPARED = 20_000
_MAX_FILE_NAME = 255
_SEPARATORS = re.compile(r"[.\-_]")
_HEX_HASH = re.compile(r"(?=.*\d)[0-9a-fA-F]{4,64}\Z")
_MIXED_HASH = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[0-9A-Za-z]{8,64}\Z")


def near_misses(wanted: str, known: Iterable[str]) -> tuple[NearMiss, ...]:
    """The known names whose file names are most like that of ``wanted``, best first, and what differs."""
    target = file_name(wanted)
    if not target or len(target) > _MAX_FILE_NAME:
        return ()
    by_file_name = _by_file_name(known)
    ranked = sorted(_scored(target, by_file_name), key=lambda pair: (-pair[1], pair[0]))
    shown = [(name, score) for found, score in ranked for name in by_file_name[found]]
    return tuple(NearMiss(name, _note(target, file_name(name), score)) for name, score in shown[:MAX_SHOWN])


def _by_file_name(known: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for _, name in zip(range(MAX_COMPARED), known, strict=False):
        found = file_name(name) if len(name) <= MAX_NAME_CHARACTERS else ""
        if found and len(found) <= _MAX_FILE_NAME and len(groups.setdefault(found, [])) < MAX_SHOWN:
            groups[found].append(name)
    return groups


def _scored(target: str, names: Iterable[str]) -> list[tuple[str, float]]:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a miss pays for the import

    names = list(names)
    alike = process.extract(target, names, scorer=fuzz.ratio, limit=MAX_SHOWN, score_cutoff=MIN_SCORE)
    scores = {name: score for name, score, _ in alike}
    plain = without_hash(target)
    same_stem = [name for name in names if without_hash(name) == plain][:MAX_SHOWN]
    return list((scores | {name: max(scores.get(name, 0.0), 99.0) for name in same_stem}).items())


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
