"""Headers, symbols and identities of ELF files."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.companions import COMPANION
from native.elf.layout import ElfFile
from native.elf.summary import debug_id, summarize
from native.elf.symbols import function_symbols
from native.identifier import IDENTIFIER
from native.protocol import DebugFileSummary
from symbolicator.core import compiled_core
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Key
from symbolicator.store import BytesBlob, FolderCache

CODE_ID = "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"
DEBUG_ID = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"


def elf_32_big_endian(load_address: int) -> bytes:
    """A big-endian 32-bit program without sections: its build id is in a note segment."""
    note = struct.pack(">III", 4, 20, 3) + b"GNU\0" + bytes(range(20))
    header = b"\x7fELF" + bytes([1, 2, 1]) + bytes(9)
    header += struct.pack(">HHIIIIIHHHHHH", 2, 8, 1, load_address, 52, 0, 0, 52, 32, 2, 40, 0, 0)
    note_at = len(header) + 64
    load = struct.pack(">IIIIIIII", 1, 0, load_address, load_address, 0x2000, 0x2000, 5, 0x1000)
    notes = struct.pack(">IIIIIIII", 4, note_at, 0, 0, len(note), len(note), 4, 4)
    return header + load + notes + note


def test_stripped_binary_and_debug_file_share_their_ids(fixtures: Path) -> None:
    """By its build id the debug file of a crashed binary is found: both must read the same one."""
    stripped, debug = (summarize((fixtures / "native-cpp/bin" / name).read_bytes()) for name in ("shop", "shop.debug"))
    assert stripped.code_id == debug.code_id
    assert stripped.debug_id == debug.debug_id
    assert (stripped.kind, stripped.debug_link) == ("executable", "shop.debug")
    assert (stripped.has_debug_info, stripped.has_symbols) == (False, False)
    assert (debug.kind, debug.has_debug_info, debug.has_symbols) == ("debug companion", True, True)
    assert (debug.arch, debug.load_address) == ("x86_64", 0)


def test_debug_ids_follow_breakpads_rule() -> None:
    """Sentry's SDKs send the debug id of a build id: without the swap none of them would match."""
    assert debug_id(bytes.fromhex(CODE_ID), little_endian=True) == DEBUG_ID
    assert debug_id(b"\x01", little_endian=False) == "01000000-0000-0000-0000-000000000000"


def test_other_machines_are_read_too() -> None:
    """Big-endian and 32-bit files have their fields elsewhere and the other way round."""
    summary = summarize(elf_32_big_endian(0x400123))
    assert (summary.arch, summary.kind, summary.load_address) == ("mips", "executable", 0x400000)
    assert summary.code_id == bytes(range(20)).hex()
    assert (summary.has_debug_info, summary.has_symbols, summary.debug_link) == (False, False, None)


def test_functions_of_the_symbol_table_agree_with_binutils(fixtures: Path) -> None:
    """A function that is missed here is a frame without a name in every stripped program."""
    if shutil.which("readelf") is None:
        pytest.skip("binutils is not installed")
    path = fixtures / "native-cpp/bin/shop.debug"
    told = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in told.splitlines()]
    theirs = {(int(row[1], 16), int(row[2])) for row in rows if len(row) == 8 and row[3] == "FUNC" and row[6] != "UND"}
    ours = {(symbol.address, symbol.size) for symbol in function_symbols(ElfFile.parse(path.read_bytes()))}
    assert ours == theirs


def test_a_file_has_an_identity_for_each_use(fixtures: Path) -> None:
    """The transformer asks for debug information first: a stripped binary must not answer that."""
    folder = fixtures / "native-cpp/bin"
    stripped = IDENTIFIER.identify("bin/shop", (folder / "shop").read_bytes())
    debug = IDENTIFIER.identify("bin/shop.debug", (folder / "shop.debug").read_bytes())
    assert [identity.kind for identity in stripped] == ["native-code", "native-unwind", "native"]
    assert [identity.kind for identity in debug] == ["native-debug", "native-symbols", "native"]
    code_id = summarize((folder / "shop").read_bytes()).code_id
    assert code_id
    assert Key("native", "code_id", code_id) in stripped[2].keys
    assert Key("native-debug", "code_id", code_id) in debug[0].keys
    assert Key("native-debug", "name", "shop.debug") in debug[0].keys
    assert stripped[0].label == "ELF executable, x86_64, stripped"
    assert stripped[0].details["debug file"] == "shop.debug"
    assert debug[0].details["resolves"] == "functions, inlined calls, files and lines"


