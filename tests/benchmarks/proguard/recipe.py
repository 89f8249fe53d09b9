"""A mapping file as R8 writes it for a large app, of any size, the same for the same seed.

::

    with path.open("wb") as file:
        write_mapping(file, 100_000_000)

What is imitated (an R8 8.7 mapping of a Compose app): a comment with the source file behind each class, a third of the
methods without lines, the others in one to a dozen ranges, one in four of them inlined two or three deep, names of the
program that repeat from class to class, and residual signatures where parameters are renamed.
"""

import random
from collections.abc import Iterable, Iterator
from typing import BinaryIO

_SEED = 20_26
_WORDS = """
account adapter animation app async basket bind button cache cart catalog check client color compose
config core data database date delivery detail dialog draw event factory feature field filter flow
format fragment frame gesture graph handler header image index input internal item job key layout
list loader local location manager map media menu model module motion navigation network node
observer order page paint parser payment policy pool price product profile provider query queue
reader receiver remote render request resource result route scope screen search selection service
session shape sheet shop source state storage store stream style sync table task text theme timer
token tool tracker transition update user util value view widget window worker writer
""".split()  # noqa: SIM905 - legible
_TYPES = ("int", "long", "boolean", "java.lang.String", "float", "java.util.List", "android.view.View", "int[]")
_HEADER = """\
# compiler: R8
# compiler_version: 8.7.18
# min_api: 24
# common_typos_disable
# {"id":"com.android.tools.r8.mapping","version":"2.2"}
# pg_map_id: 3f1b2c4
# pg_map_hash: SHA-256 3f1b2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809
"""


def write_mapping(file: BinaryIO, size: int) -> None:
    """Writes at least ``size`` bytes, ending with a whole class."""
    chance = random.Random(_SEED)
    written = file.write(_HEADER.encode())
    number = 0
    names: list[str] = []
    while written < size:
        text = "".join(_class(chance, number, names))
        written += file.write(text.encode())
        number += 1


def sample_frames(mapping: Iterable[str], count: int) -> list[tuple[str, str, int]]:
    """Frames of the program that the mapping's lines know, drawn with a fixed seed: class, method, line (0: none)."""
    chance = random.Random(_SEED)
    known = list(_frames(mapping))
    return [_at(chance, *chance.choice(known)) for _ in range(count)]


def _frames(mapping: Iterable[str]) -> Iterator[tuple[str, str, int, int]]:
    name = ""
    for line in mapping:
        if not line.startswith((" ", "#")):
            name = line.rpartition(" -> ")[2].rstrip(":\n")
        elif "(" in line and not line.lstrip().startswith("#"):
            method = line.rpartition(" -> ")[2].strip()
            first, _, rest = line.strip().partition(":")
            last = rest.partition(":")[0]
            yield (name, method, int(first), int(last)) if first.isdigit() else (name, method, 0, 0)


def _at(chance: random.Random, name: str, method: str, first: int, last: int) -> tuple[str, str, int]:
    return name, method, chance.randint(first, last)


def _class(chance: random.Random, number: int, names: list[str]) -> Iterator[str]:
    package = ".".join(["com", "shop", *chance.sample(_WORDS, chance.randint(1, 3))])
    simple = "".join(word.title() for word in chance.sample(_WORDS, chance.randint(1, 3)))
    original = f"{package}.{simple}{number}{chance.choice(('', '', '$Companion', '$bind$1', 'Kt'))}"
    names.append(original)
    yield f"{original} -> {_short(chance.randint(0, 40))}.{_short(number)}:\n"
    yield f'# {{"id":"sourceFile","fileName":"{simple}{number}.kt"}}\n'
    for field in range(chance.randint(0, 8)):
        yield f"    {chance.choice(_TYPES)} {chance.choice(_WORDS)} -> {_short(field)}\n"
    line = 1
    for method in range(chance.randint(1, 14)):
        yield from _method(chance, line, _short(method), names)
        line += 40


def _method(chance: random.Random, line: int, short: str, names: list[str]) -> Iterator[str]:
    parameters = ",".join(chance.choices(_TYPES, k=chance.randint(0, 4)))
    text = f"{chance.choice(('void', *_TYPES))} {chance.choice(_WORDS)}{chance.choice(_WORDS).title()}({parameters})"
    if chance.random() < 1 / 3:
        yield f"    {text} -> {short}\n"
        if parameters and chance.random() < 1 / 4:
            yield f'      # {{"id":"com.android.tools.r8.residualsignature","signature":"(L{short};)V"}}\n'
        return
    source = chance.randint(10, 2_000)
    for part in range(chance.randint(1, 12)):
        span = chance.choice((0, 0, 0, 1, 2))
        minified, original = f"{line + part * 3}:{line + part * 3 + span}", source + part * 4
        for depth in range(chance.choice((0, 0, 0, 1, 2))):
            lines, called = f"{depth + 5}:{depth + 5 + span}", f"{chance.choice(names)}.{chance.choice(_WORDS)}"
            yield f"    {minified}:void {called}():{lines} -> {short}\n"
            span = 0
        end = "" if span == 0 else f":{original + span}"
        yield f"    {minified}:{text}:{original}{end} -> {short}\n"


def _short(number: int) -> str:
    """The name that comes next after a, b, …, z, aa, ab, and so on."""
    letters = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters
