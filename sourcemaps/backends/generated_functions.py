"""Functions of generated files by their syntax trees: what the compiled core finds by scanning, for smaller files.

::

    [function] = TreeFunctions(b"class a{b(){c()}}").at([(0, 12)])
    [piece.text for piece in function.pieces]  # ["a", "b"]

It serves where the core is not installed, and it is the oracle of the core's tests: which nodes are functions and what
names them is decided by the tree alone.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sourcemaps.protocol import GeneratedFunction, NamePiece
from symbolicator.protocols import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 5000
MAX_STEPS = 200_000
"""Of the parser, 100 operations each: a clean file of 1 MB takes 20,000."""
MAX_PIECES = 16
MAX_PIECE_BYTES = 256
_CHUNK_BYTES = 64 * 1024
_LINE_END = re.compile(rb"\r\n|[\n\r]|\xe2\x80[\xa8\xa9]")

_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
    }
)
_PASS_NAME_ON = frozenset(
    {
        "array",
        "await_expression",
        "binary_expression",
        "parenthesized_expression",
        "sequence_expression",
        "spread_element",
        "ternary_expression",
        "unary_expression",
        "yield_expression",
    }
)
"""What a name reaches through, as V8 infers names."""
_NAMED_BY = {
    "assignment_expression": ("left", "right"),
    "assignment_pattern": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "pair": ("key", "value"),
    "required_parameter": ("pattern", "value"),
    "variable_declarator": ("name", "value"),
}
"""Fields that hold the name and what it is given to."""
_VARIABLES = frozenset({"identifier", "shorthand_property_identifier_pattern", "super", "type_identifier", "undefined"})


class TreeFunctions:
    """`GeneratedFunctions` of a file of at most `MAX_BYTES`; of larger ones nothing is known."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def at(self, positions: Sequence[tuple[int, int]]) -> list[GeneratedFunction | None]:
        """The innermost function around each (line0, column0 in UTF-16 units); None outside of all of them."""
        return [self._at(line0, column0) for line0, column0 in positions]

    def _at(self, line0: int, column0: int) -> GeneratedFunction | None:
        found = self.surrounding(line0, column0)
        if found is None:
            return None
        nodes, _, _ = found
        pieces = tuple(self._piece(node) for node in _names(nodes, len(nodes) - 1))
        return GeneratedFunction(_kind(nodes), pieces[:MAX_PIECES])

    def surrounding(self, line0: int, column0: int) -> "tuple[list[Node], int, int] | None":
        """The nodes around the innermost function up to itself, outermost first, and its range in bytes."""
        offset = self._offset(line0, column0)
        nodes = self._path(offset) if offset is not None else []
        for at in range(len(nodes) - 1, -1, -1):
            start, end = _range(nodes[at])
            if start is not None and offset is not None and start <= offset < end:
                return nodes[: at + 1], start, end
        return None

    @cached_property
    def _text(self) -> bytes:
        """What the parser reads: decoded as everywhere, a byte order mark left out."""
        return self._data.decode("utf-8", "replace").removeprefix("\ufeff").encode()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self._text))]

    @cached_property
    def _tree(self) -> "Tree | None":
        return _parse(self._text) if len(self._data) <= MAX_BYTES else None

    def _offset(self, line0: int, column0: int) -> int | None:
        """Where a position lies, in bytes; the line's end where the line is shorter."""
        if len(self._data) > MAX_BYTES or line0 >= len(self._line_starts):
            return None
        start, *rest = self._line_starts[line0 : line0 + 2]
        line = self._text[start : rest[0] if rest else len(self._text)]
        if line.isascii():
            return start + min(column0, len(line))
        units = line.decode("utf-8", "replace").encode("utf-16-le")[: 2 * column0]
        return start + len(units.decode("utf-16-le", "ignore").encode())

    def _place(self, offset: int) -> tuple[int, int]:
        line0 = bisect_right(self._line_starts, offset) - 1
        head = self._text[self._line_starts[line0] : offset]
        return line0, len(head) if head.isascii() else len(head.decode("utf-8", "replace").encode("utf-16-le")) // 2

    def _path(self, offset: int) -> "list[Node]":
        """The nodes around an offset, outermost first; none where they nest too deep."""
        nodes: list[Node] = []
        if self._tree is None:
            return nodes
        cursor = self._tree.walk()
        while cursor.goto_first_child_for_byte(offset) is not None:
            node = cursor.node
            if node is None or not node.start_byte <= offset < node.end_byte:
                break
            nodes.append(node)
            if len(nodes) > MAX_DEPTH:
                return []
        return nodes

    def _piece(self, node: "Node") -> NamePiece:
        line0, column0 = self._place(node.start_byte)
        text = self._text[node.start_byte : min(node.end_byte, node.start_byte + MAX_PIECE_BYTES)]
        return NamePiece(_piece_text(node, text.decode("utf-8", "ignore")), line0, column0, node.type not in _VARIABLES)


