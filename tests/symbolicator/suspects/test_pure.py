"""The pure parts: parsing git's output, mapping paths, locating lines, naming tags, weighing."""

import random
import time
from itertools import pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from symbolicator.model import Event, Frame
from symbolicator.suspects.blame import BlamedLine, parse_blame, unquoted
from symbolicator.suspects.changes import ranges_around
from symbolicator.suspects.commits import Commit, parse_log
from symbolicator.suspects.frames import OwnCall, paths_of
from symbolicator.suspects.lines import MAX_SHIFT, Located, locate
from symbolicator.suspects.paths import Ambiguous, Tracked, TrackedPaths, components
from symbolicator.suspects.releases import commits_named, package_of, tag_of
from symbolicator.suspects.repository import hashes_in
from symbolicator.suspects.score import NEAR, BlamedPlace, Suspicion, Times, suspicions, weight_of
from symbolicator.suspects.times import iso, seconds_of

DAY = 86_400
NOW = 1_700_000_000.0

# blame and log


def entry(line: BlamedLine, *, is_known: bool = False) -> str:
    """An entry of one line; of a commit that was named before git says no more than its name."""
    commit = line.commit
    about = (
        f"author {commit.author}\nauthor-mail <a@b>\nauthor-time 1\n"
        f"committer-time {commit.committed}\nsummary {commit.subject}\nprevious {'0' * 40} old name.c\n"
        f"{'boundary' + chr(10) if commit.is_first else ''}"
    )
    return f"{commit.sha} 7 {line.line} 1\n{'' if is_known else about}filename {line.path}\n"


shas = st.sampled_from(["a" * 40, "b" * 40, "0123456789abcdef" * 4])
words = st.text("abc XYZ:-\t", min_size=1, max_size=12).map(str.strip)
commits = st.builds(Commit, shas, words, st.integers(0, 2**40), words, st.booleans())
blamed = st.builds(BlamedLine, st.integers(1, 10**6), commits, st.sampled_from(["a.c", "src/größe.c", "a b"]))


@given(st.lists(blamed, max_size=6))
def test_blame_is_read_as_it_is_written(lines: list[BlamedLine]) -> None:
    """A commit would be blamed for another one's lines."""
    named = {line.commit.sha: line.commit for line in reversed(lines)}
    lines = [replace(line, commit=named[line.commit.sha]) for line in lines]
    firsts = {line.commit.sha: number for number, line in reversed(list(enumerate(lines)))}
    text = "".join(entry(line, is_known=firsts[line.commit.sha] != number) for number, line in enumerate(lines))
    assert list(parse_blame(text.encode())) == lines


def test_blame_that_was_stopped_is_good_up_to_its_last_whole_entry() -> None:
    """In a huge history git does not come to an end; the newest changes are what counts."""
    whole = entry(BlamedLine(3, Commit("a" * 40, "Ada", 5, "Fix"), "src/a.c")).encode()
    for end in range(len(whole)):
        assert list(parse_blame(whole + whole[:end])) == list(parse_blame(whole))


def spliced(noise: bytes) -> bytes:
    whole = entry(BlamedLine(3, Commit("a" * 40, "Ada", 5, "Fix"), "a.c")).encode()
    at = sum(noise) % len(whole)
    return whole[:at] + noise + whole[at:]


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=40).map(spliced)))
def test_damaged_blame_is_no_error(data: bytes) -> None:
    """Output that was cut off must not cost the trace."""
    for line in parse_blame(data):
        assert 0 <= line.line < 10**9
        assert len(line.commit.sha) in (40, 64)
    list(parse_log(data))
    hashes_in(data)
    unquoted(data)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"plain name.c", b"plain name.c"),
        (b'"a\\"b\\\\c.c"', b'a"b\\c.c'),
        (b'"gr\\303\\266\\303\\237e.c"', "größe.c".encode()),
        (b'"tab\\there"', b"tab\there"),
        (b'"', b'"'),
    ],
)
def test_quoted_names(written: bytes, name: bytes) -> None:
    """A renamed file would be shown under a name that nobody has."""
    assert unquoted(written) == name


