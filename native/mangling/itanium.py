"""C++ names of the Itanium ABI: the qualified name of a function, in the form that `native.names` gives to all names.

``_ZN4shop5sumOfINS_4LineEEEiRKSt6vectorIT_SaIS2_EE`` is ``shop::sumOf<T>``. Template arguments are read past and shown
as ``<T>``; what follows the name (argument types) is not read at all. Types are put together as far as conversion
operators show them.

Source: Itanium C++ ABI, 5.1.
"""

import re

from native.mangling.cursor import NotReadError
from native.mangling.itanium_expressions import NUMBER, OPERATORS, SEQUENCE, Expressions

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
_IN_FULL = {
    "std::string": "std::basic_string<T>",
    "std::istream": "std::basic_istream<T>",
    "std::ostream": "std::basic_ostream<T>",
    "std::iostream": "std::basic_iostream<T>",
}
"""What has members is the template, not its short name."""
_MODIFIERS = {"P": "*", "R": "&", "O": "&&", "K": " const", "V": " volatile", "r": " restrict"}
_ANONYMOUS = re.compile(r"_GLOBAL_[._$]N")
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
        return reader.function()
    except (NotReadError, RecursionError):
        return None


class _Reader(Expressions):
    """Reads a mangled name from ``_at`` on."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._known: list[str] = []
        """What substitutions stand for."""

    def function(self) -> str:
        """The whole symbol up to its types. Thunks are called like what they lead to."""
        self._accept_match(_THUNK)
        return self.name()

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
        self._accept_match(_QUALIFIERS)
        steps: list[str] = []
        while not self._accept("E"):
            path, is_new = self._component(steps[-1] if steps else None)
            steps.append(path)
            if is_new and not self._starts("E"):
                self._known.append(path)
        if not steps:
            raise NotReadError
        return steps[-1]

    def _component(self, scope: str | None) -> tuple[str, bool]:
        """The path with one more component, and whether it is a new candidate for substitution."""
        if self._accept("St"):
            return "std", False
        if self._starts("S"):
            path = self._substitution()
            return _IN_FULL.get(path, path), False
        if self._starts("I"):
            if scope is None:
                raise NotReadError
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
            raise NotReadError
        if self._accept("d"):
            self._accept_match(NUMBER)
            self._expect("_")
        entity = self.name()
        self._accept_match(_DISCRIMINATOR)
        return f"{function}::{entity}"

    def _encoding(self) -> str:
        """A function with its types, up to the ``E`` behind it."""
        function = self.name()
        while not self._starts("E"):
            self._type()
        return function

    def _unqualified(self, scope: str | None) -> str:
        """One component: an identifier, operator, constructor or lambda."""
        if self._starts("L") and NUMBER.match(self._text, self._at + 1):
            self._accept("L")
        if NUMBER.match(self._text, self._at):
            name = self._identifier()
        elif structor := self._accept_match(_STRUCTOR):
            if scope is None:
                raise NotReadError
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
        length = int(self._require(NUMBER))
        name = self._text[self._at : self._at + length]
        if len(name) < length or not length:
            raise NotReadError
        self._at += length
        return "(anonymous namespace)" if _ANONYMOUS.match(name) else name

    def _closure(self) -> str:
        while not self._accept("E"):
            self._type()
        return self._number_behind("{lambda}")

    def _number_behind(self, name: str) -> str:
        self._accept_match(NUMBER)
        self._expect("_")
        return name

    def _operator(self) -> str:
        if self._accept("cv"):
            return f"operator {self._type()}"
        if self._accept("li"):
            return f'operator""{self._identifier()}'
        operator = OPERATORS.get(self._text[self._at : self._at + 2])
        if operator is None:
            raise NotReadError
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
            elif self._accept("X"):
                self._expression()
                self._expect("E")
            elif self._accept_declaration():
                self._argument()
            else:
                self._type()

    def _accept_declaration(self) -> bool:
        """Reads past the declaration of a template parameter, where an argument does not say what it is for."""
        if self._accept("Tp"):
            return self._accept_declaration()
        if self._accept("Tn"):
            self._type()
        elif self._accept("Tk"):
            self.name()
        elif not self._accept("Ty"):
            return False
        return True

    def _literal(self) -> None:
        if self._accept("_Z") or self._accept("Z"):
            self._encoding()
        else:
            self._type()
            self._accept_match(_VALUE)
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
                holder, member = self._type(), self._type()
                function = member.removesuffix(" ()")
                return f"{member} {holder}::*" if function == member else f"{function} ({holder}::*)()"
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
        self._accept_match(NUMBER)
        self._expect("_")
        return f"{self._type()} []"

    def _pack(self) -> str:
        """``Dp``: a parameter pack; ``Do``: a function that does not throw; ``DT``: ``decltype``. No vectors."""
        if self._accept("T") or self._accept("t"):
            self._expression()
            self._expect("E")
            return "decltype()"
        if not (self._accept("p") or self._accept("o")):
            raise NotReadError
        return self._type()

    def _named(self) -> str:
        if self._starts("T"):
            return self._parameter()
        if self._accept("u"):
            return self._identifier()
        return self.name()

    def _parameter(self) -> str:
        self._expect("T")
        self._require(SEQUENCE)
        return "T"

    def _substitution(self) -> str:
        self._expect("S")
        standard = _STANDARD.get(self._text[self._at : self._at + 1])
        if standard:
            self._at += 1
            return standard
        digits = self._require(SEQUENCE)[:-1]
        index = int(digits, 36) + 1 if digits else 0
        if index >= len(self._known):
            raise NotReadError
        return self._known[index]


def _last_component(path: str) -> str:
    """What a constructor is called: the class without its arguments."""
    return path.rpartition("::")[2].removesuffix("<T>")
