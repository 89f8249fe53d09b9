"""C++ names of the Itanium ABI: the qualified name of a function, in the form that `native.names` gives to all names.

``_ZN4shop5sumOfINS_4LineEEEiRKSt6vectorIT_SaIS2_EE`` is ``shop::sumOf<T>``. Template arguments are read past and shown
as ``<T>``; what follows the name (argument types) is not read at all. Types are put together as far as conversion
operators show them. Names that hold expressions (``decltype``, ``X…E``) are not read: they are None.

Source: Itanium C++ ABI, 5.1.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

MAX_DEPTH = 64
MAX_STEPS = 20_000

_OPERATORS = dict(
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
_BUILTIN = dict(
    pair.split(":", 1)
    for pair in (  # noqa: SIM905 - as above
        "v:void w:wchar_t b:bool c:char a:signed_char h:unsigned_char s:short t:unsigned_short i:int j:unsigned_int "
        "l:long m:unsigned_long x:long_long y:unsigned_long_long n:__int128 o:unsigned___int128 f:float d:double "
        "e:long_double g:__float128 z:... Dd:decimal64 De:decimal128 Df:decimal32 Dh:half Di:char32_t Ds:char16_t "
        "Du:char8_t Da:auto Dc:decltype(auto) Dn:std::nullptr_t"
    ).split()
)
_STANDARD = {
    "a": "std::allocator",
    "b": "std::basic_string",
    "s": "std::string",
    "i": "std::istream",
    "o": "std::ostream",
    "d": "std::iostream",
}
_MODIFIERS = {"P": "*", "R": "&", "O": "&&", "K": " const", "V": " volatile", "r": " restrict"}
_ANONYMOUS = re.compile(r"_GLOBAL_[._$]N")
_NUMBER = re.compile(r"[0-9]{1,5}")
_SEQUENCE = re.compile(r"[0-9A-Z]{0,6}_")
_STRUCTOR = re.compile(r"C[12345]|D[01245]")
_THUNK = re.compile(r"GT[tn]|T(?:h|v)n?[0-9]+_(?:n?[0-9]+_)?|Tc(?:hn?[0-9]+_|vn?[0-9]+_n?[0-9]+_){2}")
_QUALIFIERS = re.compile(r"[rVK]*[RO]?(?=.)")
_VALUE = re.compile(r"n?[0-9a-zA-Z]*?(?=E)")
_DISCRIMINATOR = re.compile(r"__[0-9]+_|_[0-9]")


def demangled(symbol: str) -> str | None:
    """The qualified name; None if the symbol is no mangled C++ name, or one that is not read."""
    head = re.match(r"_?_Z", symbol)
    if not head:
        return None
    reader = _Reader(symbol[head.end() :])
    try:
        reader.accept_pattern(_THUNK)
        return reader.name()
    except (_NotReadError, RecursionError):
        return None


class _NotReadError(Exception):
    """The text does not follow the grammar, or a part of it that is not read here."""


class _Reader:
    """Reads a mangled name from ``_at`` on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._steps = 0
        self._known: list[str] = []
        """What substitutions stand for."""

    def name(self) -> str:
        """A function's or a type's name."""
        with self._deeper():
            if self._accept("N"):
                return self._nested()
            if self._accept("Z"):
                return self._local()
            if self._starts("S") and not self._starts("St"):
                return self._with_arguments(self._substitution())
            scope = "std::" if self._accept("St") else ""
            name = scope + self._unqualified(None)
            if self._starts("I"):
                self._known.append(name)
            return self._with_arguments(name)

    def _nested(self) -> str:
        """``N [qualifiers] {component} E``: every step but the whole can be referred to later."""
        self.accept_pattern(_QUALIFIERS)
        steps: list[str] = []
        while not self._accept("E"):
            path, is_new = self._component(steps[-1] if steps else None)
            steps.append(path)
            if is_new and not self._starts("E"):
                self._known.append(path)
        if not steps:
            raise _NotReadError
        return steps[-1]

    def _component(self, scope: str | None) -> tuple[str, bool]:
        """The path with one more component, and whether it is a new candidate for substitution."""
        if self._accept("St"):
            return "std", False
        if self._starts("S"):
            return self._substitution(), False
        if self._starts("I"):
            if scope is None:
                raise _NotReadError
            return self._with_arguments(scope), True
        if self._starts("T"):
            return self._parameter(), True
        self._accept("M")
        last = self._unqualified(scope)
        return f"{scope}::{last}" if scope else last, True

    def _local(self) -> str:
        """Something declared inside a function."""
        function = self._encoding()
        self._expect("E")
        if self._starts("s"):
            raise _NotReadError
        if self._accept("d"):
            self.accept_pattern(_NUMBER)
            self._expect("_")
        entity = self.name()
        self.accept_pattern(_DISCRIMINATOR)
        return f"{function}::{entity}"

    def _encoding(self) -> str:
        """A function with its types, up to the ``E`` behind it."""
        function = self.name()
        while not self._starts("E"):
            self._type()
        return function

    def _unqualified(self, scope: str | None) -> str:
        """One component: an identifier, operator, constructor or lambda."""
        if self._starts("L") and _NUMBER.match(self._text, self._at + 1):
            self._accept("L")
        if _NUMBER.match(self._text, self._at):
            name = self._identifier()
        elif structor := self.accept_pattern(_STRUCTOR):
            if scope is None:
                raise _NotReadError
            name = ("~" if structor[0] == "D" else "") + _last_component(scope)
        elif self._accept("Ul"):
            name = self._closure()
        elif self._accept("Ut"):
            name = self._number_behind("{unnamed type}")
        else:
            name = self._operator()
        while self._accept("B"):
            self._identifier()
        return name

    def _identifier(self) -> str:
        length = int(self._require(_NUMBER))
        name = self._text[self._at : self._at + length]
        if len(name) < length or not length:
            raise _NotReadError
        self._at += length
        return "(anonymous namespace)" if _ANONYMOUS.match(name) else name

    def _closure(self) -> str:
        while not self._accept("E"):
            self._type()
        return self._number_behind("{lambda}")

    def _number_behind(self, name: str) -> str:
        self.accept_pattern(_NUMBER)
        self._expect("_")
        return name

    def _operator(self) -> str:
        if self._accept("cv"):
            return f"operator {self._type()}"
        if self._accept("li"):
            return f'operator""{self._identifier()}'
        operator = _OPERATORS.get(self._text[self._at : self._at + 2])
        if operator is None:
            raise _NotReadError
        self._at += 2
        return operator.replace("_", " ", 1)

    def _with_arguments(self, name: str) -> str:
        """The name with ``<T>`` if template arguments follow, which are read past."""
        if not self._accept("I"):
            return name
        while not self._accept("E"):
            self._argument()
        return f"{name}<T>"

    def _argument(self) -> None:
        with self._deeper():
            if self._accept("J"):
                while not self._accept("E"):
                    self._argument()
            elif self._accept("L"):
                self._literal()
            else:
                self._type()

    def _literal(self) -> None:
        if self._accept("_Z") or self._accept("Z"):
            self._encoding()
        else:
            self._type()
            self.accept_pattern(_VALUE)
        self._expect("E")

    def _type(self) -> str:
        """A type; all but the built-in ones can be referred to later."""
        with self._deeper():
            if builtin := self._builtin():
                return builtin
            if self._starts("S") and not self._starts("St"):
                return self._substituted_type()
            shown = self._compound() if self._starts_compound() else self._with_arguments(self._named())
            self._known.append(shown)
            return shown

    def _builtin(self) -> str | None:
        size = 2 if self._starts("D") else 1
        builtin = _BUILTIN.get(self._text[self._at : self._at + size])
        self._at += size if builtin else 0
        return builtin.replace("_", " ") if builtin and not builtin.startswith("__") else builtin

    def _substituted_type(self) -> str:
        shown = self._substitution()
        if not self._starts("I"):
            return shown
        shown = self._with_arguments(shown)
        self._known.append(shown)
        return shown

    def _starts_compound(self) -> bool:
        return self._text[self._at : self._at + 1] in {*_MODIFIERS, *"FAMD"}

    def _compound(self) -> str:
        letter = self._next()
        if letter in _MODIFIERS:
            return self._type() + _MODIFIERS[letter]
        match letter:
            case "F":
                return self._function()
            case "A":
                return self._array()
            case "M":
                return f"{self._type()}::{self._type()}"
        return self._pack()

    def _function(self) -> str:
        self._accept("Y")
        result = self._type()
        while not self._accept("E"):
            if not (self._accept("RE") or self._accept("OE")):
                self._type()
                continue
            break
        return f"{result} ()"

    def _array(self) -> str:
        self.accept_pattern(_NUMBER)
        self._expect("_")
        return f"{self._type()} []"

    def _pack(self) -> str:
        """``Dp``: a parameter pack; ``Do``: a function that does not throw. Vectors and ``decltype`` are not read."""
        if not (self._accept("p") or self._accept("o")):
            raise _NotReadError
        return self._type()

    def _named(self) -> str:
        if self._starts("T"):
            return self._parameter()
        if self._accept("u"):
            return self._identifier()
        return self.name()

    def _parameter(self) -> str:
        self._expect("T")
        self._require(_SEQUENCE)
        return "T"

    def _substitution(self) -> str:
        self._expect("S")
        standard = _STANDARD.get(self._text[self._at : self._at + 1])
        if standard:
            self._at += 1
            return standard
        digits = self._require(_SEQUENCE)[:-1]
        index = int(digits, 36) + 1 if digits else 0
        if index >= len(self._known):
            raise _NotReadError
        return self._known[index]

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        self._steps += 1
        if self._depth > MAX_DEPTH or self._steps > MAX_STEPS:
            raise _NotReadError
        yield
        self._depth -= 1

    def _starts(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _accept(self, text: str) -> bool:
        found = self._starts(text)
        self._at += len(text) if found else 0
        return found

    def accept_pattern(self, pattern: re.Pattern[str]) -> str | None:
        """Reads past what ``pattern`` matches here, if anything."""
        match = pattern.match(self._text, self._at)
        if not match:
            return None
        self._at = match.end()
        return match[0]

    def _require(self, pattern: re.Pattern[str]) -> str:
        found = self.accept_pattern(pattern)
        if found is None:
            raise _NotReadError
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise _NotReadError

    def _next(self) -> str:
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        return letter


def _last_component(path: str) -> str:
    """What a constructor is called: the class without its arguments."""
    last = path.rpartition("::")[2].removesuffix("<T>")
    return "basic_string" if path == "std::string" else last
