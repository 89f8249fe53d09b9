"""Suspect commits in real repositories: what is suspected, and what is said where nothing can be."""

import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from symbolicator import codec
from symbolicator.merge import merge
from symbolicator.model import Event, Frame
from symbolicator.suspects import find_suspects
from tests.symbolicator.suspects.conftest import CRASH, DAY, NewRepo, Repo, crash, numbered, own

FAILED = own("src/cart.cpp", 11, "return cents / rounding;")
CALLER = own("/build/ci/shop/src/main.cpp", 20)


def subjects(event: Event) -> list[str | None]:
    return [suspect.subject for suspect in event.suspects]


def problems(event: Event) -> set[str]:
    return {problem.type for problem in event.errors}


def test_the_commit_that_changed_the_failing_line_is_suspected_first(shop: Repo) -> None:
    """The whole point: the engineer would go through the log by hand."""
    event = find_suspects(crash(CALLER, FAILED), [shop.folder])
    first = event.suspects[0]
    evidence = first.evidence[0]
    assert (first.subject, first.author, first.seconds_before) == ("Round prices down", "Ada", 3 * DAY)
    assert (evidence.kind, evidence.path, evidence.line, evidence.match) == ("line", "src/cart.cpp", 11, "same text")
    assert (evidence.stack, evidence.index, evidence.rank) == ("exception/0", 1, 0)
    assert (first.revision_source, first.is_release) == ("tag v1.4.0", True)
    assert first.score > 0.7
    assert not event.errors


def test_suspects_survive_json_and_finding_them_again(shop: Repo) -> None:
    """A worker hands the event on as JSON; a second look must not change it."""
    event = find_suspects(crash(CALLER, FAILED), [shop.folder])
    assert codec.decode(codec.encode(event)) == event
    assert find_suspects(event, [shop.folder]) == event


def test_commits_after_the_release_are_impossible(shop: Repo) -> None:
    """What was not built cannot have crashed."""
    shop.write("src/cart.cpp", *numbered(40, line11="return cents / rounding; // later"))
    shop.commit("Too late", days=1)
    event = find_suspects(crash(CALLER, FAILED), [shop.folder])
    assert "Too late" not in subjects(event)
    assert event.suspects[0].subject == "Round prices down"


def test_an_unknown_release_takes_the_head_of_then_and_says_that_this_is_weaker(shop: Repo) -> None:
    """A wrong revision blames wrong lines: the reader has to know."""
    known = find_suspects(crash(CALLER, FAILED), [shop.folder])
    shop.commit("After the crash", days=-2)
    event = find_suspects(crash(CALLER, FAILED, release="shop@9.9.9"), [shop.folder])
    first = event.suspects[0]
    assert (first.subject, first.is_release) == ("Round prices down", False)
    assert first.revision_source == "HEAD as it was when the crash happened"
    assert first.score < known.suspects[0].score
    assert problems(event) == {"suspects_revision"}
    assert "no tag for release shop@9.9.9" in (event.errors[0].message or "")
    assert "--commit" in (event.errors[0].remedy or "")


def test_where_all_history_is_later_than_the_crash_nothing_is_suspected(shop: Repo) -> None:
    """A clock that is wrong, or a history written anew, would blame the innocent."""
    event = find_suspects(crash(FAILED, release=None, timestamp=CRASH - 900 * DAY), [shop.folder])
    assert event.suspects == ()
    assert problems(event) == {"suspects_revision", "suspects_none"}


@pytest.mark.parametrize("how", ["full", "short", "suffix", "extra", "tag pairs", "context"])
def test_the_event_may_name_its_commit(shop: Repo, how: str) -> None:
    """Builds that are not tagged name their commit, each build system elsewhere."""
    commit = shop.git("rev-parse", "HEAD")
    shop.commit("Later", days=1)
    plain = crash(FAILED, release=None)
    event = {
        "full": replace(plain, release=commit),
        "short": replace(plain, release=commit[:9]),
        "suffix": replace(plain, release=f"shop@2.0.0+{commit[:12]}"),
        "extra": replace(plain, extra={"extra": {"commit": commit}}),
        "tag pairs": replace(plain, extra={"tags": [["commit", commit]]}),
        "context": replace(plain, contexts={"app": {"git_commit": commit}}),
    }[how]
    found = find_suspects(event, [shop.folder])
    assert (found.suspects[0].revision, found.suspects[0].is_release) == (commit, True)


