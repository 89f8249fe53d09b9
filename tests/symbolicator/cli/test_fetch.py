"""``symbolicator resolve --fetch`` as a process, against a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.symbolicator.store.web.conftest import Site, serve

SCRIPT = b"run();\n//# sourceMappingURL=app.js.map\n"
MAP = {"version": 3, "sources": ["src/run.ts"], "sourcesContent": ["\nrun();\n"], "names": [], "mappings": "AACA"}


@pytest.fixture
def site() -> Iterator[Site]:
    for site in serve():
        site.add("/app.js", SCRIPT)
        site.add("/app.js.map", json.dumps(MAP).encode())
        yield site


@pytest.fixture
def crash(site: Site, tmp_path: Path) -> Path:
    path = tmp_path / "crash.txt"
    path.write_text(f"TypeError: x is undefined\n    at run ({site.origin}/app.js:1:1)\n")
    return path


def test_a_deployed_bundle_resolves_from_the_web(run: Any, site: Site, crash: Path) -> None:
    """The crash's own URLs are all that is needed, and every attempt is seen."""
    done = run("resolve", crash, "--fetch", site.origin)
    assert done.code == 0
    assert "src/run.ts:2" in done.out
    lines = [line.partition(", ")[0] for line in done.err.splitlines()]
    assert lines == [f"symbolicator: fetch {site.origin}/{name}: ok" for name in ("app.js", "app.js.map")]


def test_nothing_is_fetched_unless_asked(run: Any, site: Site, crash: Path) -> None:
    """A crash report must not make a computer call anybody."""
    assert run("resolve", crash).code == 1
    assert not site.seen


def test_files_at_hand_come_before_the_web(run: Any, site: Site, crash: Path, tmp_path: Path) -> None:
    """The build's own files are the right ones; what is deployed may be newer."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "app.js").write_bytes(SCRIPT)
    (dist / "app.js.map").write_text(json.dumps(MAP))
    assert run("resolve", crash, "--artifacts", dist, "--fetch", site.origin).code == 0
    assert not site.seen


def test_an_origin_that_is_not_allowed_is_named_with_the_flag_to_pass(run: Any, site: Site, crash: Path) -> None:
    """The user allowed one host, and the bundle lies on another."""
    done = run("resolve", crash, "--fetch", "https://cdn.example", COLUMNS="200")
    assert done.code == 1
    text = " ".join(done.out.split())
    assert f"{site.origin} is not on the allow-list" in text
    assert f"→ Pass --fetch {site.origin} if it may be fetched from there." in text
    assert not site.seen


def test_what_is_no_origin_is_a_usage_error(run: Any, crash: Path) -> None:
    """A typing error must not end in a trace without a word."""
    done = run("resolve", crash, "--fetch", "cdn.example")
    assert done.code == 2
    assert "write https://cdn.example" in done.err


def test_without_the_flag_no_network_code_is_loaded(environment: dict[str, str], crash: Path, tmp_path: Path) -> None:
    """It would cost start-up time, and trust."""
    script = (
        "import sys; from symbolicator.cli import run; run(['resolve', sys.argv[1]]);"
        "print([name for name in ('ssl', 'http.client', 'symbolicator.store.web') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, crash], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
