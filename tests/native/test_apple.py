"""What only Apple has: hidden names, export tries, debug maps, kernel collections, shared caches."""

import json
import plistlib
import random
import shutil
import struct
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from native.backends.core import CoreBackend
from native.identifier import IDENTIFIER
from native.symbol_maps import IDENTIFIER as MAP_IDENTIFIER
from native.symbol_maps import SymbolMap, UuidMap, parse_symbol_map, parse_uuid_map
from native.transformer import TRANSFORMER
from symbolicator import _core
from symbolicator.codec import decode
from symbolicator.errors import MalformedArtifact
from symbolicator.pipeline import run
from symbolicator.protocols import Key
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.blobs import BytesBlob, FileBlob
from tests.native.macho_files import (
    LC_SYMTAB,
    commands,
    fileset,
    shared_cache,
    with_processor,
    without_symbols,
)

if TYPE_CHECKING:
    from symbolicator.model import Event

DWARF = "diner.dSYM/Contents/Resources/DWARF/diner"
BASE = 0x1_0000_0000
UUIDS = [bytes(range(start, start + 16)) for start in (0x10, 0x40)]


@pytest.fixture(scope="session")
def apple(fixtures: Path) -> Path:
    return fixtures / "native-apple/bin"


@pytest.fixture(scope="session")
def truth(fixtures: Path) -> dict[int, list[list[object]]]:
    told = json.loads((fixtures / "native-apple/truth.json").read_text())
    return {int(address): chain for address, chain in told.items()}


@pytest.fixture(scope="session")
def diner(apple: Path) -> bytes:
    return (apple / "diner").read_bytes()


def crash(summary: "_core.DebugFileSummary", addresses: list[int]) -> "Event":
    """Frames ``addresses`` bytes into an image."""
    frames = [{"instruction_addr": hex(at), "addr_mode": "rel:0", "platform": "native"} for at in addresses]
    stack = {"frames": frames, "instruction_addr_adjustment": "none"}
    image = {"type": "macho", "code_file": "/app/diner", "debug_id": summary.debug_id, "arch": summary.arch}
    event = {
        "platform": "native",
        "exception": {"values": [{"type": "SIGSEGV", "stacktrace": stack}]},
        "debug_meta": {"images": [image]},
    }
    return decode(json.dumps(event).encode())


def resolve(folder: Path, cache: Path, addresses: list[int], binary: Path) -> "Event":
    store = FolderStore([folder], [IDENTIFIER, MAP_IDENTIFIER], FolderCache(cache))
    return run(TRANSFORMER, crash(_core.summarize_debug_file(binary.read_bytes()), addresses), store)


def calls(event: "Event") -> list[list[object]]:
    stack = event.exceptions[0].stacktrace
    assert stack
    return [[frame.function, frame.abs_path, frame.lineno] for frame in reversed(stack.frames)]


def test_names_hidden_by_bitcode_are_told_by_the_symbol_map(
    apple: Path, tmp_path: Path, truth: dict[int, list[list[object]]]
) -> None:
    """``__hidden#9_`` says nothing; the twin that nobody hid says what must stand there."""
    for address, chain in truth.items():
        found = resolve(apple, tmp_path, [address], apple / DWARF)
        # The property list says that the sources were moved.
        moved = [
            [str(function).partition("(")[0], str(file).replace("/src", "/Diner"), line]
            for function, file, line in chain
        ]
        assert [[str(name).partition("(")[0], *place] for name, *place in calls(found)] == moved
        assert not found.errors


def test_hidden_names_without_their_map_say_which_one_is_needed(apple: Path, tmp_path: Path) -> None:
    """Nobody knows by heart that the map is called by another build's UUID."""
    folder = tmp_path / "artifacts"
    shutil.copytree(apple / "diner.dSYM", folder / "diner.dSYM")
    event = resolve(folder, tmp_path / "cache", [5352], apple / DWARF)
    assert [problem.type for problem in event.errors] == ["native_hidden_names"]
    assert next(apple.glob("BCSymbolMaps/*")).name in str(event.errors[0].remedy)
    next(folder.rglob("*-*.plist")).unlink()
    event = resolve(folder, tmp_path / "cache", [5352], apple / DWARF)
    assert "79684D6F-28B3-30F3-8A89-AB9A94ADEBF4.bcsymbolmap" in str(event.errors[0].remedy)


