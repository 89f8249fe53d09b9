"""The ``scopes`` of one plain map: original scopes and generated ranges (ECMA-426, proposal "Scopes").

The field is a string of items, split by commas. An item is a row of base64 VLQ numbers; the first is its tag::

    BCAAA,BHCECA,CEA,CAA,EAA,ECOC,IACE,FI,FI

``A`` is a source without scopes; ``B`` starts an original scope, ``C`` ends it, ``D`` names its variables; ``E`` starts
a generated range, ``F`` ends it, ``G`` says what its variables are called there, ``I`` which call was inlined there.
Numbers are differences to the one before of their kind. Other items are passed over: those that the standard may add,
and ``H``, changes of a variable's value, which nobody asks for. The draft of summer 2026 has a string of scopes a
source, and the ranges in ``ranges``; both forms are read.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from sourcemaps.backends.numbers import UnreadableError, read_numbers, signed
from sourcemaps.backends.sections import Position

MAX_DEPTH = 512
"""Ranges that nest deeper are left out."""
_MAX_PLACE = 2**32 - 2

StackFrame = Literal["none", "original", "hidden"]


class OriginalScope(Struct, frozen=True):
    """A scope of a source. ``parent``: number of the scope around it, in the order in which scopes start."""

    source: int
    parent: int | None
    start: Position
    end: Position
    name: str | None
    kind: str | None
    is_stack_frame: bool
    variables: tuple[str, ...]


class GeneratedRange(Struct, frozen=True):
    """A part of the generated code. ``definition``: number of its scope; ``call_site``: source, line0, column0.

    ``bindings``: the expressions that its variables are there, None where there is none.
    """

    parent: int | None
    start: Position
    end: Position
    definition: int | None
    stack_frame: StackFrame
    bindings: tuple[str | None, ...]
    call_site: tuple[int, int, int] | None


class Scopes(Struct):
    """What was read. Scopes and ranges stand in the order in which they start."""

    scopes: list[OriginalScope] = field(default_factory=list)
    ranges: list[GeneratedRange] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)


def decode_scopes(
    scopes: object, ranges: object, names: Sequence[str], sources: int, offset: Position = (0, 0)
) -> Scopes:
    """Reads the fields ``scopes`` and ``ranges`` of a map whose generated code starts at ``offset``."""
    decoder = _Decoder(names, sources, offset)
    if isinstance(scopes, str):
        decoder.read(scopes, "joined")
    elif isinstance(scopes, list):
        for source, text in enumerate(scopes):
            decoder.next_source(source)
            if isinstance(text, str):
                decoder.read(text, "scopes")
            elif text is not None:
                decoder.note("Scopes of a source that are no text were passed over.")
        if isinstance(ranges, str):
            decoder.read(ranges, "ranges")
        elif ranges is not None:
            decoder.note("`ranges` is no text and was passed over.")
    elif scopes is not None:
        decoder.note("`scopes` is neither text nor a list and was passed over.")
    return decoder.found


class _Place(Struct):
    line0: int = 0
    column0: int = 0

    def step(self, lines: int, columns: int) -> Position:
        line0, column0 = self.line0 + lines, columns if lines else self.column0 + columns
        if max(line0, column0) > _MAX_PLACE:
            raise UnreadableError
        self.line0, self.column0 = line0, column0
        return line0, column0


class _Item:
    """The numbers of an item. Raises `UnreadableError` if one cannot be read or is missing."""

    def __init__(self, text: str) -> None:
        self.numbers = list(read_numbers(text))
        if not self.numbers:
            raise UnreadableError

    def unsigned(self, index: int) -> int:
        if index >= len(self.numbers):
            raise UnreadableError
        return self.numbers[index]

    def signed(self, index: int) -> int:
        return signed(self.unsigned(index))


class _Open(Struct):
    """A scope or range whose end was not read yet."""

    number: int
    start: Position
    definition: int | None = None
    name: str | None = None
    kind: str | None = None
    frame: StackFrame = "none"
    call_site: tuple[int, int, int] | None = None
    variables: list[str] = field(default_factory=list)
    bindings: list[str | None] = field(default_factory=list)


class _Decoder:
    """Reads items. What breaks a rule costs itself; an item that cannot be read ends its string."""

    def __init__(self, names: Sequence[str], sources: int, offset: Position) -> None:
        self.found = Scopes()
        self._names, self._source_count = names, sources
        self._form = "joined"
        self._sources = 0
        self._place, self._range_place = _Place(), _Place(*offset)
        self._sums = {"name": 0, "kind": 0, "variable": 0, "source": 0, "definition": 0}
        self._open_scopes: list[_Open] = []
        self._open_ranges: list[_Open] = []
        self._too_deep = 0
        self._bases: list[int] = []
        self._readers = {
            0: self._no_scopes, 1: self._scope_start, 2: self._scope_end, 3: self._variables, 4: self._range_start,
            5: self._range_end, 6: self._bindings, 7: self._pass_over, 8: self._call_site,
        }  # fmt: skip

    def note(self, defect: str) -> None:
        self.found.defects[defect] = None

    def next_source(self, source: int) -> None:
        """Starts over for a source that has a string of its own."""
        self._bases.append(len(self.found.scopes))
        self._sources, self._place = source + 1, _Place()
        self._sums |= {"name": 0, "kind": 0, "variable": 0}

    def read(self, text: str, form: Literal["joined", "scopes", "ranges"]) -> None:
        self._form = form
        known = {"joined": range(9), "scopes": range(1, 4), "ranges": range(4, 9)}[form]
        try:
            for part in text.split(",") if text else ():
                item = _Item(part)
                if item.numbers[0] in known:
                    self._readers[item.numbers[0]](item)
        except UnreadableError:
            self.note("An item of `scopes` that cannot be read ends it.")
        else:
            if self._open_scopes or self._open_ranges:
                self.note("Scopes or ranges without an end were ended at the end.")
        self._close()

    def _close(self) -> None:
        self._too_deep = 0
        while self._open_scopes:
            self._end_scope()
        while self._open_ranges:
            self._end_range()

    def _step(self, name: str, delta: int) -> bool:
        self._sums[name] += delta
        sound = self._sums[name] >= 0
        self._sums[name] = max(0, self._sums[name])
        return sound

    def _name(self, kind: str, delta: int) -> str | None:
        sound = self._step(kind, delta)
        at = self._sums[kind]
        if not sound or at >= len(self._names):
            self.note("Scopes refer to names that there are not.")
        return self._names[at] if at < len(self._names) else None

    def _no_scopes(self, _item: _Item) -> None:
        if self._open_scopes:
            self.note("A source without scopes stands inside of one that has some.")
        else:
            self._count_source()

    def _count_source(self) -> None:
        self._sources += 1
        if self._sources > self._source_count:
            self.note("There are scopes of more sources than there are sources.")

    def _scope_start(self, item: _Item) -> None:
        flags, lines, columns = (item.unsigned(index) for index in (1, 2, 3))
        name = item.signed(4) if flags & 1 else None
        kind = item.signed(4 + (flags & 1)) if flags & 2 else None
        start = self._place.step(lines, columns)
        if not self._open_scopes and self._form == "joined":
            self._count_source()
        scope = _Open(len(self.found.scopes), start, frame="original" if flags & 4 else "none")
        scope.name = None if name is None else self._name("name", name)
        scope.kind = None if kind is None else self._name("kind", kind)
        self._open_scopes.append(scope)
        self.found.scopes.append(self._scope(scope, start))

    def _scope(self, scope: _Open, end: Position) -> OriginalScope:
        """The innermost open scope, as it is known so far."""
        parent = self._open_scopes[-2].number if len(self._open_scopes) > 1 else None
        return OriginalScope(
            self._sources - 1, parent, scope.start, end, scope.name, scope.kind, scope.frame != "none",
            tuple(scope.variables),
        )  # fmt: skip

    def _scope_end(self, item: _Item) -> None:
        self._place.step(item.unsigned(1), item.unsigned(2))
        if self._open_scopes:
            self._end_scope()
        else:
            self.note("Scopes end that did not start.")

    def _end_scope(self) -> None:
        scope = self._open_scopes[-1]
        self.found.scopes[scope.number] = self._scope(scope, (self._place.line0, self._place.column0))
        self._open_scopes.pop()
        if not self._open_scopes and self._form == "joined":
            self._place = _Place()

    def _variables(self, item: _Item) -> None:
        if not self._open_scopes:
            self.note("Variables stand outside of all scopes.")
            return
        names = (self._name("variable", signed(number)) for number in item.numbers[1:])
        self._open_scopes[-1].variables.extend(name or "" for name in names)

    def _range_start(self, item: _Item) -> None:
        flags = item.unsigned(1)
        at = 2 + (flags & 1)
        lines, columns = (item.unsigned(2) if flags & 1 else 0), item.unsigned(at)
        step = self._definition_numbers(item, at + 1) if flags & 2 else None
        start = self._range_place.step(lines, columns)
        definition = None if step is None else self._definition(*step)
        if flags & 12 == 8:  # noqa: PLR2004 - bits: hidden, but no stack frame
            self.note("A range is hidden that is no stack frame.")
        if self._too_deep or len(self._open_ranges) == MAX_DEPTH:
            self.note(f"Ranges that nest deeper than {MAX_DEPTH} were passed over.")
            self._too_deep += 1
            return
        opened = _Open(len(self.found.ranges), start, definition, frame=_stack_frame(flags))
        self._open_ranges.append(opened)
        self.found.ranges.append(self._range(opened, start))

    def _definition_numbers(self, item: _Item, at: int) -> tuple[int, int, bool]:
        """Steps of source and scope, and whether the latter counts from the source's first."""
        if self._form == "joined":
            return 0, item.signed(at), False
        source = item.signed(at)
        return (source, item.unsigned(at + 1), True) if source else (0, item.signed(at + 1), False)

    def _definition(self, source: int, scope: int, absolute: bool) -> int | None:  # noqa: FBT001 - of the tuple above
        if absolute:
            self._sums["definition"] = scope
            sound = self._step("source", source)
        else:
            sound = self._step("definition", scope)
        first, end = 0, len(self.found.scopes)
        if self._form == "ranges":
            bases = [*self._bases, end]
            at = self._sums["source"]
            first, end = bases[at : at + 2] if at + 1 < len(bases) else (0, 0)
        found = first + self._sums["definition"]
        if not sound or found >= end:
            self.note("Ranges refer to scopes that there are not.")
        return found if found < end else None

    def _range(self, opened: _Open, end: Position) -> GeneratedRange:
        """The innermost open range, as it is known so far."""
        parent = self._open_ranges[-2].number if len(self._open_ranges) > 1 else None
        return GeneratedRange(
            parent, opened.start, end, opened.definition, opened.frame, tuple(opened.bindings), opened.call_site
        )

    def _range_end(self, item: _Item) -> None:
        first = item.unsigned(1)
        lines, columns = (0, first) if len(item.numbers) == 2 else (first, item.unsigned(2))  # noqa: PLR2004 - tag, column
        self._range_place.step(lines, columns)
        if self._open_ranges:
            self._end_range()
        else:
            self.note("Ranges end that did not start.")

    def _end_range(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        opened = self._open_ranges[-1]
        place = (self._range_place.line0, self._range_place.column0)
        self.found.ranges[opened.number] = self._range(opened, place)
        self._open_ranges.pop()

    def _range_around(self) -> _Open | None:
        if not self._open_ranges:
            self.note("Items of ranges stand outside of all ranges.")
        return self._open_ranges[-1] if self._open_ranges and not self._too_deep else None

    def _bindings(self, item: _Item) -> None:
        around = self._range_around()
        if around is not None:
            around.bindings.extend(self._value(number) for number in item.numbers[1:])

    def _value(self, number: int) -> str | None:
        if number > len(self._names):
            self.note("Scopes refer to names that there are not.")
        return self._names[number - 1] if 0 < number <= len(self._names) else None

    def _pass_over(self, _item: _Item) -> None:
        self._range_around()

    def _call_site(self, item: _Item) -> None:
        source, line0, column0 = (item.unsigned(index) for index in (1, 2, 3))
        around = self._range_around()
        if source >= self._source_count or max(line0, column0) > _MAX_PLACE:
            self.note("Calls are in sources that there are not.")
        elif around is not None:
            around.call_site = (source, line0, column0)


def _stack_frame(flags: int) -> StackFrame:
    if not flags & 4:
        return "none"
    return "hidden" if flags & 8 else "original"
