"""Names of functions in original sources: V8 itself is the witness for what they should be."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcemaps.javascript import function_names
from sourcemaps.javascript.function_names import Enclosing
from sourcemaps.javascript.syntax import Budget

DATA = Path(__file__).parent / "data"
RECORDS = json.loads((DATA / "v8_names.json").read_text())
EXCEPTIONS = {"new Old": "Old"}
"""A function called with ``new``: the frame says so, its text does not."""


def enclosing_functions(text: str, source: str, positions: list[tuple[int, int]]) -> list[Enclosing | None]:
    """With the budget of an event."""
    return function_names.enclosing_functions(text, source, positions, Budget())


def spelled_as_written(v8: str | None) -> str:
    """V8's name without what depends on the run: ``async``, an alias, and the receiver of a bare name."""
    name = re.sub(r"^async | \[as [^\]]*\]$", "", v8 or "<anonymous>")
    return re.sub(r"^(?:Object|Module)\.", "", name)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record[0]}:{record[2]}:{record[3]}")
def test_a_function_is_named_as_v8_names_it(record: tuple[str, str | None, int, int]) -> None:
    """People search their code for the name that they see."""
    file, v8, line1, column1 = record
    [found] = enclosing_functions((DATA / file).read_text(), file, [(line1 - 1, column1 - 1)])
    assert found is not None
    assert found.function == EXCEPTIONS.get(v8 or "", spelled_as_written(v8))


def name_at_mark(text: str, source: str = "a.tsx") -> Enclosing | None:
    """The function around ``▮``."""
    line0 = text[: text.index("▮")].count("\n")
    column0 = text.index("▮") - (text.rfind("\n", 0, text.index("▮")) + 1)
    [found] = enclosing_functions(text.replace("▮", ""), source, [(line0, column0)])
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const total = (() => ▮x) as Total;", "total"),
        ("const total = (() => ▮x) satisfies Total;", "total"),
        ("class Cart<T> { private total = (): number => ▮1; }", "Cart.total"),
        ("abstract class Cart { protected async total(): Promise<void> { ▮x } }", "Cart.total"),
        ("export class Cart { @memo() total() { ▮x } }", "Cart.total"),
        ("function total(this: Cart, a?: number): asserts a { ▮x }", "total"),
        ("<Button onClick={() => ▮x} />", "onClick"),
        ("enum Size { S } namespace Shop { export function open() { ▮x } }", "open"),
        ("export default () => ▮x", "default"),
        ("export default class { total() { ▮x } }", "default.total"),
        ("export const total = () => ▮x", "total"),
        ("useEffect(() => { ▮x })", "<anonymous>"),
        ("const run = useCallback(() => { ▮x })", "<anonymous>"),
        ("class A { static { ▮x } }", "<static_initializer>"),
        ("foo().bar = () => ▮x", "bar"),
        ("this.bar = () => ▮x", "bar"),
        ("a[b] = () => ▮x", "a.<computed>"),
        ("({ [a]: () => ▮x })", "[a]"),
        ("const { a } = () => ▮x", "<anonymous>"),
        ("const a = b => c => ▮x", "<anonymous>"),
        ("const = ; function total() { ▮x }", "total"),
        ("function total() { if (▮x { } }", "total"),
        ("▮x", "<anonymous>"),
    ],
)
def test_typescript_jsx_and_broken_code_are_read(text: str, expected: str) -> None:
    """Most originals are TypeScript; and a file that does not parse still has functions."""
    found = name_at_mark(text)
    assert found is not None
    assert found.function == expected


def test_plain_typescript_knows_the_old_casts() -> None:
    """In TSX they are elements, and the rest of the file would be nonsense."""
    found = name_at_mark("const a = <any>b; const total = <Total>(() => ▮x);", "src/a.ts?x")
    assert found is not None
    assert found.function == "total"


def test_a_class_without_constructor_is_remembered() -> None:
    """V8 places its frames at the class; the name is ``new Cart``."""
    assert name_at_mark("▮class Cart extends Base { total() {} }") == Enclosing("<anonymous>", "Cart")


NEWER_TYPES = """\
interface Box<in out T, out E = never> { value: T }
export const fold: {
  (n: number): <A>(a: A) => Iterable<A>
  /** Data first. */
  <A extends Box<A>>(a: A, n: number): Iterable<A>
} = dual(2, (a, n) => {
  const total = () => ▮sum(a)
})
"""


def test_newer_types_do_not_hide_functions() -> None:
    """Variance and call signatures without semicolons stop the grammar, and the function went missing."""
    found = name_at_mark(NEWER_TYPES, "a.ts")
    assert found is not None
    assert found.function == "total"


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        (
            "<template><b/></template>\n<script>\nexport default { methods: { total() { ▮x } } }\n</script>",
            "A.vue",
            "total",
        ),
        ("<script setup lang='ts'>\nconst total = (a: <T>(b: T) => T) => ▮x\n</script>\n<template/>", "A.vue", "total"),
        ("<script>function a() {}</script><script>function b() { ▮x }</script>", "A.svelte?x=1", "b"),
        ("<style>/* <script> */</style><script>const total = () => ▮x</script>", "A.svelte", "total"),
        ("---\nconst total = (a: number) => ▮x;\n---\n<b/>", "A.astro", "total"),
        ("function total() { ▮x }", "webpack:///src/A.vue?vue&type=script&lang=js", "total"),
    ],
)
def test_scripts_of_components_are_read(text: str, source: str, expected: str) -> None:
    """The map of a component refers to the whole file."""
    found = name_at_mark(text, source)
    assert found is not None
    assert found.function == expected


