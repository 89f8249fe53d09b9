"""Names of functions in original sources, the way V8 prints them when the original itself runs.

===========================================  ==================================
``function total()``, ``function* total()``  ``total``
``const total = () => …``                    ``total``
``cart.total = function …``                  ``cart.total``; ``Cart.prototype.total = …`` is ``Cart.total``
``this.total = …`` in a class                ``Cart.total``
``{ total() … }``, ``{ total: () => … }``    ``total``
method, static method, field with function   ``Cart.total``
constructor                                  ``new Cart``
``get total``, ``#total``, ``'a b'()``       ``get total``, ``#total``, ``a b``: V8 leaves the class out
``export default function``                  ``default``
field initializer, static block              ``<instance_members_initializer>``, ``<static_initializer>``
callback without a name, top level           ``<anonymous>``
===========================================  ==================================

What depends on the run is left out: ``async `` in front (``async_call``), `` [as alias]`` behind, and the type of
the receiver in front of a bare name (``Object.total``, ``Array.<anonymous>``). A class is named as it is written, where
V8 names the receiver's, which may be a subclass.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from sourcemaps.javascript.scripts import Script, scripts_of
from sourcemaps.javascript.syntax import Budget, Source, Surroundings
from sourcemaps.text import LineTable

if TYPE_CHECKING:
    from tree_sitter import Node

ANONYMOUS = "<anonymous>"
MAX_NAME = 256
_MAX_MEMBERS = 16

_IDENTIFIER = re.compile(r"[^\W\d][\w$]*\Z|\$[\w$]*\Z")

_FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
_CLASSES = frozenset({"class", "class_declaration", "abstract_class_declaration"})
_PASS_NAME_ON = frozenset(
    {
        "array",
        "as_expression",
        "binary_expression",
        "jsx_expression",
        "non_null_expression",
        "parenthesized_expression",
        "satisfies_expression",
        "sequence_expression",
        "ternary_expression",
        "type_assertion",
    }
)
"""What a name reaches through: V8 infers names across them, and TypeScript's are gone when the code runs."""
_NAMED_BY = {
    "assignment_expression": ("left", "right"),
    "assignment_pattern": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "optional_parameter": ("pattern", "value"),
    "pair": ("key", "value"),
    "required_parameter": ("pattern", "value"),
    "variable_declarator": ("name", "value"),
}
"""Fields that hold the name and what it is given to."""


class Enclosing(Struct, frozen=True):
    """What surrounds a position: the innermost function, and the class whose unwritten constructor may be meant."""

    function: str
    class_name: str | None = None


def enclosing_functions(
    text: str, source: str, positions: Sequence[tuple[int, int]], budget: Budget
) -> list[Enclosing | None]:
    """The function around each (line0, column0 in UTF-16 units) of an original source; None where that is unknown.

    ``source`` is its name: JavaScript and TypeScript are read, and the scripts of components. Never raises
    for what is in the text.
    """
    scripts = [
        (script, Source(text[script.start : script.end], budget, _is_inside, typescript=script.typescript))
        for script in scripts_of(text, source)
    ]
    table = LineTable(text) if scripts else None
    indexes = [table.index(line0, column0) if table else None for line0, column0 in positions]
    return [None if index is None else _in_scripts(scripts, index) for index in indexes]


def _in_scripts(scripts: Sequence[tuple[Script, Source]], index: int) -> Enclosing | None:
    for script, source in scripts:
        if script.start <= index <= script.end:
            found = source.around(index - script.start)
            return None if found is None else _enclosing(found)
    return None


def _is_inside(found: Surroundings, inner: bool) -> bool:  # noqa: FBT001 - a callback
    """Whether a function surrounds the position; in a statement inside others, one that the statement itself names."""
    name = _scope(found)
    return name is not None and not (inner and name == ANONYMOUS)


def _scope(found: Surroundings) -> str | None:
    """The innermost node that is code of its own decides."""
    names = (_scope_name(found.nodes, at, found.offset) for at in range(len(found.nodes) - 1, -1, -1))
    return next((name for name in names if name is not None), None)


def _enclosing(found: Surroundings) -> Enclosing:
    """The innermost scope, and a class on the way to it."""
    nodes, offset = found.nodes, found.offset
    class_name = None
    for at in range(len(nodes) - 1, -1, -1):
        name = _scope_name(nodes, at, offset)
        if name is not None:
            return Enclosing(name[:MAX_NAME], class_name)
        if nodes[at].type in _CLASSES:
            class_name = class_name or (_class_name(nodes, at) or ANONYMOUS)[:MAX_NAME]
    return Enclosing(ANONYMOUS, class_name)


def _scope_name(nodes: "list[Node]", at: int, offset: int) -> str | None:
    node = nodes[at]
    if node.type in _FUNCTIONS:
        return _function_name(nodes, at)
    if node.type == "class_static_block":
        return "<static_initializer>"
    if node.type == "public_field_definition":
        value = node.child_by_field_name("value")
        if value is not None and offset >= value.start_byte:
            return "<static_initializer>" if _has_word(node, "static") else "<instance_members_initializer>"
    return None


