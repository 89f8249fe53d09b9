"""One pass over a unit's debugging entries: its functions, what was inlined into them, and every name on the way.

Entries are not kept, only what lookups need of them: a unit of a megabyte has tens of thousands.
Source: DWARF 5, sections 3.3 (subroutines) and 2.13 (declarations completed elsewhere).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from msgspec import Struct, field

from native.backends.dwarf_ranges import Range, RangeReader

MAX_DEPTH = 512
"""Nesting of entries."""

_SCOPES = frozenset(
    {
        "DW_TAG_namespace",
        "DW_TAG_class_type",
        "DW_TAG_structure_type",
        "DW_TAG_union_type",
        "DW_TAG_interface_type",
        "DW_TAG_enumeration_type",
        "DW_TAG_module",
    }
)
_FUNCTION, _INLINED = "DW_TAG_subprogram", "DW_TAG_inlined_subroutine"
_LOCAL_REFERENCES = ("DW_FORM_ref1", "DW_FORM_ref2", "DW_FORM_ref4", "DW_FORM_ref8", "DW_FORM_ref_udata")


class Scope(NamedTuple):
    """What a name is declared in. ``function`` is the offset of the function's entry if it is one."""

    tag: str
    name: str | None
    function: int | None
    parent: "Scope | None"


class Declaration(NamedTuple):
    """The names in one function entry. ``refers_to``: offset of the entry that it completes or is an instance of."""

    name: str | None
    symbol: str | None
    refers_to: int | None
    scope: Scope | None


class InlinedCall(NamedTuple):
    """A call whose callee's code was put in place. ``depth`` 1 is called by the function itself; lines are 1-based."""

    depth: int
    ranges: tuple[Range, ...]
    callee: int
    call_file: int
    call_line: int
    call_column: int


class Function(Struct):
    """A function that has code. ``offset`` is that of its entry in ``.debug_info``."""

    offset: int
    ranges: tuple[Range, ...]
    calls: list[InlinedCall] = field(default_factory=list)


class Entries(Struct):
    """What one unit says."""

    functions: list[Function] = field(default_factory=list)
    declarations: dict[int, Declaration] = field(default_factory=dict)


class _Place(NamedTuple):
    """Where in the tree the pass is."""

    scope: Scope | None
    function: Function | None
    depth: int


def read_entries(unit: CompileUnit, ranges: RangeReader, entries: Entries) -> None:
    """Adds what a unit says to ``entries``. Raises whatever pyelftools does on damaged bytes; what was read stays."""
    places = [_Place(None, None, 0)]
    for die in _walk(unit):
        if die.is_null():
            if len(places) > 1:
                places.pop()
            continue
        inside = _enter(die, places[-1], entries, ranges)
        if die.has_children:
            places.append(inside)
            if len(places) > MAX_DEPTH:
                raise ValueError("entries nested too deeply")


def _walk(unit: CompileUnit) -> Iterator[DIE]:
    """All entries in their order. pyelftools' own walk keeps every one of them."""
    top = unit.get_top_DIE()
    yield top
    at, end = top.offset + top.size, unit.cu_offset + unit.size
    while at < end:
        die = DIE(unit, top.stream, at)
        yield die
        at += die.size


def _enter(die: DIE, place: _Place, entries: Entries, ranges: RangeReader) -> _Place:
    """Takes note of an entry; returns the place that its children are in."""
    if die.tag == _FUNCTION:
        return _enter_function(die, place, entries, ranges)
    if die.tag == _INLINED and place.function:
        return _enter_call(die, place, place.function, ranges)
    if die.tag in _SCOPES:
        return place._replace(scope=Scope(die.tag, text(die, "DW_AT_name"), None, place.scope))
    return place


def _enter_function(die: DIE, place: _Place, entries: Entries, ranges: RangeReader) -> _Place:
    symbol = text(die, "DW_AT_linkage_name") or text(die, "DW_AT_MIPS_linkage_name")
    refers_to = _reference(die, "DW_AT_abstract_origin") or _reference(die, "DW_AT_specification")
    entries.declarations[die.offset] = Declaration(text(die, "DW_AT_name"), symbol, refers_to, place.scope)
    code = ranges.of(die)
    function = Function(die.offset, code) if code else None
    if function:
        entries.functions.append(function)
    return _Place(Scope(_FUNCTION, None, die.offset, place.scope), function, 0)


def _enter_call(die: DIE, place: _Place, function: Function, ranges: RangeReader) -> _Place:
    depth = place.depth + 1
    callee = _reference(die, "DW_AT_abstract_origin") or die.offset
    file, line, column = (_number(die, f"DW_AT_call_{part}") for part in ("file", "line", "column"))
    function.calls.append(InlinedCall(depth, ranges.of(die), callee, file, line, column))
    return place._replace(depth=depth)


def _reference(die: DIE, name: str) -> int | None:
    """Offset in ``.debug_info`` of the entry that an attribute refers to."""
    attribute = die.attributes.get(name)
    if attribute is None:
        return None
    if attribute.form in _LOCAL_REFERENCES:
        return int(die.cu.cu_offset + attribute.raw_value)
    return int(attribute.raw_value) if attribute.form == "DW_FORM_ref_addr" else None


def text(die: DIE, name: str) -> str | None:
    """A string attribute."""
    value: Any = die.attributes[name].value if name in die.attributes else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def _number(die: DIE, name: str) -> int:
    value: Any = die.attributes[name].value if name in die.attributes else 0
    return value if isinstance(value, int) else 0
