"""React's error codes: the message of the development build, whatever stands in the URL, and nothing made up."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.react_errors import decode as decoding
from sourcemaps.javascript.react_errors.alignment import align
from sourcemaps.javascript.react_errors.builds import Code, codes, collection, messages
from sourcemaps.javascript.react_errors.decode import MISSING_ARGUMENT, decode, parse_version
from sourcemaps.javascript.react_errors.transformer import TRANSFORMER, react_version
from sourcemaps.javascript.reader import READER
from sourcemaps.javascript.transformer import TRANSFORMER as JAVASCRIPT
from symbolicator import codec, pipeline
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.render import Options, render
from symbolicator.render.lines import plain

CASES = json.loads((Path(__file__).parent / "data" / "react_errors.json").read_text())
TAIL = " for the full message or use the non-minified dev environment for full errors and additional helpful warnings."
NO_CHILD = "React.Children.only expected to receive a single React element child."


def minified(code: int, *arguments: str, base: str = "https://react.dev/errors/{}") -> str:
    mark = "&" if "?" in base else "?"
    query = "&".join(f"args[]={argument}" for argument in arguments)
    return f"Minified React error #{code}; visit {base.format(code)}{mark if query else ''}{query}{TAIL}"


def event(*values: str, **fields: Any) -> Event:
    exceptions = tuple(ExceptionValue(type="Error", value=value) for value in values)
    return Event(platform="javascript", exception=Values(values=exceptions), **fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['version']}-{case['mistake']}")
def test_real_production_builds_say_what_development_builds_say(case: dict[str, str]) -> None:
    """The oracle is React itself; its development build may add a component stack and hints below the message."""
    decoded = decode(case["minified"], parse_version(case["version"]))
    assert MISSING_ARGUMENT not in decoded
    assert case["full"].startswith(decoded.rstrip())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['version']}-{case['mistake']}")
def test_the_url_alone_tells_the_wording_of_the_newest_that_writes_it(case: dict[str, str]) -> None:
    """Most reports do not say which React it was: the last wording that fits the URL is the best guess."""
    last = {"16": "18.3.1", "17": "18.3.1", "18": "18.3.1", "19": "99.0.0"}[case["version"][:2]]
    assert decode(case["minified"]) == decode(case["minified"], parse_version(last))


def test_the_wording_is_the_versions() -> None:
    """A hydration error of React 18 is another than that of 19: what helps there does not help here."""
    text = minified(418, "HTML", "")
    assert decode(text, (18, 2)).startswith("Hydration failed because the initial UI does not match")
    assert decode(text, (19, 0)).startswith("Hydration failed because the server rendered HTML didn't match")
    old = minified(418, base="https://reactjs.org/docs/error-decoder.html?invariant={}")
    assert decode(old) == decode(old, (18, 0))


def test_a_code_that_nobody_knows_stays_as_it_is() -> None:
    """A newer React than the table: the number and its URL are all there is."""
    text = minified(9998, "x")
    assert decode(text) == text


def test_text_around_a_code_stays() -> None:
    """React prints errors inside of errors, and reporters put words in front."""
    text = f"Uncaught Error: {minified(143)} Then {minified(9998)} and {minified(143)}"
    assert decode(text) == f"Uncaught Error: {NO_CHILD} Then {minified(9998)} and {NO_CHILD}"


@pytest.mark.parametrize(
    "text",
    [
        "Minified React error #143",
        "Minified React error #143; visit https://react.dev/errors/143",
        "Minified React error #143; visit https://react.dev/errors/143 for the full message",
        minified(143) + " ",
    ],
)
def test_a_text_that_was_cut_off_is_decoded_too(text: str) -> None:
    """Reporters cut long values."""
    assert decode(text) == NO_CHILD


def test_arguments_are_unescaped_and_put_in_their_places() -> None:
    """They are what the user needs most: which prop, which component."""
    assert decode(minified(31, "object%20with%20keys%20%7Ba%26b%7D")).startswith(
        "Objects are not valid as a React child (found: object with keys {a&b})."
    )
    assert decode(minified(31).replace("/31", "/31?args%5B%5D=x", 1)).startswith(
        "Objects are not valid as a React child (found: x)."
    )


def test_missing_and_surplus_arguments_do_no_harm() -> None:
    """A cut URL has too few, a forged one too many."""
    assert f"(found: {MISSING_ARGUMENT})" in decode(minified(31))
    assert decode(minified(143, *["x"] * 1000)) == NO_CHILD


def test_an_argument_is_no_format() -> None:
    """A prop named %s would take the next argument's place."""
    assert "(found: %s%d{0})" in decode(minified(31, "%25s%25d{0}", "second"))


def test_long_arguments_are_cut() -> None:
    """A value of megabytes fills the trace."""
    assert len(decode(minified(31, "x" * 40_000))) < 3_000


@given(st.integers(0, 99_999), st.lists(st.text(max_size=20), max_size=20), st.text(max_size=50))
def test_any_arguments_end_in_text(code: int, arguments: list[str], around: str) -> None:
    """Whatever stands in a report, it is shown."""
    text = around + minified(code, *arguments) + around
    assert isinstance(decode(text), str)
    assert len(decode(text)) < 100_000


def test_a_text_full_of_codes_ends_soon() -> None:
    """Megabytes of marks must not multiply into gigabytes of messages."""
    assert len(decode("Minified React error #321 " * 100_000)) < 3_000_000