def test_a_log_with_a_damaged_commit_keeps_the_others() -> None:
    """One commit with a broken date must not hide the rest."""
    fields = ["a" * 40, "b" * 40, "Ada", "5", "Fix", "b" * 40, "", "Bob", "-7", "Old", "c" * 40, "", "Cy", "9", "New"]
    found = list(parse_log("\0".join((*fields, "")).encode()))
    assert found == [Commit("a" * 40, "Ada", 5, "Fix"), Commit("c" * 40, "Cy", 9, "New", is_first=True)]


# paths


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("src/cart.cpp", "src/cart.cpp"),
        ("/build/ci/shop/src/cart.cpp", "src/cart.cpp"),
        ("/build/ci/other/src/cart.cpp", "src/cart.cpp"),
        ("/build/core/lib/src/cart.cpp", "lib/src/cart.cpp"),
        ("/ci/a/vendor/money/core/x.cpp", "third/money/core/x.cpp"),
        ("C:\\work\\shop\\src\\cart.cpp", "src/cart.cpp"),
        ("c:\\WORK\\SHOP\\SRC\\CART.CPP", "src/cart.cpp"),
        ("webpack://shop/./src/cart.ts?4f2a", "src/cart.ts"),
        ("webpack:///src/cart.ts", "src/cart.ts"),
        ("webpack-internal:///(app)/./src/cart.ts", "src/cart.ts"),
        ("app:///src/my%20cart.ts", "src/my cart.ts"),
        ("../../src/main.cpp", "src/main.cpp"),
        ("/x/lib/src/cart.cpp", "lib/src/cart.cpp"),
        ("/build/../src/./main.cpp", "src/main.cpp"),
        ("main.cpp", "src/main.cpp"),
        ("/usr/src/app/setup.py", "setup.py"),
        ("gr\u006f\u0308\u00dfe.c", "gr\u00f6\u00dfe.c"),
    ],
)
def test_paths_of_frames(raw: str, path: str) -> None:
    """Every compiler and bundler writes paths in its own way."""
    files = ["src/cart.cpp", "lib/src/cart.cpp", "src/main.cpp", "src/cart.ts", "src/my cart.ts", "setup.py", "größe.c"]
    files += ["third/money/core/x.cpp"]
    assert TrackedPaths([("shop", files)]).find(raw) == Tracked(0, path, is_sure=True)


@pytest.mark.parametrize("raw", ["", "/", "..", "unknown.c", "src/", "x" * 5000, "a/cart.cpp/", "cart", "\0", "://"])
def test_paths_that_mean_nothing(raw: str) -> None:
    """A path that is not there must not become one that is."""
    found = TrackedPaths([("shop", ["src/till.cpp"])]).find(raw)
    assert found is None


def test_where_little_fits_it_is_not_sure() -> None:
    """Every project has a src/main.c: in another folder it is another file."""
    paths = TrackedPaths([("shop", ["tools/src/main.c"])])
    for raw in ("app/src/main.c", "app/main.c"):
        assert paths.find(raw) == Tracked(0, "tools/src/main.c", is_sure=False)


def test_the_folder_of_the_repository_tells_equal_paths_apart() -> None:
    """Monorepo-like checkouts side by side have the same folders inside."""
    paths = TrackedPaths([("shop", ["src/x.c"]), ("money", ["src/x.c"])])
    assert paths.find("/ci/money/src/x.c") == Tracked(1, "src/x.c", is_sure=True)
    assert paths.find("/ci/build/src/x.c") == Ambiguous(("shop/src/x.c", "money/src/x.c"), 2)


names = st.text("ab.", min_size=1, max_size=2).filter(lambda name: name not in (".", ".."))
folders = st.lists(names, min_size=1, max_size=4).map("/".join)