def _function_name(nodes: "list[Node]", at: int) -> str:
    if nodes[at].type == "method_definition":
        return _method_name(nodes, at)
    name = nodes[at].child_by_field_name("name")
    return _text(name) if name is not None else _given_name(nodes, at, qualified=True) or ANONYMOUS


def _method_name(nodes: "list[Node]", at: int) -> str:
    node = nodes[at]
    key = _key(node.child_by_field_name("name"))
    owner = _owner(nodes, at)
    if owner is not None and key == "constructor" and not _has_word(node, "static"):
        return f"new {owner or ANONYMOUS}"
    for accessor in ("get", "set"):
        if _has_word(node, accessor):
            return f"{accessor} {key}"
    return _member(owner, key)


def _given_name(nodes: "list[Node]", at: int, *, qualified: bool) -> str | None:
    """The name that an anonymous function or class gets from where it stands; ``qualified`` puts a class in front."""
    for above in range(at - 1, -1, -1):
        node = nodes[above]
        if node.type in _PASS_NAME_ON:
            continue
        if node.type == "export_statement":
            return "default"
        if node.type == "jsx_attribute":
            return _text(node.named_children[0])
        if node.type == "public_field_definition":
            owner = _owner(nodes, above) if qualified else None
            return _member(owner, _key(node.child_by_field_name("name")))
        return _name_beside(nodes, above, qualified=qualified)
    return None


def _name_beside(nodes: "list[Node]", at: int, *, qualified: bool) -> str | None:
    """The target of an assignment, a declaration or a property, if the next inner node is what it is given."""
    name_field, value_field = _NAMED_BY.get(nodes[at].type, ("", ""))
    if not name_field or nodes[at].child_by_field_name(value_field) != nodes[at + 1]:
        return None
    target = nodes[at].child_by_field_name(name_field)
    if target is None or target.type in ("array_pattern", "object_pattern"):
        return None
    if nodes[at].type == "pair":
        return _key(target)
    return _target_name(target, _this(nodes, at) if qualified else None)


def _target_name(target: "Node", this: str | None) -> str | None:
    """``cart.total`` in ``cart.total = …``, from the last member to the first."""
    members: list[str] = []
    for _ in range(_MAX_MEMBERS):
        if target.type not in ("member_expression", "subscript_expression"):
            break
        members.append(_last_member(target))
        target = target.child_by_field_name("object") or target
    if target.type == "this":
        members.append(this or "")
    elif "identifier" in target.type:
        members.append(_text(target))
    return ".".join(member for member in reversed(members) if member not in ("", "prototype")) or None


def _last_member(target: "Node") -> str:
    index = target.child_by_field_name("index")
    if index is None:
        return _key(target.child_by_field_name("property"))
    return _key(index) if index.type == "string" else "<computed>"


def _this(nodes: "list[Node]", at: int) -> str | None:
    """What ``this`` is an instance of, as far as the text says: the class, or the constructor function."""
    for above in range(at, -1, -1):
        node = nodes[above]
        if node.type in ("method_definition", "public_field_definition"):
            return _owner(nodes, above)
        if node.type in _FUNCTIONS and node.type != "arrow_function":
            name = _text(node.child_by_field_name("name"))
            return name if name[:1].isupper() else None
    return None


def _owner(nodes: "list[Node]", at: int) -> str | None:
    """Name of the class that a member stands in, empty if it has none; None for an object literal's member."""
    is_class_member = at >= 2 and nodes[at - 1].type == "class_body"  # noqa: PLR2004 - the class and its body
    return (_class_name(nodes, at - 2) or "") if is_class_member else None


def _class_name(nodes: "list[Node]", at: int) -> str | None:
    name = nodes[at].child_by_field_name("name")
    return _text(name) if name is not None else _given_name(nodes, at, qualified=False)


def _member(owner: str | None, key: str) -> str:
    """V8 puts the class in front of plain identifiers only."""
    return f"{owner}.{key}" if owner and _IDENTIFIER.match(key) else key or ANONYMOUS


def _key(node: "Node | None") -> str:
    """A property's name: without the quotes of a string."""
    if node is None:
        return ""
    text = _text(node)
    return text[1:-1] if node.type == "string" else text


def _has_word(node: "Node", word: str) -> bool:
    """Whether a keyword (``static``, ``get``) stands before the member's name."""
    name = node.child_by_field_name("name")
    for child in node.children:
        if child == name:
            return False
        if child.type == word:
            return True
    return False


def _text(node: "Node | None") -> str:
    if node is None:
        return ""
    end = min(node.end_byte - node.start_byte, 4 * MAX_NAME)
    return (node.text or b"")[:end].decode("utf-8", "replace")[:MAX_NAME]