def test_the_table_is_whole() -> None:
    """A damaged table would show only when the code is thrown."""
    table = decoding._table()
    assert len(table) > 590
    for wordings in table.values():
        since = [parse_version(version) for version in wordings]
        assert since[0] is None
        assert all(since[1:])
        assert all(text.strip() for text in wordings.values())


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"extra": {"modules": {"react": "^17.0.2", "react-dom": "18.2.0"}}}, (18, 2)),
        ({"extra": {"modules": {"react": "17.0.2"}}}, (17, 0)),
        ({"contexts": {"react": {"version": "19.1.0-canary"}}}, (19, 1)),
        ({"extra": {"modules": ["react"]}, "contexts": {"react": "19"}}, None),
        ({"extra": {"modules": {"react": 18}}}, None),
        ({}, None),
    ],
)
def test_the_events_own_word_on_the_version_counts(fields: dict[str, Any], version: Any) -> None:
    """SDKs report which React it was."""
    assert react_version(event("x", **fields)) == version


@pytest.mark.parametrize(
    ("paths", "version"),
    [
        (["https://unpkg.com/react-dom@17.0.2/umd/react-dom.production.min.js"], (17, 0)),
        (["/node_modules/.pnpm/react-dom@18.2.0_react@18.2.0/node_modules/react-dom/index.js"], (18, 2)),
        (["/react@17.0.2/index.js", "/react-dom@18.2.0/index.js"], None),
        (["/preact@10.1.0/index.js"], None),
    ],
)
def test_a_path_tells_the_version_if_all_agree(paths: list[str], version: Any) -> None:
    """CDNs and pnpm write it into every path."""
    stack = Stacktrace(frames=tuple(Frame(abs_path=path) for path in paths))
    value = ExceptionValue(value="x", stacktrace=stack)
    assert react_version(Event(exception=Values(values=(value,)))) == version


def test_every_exception_is_decoded_and_none_is_lost() -> None:
    """Causes and the errors of an AggregateError have codes of their own; the original text can still be searched."""
    before = event(minified(143), "plain #1", minified(31, "x"))
    after = TRANSFORMER.transform(before, {})
    values = [exception.value or "" for exception in after.exceptions]
    assert values[:2] == [NO_CHILD, "plain #1"]
    assert values[2].startswith("Objects are not valid")
    assert [exception.raw_value for exception in after.exceptions] == [minified(143), None, minified(31, "x")]
    assert codec.decode(codec.encode(after)) == after
    assert TRANSFORMER.transform(after, {}) == after


def test_an_event_without_codes_is_the_same_event() -> None:
    """Every event of every language passes here."""
    for before in (Event(), event("x"), event("issue #1")):
        assert TRANSFORMER.transform(before, {}) is before
        assert not TRANSFORMER.needs(before, {})


class NoStore:
    def fetch(self, keys: frozenset[Key]) -> dict[Key, Artifact | Missing]:
        return {}


def test_the_trace_shows_the_whole_message() -> None:
    """From the text of a console to what the developer reads, title included."""
    text = f"Error: {minified(418, 'HTML', '')}\n    at throwOnHydrationMismatch (https://shop.example/app.js:1:985)\n"
    resolved = pipeline.resolve(READER.read(text.encode()), [JAVASCRIPT, TRANSFORMER], NoStore())
    first = next(iter(plain(render(resolved, Options()))))
    assert first.startswith("Error: Hydration failed because the server rendered HTML didn't match the client.")
    assert (resolved.title or "").startswith("Error: Hydration failed")


def test_builds_are_read_as_react_writes_them() -> None:
    """The table is as good as what the recipe sees in the builds."""
    development = """
      invariant(false, 'No %s: %s', a, b);
      throw new Error("It's " + (x || 'y') + " here.\\n" + z);
      console.error("no error"); throw Error(message);
    """
    production = """
      function u(a){return "https://reactjs.org/docs/error-decoder.html?invariant="+a}
      throw Error(u(31,a,b)); throw u(Error(7),a); u("143"); other(9);
    """
    assert messages(development) == ["No %s: %s", "It's %s here.\n%s"]
    assert codes(production) == [Code(31, 2), Code(7, 1), Code(143, 0)]
    assert collection("x = {'1': 'a', \"22\": \"b\", c: 'd'}") == {1: "a", 22: "b"}


def test_codes_and_messages_are_aligned_by_wording_likeness_and_place() -> None:
    """A code with another code's message misleads more than a number does."""
    first, last = "The first message of all.", "The last message of all."
    new = "Cannot update action state while rendering."
    bundle = ([first, "Never heard of before.", new, last], [Code(1, 0), Code(2, 0), Code(3, 0), Code(4, 0)])
    seen = {3: ["Cannot update form state while rendering."], 4: [last]}
    assert align([bundle], seen, {1: first}) == {1: first, 2: "Never heard of before.", 3: new, 4: last}
    two = ([first, "Unknown A.", "Unknown B.", last], [Code(1, 0), Code(2, 0), Code(5, 0), Code(4, 0)])
    assert align([two], seen, {1: first}) == {1: first, 4: last}
    wrong_count = ([first, "Has %s in it.", last], [Code(1, 0), Code(2, 0), Code(4, 0)])
    assert align([wrong_count], seen, {1: first}) == {1: first, 4: last}
    nearly = ([first, f"createRoot(...): {first}"], [Code(1, 0), Code(6, 0)])
    assert align([nearly], {1: [first]}, {6: first}) == {1: first, 6: f"createRoot(...): {first}"}
    shared = ([first], [Code(1, 0), Code(6, 0)])
    assert align([shared], {1: [first]}, {6: first}) == {1: first, 6: first}