def test_the_option_overrides_the_release(shop: Repo) -> None:
    """Tags move; the person who built it knows better."""
    event = find_suspects(crash(FAILED), [shop.folder], commit="HEAD~1")
    assert subjects(event) == ["The first version"]
    assert event.suspects[0].revision_source == "--commit HEAD~1"


@pytest.mark.parametrize("name", ["--output=/tmp/x", "-v", "no such", "", "a\nb", "$(id)", "v1.4.0\0"])
def test_a_hostile_name_of_a_revision_is_a_name_like_any_other(shop: Repo, name: str) -> None:
    """A release named like an option must not become one."""
    event = find_suspects(crash(FAILED, release=name), [shop.folder], commit=name)
    assert event.suspects[0].is_release is False
    assert problems(event) == {"suspects_revision"} | ({"suspects_commit"} if name else set())


def test_a_commit_that_the_release_names_and_nobody_has_is_told(shop: Repo) -> None:
    """The clone may be of a fork, or not fetched: the remedy is another one than for a missing tag."""
    event = find_suspects(crash(FAILED, release="shop@1+deadbeefcafe"), [shop.folder])
    assert "no commit deadbeefcafe" in (event.errors[0].message or "")


def test_a_renamed_file_keeps_its_history(shop: Repo) -> None:
    """A move would be blamed for everything in the file."""
    shop.git("mv", "src/cart.cpp", "src/basket.cpp")
    shop.commit("Move", days=1)
    shop.git("tag", "v1.5.0")
    moved = own("src/basket.cpp", 11, "return cents / rounding;")
    event = find_suspects(crash(moved, release="shop@1.5.0"), [shop.folder])
    assert event.suspects[0].subject == "Round prices down"
    assert event.suspects[0].evidence[0].former_path == "src/cart.cpp"


def test_indentation_is_no_change(shop: Repo) -> None:
    """A formatter would be blamed for every line."""
    shop.write("src/cart.cpp", *(f"    {line}" for line in numbered(40, line11="return cents / rounding;")))
    shop.commit("Indent", days=1)
    event = find_suspects(crash(FAILED, release=None), [shop.folder])
    assert event.suspects[0].subject == "Round prices down"


@pytest.mark.parametrize("how", ["committed", "configured"])
def test_ignored_revisions_are_looked_through(shop: Repo, how: str, tmp_path: Path) -> None:
    """Teams list their mass changes so that blame looks through them: we would show the formatter."""
    shop.write("src/cart.cpp", *(line.replace(" = ", "=") for line in numbered(40, line11="return cents/rounding ;")))
    sha = shop.commit("Format everything", days=1)
    listed = tmp_path / "listed" if how == "configured" else shop.folder / ".git-blame-ignore-revs"
    listed.write_text(f"# the formatter\n\n{sha}  # all of it\nnot a hash\n")
    shop.git("config", "blame.ignoreRevsFile", str(listed) if how == "configured" else "missing")
    shop.commit("List it", days=0.5)
    event = find_suspects(crash(FAILED, release=None), [shop.folder])
    assert event.suspects[0].subject == "Round prices down"
    assert "Format everything" not in subjects(event)


def test_a_line_that_moved_is_found_by_its_text(shop: Repo) -> None:
    """The build was not quite the tagged state: its line numbers are off by a few."""
    shifted = own("src/cart.cpp", 17, "return cents / rounding;")
    event = find_suspects(crash(shifted), [shop.folder])
    evidence = event.suspects[0].evidence[0]
    assert (event.suspects[0].subject, evidence.line, evidence.match) == ("Round prices down", 11, "shifted")


