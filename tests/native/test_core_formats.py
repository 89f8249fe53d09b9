"""What the core says of ELF files in all the shapes that build and packaging tools give them."""

import shutil
import subprocess
import uuid
from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import NoteSection, SymbolTableSection

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

Compile: TypeAlias = Callable[..., Path]
Chains: TypeAlias = list[list[tuple[str, str | None, int]]]

NONE = 0xFFFFFFFF
FRAME_FIELDS = 8

SKELETON = """\
    .text
    .globl outlined
    .type outlined, @function
outlined:
    nop
    ret
    .size outlined, .-outlined
    .section .debug_abbrev,"",@progbits
    .uleb128 1; .uleb128 0x11; .byte 0
    .uleb128 0x10; .uleb128 0x17    # DW_AT_stmt_list, DW_FORM_sec_offset
    .uleb128 0x2130; .uleb128 0x8   # DW_AT_GNU_dwo_name, DW_FORM_string
    .byte 0, 0, 0
    .section .debug_info,"",@progbits
    .long 2f - 1f
1:  .short 4
    .long 0
    .byte 8
    .uleb128 1
    .long 0
    .string "elsewhere.dwo"
2:
    .section .debug_line,"",@progbits
    .long 4f - 3f
3:  .short 4
    .long 6f - 5f
5:  .byte 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1
    .byte 0
    .string "header.h"
    .byte 0, 0, 0, 0
6:  .byte 0, 9, 2
    .quad outlined
    .byte 1                         # DW_LNS_copy: header.h:1, of a function inlined into outlined
    .byte 2, 2                      # DW_LNS_advance_pc 2
    .byte 0, 1, 1                   # DW_LNE_end_sequence
4:
    .section .note.GNU-stack,"",@progbits
"""


def needs(tool: str) -> str:
    path = shutil.which(tool)
    return path or pytest.skip(f"{tool} is not installed")


def objcopied(program: Path, *options: str) -> Path:
    copy = program.with_name(f"{program.name}{''.join(options).replace('/', '')}")
    subprocess.run([needs("objcopy"), *options, str(program), str(copy)], check=True, capture_output=True)
    return copy


def assembled(source: str, folder: Path) -> Path:
    (folder / "made.s").write_text(source)
    library = folder / "made.so"
    command = [needs("gcc"), "-nostdlib", "-shared", "-o", str(library), str(folder / "made.s")]
    subprocess.run(command, check=True, capture_output=True)
    return library


