"""Debug files that nobody wrote by mistake: an error or fewer answers, in a process with little memory.

How long reading takes is bounded by the timeout of every test; each of these files would otherwise take hours, or all
memory.
"""

import struct
from pathlib import Path

import pytest

from tests.native.hostile import (
    BASE,
    CALL,
    CALLEE,
    FIRST,
    FUNCTION,
    ROOT,
    TABLE,
    UNIT,
    Outcome,
    Packing,
    abbrevs,
    call,
    elf,
    function,
    packed,
    read,
    symbol,
    uleb,
    unit,
    words,
)

pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

MILLION = 1_000_000
WAYS = [None, "zlib", "zstd"]
HONEST = unit(ROOT + function("honest") + b"\0\0")


def outcome(tmp_path: Path, sections: dict[str, bytes], *addresses: int, around: bool = False) -> Outcome:
    """What a file with these sections comes to; `TABLE` are the abbreviations unless there are others."""
    file = tmp_path / "hostile"
    file.write_bytes(elf({".debug_abbrev": TABLE} | sections))
    return read(file, addresses or (BASE,), around=around)


def put(data: bytes, way: Packing | None) -> bytes:
    return data if way is None else packed(data, way)


@pytest.mark.parametrize("way", WAYS)
def test_an_honest_file_is_read(tmp_path: Path, way: Packing | None) -> None:
    """Tests of hostile files show nothing if the writer cannot write others."""
    assert outcome(tmp_path, {".debug_info": put(HONEST, way)}).chains == [["honest"]]


def test_origins_in_a_circle(tmp_path: Path) -> None:
    """Calls whose origins are each other would be followed for ever."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x1D, True, [(0x31, 0x10), (0x11, 1), (0x12, 7)]))
    first = ROOT + function("outer")
    second = FIRST + len(function("outer")) + 21
    calls = call(second) + call(second - 21) + bytes(4)
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": unit(first + calls)})
    assert found.chains == [["?", "?", "outer"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", [0, 1, FIRST, FIRST + 3, 1 << 31])
def test_siblings_that_lie(tmp_path: Path, target: int, way: Packing | None) -> None:
    """A sibling further up would be a loop."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x13, True, [(1, 0x13)]))
    types = b"\3" + struct.pack("<I", target) + b"\0"
    info = put(unit(ROOT + function("honest") + b"\0" + types * 1000), way)
    assert outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info}).chains == [["honest"]]


def test_a_function_of_a_tebibyte(tmp_path: Path) -> None:
    """What is as long as the claimed code must not cost anything for each address."""
    info = unit(ROOT + function("endless", BASE, 1 << 40) + call(0, BASE, 1 << 40) + bytes(3))
    file = tmp_path / "hostile"
    file.write_bytes(elf({".debug_abbrev": TABLE, ".debug_info": info}, code=1 << 40))
    assert read(file, [BASE + (1 << 39)]).chains == [["?", "endless"]]


@pytest.mark.parametrize("count", [1 << 20, 1 << 40, (1 << 64) - 1])
def test_line_tables_that_claim_many_files(tmp_path: Path, count: int) -> None:
    """Counts in a header of DWARF 5 are believed by whoever reserves memory for them."""
    table = abbrevs((1, 0x11, True, [(0x10, 0x17)]), FUNCTION)
    formats = uleb(1, 1, 0x0B)
    files = bytes([1, 1, 1, 0xFB, 14, 1]) + formats + uleb(count) + formats + uleb(count)
    body = struct.pack("<HBBI", 5, 8, 0, len(files)) + files
    lines = struct.pack("<I", len(body)) + body
    info = unit(b"\1" + bytes(4) + function("honest") + bytes(2))
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info, ".debug_line": lines})
    assert found.chains == [["honest"]]


def test_a_header_full_of_files(tmp_path: Path) -> None:
    """Each byte of a header can be a file, which takes a hundred bytes in memory."""
    table = abbrevs((1, 0x11, True, [(0x10, 0x17)]), FUNCTION)
    count = 12 * MILLION
    files = bytes([1, 1, 1, 0xFB, 14, 1]) + uleb(1, 1, 0x0B, 0) + uleb(1, 1, 0x0B, count) + bytes(count)
    body = struct.pack("<HBBI", 5, 8, 0, len(files)) + files
    lines = packed(struct.pack("<I", len(body)) + body)
    info = unit(b"\1" + bytes(4) + function("honest") + bytes(2)) * 50
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info, ".debug_line": lines})
    assert found.chains == [["honest"]]