def test_text_of_a_newer_checkout_does_not_move_the_line_of_the_release(shop: Repo) -> None:
    """Source context comes from the working folder where a report has none; its text is of another commit."""
    shop.write("src/cart.cpp", *(f"// note {number}" for number in range(5)), *numbered(40, line11="x / y;"))
    shop.commit("Notes", days=1)
    event = find_suspects(crash(own("src/cart.cpp", 11, "int value6 = 6;")), [shop.folder])
    evidence = event.suspects[0].evidence[0]
    assert (event.suspects[0].subject, evidence.line, evidence.match) == ("Round prices down", 11, "unverified")


def test_several_frames_add_up(new_repo: NewRepo) -> None:
    """A change that touched three calls of the trace is likelier than one that touched one."""
    repo = new_repo()
    repo.write("a.c", *numbered(60))
    repo.commit("First", days=400)
    repo.write("a.c", *numbered(60, line12="one();", line30="two();", line50="three();"))
    several = repo.commit("Touches three calls", days=5)
    repo.write("a.c", *numbered(60, line12="one();", line30="two();", line50="three();", line10="other();"))
    repo.commit("Touches a line nearby", days=4)
    event = find_suspects(crash(own("a.c", 50), own("a.c", 30), own("a.c", 12), release=None), [repo.folder])
    assert event.suspects[0].sha == several
    assert [(one.line, one.rank) for one in event.suspects[0].evidence] == [(12, 0), (30, 1), (50, 2)]


def test_two_repositories_each_hold_their_files(shop: Repo, new_repo: NewRepo) -> None:
    """A product of several repositories has its cause in the one that nobody looks into."""
    library = new_repo("money")
    library.write("lib/rounding.cpp", *numbered(20))
    library.commit("First", days=300)
    library.write("lib/rounding.cpp", *numbered(20, line5="throw Overflow();"))
    library.commit("Check for overflow", days=2)
    frames = (FAILED, own("/usr/src/money/lib/rounding.cpp", 5, "throw Overflow();"))
    event = find_suspects(crash(*frames), [shop.folder, library.folder])
    assert [(suspect.subject, suspect.repository) for suspect in event.suspects[:2]] == [
        ("Check for overflow", "money"),
        ("Round prices down", "shop"),
    ]
    assert [suspect.is_release for suspect in event.suspects[:2]] == [False, True]


def test_a_path_that_fits_two_repositories_is_told_and_skipped(shop: Repo, new_repo: NewRepo) -> None:
    """Half a chance to blame a stranger."""
    other = new_repo("fork")
    other.write("src/cart.cpp", *numbered(40))
    other.commit("First", days=3)
    event = find_suspects(crash(CALLER, FAILED), [shop.folder, other.folder])
    assert "suspects_ambiguous" in problems(event)
    assert all(one.path == "src/main.cpp" for suspect in event.suspects for one in suspect.evidence)


def test_one_repository_named_twice_is_one(shop: Repo) -> None:
    """Every path would be ambiguous."""
    event = find_suspects(crash(FAILED), [shop.folder, shop.folder / "src", Path(os.path.relpath(shop.folder))])
    assert event.suspects[0].subject == "Round prices down"


def test_a_deleted_file_is_found_in_the_release_and_missed_in_head(shop: Repo) -> None:
    """The crash of an old release is in code that is gone."""
    shop.git("rm", "-q", "src/cart.cpp")
    shop.commit("Remove the cart", days=1)
    assert find_suspects(crash(FAILED), [shop.folder]).suspects[0].subject == "Round prices down"
    event = find_suspects(crash(FAILED, release=None), [shop.folder])
    assert event.suspects == ()
    assert problems(event) == {"suspects_revision", "suspects_untracked"}
    assert any("No repository holds src/cart.cpp" in (problem.message or "") for problem in event.errors)


