"""URLs and paths: maps are found, and files named, by them."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.urls import base_name, components, display_name, resolve


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
    ],
)
def test_references_are_resolved_as_browsers_do(base: str, reference: str, expected: str) -> None:
    """The map would be looked for in the wrong place."""
    assert resolve(base, reference) == expected


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
