"""What every store promises: the same tests on a folder as it lies and on a store that was uploaded to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbolicator.protocols import Artifact, Buffer, Identifier, Identity, Key, Missing, Store
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.local import LocalStore
from symbolicator.store.walk import Walk
from tests.symbolicator.store.conftest import RaisingIdentifier, RaisingLoader, ToyIdentifier, toy, write

Make = Callable[..., Store]


def _folder_store(root: Path, cache: Path, *identifiers: Identifier) -> Store:
    return FolderStore([root], identifiers or (ToyIdentifier(),), FolderCache(cache))


def _local_store(root: Path, cache: Path, *identifiers: Identifier) -> Store:
    store = LocalStore(cache / "store", identifiers or (ToyIdentifier(),), FolderCache(cache), create=True)
    for found in Walk([root]).files():
        store.add(found.path, found.name)
    return store


@pytest.fixture(params=[_folder_store, _local_store], ids=["folder", "local"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes a store of the files in ``tmp_path / "root"``."""
    (tmp_path / "root").mkdir()
    return lambda *identifiers: request.param(tmp_path / "root", tmp_path / "cache", *identifiers)


def _fetch(store: Store, kind: str, by: str, value: str) -> Artifact | Missing:
    key = Key(kind, by, value)
    answer = store.fetch(frozenset({key}))
    assert set(answer) == {key}
    assert answer[key].key == key
    return answer[key]


def _found(answer: Artifact | Missing) -> str:
    assert isinstance(answer, Artifact), answer
    return answer.name


def _missing(answer: Artifact | Missing) -> Missing:
    assert isinstance(answer, Missing), answer
    return answer


def test_ids_are_found_in_any_case(make: Make, tmp_path: Path) -> None:
    """A debug id leads to its artifact, also when a tool wrote it in upper case."""
    write(tmp_path / "root", "dist/app.map", toy("map", "debug_id ABCD-12", text="hello"))
    answer = _fetch(make(), "map", "debug_id", "abcd-12")
    assert _found(answer) == "dist/app.map"
    assert isinstance(answer, Artifact)
    assert str(answer.content).endswith("hello")


@pytest.mark.parametrize("by", ["url", "path"])
def test_urls_and_paths_are_matched_as_names(make: Make, tmp_path: Path, by: str) -> None:
    """The URL of a deployed bundle finds the file of the build."""
    write(tmp_path / "root", "dist/static/app.js", toy())
    write(tmp_path / "root", "dist/admin/app.js", toy(text="other"))
    assert _found(_fetch(make(), "map", by, "https://cdn.example/static/app.js?v=1")) == "dist/static/app.js"


def test_names_of_other_uses_are_not_mixed_up(make: Make, tmp_path: Path) -> None:
    """A map found by the file that it was generated for is not found by its own path, nor another kind of file."""
    write(tmp_path / "root", "app.js.map", toy("map", "generated app.js"))
    write(tmp_path / "root", "app.js", toy("debug"))
    store = make()
    assert _found(_fetch(store, "map", "generated", "https://cdn.example/app.js")) == "app.js.map"
    assert _missing(_fetch(store, "map", "path", "app.js")).near[0].name == "app.js.map"


def test_a_bare_name_must_be_unique(make: Make, tmp_path: Path) -> None:
    """With two ``libfoo.so`` nothing says which one crashed: none is used, and both are named."""
    write(tmp_path / "root", "a/libbar.so", toy("debug", "name libbar.so"))
    for folder in ("a", "b"):
        write(tmp_path / "root", f"{folder}/libfoo.so", toy("debug", "name libfoo.so", text=folder))
    store = make()
    assert _found(_fetch(store, "debug", "name", "/usr/lib/libbar.so")) == "a/libbar.so"
    missing = _missing(_fetch(store, "debug", "name", "libfoo.so"))
    assert {near.name for near in missing.near} == {"a/libfoo.so", "b/libfoo.so"}
    assert "2 files fit" in missing.why


def test_ambiguous_paths_are_refused_and_copies_are_not(make: Make, tmp_path: Path) -> None:
    """Two different files under the same end of a path are never guessed between; copies are the same file."""
    for folder in ("a", "b"):
        write(tmp_path / "root", f"{folder}/same.js", toy())
        write(tmp_path / "root", f"{folder}/diff.js", toy(text=folder))
    store = make()
    assert _found(_fetch(store, "map", "url", "https://cdn.example/same.js")) in ("a/same.js", "b/same.js")
    assert len(_missing(_fetch(store, "map", "url", "https://cdn.example/diff.js")).near) == 2


def test_a_miss_says_what_was_looked_for_and_where(make: Make, tmp_path: Path) -> None:
    """The user learns that there were files, that none fits, and which nearly does."""
    write(tmp_path / "root", "app.3f9c.js", toy())
    missing = _missing(_fetch(make(), "map", "url", "https://cdn.example/app.81aa.js"))
    assert "https://cdn.example/app.81aa.js" in missing.why
    assert "1 file " in missing.why
    assert [(near.name, near.note) for near in missing.near] == [("app.3f9c.js", "same name, another hash")]
    assert not missing.malformed


def test_another_build_id_is_named_and_not_used(make: Make, tmp_path: Path) -> None:
    """The right file of the wrong build is the commonest mistake: it is shown with both ids."""
    write(tmp_path / "root", "shop.debug", toy("debug", "code_id aaaa"))
    missing = _missing(_fetch(make(), "debug", "code_id", "bbbb"))
    assert [(near.name, near.note) for near in missing.near] == [("shop.debug", "has build id aaaa, wanted bbbb")]


