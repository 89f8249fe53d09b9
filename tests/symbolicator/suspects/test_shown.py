"""What the command line and the rendering make of suspects."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator import codec
from symbolicator.model import Event, SuspectCommit, SuspectEvidence
from symbolicator.render import Options, plain, render
from symbolicator.render.lines import cells
from tests.symbolicator.suspects.conftest import Repo, crash, own

ROOT = Path(__file__).parents[3]
FAILED = own("src/cart.cpp", 11, "return cents / rounding;")


def resolve(event: Event, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "crash.json").write_bytes(codec.encode(event))
    command = [sys.executable, "-m", "symbolicator", "resolve", "crash.json", "--artifacts", "crash.json", *options]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "SYMBOLICATOR_CACHE_DIR": str(folder / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_trace_ends_with_its_suspects(shop: Repo, tmp_path: Path) -> None:
    """An engineer at 3 a.m. sees who to ask, and why."""
    frames = (own("src/main.cpp", 20), FAILED)
    done = resolve(crash(*frames), tmp_path, "--repo", str(shop.folder))
    sha = shop.git("rev-parse", "HEAD")[:7]
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-5:] == [
        f'Suspect: {sha} "Round prices down" (Ada, 3 days before the crash), 95%',
        "  changed src/cart.cpp:11 in f, the line that failed",
        f"  (as of tag v1.4.0 ({sha}); % of all evidence)",
        "",
        "All 2 frames resolved.",
    ]


def test_json_has_the_suspects(shop: Repo, tmp_path: Path) -> None:
    """A tool that opens tickets reads the event, not the text."""
    done = resolve(crash(FAILED), tmp_path, "--repo", str(shop.folder), "--format", "json")
    suspects = json.loads(done.stdout)["suspects"]
    assert (suspects[0]["subject"], suspects[0]["evidence"][0]["path"]) == ("Round prices down", "src/cart.cpp")


def test_without_repositories_nothing_is_suspected(shop: Repo, tmp_path: Path) -> None:
    """Git must not run for those who did not ask."""
    assert "Suspect" not in resolve(crash(FAILED), tmp_path).stdout
    assert "suspects" not in json.loads(resolve(crash(FAILED), tmp_path, "--format", "json").stdout)


def test_a_reason_comes_with_a_remedy(shop: Repo, tmp_path: Path) -> None:
    """A missing answer without a way out is a search tool."""
    done = resolve(crash(own("other/x.cpp", 3)), tmp_path, "--repo", str(shop.folder))
    assert "No repository holds other/x.cpp, so no commit can be suspected." in done.stdout
    assert "→ Pass the repository that holds the program with --repo" in done.stdout


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A typing error would look like a repository without suspects."""
    done = resolve(crash(FAILED), tmp_path, "--repo", "/nowhere")
    assert (done.returncode, "/nowhere" in done.stderr) == (2, True)


def suspect(**fields: object) -> SuspectCommit:
    known = {"sha": "a" * 40, "repository": "shop", "revision": "b" * 40, "revision_source": "HEAD", "score": 0.5}
    return SuspectCommit(**known | fields)  # type: ignore[arg-type]  # a test's shorthand


def evidence(**fields: object) -> SuspectEvidence:
    known = {"kind": "line", "path": "a.c", "line": 11, "stack": "exception/0", "index": 0}
    return SuspectEvidence(**known | fields)  # type: ignore[arg-type]  # as above


