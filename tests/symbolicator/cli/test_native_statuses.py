"""What becomes of an image's debug file, as a person reads it and as a program does: every status, on real files."""

import json
from pathlib import Path
from typing import Any

import pytest

BUILD_ID = "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"
DEBUG_ID = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"
OTHER_ID = "ffff807e1ddcfec105a7cbd7a12c6f280bdee617"
BASE = 0x5635B8C01000
CALL, CRASH = BASE + 0x2A79, BASE + 0x3578
SHOP = {
    "type": "elf",
    "code_file": "/srv/shop",
    "code_id": BUILD_ID,
    "image_addr": hex(BASE),
    "image_size": 0x9000,
    "arch": "x86_64",
}
IDLE = {"type": "elf", "code_file": "/srv/libidle.so", "image_addr": "0x7f0000000000", "image_size": 4096}
REMEDY = "Build with -g and pass the unstripped binary or its .debug file with --artifacts;"


def event(**changes: object) -> bytes:
    """The night job's crash, with an image that nothing ran in."""
    image = {name: value for name, value in (SHOP | changes).items() if value is not None}
    stack = {"frames": [{"instruction_addr": hex(address)} for address in (CALL, CRASH)]}
    error = {"type": "SIGSEGV", "value": "Segfault", "stacktrace": stack}
    listed = {"platform": "native", "exception": {"values": [error]}, "debug_meta": {"images": [image, IDLE]}}
    return json.dumps(listed).encode()


@pytest.fixture
def files(fixtures: Path, tmp_path: Path) -> Path:
    """Folders with the right file, the stripped one, a damaged one and none."""
    built = fixtures / "native-cpp" / "bin"
    for folder in ("both", "stripped", "damaged", "none"):
        (tmp_path / folder).mkdir()
    for name in ("shop", "shop.debug"):
        (tmp_path / "both" / name).write_bytes((built / name).read_bytes())
    (tmp_path / "stripped" / "shop").write_bytes((built / "shop").read_bytes())
    (tmp_path / "damaged" / "shop").write_bytes((built / "shop.debug").read_bytes()[:40_000])
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "folder", "status", "says", "to_do"),
    [
        pytest.param({}, "both", "found", "All 7 frames resolved.", "", id="found"),
        pytest.param(
            {"code_id": None, "debug_id": DEBUG_ID.upper()},
            "both",
            "found",
            "All 7 frames resolved.",
            "",
            id="debug id",
        ),
        pytest.param(
            {"image_addr": hex(BASE + 0x2000), "offset": "0x2000"},
            "both",
            "found",
            "All 7 frames",
            "",
            id="file offset",
        ),
        pytest.param(
            {},
            *("none", "missing", f"No debug file for /srv/shop (build id {BUILD_ID}) was found (2 frames)."),
            f"{REMEDY} its build id must be {BUILD_ID}.",
            id="missing",
        ),
        pytest.param(
            {"code_id": OTHER_ID},
            *("both", "wrong_id"),
            f"shop is of another build than the shop that crashed: build id {BUILD_ID}, wanted {OTHER_ID} (2 frames).",
            f"{REMEDY} its build id must be {OTHER_ID}.",
            id="wrong id",
        ),
        pytest.param(
            {"code_id": None, "debug_id": DEBUG_ID.replace("7e", "ff")},
            *("both", "wrong_id", f"debug id {DEBUG_ID}, wanted {DEBUG_ID.replace('7e', 'ff')} (2 frames)."),
            f"{REMEDY} its debug id must be {DEBUG_ID.replace('7e', 'ff')}.",
            id="wrong debug id",
        ),
        pytest.param(
            {},
            *("stripped", "stripped", "shop is that binary, stripped of debug information and symbols (2 frames)."),
            f"{REMEDY} its build id must be {BUILD_ID}.",
            id="stripped",
        ),
        pytest.param(
            {},
            *(
                "damaged",
                "malformed",
                "cannot be read: shop: The ELF file is cut off: its section table lies behind its",
            ),
            "Copy the file again from where it was built, in binary mode.",
            id="malformed",
        ),
        pytest.param(
            {"type": "dex"},
            *("both", "unsupported", "is of a format (dex) that is not read; its frames stay as they came (2 frames)."),
            "Resolve it with the tools of its own platform for now.",
            id="unsupported",
        ),
    ],
)
def test_every_status_with_its_words(  # noqa: PLR0913, PLR0917 - one row of the table each
    run: Any, files: Path, changes: dict[str, object], folder: str, status: str, says: str, to_do: str
) -> None:
    """Who fixes it at three in the morning needs the file, the id and the next step; a program needs the status."""
    report = event(**changes)
    shown = run("resolve", "-", "--artifacts", files / folder, stdin=report)
    text = " ".join(shown.out.split())
    assert says in text
    assert f"→ {to_do}" in text if to_do else "→" not in text
    assert shown.code == (0 if status == "found" else 1)
    done = json.loads(run("resolve", "-", "--artifacts", files / folder, "--format", "json", stdin=report).out)
    assert [image.get("debug_status") for image in done["debug_meta"]["images"]] == [status, "unused"]


