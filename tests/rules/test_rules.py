"""How rules are matched, and who has the last word: the report, the tables, or people's own rules."""

import re
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from symbolicator import plugins
from symbolicator.enrich import Rules, with_rules
from symbolicator.model import Event, Frame, FrameData, FrameStatus, Stacktrace
from symbolicator.model.frame_rules import FrameRule, Matcher, RuleTable
from symbolicator.model.globs import MAX_VALUE, Globs, in_path
from symbolicator.model.rule_set import RuleSet
from symbolicator.model.tables import MAX_PATTERN

TABLE = RuleSet([FrameRule(id="table", match=Matcher(path="*/lib/*"), in_app=False)])


def ruled(*frames: Frame, own: RuleSet | None = None, table: RuleSet = TABLE) -> tuple[Frame, ...]:
    event = Event(platform="native", stacktrace=Stacktrace(frames=frames))
    rules = Rules(own or RuleSet(), lambda _: table)
    event = with_rules(event, rules)
    assert with_rules(event, rules) == event, "ruling twice must change nothing"
    assert event.stacktrace
    return event.stacktrace.frames


def test_the_report_keeps_its_word_against_the_tables() -> None:
    """An SDK that was configured by the user knows better than a table."""
    own, other = ruled(Frame(abs_path="/lib/a.c", in_app=True), Frame(abs_path="/src/a.c", in_app=False))
    assert (own.in_app, other.in_app, own.data, other.data) == (True, False, None, None)


def test_a_persons_rule_counts_more_than_the_report_and_the_tables() -> None:
    """Whoever writes a rule has seen what is decided without it."""
    mine = RuleSet([FrameRule(id="mine", match=Matcher(path="*/lib/*"), in_app=True)])
    said, unsaid = ruled(Frame(abs_path="/lib/a.c", in_app=False), Frame(abs_path="/lib/a.c"), own=mine)
    assert (said.in_app, unsaid.in_app) == (True, True)
    assert [one.data and (one.data.in_app_rule, one.data.orig_in_app) for one in (said, unsaid)] == [
        ("mine", 0), ("mine", -1),
    ]  # fmt: skip


def test_what_no_rule_names_is_own_only_if_something_is_known_about_it() -> None:
    """A minified frame without its map says nothing: were it own, every bundle's library code would be."""
    missing = FrameData(status=FrameStatus.MISSING)
    bundle, image, plain = ruled(
        Frame(abs_path="/app.min.js", data=missing), Frame(package="/srv/shop", data=missing), Frame(abs_path="/a.c")
    )
    assert (bundle.in_app, image.in_app, plain.in_app) == (None, True, True)


def test_a_language_without_tables_stays_undecided() -> None:
    """Everything would be own: what a plug-in brings without rules is shown as it came."""
    (found,) = ruled(Frame(function="f"), table=RuleSet())
    assert found == Frame(function="f")


def test_all_fields_of_a_rule_must_match_and_one_glob_of_each() -> None:
    """A rule for a function of one library must not take the same name of another."""
    rule = FrameRule(
        id="x", match=Matcher(function=("a", "b"), library=("libz.so*", "z.dll"), family="nat*"), in_app=False
    )
    frames = [
        Frame(function="b", package="/usr/lib/libz.so.1"),
        Frame(function="a", package="C:\\x\\Z.DLL"),
        Frame(function="c", package="/usr/lib/libz.so.1"),
        Frame(function="a", package="/usr/lib/liby.so.1"),
        Frame(function="a", package="/usr/lib/libz.so.1", platform="python"),
        Frame(function="a"),
    ]
    assert [one.in_app for one in ruled(*frames, table=RuleSet([rule]))] == [False] * 2 + [True] * 4


def test_a_library_in_an_archive_has_its_own_name() -> None:
    """Android maps libraries right out of an app's package."""
    rule = FrameRule(id="x", match=Matcher(library="libz.so"), in_app=False)
    (found,) = ruled(Frame(package="/data/app/base.apk!/lib/arm64/libz.so"), table=RuleSet([rule]))
    assert found.in_app is False


def test_the_first_failure_names_all_that_follows() -> None:
    """One failure while handling another is still the first one's."""
    rules = [
        FrameRule(id="p", match=Matcher(function="panic*"), fold="panic", newer=True),
        FrameRule(id="a", match=Matcher(function="abort*"), fold="abort", newer=True),
        FrameRule(id="g", match=Matcher(function="glue"), fold="glue"),
    ]
    frames = [Frame(function=name) for name in ("glue", "main", "panic", "hook", "abort", "write")]
    labels = [one.data and one.data.machinery for one in ruled(*frames, table=RuleSet(rules))]
    assert labels == ["glue", None, "panic", "panic", "panic", "panic"]


TEXTS = st.text(alphabet="aB/\\*?[]!x\n", max_size=8)
GLOBS = st.text(alphabet="aB/*?[]x", min_size=1, max_size=8)


