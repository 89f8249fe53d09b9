"""Rust's second mangling ("v0"): paths, types and constants in one grammar with back references.

``_RNvMNtCs1234_4shop4cartNtB2_4Cart5total`` is ``<shop::cart::Cart>::total``.
Source: Rust RFC 2603 and the Rust compiler's book, "v0 Symbol Format".
"""

import re
from collections.abc import Callable, Iterator

from native.mangling.cursor import MAX_DEPTH, Cursor, NotReadError

_BASIC = {
    "a": "i8",
    "b": "bool",
    "c": "char",
    "d": "f64",
    "e": "str",
    "f": "f32",
    "h": "u8",
    "i": "isize",
    "j": "usize",
    "l": "i32",
    "m": "u32",
    "n": "i128",
    "o": "u128",
    "s": "i16",
    "t": "u16",
    "u": "()",
    "v": "...",
    "x": "i64",
    "y": "u64",
    "z": "!",
    "p": "_",
}
_POINTERS = {"R": "&", "Q": "&mut ", "P": "*const ", "O": "*mut "}
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,5}")
_BASE_62 = re.compile(r"[0-9a-zA-Z]{0,11}_")
_HEX = re.compile(r"[0-9a-f]{0,64}_")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def demangled(symbol: str) -> str | None:
    """The path without crate hashes; None if the symbol is not of this mangling."""
    try:
        return _Parser(symbol[2:]).path(in_value=True)
    except (NotReadError, ValueError):
        return None


