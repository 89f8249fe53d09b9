"""Bridge rules: which functions lead from one language into another, and which only serve the crossing.

Rules are data, one table a runtime, brought by plug-ins (entry-point group ``symbolicator.bridges``)::

    name = "ART"
    platforms = ["java"]

    [[rules]]
    id = "art-interpreter"
    images = ["libart.so", "libartd.so"]
    functions = ["nterp_helper", "art::interpreter::*"]
    folds = true

A rule matches a resolved frame by its function without template arguments (one of Java also by ``package.Class.name``)
and by the file name of its image where it names any; a common name like ``main`` also by what the function calls. ``*``
stands for any text, at the end of a name only. Nothing is matched by address.

Where a runtime finds the native function that carries a method out by its name, the table says how that is made::

    [[names]]
    id = "jni-name"
    functions = ["Java_{module}_{function}", "Java_{module}_{function}__*"]
    escapes = { "." = "_", "_" = "_1" }
    others = "_0{:04x}"
"""

from msgspec import Struct


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Functions of one kind. ``id``: what a seam or a fold that it causes is explained by."""

    id: str
    functions: tuple[str, ...]
    images: tuple[str, ...] = ()
    """File names of images; any image where it is empty."""
    calls: tuple[str, ...] = ()
    """What the next newer frame must be named; anything where it is empty. Only folds are decided by it."""
    label: str = ""
    """What folds of it are called; the runtime's name where it is empty."""
    enters: bool = False
    """Whether it runs code of the runtime's language: frames of that follow."""
    joins: bool = False
    """Whether frames that enter one right below the other, with nothing but the runtime between, enter it once."""
    innermost: bool = False
    """Whether it is the newest of those that join: what enters above it enters anew."""
    leaves: bool = False
    """Whether it is called by code of the runtime's language: native frames follow."""
    begins: bool = False
    """Whether threads or programs begin with it: a stack that has it lacks no older calls."""
    folds: bool = False
    """Whether it only serves the crossing, so that a reader can skip it."""


class NameRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How the native function is called that carries out a method of the runtime: of ``{module}``, ``{function}``."""

    id: str
    functions: tuple[str, ...]
    """Templates; ``*`` at the end stands for any text."""
    escapes: dict[str, str] = {}
    """What characters become; ASCII letters and digits stay as they are."""
    others: str = "_"
    """What any other character becomes, formatted with the number of each of its UTF-16 units."""

    def functions_of(self, module: str, function: str) -> tuple[str, ...]:
        """The names of the native function for a method."""
        parts = {"module": self._escaped(module), "function": self._escaped(function)}
        return tuple(template.format(**parts) for template in self.functions)

    def _escaped(self, name: str) -> str:
        return "".join(map(self._escape, name))

    def _escape(self, character: str) -> str:
        if character in self.escapes:
            return self.escapes[character]
        if character.isascii() and character.isalnum():
            return character
        units = character.encode("utf-16-be", "surrogatepass")
        return "".join(self.others.format(int.from_bytes(units[at : at + 2])) for at in range(0, len(units), 2))


class Bridge(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one runtime. ``name`` as a person calls it; ``platforms`` of the frames that it runs."""

    name: str
    platforms: tuple[str, ...]
    rules: tuple[Rule, ...]
    native_files: tuple[str, ...] = ()
    """What its stacks have for a file where a frame is a native function: what that calls enters the runtime anew."""
    names: tuple[NameRule, ...] = ()
