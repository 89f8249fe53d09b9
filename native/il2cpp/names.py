"""Names that IL2CPP gives the functions it makes of methods, and what they say of the method.

====================================================================  ==========================================
``Player_TakeDamage_m1A2B…`` (40 hex digits)                          ``Player.TakeDamage``
``U3CStartU3Ed__5_MoveNext_m…``                                       ``<Start>d__5.MoveNext``: iterator or async
``U3CU3Ec__DisplayClass3_0_U3CTotalU3Eb__0_m…``                       ``<>c__DisplayClass3_0.<Total>b__0``: lambda
``List_1_Add_m…_gshared``, ``Pool_1_Get_TisBullet_t…_m…_fshared``     generic code that types share
``Vector3_get_magnitude_m…_AdjustorThunk``                            calls the method of that name: glue
====================================================================  ==========================================

A name has the type's without namespace and enclosing type, an underline, the method's, and a hash of the whole method.
Dots, slashes and backticks become underlines too, so that where the type's name ends is often not to be told:
``Socket_get_IsOpen`` may be ``Socket.get_IsOpen`` or ``Socket_get.IsOpen``. The other way is exact: `method_key` makes
of a method what IL2CPP makes of it.

Source of the rules: code that IL2CPP generated (Unity 2019 to 6000), and its names in stack traces.
"""

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.dotnet.frames import split_method
from symbolicator.model import Frame

_HASHED = re.compile(
    r"(?P<stem>\w{1,1500}?)_m[0-9A-F]{40}(?P<kinds>(?:_(?:gshared|fshared|inline|AdjustorThunk)){0,3})"
    r"(?:\.[\w.]{1,60})?"
)
"""Compilers append ``.cold``, ``.isra.0`` and the like to parts of a function."""
_GENERIC = "_Tis"
_ARGUMENT = re.compile(r"(?:Runtime|Il2Cpp)[A-Za-z]{1,60}|\w{1,400}_t(?:[0-9A-F]{40})?")
_WRAPPERS = ("ReversePInvokeWrapper_", "DelegatePInvokeWrapper_", "UnresolvedVirtualCall_", "RuntimeInvoker_")
"""Glue that is named after a method, or as if it were one."""
_THUNK = "_AdjustorThunk"
_COMPILER_MADE = "U3C"
_WRITTEN = (("U3C", "<"), ("U3E", ">"), ("U7C", "|"))
_NAME = re.compile(r"[A-Za-z_]\w{0,500}")
_MADE_TYPE = re.compile(
    r"<\w{0,300}>(?:d__[0-9]{1,6}|c__(?:Iterator|async|DisplayClass)[0-9A-F]{1,6}|c)(?:_[0-9]{1,6}){0,2}"
)
_MADE_METHOD = re.compile(r"<\w{1,300}>(?:b__|m__|g__\w{1,300}\|)[0-9A-F_]{1,20}")
_MACHINE = re.compile(r"<(\w{1,300})>(?:d__|c__Iterator|c__async)[0-9A-F_]{1,20}")
_KEPT = re.compile(r"[A-Za-z_0-9]")
_TO_UNDERLINE = frozenset("./`")
_MAX_NAME = 2_000
_FORM = "il2cpp"


class Generated(Struct, frozen=True):
    """A function that is a method. ``symbol``: its name in the code; ``stem``: without hash and generic arguments."""

    symbol: str
    stem: str
    is_thunk: bool = False

    @property
    def key(self) -> str:
        """What `method_key` makes of the method."""
        return f"{_FORM}:{self.stem}"

    @property
    def shown(self) -> str:
        """The name without the hash, compiler-made parts as C# has them."""
        return _written(self.stem)


class Method(Struct, frozen=True):
    """A method as C# names it. ``module``: namespace and type where they are known."""

    module: str | None
    function: str


def parse(function: str | None) -> Generated | None:
    """The method that a function is; None if IL2CPP did not make it of one."""
    symbol = (function or "")[:_MAX_NAME].partition("(")[0].strip().lstrip(":")
    match = _HASHED.fullmatch(symbol)
    if match is None or symbol.startswith(_WRAPPERS):
        return None
    return Generated(symbol, _without_arguments(match["stem"]), is_thunk=match["kinds"].endswith(_THUNK))


