"""Frames of .NET end to end: what the SDK sends, portable PDBs and assemblies, and the truth that mono printed."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from native.dotnet.transformer import TRANSFORMER
from native.identifier import IDENTIFIER
from symbolicator import codec
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import stacks_of
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")


@pytest.fixture
def case(fixtures: Path) -> Path:
    return fixtures / "dotnet-portable"


def resolved(report: Path | bytes, artifacts: Path, cache: Path) -> Event:
    store = FolderStore([artifacts], [IDENTIFIER], FolderCache(cache))
    data = report if isinstance(report, bytes) else report.read_bytes()
    return run(TRANSFORMER, codec.decode(data), store)


def frames_of(event: Event) -> list[Frame]:
    """Newest call first, as the truth has them."""
    return [frame for _, stack in stacks_of(event) for frame in stack.frames][::-1]


def places(event: Event) -> list[tuple[str | None, int | None]]:
    return [(frame.abs_path, frame.lineno) for frame in frames_of(event)]


@pytest.mark.parametrize("number", [1, 2])
def test_every_line_is_the_one_that_mono_printed(case: Path, tmp_path: Path, number: int) -> None:
    """Iterator, async method, lambda, nested generic class: the runtime itself is the witness."""
    truth = json.loads((case / "truth.json").read_text())["crashes"][number - 1]["frames"]
    event = resolved(case / f"crash-{number}.json", case / "bin", tmp_path)
    assert places(event) == [(frame["file"], frame["line"]) for frame in truth]


def test_methods_are_called_as_their_author_calls_them(case: Path, tmp_path: Path) -> None:
    """Nobody wrote a MoveNext of <TotalAsync>c__async0; the assembly and its PDB know what it runs."""
    names = [
        frame.function
        for number in (1, 2)
        for frame in frames_of(resolved(case / f"crash-{number}.json", case / "bin", tmp_path))
    ]
    assert names == [
        "Shop.Cart.Total.{lambda}",
        "Shop.Box<T>.Each",
        "Sum",
        "Shop.Cart.Total",
        "Shop.Cart.TotalAsync",
        "Shop.Box<T>.Lid.Weigh<U>",
        "Program.Main",
    ]


def test_embedded_sources_and_source_links_are_shown(case: Path, tmp_path: Path) -> None:
    """The program's PDB is inside of it, and so are its sources: nothing else is needed to read the crash."""
    main = frames_of(resolved(case / "crash-2.json", case / "bin", tmp_path))[-1]
    assert main.context_line == "            new Box<string>.Lid().Weigh(new[] { 1L }, 4);"
    assert main.pre_context is not None
    assert main.pre_context[-1].strip() == "{"
    assert main.source_link == "https://example.com/shop/0123abcd/Program.cs"
    assert main.data is not None
    assert (main.data.resolved_with, main.data.evidence) == ("debug-id", "debug info")


def test_both_forms_of_embedded_sources_are_read(case: Path) -> None:
    """Program.cs is stored as it is, Report.cs deflated."""
    data = (case / "bin" / "Program.exe").read_bytes()
    for name in ("Program.cs", "Report.cs"):
        assert _core.portable_pdb_source(data, f"/shop/src/{name}") == (case / "src" / name).read_bytes()
    assert _core.portable_pdb_source(data, "/shop/src/Other.cs") is None


def test_without_the_assembly_the_names_of_the_sdk_stay(case: Path, tmp_path: Path) -> None:
    """A portable PDB holds no names, but the SDK sent some; of a state machine the method in its name is shown."""
    (tmp_path / "pdb").mkdir()
    (tmp_path / "pdb" / "Shop.pdb").write_bytes((case / "bin" / "Shop.pdb").read_bytes())
    shown = frames_of(resolved(case / "crash-1.json", tmp_path / "pdb", tmp_path / "cache"))
    assert [(frame.module, frame.function, frame.lineno) for frame in shown[3:]] == [
        ("Shop.Cart", "Total", 61),
        ("Shop.Cart", "TotalAsync", 55),
    ]


def test_what_is_missing_is_said_with_its_id(case: Path, tmp_path: Path) -> None:
    """The next step must be plain: which file, and which build of it."""
    event = resolved(case / "crash-1.json", case / "src", tmp_path)
    assert {frame.status for frame in frames_of(event)} == {FrameStatus.MISSING, None}
    [problem] = event.errors
    assert problem.type == "native_missing_dsym"
    assert problem.remedy is not None
    assert problem.remedy.endswith("48a95e84-05e9-4f59-b4bc-feee453e3c17.")
    assert [image.debug_status for image in event.images] == ["unused", "missing"]


def test_another_build_is_not_used(case: Path, tmp_path: Path) -> None:
    """Lines of another build look right and are wrong."""
    report = json.loads((case / "crash-1.json").read_text())
    report["debug_meta"]["images"][1]["debug_id"] = "00000000-0000-0000-0000-000000000001-1234abcd"
    event = resolved(json.dumps(report).encode(), case / "bin", tmp_path)
    assert {frame.lineno for frame in frames_of(event)} == {None}
    assert event.images[1].debug_status == "wrong_id"
    assert "has the right name and another debug id" in str(event.errors[0].message)


def test_a_damaged_pdb_is_said_to_be_damaged(case: Path, tmp_path: Path) -> None:
    """A file that is there and cannot be read is not to be uploaded again and again."""
    report = json.loads((case / "crash-1.json").read_text())
    del report["debug_meta"]["images"][1]["debug_id"]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "Shop.pdb").write_bytes((case / "bin" / "Shop.pdb").read_bytes()[:300])
    event = resolved(json.dumps(report).encode(), tmp_path / "bad", tmp_path / "cache")
    assert event.images[1].debug_status == "malformed"
    assert event.errors[0].type == "native_bad_dsym"


@pytest.mark.parametrize("change", [{"function_id": "0x0"}, {"addr_mode": "rel:7"}, {"function_id": "0x0a000001"}])
def test_frames_whose_numbers_make_no_sense_say_so(case: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    """A token of another table, or an image that is not there, must not find another method."""
    report = json.loads((case / "crash-1.json").read_text())
    report["exception"]["values"][0]["stacktrace"]["frames"][0] |= change
    outermost = frames_of(resolved(json.dumps(report).encode(), case / "bin", tmp_path))[-1]
    assert (outermost.status, outermost.lineno) == (FrameStatus.UNKNOWN_IMAGE, None)


def test_a_token_with_its_table_is_the_same_method(case: Path, tmp_path: Path) -> None:
    """SDKs before 3.24 sent all of it."""
    report = json.loads((case / "crash-1.json").read_text())
    frame = report["exception"]["values"][0]["stacktrace"]["frames"][0]
    frame["function_id"] = hex(0x06000000 | int(frame["function_id"], 16))
    assert places(resolved(json.dumps(report).encode(), case / "bin", tmp_path))[-1][1] == 55


def test_the_stamp_is_part_of_the_debug_id(case: Path) -> None:
    """Sentry's SDK sends GUID and stamp: a PDB known by one alone is never found. Synthetic: mono's stamp is 0."""
    data = (case / "bin" / "Shop.pdb").read_bytes()
    guid = struct.pack("<IHH", 0x48A95E84, 0x05E9, 0x4F59)
    at = data.index(guid)
    stamped = data[: at + 16] + struct.pack("<I", 0xFEE1DEAD) + data[at + 20 :]
    assert _core.summarize_debug_file(stamped).debug_id == "48a95e84-05e9-4f59-b4bc-feee453e3c17-fee1dead"
