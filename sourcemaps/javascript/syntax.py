"""Syntax trees of original sources, asked for one thing: which nodes surround a position.

tree-sitter reads JavaScript, JSX and TypeScript with one grammar, goes on behind errors and never recurses on the
input. Its answer is walked from the root down with a cursor: asking a node for its parent would start at the root
each time. Work is bounded by steps, not by time, so that the same source always gives the same answer.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sourcemaps.text import LineTable

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

MAX_SOURCE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 5000
MAX_STEPS_WITH_ERRORS = 3_000
"""Of one source. Behind errors a parser follows several readings at once: a millisecond and 20 kB a step at worst."""
_CHUNK_BYTES = 64 * 1024


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


def surrounding_nodes(
    text: str, positions: Sequence[tuple[int, int]], budget: Budget, *, typescript: bool
) -> "list[tuple[int, list[Node]] | None]":
    """For each (line0, column0 in UTF-16 units): its byte offset and the nodes around it, outermost first.

    None where the position is past the end or nests too deep, where the source is too large or too ambiguous, or where
    ``budget`` is spent.
    """
    data = text.encode("utf-8", "replace")
    tree = _parse(data, budget, typescript=typescript) if len(data) <= MAX_SOURCE_BYTES else None
    if tree is None:
        return [None] * len(positions)
    table = LineTable(text)
    return [_at(tree, _byte_offset(text, table.index(line0, column0))) for line0, column0 in positions]


def _byte_offset(text: str, index: int | None) -> int | None:
    return None if index is None else len(text[:index].encode("utf-8", "replace"))


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


def _at(tree: "Tree", offset: int | None) -> "tuple[int, list[Node]] | None":
    if offset is None:
        return None
    cursor = tree.walk()
    nodes: list[Node] = []
    while cursor.goto_first_child_for_byte(offset) is not None:
        node = cursor.node
        if node is None or not node.is_named or not node.start_byte <= offset < node.end_byte:
            break
        nodes.append(node)
        if len(nodes) > MAX_DEPTH:
            return None
    return offset, nodes