@given(st.lists(folders, min_size=1, max_size=12, unique=True), st.data(), folders)
def test_a_path_is_found_below_any_folder_or_said_to_be_ambiguous(
    paths: list[str], data: st.DataObject, above: str
) -> None:
    """A build folder in front of a path must never turn it into another file."""
    path = data.draw(st.sampled_from(paths))
    raw = f"/{above}/{path}"
    found = TrackedPaths([("repo", paths)]).find(raw)
    if isinstance(found, Tracked):
        common = zip(reversed(raw.split("/")), reversed(f"repo/{found.path}".split("/")), strict=False)
        assert sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], common)) >= len(path.split("/"))
    assert found is not None


@given(st.lists(folders, min_size=1, max_size=12, unique=True), folders, st.randoms())
def test_the_order_of_the_files_changes_nothing(paths: list[str], raw: str, shuffled: random.Random) -> None:
    """The same crash would blame another commit the next day."""
    mixed = shuffled.sample(paths, len(paths))
    one, other = (TrackedPaths([("repo", order)]).find(raw) for order in (paths, mixed))
    assert one == other or (isinstance(one, Ambiguous) and isinstance(other, Ambiguous))


@given(st.text(max_size=60))
def test_components_of_anything(raw: str) -> None:
    """A report may say any path."""
    assert not {"", ".", ".."} & set(components(raw)) or "%" in raw


def test_many_files_of_one_name_take_no_time() -> None:
    """Ten thousand index.ts are normal; a trace asks for twenty."""
    paths = TrackedPaths([("web", [f"packages/p{number}/src/index.ts" for number in range(20_000)])])
    start = time.process_time()
    for number in range(20):
        assert paths.find(f"/ci/packages/p{number}/src/index.ts") == Tracked(
            0, f"packages/p{number}/src/index.ts", is_sure=True
        )
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("frame", "paths"),
    [
        (Frame(filename="Bar.java", module="com.foo.Bar$1"), ["com/foo/Bar.java", "Bar.java"]),
        (Frame(filename="cart.py", module="shop.cart"), ["shop/cart.py", "cart.py"]),
        (Frame(filename="a/cart.py", module="shop.cart"), ["a/cart.py"]),
        (Frame(filename="b.c", abs_path="/a/b.c"), ["/a/b.c", "b.c"]),
        (Frame(function="f"), []),
    ],
)
def test_paths_that_a_frame_may_mean(frame: Frame, paths: list[str]) -> None:
    """The folder is what tells files of the same name apart; it may stand elsewhere in the frame."""
    assert list(paths_of(frame)) == paths


# lines


def framed(lines: list[str], at: int, claimed: int) -> Frame:
    """A frame whose text is that of line ``at`` and whose number is ``claimed`` (both 1-based)."""
    before, after = lines[max(0, at - 4) : at - 1], lines[at : at + 3]
    return Frame(lineno=claimed, context_line=lines[at - 1], pre_context=tuple(before), post_context=tuple(after))


@given(st.integers(1, 60), st.integers(-MAX_SHIFT, MAX_SHIFT))
def test_a_line_is_found_wherever_it_moved_to(at: int, shift: int) -> None:
    """The commit that changed the line next to it would be blamed."""
    lines = [f"value({number});" for number in range(60)]
    found = locate(framed(lines, at, at + shift), lines)
    assert found == Located(at, "same text" if shift == 0 else "shifted")