@pytest.mark.parametrize("path", ["src/my cart.cpp", "src/größe-数.cpp", "-v", "src/:(top)x.c", 'a"b\\c.c', "a\tb.c"])
def test_unusual_file_names(new_repo: NewRepo, path: str) -> None:
    """A file name is never an option, a pattern or two words."""
    repo = new_repo()
    repo.write(path, *numbered(20))
    repo.commit("First", days=9)
    named = path.replace('a"b\\c.c', 'a"b/c.c')
    event = find_suspects(crash(own(f"/ci/shop/{named}", 5), release=None), [repo.folder])
    assert subjects(event) == (["First"] if named == path else [])


def test_a_file_name_that_is_no_utf8(new_repo: NewRepo) -> None:
    """JSON cannot have the name: the event would be lost when it is written."""
    repo = new_repo()
    repo.write("caf\udce9/till.c", *numbered(20))
    repo.commit("First", days=9)
    event = find_suspects(crash(own("till.c", 5), release=None), [repo.folder])
    assert subjects(event) == ["First"]
    assert codec.decode(codec.encode(event)) == event
    missing = find_suspects(crash(own("till.c", 500), release=None), [repo.folder], commit="\udce9")
    assert codec.decode(codec.encode(missing)) == missing


def test_a_shallow_clone_says_that_its_history_ends(shop: Repo, tmp_path: Path) -> None:
    """Blame calls the first commit of a shallow clone guilty of everything before it."""
    shop.commit("Last", days=1)
    shop.git("clone", "-q", "--depth", "1", f"file://{shop.folder}", str(tmp_path / "clone"))
    event = find_suspects(crash(FAILED, release=None), [tmp_path / "clone"])
    assert event.suspects == ()
    assert problems(event) == {"suspects_revision", "suspects_shallow", "suspects_none"}
    remedies = [problem.remedy or "" for problem in event.errors]
    assert any("git fetch --unshallow" in remedy for remedy in remedies)


def test_a_line_of_a_merge_is_blamed_on_the_branch(shop: Repo) -> None:
    """Merges bring changes in; whoever wrote them is asked."""
    shop.git("checkout", "-q", "-b", "feature", "HEAD~1")
    shop.write("src/main.cpp", *numbered(40, line20="crash();"))
    shop.commit("Crash on purpose", days=2)
    shop.git("checkout", "-q", "main")
    shop.git("merge", "-q", "--no-ff", "-m", "Merge the feature", "feature", days=1)
    event = find_suspects(crash(own("src/main.cpp", 20, "crash();"), release=None), [shop.folder])
    assert event.suspects[0].subject == "Crash on purpose"
    assert "Merge the feature" not in subjects(event)


def test_a_bare_repository_and_a_worktree_serve_as_well(shop: Repo, tmp_path: Path) -> None:
    """A server has bare clones; a developer works in worktrees."""
    shop.git("clone", "-q", "--bare", str(shop.folder), str(tmp_path / "bare" / "shop.git"))
    shop.git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "HEAD")
    for folder in (tmp_path / "bare" / "shop.git", tmp_path / "tree"):
        event = find_suspects(crash(CALLER, FAILED), [folder])
        assert (event.suspects[0].subject, event.suspects[0].repository) == ("Round prices down", "shop")


def test_sha256_repositories(tmp_path: Path) -> None:
    """New repositories may have longer hashes."""
    folder = tmp_path / "new"
    repo = Repo(folder)
    shutil.rmtree(folder / ".git")
    repo.git("init", "-q", "--object-format=sha256")
    repo.write("a.c", *numbered(9))
    sha = repo.commit("First", days=9)
    event = find_suspects(crash(own("a.c", 5), release=sha), [folder])
    assert (event.suspects[0].sha, len(sha)) == (sha, 64)


def test_a_path_of_which_little_fits_needs_its_text(shop: Repo) -> None:
    """Every project has a cart.cpp; only the same line in it makes it this one."""
    other = own("app/till/cart.cpp", 11)
    assert find_suspects(crash(other), [shop.folder]).suspects == ()
    proven = replace(other, context_line="return cents / rounding;")
    assert find_suspects(crash(proven), [shop.folder]).suspects[0].subject == "Round prices down"


