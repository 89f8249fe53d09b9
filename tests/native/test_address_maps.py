"""Code in no image: perf maps and jitdumps that node wrote, symbols of a kernel that was running."""

import json
import shutil
from pathlib import Path

import pytest

from native.identifier import IDENTIFIER
from native.transformer import TRANSFORMER
from symbolicator import codec
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import stacks_of
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")


def resolved(case: Path, artifacts: list[Path], cache: Path, **changes: object) -> Event:
    report = json.loads((case / "crash.json").read_text()) | changes
    store = FolderStore(artifacts, [IDENTIFIER], FolderCache(cache))
    return run(TRANSFORMER, codec.decode(json.dumps(report).encode()), store)


def frames_of(event: Event) -> list[Frame]:
    """Newest call first."""
    return [frame for _, stack in stacks_of(event) for frame in stack.frames][::-1]


@pytest.mark.parametrize("name", ["perf-4242.map", "jit-4242.dump"])
def test_compiled_javascript_is_named_by_either_map(fixtures: Path, tmp_path: Path, name: str) -> None:
    """The truth is the map itself, searched line by line; what lies in node's own image is not asked of it."""
    case = fixtures / "jit-node"
    truth = json.loads((case / "truth.json").read_text())["functions"]
    found = frames_of(resolved(case, [case / "bin" / name], tmp_path))
    wanted = {index: name for index, name in enumerate(truth) if name and name.startswith("JS:")}
    assert {index: found[index].function for index in wanted} == wanted
    assert len(wanted) == 9
    sources = {(frame.data and frame.data.resolved_with, frame.package) for frame in map(found.__getitem__, wanted)}
    assert sources == {("name", name)}


def test_a_jitdump_has_lines_and_is_preferred(fixtures: Path, tmp_path: Path) -> None:
    """Both maps of one process in one folder are what perf leaves behind. Line 8 of shop.js calls share()."""
    case = fixtures / "jit-node"
    [total] = [frame for frame in frames_of(resolved(case, [case / "bin"], tmp_path)) if frame.lineno]
    assert (total.function, total.filename, total.lineno, total.colno) == (
        "JS:*total /shop/shop.js:6:15",
        "shop/shop.js",
        8,
        38,
    )
    assert (case / "src" / "shop" / "shop.js").read_text().splitlines()[7][37:].startswith("share(")


def test_of_two_maps_neither_is_guessed(fixtures: Path, tmp_path: Path) -> None:
    """Another process's map has functions at the same addresses; the report's process number decides if it is there."""
    case, folder = fixtures / "jit-node", tmp_path / "maps"
    folder.mkdir()
    shutil.copy(case / "bin" / "perf-4242.map", folder)
    (folder / "perf-17.map").write_text("7ff000000000 ffffffffff wrong\n" * 3)
    event = resolved(case, [folder], tmp_path / "cache")
    assert all(frame.function is None for frame in frames_of(event))
    assert any("perf-17.map" in str(problem.remedy) for problem in event.errors)
    known = resolved(case, [folder], tmp_path / "cache", contexts={"process": {"pid": 4242}})
    assert sum(str(frame.function).startswith("JS:") for frame in frames_of(known)) == 9


def test_frames_of_a_kernel_are_named_by_its_symbols(fixtures: Path, tmp_path: Path) -> None:
    """The kernel printed names and offsets of its own stack: each must come back from its address."""
    case = fixtures / "kernel-symbols"
    truth = json.loads((case / "truth.json").read_text())["functions"]
    found = frames_of(resolved(case, [case / "bin"], tmp_path))
    assert [frame.function for frame in found] == truth
    assert {frame.data.evidence for frame in found if frame.data} == {"symbol table"}


def test_an_image_called_vmlinux_is_named_by_them_too(fixtures: Path, tmp_path: Path) -> None:
    """Reports of kernels list their image; System.map counts from its start."""
    case = fixtures / "kernel-symbols"
    image = {"type": "elf", "code_file": "vmlinux", "image_addr": "0xffffffff81000000", "image_size": 1 << 27}
    event = resolved(case, [case / "bin"], tmp_path, debug_meta={"images": [image]})
    assert [frame.function for frame in frames_of(event)] == json.loads((case / "truth.json").read_text())["functions"]


def test_what_to_pass_for_the_kernel_is_said(fixtures: Path, tmp_path: Path) -> None:
    """Advice about loaded images would lead nowhere."""
    event = resolved(fixtures / "kernel-symbols", [fixtures / "kernel-symbols" / "recipe.sh"], tmp_path)
    assert {frame.status for frame in frames_of(event)} == {FrameStatus.UNKNOWN_IMAGE}
    assert "System.map" in str(event.errors[0].remedy)


def test_hidden_addresses_are_a_clear_error(fixtures: Path) -> None:
    """Whoever copies /proc/kallsyms without being root gets zeros. Synthetic: the fixture with zeros."""
    lines = (fixtures / "kernel-symbols" / "bin" / "kallsyms").read_text().splitlines()
    hidden = "".join(f"{0:016x}{line[16:]}\n" for line in lines).encode()
    [identity] = IDENTIFIER.identify("kallsyms", hidden)
    assert "kptr_restrict" in identity.details["damage"]


@pytest.mark.parametrize(
    "text",
    [
        "1 2 one\n1 2 two\n",
        "dead beef\n" * 9,
        "deadbeef cafe babe\n" * 3 + "and then prose\n",
        f"{'a' * 40} refs/heads/main\n" * 5,
        "1,2,three\n" * 5,
        "12 34 56\n-12 34 56\n12 34 56\n12 34 56\n",
    ],
)
def test_other_texts_are_not_taken_for_maps(text: str) -> None:
    """A folder of artifacts is full of text files."""
    assert IDENTIFIER.identify("notes.txt", text.encode()) == ()