def naive(glob: str, text: str) -> bool:
    """What a glob means, spelt out."""
    glob, text = in_path(glob), in_path(text)
    body = "".join(".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in glob)
    wanted = re.compile(body, re.DOTALL)
    return bool(wanted.fullmatch(text) or (glob.startswith("*/") and wanted.fullmatch(f"/{text}")))


@given(globs=st.lists(GLOBS, min_size=1, max_size=6), text=TEXTS)
def test_the_index_of_globs_agrees_with_trying_each(globs: list[str], text: str) -> None:
    """A glob that is found faster, and wrongly, hides code or fails to."""
    index = Globs(in_path)
    for number, glob in enumerate(globs):
        index.add(glob, number)
    assert index.hits(text) == tuple(number for number, glob in enumerate(globs) if naive(glob, text))


@pytest.mark.parametrize("glob", ["*a" * 200 + "b", "*a?" * 160 + "b", "*/" * 200 + "x", "*" * MAX_PATTERN + "b"])
def test_hostile_values_take_no_time(glob: str) -> None:
    """A pattern of many stars against a long name would take for ever."""
    rules = RuleSet([FrameRule(id="x", match=Matcher(path=glob, function=glob), in_app=False)])
    started = process_time()
    for sign in ("a", "/", "ab", "/a"):
        long = sign * MAX_VALUE
        ruled(Frame(abs_path=long, function=long, package=long, module=long), table=rules)
        ruled(Frame(abs_path=long, function=long, package=long, module=long), table=plugins.frame_rules("native"))
    assert process_time() - started < 2


@pytest.mark.parametrize("platform", ["native", "java", "javascript", "go", "python", "csharp", "dart", "ruby", "lua"])
def test_hostile_names_take_no_time_in_the_built_in_tables(platform: str) -> None:
    """One event of long names that nearly match must not hold a worker up."""
    frames = [
        Frame(function=text, module=text, package=text, abs_path=text)
        for sign in ("/lib/", "@v", "/_deps/", "std::", "<* as ", "a.", "/external ", "\\lib", "\0")
        for text in (sign * (MAX_VALUE // len(sign)) + str(number) for number in range(5))
    ]
    started = process_time()
    ruled(*frames, table=plugins.frame_rules(platform))
    assert process_time() - started < 2


FRAMES = st.builds(
    Frame,
    function=st.sampled_from([None, "main", "_start", "core::panicking::panic", "std::sort", "runtime.gopanic"]),
    module=st.sampled_from([None, "java.util.List", "com.shop.Cart", "runtime", "System.String"]),
    package=st.sampled_from([None, "/lib/libc.so.6", "/srv/shop", "C:\\Windows\\x.dll"]),
    abs_path=st.sampled_from([None, "/src/a.c", "node_modules/a.js", "/usr/include/x", "/rustc/1/x.rs"]),
    platform=st.sampled_from([None, "native", "java", "javascript", "go", "python", "csharp", "shout"]),
    in_app=st.sampled_from([None, True, False]),
    lineno=st.integers(1, 9),
)


@given(st.lists(FRAMES, max_size=6))
def test_rules_never_change_what_a_frame_resolved_to(frames: list[Frame]) -> None:
    """They say whose code it is and what folds: a rule that moved a frame would send a person to the wrong line."""
    event = Event(platform="native", stacktrace=Stacktrace(frames=tuple(frames)))
    stack = with_rules(event, Rules(tables=plugins.frame_rules)).stacktrace
    assert stack
    bare = [replace(one, in_app=None, data=None) for one in stack.frames]
    assert bare == [replace(one, in_app=None) for one in frames]
    assert all(old.in_app in (None, new.in_app) for old, new in zip(frames, stack.frames, strict=True))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rules]]\nid = 'x'\nmatch = { pth = 'y' }\nin_app = true", "pth"),
        ("[[rules]]\nid = 'x'\nmatch = { path = 7 }\nin_app = true", "path"),
        ("[[rules]]\nid = 'x'\nmatch = { path = 'y' }\nsystem = true", "in_app"),
    ],
)
def test_a_bad_table_costs_itself_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    """A plug-in's mistake must not take the other rules with it, nor stay unsaid."""
    table = RuleTable(tmp_path / "acme.toml", frozenset({"native"}))
    table.file.write_text(text)
    good = [one for one in plugins.rule_tables() if "native" in one.platforms]
    monkeypatch.setattr(plugins, "rule_tables", lambda: (table, *good))
    monkeypatch.setattr(plugins, "frame_rules", plugins.frame_rules.__wrapped__)
    assert plugins.frame_rules("native").is_system(Frame(package="/lib/libc.so.6"))
    (broken,) = plugins.broken()
    assert (broken.group, broken.name) == ("symbolicator.frame_rules", str(table.file))
    assert says in broken.why