def test_a_companion_alone_cannot_place_an_offset_of_the_file(run: Any, files: Path) -> None:
    """It has lost where the code lay in the file; the words must not blame the report."""
    (files / "both" / "shop").unlink()
    report = event(image_addr=hex(BASE + 0x2000), offset="0x2000")
    text = " ".join(run("resolve", "-", "--artifacts", files / "both", stdin=report).out.split())
    assert "mapped from offset 0x2000 of its file, and shop.debug does not say what lies there (2 frames)." in text
    assert "→ Pass shop itself beside its debug file: its program headers say it." in text


def frames_in(run: Any, report: bytes | Path, artifacts: Path) -> list[dict[str, Any]]:
    given = report if isinstance(report, Path) else "-"
    stdin = b"" if isinstance(report, Path) else report
    shown = run("resolve", given, "--artifacts", artifacts, "--format", "json", stdin=stdin)
    values = json.loads(shown.out)["exception"]["values"]
    return values[0]["stacktrace"]["frames"]  # type: ignore[no-any-return]


def test_a_stripped_library_gives_exported_names_and_says_what_is_only_near(run: Any, fixtures: Path) -> None:
    """``shop_price`` is the library's own: shown as ``shop_tax`` without a word it would send people astray."""
    case = fixtures / "native-apk"
    shown = run("resolve", case / "crash.json", "--artifacts", case / "bin" / "base.apk")
    assert "shop_tax    in libshop.so  (nearest symbol, +0x38)" in shown.out
    assert "shop_total  in libshop.so  (exported name: no line)" in shown.out
    text = " ".join(shown.out.split())
    assert "base.apk!lib/arm64-v8a/libshop.so is stripped: the frames of libshop.so have names of exported" in text
    assert "All 3 frames resolved, 1 of them to the nearest symbol only." in text
    near, *others = sorted(
        frames_in(run, case / "crash.json", case / "bin" / "base.apk"), key=lambda one: one["function"]
    )
    assert {one["data"]["evidence"] for one in (near, *others)} == {"export", "nearest symbol"}
    explained = " ".join(
        run("resolve", case / "crash.json", "--artifacts", case / "bin" / "base.apk", "--explain").out.split()
    )
    assert "was 0x7b0c5a8418 in libshop.so +0x4418" in explained
    assert (
        "no symbol of libshop.so covers the address, and the nearest one before it starts 0x38 bytes earlier: the code "
        "may be another function's"
    ) in explained


def test_a_programs_view_of_the_same(run: Any, fixtures: Path) -> None:
    """The event tells for each frame how its name was found, and keeps the address as it was reported."""
    case = fixtures / "native-apk"
    reported = [frame["instruction_addr"] for frame in crash_frames(case)]
    found = frames_in(run, case / "crash.json", case / "bin" / "base.apk")
    assert [frame["instruction_addr"] for frame in found] == reported
    told = [(one["function"], one["data"]["evidence"], one["data"].get("symbol_distance")) for one in found]
    assert told == [("shop_total", "export", None), ("shop_tax", "nearest symbol", 0x38), ("shop_tax", "export", None)]
    assert {one["data"]["resolved_with"] for one in found} == {"build-id"}


def crash_frames(case: Path) -> list[dict[str, Any]]:
    crash = json.loads((case / "crash.json").read_text())
    return crash["exception"]["values"][0]["stacktrace"]["frames"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code_file": "/data/app/com.example.shop-1/split_config.arm64_v8a.apk!libshop.so", "code_id": None},
        {"code_id": None, "debug_id": "c8239509-eaf0-545f-cfad-bdb62277226f"},
    ],
)
def test_a_crash_in_a_library_of_a_package_has_its_lines(run: Any, fixtures: Path, changes: dict[str, object]) -> None:
    """From the archive that the app's build left, by id or by the name of the library in the package."""
    case = fixtures / "native-apk"
    crash = json.loads((case / "crash.json").read_text())
    crash["debug_meta"]["images"][0] |= changes
    artifacts = case / "bin" / "native-debug-symbols.zip"
    found = frames_in(run, json.dumps(crash).encode(), artifacts)
    wanted = json.loads((case / "truth.json").read_text())["frames"]
    got = [(f["function"], f["abs_path"], f["lineno"], f["colno"]) for f in reversed(found)]
    assert got == [(one["function"], one["file"], one["line"], one["column"]) for one in wanted]


def test_an_old_report_names_the_package_and_where_the_library_lies_in_it(run: Any, fixtures: Path) -> None:
    """Before Android 6 that was all: no name, no id."""
    case = fixtures / "native-apk"
    crash = json.loads((case / "crash.json").read_text())
    image = crash["debug_meta"]["images"][0]
    image |= {"code_file": "/data/app/com.example.shop-1/base.apk", "offset": "0x4000"}
    del image["code_id"]
    found = frames_in(run, json.dumps(crash).encode(), case / "bin" / "base.apk")
    assert [one["function"] for one in found] == ["shop_total", "shop_tax", "shop_tax"]
