r"""Names of Dart's functions as dart2js writes them into JavaScript, made readable again.

=====================================  ===========================================================
``Cart.total$1``, ``add$2$key$value``  ``Cart.total``, ``add``: number and names of the arguments
``main__closure.call$0``               ``main.<fn>.<fn>``: a closure, an underscore a level
``Cart_total_closure.$protected``      ``Cart.total.<fn>``: a closure that became an async body
``$async$main``                        ``main``: the part of an async function that is resumed
``Cart.get$length``, ``set$length``    ``Cart.length``
``Cart.$index$1``, ``$eq``             ``Cart.[]``, ``==``
``new Cart$``, ``Cart$fromJson``       ``new Cart``, ``Cart.fromJson``
``Object.main``, ``A.main``            ``main``: static functions live in a holder object
=====================================  ===========================================================

>>> dart_name("Cart_total_closure.call$1")
'Cart.total.<fn>'

Underscores in a closure's name become dots: dart2js joins class and method with them, and Dart's style has none in
either. Source: dart-lang/sdk, pkg/compiler, js_backend/namer; package:source_map_stack_trace for ``<fn>``.
"""

import re

MAX_DART_NAME = 512
_FIREFOX_NOISE = re.compile(r"[/<]+\Z")
_HOLDER = re.compile(r"(?:Object|A|J)\.(?=[\w$])")
_ARITY = re.compile(r"(?:\$[0-9]{1,3})+(?:\$[A-Za-z_]\w*)*\Z")
_ASYNC_BODY = re.compile(r"\$async\$")
_CLOSURE = re.compile(r"(?P<owner>\w*?)(?P<level>_+)closure[0-9]{0,6}(?:\.(?:call|\$protected))?\Z")
_JOINT = re.compile(r"(?<=[A-Za-z0-9])_")
_ACCESSOR = re.compile(r"(?:\A|(?<=\.))[gs]et\$")
_CALL = re.compile(r"(?<=[\w>])\.call\Z")
_CONSTRUCTOR = re.compile(r"(?<=\w)\$(?:(?=[A-Za-z_])|\Z)")
_OPERATORS = {
    "$add": "+", "$and": "&", "$div": "/", "$eq": "==", "$ge": ">=", "$gt": ">", "$index": "[]", "$indexSet": "[]=",
    "$le": "<=", "$lt": "<", "$mod": "%", "$mul": "*", "$negate": "unary-", "$not": "~", "$or": "|", "$shl": "<<",
    "$shr": ">>", "$sub": "-", "$tdiv": "~/", "$xor": "^",
}  # fmt: skip


def is_dart(source: str) -> bool:
    """Whether an original source, named as its map names it, is Dart's."""
    return source.endswith(".dart")


def dart_name(raw: str) -> str:
    """The name as its author would know it; what is not dart2js' spelling stays as it is."""
    if len(raw) > MAX_DART_NAME:
        return raw
    name = _HOLDER.sub("", _FIREFOX_NOISE.sub("", raw), count=1)
    name = _ASYNC_BODY.sub("", _ARITY.sub("", name))
    closure = _CLOSURE.fullmatch(name)
    if closure:
        return _JOINT.sub(".", closure["owner"]) + ".<fn>" * len(closure["level"])
    name = _ACCESSOR.sub("", _CALL.sub("", name))
    owner, dot, member = name.rpartition(".")
    name = owner + dot + _OPERATORS.get(member, member)
    return _CONSTRUCTOR.sub(lambda found: "." if found.end() < len(name) else "", name) or raw