def test_the_files_of_an_archive_are_known_by_the_uuids_that_they_are_called_by(apple: Path) -> None:
    """Their content does not say which build they belong to."""
    symbol_map, uuid_map = next(apple.glob("BCSymbolMaps/*")), next(apple.rglob("*-*.plist"))
    for path, kind in ((symbol_map, "native-symbol-map"), (uuid_map, "native-uuid-map")):
        [identity] = MAP_IDENTIFIER.identify(path.as_posix(), path.read_bytes())
        assert identity.keys == {Key(kind, "debug_id", path.stem.lower())}
    info = apple / "diner.dSYM/Contents/Info.plist"
    assert MAP_IDENTIFIER.identify("Info.plist", info.read_bytes()) == ()
    assert MAP_IDENTIFIER.identify(f"{uuid_map.stem}.plist", info.read_bytes()) == ()
    [nameless] = MAP_IDENTIFIER.identify("names.bcsymbolmap", symbol_map.read_bytes())
    assert nameless.keys == frozenset()


def test_symbol_maps_of_any_length_and_line_end(tmp_path: Path) -> None:
    """A map that went through Windows, or broke off, still has the names that it has."""
    names = parse_symbol_map(b"BCSymbolMap Version: 2.0\r\n-[Cart total]\r\n\r\n_main")
    assert names == SymbolMap((b"-[Cart total]", b"", b"_main"))
    assert (
        names.shown("a/__hidden#0_ __hidden#1_ _hidden#2_ __hidden#9_")
        == "a/-[Cart total] __hidden#1_ _main __hidden#9_"
    )
    with pytest.raises(MalformedArtifact, match="begin"):
        MAP_IDENTIFIER.load("native-symbol-map", BytesBlob("x.bcsymbolmap", b"no"), FolderCache(tmp_path))


def test_property_lists_that_are_something_else() -> None:
    """An app has hundreds of property lists; one of them may be hostile."""
    uuid = "79684D6F-28B3-30F3-8A89-AB9A94ADEBF4"
    assert parse_uuid_map(plistlib.dumps({"DBGOriginalUUID": uuid}, fmt=plistlib.FMT_BINARY)) == UuidMap(uuid.lower())
    deep = b"<plist>" + b"<array>" * 100_000
    for content in (
        b"<?xml",
        deep,
        b"bplist00" + bytes(40),
        plistlib.dumps({"DBGOriginalUUID": 7}),
        plistlib.dumps([]),
    ):
        with pytest.raises(ValueError, match="DBGOriginalUUID"):
            parse_uuid_map(content)
    odd = plistlib.dumps({"DBGOriginalUUID": uuid, "DBGSourcePathRemapping": {"/a": 1, "/b/": "/c", "": "/d"}})
    assert [parse_uuid_map(odd).moved(path) for path in ("/a/x", "/b/x", "/bx")] == ["/a/x", "/c/x", "/bx"]


