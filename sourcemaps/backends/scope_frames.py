"""Which functions were running at a generated position, from the scopes of all plain maps of a document.

The innermost generated range says which scope the code is of, and so its function: the innermost scope around that is
a stack frame. A range with a call site was inlined: its caller is the function around that site. The walk outwards ends
at the first range that is a function of the generated code. Source: ECMA-426, proposal "Scopes".
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from sourcemaps.backends.scopes import GeneratedRange, Scopes, StackFrame
from sourcemaps.backends.sections import Position
from sourcemaps.protocol import ScopeFrame

Place = tuple[int, int, int]
"""Source, line0, column0."""

Value = TypeVar("Value")


class _Function(Struct, frozen=True):
    """``name`` is None for an anonymous function, and outside of all functions."""

    name: str | None
    top_level: bool = False


_TOP_LEVEL = _Function(None, top_level=True)


class _Range(Struct, frozen=True):
    """What a range says of the code in it."""

    function: _Function | None
    stack_frame: StackFrame
    call: Place | None


class _Intervals(Generic[Value]):
    """Nested intervals in the order of their starts."""

    def __init__(self) -> None:
        self.parents: list[int | None] = []
        self.values: list[Value] = []
        self._starts: list[Position] = []
        self._ends: list[Position] = []

    def add(self, start: Position, end: Position, parent: int | None, value: Value) -> None:
        self._starts.append(start)
        self._ends.append(end)
        self.parents.append(parent)
        self.values.append(value)

    def around(self, at: Position) -> Iterator[Value]:
        """The values of the intervals around a position, the innermost first.

        The last one that starts before the position is one of them, or an interval around it is.
        """
        found: int | None = bisect_right(self._starts, at) - 1
        while found is not None and found >= 0:
            if self._ends[found] > at:
                yield self.values[found]
            found = self.parents[found]


class ScopeFrames:
    """The scopes of a document. Maps are added in the order of the generated file."""

    def __init__(self) -> None:
        self._ranges: _Intervals[_Range] = _Intervals()
        self._functions: dict[int, _Intervals[_Function]] = {}

    def add(self, scopes: Scopes, first_source: int, sources: int, limit: Position) -> None:
        """Adds a map whose sources are numbered from ``first_source`` and whose code ends at ``limit``."""
        functions: list[_Function] = []
        first = 0
        for number, scope in enumerate(scopes.scopes):
            around = _TOP_LEVEL if scope.parent is None else functions[scope.parent]
            functions.append(_Function(scope.name or None) if scope.is_stack_frame else around)
            if number and scope.source != scopes.scopes[number - 1].source:
                first = number
            if scope.source < sources:
                intervals = self._functions.setdefault(first_source + scope.source, _Intervals())
                parent = None if scope.parent is None else scope.parent - first
                intervals.add(scope.start, scope.end, parent, functions[-1])
        self._add_ranges(scopes.ranges, functions, first_source, limit)

    def _add_ranges(
        self, ranges: Sequence[GeneratedRange], functions: Sequence[_Function], first_source: int, limit: Position
    ) -> None:
        first = len(self._ranges.values)
        for found in ranges:
            function = None if found.definition is None else functions[found.definition]
            call = None
            if found.call_site is not None:
                source, line0, column0 = found.call_site
                call = (first_source + source, line0, column0)
            parent = None if found.parent is None else first + found.parent
            value = _Range(function, found.stack_frame, call)
            self._ranges.add(min(found.start, limit), min(found.end, limit), parent, value)

    def find(self, line0: int, column0: int, mapped: Place | None) -> tuple[ScopeFrame, ...]:
        """The functions at a generated position, innermost first. ``mapped``: its original position."""
        frames = list(self._walk((line0, column0)))
        if frames and frames[0][0] is None and mapped is not None:
            frames[0] = (self._function_at(mapped), None)
        if len(frames) == 1 and frames[0][0] is None:
            return ()
        return tuple(_frame(function, call) for function, call in frames)

    def _walk(self, at: Position) -> Iterator[tuple[_Function | None, Place | None]]:
        """The frames at a generated position; the function is None where the ranges do not say it."""
        function, call = None, None
        for found in self._ranges.around(at):
            function = function or found.function
            if found.stack_frame == "hidden" or (found.stack_frame == "original" and found.function is None):
                return
            if found.stack_frame == "original":
                break
            if found.call is not None:
                yield function, call
                function, call = self._function_at(found.call), found.call
        yield function, call

    def _function_at(self, place: Place) -> _Function | None:
        """The function around an original position; None outside of all scopes."""
        source, line0, column0 = place
        intervals = self._functions.get(source)
        return None if intervals is None else next(intervals.around((line0, column0)), None)


def _frame(function: _Function | None, call: Place | None) -> ScopeFrame:
    source, line0, column0 = call or (None, None, None)
    name, top_level = (function.name, function.top_level) if function else (None, False)
    return ScopeFrame(name, source, line0, column0, top_level)
