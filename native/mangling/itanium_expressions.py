"""Expressions inside C++ names (constraints, ``decltype``): read past, as nothing of them is shown.

Source: Itanium C++ ABI, 5.1.6.
"""

import re
from abc import abstractmethod

from native.mangling.cursor import Cursor, NotReadError

OPERATORS = dict(
    pair.split(":", 1)
    for pair in (  # noqa: SIM905 - a table that can be read
        "nw:operator_new na:operator_new[] dl:operator_delete da:operator_delete[] aw:operator_co_await ps:operator+ "
        "ng:operator- ad:operator& de:operator* co:operator~ pl:operator+ mi:operator- ml:operator* dv:operator/ "
        "rm:operator% an:operator& or:operator| eo:operator^ aS:operator= pL:operator+= mI:operator-= mL:operator*= "
        "dV:operator/= rM:operator%= aN:operator&= oR:operator|= eO:operator^= ls:operator<< rs:operator>> "
        "lS:operator<<= rS:operator>>= eq:operator== ne:operator!= lt:operator< gt:operator> le:operator<= "
        "ge:operator>= ss:operator<=> nt:operator! aa:operator&& oo:operator|| pp:operator++ mm:operator-- "
        "cm:operator, pm:operator->* pt:operator-> cl:operator() ix:operator[]"
    ).split()
)
NUMBER = re.compile(r"[0-9]{1,5}")
SEQUENCE = re.compile(r"[0-9A-Z]{0,6}_")

_UNARY = frozenset({"ps", "ng", "ad", "de", "co", "nt", "sz", "az", "nx", "te", "sp", "tw", "aw"})
_OF_TYPE = frozenset({"st", "at", "ti"})
_CASTS = frozenset({"dc", "sc", "cc", "rc"})
_FOLDS = re.compile(r"f(?:[lr]|(?P<two>[LR]))(?=[a-z][a-zA-Z])")
_PARAMETER = re.compile(r"fpT|f(?:L[0-9]+)?p[rVK]*[0-9]*_")


class Expressions(Cursor):
    """Reads past expressions. Types, arguments, literals and names are read by the class that adds them."""

    @abstractmethod
    def _type(self) -> str: ...

    @abstractmethod
    def _literal(self) -> None: ...

    @abstractmethod
    def _with_arguments(self, name: str) -> str: ...

    @abstractmethod
    def _unqualified(self, scope: str | None) -> str: ...

    def _expression(self) -> None:
        with self._deeper():
            self._accept("gs")
            if self._accept("L"):
                self._literal()
            elif fold := self._accept_match(_FOLDS):
                self._at += 2
                self._expressions(2 if fold[1] in "LR" else 1)
            elif self._accept_match(_PARAMETER):
                return
            elif self._starts("T"):
                self._type()
            elif self._starts_digit():
                self._with_arguments(self._unqualified(None))
            else:
                self._operation(self._next() + self._next())

    def _operation(self, code: str) -> None:
        """An operation by its two letters, and its operands."""
        if code in _UNARY:
            self._expressions(1)
        elif code in _OF_TYPE:
            self._type()
        elif code in _CASTS:
            self._type()
            self._expressions(1)
        elif code in ("pp", "mm"):
            self._accept("_")
            self._expressions(1)
        elif code in ("dt", "pt"):
            self._expressions(1)
            self._with_arguments(self._unqualified(None))
        elif code == "qu":
            self._expressions(3)
        else:
            self._listed(code)

    def _listed(self, code: str) -> None:
        """Operations with a list of operands, names with a scope, conversions; all others have two operands."""
        if code in ("cl", "cp", "il"):
            self._expressions_to_end()
        elif code == "tl":
            self._type()
            self._expressions_to_end()
        elif code == "cv":
            self._type()
            self._expressions_to_end() if self._accept("_") else self._expressions(1)
        elif code == "sr":
            self._scoped()
        elif code == "sZ":
            self._expressions(1)
        elif code == "on":
            self._with_arguments(self._unqualified(None))
        elif code in OPERATORS:
            self._expressions(2)
        else:
            raise NotReadError

    def _scoped(self) -> None:
        """``sr``: a name in a type, or behind names that lead to it and end with ``E``."""
        if self._accept("N"):
            self._type()
            while not self._accept("E"):
                self._with_arguments(self._unqualified(None))
        elif self._starts_digit():
            self._with_arguments(self._unqualified(None))
            self._accept("E")
        else:
            self._type()
        self._accept("on")
        self._with_arguments(self._unqualified("scope"))

    def _starts_digit(self) -> bool:
        return self._starts_with_any("0123456789")

    def _expressions(self, count: int) -> None:
        for _ in range(count):
            self._expression()

    def _expressions_to_end(self) -> None:
        while not self._accept("E"):
            self._expression()
