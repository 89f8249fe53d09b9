"""Our own reference backend on pyelftools, which serves where the compiled core is missing. It keeps no index."""

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from native.backends.reference import ReferenceSymCache
from symbolicator.model import LookupAddress
from tests.benchmarks.native.worker import Chains, plain_name


def version() -> str:
    return metadata.version("pyelftools")


def convert(file: Path) -> bytes:
    raise NotImplementedError(f"no index is made of {file.name}")


def open_file(file: Path, _addresses: Sequence[int]) -> ReferenceSymCache:
    return ReferenceSymCache(file.read_bytes())


def open_index(index: Path) -> ReferenceSymCache:
    raise NotImplementedError(f"{index.name} cannot be: no index is made")


def lookup(opened: ReferenceSymCache, addresses: Sequence[int]) -> Sequence[object]:
    return opened.lookup([LookupAddress(address) for address in addresses])


def linkage_chains(opened: ReferenceSymCache, addresses: Sequence[int]) -> Chains:
    return [
        [(call.symbol or plain_name(call.function), call.file, call.line or 0, call.column or 0) for call in chain]
        for chain in opened.lookup([LookupAddress(address) for address in addresses])
    ]