def shown(*suspects: SuspectCommit) -> list[str]:
    return list(plain(render(Event(suspects=suspects), Options())))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "changed a.c:11, the line that failed"),
        ({"rank": 2}, "changed a.c:11, a line that called it"),
        ({"function": "total"}, "changed a.c:11 in total, the line that failed"),
        ({"former_path": "b.c"}, "changed a.c:11 (then b.c), the line that failed"),
        ({"match": "shifted"}, "changed a.c:11, the line that failed (found by its text)"),
        ({"match": "other text"}, "changed a.c:11, the line that failed (which reads differently there)"),
        ({"kind": "near", "changed": (9, 10, 14)}, "changed a.c:9-10, 14, 1 line from the line that failed"),
        ({"kind": "near", "changed": (14,), "rank": 1}, "changed a.c:14, 3 lines from a line that called it"),
        ({"kind": "file"}, "changed a.c elsewhere, the file with the line that failed"),
    ],
)
def test_evidence_in_words(fields: dict[str, object], text: str) -> None:
    """A number without its reason convinces nobody."""
    assert f"  {text}" in shown(suspect(evidence=(evidence(**fields),)))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (20, "just before the crash"),
        (60, "1 minute before the crash"),
        (7_300, "2 hours before the crash"),
        (86_400 * 3.5, "3 days before the crash"),
        (86_400 * 65, "2 months before the crash"),
        (86_400 * 800, "2 years before the crash"),
        (-5, "2024-05-01"),
        (None, "2024-05-01"),
    ],
)
def test_ages_in_words(seconds: float | None, text: str) -> None:
    """Whether it was last night or last year decides what to do."""
    rows = shown(suspect(seconds_before=seconds, date="2024-05-01T12:00:00Z", author="Ada", subject="Fix"))
    assert f'Suspect: aaaaaaa "Fix" (Ada, {text}), 50%' in rows


def test_a_change_near_several_calls_is_told_once() -> None:
    """The same line would be listed for every call around it, and hide what else the commit did."""
    near = evidence(kind="near", line=14, changed=(11,), rank=1)
    other = evidence(kind="near", path="b.c", changed=(9, 10), rank=2)
    rows = shown(suspect(evidence=(evidence(), near, evidence(kind="file", rank=3), other)))
    assert [row for row in rows if "changed" in row] == [
        "  changed a.c:11, the line that failed",
        "  changed b.c:9-10, 1 line from a line that called it",
    ]
    assert not any("more place" in row for row in rows)


def test_suspects_of_several_repositories_say_which() -> None:
    """The same abbreviated hash is looked for in the wrong clone."""
    rows = shown(suspect(), suspect(repository="money", sha="c" * 40))
    assert any(" in money" in row for row in rows)
    assert any("shop as of HEAD" in row and "money as of HEAD" in row for row in rows)


text = st.one_of(st.none(), st.text(max_size=30), st.sampled_from(["\x1b[31m\u202e", "数" * 200, "a" * 500, "\ud800"]))
number = st.one_of(st.integers(-5, 50), st.integers(-(2**63), 2**63))
any_evidence = st.builds(
    SuspectEvidence,
    kind=st.sampled_from(["line", "near", "file"]),
    path=st.one_of(st.text(max_size=300), st.just("\x1b]8;;")),
    line=number,
    changed=st.lists(number, max_size=90).map(tuple),
    former_path=text,
    stack=st.text(max_size=5),
    index=number,
    rank=number,
)
any_suspect = st.builds(
    SuspectCommit,
    sha=st.text(max_size=50),
    repository=st.text(max_size=120),
    revision=st.text(max_size=20),
    revision_source=st.text(max_size=200),
    is_release=st.booleans(),
    author=text,
    date=text,
    seconds_before=st.one_of(st.none(), st.floats()),
    subject=text,
    score=st.floats(),
    evidence=st.lists(any_evidence, max_size=5).map(tuple),
)


@given(st.lists(any_suspect, max_size=5).map(tuple), st.sampled_from([0, 40, 57, 100, 250]))
def test_any_suspect_is_shown_safely(suspects: tuple[SuspectCommit, ...], width: int) -> None:
    """Anybody can push a subject that drives a terminal."""
    options = Options(width=width)
    for row in plain(render(Event(suspects=suspects), options)):
        assert cells(row) <= options.columns
        assert not [one for one in row if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
