"""PyPI symbolic. Its Python package does not demangle: names are the mangled ones, which spares it that work."""

import importlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks.native.worker import Call, Chains

symbolic: Any = importlib.import_module("symbolic")  # installed for benchmarks only


def version() -> str:
    return metadata.version("symbolic")


def convert(file: Path) -> bytes:
    data: bytes = _made(file).open_stream().read()
    return data


def open_file(file: Path, _addresses: Sequence[int]) -> Any:
    return _made(file)


def _made(file: Path) -> Any:
    return next(symbolic.Archive.open(str(file)).iter_objects()).make_symcache()


def open_index(index: Path) -> Any:
    return symbolic.SymCache.open(str(index))


def lookup(opened: Any, addresses: Sequence[int]) -> Chains:
    return [[_call(location) for location in opened.lookup(address)] for address in addresses]


def _call(location: Any) -> Call:
    return location.symbol, location.full_path, location.line, 0


linkage_chains = lookup
