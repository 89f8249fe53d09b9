"""One program in every container (Mach-O, PE, PDB, WebAssembly, Breakpad), against llvm-symbolizer."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from native.backends.core import CoreBackend
from native.backends.reference import ReferenceBackend
from native.identifier import IDENTIFIER
from native.protocol import SymCache
from native.transformer import TRANSFORMER
from native.universal import Universal
from symbolicator import _core
from symbolicator.codec import decode
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event, FrameStatus, LookupAddress, Stacktrace
from symbolicator.pipeline import run
from symbolicator.protocols import Key
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.blobs import FileBlob

DSYM = "macho/tank.dSYM/Contents/Resources/DWARF/tank"
FILES = {
    # File, index of the slice, chains of the truth, whether it has columns.
    "dSYM arm64": (DSYM, 1, "macho/arm64", True),
    "dSYM x86_64": (DSYM, 0, "macho/x86_64", True),
    "DWARF in PE": ("mingw/tank.dll", 0, "pe/x86_64", True),
    "PDB x86_64": ("pe-x86_64/tank.pdb", 0, "pe/x86_64", False),
    "PDB arm64": ("pe-aarch64/tank.pdb", 0, "pe/aarch64", False),
    "WebAssembly": ("wasm/tank.debug.wasm", 0, "wasm", True),
    "Breakpad": ("breakpad/tank.sym", 0, "pe/x86_64", False),
}
HOLDERS = ("mingw/tank.dll", "pe-x86_64/tank.dll", "pe-x86_64/tank.pdb", "wasm/tank.wasm", "breakpad/tank.sym")
DEEPEST = 12

Call = tuple[str, str, int, int]


@pytest.fixture(scope="session")
def containers(fixtures: Path) -> Path:
    """The files of all containers."""
    return fixtures / "native-containers/bin"


def opened(path: Path, cache: Path, index: int = 0) -> SymCache:
    return CoreBackend().load(FileBlob(path), FolderCache(cache), index)


def last_name(function: str | None) -> str:
    """The name without scopes, types and parameters: a PDB spells these apart, and each demangler its lambdas."""
    text = re.sub(r"\{lambda.*?\}|'lambda\d*'|<lambda_?\w*>", "lambda", function or "")
    text = re.sub(r"\(anonymous namespace\)|`anonymous namespace'", "", text).replace("operator()", "call")
    previous = ""
    while previous != text:
        previous, text = text, re.sub(r"<[^<>]*>|\([^()]*\)", "", text)
    return text.replace(" const", "").rpartition("::")[2].rpartition(" ")[2]


def call(function: str | None, file: str | None, line: int | None, column: int | None) -> Call:
    return (last_name(function), (file or "").replace("/./", "/"), line or 0, column or 0)


def runs(containers: Path, name: str) -> list[tuple[int, int, list[Call]]]:
    told = json.loads((containers.parent / "chains.json").read_text())[name]
    return [(start, end, [call(*one) for one in chain]) for start, end, chain in told]


@pytest.mark.parametrize("case", FILES)
def test_every_address_has_the_chain_that_llvm_symbolizer_reads(containers: Path, tmp_path: Path, case: str) -> None:
    """Whatever a platform's tools write, the same program must resolve to the same calls, files and lines."""
    path, index, name, has_columns = FILES[case]
    symcache = opened(containers / path, tmp_path, index)
    differences, deepest = [], 0
    for start, end, expected in runs(containers, name):
        for address in range(start, end):
            [chain] = symcache.lookup([LookupAddress(address)])
            found = [call(one.function, one.file, one.line, one.column) for one in chain]
            if not has_columns:
                found, expected = without_columns(found), without_columns(expected)  # noqa: PLW2901 - idempotent
            deepest = max(deepest, len(found))
            if found != expected and not explained(path, found, expected):
                differences.append((hex(address), found, expected))
    assert differences == []
    assert deepest == DEEPEST


def explained(path: str, found: Sequence[Call], expected: Sequence[Call]) -> bool:
    """Differences that are no mistakes.

    Between the functions of a PE lies padding. llvm-symbolizer gives it to the exported function before it; ours end
    where .pdata says, so that lines stay without a function, and a PDB's public name without lines. CodeView cannot say
    that code has no line (0 in DWARF): the line before goes on, and with it the call. A PUBLIC record of Breakpad has a
    name and no lines.
    """
    names, places = [one[0] for one in found], [one[1:] for one in found]
    if path.endswith(".dll"):
        return len(expected) == 1 and names in ([], [""])
    is_name_alone = names == [expected[-1][0]] and places == [("", 0, 0)] if expected else False
    if path.endswith(".pdb"):
        has_no_line = any(line == 0 for _, _, line, _ in expected) and names[-1] == expected[-1][0]
        return has_no_line or (is_name_alone and len(expected) == 1)
    return path.endswith(".sym") and is_name_alone and names == ["start_trip"]


