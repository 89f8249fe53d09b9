"""Matching of names: what a user calls a file and what it is called where it lies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolicator.store.names import MAX_CANDIDATES, NameIndex, file_name, match, storable
from symbolicator.store.near_misses import MAX_SHOWN, near_misses


@pytest.mark.parametrize(
    ("wanted", "known", "expected"),
    [
        ("https://a.example/x.js", ["https://a.example/x.js", "~/x.js"], "https://a.example/x.js"),
        ("https://a.example/x.js?v=3#top", ["https://a.example/x.js", "~/x.js"], "https://a.example/x.js"),
        ("https://a.example/s/x.js", ["~/s/x.js", "dist/s/x.js"], "~/s/x.js"),
        ("https://a.example/s/x.js?v=1", ["~/s/x.js"], "~/s/x.js"),
        ("https://a.example/s/x.js", ["https://b.example/s/x.js", "~/s/x.js"], "~/s/x.js"),
        ("https://a.example/s/x.js", ["https://b.example/s/x.js"], "https://b.example/s/x.js"),
        ("~/s/x.js", ["https://b.example/s/x.js"], "https://b.example/s/x.js"),
        ("https://a.example/static/x.js", ["dist/static/x.js", "dist/admin/x.js"], "dist/static/x.js"),
        ("https://a.example/static/x.js", ["static/x.js", "old/static/x.js"], None),
        ("https://a.example/x.js", ["dist/x.js"], "dist/x.js"),
        ("https://a.example/x.js", ["dist/X.js"], None),
        ("https://a.example/x.js", ["dist/xx.js"], None),
        (r"C:\build\out\app.js", ["out/app.js", "in/app.js"], "out/app.js"),
        ("C:/build/app.js", [r"D:\build\app.js"], r"D:\build\app.js"),
        ("/srv/my%20app/x.js", ["my app/x.js", "app/x.js"], "my app/x.js"),
        ("app:///index.android.bundle", ["dist/index.android.bundle"], "dist/index.android.bundle"),
        ("webpack://shop/./src/../lib/a.ts?1f", ["lib/a.ts", "src/a.ts"], "lib/a.ts"),
        ("file:///C:/x/y.js", ["x/y.js"], "x/y.js"),
        ("blob:https://a.example/x.js", ["x.js"], "x.js"),
        ("src/C#/main.cs", ["C#/main.cs", "C/main.cs"], "C#/main.cs"),
        ("../../x.js", ["x.js"], "x.js"),
        ("https://a.example/", ["x.js", ""], None),
        ("", ["x.js"], None),
        ("x.js", [], None),
        ("x.js", ["x.js", "x.js"], "x.js"),
    ],
)
def test_the_first_rule_that_fits_decides(wanted: str, known: list[str], expected: str | None) -> None:
    """A deployed bundle is found under the name that the build gave it, and two equally good names are no answer."""
    assert match(wanted, known) == expected


NAMES = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "~/", "https://a.example/", "C:\\", "/", "webpack:///./"]),
        st.lists(st.sampled_from(["a", "b", "c%20", "..", "x.js"]), max_size=4).map("/".join),
        st.sampled_from(["", "?v=1", "#f"]),
    ),
    max_size=12,
)


def _plainly(wanted: str, known: list[str]) -> set[str]:
    """The suffix rule without an index: how many components are in common, counted one by one."""

    def parts(name: str) -> list[str]:
        path = name.partition("?")[0].partition("#")[0]
        path = path.partition("://")[2].partition("/")[2] if "://" in path else path.removeprefix("~/")
        kept: list[str] = []
        for part in path.replace("\\", "/").replace("%20", " ").split("/"):
            if part == "..":
                kept = kept[:-1]
            elif part not in ("", "."):
                kept.append(part)
        return kept[::-1]

    def common(name: str) -> int:
        pairs = list(zip(parts(wanted), parts(name), strict=False))
        return next((at for at, (one, other) in enumerate(pairs) if one != other), len(pairs))

    best = max((common(name) for name in known), default=0)
    return {name for name in known if common(name) == best} if best else set()


@given(wanted=NAMES.map(lambda names: "".join(names[:1])), known=NAMES)
def test_the_index_finds_what_a_plain_search_finds(wanted: str, known: list[str]) -> None:
    """The sorted index must not lose or invent a candidate: that would be a wrong or a missing source map."""
    found = {name for name, _ in NameIndex((name, name) for name in known).find(wanted)}
    assert found <= set(known)
    if wanted in known:
        assert found == {wanted}
    elif not any(
        name.partition("?")[0].partition("#")[0] == wanted.partition("?")[0].partition("#")[0] for name in known
    ):
        plain = _plainly(wanted, known)
        assert found <= plain
        assert bool(found) == bool(plain)


@given(st.text(), st.lists(st.text(), max_size=20))
@settings(max_examples=200)
def test_no_name_can_break_the_matching(wanted: str, known: list[str]) -> None:
    """Names come from crash reports: whatever is in them, the answer is a known name or none."""
    assert match(wanted, known) in {None, *known}
    assert {miss.name for miss in near_misses(wanted, known)} <= set(known)
    storable(wanted).encode()


def test_many_equal_file_names_are_told_apart_in_one_pass() -> None:
    """Ten thousand ``index.js`` asked for ten thousand times must not take minutes."""
    known = [f"packages/p{number}/src/index.js" for number in range(10_000)]
    index = NameIndex((name, name) for name in known)
    for number in range(10_000):
        assert index.find(f"https://a.example/packages/p{number}/src/index.js")[0][0] == known[number]
    assert len(index.find("index.js")) == MAX_CANDIDATES + 1


@pytest.mark.parametrize(
    "hostile", ["a" * 100_000, "data:application/json;base64," + "A" * 50_000, "/" * 9_000, "%" * 300, "\0", "\ud800"]
)
def test_hostile_names_fit_nothing(hostile: str) -> None:
    """A name of a megabyte, a NUL or a lone surrogate is simply not found."""
    assert match(hostile, ["x.js", "dist/app.js"]) is None
    assert near_misses(hostile, ["x.js", "dist/app.js"]) == ()


def test_undecodable_bytes_of_a_file_name_are_percent_encoded() -> None:
    """A file whose name is no UTF-8 can be shown, stored and found."""
    name = b"caf\xe9.js".decode("utf-8", "surrogateescape")
    assert storable(name) == "caf%E9.js"
    assert match("https://a.example/caf%E9.js", [storable(name)]) == "caf%E9.js"


def test_file_name_is_the_last_component() -> None:
    """The index of the store asks by it: it must agree with the matching."""
    assert file_name("https://a.example/s/my%20app.js?v=1") == "my app.js"
    assert file_name("https://a.example/") == ""


@pytest.mark.parametrize(
    ("wanted", "known", "note"),
    [
        ("https://a.example/app.3f9c.js", "dist/app.81aa.js", "same name, another hash"),
        ("https://a.example/app.3f9c.js", "dist/app.js", "same name without the hash"),
        ("https://a.example/app.js", "dist/app.3f9c.js", "same name with a hash"),
        ("https://a.example/app.js", "dist/App.js", "differs in upper and lower case only"),
        ("https://a.example/checkout.js", "dist/checkuot.js", "91% alike"),
        ("https://a.example/app.js", "other/app.js", "same file name in another folder"),
    ],
)
def test_near_misses_say_what_differs(wanted: str, known: str, note: str) -> None:
    """The user sees at a glance why the file beside it was not used."""
    [miss] = near_misses(wanted, [known, "entirely-else.wasm"])
    assert (miss.name, miss.note) == (known, note)


def test_near_misses_are_few_and_the_best_come_first() -> None:
    """A folder of a thousand chunks must not be listed."""
    known = [f"dist/chunk-{number}.js" for number in range(1_000)] + ["dist/chunk-12a.js"]
    shown = near_misses("https://a.example/chunk-12b.js", known)
    assert len(shown) == MAX_SHOWN