def test_of_equal_lines_the_one_with_the_same_neighbours_counts() -> None:
    """Code repeats itself: the nearest equal line is often another call."""
    lines = ["a();", "check(x);", "b();", "", "", "c();", "check(x);", "d();"]
    assert locate(framed(lines, 2, 5), lines) == Located(2, "shifted")
    assert locate(framed(lines, 7, 5), lines) == Located(7, "shifted")


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (Frame(lineno=2), Located(2, "unverified")),
        (Frame(lineno=2, context_line="  "), Located(2, "unverified")),
        (Frame(lineno=2, context_line="\tint  b;"), Located(2, "same text")),
        (Frame(lineno=1, context_line="}"), Located(1, "other text")),
        (Frame(lineno=1, context_line="gone();"), Located(1, "other text")),
        (Frame(lineno=9, context_line="gone();"), None),
        (Frame(lineno=9), None),
        (Frame(lineno=0), None),
        (Frame(lineno=-1, context_line="int b;"), Located(2, "shifted")),
        (Frame(), None),
    ],
)
def test_lines_that_cannot_be_compared(frame: Frame, found: Located | None) -> None:
    """A brace is everywhere, a line past the end is nowhere; neither is proof."""
    assert locate(frame, ["int a;", "int b;", "}"]) == found


def test_a_line_that_the_report_cut_is_the_same() -> None:
    """SDKs cut long lines; minified-looking code would never match."""
    line = "x" * 300
    assert locate(Frame(lineno=1, context_line=line[:140] + " {snip}"), [line]) == Located(1, "same text")


@given(
    st.builds(
        Frame,
        lineno=st.one_of(st.none(), st.integers(-5, 40), st.integers()),
        context_line=st.one_of(st.none(), st.text("ab}", max_size=5)),
        pre_context=st.lists(st.text("ab", max_size=2), max_size=30).map(tuple),
        post_context=st.lists(st.text("ab", max_size=2), max_size=30).map(tuple),
    ),
    st.lists(st.text("ab}", max_size=5), max_size=30),
)
def test_a_located_line_is_in_the_file(frame: Frame, lines: list[str]) -> None:
    """Git fails for a line that is not there, and the whole file is lost."""
    found = locate(frame, lines)
    assert found is None or 1 <= found.line <= len(lines)


# releases


@pytest.mark.parametrize(
    ("release", "tag"),
    [
        ("v1.4.0", "v1.4.0"),
        ("1.4.0", "v1.4.0"),
        ("shop@1.4.0", "v1.4.0"),
        ("shop@1.4.0+77", "v1.4.0"),
        ("com.example.till@2.0.0", "till-2.0.0"),
        ("@example/web@3.0.0", "@example/web@3.0.0"),
        ("money@1.4.0", "money/v1.4.0"),
        ("till 2.0.0", "till-2.0.0"),
        ("shop@5.0.0-RC.1", "v5.0.0-rc.1"),
        ("shop@42", "42"),
        ("shop@1.4", None),
        ("shop", None),
        ("", None),
        ("--help", None),
    ],
)
def test_tags_of_releases(release: str, tag: str | None) -> None:
    """Every project tags in its own way; a tag of another package is another state."""
    tags = ["v1.4.0", "money/v1.4.0", "till-2.0.0", "@example/web@3.0.0", "v3.0.0", "v5.0.0-rc.1", "42", "v2.0.0"]
    assert tag_of(release, tags) == tag


def test_a_version_of_another_repository_is_not_ours() -> None:
    """Two repositories have a 1.4.0 each, a year apart."""
    assert tag_of("shop@1.4.0", ["v1.4.0"], version_alone=False) is None
    assert tag_of("shop@1.4.0", ["v1.4.0", "shop-1.4.0"], version_alone=False) == "shop-1.4.0"


@pytest.mark.parametrize(
    ("release", "commits"),
    [
        ("3f9c2ab", ["3f9c2ab"]),
        ("shop@1.2.3+3f9c2ab", ["3f9c2ab"]),
        ("v1.2.3-5-g3f9c2ab", ["3f9c2ab"]),
        ("v1.2.3-5-g3f9c2ab-dirty", ["3f9c2ab"]),
        ("1.2.3+sha.3f9c2ab0", ["3f9c2ab0"]),
        ("3F9C2AB", ["3f9c2ab"]),
        ("shop@1.2.3", []),
        ("facade", []),
        ("undefaced", []),
    ],
)
def test_commits_in_releases(release: str, commits: list[str]) -> None:
    """The commit in a release says exactly what was built."""
    assert [name for name, _ in commits_named(Event(release=release))] == commits


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_release_is_taken_apart(release: str, tags: list[str]) -> None:
    """A release is whatever somebody typed."""
    assert tag_of(release, tags) in {None, *tags}
    assert all(set(name) <= set("0123456789abcdef") for name, _ in commits_named(Event(release=release)))
    assert "/" not in package_of(release)


