"""What is wrong with maps that resolved frames all the same: told once a map, and only for maps that were used."""

from collections.abc import Iterable, Iterator

from sourcemaps.javascript import problems
from sourcemaps.javascript.resolution import Resolution
from sourcemaps.javascript.texts import Texts
from symbolicator.model import Problem


def map_problems(used: Iterable[Resolution], texts: Texts) -> Iterator[Problem]:
    """Defects of the maps that led to a position, and sources that nobody has the text of."""
    for found in dict.fromkeys(found for resolution in used for found in resolution.trail.maps):
        if found.index.defects:
            yield problems.defective_map(found.name, list(found.index.defects))
    for name, sources in texts.missing.items():
        yield problems.no_text(name, sorted(sources))
