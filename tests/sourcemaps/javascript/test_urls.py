"""URLs and paths: maps are found, and files named, by them."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.urls import base_name, components, display_name, is_below, is_same, resolve


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("https://cdn.example/js/app.js?v=3#x", "app.js.map", "https://cdn.example/js/app.js.map"),
        ("https://cdn.example/js/app.js", "../maps/app.js.map?x=1", "https://cdn.example/maps/app.js.map?x=1"),
        ("https://cdn.example/js/app.js", "/maps/a.map", "https://cdn.example/maps/a.map"),
        ("https://cdn.example/js/app.js", "//other.example/a.map", "https://other.example/a.map"),
        ("https://cdn.example", "a.map", "https://cdn.example/a.map"),
        ("https://cdn.example/a.js", "https://other.example/a.map", "https://other.example/a.map"),
        ("app:///index.bundle", "index.bundle.map", "app:///index.bundle.map"),
        ("file:///tmp/shop/dist/a.js", "../src/a.js", "file:///tmp/shop/src/a.js"),
        ("dist/app.js", "../src/a.js", "src/a.js"),
        ("app.js", "../src/a.js", "../src/a.js"),
        ("app.js", "app.js.map", "app.js.map"),
        ("/srv/app.js", "../../../a.map", "/a.map"),
        ("C:\\shop\\dist\\app.js", "..\\src\\a.js", "C:/shop/src/a.js"),
        ("dist/app.js", "C:\\src\\a.js", "C:\\src\\a.js"),
        ("dist/app.js", "webpack://shop/./src/a.js", "webpack://shop/./src/a.js"),
        ("dist/app.js?v=1", "", "dist/app.js"),
        ("dist/app.js", "?x", "dist/app.js?x"),
        ("", "", ""),
        ("", "a.js", "a.js"),
        ("~/static/app.js", "/maps/a.map", "~/maps/a.map"),
        ("~/static/app.js", "../../a.map", "~/a.map"),
        ("blob:https://shop.example/8f0c-11", "app.js.map", "https://shop.example/app.js.map"),
        ("webpack://shop/./src/a.js", "b.js", "webpack://shop/src/b.js"),
        ("webpack:///./src/a.js", "../b.js", "webpack:///b.js"),
    ],
)
def test_references_are_resolved_as_browsers_do(base: str, reference: str, expected: str) -> None:
    """The map would be looked for in the wrong place."""
    assert resolve(base, reference) == expected


@pytest.mark.parametrize(
    ("wanted", "found", "same", "below"),
    [
        ("dist/app.js", "dist/./x/../app.js", True, True),
        ("dist/app.js", "shop/dist/app.js", False, True),
        ("dist/app.js", "app.js", False, False),
        ("app.js", "dist/app.js", False, False),
        ("app.js", "app.js?v=1", True, True),
        ("../dist/app.js", "dist/app.js", True, True),
        ("dist/my%20app.js", "dist/my app.js", True, True),
        ("dist\\app.js", "dist/app.js", True, True),
        ("https://shop.example/dist/app.js", "~/dist/app.js", False, True),
        ("https://shop.example/dist/app.js", "https://cdn.example/dist/app.js", False, True),
        ("https://shop.example/dist/app.js", "dist/app.js", False, True),
        ("webpack://shop/./src/a.js", "src/a.js", False, True),
        ("", "", True, True),
        ("", "a", False, False),
    ],
)
def test_names_of_one_file(wanted: str, found: str, *, same: bool, below: bool) -> None:
    """A store answers with what fits best; whether it is the very file decides if a chain of maps goes on."""
    assert is_same(wanted, found) == same
    assert is_below(wanted, found) == below


PATHS = st.lists(st.sampled_from(["a", "b.js", ".", "..", "c d"]), min_size=1, max_size=6).map("/".join)


@given(base=PATHS, reference=PATHS, slash=st.sampled_from(["", "/"]))
def test_http_urls_resolve_as_in_the_standard_library(base: str, reference: str, slash: str) -> None:
    """One implementation of RFC 3986 is enough to be wrong; two rarely are in the same way."""
    url = f"https://cdn.example/{base}/x.js"
    assert resolve(url, slash + reference) == urljoin(url, slash + reference)


@given(base=st.text(max_size=40), reference=st.text(max_size=40))
def test_any_text_can_be_resolved(base: str, reference: str) -> None:
    """A strange name in a map would lose the event."""
    resolve(base, reference)
    display_name(base)
    base_name(base)
    components(base)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("webpack://shop/./src/cart.js", "src/cart.js"),
        ("webpack://@acme/shop/./src/cart.js?a1b2", "src/cart.js"),
        ("webpack:///./src/cart.js", "src/cart.js"),
        ("webpack:///src/cart.js", "src/cart.js"),
        ("webpack://_N_E/../../lib/x.ts", "lib/x.ts"),
        ("webpack:///./~/lodash/index.js", "node_modules/lodash/index.js"),
        ("webpack://shop/webpack/bootstrap", "webpack/bootstrap"),
        ("webpack-internal:///(app-pages-browser)/./src/a.js", "src/a.js"),
        ("turbopack:///[project]/src/a.tsx", "src/a.tsx"),
        ("app:///src/a.js", "src/a.js"),
        ("file:///home/ada/src/a.ts", "/home/ada/src/a.ts"),
        ("file:///C:/src/a.ts", "C:/src/a.ts"),
        ("https://cdn.example/src/a.js?x#y", "src/a.js"),
        ("../src/a.js", "src/a.js"),
        ("./../../src/a.js", "src/a.js"),
        ("src/../lib/a.js", "lib/a.js"),
        ("..\\src\\a.js", "src/a.js"),
        ("/home/ada/src/a.js", "/home/ada/src/a.js"),
        ("App.vue?vue&type=script", "App.vue"),
        ("\0vite/preload-helper.js", "vite/preload-helper.js"),
        ("", ""),
        ("..", ".."),
    ],
)
def test_sources_are_named_as_their_authors_name_them(source: str, expected: str) -> None:
    """People look for ``src/cart.js``, not for what a bundler made of it."""
    assert display_name(source) == expected