@pytest.mark.parametrize("release", ["a@" + "1." * 200_000, "-" * 500_000, "1" * 500_000, "a-" * 200_000 + "!"])
def test_a_hostile_release_takes_no_time(release: str) -> None:
    """A pattern that tries every way would hang the worker."""
    start = time.monotonic()
    tag_of(release, ["v1"])
    commits_named(Event(release=release))
    assert time.monotonic() - start < 1


# weighing


def place(rank: int = 0, line: int = 50, path: str = "a.c", *blame: BlamedLine, **fields: object) -> BlamedPlace:
    call = OwnCall(Frame(function="f"), "exception/0", 9 - rank, rank)
    found = BlamedPlace(call, 0, path, Located(line, "same text"), blame)
    return replace(found, **fields)


def at(line: int, sha: str, days: float) -> BlamedLine:
    return BlamedLine(line, Commit(sha, "Ada", int(NOW - days * DAY), sha), "a.c")


def ranked(*places: BlamedPlace) -> list[str]:
    return [one.commit.sha for one in suspicions(places, Times(NOW, NOW), [{}])]


GOOD = place(0, 50, "a.c", at(50, "good", 9))
BAD = place(0, 50, "b.c", at(50, "bad", 9))
FIRST = replace(BAD.blame[0], commit=replace(BAD.blame[0].commit, is_first=True))
BAD_COMMIT = BAD.blame[0].commit
STRONGER: list[tuple[str, BlamedPlace, BlamedPlace]] = [
    ("nearer to the crash", GOOD, place(3, 50, "b.c", at(50, "bad", 9))),
    ("the line itself", GOOD, place(0, 50, "b.c", at(52, "bad", 9))),
    ("nearer lines", place(0, 50, "a.c", at(52, "good", 9)), place(0, 50, "b.c", at(58, "bad", 9))),
    ("lines before the file", place(0, 50, "a.c", at(58, "good", 9)), replace(BAD, blame=(), in_file=(BAD_COMMIT,))),
    ("the newer commit", GOOD, place(0, 50, "b.c", at(50, "bad", 90))),
    ("a change before the first commit", GOOD, replace(BAD, blame=(FIRST,))),
    ("a known release", GOOD, replace(BAD, is_release=False)),
    ("same text before shifted", GOOD, replace(BAD, located=Located(50, "shifted"))),
    ("same text before unverified", GOOD, replace(BAD, located=Located(50, "unverified"))),
    ("same text before other text", GOOD, replace(BAD, located=Located(50, "other text"))),
]


@pytest.mark.parametrize(("why", "good", "bad"), STRONGER, ids=[why for why, _, _ in STRONGER])
def test_what_weighs_more(why: str, good: BlamedPlace, bad: BlamedPlace) -> None:
    """The order of the suspects is the answer."""
    assert ranked(good, bad)[0] == ranked(bad, good)[0] == "good", why


def test_frames_that_point_to_one_commit_add_up() -> None:
    """Two calls of the trace that one commit changed are no coincidence."""
    both = [place(2, 50, "a.c", at(50, "both", 9)), place(3, 70, "a.c", at(70, "both", 9))]
    assert ranked(*both, place(1, 50, "b.c", at(50, "one", 9)))[0] == "both"


def test_the_broader_commit_is_the_weaker_suspect() -> None:
    """A renamed function or a formatter touches every trace, and would be blamed for every crash."""
    found = suspicions([GOOD, BAD], Times(NOW, NOW), [{"good": 1, "bad": 40}])
    assert [one.commit.sha for one in found] == ["good"]