def test_line_programs_that_inflate_to_rows(tmp_path: Path) -> None:
    """Every byte of a line program can be a row: from kilobytes that deflate gives for megabytes, gigabytes of rows."""
    table = abbrevs((1, 0x11, True, [(0x10, 0x17)]), FUNCTION)
    head = bytes([1, 1, 1, 0xFB, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1]) + b"\0a.c\0\0\0\0\0"
    program = uleb(0, 9, 2) + words(BASE) + b"\x4b" * (15 * MILLION) + uleb(0, 1, 1)
    body = struct.pack("<HI", 4, len(head)) + head + program
    lines = packed(struct.pack("<I", len(body)) + body)
    info = unit(b"\1" + bytes(4) + function("honest") + bytes(2)) * 100
    file = tmp_path / "hostile"
    file.write_bytes(elf({".debug_abbrev": table, ".debug_info": info, ".debug_line": lines}, code=1 << 40))
    assert read(file).chains == [["honest"]]


@pytest.mark.parametrize("way", WAYS)
def test_range_lists_that_everybody_shares(tmp_path: Path, way: Packing | None) -> None:
    """A hundred thousand calls with the same ten thousand ranges are a thousand million."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x1D, False, [(0x31, 0x13), (0x55, 0x17)]))
    ranges = words(*(BASE + at for pair in range(10_000) for at in (2 * pair, 2 * pair + 1)), 0, 0)
    info = unit(ROOT + function("outer", BASE, 0x8000) + b"\3".ljust(9, b"\0") * 100_000 + bytes(2))
    sections = {".debug_abbrev": table, ".debug_info": put(info, way), ".debug_ranges": put(ranges, way)}
    assert outcome(tmp_path, sections, BASE + 1).chains == [["outer"]]


@pytest.mark.parametrize("way", ["zlib", "zstd"])
def test_bombs(tmp_path: Path, way: Packing) -> None:
    """A gibibyte of zeros takes a megabyte, or a few kilobytes."""
    found = outcome(tmp_path, {".debug_info": packed(bytes(1 << 28), way)})
    assert found.error is not None
    assert "inflate" in found.error


@pytest.mark.parametrize("name", [".debug_info", ".debug_abbrev", ".debug_str", ".debug_aranges"])
@pytest.mark.parametrize("way", ["zlib", "zstd"])
@pytest.mark.parametrize("claims", [100, 1 << 24, 1 << 63])
def test_sections_that_inflate_to_something_else(tmp_path: Path, way: Packing, claims: int, name: str) -> None:
    """A size that is a lie must neither be reserved nor overrun."""
    sections = {".debug_info": HONEST} | {name: packed(HONEST * 100_000, way, claims=claims)}
    found = outcome(tmp_path, sections, around=name == ".debug_aranges")
    assert found.error or found.chains in ([[]], [["honest"]])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", [0, 6, 1 << 20, 0xFFFF_FFEF, 0xFFFF_FFF0, 0xFFFF_FFFF])
def test_units_of_a_wrong_length(tmp_path: Path, length: int, way: Packing | None) -> None:
    """What stands before a unit that claims too much is still there."""
    info = HONEST + unit(ROOT, length=length) + HONEST
    assert outcome(tmp_path, {".debug_info": put(info, way)}).chains == [["honest"]]


@pytest.mark.parametrize("way", WAYS)
def test_units_by_the_million(tmp_path: Path, way: Packing | None) -> None:
    """Twelve bytes are a unit; what is kept of each must not add up."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x11, False, []))
    info = HONEST + unit(b"\3") * (3 * MILLION)
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": put(info, way)})
    assert found.error or found.chains == [["honest"]]


@pytest.mark.parametrize("way", WAYS)
def test_empty_units_by_the_million(tmp_path: Path, way: Packing | None) -> None:
    """Four zeros are a unit of no length: progress must be made for each."""
    assert outcome(tmp_path, {".debug_info": put(HONEST + bytes(15 * MILLION), way)}).chains == [["honest"]]


