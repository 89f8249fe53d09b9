"""PyPI symbolic, SourceMapCache: parses the minified code too, for the names of enclosing functions."""

import importlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks.sourcemaps.worker import CONTEXT, Answer, Position

symbolic: Any = importlib.import_module("symbolic")  # installed for benchmarks only


def version() -> str:
    return metadata.version("symbolic")


def ready(source_map: bytes, bundle: bytes) -> Any:
    return symbolic.SourceMapCache.from_bytes(bundle, source_map)


def index_size(_index: Any) -> int | None:
    """The Python package does not hand out the cache file."""
    return None


def lookups(index: Any, positions: Sequence[Position]) -> list[Any]:
    """Its lines and columns are 1-based; without context lines."""
    return [index.lookup(line0 + 1, column0 + 1, 0) for line0, column0 in positions]


def answers(_index: Any, looked_up: list[Any]) -> list[Answer]:
    return [token and (token.src, token.line - 1, token.col - 1) for token in looked_up]


def prepare(_folder: Path) -> None:
    """It keeps nothing between processes."""


def trace(folder: Path, positions: Sequence[Position]) -> list[Any]:
    index = ready((folder / "bundle.js.map").read_bytes(), (folder / "bundle.js").read_bytes())
    return [index.lookup(line0 + 1, column0 + 1, CONTEXT) for line0, column0 in positions]
