"""PyPI sourcemap: pure Python, the library behind our reference backend."""

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import sourcemap

from tests.benchmarks.sourcemaps.worker import CONTEXT, Answer, Position


def version() -> str:
    return metadata.version("sourcemap")


def ready(source_map: bytes, _bundle: bytes) -> Any:
    return sourcemap.loads(source_map.decode())


def index_size(_index: Any) -> int | None:
    return None


def lookups(index: Any, positions: Sequence[Position]) -> list[Any]:
    return [_lookup(index, line0, column0) for line0, column0 in positions]


def _lookup(index: Any, line0: int, column0: int) -> Any:
    """It raises where a line has no token at or before the column, and where the map has no such line."""
    try:
        return index.lookup(line0, column0)
    except IndexError:
        return None


def answers(_index: Any, looked_up: list[Any]) -> list[Answer]:
    return [None if at is None or at.src is None else (at.src, at.src_line, at.src_col) for at in looked_up]


def prepare(_folder: Path) -> None:
    """It keeps nothing between processes."""


def trace(folder: Path, positions: Sequence[Position]) -> list[Any]:
    index = ready((folder / "bundle.js.map").read_bytes(), b"")
    split: dict[str, list[str]] = {}
    return [_frame(index, split, _lookup(index, line0, column0)) for line0, column0 in positions]


def _frame(index: Any, split: dict[str, list[str]], token: Any) -> tuple[Any, ...] | None:
    """A source is split into lines once."""
    if token is None or token.src is None:
        return None
    if token.src not in split:
        split[token.src] = index.raw["sourcesContent"][index.sources.index(token.src)].split("\n")
    lines = split[token.src][max(0, token.src_line - CONTEXT) : token.src_line + CONTEXT + 1]
    return token.src, token.name, lines