def test_a_program_with_a_debug_map_asks_for_dsymutil(apple: Path, tmp_path: Path) -> None:
    """The debug information is not missing: it lies in the object files, and one command away."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    shutil.copy(apple / "diner", folder)
    assert _core.summarize_debug_file((apple / "diner").read_bytes()).has_debug_map
    assert not _core.summarize_debug_file((apple / DWARF).read_bytes()).has_debug_map
    event = resolve(folder, tmp_path / "cache", [5440], folder / "diner")
    assert calls(event) == [["open_diner", None, None]]
    assert "dsymutil" in str(event.errors[0].remedy)
    assert any(
        "dsymutil" in identity.details["resolves"]
        for identity in IDENTIFIER.identify("diner", (folder / "diner").read_bytes())
    )


def name_at(data: bytes, address: int, index: int = 0) -> str | None:
    symcache = _core.SymCache.from_bytes(_core.build_symcache(data, index))
    _, frames = symcache.lookup(array("Q", [address]))
    return symcache.string(memoryview(frames).cast("I")[0]) if frames else None


def test_the_export_trie_answers_where_the_symbol_table_is_gone(diner: bytes) -> None:
    """A stripped library still tells what others link with, and must not call everything else by it."""
    stripped = without_symbols(diner)
    assert _core.summarize_debug_file(stripped).has_symbols
    addresses = {
        name: _core.SymCache.from_bytes(_core.build_symcache(diner)).symbol_address(name)
        for name in ("open_diner", "main")
    }
    for name, address in addresses.items():
        assert address is not None
        assert name_at(stripped, address) == name_at(diner, address) == name
    assert name_at(stripped, 5352) is None
    assert name_at(diner, 5352) == "__hidden#0_"


@pytest.mark.parametrize(
    ("cpu", "subtype", "name"),
    [
        (0x100000C, 0x80000002, "arm64e"),
        (0x100000C, 0, "arm64"),
        (0x1000007, 8, "x86_64h"),
        (0x200000C, 1, "arm64_32_v8"),
        (12, 9, "armv7"),
        (12, 11, "armv7s"),
        (12, 12, "armv7k"),
    ],
)
def test_processors_are_called_as_sentry_calls_them(diner: bytes, cpu: int, subtype: int, name: str) -> None:
    """The names are those that PyPI's symbolic 13.9 gives for the same headers."""
    assert _core.summarize_debug_file(with_processor(diner, cpu, subtype)).arch == name


def test_the_thumb_bit_is_no_part_of_an_address(diner: bytes) -> None:
    """Crash reports have the address of the instruction, tables of 32-bit ARM an odd one for Thumb code."""
    odd = bytearray(diner)
    at = next(at for kind, at in commands(diner) if kind == LC_SYMTAB)
    symbols, count = struct.unpack_from("<II", diner, at + 8)
    for symbol in range(symbols, symbols + 16 * count, 16):
        value = struct.unpack_from("<Q", odd, symbol + 8)[0]
        struct.pack_into("<Q", odd, symbol + 8, value | 1)
    arm = with_processor(bytes(odd), 12, 9)
    address = _core.SymCache.from_bytes(_core.build_symcache(diner)).symbol_address("open_diner")
    assert _core.SymCache.from_bytes(_core.build_symcache(arm)).symbol_address("open_diner") == address
    assert address is not None
    assert name_at(arm, address) == "open_diner"


@pytest.fixture(scope="module")
def collection(diner: bytes) -> bytes:
    names = ("com.apple.kernel", "com.example.driver.Diner")
    return fileset([(name, uuid, diner) for name, uuid in zip(names, UUIDS, strict=True)])


@pytest.fixture(scope="module")
def cache_file(diner: bytes) -> bytes:
    paths = ("/usr/lib/libdiner.dylib", "/usr/lib/libother.dylib")
    images = [(path, uuid, diner) for path, uuid in zip(paths, UUIDS, strict=True)]
    return shared_cache(images, base=BASE, locals_of=[("_kept_apart", BASE + 0x4000 + 5356)])


def test_each_extension_of_a_kernel_collection_is_an_image(collection: bytes, tmp_path: Path) -> None:
    """A panic names the extension's UUID; its code lies far behind the start of the file."""
    summaries = _core.summarize_debug_files(collection)
    assert [(one.image_name, one.code_id, one.load_address) for one in summaries] == [
        ("com.apple.kernel", UUIDS[0].hex(), BASE),
        ("com.example.driver.Diner", UUIDS[1].hex(), BASE + 0x10000),
    ]
    assert [name_at(collection, 5352, index) for index in (0, 1)] == ["__hidden#0_", "__hidden#0_"]
    path = tmp_path / "kernelcache"
    path.write_bytes(collection)
    identities = IDENTIFIER.identify("kernelcache", collection)
    assert any(Key("native-symbols", "name", "com.example.driver.Diner") in one.keys for one in identities)
    event = resolve(tmp_path, tmp_path / "cache", [5440], path)
    assert calls(event) == [["open_diner", None, None]]


