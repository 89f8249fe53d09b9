"""Methods as IL2CPP writes them down: ``System.Void Shop.Player/<Start>d__5::MoveNext()``.

It stands in ``MethodMap.tsv`` and, from most versions, in a comment above each function of the generated code.
"""

from msgspec import Struct

from native.crashes.dotnet.frames import split_method
from native.il2cpp.names import Method, method_key

_MAX_SIGNATURE = 4_000


class Signature(Struct, frozen=True):
    """A method as its author called it; ``printed``: as .NET prints it; ``parameters`` as IL2CPP wrote them."""

    method: Method
    printed: str
    parameters: str

    @property
    def key(self) -> str | None:
        """What says of which method it is."""
        return method_key(self.printed)


def parse_signature(text: str) -> Signature | None:
    """The method; None if the text is none."""
    declared, separator, rest = text[:_MAX_SIGNATURE].strip().partition("::")
    name, bracket, parameters = rest.partition("(")
    owner = _without_arguments(declared.rpartition(" ")[2]).replace("/", "+")
    if not (separator and bracket and owner and name):
        return None
    printed = f"{owner}.{_without_arguments(name)}"
    module, function, _ = split_method(printed)
    return Signature(Method(module, function), printed, parameters.removesuffix(")"))


def _without_arguments(name: str) -> str:
    """Without type arguments: those stand behind a name, while names that compilers make begin with ``<``."""
    kept: list[str] = []
    depth = 0
    for sign in name:
        opens = sign == "<" and (depth > 0 or (kept and (kept[-1].isalnum() or kept[-1] == "_")))
        depth += bool(opens)
        if depth == 0:
            kept.append(sign)
        depth -= sign == ">" and depth > 0
    return "".join(kept)
