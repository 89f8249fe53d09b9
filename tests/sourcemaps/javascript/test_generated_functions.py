"""Functions of generated files: the core's scanner beside a syntax tree and V8 itself.

Where the tree was seen to differ on real bundles, the tree is wrong, in three ways:

* it reads ``a?.1:b`` as an optional member, not as a condition with a fraction;
* its grammar is TypeScript's, so that ``a<b>(c)`` has type arguments;
* behind either it recovers late, and functions around the place are lost to it or split.
"""

import json
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcemaps.backends.generated_functions import MAX_BYTES, LazyFunctions, TreeFunctions, _range
from sourcemaps.protocol import GeneratedFunctions
from symbolicator.store import BytesBlob, FolderCache

if TYPE_CHECKING:
    from tree_sitter import Tree

ROOT = Path(__file__).parents[3]
FIXTURES = sorted(ROOT.glob("fixtures/js-*/dist/*.js"))
PACKAGES = ROOT / "tests/packages/node_modules"
BUNDLES = ("dompurify/dist/purify.min.js", "marked/lib/marked.umd.js", "react-dom/cjs/react-dom-client.production.js")
LEAST_AGREED = 0.995
"""The share of positions at which the scanner and the tree agree in function, kind and every piece of its name."""


@pytest.fixture
def core(tmp_path: Path) -> Any:
    """Opens the functions of a file through the compiled core."""
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to compare with")
    from sourcemaps.backends.core import BACKEND  # noqa: PLC0415 - only there if the core is

    return lambda data: BACKEND.generated_functions(BytesBlob("test.js", data), FolderCache(tmp_path))


def ranges(tree: "Tree | None") -> Iterator[tuple[int, int]]:
    """Every function of a tree, in bytes."""
    assert tree is not None
    cursor = tree.walk()
    while True:
        node = cursor.node
        start, end = _range(node) if node else (None, 0)
        if start is not None:
            yield start, end
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def compare(functions: GeneratedFunctions, data: bytes, at_most: int = 6_000) -> Counter[bool]:
    """How often both agree: where each function starts, ends and has ended, and at random places."""
    tree = TreeFunctions(data)
    chance = random.Random(3)
    offsets = [offset for start, end in ranges(tree._tree) for offset in (start, end - 1, end)]
    offsets += [chance.randrange(len(tree._text)) for _ in range(1_000)]
    positions = [tree._place(offset) for offset in chance.sample(offsets, min(at_most, len(offsets)))]
    pairs = zip(functions.at(positions), tree.at(positions), strict=True)
    return Counter(ours == theirs for ours, theirs in pairs)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_scanner_and_tree_agree_on_every_function(core: Any, path: Path) -> None:
    """A name from the wrong function sends people to the wrong code."""
    data = path.read_bytes()
    assert compare(core(data), data)[False] == 0


@pytest.mark.parametrize("bundle", BUNDLES)
def test_scanner_and_tree_agree_on_published_bundles(core: Any, bundle: str) -> None:
    """What minifiers write in the millions is where a scanner without a grammar would go astray."""
    if not (PACKAGES / bundle).exists():
        pytest.skip("the packages of the tests are not installed: `make test` brings them where npm is")
    data = (PACKAGES / bundle).read_bytes()
    agreed = compare(core(data), data)
    assert agreed[True] / agreed.total() >= LEAST_AGREED, agreed


V8_FUNCTIONS = """
const [file] = process.argv.slice(1);
const inspector = require("node:inspector"), vm = require("node:vm"), fs = require("node:fs");
const session = new inspector.Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
const script = new vm.Script(fs.readFileSync(file, "utf8"), { filename: "the-script.js" });
const context = vm.createContext({ console: { log() {}, error() {}, warn() {} }, setTimeout() {}, TypeError, Error });
try { script.runInContext(context); } catch {}
session.post("Profiler.takePreciseCoverage", (_, { result }) => {
  const found = result.find((one) => one.url === "the-script.js");
  const list = found.functions.map((one) => [one.functionName, one.ranges[0].startOffset, one.ranges[0].endOffset]);
  process.stdout.write(JSON.stringify(list));
});
"""