def test_one_old_commit_alone_does_not_look_certain() -> None:
    """Code that was untouched for years is rarely why it crashed today."""
    old, new = (
        suspicions([place(0, 50, "a.c", at(50, "x", days))], Times(NOW, NOW), [{}])[0].share for days in (900, 1)
    )
    assert old < 0.2
    assert new > 0.8


def test_a_crash_that_took_long_to_show_up_is_less_certain() -> None:
    """Code that ran for a year without a crash is rarely to blame alone; its order stays."""
    soon, late = (suspicions([GOOD, BAD], Times(NOW, NOW + days * DAY), [{}]) for days in (1, 365))
    assert [one.commit.sha for one in soon] == [one.commit.sha for one in late]
    assert late[0].share < soon[0].share


def test_lines_far_away_do_not_count() -> None:
    """Blame is asked for ranges that several places share: each place has its own surroundings."""
    assert ranked(place(0, 50, "a.c", at(50 + NEAR + 1, "far", 1))) == []


ages = st.floats(-50, 2000)
some_blame = st.lists(st.builds(at, st.integers(30, 70), st.sampled_from("abcde"), ages), max_size=8)
some_places = st.lists(
    st.builds(
        lambda rank, line, path, blame, release: place(rank, line, path, *blame, is_release=release),
        st.integers(0, 19),
        st.integers(40, 60),
        st.sampled_from(["a.c", "b.c"]),
        some_blame,
        st.booleans(),
    ),
    max_size=6,
)


@given(some_places, st.randoms())
def test_shares_are_shares_whatever_the_order(places: list[BlamedPlace], shuffled: random.Random) -> None:
    """More than all of the evidence is nonsense, and the same crash must give the same answer."""
    found = suspicions(places, Times(NOW, NOW), [{}])
    assert len(found) <= 3
    assert sum(one.share for one in found) < 1
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    distinct = {(one.path, one.located.line): one for one in places}.values()
    mixed = shuffled.sample(list(distinct), len(distinct))
    assert shares(suspicions(distinct, Times(NOW, NOW), [{}])) == shares(suspicions(mixed, Times(NOW, NOW), [{}]))


def shares(found: tuple[Suspicion, ...]) -> list[float]:
    return [round(one.share, 9) for one in found]


@given(st.floats(-(10**12), 10**12), st.integers(0, 2**40))
def test_the_weight_of_a_commit_is_between_nothing_and_one(now: float, committed: int) -> None:
    """A clock that is wrong by centuries must not outweigh everything, nor divide by zero."""
    assert 0 < weight_of(Commit("a", "", committed), now) <= 1


@given(st.lists(st.integers(1, 500), max_size=12))
def test_ranges_hold_every_line_once(lines: list[int]) -> None:
    """Git is asked once a file; a line that two ranges hold would count twice."""
    ranges = ranges_around(lines)
    assert all(
        any(start <= line - min(NEAR, line - 1) and line + NEAR <= end for start, end in ranges) for line in lines
    )
    assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))


# times


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2024-05-01T12:00:00Z", 1714564800.0),
        ("2024-05-01T12:00:00", 1714564800.0),
        ("2024-05-01T14:00:00.000+02:00", 1714564800.0),
        (1714564800.5, 1714564800.5),
        ("yesterday", None),
        ("9999-12-31T23:59:59-23:59", 253402387139.0),
        ("0001-01-01T00:00:00+23:00", -62135679600.0),
        (True, None),
        (-1, None),
        (10**30, None),
        (float("nan"), None),
        (None, None),
        ([], None),
    ],
)
def test_times_of_events(value: object, seconds: float | None) -> None:
    """Any SDK's clock, and any nonsense in its place."""
    assert seconds_of(value) == seconds  # type: ignore[arg-type]  # anything that JSON may hold


@given(st.floats())
def test_times_that_cannot_be_written(seconds: float) -> None:
    """A commit of the year 30,000 exists somewhere."""
    assert iso(seconds) is None or str(iso(seconds)).endswith("Z")
