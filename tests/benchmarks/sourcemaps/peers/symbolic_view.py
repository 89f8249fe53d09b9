"""PyPI symbolic, SourceMapView: positions and names, without scopes."""

import importlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks.sourcemaps.worker import CONTEXT, Answer, Position

symbolic: Any = importlib.import_module("symbolic")  # installed for benchmarks only


def version() -> str:
    return metadata.version("symbolic")


def ready(source_map: bytes, _bundle: bytes) -> Any:
    return symbolic.SourceMapView.from_json_bytes(source_map)


def index_size(_index: Any) -> int | None:
    return None


def lookups(index: Any, positions: Sequence[Position]) -> list[Any]:
    return [index.lookup(line0, column0) for line0, column0 in positions]


def answers(_index: Any, looked_up: list[Any]) -> list[Answer]:
    return [token and (token.src, token.src_line, token.src_col) for token in looked_up]


def prepare(_folder: Path) -> None:
    """It keeps nothing between processes."""


def trace(folder: Path, positions: Sequence[Position]) -> list[Any]:
    index = ready((folder / "bundle.js.map").read_bytes(), b"")
    return [_frame(index, index.lookup(line0, column0)) for line0, column0 in positions]


def _frame(index: Any, token: Any) -> tuple[Any, ...] | None:
    if token is None:
        return None
    source = index.get_sourceview(token.src_id)
    lines = source[max(0, token.src_line - CONTEXT) : token.src_line + CONTEXT + 1] if source else None
    return token.src, token.name, lines
