"""Original names of functions by what names them in the generated file, through the source map.

::

    [name] = recovered_names(functions, index, [(0, 4711)])  # "Cart.total"

Each piece of a name (``s`` and ``total`` of ``class s{total(){…}}``) is looked up where it stands:

1. the segment that starts exactly there has a ``name``: that is it;
2. else the identifier at the original position, where the map has the source's text (Turbopack leaves ``names`` empty);
3. else a property is called what it is called, for minifiers leave properties alone;
4. else, a variable, it is unknown: a minified name is worse than none.

The pieces are joined as `function_names` names original functions.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from sourcemaps.protocol import GeneratedFunction, GeneratedFunctions, NamePiece, OriginalPosition, SourceIndex
from sourcemaps.text import clean, code_points

MAX_NAME = 256

_IDENTIFIER = re.compile(r"#?(?:[^\W\d]|\$)[\w$]*")
_PLAIN = re.compile(r"(?:[^\W\d]|\$)[\w$]*\Z")
_NO_NAMES = frozenset(
    """async await break case catch class const continue debugger declare default delete do else enum export extends
    false finally for from function get if implements import in instanceof interface let new null of override
    package private protected public readonly return set static super switch this throw true try type typeof
    var void while with yield""".split()  # noqa: SIM905 - fifty quoted words would hide the words
)
"""What a map points at in front of a name, rather than at the name itself."""
_INITIALIZERS = {
    "field": "<instance_members_initializer>",
    "static field": "<static_initializer>",
    "static block": "<static_initializer>",
}
_ACCESSORS = {"getter": "get", "setter": "set"}
_METHODS = frozenset({"method", "static method"})


def recovered_names(
    functions: GeneratedFunctions, index: SourceIndex, positions: Sequence[tuple[int, int]]
) -> list[str | None]:
    """The original name of the function around each generated (line0, column0 in UTF-16 units).

    None where it is unknown: outside of all functions, in anonymous ones (a minifier may have made them so), and where
    a variable's name cannot be recovered. Raises `MalformedArtifact` if an index cannot be built.
    """
    found = functions.at(positions)
    pieces = {piece: None for function in found if function for piece in function.pieces}
    names = dict(zip(pieces, _Originals(index).names(list(pieces)), strict=True))
    return [None if function is None else _joined(function, names) for function in found]


class _Originals(Struct):
    """Looks pieces up in one map; a line of a source is fetched once."""

    index: SourceIndex
    lines: dict[tuple[int, int], str | None] = field(default_factory=dict)

    def names(self, pieces: list[NamePiece]) -> list[str | None]:
        places = [(piece.line0, piece.column0) for piece in pieces]
        in_front = [(line0, max(0, column0 - 1)) for line0, column0 in places]
        answers = self.index.original_positions(places + in_front)
        exact = (
            at if piece.column0 == 0 or at != before else None
            for piece, at, before in zip(pieces, answers, answers[len(pieces) :], strict=False)
        )
        return [self._name(piece, at) for piece, at in zip(pieces, exact, strict=True)]

    def _name(self, piece: NamePiece, at: OriginalPosition | None) -> str | None:
        """``at``: where the segment that starts at the piece leads."""
        name = (at.name or self._identifier(at)) if at else None
        if not name and piece.is_property:
            name = piece.text
        return clean(name)[:MAX_NAME] if name else None

    def _identifier(self, at: OriginalPosition) -> str | None:
        """The identifier that the original has there, if there is one."""
        line = self._line(at.source, at.line0)
        match = _IDENTIFIER.match(line, code_points(line, at.column0)) if line else None
        return match[0] if match and match[0] not in _NO_NAMES else None

    def _line(self, source: int, line0: int) -> str | None:
        if (source, line0) not in self.lines:
            found = self.index.source_lines(source, line0, 1)
            self.lines[source, line0] = found[0] if found else None
        return self.lines[source, line0]


def _joined(function: GeneratedFunction, names: dict[NamePiece, str | None]) -> str | None:
    """The name as V8 prints it; see the table of `function_names`."""
    if function.kind in _INITIALIZERS:
        return _INITIALIZERS[function.kind]
    pieces = [names[piece] for piece in function.pieces]
    if function.kind == "constructor":
        owner = _dotted(pieces)
        return f"new {owner}" if owner else None
    if not pieces or not pieces[-1]:
        return None
    if function.kind in _ACCESSORS:
        return f"{_ACCESSORS[function.kind]} {pieces[-1]}"
    if function.kind in _METHODS and not _PLAIN.match(pieces[-1]):
        return pieces[-1]
    return _dotted(pieces)


def _dotted(pieces: Iterable[str | None]) -> str | None:
    """What is known, from the last piece that is not on; ``prototype`` says nothing."""
    known: list[str] = []
    for piece in pieces:
        if piece is None:
            known.clear()
        elif piece != "prototype":
            known.append(piece)
    return ".".join(known)[:MAX_NAME] or None