def generated_of(frame: Frame) -> Generated | None:
    """The method that a native frame is of; None where its name is only that of the nearest symbol."""
    is_nearest = frame.data is not None and frame.data.symbol_distance is not None
    return None if is_nearest else parse(frame.function)


def _without_arguments(stem: str) -> str:
    """The name without the type arguments of a generic method at its end."""
    head, *arguments = stem.split(_GENERIC)
    is_generic = head and all(map(_ARGUMENT.fullmatch, arguments))
    return head if is_generic else stem


def method_of(generated: Generated) -> Method | None:
    """Type and method, where only one place can part them: as C# names them, and as its author did."""
    name = generated.shown
    parts = list(_partings(name))
    if len(parts) != 1:
        return None
    owner, method = parts[0]
    machine = _MACHINE.fullmatch(owner) if method == "MoveNext" else None
    if machine:
        return Method(None, machine[1])
    module, function, _ = split_method(f"?+{owner}.{method}")
    return Method(module.lstrip("?+") or None if module else None, function)


def _partings(name: str) -> Iterator[tuple[str, str]]:
    for at, sign in enumerate(name):
        if sign == "_" and _is_type(name[:at]) and _is_method(name[at + 1 :]):
            yield name[:at], name[at + 1 :]


def _is_type(name: str) -> bool:
    return bool((_MADE_TYPE if name.startswith("<") else _NAME).fullmatch(name))


def _is_method(name: str) -> bool:
    return bool((_MADE_METHOD if name.startswith("<") else _NAME).fullmatch(name))


def _written(stem: str) -> str:
    """Letters that only a compiler puts into names stand for themselves again."""
    if _COMPILER_MADE not in stem:
        return stem
    for escaped, character in _WRITTEN:
        stem = stem.replace(escaped, character)
    return stem


def key_of(frame: Frame) -> str | None:
    """What says of which method a frame of C# is; None if it says none."""
    printed = frame.raw_function or ".".join(filter(None, (frame.module, frame.function)))
    return method_key(printed) if frame.function else None


def as_written(frame: Frame) -> Frame:
    """A frame that a runtime told of, as its author called it: state machines and lambdas by the method they are of."""
    if frame.raw_function or not frame.module or not frame.function:
        return frame
    module, function, raw = split_method(f"{frame.module}.{frame.function}")
    return replace(frame, module=module, function=function, raw_function=raw) if raw else frame


def method_key(printed: str) -> str | None:
    """What says of which method a printed name is, as in ``Shop.Cart+<PayAsync>d__4.MoveNext``."""
    name = _without_brackets(printed[:_MAX_NAME].partition("(")[0].rstrip().replace(":", "."))
    owner, method = _cut(name, ".")
    if owner.endswith("."):
        owner, method = owner[:-1], f".{method}"
    kind = owner
    for separator in ".+/":
        kind = _cut(kind, separator)[1]
    return f"{_FORM}:{_clean(kind)}_{_clean(method)}" if kind and method else None


def _without_brackets(name: str) -> str:
    """Without the arguments of generic types and methods: ``Box`1[T].First[U]``."""
    kept, depth = [], 0
    for sign in name:
        depth += sign == "["
        if depth == 0:
            kept.append(sign)
        depth -= sign == "]" and depth > 0
    return "".join(kept)


def _cut(name: str, separator: str) -> tuple[str, str]:
    """What is before and behind the last separator outside of ``<…>``."""
    depth = 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == ">") - (name[at] == "<")
        if depth == 0 and name[at] == separator:
            return name[:at], name[at + 1 :]
    return "", name


def _clean(name: str) -> str:
    """A name of C# in letters that C++ allows."""
    return "".join(_cleaned(character, is_first=at == 0) for at, character in enumerate(name))


def _cleaned(character: str, *, is_first: bool) -> str:
    if character in _TO_UNDERLINE:
        return "_"
    if _KEPT.fullmatch(character) and not (is_first and character.isdigit()):
        return character
    return f"U{ord(character):02X}" if ord(character) < 0xFF else f"U{ord(character):03X}"  # noqa: PLR2004 - one byte
