"""Finds plug-ins through entry points. One that cannot be loaded is reported by ``doctor`` and costs nothing else."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from symbolicator.model.bridges import Bridge
from symbolicator.protocols import Identifier, Reader, Transformer

if TYPE_CHECKING:
    import click


class BrokenPlugin(Struct, frozen=True):
    """An entry point that could not be loaded."""

    group: str
    name: str
    why: str


class _Group(Struct, frozen=True):
    loaded: tuple[object, ...]
    broken: tuple[BrokenPlugin, ...]


def readers() -> tuple[Reader, ...]:
    """Readers of crash reports, by name of their entry point."""
    return cast("tuple[Reader, ...]", _load("symbolicator.readers").loaded)


def identifiers() -> tuple[Identifier, ...]:
    """Identifiers of artifacts, by name of their entry point."""
    return cast("tuple[Identifier, ...]", _load("symbolicator.identifiers").loaded)


def transformers() -> tuple[Transformer, ...]:
    """Unwinders, then all other transformers, each by name of their entry point."""
    loaded = (*_load("symbolicator.unwinders").loaded, *_load("symbolicator.transformers").loaded)
    return cast("tuple[Transformer, ...]", loaded)


def bridges() -> tuple[Bridge, ...]:
    """Tables of bridge rules, by name of their entry point."""
    return cast("tuple[Bridge, ...]", _load("symbolicator.bridges").loaded)


def command_names() -> tuple[str, ...]:
    """Names of the commands that plug-ins add, without loading them."""
    return tuple(point.name for point in _points("symbolicator.commands"))


def command(name: str) -> "click.Command | None":
    """Loads one command that a plug-in adds; None if there is none of that name."""
    point = next((point for point in _points("symbolicator.commands") if point.name == name), None)
    return cast("click.Command", point.load()) if point else None


def broken() -> tuple[BrokenPlugin, ...]:
    """Plug-ins that could not be loaded; commands are loaded when they are called."""
    kinds = ("readers", "identifiers", "unwinders", "transformers", "bridges")
    groups = tuple(f"symbolicator.{kind}" for kind in kinds)
    return tuple(plugin for group in groups for plugin in _load(group).broken)


@cache
def _load(group: str) -> _Group:
    loaded: list[object] = []
    failed: list[BrokenPlugin] = []
    for point in _points(group):
        try:
            loaded.append(point.load())
        except Exception as error:  # noqa: BLE001 - a stranger's module may fail in any way
            failed.append(BrokenPlugin(group, point.name, f"{type(error).__name__}: {error}"))
    return _Group(tuple(loaded), tuple(failed))


_installed = cache(entry_points)
"""Every entry point there is: looking through all installed packages takes longer than the rest of this module."""


def _points(group: str) -> Sequence[EntryPoint]:
    return sorted(_installed().select(group=group), key=lambda point: (point.name, point.value))
