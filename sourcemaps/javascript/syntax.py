"""Syntax trees of original sources, asked for one thing: which nodes surround a position.

tree-sitter reads JavaScript, JSX and TypeScript with one grammar, goes on behind errors and never recurses on the
input. Its answer is walked from the root down with a cursor: asking a node for its parent would start at the root
each time. Work is bounded by steps, not by time, so that the same source always gives the same answer.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sourcemaps.text import LineTable

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

MAX_SOURCE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 5000
MAX_STEPS = 60_000
"""Steps of 100 operations: a clean source of 2 MB takes 40,000."""
MAX_STEPS_WITH_ERRORS = 8_000
"""Ambiguity behind errors takes memory, 2 kB a byte at worst."""
_CHUNK_BYTES = 64 * 1024


@cache
def _language(*, typescript: bool) -> "Language":
    """TypeScript's own grammar reads ``<T>value``, which JSX takes for an element."""
    import tree_sitter_typescript  # noqa: PLC0415 - a grammar of megabytes, only loaded where frames resolve
    from tree_sitter import Language  # noqa: PLC0415 - as above

    grammar = tree_sitter_typescript.language_typescript if typescript else tree_sitter_typescript.language_tsx
    return Language(grammar())


def surrounding_nodes(
    text: str, positions: Sequence[tuple[int, int]], *, typescript: bool
) -> "list[tuple[int, list[Node]] | None]":
    """For each (line0, column0 in UTF-16 units): its byte offset and the nodes around it, outermost first.

    None where the position is past the end, nests too deep, or where the source is too large or too ambiguous.
    """
    data = text.encode("utf-8", "replace")
    tree = _parse(data, typescript=typescript) if len(data) <= MAX_SOURCE_BYTES else None
    if tree is None:
        return [None] * len(positions)
    table = LineTable(text)
    return [_at(tree, _byte_offset(text, table.index(line0, column0))) for line0, column0 in positions]


def _byte_offset(text: str, index: int | None) -> int | None:
    return None if index is None else len(text[:index].encode("utf-8", "replace"))


def _parse(data: bytes, *, typescript: bool) -> "Tree | None":
    from tree_sitter import Parser  # noqa: PLC0415 - see _language

    parser = Parser(_language(typescript=typescript))
    try:
        return parser.parse(lambda offset, _: data[offset : offset + _CHUNK_BYTES], progress_callback=_budget())
    except ValueError:  # stopped by the budget
        return None


def _budget() -> Callable[[int, bool], bool]:
    """Says when to stop: the parser reports after every step, and whether it has met an error."""
    left = [MAX_STEPS, MAX_STEPS_WITH_ERRORS]

    def is_spent(_offset: int, has_error: bool) -> bool:  # noqa: FBT001 - tree-sitter calls it so
        left[0] -= 1
        left[1] -= has_error
        return min(left) < 0

    return is_spent


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
