"""Syntax trees of original sources, asked for one thing: which nodes surround a position.

tree-sitter reads JavaScript, JSX and TypeScript with one grammar, goes on behind errors and never recurses on the
input. Its answer is walked from the root down with a cursor: asking a node for its parent would start at the root
each time. Work is bounded by steps, not by time, so that the same source always gives the same answer.

A small file is read as a whole. Of a large one only the statement around the position is (`statements`), and the whole
if that says nothing; the statement also speaks where the whole has errors around the position.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sourcemaps.javascript.newer_types import without_newer_types
from sourcemaps.javascript.statements import statements_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Language, Node, Tree

MAX_SMALL = 64 * 1024
"""Characters that are read as a whole at once: some 30 ms."""
MAX_SOURCE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 5000
MAX_STEPS_WITH_ERRORS = 3_000
"""Of one source. Behind errors a parser follows several readings at once: a millisecond and 20 kB a step at worst."""
_CHUNK_BYTES = 64 * 1024


class Surroundings(Struct, frozen=True):
    """The byte offset of a position, and the nodes around it, outermost first."""

    offset: int
    nodes: "list[Node]"


class Budget(Struct):
    """How much may be parsed for one event, in steps of 100 operations: a clean source of 1 MB takes 20,000."""

    steps: int = 200_000
    steps_with_errors: int = 10_000


@cache
def _language(*, typescript: bool) -> "Language":
    """TypeScript's own grammar reads ``<T>value``, which JSX takes for an element."""
    import tree_sitter_typescript  # noqa: PLC0415 - a grammar of megabytes, only loaded where frames resolve
    from tree_sitter import Language  # noqa: PLC0415 - as above

    grammar = tree_sitter_typescript.language_typescript if typescript else tree_sitter_typescript.language_tsx
    return Language(grammar())


class Piece:
    """A piece of code that was parsed by itself."""

    def __init__(self, code: str, tree: "Tree") -> None:
        self._code = code
        self._tree = tree
        self.has_error = tree.root_node.has_error

    def around(self, index: int) -> Surroundings | None:
        """What surrounds a position in characters; None where it nests too deep."""
        offset = index if self._code.isascii() else len(self._code[:index].encode("utf-8", "replace"))
        return _around(self._tree, offset)


class Source:
    """A script, parsed as far as its positions need it.

    ``is_known(surroundings, inner)`` tells whether a function is found; ``inner``: in a statement inside others.
    """

    def __init__(
        self, code: str, budget: Budget, is_known: Callable[[Surroundings, bool], bool], *, typescript: bool
    ) -> None:
        self._code = without_newer_types(code) if typescript else code
        self._budget = budget
        self._is_known = is_known
        self._typescript = typescript
        self._pieces: dict[tuple[int, int], Piece | None] = {}

    def around(self, index: int) -> Surroundings | None:
        """For a position in characters: None where the code is too deep, too large or unclear, or the budget spent."""
        found = self._by_statement(index) if len(self._code) > MAX_SMALL else None
        if found is not None:
            return found
        whole = self._whole()
        surroundings = whole.around(index) if whole else None
        if whole is None or surroundings is None or not whole.has_error:
            return surroundings
        if self._is_clear(surroundings, inner=False):
            return surroundings
        return self._by_statement(index) or surroundings

    def _by_statement(self, index: int) -> Surroundings | None:
        for start, end in statements_around(self._code, index):
            piece = self._piece(start, end)
            surroundings = piece.around(index - start) if piece and not piece.has_error else None
            inner = self._code[start : start + 1] in (" ", "\t")
            if surroundings is not None and self._is_clear(surroundings, inner=inner):
                return surroundings
        return None

    def _is_clear(self, surroundings: Surroundings, *, inner: bool) -> bool:
        return not any(node.is_error for node in surroundings.nodes) and self._is_known(surroundings, inner)

    def _whole(self) -> Piece | None:
        return self._piece(0, len(self._code)) if len(self._code) <= MAX_SOURCE_BYTES else None

    def _piece(self, start: int, end: int) -> Piece | None:
        if (start, end) not in self._pieces:
            self._pieces[start, end] = parse(self._code[start:end], self._budget, typescript=self._typescript)
        return self._pieces[start, end]


def parse(code: str, budget: Budget, *, typescript: bool) -> Piece | None:
    """Parses code; None where it is too large or too ambiguous, or ``budget`` is spent."""
    data = code.encode("utf-8", "replace")
    tree = _parse(data, budget, typescript=typescript) if len(data) <= MAX_SOURCE_BYTES else None
    return None if tree is None else Piece(code, tree)


def _parse(data: bytes, budget: Budget, *, typescript: bool) -> "Tree | None":
    from tree_sitter import Parser  # noqa: PLC0415 - see _language

    last = max(0, budget.steps_with_errors - MAX_STEPS_WITH_ERRORS)

    def is_spent(_offset: int, has_error: bool) -> bool:  # noqa: FBT001 - tree-sitter calls it so, after every step
        budget.steps -= 1
        budget.steps_with_errors -= has_error
        return budget.steps < 0 or budget.steps_with_errors < last

    parser = Parser(_language(typescript=typescript))
    try:
        return parser.parse(lambda offset, _: data[offset : offset + _CHUNK_BYTES], progress_callback=is_spent)
    except ValueError:  # stopped
        return None


def _around(tree: "Tree", offset: int) -> Surroundings | None:
    nodes = []
    for node in _descend(tree, offset):
        nodes.append(node)
        if len(nodes) > MAX_DEPTH:
            return None
    return Surroundings(offset, nodes)


def _descend(tree: "Tree", offset: int) -> "Iterator[Node]":
    cursor = tree.walk()
    while cursor.goto_first_child_for_byte(offset) is not None:
        node = cursor.node
        if node is None or not node.is_named or not node.start_byte <= offset < node.end_byte:
            break
        yield node
