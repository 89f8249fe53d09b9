"""Repositories whose own settings name programs to run: none of them runs."""

import shutil
import time
from pathlib import Path

import pytest

from symbolicator.suspects import find_suspects
from symbolicator.suspects.git import Git, Limits, Output
from symbolicator.suspects.repository import find_repository
from tests.symbolicator.suspects.conftest import NewRepo, Repo, crash, numbered, own

FAILED = own("src/cart.cpp", 11, "return cents / rounding;")


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A program, and the file that tells whether it ran."""
    ran, program = tmp_path / "ran", tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    program.chmod(0o755)
    return program, ran


def test_no_program_that_a_repository_names_is_run(shop: Repo, trap: tuple[Path, Path]) -> None:
    """Whoever looks at a stranger's repository would run the stranger's code."""
    program, ran = trap
    shop.write(".gitattributes", "* diff=evil filter=evil")
    shop.commit("Attributes", days=1)
    for setting in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor", "pager.blame", "pager.log",
        "diff.evil.textconv", "diff.evil.command", "diff.external", "filter.evil.smudge", "filter.evil.clean",
        "gpg.program", "alias.blame", "alias.log", "credential.helper", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        shop.git("config", setting, str(program))
    shop.git("config", "log.showSignature", "true")
    shop.git("config", "core.hooksPath", str(program.parent))
    event = find_suspects(crash(FAILED, release=None), [shop.folder])
    assert event.suspects[0].subject == "Round prices down"
    assert not ran.exists()


def test_a_missing_object_is_not_fetched(shop: Repo, trap: tuple[Path, Path]) -> None:
    """A partial clone fetches what it lacks, with whatever program its remote names."""
    program, ran = trap
    blob = shop.git("rev-parse", "HEAD:src/cart.cpp")
    (shop.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in (
        ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::{program}"), ("protocol.ext.allow", "always"),
        ("remote.origin.uploadpack", str(program)),
    ):  # fmt: skip
        shop.git("config", name, value)
    event = find_suspects(crash(own("src/main.cpp", 3), FAILED), [shop.folder])
    assert not ran.exists()
    assert {one.path for suspect in event.suspects for one in suspect.evidence} == {"src/main.cpp"}


def test_lists_that_a_repository_names_are_read_within_limits(shop: Repo) -> None:
    """A device or a huge file as the list of ignored revisions would never end."""
    for path in ("/dev/zero", "/proc/self/mem", "/nowhere", str(shop.folder), "~/none"):
        shop.git("config", "--add", "blame.ignoreRevsFile", path)
    assert find_suspects(crash(FAILED), [shop.folder]).suspects


def test_nothing_is_written_to_the_repository(shop: Repo) -> None:
    """Whoever asks for suspects in a folder that others use must not lock or change it."""
    before = {path: path.stat().st_mtime_ns for path in sorted(shop.folder.rglob("*"))}
    find_suspects(crash(FAILED), [shop.folder])
    assert before == {path: path.stat().st_mtime_ns for path in sorted(shop.folder.rglob("*"))}


def test_a_surrounding_git_command_does_not_lead_astray(shop: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside of a hook git's variables name another repository."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.setenv(name, "/nowhere")
    assert find_suspects(crash(FAILED), [shop.folder]).suspects[0].subject == "Round prices down"


def test_a_users_own_list_of_ignored_revisions_may_be_missing(
    shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many set it for all repositories; git blame fails in those without that file."""
    (tmp_path / "gitconfig").write_text("[blame]\n\tignoreRevsFile = .git-blame-ignore-revs\n\tshowEmail = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert find_suspects(crash(FAILED), [shop.folder]).suspects[0].subject == "Round prices down"


@pytest.fixture
def fake_git(tmp_path: Path) -> Path:
    return tmp_path / "git"


def run_fake(program: Path, script: str, seconds: float = 60, limit: int = 1000) -> Output:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Git(str(program), seconds).run(["blame"], program.parent, limits=Limits(limit))


def test_a_command_that_never_ends_is_stopped(fake_git: Path) -> None:
    """One huge repository would hang the trace."""
    start = time.monotonic()
    answer = run_fake(fake_git, "exec sleep 60", seconds=0.5)
    assert "took more than" in answer.complaint
    assert time.monotonic() - start < 20


def test_output_without_end_is_cut(fake_git: Path) -> None:
    """Memory is bounded, whatever git writes."""
    assert "more than 1,000 bytes" in run_fake(fake_git, "exec yes").complaint


def test_a_failure_is_told_in_gits_own_words(fake_git: Path) -> None:
    """The words are what the user searches the web for."""
    answer = run_fake(fake_git, "echo 'fatal: no such path.' >&2; yes x | head -c 100000 >&2; exit 128")
    assert (bool(answer), answer.complaint) == (False, "no such path")


def test_when_the_time_is_used_up_nothing_is_started(fake_git: Path) -> None:
    """Many slow files would add up to minutes."""
    assert "took more than" in run_fake(fake_git, "echo hello", seconds=-1).complaint


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """A broken installation is no reason to lose the trace."""
    assert "cannot be started" in Git(str(tmp_path / "none")).run(["x"], tmp_path).complaint


@pytest.mark.parametrize("script", ["echo one", "echo a; echo b; echo c; echo d; echo e", "exit 1", ":"])
def test_an_answer_of_another_git_is_not_misread(fake_git: Path, script: str) -> None:
    """A version that answers otherwise must not lead to another folder."""
    run_fake(fake_git, script)
    assert isinstance(find_repository(Git(str(fake_git)), fake_git.parent), str)


def test_a_large_file_is_blamed_where_it_matters(shop: Repo) -> None:
    """A generated file of 100,000 lines would take minutes as a whole."""
    shop.write("src/big.cpp", *numbered(100_000))
    shop.commit("Generate", days=1)
    start = time.monotonic()
    event = find_suspects(crash(own("src/big.cpp", 90_000, "int value90000 = 90000;"), release=None), [shop.folder])
    assert event.suspects[0].subject == "Generate"
    assert time.monotonic() - start < 10


def test_a_partial_clone_says_what_it_lacks(shop: Repo, tmp_path: Path, trap: tuple[Path, Path]) -> None:
    """Such clones are usual on build machines; blame would fetch each old state of a file, or fail without a word."""
    program, ran = trap
    shop.write("src/cart.cpp", *numbered(40, line11="return cents / rounding;", line12="log();"))
    shop.commit("Log", days=1)
    shop.git("config", "uploadpack.allowFilter", "true")
    shop.git("clone", "-q", "--filter=blob:none", f"file://{shop.folder}", str(tmp_path / "partial"))
    shop.git("-C", str(tmp_path / "partial"), "config", "remote.origin.uploadpack", str(program))
    event = find_suspects(crash(FAILED, release=None), [tmp_path / "partial"])
    assert "suspects_partial" in {problem.type for problem in event.errors}
    assert not ran.exists()


def test_a_huge_file_is_not_read(shop: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of gigabytes would fill the memory; the others still serve."""
    monkeypatch.setattr("symbolicator.suspects.repository.MAX_SOURCE_BYTES", 10_000)
    shop.write("src/big.cpp", *numbered(1_000))
    shop.commit("Generate", days=1)
    event = find_suspects(crash(FAILED, own("src/big.cpp", 5), release=None), [shop.folder])
    assert {one.path for suspect in event.suspects for one in suspect.evidence} == {"src/cart.cpp"}
    assert any("src/big.cpp cannot be read" in (problem.message or "") for problem in event.errors)


def test_links_and_submodules_are_no_files(shop: Repo, tmp_path: Path, new_repo: NewRepo) -> None:
    """A link leads out of the repository; the text of one is another file's name."""
    (tmp_path / "secret.cpp").write_text("secret\n")
    (shop.folder / "src" / "secret.cpp").symlink_to(tmp_path / "secret.cpp")
    library = new_repo("money")
    library.write("rounding.cpp", *numbered(20))
    library.commit("First", days=9)
    shop.git("submodule", "--quiet", "add", str(library.folder), "money")
    shop.commit("Link", days=1)
    frames = (own("src/secret.cpp", 1), own("money/rounding.cpp", 5), own("money", 1))
    event = find_suspects(crash(*frames, release=None), [shop.folder])
    assert (event.suspects, [one.type for one in event.errors][-1]) == ((), "suspects_untracked")
    inside = find_suspects(crash(*frames, release=None), [shop.folder, shop.folder / "money"])
    assert {one.path for suspect in inside.suspects for one in suspect.evidence} == {"rounding.cpp"}


def test_objects_are_borrowed_through_alternates_within_limits(shop: Repo, tmp_path: Path) -> None:
    """A clone with --shared has its objects elsewhere; a list of hostile places must not hang or be written to."""
    shop.git("clone", "-q", "--shared", str(shop.folder), str(tmp_path / "shared"))
    alternates = tmp_path / "shared" / ".git" / "objects" / "info" / "alternates"
    loops = f"{tmp_path}/shared/.git/objects\n/dev/zero\n/nowhere\n../../objects\n"
    alternates.write_text(alternates.read_text() + loops)
    event = find_suspects(crash(FAILED), [tmp_path / "shared"])
    assert event.suspects[0].subject == "Round prices down"


def test_a_history_that_takes_too_long_gives_its_newest_part(shop: Repo, tmp_path: Path) -> None:
    """In the largest histories blame takes minutes; the commits of the last weeks come first and are what counts."""
    slow = tmp_path / "git"
    real = shutil.which("git")
    slow.write_text(f'#!/bin/sh\n{real} "$@"\ncase "$*" in *" blame "*) exec sleep 60;; esac\n')
    slow.chmod(0o755)
    event = find_suspects(crash(FAILED), [shop.folder], git=Git(str(slow), seconds=1))
    assert event.suspects[0].subject == "Round prices down"
    assert any("git took more than" in (problem.message or "") for problem in event.errors)