def test_of_many_other_ids_only_the_file_of_that_name_is_shown(make: Make, tmp_path: Path) -> None:
    """A hundred debug files are no hint; the one with the name of the crashed image is."""
    for number in range(10):
        write(tmp_path / "root", f"lib{number}.so", toy("debug", f"code_id aaa{number}"))
    wanted, by_name = Key("debug", "code_id", "bbbb"), Key("debug", "name", "lib3.so")
    store = make()
    assert _missing(store.fetch(frozenset({wanted}))[wanted]).near == ()
    answers = store.fetch(frozenset({wanted, by_name}))
    assert [near.name for near in _missing(answers[wanted]).near] == ["lib3.so"]


def test_a_broken_artifact_is_missing_as_malformed(make: Make, tmp_path: Path) -> None:
    """A map that cannot be read is another problem than one that is not there."""
    write(tmp_path / "root", "app.map", toy(text="broken"))
    missing = _missing(_fetch(make(), "map", "path", "app.map"))
    assert missing.malformed
    assert missing.why == "The toy is broken: make another."


def test_a_failing_plugin_costs_only_what_it_is_asked(make: Make, tmp_path: Path) -> None:
    """A bug in one plug-in is told and stops nobody else."""
    write(tmp_path / "root", "app.map", toy())
    assert _found(_fetch(make(RaisingIdentifier(), ToyIdentifier()), "map", "path", "app.map")) == "app.map"
    missing = _missing(_fetch(make(RaisingLoader()), "map", "path", "app.map"))
    assert "bug in the plug-in" in missing.why


class NonsenseIdentifier(ToyIdentifier):
    """Returns what it should not."""

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        return (Identity("map", frozenset({Key("map", "path", 7)}), "x"), 3)  # type: ignore[arg-type, return-value] # nonsense


def test_nonsense_of_a_plugin_costs_only_itself(make: Make, tmp_path: Path) -> None:
    """A plug-in that breaks its contract must not end the scan or the upload."""
    write(tmp_path / "root", "app.map", toy())
    assert _found(_fetch(make(NonsenseIdentifier(), ToyIdentifier()), "map", "path", "app.map")) == "app.map"


def test_a_kind_that_nobody_opens_is_missing(make: Make, tmp_path: Path) -> None:
    """An artifact of a plug-in that is not installed any more is explained."""
    write(tmp_path / "root", "app.map", toy("alien"))
    assert "No installed plug-in" in _missing(_fetch(make(), "alien", "path", "app.map")).why


def test_artifacts_are_opened_once(make: Make, tmp_path: Path) -> None:
    """A frame each asks for the same map: it is parsed once, under every key."""
    write(tmp_path / "root", "app.map", toy("map", "debug_id aa", "url https://cdn.example/app.js"))
    identifier = ToyIdentifier()
    store = make(identifier)
    contents = [
        _fetch(store, "map", by, value)
        for by, value in (("debug_id", "aa"), ("url", "https://cdn.example/app.js"), ("debug_id", "aa"))
    ]
    assert identifier.builds == 1
    assert len({id(answer.content) for answer in contents if isinstance(answer, Artifact)}) == 1


HOSTILE = [
    "", "..", "../../x", "/", "\0", "a\0b", "\ud800", "a" * 100_000, "https://", "%00", "x\x1b[2J", "' OR 1=1 --", "*",
]  # fmt: skip


@pytest.mark.parametrize("by", ["debug_id", "code_id", "url", "path", "generated", "name", "", "\ud800"])
def test_hostile_keys_are_answered(make: Make, tmp_path: Path, by: str) -> None:
    """Keys come from crash reports: whatever is in them, every one gets an answer with a reason."""
    write(tmp_path / "root", "app.map", toy())
    keys = frozenset(Key(kind, by, value) for value in HOSTILE for kind in ("map", "\ud800"))
    answers = make().fetch(keys)
    assert set(answers) == keys
    for answer in answers.values():
        missing = _missing(answer)
        assert len(missing.why) < 1_000
        missing.why.encode()


@given(st.sampled_from(["debug_id", "url", "path", "generated", "name", "other"]), st.text(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_both_stores_give_the_same_answer(tmp_path: Path, by: str, value: str) -> None:
    """What resolves from the folder must resolve after the upload, and the other way round."""
    root = tmp_path / "root"
    if not root.exists():
        write(root, "dist/app.js", toy("map", "debug_id aa", "generated app.min.js", "name app.js", "other X"))
        write(root, "old/app.js", toy("map", "debug_id bb", "name app.js"))
    key = Key("map", by, value)
    answers = [
        make(root, tmp_path / make.__name__).fetch(frozenset({key}))[key] for make in (_folder_store, _local_store)
    ]
    assert [type(answer) for answer in answers] == [type(answers[0])] * 2
    assert {answer.name for answer in answers if isinstance(answer, Artifact)} in (
        set(),
        {"dist/app.js"},
        {"old/app.js"},
    )


def test_an_empty_place_answers_too(make: Make) -> None:
    """No files at all: a reason, no crash."""
    assert "0 files" in _missing(_fetch(make(), "map", "url", "https://cdn.example/app.js")).why
