"""What React's builds say of their errors: messages in development builds, codes in production builds.

>>> messages('throw Error("No " + name + " here.");')
['No %s here.']
>>> codes('function e(c){return "react.dev/errors/"+c} throw Error(e(31, name));')
[Code(number=31, arguments=1)]

Used by `recipe` only: nothing of it runs when a crash is resolved.
"""

import json
import re
from collections.abc import Iterator

import tree_sitter_typescript
from msgspec import Struct
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_typescript.language_typescript()))
_DECODER_URL = re.compile(r"error-decoder|react\.dev/errors")
_FUNCTION = re.compile(r"function ([\w$]+)\(")
_BEFORE_URL = 1200
"""Characters above the URL within which the function that writes it begins."""
_ESCAPES = {"\\'": "'", "\\`": "`", "\\\n": ""}


class Code(Struct, frozen=True):
    """A code that a production build throws, with how many arguments."""

    number: int
    arguments: int


def messages(source: str) -> list[str]:
    """Messages of the errors that a development build creates, in its order, with ``%s`` for what is put in."""
    found = (_message(name, arguments) for name, arguments in _calls(source))
    return [text for text in found if text and text.strip("%s ")]


def codes(source: str) -> list[Code]:
    """Codes of the errors that a production build creates, in its order."""
    makers = set(_makers(source))
    found = (_code(arguments) for name, arguments in _calls(source) if name in makers)
    return [code for code in found if code]


def collection(source: str) -> dict[int, str]:
    """The ``"31": "message"`` pairs of an object literal."""
    found: dict[int, str] = {}
    for node in _nodes(source):
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type == "pair" and key is not None and value is not None and value.type == "string":
            number = _text(key).strip("\"'")
            found |= {int(number): _string(value)} if number.isdecimal() else {}
    return found


def _makers(source: str) -> Iterator[str]:
    """The function that writes the URL: the nearest above it."""
    for url in _DECODER_URL.finditer(source):
        yield from _FUNCTION.findall(source, max(0, url.start() - _BEFORE_URL), url.start())[-1:]


def _calls(source: str) -> Iterator[tuple[str, list[Node]]]:
    """Every call and ``new`` in the order of the text: what is called, and with what."""
    for node in _nodes(source):
        called = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        if called is not None and arguments is not None:
            yield _text(called), [child for child in arguments.named_children if child.type != "comment"]


def _nodes(source: str) -> Iterator[Node]:
    waiting = [_PARSER.parse(source.encode()).root_node]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.named_children))
        yield node


def _message(name: str, arguments: list[Node]) -> str | None:
    """``invariant(false, message, …)`` until 16.8, ``Error(message)`` since."""
    last = name.rpartition(".")[2]
    if last.startswith("invariant") and len(arguments) > 1:
        return _template(arguments[1])
    return _template(arguments[0]) if last.endswith("Error") and arguments else None


def _code(arguments: list[Node]) -> Code | None:
    """``p(31, …)``, ``p("31", …)``, or 16.9's ``p(Error(31), …)``."""
    if not arguments:
        return None
    number = re.fullmatch(r'"?(\d{1,4})"?|Error\((\d{1,4})\)', _text(arguments[0]))
    return Code(int(number[1] or number[2]), len(arguments) - 1) if number else None


def _template(node: Node) -> str:
    """A string, or several joined with ``+``; everything else is ``%s``."""
    parts: list[str] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        operator = node.child_by_field_name("operator")
        if node.type == "binary_expression" and operator is not None and operator.type == "+":
            waiting += reversed(node.named_children)
        elif node.type == "parenthesized_expression":
            waiting += node.named_children
        else:
            parts.append(_string(node) if node.type == "string" else "%s")
    return "".join(parts)


def _string(node: Node) -> str:
    return "".join(_character(child) for child in node.named_children)


def _character(node: Node) -> str:
    text = _text(node)
    if node.type != "escape_sequence":
        return text
    return _ESCAPES[text] if text in _ESCAPES else str(json.loads(f'"{text}"'))


def _text(node: Node) -> str:
    return (node.text or b"").decode()
