"""The share of right function names in three real bundles, with and without ``names`` in the map, beside symbolic."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fresh import CACHE, Figure, PeerMissing, newer, python, run, say
from tests.benchmarks.table import Column, Row, render

HERE = Path(__file__).parent
RECIPE = (*HERE.glob("*.mjs"), *HERE.glob("*.ts"), *HERE.glob("app/*"), HERE.parent / "package.json")
PATIENCE_S = 400.0


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, made in ``folder`` by the bundler of that name."""

    bundler: str
    about: str

    @property
    def folder(self) -> Path:
        return CACHE / "names" / self.bundler


BUNDLES = (
    Bundle("esbuild", "esbuild: effect (TypeScript), monaco-editor"),
    Bundle("webpack", "webpack, ts-loader, terser: React, MUI, react-aria-components (TSX), lodash-es, app/"),
    Bundle("vite", "Vite (Rollup), plugin-vue, terser: PrimeVue and VitePress components (.vue), Vue, VueUse, three"),
)
VARIANTS = {"bundle.js.map": "with names", "nameless.js.map": "without"}
PEERS = {
    "ours": "ours",
    "symbolic SourceMapCache": "symbolic_cache",
    "symbolic SourceMapView": "symbolic_view",
}
SHARES = {
    "right": "Right names, %: the last component is that of the truth (`total` for `Cart.total`)",
    "named": "The same, of places in functions that have a name",
    "full": "Right in full, %: the class, or what a function is assigned to, is right too (`Cart.total`)",
}


def tables() -> Iterator[str]:
    """What was bundled, then a table for each way to count."""
    made = [bundle for bundle in BUNDLES if _is_made(bundle)]
    lines = [f"  {bundle.about}: {_counted(bundle)}" for bundle in made]
    yield "Function names at places of calls, `new` and `throw` in minified functions\n" + "\n".join(lines) + "\n"
    rows = [_row(label, peer, made) for label, peer in PEERS.items()]
    for share, title in SHARES.items():
        columns = [
            Column(f"{bundle.bundler} {name} {share}", f"{bundle.bundler}, {variant}", 1, 1e2, compared=False)
            for bundle in made
            for name, variant in VARIANTS.items()
        ]
        yield render(title, columns, rows)


def _is_made(bundle: Bundle) -> bool:
    """Makes it now where it is not in the cache. What cannot be made is said and left out."""
    try:
        bundle.folder.mkdir(parents=True, exist_ok=True)
        if not newer(bundle.folder / "counts.json", RECIPE):
            say(f"function names: bundling with {bundle.bundler}")
            run(_node("bundle.mjs", bundle.bundler, str(bundle.folder)), timeout=PATIENCE_S)
            say(f"function names: the truth of {bundle.bundler}")
            counts = run(_node("truth.mjs", str(bundle.folder)), timeout=PATIENCE_S).output
            (bundle.folder / "counts.json").write_text(counts)
    except PeerMissing as error:
        say(f"function names, {bundle.bundler}: cannot be made ({error})")
        return False
    return True


def _node(program: str, *arguments: str) -> list[str]:
    return ["node", str(HERE / program), *arguments]


def _counted(bundle: Bundle) -> str:
    size = (bundle.folder / "bundle.js").stat().st_size
    return f"{size / 1e6:.1f} MB; {(bundle.folder / 'counts.json').read_text().strip()}"


def _row(label: str, peer: str, bundles: list[Bundle]) -> Row:
    row = Row(label)
    for bundle in bundles:
        for name in VARIANTS:
            say(f"function names, {bundle.bundler}, {name}: {label}")
            try:
                report = run(python("names.worker", peer, str(bundle.folder), name), timeout=PATIENCE_S).report
            except PeerMissing as error:
                row.notes.append(str(error))
                continue
            row.figures |= {f"{bundle.bundler} {name} {share}": Figure(report[share]) for share in SHARES}
    return row
