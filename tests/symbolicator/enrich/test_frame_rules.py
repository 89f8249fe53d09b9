"""Rules that somebody wrote for their own code."""

import pytest

from symbolicator.enrich import Rules, with_rules
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Frame, Stacktrace, Thread, Values
from symbolicator.model.frame_rules import FrameRule, Matcher
from symbolicator.model.rule_set import RuleSet
from symbolicator.model.tables import MAX_PATTERN, MAX_RULES, parse_rules

VENDORED = 'id = "vendored"\nmatch = { path = "*/third_party/*" }\nin_app = false'
RULES = f"""
[[rules]]
{VENDORED}

[[rules]]
id = "our fork"
match = {{ path = "*/third_party/ours/*", family = "native" }}
in_app = true

[[rules]]
id = "loop"
match = {{ function = "shop::loop::*" }}
caller = {{ function = "main" }}
fold = "event loop"
"""


def ruled(*frames: Frame, rules: str = RULES) -> tuple[Frame, ...]:
    event = Event(platform="native", threads=Values(values=(Thread(stacktrace=Stacktrace(frames=frames)),)))
    asked = Rules(RuleSet(parse_rules(rules)))
    event = with_rules(event, asked)
    assert with_rules(event, asked) == event, "ruling twice must change nothing"
    (thread,) = event.thread_list
    assert thread.stacktrace
    return thread.stacktrace.frames


def at(path: str | None = None, function: str | None = None, *, in_app: bool | None = True) -> Frame:
    return Frame(abs_path=path, function=function, in_app=in_app)


def test_a_rule_says_whose_code_a_frame_is_and_what_was_said_before_stays() -> None:
    """Whoever wonders why their frame is hidden must find the rule, and what would be without it."""
    (frame,) = ruled(at("C:\\build\\third_party\\json\\a.cpp"))
    assert frame.in_app is False
    assert frame.data
    assert (frame.data.in_app_rule, frame.data.orig_in_app) == ("vendored", 1)


@pytest.mark.parametrize(("before", "written"), [(True, 1), (False, 0), (None, -1)])
def test_what_was_said_before_is_written_as_sentry_does(before: bool | None, written: int) -> None:  # noqa: FBT001 - a table's column
    """Another spelling would be read by nobody."""
    (frame,) = ruled(at("/b/third_party/x.c", in_app=before))
    assert frame.data
    assert frame.data.orig_in_app == written


def test_of_several_rules_the_last_one_counts() -> None:
    """An exception to a rule stands below it."""
    (frame,) = ruled(at("/b/third_party/ours/x.c", in_app=False))
    assert frame.in_app is True


def test_a_frame_that_no_rule_means_stays_as_it_is() -> None:
    """Rules must not touch what they do not name."""
    frames = (at("/b/src/x.c"), at(None, None), at(None, "shop::loop::run"))
    assert ruled(*frames) == frames


def test_a_rule_can_ask_for_the_caller() -> None:
    """The loop folds where it is the program's main loop, and nowhere else."""
    folded, kept = ruled(at(function="main"), at(function="shop::loop::run"), at(function="shop::loop::run"))[1:]
    assert folded.data
    assert folded.data.machinery == "event loop"
    assert kept.data is None


def test_a_rule_can_ask_for_the_callee() -> None:
    """What leads to a known library is as uninteresting as that."""
    rules = '[[rules]]\nid = "x"\nmatch = {function = "wrap*"}\ncallee = {package = "*/libz.so*"}\nin_app = false'
    wrapped, _, other = ruled(
        at(function="wrapped"), Frame(package="/lib/libz.so.1"), at(function="wrapped"), rules=rules
    )
    assert (wrapped.in_app, other.in_app) == (False, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rules", "cannot be read"),
        ('[[rules]]\nid = "x"\nmatch = { pth = "y" }\nin_app = true', "pth"),
        ('[[rules]]\nid = "x"\nmatch = {}\nin_app = true', "every frame"),
        ('[[rules]]\nid = "x"\nmatch = { path = "y" }', "in_app or fold"),
        (f'[[rules]]\nid = "x"\nmatch = {{ path = "{"y" * (MAX_PATTERN + 1)}" }}\nin_app = true', "Shorten"),
        (f"[[rules]]\n{VENDORED}\n" * (MAX_RULES + 1), "limit"),
    ],
    ids=["no TOML", "misspelt", "matches all", "says nothing", "long", "many"],
)
def test_a_wrong_file_says_what_is_wrong(text: str, says: str) -> None:
    """A rule that is passed over in silence looks as if it did not work."""
    with pytest.raises(UnreadableInput, match=says):
        parse_rules(text)


def test_hostile_patterns_end() -> None:
    """A pattern of many stars against a long name would take for ever."""
    rule = FrameRule(id="x", match=Matcher(function="*a" * 200 + "b"), in_app=True)
    frame = Frame(function="a" * 100_000)
    event = Event(threads=Values(values=(Thread(stacktrace=Stacktrace(frames=(frame,))),)))
    assert with_rules(event, Rules(RuleSet([rule]))) == event