def test_names_without_end(tmp_path: Path) -> None:
    """Entries at every byte of one long string would each copy the rest of it."""
    table = abbrevs(UNIT, FUNCTION, CALL, (65, 0x2E, False, [(3, 8)]))
    text = b"A" * 60_000 + b"\0"
    calls = b"".join(call(FIRST + at, BASE + at, 1) + b"\0" for at in range(60_000))
    info = unit(ROOT + text + function("outer", BASE, 0x10000) + calls + bytes(2))
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info}, BASE, BASE + 60_000)
    assert found.error or [names[-1:] for names in found.chains] == [["outer"], ["outer"]]


def test_a_string_table_without_end(tmp_path: Path) -> None:
    """Every name would be the rest of the table."""
    table = abbrevs(UNIT, (2, 0x2E, False, [(3, 0x0E), (0x11, 1), (0x12, 7)]))
    entries = (b"\2" + struct.pack("<IQQ", at * 8, BASE + at, 1) for at in range(50_000))
    info = unit(ROOT + b"".join(entries) + b"\0")
    text = b"".join(b"%08d" % at for at in range(100_000))
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info, ".debug_str": text})
    assert found.error or len(found.chains[0]) == 1


def abbrev(code: int) -> bytes:
    return bytes((code & 0x7F | 0x80, code >> 7 & 0x7F | 0x80, code >> 14, 0x34, 0, 0, 0))


@pytest.mark.parametrize("way", WAYS)
def test_abbreviations_by_the_million(tmp_path: Path, way: Packing | None) -> None:
    """Three bytes are an abbreviation; tables that begin at each of them are all different."""
    codes = range(1 << 14, (1 << 14) + MILLION)
    table = TABLE[:-1] + b"".join(map(abbrev, codes)) + b"\0"
    many = b"".join(unit(ROOT, table=len(TABLE) - 1 + 7 * at) for at in range(10_000))
    found = outcome(tmp_path, {".debug_abbrev": put(table, way), ".debug_info": put(HONEST + many, way)})
    assert found.chains in ([["honest"]], [[]])


def test_attributes_that_take_no_room(tmp_path: Path) -> None:
    """An entry of one byte with a hundred thousand attributes, a million times."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x34, False, [(0x3F, 0x19)] * 100_000))
    info = HONEST + unit(ROOT + b"\3" * MILLION)
    found = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info})
    assert found.error or found.chains in ([[]], [["honest"]])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["inside", "outside", "everywhere"])
def test_address_ranges_of_units_that_are_not_there(tmp_path: Path, place: str, way: Packing | None) -> None:
    """An index of units that lists each address a million times, for places without a unit."""
    offset = {"inside": 5, "outside": 1 << 31, "everywhere": 0}[place]
    entry = words(BASE, 0x8000, 0, 0)
    one = struct.pack("<IHIBBI", 12 + 32, 2, offset, 8, 0, 0) + entry
    many = one * 300_000
    aranges = put(many, way)
    sections = {".debug_info": put(HONEST, way), ".debug_aranges": aranges}
    addresses = range(BASE, BASE + 2000)
    found = outcome(tmp_path, sections, *addresses, around=True)
    assert found.error or found.chains[0] in (["honest"], [])


@pytest.mark.parametrize("size", [0, 1, 3, 16, 255])
def test_addresses_of_any_size(tmp_path: Path, size: int) -> None:
    """No machine has such addresses."""
    info = unit(ROOT + function("odd") + bytes(2), address_size=size) + HONEST
    assert outcome(tmp_path, {".debug_info": info}).chains in ([["honest"]], [[]])


@pytest.mark.parametrize("version", [0, 1, 6, 65535])
def test_versions_that_do_not_exist(tmp_path: Path, version: int) -> None:
    """A unit of a later version costs itself at most with what follows."""
    info = HONEST + unit(ROOT + function("odd") + bytes(2), version=version)
    assert outcome(tmp_path, {".debug_info": info}).chains == [["honest"]]


@pytest.mark.parametrize("length", [None, 1 << 40, (1 << 64) - 1])
@pytest.mark.parametrize("way", WAYS)
def test_units_with_lengths_of_eight_bytes(tmp_path: Path, length: int | None, way: Packing | None) -> None:
    """64-bit DWARF is read, and does not overflow."""
    body = struct.pack("<HQB", 4, 0, 8) + ROOT + function("long") + bytes(2)
    info = HONEST[:0] + struct.pack("<IQ", 0xFFFF_FFFF, length or len(body)) + body
    found = outcome(tmp_path, {".debug_info": put(info, way)})
    assert found.chains == ([["long"]] if length is None else [[]])


@pytest.mark.parametrize("way", WAYS)
def test_calls_inlined_without_end(tmp_path: Path, way: Packing | None) -> None:
    """Whoever reads entries by recursion runs out of stack; a chain of all of them out of memory."""
    info = unit(ROOT + b"\4callee\0" + function("outer") + call(FIRST) * 100_000)
    [names] = outcome(tmp_path, {".debug_info": put(info, way)}).chains
    assert names[-2:] == ["callee", "outer"]
    assert len(names) < 600


@pytest.mark.parametrize("way", WAYS)
def test_blocks_inside_of_blocks(tmp_path: Path, way: Packing | None) -> None:
    """A byte can be a block around all that follows."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x39, True, []), (4, 0x2E, False, [(3, 8), (0x11, 1), (0x12, 7)]))
    functions = (b"\4f\0" + words(BASE + at, 1) for at in range(100_000))
    for inside in (b"".join(functions), b""):
        info = HONEST + unit(ROOT + b"\3" * MILLION + bytes(MILLION) + inside)
        sections = {".debug_abbrev": table, ".debug_info": put(info, way)}
        assert outcome(tmp_path, sections).chains in ([["honest"]], [["f"]])


