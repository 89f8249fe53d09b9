"""Makes ``table.json`` from React's builds on npm.

::

    python -m sourcemaps.javascript.react_errors.recipe DOWNLOADS

Of every minor version of React one release is taken, its production build's codes are aligned with its development
build's messages, and a wording is noted where it begins. What codes no release throws any more (or only in packages
that are not looked at) stand for is known from the npm package react-error-decoder (public domain), which is also what
the alignment starts from. DOWNLOADS keeps the packages; run it again after adding a release to `RELEASES`, which
has one of each minor version.
"""

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sourcemaps.javascript.react_errors.alignment import align
from sourcemaps.javascript.react_errors.builds import Code, codes, collection, messages

RELEASES = """
    16.0.0 16.1.1 16.2.0 16.3.0 16.4.2 16.5.2 16.6.3 16.7.0 16.8.6 16.9.0 16.10.2 16.11.0 16.12.0 16.13.1 16.14.0
    17.0.2 18.0.0 18.1.0 18.2.0 18.3.1 19.0.0 19.1.0 19.2.0 19.3.1
"""
PACKAGES = ("react", "react-dom")
DECODER = "react-error-decoder@2.3.5"
TABLE = Path(__file__).with_name("table.json")
_UNSTABLE = re.compile(r"unstable|profiling|test-utils")


def main(downloads: Path) -> None:
    """Writes the table."""
    downloads.mkdir(parents=True, exist_ok=True)
    newest = collection((unpacked(DECODER, downloads) / "index.js").read_text())
    timeline: dict[int, dict[str, str]] = {}
    for release in RELEASES.split():
        seen = {number: [*versions.values()] for number, versions in timeline.items()}
        bundles = [bundle for package in PACKAGES for bundle in _bundles(unpacked(f"{package}@{release}", downloads))]
        found = align(bundles, seen, newest)
        thrown = {code.number for _, thrown in bundles for code in thrown}
        print(f"{release}: {len(found)} of {len(thrown)} codes; not {sorted(thrown - found.keys())}")  # noqa: T201 - what whoever runs it looks at
        for number, text in found.items():
            timeline.setdefault(number, {})[release.rpartition(".")[0]] = text
    TABLE.write_text(
        _as_json({number: _changes(timeline.get(number), newest.get(number)) for number in newest | timeline})
    )


def unpacked(package: str, downloads: Path) -> Path:
    """The folder of an npm package, downloaded now if it is not there."""
    folder = downloads / package.replace("@", "-")
    if not folder.exists():
        command = ["npm", "pack", package, "--silent", "--pack-destination", str(downloads)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - a fixed command line
        with tarfile.open(downloads / done.stdout.split()[-1]) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


def _bundles(folder: Path) -> Iterator[tuple[Sequence[str], Sequence[Code]]]:
    """Messages and codes of each bundle that comes in both builds."""
    for development in sorted(folder.glob("cjs/*.development.js")):
        stem = development.name.removesuffix(".development.js")
        production = [path for path in folder.glob(f"cjs/{stem}.production*.js") if not _UNSTABLE.search(path.name)]
        for path in production:
            yield messages(development.read_text()), codes(path.read_text())


def _changes(versions: Mapping[str, str] | None, newest: str | None) -> dict[str, str]:
    """Every wording with the version that it begins in; the first is taken to be as old as the code."""
    changes: dict[str, str] = {}
    last = None
    for version, text in (versions or {"": newest or ""}).items():
        if text != last:
            changes[version if changes else ""] = last = text
    return changes


def _as_json(table: Mapping[int, Mapping[str, str]]) -> str:
    lines = (f'"{number}":{json.dumps(table[number], separators=(",", ":"))}' for number in sorted(table))
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
