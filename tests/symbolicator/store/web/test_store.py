"""The store that answers from the web: what is asked, how often, and what the user is told."""

import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.javascript.identifier import IDENTIFIER
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store import FolderCache
from symbolicator.store.web import Limits, WebStore
from tests.symbolicator.store.web.conftest import Site, fetcher

SCRIPT = b"run();\n//# sourceMappingURL=app.js.map\n"
MAP = json.dumps({"version": 3, "sources": ["a.ts"], "sourcesContent": ["run()"], "mappings": "AAAA"}).encode()


@pytest.fixture
def make(site: Site, tmp_path: Path) -> Any:
    def make_it(*origins: str, limits: Limits | None = None, **more: Any) -> WebStore:
        asking = fetcher(*(origins or (site.origin,)), limits=limits)
        return WebStore(asking, (IDENTIFIER,), FolderCache(tmp_path / "cache"), **more)

    return make_it


def one(store: WebStore, kind: str, url: str) -> Artifact | Missing:
    key = Key(kind, "url", url)
    [(same, answer)] = store.fetch(frozenset({key})).items()
    assert same == answer.key == key
    return answer


def missing(answer: Artifact | Missing) -> Missing:
    assert isinstance(answer, Missing), answer
    return answer


def test_script_and_map_are_opened_and_known_by_their_url(site: Site, make: Any) -> None:
    """A deployed bundle resolves with nothing on disk."""
    script, smap = site.add("/app.js", SCRIPT, SourceMap="x.map"), site.add("/app.js.map", MAP)
    answers = make().fetch(frozenset({Key("minified", "url", script), Key("sourcemap", "url", smap)}))
    found = {key.kind: answer for key, answer in answers.items() if isinstance(answer, Artifact)}
    assert found["minified"].name == script
    assert found["minified"].headers["sourcemap"] == "x.map"
    assert found["minified"].content.source_map_url == "app.js.map"  # type: ignore[attr-defined]
    assert found["sourcemap"].content.source_text(0) == "run()"  # type: ignore[attr-defined]


def test_a_script_is_named_by_where_it_was_in_the_end(site: Site, make: Any) -> None:
    """What it names relatively is seen from there; the key in a signed URL stays out of the event."""
    site.add("/v2/app.js?key=s3cret", SCRIPT)
    answer = one(make(), "minified", site.add("/app.js", b"", 302, Location="/v2/app.js?key=s3cret"))
    assert isinstance(answer, Artifact)
    assert answer.name == f"{site.origin}/v2/app.js"


def test_a_map_inside_a_redirected_script_is_found(site: Site, make: Any) -> None:
    """The embedded map is asked for under the name of the script: the bytes are there already."""
    site.add("/v2/app.js", b"run();\n//# sourceMappingURL=data:application/json;base64," + base64.b64encode(MAP))
    store = make()
    script = one(store, "minified", site.add("/app.js", b"", 302, Location="/v2/app.js"))
    assert isinstance(script, Artifact)
    assert isinstance(one(store, "sourcemap", script.name), Artifact)
    assert site.paths == ["/app.js", "/v2/app.js"]


def test_every_url_is_asked_for_once(site: Site, make: Any) -> None:
    """Five hundred frames of one bundle, and a server that is down: one request."""
    store, script = make(), site.add("/app.js", SCRIPT)
    threads = [threading.Thread(target=one, args=(store, "minified", script)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(2):
        one(store, "minified", f"{script}#1")
        missing(one(store, "sourcemap", script))
        missing(one(store, "sourcemap", f"{site.origin}/none.map"))
    assert site.paths == ["/app.js", "/none.map"]


@pytest.mark.parametrize(
    "key",
    [Key("sourcemap", "debug_id", "1234"), Key("source", "url", "/x.ts"), Key("elf-debug", "url", "/x"),
     Key("sourcemap", "generated", "/app.js"), Key("minified", "url", "file:///etc/passwd"),
     Key("minified", "url", "app.js")],
)  # fmt: skip
def test_other_keys_ask_for_nothing(site: Site, make: Any, key: Key) -> None:
    """Only scripts and maps are on the web, under http(s) URLs."""
    wanted = Key(key.kind, key.by, site.origin + key.value) if key.value.startswith("/") else key
    assert missing(make().fetch(frozenset({wanted}))[wanted]).remedy is None
    assert not site.seen


def test_a_page_that_is_no_map_is_no_broken_map(site: Site, make: Any) -> None:
    """Many servers answer every unknown path with their front page."""
    url = site.add("/app.js.map", b"<!doctype html><title>Shop</title>", Content_Type="text/html")
    answer = missing(one(make(), "sourcemap", url))
    assert not answer.malformed
    assert "is no sourcemap file (type text/html)" in answer.why
    assert answer.remedy


def test_a_broken_map_is_malformed(site: Site, make: Any) -> None:
    """There is one, and it cannot be read: that is another thing to do."""
    url = site.add("/app.js", b"run();\n//# sourceMappingURL=data:application/json;base64,!!!")
    assert missing(one(make(), "sourcemap", url)).malformed


def test_a_script_without_suffix_and_comment_is_one_if_a_header_names_its_map(site: Site, make: Any) -> None:
    """Servers that make scripts on the fly have URLs like any other."""
    assert isinstance(one(make(), "minified", site.add("/bundle/42", b"run()", SourceMap="42.map")), Artifact)
    missing(one(make(), "minified", site.add("/bundle/43", b"run()")))


def test_why_it_failed_and_what_to_do_reach_the_user(site: Site, make: Any) -> None:
    """The remedy is the flag to pass, with the very origin."""
    answer = missing(one(make("https://cdn.example"), "minified", f"{site.origin}/app.js?key=s3cret"))
    assert answer.why == f"{site.origin}/app.js?… was not fetched: {site.origin} is not on the allow-list."
    assert answer.remedy == f"Pass --fetch {site.origin} if it may be fetched from there."


@pytest.mark.parametrize("limits", [Limits(fetches=2), Limits(bytes=2 * len(SCRIPT)), Limits(seconds=2)])
def test_an_event_has_a_budget(site: Site, make: Any, limits: Limits) -> None:
    """A report with thousands of URLs would make us a weapon against the server that they name."""
    ticks = iter(range(1000))
    store = make(limits=limits, clock=lambda: next(ticks))
    answers = [one(store, "minified", site.add(f"/{n}.js", SCRIPT)) for n in range(4)]
    assert [isinstance(answer, Artifact) for answer in answers] == [True, True, False, False]
    assert "used up" in missing(answers[3]).why
    assert len(site.seen) == 2
