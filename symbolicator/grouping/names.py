"""A call's own name, without its class, namespace, package or file: what stays when code is moved.

>>> own_name("shop::Cart::total"), own_name("Cart.total (cart.ts)"), own_name("com.shop.Cart.total")
('total', 'total', 'total')
"""

import re

_PLACE = re.compile(r" \([^()]{0,400}\)\Z")
_QUALIFIERS = re.compile(r"\A.*(?:::|\.|#|/|\$)(?=[^\s:.#/$])", re.DOTALL)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def own_name(part: str) -> str:
    """Of a part of a fingerprint."""
    return _QUALIFIERS.sub("", _PLACE.sub("", part))


def words_of(name: str) -> frozenset[str]:
    """``get``, ``line`` and ``total`` of ``getLineTotal2`` and of ``get_line_total``."""
    return frozenset(word.lower() for word in _WORD.findall(name))
