"""Names of functions recovered from the generated file: from ``names``, from the original text, or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sourcemaps.backends.generated_functions import TreeFunctions
from sourcemaps.javascript.minified_names import recovered_names
from sourcemaps.protocol import SourceIndex

ROOT = Path(__file__).parents[3]
BUNDLES: dict[str, dict[tuple[int, int], str | None]] = {
    "js-webpack/dist/app.3f9c.min.js": {
        (0, 40): "emit",
        (0, 290): "new OrderDesk",
        (0, 325): "OrderDesk.reserveLine",
        (0, 625): "OrderDesk.place",
        (0, 345): None,
    },
    "js-esbuild/dist/shop.min.js": {
        (0, 130): "findPrice",
        (0, 346): "<instance_members_initializer>",
        (0, 362): "new Cart",
        (0, 430): "Cart.price",
        (0, 672): "get name",
        (0, 825): "settle",
    },
}
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def without_names(mappings: str) -> str:
    """Cuts every segment behind its fourth number, as Turbopack ships them."""
    return ";".join(",".join(map(four_numbers, line.split(","))) for line in mappings.split(";"))


def four_numbers(segment: str) -> str:
    ends = [at for at, digit in enumerate(segment) if not DIGITS.index(digit) & 32]
    return segment[: ends[3] + 1] if len(ends) > 3 else segment


@pytest.mark.parametrize("with_names", [True, False], ids=["names", "no names"])
@pytest.mark.parametrize("bundle", BUNDLES)
def test_functions_have_their_original_names(
    load_map: Callable[..., SourceIndex], bundle: str, *, with_names: bool
) -> None:
    """People know their functions by the names that they gave them, not by the minifier's."""
    path = ROOT / "fixtures" / bundle
    fields = json.loads(path.with_name(path.name + ".map").read_bytes())
    if not with_names:
        fields |= {"names": [], "mappings": without_names(fields["mappings"])}
    expected = BUNDLES[bundle]
    names = recovered_names(TreeFunctions(path.read_bytes()), load_map(**fields), list(expected))
    assert dict(zip(expected, names, strict=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("function a(){▮}", None),
        ("a.b=function(){▮}", "b"),
        ("a.prototype.b=function(){▮}", "b"),
        ("x({b(){▮}})", "b"),
        ("class a{b(){▮}}", "b"),
        ("class a{constructor(){▮}}", None),
        ("class a{get b(){▮}}", "get b"),
        ("class a{'x-y'(){▮}}", "x-y"),
        ("class a{static{▮}}", "<static_initializer>"),
        ("x(()=>{▮})", None),
        ("▮x()", None),
    ],
)
def test_a_minified_variable_is_never_shown_as_a_name(
    load_map: Callable[..., SourceIndex], text: str, expected: str | None
) -> None:
    """A name of one letter that means nothing looks like an answer and is none."""
    column0 = text.index("▮")
    functions = TreeFunctions(text.replace("▮", "").encode())
    assert recovered_names(functions, load_map(), [(0, column0)]) == [expected]


def test_what_stands_in_front_of_a_name_is_no_name(load_map: Callable[..., SourceIndex]) -> None:
    """Some maps point at ``async`` or ``export`` where the function begins."""
    index = load_map(sources=["a.js"], sourcesContent=["export function f(){}"], mappings="AAAA,SAAA")
    assert recovered_names(TreeFunctions(b"function a(){}"), index, [(0, 12)]) == [None]