def functions(program: Path) -> list[int]:
    """An address in the middle of every function."""
    with program.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        symbols = [s for s in table.iter_symbols() if s["st_info"]["type"] == "STT_FUNC" and s["st_size"]]
        return sorted({symbol["st_value"] + symbol["st_size"] // 2 for symbol in symbols})


def chains(program: Path, addresses: Sequence[int]) -> Chains:
    """Function, file and line of every call at virtual addresses."""
    symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
    symcache.verify()
    ends, frames = symcache.lookup(array("Q", [address - symcache.load_address for address in addresses]))
    records = memoryview(frames).cast("I")
    calls = []
    for at in range(0, len(records), FRAME_FIELDS):
        function, _symbol, file, line = records[at : at + 4]
        calls.append((symcache.string(function), None if file == NONE else symcache.string(file), line))
    return [calls[start:end] for start, end in pairwise((0, *memoryview(ends).cast("I")))]


@pytest.fixture(scope="module")
def program(compile_cpp: Compile) -> Path:
    return compile_cpp("-g", "-O2", "-Wl,--build-id=sha1")


def test_headers_agree_with_pyelftools(program: Path) -> None:
    """A file would be filed under another id than the crash asks for."""
    summary = _core.summarize_debug_file(program.read_bytes())
    with program.open("rb") as file:
        elf = ELFFile(file)
        notes = elf.get_section_by_name(".note.gnu.build-id")
        assert isinstance(notes, NoteSection)
        [note] = notes.iter_notes()
        loads = [segment["p_vaddr"] for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
    assert summary.code_id == note["n_desc"]
    assert summary.debug_id == str(uuid.UUID(bytes_le=bytes.fromhex(note["n_desc"])[:16]))
    assert summary.load_address == min(loads) & ~0xFFF
    assert (summary.format, summary.arch, summary.kind) == ("elf", "x86_64", "executable")
    assert summary.has_debug_info
    assert summary.has_symbols


def test_without_a_build_id_the_code_identifies_the_file(compile_cpp: Compile) -> None:
    """Breakpad's tools derive the id from ``.text``: crashes carry that one, so the file must be found by it."""
    program = compile_cpp("-O2", "-Wl,--build-id=none")
    summary = _core.summarize_debug_file(program.read_bytes())
    with program.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".text")
        assert section is not None
        text = section.data()[:4096]
    folded = bytearray(16)
    for index, byte in enumerate(text):
        folded[index % 16] ^= byte
    assert summary.code_id is None
    assert summary.debug_id == str(uuid.UUID(bytes_le=bytes(folded)))
    assert not summary.has_debug_info


@pytest.mark.parametrize(
    ("options", "kind", "debug_info", "symbols"),
    [
        (("--only-keep-debug",), "debug companion", True, True),
        (("--strip-debug",), "executable", False, True),
        (("--strip-all",), "executable", False, False),
        (("--add-gnu-debuglink=/dev/null",), "executable", True, True),
    ],
)
def test_every_half_of_a_split_program_says_what_it_is(
    program: Path,
    options: tuple[str, ...],
    kind: str,
    debug_info: bool,  # noqa: FBT001 - a column of the table above
    symbols: bool,  # noqa: FBT001 - as above
) -> None:
    """The user would be told to look for what is already there, or that a stripped file will do."""
    summary = _core.summarize_debug_file(objcopied(program, *options).read_bytes())
    whole = _core.summarize_debug_file(program.read_bytes())
    assert (summary.kind, summary.has_debug_info, summary.has_symbols) == (kind, debug_info, symbols)
    assert (summary.code_id, summary.load_address) == (whole.code_id, whole.load_address)
    assert summary.debug_link == ("null" if "link" in options[0] else None)


@pytest.mark.parametrize(
    "options",
    [
        ("--only-keep-debug",),
        ("--compress-debug-sections=zlib",),
        ("--compress-debug-sections=zlib-gnu",),
        ("--compress-debug-sections=zstd",),
    ],
)
def test_packaging_changes_no_answer(program: Path, options: tuple[str, ...]) -> None:
    """Distributions split and compress debug files: a trace must not depend on that."""
    try:
        packed = objcopied(program, *options)
    except subprocess.CalledProcessError:
        pytest.skip("this objcopy cannot do that")
    addresses = functions(program)
    assert chains(packed, addresses) == chains(program, addresses)


def test_a_stripped_program_answers_with_its_symbols(program: Path) -> None:
    """Without debug information the user still learns in which function it happened, demangled."""
    addresses = functions(program)
    for whole, stripped in zip(
        chains(program, addresses), chains(objcopied(program, "--strip-debug"), addresses), strict=True
    ):
        [(function, file, line)] = stripped
        assert (file, line) == (None, 0)
        assert function == whole[-1][0] or "[clone" in function or "::" in whole[-1][0]


def test_a_file_without_any_symbols_answers_nothing(program: Path) -> None:
    """An answer made up from nothing would be worse than none."""
    addresses = functions(program)
    assert chains(objcopied(program, "--strip-all"), addresses) == [[] for _ in addresses]


def test_a_skeleton_unit_answers_with_symbols_alone(tmp_path: Path) -> None:
    """A skeleton has lines of inlined functions, but no functions: with a symbol they would make up a frame."""
    library = assembled(SKELETON, tmp_path)
    [[(function, file, line)]] = chains(library, functions(library))
    assert (function, file, line) == ("outlined", None, 0)


def test_assembly_has_lines_and_the_symbol_s_name(tmp_path: Path) -> None:
    """Hand-written code has line tables without functions: file and line must not be lost."""
    source = (
        '    .file 1 "/src/fast.s"\n    .globl fast\n    .type fast, @function\nfast:\n    .loc 1 7\n    nop\n    ret\n'
    )
    (tmp_path / "fast.s").write_text(f"{source}    .size fast, .-fast\n")
    library = tmp_path / "fast.so"
    command = [needs("gcc"), "-g", "-nostdlib", "-shared", "-o", str(library), str(tmp_path / "fast.s")]
    subprocess.run(command, check=True, capture_output=True)
    [[(function, _file, line)]] = chains(library, functions(library))
    assert function == "fast"
    assert line in {5, 7}  # the assembler numbers its own source, or follows .loc


@pytest.mark.parametrize("data", [b"", b"MZ\x90\0", b"\x7fELF", b"\x7fELF" + bytes(60), bytes(4096)])
def test_what_is_no_elf_file_is_refused(data: bytes) -> None:
    """A wrong file must be named as such, not crash the worker."""
    for read in (_core.summarize_debug_file, _core.build_symcache):
        with pytest.raises(_core.DebugFileError):
            read(data)


def test_split_debug_information_is_refused_with_the_reason(fixtures: Path) -> None:
    """A .dwo file has no addresses: it can only be read together with its program."""
    data = (fixtures / "native-matrix/bin/clang-split5/chain.dwo").read_bytes()
    with pytest.raises(_core.DebugFileError, match="together with the program"):
        _core.build_symcache(data)


def test_buffers_that_could_change_are_refused(program: Path) -> None:
    """Memory that changes under the parser would be undefined behaviour."""
    with pytest.raises(BufferError):
        _core.build_symcache(bytearray(program.read_bytes()))
    assert _core.build_symcache(memoryview(program.read_bytes()))
