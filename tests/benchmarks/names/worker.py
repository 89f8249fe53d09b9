"""What one peer calls the functions at the places of a bundle: ``worker PEER FOLDER MAP``.

Reports the shares of right names, and writes what is wrong beside the map, for whoever looks into one.
"""

import importlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from sourcemaps.javascript.identifier import IDENTIFIER
from sourcemaps.javascript.transformer import TRANSFORMER
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace
from symbolicator.model.event import Values
from symbolicator.pipeline import run
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store import BytesBlob, FolderCache

URL = "https://shop.example/bundle.js"
ANONYMOUS = "<anonymous>"
_WORDS = re.compile(r"^(?:(?:async|new|get|set|static) )+(?=.)")
_NOTHING = frozenset({"", "?", "<anonymous>", "<unknown>", "<global>", "(anonymous function)"})


class Place(Struct, frozen=True):
    """Where a stack frame stands in the bundle, and every right spelling of its function."""

    line0: int
    column0: int
    raw: str
    source: str
    names: tuple[str, ...]


Answers: TypeAlias = Sequence[str | None]


class _Files:
    """A store of one bundle and its map; what was found once is kept."""

    def __init__(self, bundle: Path, source_map: Path, cache: Path) -> None:
        files = {"bundle.js": bundle.read_bytes(), "bundle.js.map": source_map.read_bytes()}
        self._blobs = {
            key: BytesBlob(name, data)
            for name, data in files.items()
            for found in IDENTIFIER.identify(name, data)
            for key in found.keys
        }
        self._cache = FolderCache(cache)
        self._found: dict[str, Artifact] = {}

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """Names are compared by their last component."""
        return {key: self._answer(key) for key in keys}

    def _answer(self, key: Key) -> Artifact | Missing:
        for known, blob in self._blobs.items():
            if (known.kind, known.by, _last(known.value)) == (key.kind, key.by, _last(key.value)):
                return self._loaded(key, blob)
        return Missing(key, "It is not there.")

    def _loaded(self, key: Key, blob: BytesBlob) -> Artifact:
        name = f"{key.kind} {blob.name}"
        if name not in self._found:
            self._found[name] = Artifact(key, blob.name, IDENTIFIER.load(key.kind, blob, self._cache))
        return Artifact(key, blob.name, self._found[name].content)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def ours(places: Sequence[Place], bundle: Path, source_map: Path) -> Answers:
    """Through the whole transformer, an event for each original file: the budget of an event is for a few of them."""
    files = _Files(bundle, source_map, source_map.with_suffix(".cache"))
    by_source: dict[str, list[int]] = defaultdict(list)
    for at, place in enumerate(places):
        by_source[place.source].append(at)
    answers: list[str | None] = [None] * len(places)
    for group in by_source.values():
        resolved = run(TRANSFORMER, _event([places[at] for at in group]), files)
        for at, function in zip(group, _functions(resolved), strict=True):
            answers[at] = function
    return answers


def _event(places: Sequence[Place]) -> Event:
    frames = (
        Frame(function=place.raw or None, abs_path=URL, lineno=place.line0 + 1, colno=place.column0 + 1)
        for place in places
    )
    stacks = tuple(ExceptionValue(type="Error", stacktrace=Stacktrace(frames=(frame,))) for frame in frames)
    return Event(platform="javascript", exception=Values(values=stacks))


def _functions(event: Event) -> Iterator[str | None]:
    for value in event.exception.values if event.exception else ():
        yield value.stacktrace.frames[-1].function if value.stacktrace else None


def symbolic_cache(places: Sequence[Place], bundle: Path, source_map: Path) -> Answers:
    """PyPI symbolic as Sentry uses it now: scopes of the minified file, mapped; else the minified name."""
    cache = _symbolic().SourceMapCache.from_bytes(bundle.read_bytes(), source_map.read_bytes())
    tokens = (cache.lookup(place.line0 + 1, place.column0 + 1, 0) for place in places)
    return [token and token.function_name for token in tokens]


def symbolic_view(places: Sequence[Place], bundle: Path, source_map: Path) -> Answers:
    """PyPI symbolic as Sentry used it before: the minified name is looked for backwards from the position."""
    symbolic = _symbolic()
    view = symbolic.SourceMapView.from_json_bytes(source_map.read_bytes())
    source = symbolic.SourceView.from_bytes(bundle.read_bytes())
    tokens = (view.lookup(place.line0, place.column0, place.raw, source) for place in places)
    return [token and token.function_name for token in tokens]


def _symbolic() -> Any:
    try:
        return importlib.import_module("symbolic")
    except ImportError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(3) from error


PEERS: dict[str, Callable[[Sequence[Place], Path, Path], Answers]] = {
    "ours": ours,
    "symbolic_cache": symbolic_cache,
    "symbolic_view": symbolic_view,
}


def is_right(answer: str | None, place: Place) -> bool:
    """Whether the last component is that of the truth: ``total`` for ``Cart.total``, ``get total`` and ``total``."""
    return _last_component(answer) in {_last_component(name) for name in place.names}


def is_right_in_full(answer: str | None, place: Place) -> bool:
    """Whether the class, or what it is assigned to, is right too; words like ``get`` and ``new`` left away."""
    return _bare(answer) in {_bare(name) for name in place.names}


def _last_component(name: str | None) -> str:
    bare = _bare(name)
    return bare if bare.startswith("<") else bare.rpartition(".")[2] or bare


def _bare(name: str | None) -> str:
    bare = _WORDS.sub("", name or "")
    return ANONYMOUS if bare in _NOTHING else bare


def main(peer: str, folder: Path, map_name: str) -> dict[str, float]:
    """The report."""
    places = [
        Place(**{field: entry[field] for field in Place.__struct_fields__})
        for entry in json.loads((folder / "positions.json").read_text())
    ]
    answers = PEERS[peer](places, folder / "bundle.js", folder / map_name)
    pairs = list(zip(answers, places, strict=True))
    wrong = [
        [answer, *pair.names, pair.source, pair.line0, pair.column0]
        for answer, pair in pairs
        if not is_right(answer, pair)
    ]
    (folder / f"{peer}.{map_name}.wrong.json").write_text("\n".join(map(json.dumps, wrong)))
    named = [pair for pair in pairs if not pair[1].names[0].startswith("<")]
    return {
        "right": _share(pairs, is_right),
        "named": _share(named, is_right),
        "full": _share(pairs, is_right_in_full),
        "places": len(pairs),
    }


def _share(pairs: Sequence[tuple[str | None, Place]], test: Callable[[str | None, Place], bool]) -> float:
    return sum(test(answer, place) for answer, place in pairs) / len(pairs)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])) + "\n")