class LazyFunctions:
    """The functions of an artifact, read when they are asked for."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob

    def at(self, positions: Sequence[tuple[int, int]]) -> list[GeneratedFunction | None]:
        """As `TreeFunctions.at`."""
        return self._functions.at(positions)

    @cached_property
    def _functions(self) -> TreeFunctions:
        with self._blob.open() as data:
            return TreeFunctions(bytes(data) if len(data) <= MAX_BYTES else b"")


def _parse(data: bytes) -> "Tree | None":
    import tree_sitter_typescript  # noqa: PLC0415 - a grammar of megabytes, only loaded where it is needed
    from tree_sitter import Language, Parser  # noqa: PLC0415 - as above

    steps = 0

    def is_spent(_offset: int, _has_error: bool) -> bool:  # noqa: FBT001 - tree-sitter calls it so, after every step
        nonlocal steps
        steps += 1
        return steps > MAX_STEPS

    parser = Parser(Language(tree_sitter_typescript.language_tsx()))
    try:
        return parser.parse(lambda offset, _: data[offset : offset + _CHUNK_BYTES], progress_callback=is_spent)
    except ValueError:  # stopped
        return None


def _range(node: "Node") -> tuple[int | None, int]:
    """Where a function's code starts and ends; a start of None for what is no function."""
    first: Node | None = None
    if node.type in _FUNCTIONS or node.type == "arrow_function":
        first = node
    elif node.type == "method_definition":
        first = node.child_by_field_name("parameters")
    elif node.type == "class_static_block":
        first = node.child_by_field_name("body")
    elif node.type == "public_field_definition":
        first = node.child_by_field_name("value")
        return (first.start_byte, first.end_byte) if first else (None, 0)
    return (first.start_byte, node.end_byte) if first else (None, 0)


def _kind(nodes: "list[Node]") -> str:
    node = nodes[-1]
    if node.type == "class_static_block":
        return "static block"
    if node.type == "public_field_definition":
        return "static field" if _has_word(node, "static") else "field"
    if node.type == "method_definition":
        return _method_kind(node, in_class=_class_of(nodes, len(nodes) - 1) is not None)
    return "arrow" if node.type == "arrow_function" else "function"


def _method_kind(node: "Node", *, in_class: bool) -> str:
    for word, kind in (("get", "getter"), ("set", "setter"), ("static", "static method")):
        if _has_word(node, word):
            return kind
    name = node.child_by_field_name("name")
    is_special = _has_word(node, "async") or _has_word(node, "*")
    is_constructor = name is not None and name.type != "computed_property_name" and _key_text(name) == "constructor"
    return "constructor" if in_class and is_constructor and not is_special else "method"


def _names(nodes: "list[Node]", at: int) -> "list[Node]":
    """The nodes that name the function or class ``nodes[at]``."""
    node = nodes[at]
    if node.type == "class_static_block":
        return _class_names(nodes, at)
    if node.type == "public_field_definition":
        return [*_class_names(nodes, at), *_key(node.child_by_field_name("name"))]
    if node.type == "method_definition":
        is_constructor = _kind(nodes[: at + 1]) == "constructor"
        key = [] if is_constructor else _key(node.child_by_field_name("name"))
        return [*_class_names(nodes, at), *key]
    own = node.child_by_field_name("name")
    return [own] if own is not None else _given(nodes, at)


def _class_of(nodes: "list[Node]", at: int) -> int | None:
    """The class that a member stands in."""
    return at - 2 if at > 1 and nodes[at - 1].type == "class_body" else None


def _class_names(nodes: "list[Node]", at: int) -> "list[Node]":
    above = _class_of(nodes, at)
    return [] if above is None else _names(nodes, above)


def _given(nodes: "list[Node]", at: int) -> "list[Node]":
    """What an anonymous function or class is named by: the target or key that it is given to."""
    for above in range(at - 1, -1, -1):
        node = nodes[above]
        if node.type in _PASS_NAME_ON:
            continue
        if node.type == "export_statement":
            return [child for child in node.children if child.type == "default"]
        if node.type == "public_field_definition":
            return _names(nodes, above)
        name, value = _NAMED_BY.get(node.type, ("", ""))
        if not name or node.child_by_field_name(value) != nodes[above + 1]:
            return []
        target = node.child_by_field_name(name)
        return _key(target) if node.type == "pair" else list(_target(target, nodes, above))
    return []


def _target(target: "Node | None", nodes: "list[Node]", at: int) -> "Iterator[Node]":
    """``a``, ``b``, ``c`` of ``a.b.c``; ``this`` is the class around it."""
    members: list[Node] = []
    while target is not None and target.type in ("member_expression", "subscript_expression"):
        index = target.child_by_field_name("index")
        members.extend(_key(target.child_by_field_name("property")) if index is None else [_subscript(target, index)])
        target = target.child_by_field_name("object")
    if target is not None and target.type == "this":
        yield from _this(nodes, at)
    elif target is not None and target.type in _VARIABLES:
        yield target
    yield from reversed(members)


def _subscript(target: "Node", index: "Node") -> "Node":
    """A string stands for itself, anything else is computed: its bracket stands for it."""
    return index if index.type == "string" else next(child for child in target.children if child.type == "[")


def _this(nodes: "list[Node]", at: int) -> "list[Node]":
    for above in range(at, -1, -1):
        if nodes[above].type in ("method_definition", "public_field_definition", "class_static_block"):
            return _class_names(nodes, above)
        if nodes[above].type in _FUNCTIONS:
            break
    return []


def _key(node: "Node | None") -> "list[Node]":
    """The node of a property's name; a string alone in brackets stands for itself."""
    if node is not None and node.type == "computed_property_name":
        inner = [child for child in node.children if child.type not in ("[", "]")]
        return inner if len(inner) == 1 and inner[0].type == "string" else [node]
    return [] if node is None else [node]


def _key_text(node: "Node") -> str:
    return _piece_text(node, (node.text or b"").decode("utf-8", "replace"))


def _piece_text(node: "Node", text: str) -> str:
    if node.type == "[":
        return "<computed>"
    return text[1:-1] if node.type == "string" else text


def _has_word(node: "Node", word: str) -> bool:
    """Whether a word (``static``, ``get``) stands before the member's name."""
    name = node.child_by_field_name("name")
    for child in node.children:
        if child == name:
            return False
        if child.type == word:
            return True
    return False
