"""Native artifacts from a folder or the store to the trace: hidden names, links of PDBs, source bundles."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from symbolicator.core import compiled_core

needs_core = pytest.mark.skipif(compiled_core() is None, reason="the compiled core is not installed")


def report(images: Sequence[Mapping[str, object]], frames: Iterable[Mapping[str, object]]) -> bytes:
    stack = {"frames": [{"platform": "native", **frame} for frame in frames], "instruction_addr_adjustment": "none"}
    crash = {"exception": {"values": [{"type": "SIGSEGV", "stacktrace": stack}]}}
    return json.dumps({"platform": "native", "debug_meta": {"images": images}, **crash}).encode()


@pytest.fixture(params=["folder", "store"])
def resolve(run: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Resolves a report with the files of a folder, given as they lie or uploaded before."""

    def resolve_it(folder: Path, payload: bytes) -> dict[str, Any]:
        options: tuple[str | Path, ...] = ("--artifacts", folder)
        if request.param == "store":
            options = ("--store", tmp_path / "store")
            assert run("upload", folder, *options).code == 0
        done = run("resolve", "-", "--format", "json", *options, stdin=payload)
        event: dict[str, Any] = json.loads(done.out)
        return event

    return resolve_it


def frames_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = event["exception"]["values"][0]["stacktrace"]["frames"]
    return frames


@needs_core
def test_a_dsym_with_hidden_names(resolve: Any, fixtures: Path) -> None:
    """Three files that find each other by UUIDs, each in a way of its own."""
    image: dict[str, object] = {
        "type": "macho",
        "debug_id": "79684d6f-28b3-30f3-8a89-ab9a94adebf4",
        "code_file": "/app/diner",
    }
    image |= {"image_addr": "0x104000000", "image_size": 0x10000, "arch": "arm64"}
    event = resolve(fixtures / "native-apple/bin", report([image], [{"instruction_addr": hex(0x104000000 + 5420)}]))
    [outer, inner] = frames_of(event)
    assert [outer["function"], inner["function"]] == ["diner::Order::total", "diner::Order::price"]
    assert inner["abs_path"] == "/Diner/diner.cpp"
    assert not event.get("errors")


@needs_core
def test_a_pdb_and_its_source_server(resolve: Any, fixtures: Path) -> None:
    """The link goes through to whoever shows the report."""
    identity = compiled_core().summarize_debug_file((fixtures / "native-sources/bin/bakery.dll").read_bytes())  # type: ignore[union-attr]
    image: dict[str, object] = {
        "type": "pe",
        "debug_id": identity.debug_id,
        "code_file": "C:\\app\\bakery.dll",
        "debug_file": "bakery.pdb",
    }
    image |= {"image_addr": "0x180000000", "image_size": 0x5000}
    event = resolve(fixtures / "native-sources/bin", report([image], [{"instruction_addr": "0x180001004"}]))
    assert frames_of(event)[-1]["source_link"] == "https://code.example.org/bakery/raw/4f1c0d2/include/oven.h"


def test_a_source_bundle_beside_a_debug_file(resolve: Any, fixtures: Path, tmp_path: Path) -> None:
    """Whoever has no sources at hand sees the failing lines all the same, by any backend."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    for path in ("native-cpp/bin/shop.debug", "native-sources/bin/shop.src.zip"):
        (folder / Path(path).name).write_bytes((fixtures / path).read_bytes())
    image: dict[str, object] = {
        "type": "elf",
        "code_file": "/srv/shop",
        "image_addr": "0x5635b8c01000",
        "image_size": 0x9000,
    }
    image |= {"debug_id": "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28", "code_id": "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"}
    event = resolve(folder, report([image], [{"instruction_addr": hex(0x5635B8C01000 + 0x3578)}]))
    frame = frames_of(event)[-1]
    source = (fixtures / "native-cpp/src" / Path(frame["abs_path"]).name).read_text().split("\n")
    assert frame["context_line"] == source[frame["lineno"] - 1]
    assert "price" in frame["function"].lower()