class _Parser(Cursor):
    """Reads from ``at``; back references send it back for a while. Positions count from after ``_R``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._lifetimes = 0

    def path(self, *, in_value: bool) -> str:
        """A path. In a value, generic arguments follow ``::``."""
        readers: dict[str, Callable[[], str]] = {
            "C": lambda: self._identifier()[0],
            "M": self._inherent,
            "X": lambda: self._as_trait(has_impl_path=True),
            "Y": self._as_trait,
            "N": lambda: self._nested(in_value=in_value),
            "I": lambda: self._with_arguments(in_value=in_value),
            "B": lambda: self._again(lambda: self.path(in_value=in_value)),
        }
        with self._deeper():
            reader = readers.get(self._next())
            if reader is None:
                raise NotReadError
            return reader()

    def _inherent(self) -> str:
        self._impl_path()
        return f"<{self._type()}>"

    def _with_arguments(self, *, in_value: bool) -> str:
        path = self.path(in_value=in_value)
        arguments = ", ".join(self._until_end(self._generic_argument))
        return f"{path}{'::' if in_value else ''}<{arguments}>"

    def _as_trait(self, *, has_impl_path: bool = False) -> str:
        if has_impl_path:
            self._impl_path()
        return f"<{self._type()} as {self.path(in_value=False)}>"

    def _impl_path(self) -> None:
        self._disambiguator()
        self.path(in_value=False)

    def _nested(self, *, in_value: bool) -> str:
        """A name in a namespace: small letters are ordinary, ``C`` is a closure, ``S`` a shim."""
        namespace = self._next()
        path = self.path(in_value=in_value)
        name, number = self._identifier()
        if namespace.islower():
            return f"{path}::{name}" if name else path
        kind = {"C": "closure", "S": "shim"}.get(namespace, namespace)
        return f"{path}::{{{kind}{':' if name else ''}{name}#{number}}}"

    def _type(self) -> str:
        with self._deeper():
            letter = self._next()
            if letter in _BASIC:
                return _BASIC[letter]
            if letter in _POINTERS:
                return self._pointer(letter)
            compound = self._compound().get(letter)
            if compound:
                return compound()
            self._at -= 1
            return self.path(in_value=False)

    def _compound(self) -> dict[str, Callable[[], str]]:
        return {
            "A": lambda: f"[{self._type()}; {self._constant()}]",
            "S": lambda: f"[{self._type()}]",
            "T": self._tuple,
            "F": lambda: self._bound(self._function),
            "D": self._dynamic,
            "B": lambda: self._again(self._type),
        }

    def _pointer(self, letter: str) -> str:
        lifetime = self._lifetime() if letter in "RQ" and self._accept("L") else ""
        shown = "" if lifetime in ("", "'_") else f"{lifetime} "
        return f"&{shown}{_POINTERS[letter][1:]}{self._type()}" if letter in "RQ" else _POINTERS[letter] + self._type()

    def _tuple(self) -> str:
        parts = list(self._until_end(self._type))
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"

    def _function(self) -> str:
        unsafe = "unsafe " if self._accept("U") else ""
        abi = ""
        if self._accept("K"):
            abi = f'extern "{"C" if self._accept("C") else self._plain_identifier().replace("_", "-")}" '
        arguments = ", ".join(self._until_end(self._type))
        result = "" if self._accept("u") else f" -> {self._type()}"
        return f"{unsafe}{abi}fn({arguments}){result}"

    def _dynamic(self) -> str:
        bounds = self._bound(lambda: " + ".join(self._until_end(self._dynamic_trait)))
        if not self._accept("L"):
            raise NotReadError
        lifetime = self._lifetime()
        return f"dyn {bounds}" + ("" if lifetime == "'_" else f" + {lifetime}")

    def _dynamic_trait(self) -> str:
        """A trait with its associated types, which belong into its argument list."""
        path = self.path(in_value=False)
        types = []
        while self._accept("p"):
            types.append(f"{self._plain_identifier()} = {self._type()}")
        if not types:
            return path
        return f"{path[:-1]}, {', '.join(types)}>" if path.endswith(">") else f"{path}<{', '.join(types)}>"

    def _bound(self, inner: Callable[[], str]) -> str:
        """What ``inner`` reads, behind the lifetimes that are bound for it."""
        count = self._base_62() + 1 if self._accept("G") else 0
        if count > MAX_DEPTH:
            raise NotReadError
        names = [self._lifetime_name(self._lifetimes + index) for index in range(count)]
        self._lifetimes += count
        text = inner()
        self._lifetimes -= count
        return f"for<{', '.join(names)}> {text}" if names else text

    def _generic_argument(self) -> str:
        if self._accept("L"):
            return self._lifetime()
        return self._constant() if self._accept("K") else self._type()

    def _lifetime(self) -> str:
        """A lifetime, counted from the innermost bound one."""
        index = self._base_62()
        return self._lifetime_name(self._lifetimes - index) if index else "'_"

    def _lifetime_name(self, depth: int) -> str:
        if depth < 0:
            raise NotReadError
        return f"'{chr(ord('a') + depth)}" if depth < 26 else f"'_{depth}"  # noqa: PLR2004 - the alphabet

    def _constant(self) -> str:
        """A constant: integers, ``bool`` and ``char``; others are shown as ``_``."""
        if self._accept("p"):
            return "_"
        if self._accept("B"):
            return self._again(self._constant)
        kind = _BASIC.get(self._next())
        if kind is None:
            raise NotReadError
        sign = "-" if self._accept("n") else ""
        number = int(self._require(_HEX)[:-1] or "0", 16)
        if kind == "bool":
            return str(bool(number)).lower()
        return f"'{chr(number)}'" if kind == "char" else f"{sign}{number}"

    def _identifier(self) -> tuple[str, int]:
        """A name and the number that tells it from others of the same name."""
        number = self._disambiguator()
        return self._plain_identifier(), number

    def _disambiguator(self) -> int:
        return self._base_62() + 1 if self._accept("s") else 0

    def _plain_identifier(self) -> str:
        is_unicode = self._accept("u")
        length = int(self._require(_DECIMAL))
        self._accept("_")
        name = self._text[self._at : self._at + length]
        if len(name) < length:
            raise NotReadError
        self._at += length
        return _from_punycode(name) if is_unicode else name

    def _until_end(self, read: Callable[[], str]) -> Iterator[str]:
        while not self._accept("E"):
            yield read()

    def _again(self, read: Callable[[], str]) -> str:
        """Reads what an earlier position says."""
        start = self._at - 1
        target = self._base_62()
        if target >= start:
            raise NotReadError
        here, self._at = self._at, target
        text = read()
        self._at = here
        return text

    def _base_62(self) -> int:
        digits = self._require(_BASE_62)[:-1]
        number = 0
        for digit in digits:
            number = number * 62 + _DIGITS.index(digit)
        return number + 1 if digits else 0


def _from_punycode(name: str) -> str:
    """Punycode with ``_`` where IDNA has ``-``."""
    head, _, tail = name.rpartition("_")
    return (f"{head}-{tail}" if head else tail).encode("ascii").decode("punycode")
