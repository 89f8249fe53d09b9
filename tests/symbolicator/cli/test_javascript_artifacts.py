"""From the build to the trace, as a user does it: upload with what the server knows, then resolve a raw stack."""

import json
from pathlib import Path
from typing import Any

import pytest

CRASH = b"TypeError: x is undefined\n    at t (https://shop.example/static/js/app.js:1:1)\n"
SOURCE = "class Cart {\n  total() {\n    return price();\n  }\n}\n"


def source_map(source: str = "../src/cart.js", **fields: object) -> str:
    """Column 0 of line 1 is ``price()`` in ``total``."""
    smap = {"version": 3, "sources": [source], "sourcesContent": [SOURCE], "names": [], "mappings": "AAEW"}
    return json.dumps(smap | fields)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    return folder


def test_a_source_map_header_is_uploaded_with_its_file(run: Any, tmp_path: Path, dist: Path) -> None:
    """The server names the map, the bundle does not: without the header nothing leads from one to the other."""
    (dist / "app.js").write_text("run();//# sourceMappingURL=stale.map\n")
    (dist / "6f1e.map").write_text(source_map())
    (dist / "stale.map").write_text(source_map("stale.js"))
    store, prefix = tmp_path / "store", "~/static/js"
    assert run("upload", dist, "--store", store, "--url-prefix", prefix).code == 0
    header = "SourceMap: 6f1e.map"
    done = run("upload", dist / "app.js", "--store", store, "--url-prefix", prefix, "--header", header)
    assert done.out.startswith("added          ~/static/js/app.js")
    done = run("upload", dist / "app.js", "--store", store, "--url-prefix", prefix, "--header", header)
    assert done.out.startswith("already there  ~/static/js/app.js")
    shown = run("resolve", "-", "--store", store, "--explain", stdin=CRASH)
    assert shown.code == 0
    assert "Cart.total" in shown.out
    assert "source map ~/static/js/6f1e.map, found by header" in " ".join(shown.out.split())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--header", "SourceMap"], "is written 'Name: value'"),
        (["--header", "Source Map: x.map"], "is written 'Name: value'"),
        (["--header", "SourceMap: "], "is empty"),
        (["--header", "SourceMap: a\nb"], "control characters"),
        (["--dist", "7"], "pass --release too"),
        (["--release", " "], "is empty"),
        (["--url-prefix", "https://cdn.example/js?v=1"], "has a query"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(run: Any, dist: Path, options: list[str], says: str) -> None:
    """An upload that says ok and cannot be found later is the worst outcome there is."""
    (dist / "app.js").write_text("run();")
    done = run("upload", dist / "app.js", "--store", dist / "store", *options)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert not (dist / "store").exists()


def test_a_header_for_a_whole_folder_is_refused(run: Any, dist: Path) -> None:
    """Every bundle of it would be sent to the same map."""
    done = run("upload", dist, "--store", dist / "store", "--header", "SourceMap: app.js.map")
    assert done.code == 2
    assert "belongs to one file" in " ".join(done.err.split())


def test_each_release_finds_its_own_map(run: Any, tmp_path: Path, dist: Path) -> None:
    """The file name stays the same over deployments; yesterday's crash must not be shown in today's source."""
    store = tmp_path / "store"
    for release, line in (("shop@1.2", "AAAA"), ("shop@1.3", "AAEW")):
        (dist / "app.js.map").write_text(source_map(mappings=line, file="app.js"))
        done = run("upload", dist, "--store", store, "--release", release, "--url-prefix", "~/static/js")
        assert f"in {store} for release {release}." in done.out
    for release, place in (("shop@1.2", "cart.js:1:1"), ("shop@1.3", "cart.js:3:12")):
        shown = run("resolve", "-", "--store", store, "--release", release, stdin=CRASH)
        assert shown.code == 0
        assert place in shown.out
        assert f"release {release}" in shown.out


def test_the_map_of_another_release_is_named_and_not_used(run: Any, tmp_path: Path, dist: Path) -> None:
    """A deployment without its upload is the most frequent mistake with releases."""
    (dist / "app.js.map").write_text(source_map(file="app.js"))
    store = tmp_path / "store"
    run("upload", dist, "--store", store, "--release", "1.3", "--dist", "7", "--url-prefix", "~/static/js")
    other = run("resolve", "-", "--store", store, "--release", "1.2", stdin=CRASH)
    assert other.code == 1
    text = " ".join(other.out.split())
    assert "(uploaded for release 1.3 (dist 7), the event is of 1.2)" in text
    assert "Upload the files of 1.2 with --release 1.2; if the crash is of 1.3 (dist 7), resolve with --release" in text
    none = run("resolve", "-", "--store", store, stdin=CRASH)
    assert none.code == 1
    assert "→ If the crash is of 1.3 (dist 7), resolve with --release 1.3 --dist 7." in " ".join(none.out.split())
    assert run("resolve", "-", "--store", store, "--release", "1.3", "--dist", "7", stdin=CRASH).code == 0


def test_the_report_knows_its_release_better(run: Any, tmp_path: Path, dist: Path) -> None:
    """Options that a script always passes must not overrule what the crash itself says."""
    (dist / "app.js.map").write_text(source_map(file="app.js"))
    store = tmp_path / "store"
    run("upload", dist, "--store", store, "--release", "1.2", "--url-prefix", "~/static/js")
    frame = {"abs_path": "https://shop.example/static/js/app.js", "lineno": 1, "colno": 1}
    event = {"platform": "javascript", "release": "1.2", "stacktrace": {"frames": [frame]}}
    options = ("--store", store, "--release", "1.3", "--dist", "7", "--format", "json")
    done = run("resolve", "-", *options, stdin=json.dumps(event).encode())
    assert done.code == 0
    resolved = json.loads(done.out)
    assert (resolved["release"], resolved.get("dist")) == ("1.2", None)


def test_a_bundle_of_bundles_is_resolved_to_the_first_source(run: Any, tmp_path: Path, dist: Path) -> None:
    """Compiled, bundled, minified: three maps or two, the user wrote one source."""
    bundle = "// made\nfunction total() {\n  return price();\n}\n//# sourceMappingURL=bundle.js.map\n"
    (dist / "app.js.map").write_text(source_map("bundle.js", sourcesContent=[bundle], file="app.js"))
    (dist / "bundle.js.map").write_text(source_map("../src/cart.ts", mappings=";;SAEA"))
    done = run("resolve", "-", "--artifacts", dist, "--explain", stdin=CRASH)
    assert done.code == 0
    assert "Cart.total  src/cart.ts:3:1" in done.out
    explained = "source map app.js.map → bundle.js.map, found by generated → comment"
    assert explained in " ".join(done.out.split())
    store = tmp_path / "store"
    assert run("upload", dist, "--store", store, "--release", "1.2", "--url-prefix", "~/static/js").code == 0
    done = run("resolve", "-", "--store", store, "--release", "1.2", stdin=CRASH)
    assert (done.code, "src/cart.ts:3:1" in done.out) == (0, True)


def test_sources_beside_the_map_are_shown(run: Any, tmp_path: Path, dist: Path) -> None:
    """Maps without ``sourcesContent`` are the rule where sources must not leave the house."""
    (dist / "app.js.map").write_text(source_map(sourcesContent=None))
    bare = run("resolve", "-", "--artifacts", dist, stdin=CRASH)
    assert bare.code == 0
    assert "src/cart.js:3:12" in bare.out
    assert "app.js.map has no text of src/cart.js, and no such file is among the artifacts" in " ".join(
        bare.out.split()
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "cart.js").write_text(SOURCE)
    whole = run("resolve", "-", "--artifacts", dist, "--artifacts", tmp_path / "src", stdin=CRASH)
    assert whole.code == 0
    assert "Cart.total  src/cart.js:3:12" in whole.out
    assert "> 3 │     return price();" in whole.out
    assert "has no text" not in whole.out
    store = tmp_path / "store"
    for folder, prefix in ((dist, "~/static/js"), (tmp_path / "src", "~/static/src")):
        run("upload", folder, "--store", store, "--release", "1.2", "--url-prefix", prefix)
    assert "> 3 │" in run("resolve", "-", "--store", store, "--release", "1.2", stdin=CRASH).out


def test_what_is_wrong_with_a_map_is_told_below_the_trace(run: Any, dist: Path) -> None:
    """The frames resolve, and the one that looks odd has an explanation."""
    (dist / "app.js.map").write_text(source_map(version=2))
    for _ in range(2):  # the second time from the cached index
        done = run("resolve", "-", "--artifacts", dist, stdin=CRASH)
        assert done.code == 0
        assert "Cart.total  src/cart.js:3:12" in done.out
        text = " ".join(done.out.split())
        assert "app.js.map breaks the rules of source maps, and some of its positions may be wrong:" in text