def v8_functions(path: Path) -> list[tuple[str, int, int]]:
    """Name, start and end of every function that V8 knows after running a script: those around and in what ran."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: V8 cannot be asked")
    done = subprocess.run(
        [node, "--no-lazy", "-e", V8_FUNCTIONS, str(path)], capture_output=True, timeout=60, check=True
    )
    return [tuple(function) for function in json.loads(done.stdout)]


SYNTAX = ROOT / "tests/sourcemaps/javascript/data/functions.js"


@pytest.mark.parametrize("path", [SYNTAX, *FIXTURES], ids=lambda path: path.name)
def test_functions_end_where_v8_says(core: Any, path: Path) -> None:
    """Two programs that read JavaScript for a living must see the same functions."""
    text = path.read_text()
    functions = [function for function in v8_functions(path) if function[1:] != (0, len(text))]
    lines = [text[:offset].count("\n") for _, _, offset in functions]
    assert text.isascii()
    for (name, start, end), line0 in zip(functions, lines, strict=True):
        line_start = text.rfind("\n", 0, end) + 1
        inside, behind = core(text.encode()).at([(line0, end - 1 - line_start), (line0, end - line_start)])
        if name.startswith("<") or text[start:].startswith("class"):
            continue  # made up by V8 for a class: the initializers of its fields, a constructor that nobody wrote
        assert inside is not None, (name, text[start:end])
        assert inside is not behind, (name, text[start:end])
        written = [piece.text for piece in inside.pieces if piece.text != "prototype"]
        if inside.kind != "constructor" and written and name:
            assert name.split(".")[-1].removeprefix("get ").removeprefix("set ") == written[-1].split(".")[-1]


WORDS = r"""function class static async await get set yield => ( ) { } [ ] , ; : ? ?. ?? . ... = == += / // /* */ ` ${ '
" \ a b1 #p 0 1.5 .5 0x1 1n extends constructor new this super import export default let const var for if
else do while switch case return typeof in of instanceof <!-- --> @ ++ -- ! \u0061 é 😀"""
TOKENS = st.sampled_from([*WORDS.split(), "\n", "\r\n", " ", "\u2028", "\ufeff"])


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=200), st.lists(TOKENS, max_size=60).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_are_answered(data: bytes) -> None:
    """A damaged or foreign file costs its names, never the event."""
    core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built")
    index = core.FunctionIndex.from_bytes(core.build_function_index(data))
    index.verify()
    for function in range(index.function_count):
        kind, pieces = index.function(function)
        assert kind
        assert len(pieces) <= 16
    with pytest.raises(IndexError):
        index.function(index.function_count)


@settings(deadline=None, max_examples=60)
@given(st.lists(TOKENS, max_size=40).map(lambda parts: "".join(parts).encode()))
def test_any_text_is_answered_by_the_tree(data: bytes) -> None:
    """Without the core the same holds."""
    functions = TreeFunctions(data)
    functions.at([(line0, column0) for line0 in range(3) for column0 in (0, 3, 10, 2**40)])


def test_a_file_too_large_for_a_tree_has_no_functions_without_the_core() -> None:
    """The reference backend would take minutes and gigabytes: it says that it does not know."""
    functions = LazyFunctions(BytesBlob("large.js", b"function a(){}" + b" " * MAX_BYTES))
    assert functions.at([(0, 3)]) == [None]


def test_positions_beyond_any_file_are_outside_of_all_functions(core: Any) -> None:
    """Positions come from crash reports, and those from anybody."""
    assert core(b"function a(){").at([(0, 2**40), (2**40, 0), (2**32 - 1, 2**32 - 1)]) == [None] * 3
    assert core(b"").at([]) == []


def test_a_damaged_index_is_built_again(tmp_path: Path) -> None:
    """A bad disk block must not cost the names of a release for good."""
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built")
    from sourcemaps.backends.core_functions import FUNCTION_INDEX_FORMAT, CoreFunctions  # noqa: PLC0415 - as above

    blob, cache = BytesBlob("a.js", b"class a{b(){c()}}"), FolderCache(tmp_path)
    [before] = CoreFunctions(blob, cache).at([(0, 12)])
    path = cache.get_or_build(blob, FUNCTION_INDEX_FORMAT, lambda _: b"")
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))
    assert CoreFunctions(blob, cache).at([(0, 12)]) == [before]