def test_functions_behind_deep_scopes(tmp_path: Path) -> None:
    """A name would be qualified by climbing over all scopes before it."""
    table = abbrevs(UNIT, FUNCTION, (3, 0x39, True, []), (4, 0x2E, False, [(3, 8), (0x11, 1), (0x12, 7)]))
    functions = b"".join(b"\4f\0" + words(BASE + at, 1) for at in range(0x10000))
    deep = 20_000
    info = unit(ROOT + b"\3" * deep + bytes(deep) + functions)
    assert outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info}, BASE + 9).chains == [["f"]]


@pytest.mark.parametrize("same", ["name", "address", "both"])
def test_symbols_by_the_million(tmp_path: Path, same: str) -> None:
    """Aliases of one function are looked through for its other name; there must not be a million for each piece."""
    names = b"\0" + b"".join(b"_Z%07d\0" % at for at in range(MILLION))
    symbols = b"".join(
        symbol(
            1 + (0 if same in ("name", "both") else 10 * at), BASE + (at % 0x10000 if same == "name" else 0), 0x10000
        )
        for at in range(MILLION)
    )
    functions = b"".join(function("f", BASE + 2 * at, 1) + b"\0" for at in range(10_000))
    file = tmp_path / "hostile"
    sections = {".debug_abbrev": TABLE, ".debug_info": unit(ROOT + functions + b"\0")}
    file.write_bytes(elf(sections, symbols=bytes(24) + symbols, names=names))
    [names_found] = read(file, [BASE + 4]).chains
    assert len(names_found) == 1


def test_sections_beyond_the_end(tmp_path: Path) -> None:
    """A header may say that a section is longer than the file."""
    whole = elf({".debug_abbrev": TABLE, ".debug_info": HONEST})
    for cut in range(1, len(whole), 97):
        file = tmp_path / "hostile"
        file.write_bytes(whole[:-cut])
        found = read(file) if cut < 400 else None
        assert found is None or found.error or found.chains == [[]]


def test_callees_of_no_kind(tmp_path: Path) -> None:
    """Origins in the middle of entries, in the header and outside are no names."""
    calls = b"".join(call(target) + b"\0" for target in (0, 3, 11, 12, 14, 1 << 20, (1 << 32) - 1))
    info = unit(ROOT + b"\4callee\0" + function("outer") + calls + bytes(2))
    table = abbrevs(UNIT, FUNCTION, CALL, CALLEE)
    [names] = outcome(tmp_path, {".debug_abbrev": table, ".debug_info": info}).chains
    assert names[-1] == "outer"