def test_what_is_no_elf_file_is_none_of_ours() -> None:
    """Every file of a project folder is shown to the identifier."""
    assert IDENTIFIER.identify("app.js", b"console.log(1)") == ()
    assert IDENTIFIER.identify("empty", b"") == ()


def test_a_damaged_file_is_found_by_its_name(fixtures: Path, tmp_path: Path) -> None:
    """Otherwise a half-copied debug file would be reported as missing, and copied again the same way."""
    data = (fixtures / "native-cpp/bin/shop.debug").read_bytes()[:1000]
    [identity] = IDENTIFIER.identify("bin/shop.debug", data)
    assert Key("native-debug", "name", "shop.debug") in identity.keys
    assert "cut off" in identity.details["damage"]
    for kind in IDENTIFIER.kinds - {COMPANION}:  # which is not read before its program
        with pytest.raises(MalformedArtifact):
            IDENTIFIER.load(kind, BytesBlob("shop.debug", data), FolderCache(tmp_path))


def test_headers_are_opened_without_a_backend(fixtures: Path, tmp_path: Path) -> None:
    """They say what is wrong where no debug file fits."""
    blob = BytesBlob("shop", (fixtures / "native-cpp/bin/shop").read_bytes())
    summary = IDENTIFIER.load("native", blob, FolderCache(tmp_path))
    assert isinstance(summary, DebugFileSummary)
    assert summary.debug_link == "shop.debug"


@given(st.data())
def test_no_bytes_upset_the_headers(data: st.DataObject) -> None:
    """Debug files are uploaded by strangers: a damaged one is refused, it never breaks the store."""
    original = bytearray(elf_32_big_endian(0x400000))
    for _ in range(data.draw(st.integers(0, 8))):
        original[data.draw(st.integers(4, len(original) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(original[: data.draw(st.integers(0, len(original)))])
    try:
        summarize(cut)
    except MalformedArtifact as error:
        assert str(error).rstrip(".").endswith(("again", "debug file"))
    IDENTIFIER.identify("x", cut)


def test_a_kernel_begins_with_its_code(tmp_path: Path) -> None:
    """The data of each processor has addresses from 0, and nothing is loaded there: lookups would be off by 2^63."""
    text, data = 0xFFFF_FFFF_8100_0000, 0
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, text, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    segments = [
        struct.pack("<IIQQQQQQ", 1, flags, 0, at, at, 0x1000, 0x1000, 0x1000) for flags, at in ((5, text), (6, data))
    ]
    for order in (segments, segments[::-1]):
        kernel = header + b"".join(order)
        assert summarize(kernel).load_address == (text if order is segments else data)
        assert [segment.is_code for segment in summarize(kernel).segments] == [order is segments, order is not segments]
        if compiled_core() is not None:
            from native.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

            assert CoreBackend().summarize(kernel).load_address == summarize(kernel).load_address


def test_without_a_build_id_the_code_gives_the_debug_id(fixtures: Path) -> None:
    """Breakpad's rule: its dumps name files without a build id so, and the core says the same."""
    whole = (fixtures / "native-cpp" / "bin" / "shop").read_bytes()
    data = whole.replace(bytes.fromhex(CODE_ID), bytes(20)).replace(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU", bytes(15))
    summary = summarize(data)
    assert summary.code_id is None
    text = ElfFile.parse(data).section(".text")
    assert text is not None
    code = data[text.offset : text.offset + min(text.size, 4096)]
    folded = bytearray(16)
    for index, byte in enumerate(code):
        folded[index % 16] ^= byte
    assert summary.debug_id == debug_id(bytes(folded), little_endian=True)
    if compiled_core() is not None:
        from native.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

        assert CoreBackend().summarize(data).debug_id == summary.debug_id