def test_templates_of_components_are_not_read_as_code() -> None:
    """Markup is no JavaScript, and the script beside it is not around it."""
    assert name_at_mark("<template>{{ f(▮x) }}</template><script>function f() {}</script>", "A.vue") is None


@pytest.mark.parametrize("filler", ["run(1, 2, 3);\n", "const s = `\nfunction wrong() {\n`;\n", "let = ((;\n"])
def test_functions_in_huge_sources_are_named(filler: str) -> None:
    """A compiler in one file of nine megabytes, or an error far away, must not take the name."""
    text = f"class Cart {{\n  total() {{\n    return ▮sum();\n  }}\n}}\n{filler * (3_000_000 // len(filler))}"
    found = name_at_mark(text, "typescript.js")
    assert found is not None
    assert found.function == "Cart.total"


def test_statements_inside_a_function_do_not_stand_for_it() -> None:
    """Code that is not indented looks like statements of its own."""
    text = "function total() {\nrun(▮x);\nend();\n}\n" + "run(1, 2, 3);\n" * 10_000
    found = name_at_mark(text, "a.js")
    assert found is not None
    assert found.function == "total"


def test_columns_count_utf16_units() -> None:
    """Behind emoji the function beside would be named."""
    text = "const s = '😀😀😀'; const f = () => g(), h = () => k();"
    at = text.index("g()") + 3
    assert enclosing_functions(text, "a.js", [(0, at)]) == [Enclosing("f")]


@pytest.mark.parametrize("source", ["app.dart", "src/core.cljs", "style.css", "App.vue", "main.py", "a.js.html"])
def test_other_languages_are_left_to_other_evidence(source: str) -> None:
    """A JavaScript grammar would find functions in anything."""
    assert enclosing_functions("function total() { x }", source, [(0, 20)]) == [None]


@pytest.mark.parametrize("source", ["a.js", "webpack:///./src/a.jsx?1234", "src/index", "a.mts", "A.ES6"])
def test_javascript_and_typescript_are_read(source: str) -> None:
    """Sources come under all these names."""
    [found] = enclosing_functions("function total() { x }", source, [(0, 20)])
    assert found == Enclosing("total")


def test_positions_past_the_end_have_no_function() -> None:
    """A map of another build may point anywhere."""
    assert enclosing_functions("f()", "a.js", [(7, 0)]) == [None]
    assert enclosing_functions("f()", "a.js", [(0, 4711), (0, 3)]) == [Enclosing("<anonymous>")] * 2


@pytest.mark.parametrize(
    "hostile",
    [
        "(",
        "[",
        "{",
        "`${",
        "<a>",
        "a?",
        "()=>",
        "function f(){",
        "a<b,(",
        "'",
        "type A=",
        "class A{b=",
        "this.a=function(){",
    ],
)
def test_hostile_sources_are_given_up_in_bounded_work(hostile: str) -> None:
    """A source of nested or ambiguous nonsense would take gigabytes, hours or the stack."""
    text = hostile * (300_000 // len(hostile))
    enclosing_functions(text, "a.tsx", [(0, 0), (0, len(text) // 2), (0, len(text))])


def test_the_budget_is_that_of_all_sources_together() -> None:
    """A map of a thousand nasty sources would take hours."""
    budget = Budget(steps=100)
    large, small = "f(a, b);" * 10_000, "const f = () => x"
    assert function_names.enclosing_functions(small, "a.js", [(0, 16)], budget) == [Enclosing("f")]
    assert function_names.enclosing_functions(large, "a.js", [(0, 16)], budget) == [None]
    assert function_names.enclosing_functions(large, "a.js", [(0, 16)], budget) == [None]


def test_deeply_nested_classes_do_not_recurse() -> None:
    """Names of outer classes are not needed, and the stack is finite."""
    text = "class A{a=" * 900 + "x"
    [found] = enclosing_functions(text, "a.js", [(0, len(text) - 1)])
    assert found is None or found.function


def test_large_sources_are_not_parsed() -> None:
    """A bundle embedded as a source would take seconds for one name."""
    assert enclosing_functions("f();" * 600_000, "a.js", [(0, 0)]) == [None]


SNIPPETS = st.lists(
    st.sampled_from(
        [
            "function",
            "class",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "=>",
            "=",
            ";",
            ",",
            ":",
            ".",
            "?",
            "this",
            "static",
            "get",
            "set",
            "async",
            "await",
            "*",
            "#",
            "a",
            "b",
            "'x'",
            "`y${",
            "1",
            "<",
            ">",
            "/",
            "//",
            "/*",
            "*/",
            "\n",
            "\u2028",
            "😀",
            "�",
            "export",
            "default",
            "const",
            "let",
            "new",
            "super",
            "extends",
            "@",
            "as",
            "import",
            "enum",
        ]
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=400)
@given(text=st.one_of(SNIPPETS, st.text(max_size=200)), line0=st.integers(0, 4), column0=st.integers(0, 200))
def test_any_text_has_a_name_or_none(text: str, line0: int, column0: int) -> None:
    """Sources come from strangers' maps."""
    for source in ("a.js", "a.ts"):
        [found] = enclosing_functions(text, source, [(line0, column0)])
        assert found is None or found.function
