"""Finds plug-ins through entry points. One that cannot be loaded is reported by ``doctor`` and costs nothing else."""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, cast

from msgspec import Struct

from symbolicator.errors import UnreadableInput
from symbolicator.model.bridges import Bridge
from symbolicator.model.frame_rules import UNKNOWN_FAMILY, FrameRule, RuleTable
from symbolicator.model.rule_set import RuleSet
from symbolicator.protocols import Identifier, Reader, Transformer

if TYPE_CHECKING:
    import click


_FRAME_RULES = "symbolicator.frame_rules"


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


def readers_for(head: bytes) -> tuple[Reader, ...]:
    """The readers that may know a report which starts with ``head``: the others' hints are not in it.

    Hints (group ``symbolicator.reader_hints``) are bytes by name of the reader's entry point, one of which its reports
    have; a reader without hints is asked about every report.
    """
    hints = _hints()
    points = (point for point in _points("symbolicator.readers") if _may_know(hints.get(point.name), head))
    loaded = (_load_one("symbolicator.readers", point) for point in points)
    return tuple(cast("Reader", one) for one in loaded if not isinstance(one, BrokenPlugin))


def _may_know(hints: Sequence[bytes] | None, head: bytes) -> bool:
    return hints is None or any(hint in head for hint in hints)


@cache
def _hints() -> dict[str, Sequence[bytes]]:
    tables = cast("tuple[dict[str, Sequence[bytes]], ...]", _load("symbolicator.reader_hints").loaded)
    return {name: hints for table in tables for name, hints in table.items()}


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


@lru_cache(maxsize=64)
def frame_rules(platform: str | None) -> RuleSet:
    """The rules about frames of a platform, in the order of their entry points. Tables are read when they are asked."""
    family = platform or UNKNOWN_FAMILY
    return _rule_set(tuple(table for table in rule_tables() if family in table.platforms))


@cache
def _rule_set(tables: Sequence[RuleTable]) -> RuleSet:
    read = map(_rules, tables)
    return RuleSet(rule for rules in read if not isinstance(rules, BrokenPlugin) for rule in rules)


@cache
def rule_tables() -> tuple[RuleTable, ...]:
    """Tables of rules about frames, none of them read yet, by name of their entry point."""
    loaded = (tables for tables in _load(_FRAME_RULES).loaded if isinstance(tables, Sequence))
    return tuple(table for tables in loaded for table in tables if _is_usable(table))


def _is_usable(table: object) -> TypeGuard[RuleTable]:
    """Whether it is what it should be: no type checker has seen a stranger's module."""
    return isinstance(table, RuleTable) and isinstance(table.file, Path) and isinstance(table.platforms, frozenset)


@cache
def _rules(table: RuleTable) -> Sequence[FrameRule] | BrokenPlugin:
    from symbolicator.model.tables import parse_rules  # noqa: PLC0415 - a report without frames reads no TOML

    try:
        return parse_rules(table.file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, UnreadableInput) as error:
        return BrokenPlugin(_FRAME_RULES, str(table.file), str(error))


def command_names() -> tuple[str, ...]:
    """Names of the commands that plug-ins add, without loading them."""
    return tuple(point.name for point in _points("symbolicator.commands"))


def command(name: str) -> "click.Command | None":
    """Loads one command that a plug-in adds; None if there is none of that name."""
    point = next((point for point in _points("symbolicator.commands") if point.name == name), None)
    return cast("click.Command", point.load()) if point else None


def broken() -> tuple[BrokenPlugin, ...]:
    """Plug-ins that could not be loaded; commands are loaded when they are called."""
    kinds = ("readers", "reader_hints", "identifiers", "unwinders", "transformers", "bridges")
    groups = (*(f"symbolicator.{kind}" for kind in kinds), _FRAME_RULES)
    tables = (one for one in map(_rules, rule_tables()) if isinstance(one, BrokenPlugin))
    return (*(plugin for group in groups for plugin in _load(group).broken), *tables)


@cache
def _load(group: str) -> _Group:
    found = [_load_one(group, point) for point in _points(group)]
    broken = tuple(one for one in found if isinstance(one, BrokenPlugin))
    return _Group(tuple(one for one in found if not isinstance(one, BrokenPlugin)), broken)


@cache
def _load_one(group: str, point: EntryPoint) -> object:
    """The plug-in, or why it could not be loaded."""
    try:
        return point.load()
    except Exception as error:  # noqa: BLE001 - a stranger's module may fail in any way
        return BrokenPlugin(group, point.name, f"{type(error).__name__}: {error}")


_installed = cache(entry_points)
"""Every entry point there is: looking through all installed packages takes longer than the rest of this module."""


def _points(group: str) -> Sequence[EntryPoint]:
    return sorted(_installed().select(group=group), key=lambda point: (point.name, point.value))