def test_java_frames_are_found_by_their_class(new_repo: NewRepo) -> None:
    """Java names the file without its folder; there are many of the same name."""
    repo = new_repo()
    for package in ("cart", "till"):
        repo.write(f"app/src/main/java/com/shop/{package}/Total.java", *numbered(20))
    repo.commit("First", days=9)
    frame = Frame(function="sum", module="com.shop.till.Total$Line", filename="Total.java", lineno=5, in_app=True)
    event = find_suspects(crash(frame, release=None), [repo.folder])
    assert event.suspects[0].evidence[0].path == "app/src/main/java/com/shop/till/Total.java"


def test_kotlin_files_may_lie_in_shorter_folders(new_repo: NewRepo) -> None:
    """Kotlin's conventions leave the common packages out of the folders."""
    repo = new_repo()
    repo.write("app/src/main/kotlin/Total.kt", *numbered(20))
    repo.commit("First", days=9)
    frame = Frame(function="sum", module="com.shop.till.TotalKt", filename="Total.kt", lineno=5, in_app=True)
    assert subjects(find_suspects(crash(frame, release=None), [repo.folder])) == ["First"]


def test_library_frames_are_not_blamed(shop: Repo) -> None:
    """Vendored code that crashes was called by somebody."""
    library = replace(FAILED, in_app=False)
    event = find_suspects(crash(CALLER, library), [shop.folder])
    assert {one.path for suspect in event.suspects for one in suspect.evidence} == {"src/main.cpp"}


def test_without_own_lines_there_is_a_reason(shop: Repo) -> None:
    """Silence would look like innocence."""
    event = find_suspects(crash(Frame(function="f", in_app=True)), [shop.folder])
    assert (event.suspects, problems(event)) == ((), {"suspects_no_frame"})
    assert problems(find_suspects(Event(), [shop.folder])) == {"suspects_no_frame"}


def test_what_is_no_repository_is_told(shop: Repo, tmp_path: Path) -> None:
    """A mistyped folder would silently find nothing; the right one beside it still serves."""
    (tmp_path / "empty").mkdir()
    event = find_suspects(crash(FAILED), [tmp_path / "empty", tmp_path / "none", shop.folder])
    assert len([problem for problem in event.errors if problem.type == "suspects_no_repository"]) == 2
    assert event.suspects[0].subject == "Round prices down"


def test_a_repository_without_commits_is_told(new_repo: NewRepo) -> None:
    """A fresh clone of nothing has nobody to blame."""
    event = find_suspects(crash(FAILED), [new_repo().folder])
    assert (event.suspects, problems(event)) == ((), {"suspects_no_commit"})


