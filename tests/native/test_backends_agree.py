"""The compiled core and the pure-Python reference on the same files: the same frames, or the test says why not.

What is compared is what a frame shows: the function in normal form, file, line and column, language and where the code
begins. The two are written apart from each other, so that what they agree on is hardly wrong.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from native.backends.reference import ReferenceBackend
from native.elf.layout import ElfFile
from native.elf.symbols import function_symbols
from native.protocol import SourceLocation, SymCache
from native.resolved_frames import shown_name
from native.source_paths import tidy
from symbolicator.core import compiled_core
from symbolicator.model import LookupAddress
from symbolicator.store import BytesBlob, FolderCache

Shown = tuple[str | None, str | None, int | None, int | None, str | None, int | None]
Compile = Callable[..., Path]
FIXTURES = ["native-cpp/bin/shop.debug", "native-asan/bin/shift.debug", "rust-panic/bin/ledger.debug"]


@pytest.fixture(autouse=True)
def _core() -> None:
    if compiled_core() is None:
        pytest.skip("the compiled core is not installed: there is nothing to compare the reference with")


def both(data: bytes, folder: Path) -> tuple[SymCache, SymCache]:
    """The file opened by the core and by the reference."""
    from native.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

    blob, cache = BytesBlob("shop", data), FolderCache(folder)
    return CoreBackend().load(blob, cache), ReferenceBackend().load(blob, cache)


def addresses_in(data: bytes, count: int) -> list[int]:
    """Virtual addresses: the start of every function, its last byte, and some inside."""
    functions = [symbol for symbol in function_symbols(ElfFile.parse(data)) if symbol.size]
    rng = random.Random(11)
    ends = {at for symbol in functions for at in (symbol.address, symbol.address + symbol.size - 1)}
    inside = sorted({symbol.address + at for symbol in functions for at in range(0, symbol.size, 3)})
    return sorted(ends | set(rng.sample(inside, min(count, len(inside)))))


def shown(chain: tuple[SourceLocation, ...]) -> list[Shown]:
    """What the frames of a chain would show."""
    return [
        (
            shown_name(call),
            tidy(call.file) if call.file else None,
            call.line,
            call.column if call.line else None,
            call.language,
            call.entry,
        )
        for call in chain
    ]


def differences(data: bytes, folder: Path, count: int) -> Iterator[tuple[str, list[Shown], list[Shown]]]:
    """Where the two see different frames: the address, the core's frames and the reference's."""
    core, reference = both(data, folder)
    assert core.load_address == reference.load_address
    asked = [LookupAddress(at - core.load_address) for at in addresses_in(data, count)]
    for at, ours, theirs in zip(asked, core.lookup(asked), reference.lookup(asked), strict=True):
        if not same(shown(ours), shown(theirs)):
            yield hex(at), shown(ours), shown(theirs)


def same(core: list[Shown], reference: list[Shown]) -> bool:
    """Equal, but that the reference says where an inlined lambda stands, which has no mangled name to tell it."""
    if len(core) != len(reference):
        return False
    return all(
        one == other or (one[0] == "operator()" and str(other[0]).endswith("::operator()") and one[1:] == other[1:])
        for one, other in zip(core, reference, strict=True)
    )


@pytest.mark.parametrize("name", FIXTURES)
def test_fixtures(fixtures: Path, tmp_path: Path, name: str) -> None:
    """Deleting the compiled extension must leave the same frames."""
    found = list(differences((fixtures / name).read_bytes(), tmp_path, 3_000))
    assert found == []


@pytest.mark.parametrize("optimization", ["-O0", "-O2"])
@pytest.mark.parametrize("flags", [("-gdwarf-2",), ("-gdwarf-3",), ("-gdwarf-4",), ("-gdwarf-5",), ("-g0",)])
def test_every_version_of_dwarf(
    compile_cpp: Compile, tmp_path: Path, flags: tuple[str, ...], optimization: str
) -> None:
    """The formats differ in file numbers, ranges and strings; the frames must not."""
    data = compile_cpp(*flags, optimization).read_bytes()
    assert list(differences(data, tmp_path, 2_000)) == []


@pytest.mark.parametrize("flags", [("-gz=zlib",), ("-no-pie",), ("-flto", "-O2"), ("-ffunction-sections",)])
def test_other_ways_to_build(compile_cpp: Compile, tmp_path: Path, flags: tuple[str, ...]) -> None:
    """Compressed sections, fixed addresses, units that refer to each other."""
    data = compile_cpp("-g", *flags).read_bytes()
    assert list(differences(data, tmp_path, 2_000)) == []


@pytest.mark.parametrize("name", [*FIXTURES, "native-cpp/bin/shop", "native-asan/bin/shift"])
def test_headers(fixtures: Path, name: str) -> None:
    """Files are identified by one and opened by the other: ids and abilities must be the same."""
    from native.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

    data = (fixtures / name).read_bytes()
    assert CoreBackend().summarize(data) == replace(ReferenceBackend().summarize(data), segments=())


@pytest.mark.parametrize("name", FIXTURES)
def test_addresses_of_functions(fixtures: Path, tmp_path: Path, name: str) -> None:
    """A load address is worked out from the address of a named function."""
    data = (fixtures / name).read_bytes()
    core, reference = both(data, tmp_path)
    names = Counter(symbol.name for symbol in function_symbols(ElfFile.parse(data)))
    asked = [name for name, count in names.items() if count == 1][:500]
    found = [(one, core.symbol_address(one), reference.symbol_address(one)) for one in asked]
    assert [entry for entry in found if entry[1] != entry[2]] == []