def test_libraries_of_a_shared_cache_are_images(cache_file: bytes) -> None:
    """System frames of an old phone have no other symbols."""
    summaries = _core.summarize_debug_files(cache_file)
    assert [(one.image_name, one.code_id, one.has_symbols) for one in summaries] == [
        ("/usr/lib/libdiner.dylib", UUIDS[0].hex(), True),
        ("/usr/lib/libother.dylib", UUIDS[1].hex(), True),
    ]
    assert [name_at(cache_file, 5440, index) for index in (0, 1)] == ["open_diner", "open_diner"]
    assert [name_at(cache_file, 5356, index) for index in (0, 1)] == ["kept_apart", "__hidden#0_"]


def test_a_cache_in_several_files_has_no_symbols_that_belong_to_something_else(diner: bytes) -> None:
    """Offsets into another file must not be read in this one: it would give plausible wrong names."""
    split = shared_cache([("/usr/lib/libdiner.dylib", UUIDS[0], diner)], base=BASE, split=True)
    [summary] = _core.summarize_debug_files(split)
    assert (summary.image_name, summary.has_symbols) == ("/usr/lib/libdiner.dylib", False)
    assert name_at(split, 5440) is None


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_end_in_an_answer_or_an_error(
    diner: bytes, collection: bytes, cache_file: bytes, apple: Path, seed: int
) -> None:
    """Tries with loops, tables beyond the end, images inside of themselves: nothing may hang or crash."""
    choose = random.Random(seed)
    for whole in (diner, collection, cache_file, (apple / DWARF).read_bytes()):
        for _ in range(60):
            damaged = bytearray(whole)
            for _flip in range(choose.choice((1, 3, 30))):
                # Half of them in the load commands, where a bit matters most.
                end = min(len(damaged), choose.choice((0x800, 0x4800, 1 << 30)))
                damaged[choose.randrange(end)] ^= 1 << choose.randrange(8)
            exercise(bytes(damaged[: choose.choice((len(damaged), choose.randrange(len(damaged))))]))


def exercise(data: bytes) -> None:
    try:
        summaries = _core.summarize_debug_files(data)
    except _core.DebugFileError:
        return
    for summary in summaries[:8]:
        try:
            built = _core.build_symcache(data, summary.index)
        except _core.DebugFileError:
            continue
        symcache = _core.SymCache.from_bytes(built)
        symcache.verify()
        symcache.lookup(array("Q", range(0, 0x8000, 13)))


def test_many_entries_at_one_place_cost_no_more_than_their_number(diner: bytes) -> None:
    """A collection that has the same image ten thousand times is a bomb of summaries."""
    one = fileset([("a", UUIDS[0], diner)])
    count = struct.unpack_from("<I", one, 16)[0]
    assert count == 1
    entry = one[32 : 32 + struct.unpack_from("<I", one, 36)[0]]
    header = bytearray(one[:32])
    struct.pack_into("<II", header, 16, 400, 400 * len(entry))
    bomb = bytes(header) + entry * 400
    bomb = bomb + bytes(max(0, 0x4000 - len(bomb))) + one[0x4000:]
    assert len(_core.summarize_debug_files(bomb)) <= 400


def test_a_file_is_opened_by_the_image_that_it_is_asked_for(cache_file: bytes, tmp_path: Path) -> None:
    """The first library of a cache must not answer for another one of the same processor."""
    path = tmp_path / "dyld_shared_cache_arm64e"
    path.write_bytes(cache_file)
    symcache = CoreBackend().load(FileBlob(path), FolderCache(tmp_path / "cache"), 1)
    assert symcache.load_address == _core.summarize_debug_files(cache_file)[1].load_address