def test_without_git_there_is_a_reason(shop: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's image may lack git."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert problems(find_suspects(crash(FAILED), [shop.folder])) == {"suspects_no_git"}


def test_a_damaged_repository_is_told_and_harms_nothing(shop: Repo) -> None:
    """A disk error must not cost the trace."""
    tree = shop.git("rev-parse", "HEAD:src/cart.cpp")
    damaged = shop.folder / ".git" / "objects" / tree[:2] / tree[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"not zlib")
    event = find_suspects(crash(CALLER, FAILED), [shop.folder])
    assert {one.path for suspect in event.suspects for one in suspect.evidence} == {"src/main.cpp"}
    assert "suspects_no_line" in problems(event)


def test_the_chain_of_causes_counts_from_each_end(shop: Repo) -> None:
    """The innermost cause is where it went wrong, however many calls wrap it."""
    raised = crash(CALLER, own("src/main.cpp", 30))
    cause = crash(FAILED).exceptions[0]
    assert raised.exception
    event = replace(raised, exception=replace(raised.exception, values=(cause, *raised.exceptions)))
    found = find_suspects(merge(event), [shop.folder])
    evidence = found.suspects[0].evidence[0]
    assert (found.suspects[0].subject, evidence.rank) == ("Round prices down", 0)


def test_the_first_commit_of_a_history_does_not_look_guilty(new_repo: NewRepo) -> None:
    """It changed every line of every trace: an import says nothing."""
    repo = new_repo()
    repo.write("a.c", *numbered(60))
    repo.commit("Import", days=1)
    event = find_suspects(crash(*(own("a.c", line) for line in range(10, 60, 6)), release=None), [repo.folder])
    assert (subjects(event), event.suspects[0].score < 0.5) == (["Import"], True)


def test_endless_recursion_is_one_place(shop: Repo) -> None:
    """A hundred equal frames would add up to certainty."""
    once = find_suspects(crash(FAILED), [shop.folder])
    often = find_suspects(crash(*([FAILED] * 300)), [shop.folder])
    assert often.suspects[0].score == once.suspects[0].score
    called = find_suspects(crash(CALLER, *([FAILED] * 300)), [shop.folder])
    assert {one.path for suspect in called.suspects for one in suspect.evidence} == {"src/cart.cpp"}
    assert called.suspects[0].score <= once.suspects[0].score


def test_numbers_that_make_no_sense(shop: Repo) -> None:
    """A hostile report may say any line."""
    frames = (own("src/cart.cpp", 10**12), own("src/cart.cpp", -4), own("src/cart.cpp", 0), own("x" * 9000, 1))
    event = find_suspects(crash(*frames), [shop.folder])
    assert (event.suspects, problems(event)) == ((), {"suspects_no_line", "suspects_untracked"})
    assert any("has no line 1000000000000" in (problem.message or "") for problem in event.errors)


def test_a_change_elsewhere_in_the_file_is_weak_evidence(shop: Repo) -> None:
    """A helper at the end of the file broke the line at its start."""
    shop.write("src/main.cpp", *numbered(40, line39="helper();"))
    shop.commit("Change the helper", days=1)
    event = find_suspects(crash(own("src/main.cpp", 3), release=None), [shop.folder])
    first = event.suspects[0]
    assert (first.subject, first.evidence[0].kind) == ("Change the helper", "file")
    assert first.score < 0.2


def test_ignored_revisions_that_are_not_there_are_no_error(shop: Repo) -> None:
    """Lists outlive the branches that they name; git must not refuse the whole file."""
    listed = ("0" * 40, "deadbeef" * 5, "f" * 64, "short", shop.git("rev-parse", "HEAD:src"))
    shop.write(".git-blame-ignore-revs", *listed)
    shop.commit("List", days=1)
    assert find_suspects(crash(FAILED), [shop.folder]).suspects[0].subject == "Round prices down"


def test_a_second_look_forgets_what_the_first_one_lacked(shop: Repo, new_repo: NewRepo) -> None:
    """The remedy was followed, and the problem would still be listed."""
    first = find_suspects(crash(FAILED), [new_repo("empty").folder])
    assert problems(first) == {"suspects_no_commit"}
    assert problems(find_suspects(first, [shop.folder])) == set()


@pytest.mark.parametrize("line", [1, 2, 39, 40])
def test_lines_at_the_ends_of_a_file(shop: Repo, line: int) -> None:
    """Git fails for ranges that begin outside of the file."""
    assert subjects(find_suspects(crash(own("src/main.cpp", line)), [shop.folder])) == ["The first version"]


def test_a_file_without_an_end_of_line_and_with_windows_ends(new_repo: NewRepo) -> None:
    """Half of the world's files end so; their lines are the same lines."""
    repo = new_repo()
    (repo.folder / "a.c").write_bytes(b"one();\r\ntwo();\r\nthree();")
    repo.commit("First", days=2)
    event = find_suspects(crash(own("a.c", 3, "three();"), release=None), [repo.folder])
    assert event.suspects[0].evidence[0].match == "same text"


def test_the_version_of_another_repository_is_not_taken(shop: Repo, new_repo: NewRepo) -> None:
    """A library that has a 1.4.0 of its own would be blamed at the wrong state."""
    library = new_repo("money")
    library.write("lib/rounding.cpp", *numbered(20))
    library.commit("First", days=300)
    library.git("tag", "v1.4.0")
    library.write("lib/rounding.cpp", *numbered(20, line5="throw Overflow();"))
    library.commit("Second", days=3)
    event = find_suspects(crash(FAILED, own("lib/rounding.cpp", 5)), [shop.folder, library.folder])
    sources = {suspect.repository: suspect.revision_source for suspect in event.suspects}
    assert sources == {"shop": "tag v1.4.0", "money": "HEAD"}


def test_a_library_that_nobody_touched_for_long_is_not_new(shop: Repo, new_repo: NewRepo) -> None:
    """Its last commit is the newest of its own history, and would weigh as much as yesterday's."""
    library = new_repo("money")
    library.write("lib/rounding.cpp", *numbered(20))
    library.commit("First", days=900)
    library.write("lib/rounding.cpp", *numbered(20, line5="throw Overflow();"))
    library.commit("Second", days=300)
    caller = own("src/cart.cpp", 11, "return cents / rounding;")
    event = find_suspects(crash(caller, own("lib/rounding.cpp", 5), release=None), [shop.folder, library.folder])
    assert event.suspects[0].subject == "Round prices down"


def test_repositories_that_lack_the_same_are_told_of_together(shop: Repo, new_repo: NewRepo) -> None:
    """Five repositories would give five equal paragraphs below the trace."""
    library = new_repo("money")
    library.write("lib/rounding.cpp", *numbered(20))
    library.commit("First", days=300)
    event = find_suspects(crash(FAILED, own("lib/rounding.cpp", 5), release=None), [shop.folder, library.folder])
    (problem,) = event.errors
    assert "The commit of shop and money that crashed is not known" in (problem.message or "")


def test_a_clock_that_is_wrong_does_not_clear_the_release(shop: Repo) -> None:
    """What is in the release is in the crash, whatever the device's clock said."""
    event = find_suspects(crash(FAILED, timestamp=CRASH - 30 * DAY), [shop.folder])
    assert (event.suspects[0].subject, event.suspects[0].seconds_before) == ("Round prices down", -27 * DAY)


def test_an_event_without_a_time_counts_from_the_release(shop: Repo) -> None:
    """Plain text reports rarely say when."""
    event = find_suspects(crash(FAILED, timestamp=None), [shop.folder])
    assert (event.suspects[0].seconds_before, event.suspects[0].date) == (None, "2023-11-11T22:13:20Z")
    assert event.suspects[0].score > 0.7


def test_a_commit_whose_clock_was_ahead_is_suspected(shop: Repo) -> None:
    """Where nobody knows when it crashed, a date says nothing about what was in it."""
    shop.write("src/main.cpp", *numbered(40, line20="charge();"))
    shop.commit("Charge", days=-50)
    shop.commit("Later", days=1)
    event = find_suspects(crash(CALLER, release=None, timestamp=None), [shop.folder])
    assert event.suspects[0].subject == "Charge"


def test_a_line_that_nobody_touched_for_years_names_who_wrote_it(shop: Repo) -> None:
    """A late change elsewhere in the file would be all that is shown, and who knows the line looked up by hand."""
    shop.write("src/main.cpp", *numbered(40, line20="charge();"))
    shop.commit("Charge", days=480)
    shop.write("src/main.cpp", *numbered(40, line20="charge();", line40="log();"))
    shop.commit("Log", days=5)
    event = find_suspects(crash(CALLER, release=None), [shop.folder])
    kinds = {suspect.subject: suspect.evidence[0].kind for suspect in event.suspects}
    assert kinds == {"Charge": "line", "Log": "file"}
    assert all(suspect.score < 0.25 for suspect in event.suspects)


def test_lines_of_long_ago_are_not_looked_up_where_others_are_new(new_repo: NewRepo) -> None:
    """The whole history would be walked for a commit that is hardly to blame."""
    repo = new_repo()
    repo.write("a.c", *numbered(40))
    repo.commit("First", days=900)
    repo.write("a.c", *numbered(40, line11="old();", line20="new();"))
    repo.commit("Old", days=480)
    repo.write("a.c", *numbered(40, line11="old();", line20="new(1);"))
    repo.commit("New", days=5)
    event = find_suspects(crash(own("a.c", 20), own("a.c", 11), release=None), [repo.folder])
    assert subjects(event) == ["New"]