def without_columns(calls: Sequence[Call]) -> list[Call]:
    return [(function, file, line, 0) for function, file, line, _ in calls]


@pytest.mark.parametrize(("path", "evidence"), [("macho/tank", "symbol table"), ("pe-x86_64/tank.dll", "export")])
def test_without_debug_information_symbols_and_exports_answer(
    containers: Path, tmp_path: Path, path: str, evidence: str
) -> None:
    """A name is worth much where nothing else is left; it must say that it is no more than that."""
    symcache = opened(containers / path, tmp_path)
    address = symcache.symbol_address("tank::drive(int)")
    assert address is not None
    [[found]] = symcache.lookup([LookupAddress(address + 4)])
    assert (found.function, found.file, found.line, found.evidence) == ("tank::drive(int)", None, None, evidence)


def test_a_symbol_ends_where_the_next_function_starts(containers: Path, tmp_path: Path) -> None:
    """Exports name few functions: the code of the others must not be called by the exported one before it."""
    symcache = opened(containers / "pe-x86_64/tank.dll", tmp_path)
    local = next(start for start, _, chain in runs(containers, "pe/x86_64") if chain and chain[-1][0] == "halved")
    assert symcache.lookup([LookupAddress(local)]) == [()]


IDS = {
    "macho/tank": ("macho", "x86_64", "executable"),
    "pe-x86_64/tank.dll": ("pe", "x86_64", "shared library"),
    "pe-aarch64/tank.dll": ("pe", "arm64", "shared library"),
    "pe-aarch64/tank.pdb": ("pdb", "arm64", "debug companion"),
    "wasm/tank.wasm": ("wasm", "wasm32", "executable"),
    "breakpad/tank.sym": ("breakpad", "x86_64", "debug companion"),
}


@pytest.mark.parametrize("path", IDS)
def test_the_headers_say_what_a_file_is(containers: Path, path: str) -> None:
    """A report finds its file by these ids alone."""
    summary = CoreBackend().summarize((containers / path).read_bytes())
    assert (summary.format, summary.arch, summary.kind) == IDS[path]
    assert summary.debug_id is not None
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-[0-9a-f]+)?", summary.debug_id)


def test_a_library_and_its_debug_file_have_the_same_id(containers: Path) -> None:
    """A PDB, a dSYM slice or a module with DWARF that has another id than its image would never be found."""
    ids = {path: CoreBackend().summarize((containers / path).read_bytes()) for path in (*IDS, "pe-x86_64/tank.pdb")}
    assert ids["pe-x86_64/tank.dll"].debug_id == ids["pe-x86_64/tank.pdb"].debug_id
    assert ids["pe-x86_64/tank.dll"].debug_link == "tank.pdb"
    assert ids["wasm/tank.wasm"].debug_link == "tank.debug.wasm"
    assert ids["wasm/tank.wasm"].debug_id == CoreBackend().summarize(data(containers, "wasm/tank.debug.wasm")).debug_id
    slices = CoreBackend().summarize_all(data(containers, DSYM))
    assert [(one.index, one.arch) for one in slices] == [(0, "x86_64"), (1, "arm64")]
    assert slices[0].debug_id == ids["macho/tank"].debug_id


def data(containers: Path, path: str) -> bytes:
    return (containers / path).read_bytes()


def test_each_slice_of_a_universal_binary_is_an_identity(containers: Path, tmp_path: Path) -> None:
    """Two processors' code in one file: the wrong half would name functions that never ran."""
    path = containers / DSYM
    identities = IDENTIFIER.identify(f"tank.dSYM/{DSYM}", path.read_bytes())
    debug = [identity for identity in identities if identity.kind == "native-debug"]
    assert [identity.label for identity in debug] == [
        f"Mach-O debug companion, {arch}, with debug information" for arch in ("x86_64", "arm64")
    ]
    assert len({key for identity in debug for key in identity.keys if key.by == "debug_id"}) == 2
    assert Key("native-debug", "name", "tank") in debug[0].keys
    assert isinstance(IDENTIFIER.load("native-debug", FileBlob(path), FolderCache(tmp_path)), Universal)


def event(containers: Path, path: str, address: int, index: int = 0, **image: object) -> Event:
    """A crash whose only frame lies ``address`` bytes into the image of a file."""
    summary = CoreBackend().summarize_all(data(containers, path))[index]
    ids = {"debug_id": summary.debug_id, "code_id": summary.code_id} | image
    frame = {"instruction_addr": hex(address), "addr_mode": "rel:0", "platform": "native"}
    return decode(
        json.dumps(
            {
                "platform": "native",
                "exception": {"values": [{"type": "SIGSEGV", "stacktrace": {"frames": [frame]}}]},
                "debug_meta": {"images": [{"image_addr": "0x0", **{k: v for k, v in ids.items() if v}}]},
            }
        ).encode()
    )


def deepest(containers: Path, name: str) -> tuple[int, list[Call]]:
    start, _, chain = max(runs(containers, name), key=lambda one: len(one[2]))
    return start, chain


IMAGES = {
    "macho arm64": (DSYM, 1, "macho/arm64", {"type": "macho", "arch": "arm64"}),
    "macho x86_64": ("macho/tank", 0, "macho/x86_64", {"type": "macho", "arch": "x86_64"}),
    "pe with a PDB": ("pe-x86_64/tank.dll", 0, "pe/x86_64", {"type": "pe"}),
    "pe arm64 with a PDB": ("pe-aarch64/tank.dll", 0, "pe/aarch64", {"type": "pe", "arch": "arm64"}),
    "wasm": ("wasm/tank.wasm", 0, "wasm", {"type": "wasm", "code_file": "https://example.com/tank.wasm"}),
}


@pytest.mark.parametrize("case", IMAGES)
def test_an_event_finds_its_debug_file_by_the_ids_of_its_image(containers: Path, tmp_path: Path, case: str) -> None:
    """Folder, identifier, transformer and core together, as a user has them."""
    path, index, name, image = IMAGES[case]
    address, expected = deepest(containers, name)
    store = FolderStore([containers], [IDENTIFIER], FolderCache(tmp_path))
    result = run(TRANSFORMER, event(containers, path, address, index, **image), store)
    stack = result.exceptions[0].stacktrace
    assert isinstance(stack, Stacktrace)
    found = [(last_name(frame.function), frame.lineno) for frame in reversed(stack.frames)]
    assert found == [(function, line) for function, _, line, _ in expected]
    assert {frame.status for frame in stack.frames} == {FrameStatus.SYMBOLICATED}
    assert [one.debug_status for one in result.images] == ["found"]


def test_a_missing_file_of_another_platform_is_asked_for_in_its_words(containers: Path, tmp_path: Path) -> None:
    """Nobody on macOS or Windows has a .debug file to pass."""
    store = FolderStore([tmp_path], [IDENTIFIER], FolderCache(tmp_path / "cache"))
    for path, kind, word in (("macho/tank", "macho", "dSYM"), ("pe-x86_64/tank.dll", "pe", "PDB")):
        result = run(TRANSFORMER, event(containers, path, 0x1000, type=kind, code_file="tank"), store)
        assert word in str(result.errors[0].remedy)


def test_the_reference_backend_says_that_it_reads_elf_alone(containers: Path, tmp_path: Path) -> None:
    """Without a Rust toolchain a user must learn why a dSYM is of no use, and not copy it again."""
    for path in (DSYM, *HOLDERS):
        with pytest.raises(MalformedArtifact, match="compiled core alone"):
            ReferenceBackend().load(FileBlob(containers / path), FolderCache(tmp_path))


@pytest.mark.parametrize("path", [DSYM, *HOLDERS])
def test_truncated_files_end_in_an_answer_or_an_error(containers: Path, path: str) -> None:
    """Half an upload must not take the worker down."""
    whole = data(containers, path)
    for end in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            _core.SymCache.from_bytes(_core.build_symcache(whole[:end])).verify()
        except _core.DebugFileError as error:
            assert str(error)


def test_java_classes_are_no_universal_binaries() -> None:
    """Both begin with the same four bytes; every jar's content would be reported as damaged."""
    assert IDENTIFIER.identify("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(40)) == ()
    assert IDENTIFIER.identify("a.exe", b"MZ" + bytes(80)) == ()


@pytest.mark.skipif(shutil.which("llvm-symbolizer") is None, reason="llvm is not installed")
def test_the_truth_is_what_this_machines_llvm_symbolizer_says(containers: Path) -> None:
    """The recipe's output is held against the tool again, so that it cannot rot."""
    import subprocess  # noqa: PLC0415 - this test alone needs it

    address, expected = deepest(containers, "pe/x86_64")
    command = [
        "llvm-symbolizer",
        f"--obj={containers}/mingw/tank.dll",
        "--output-style=JSON",
        hex(0x180000000 + address),
    ]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert [call(c["FunctionName"], c["FileName"], c["Line"], c["Column"]) for c in told[0]["Symbol"]] == expected
