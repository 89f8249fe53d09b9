"""One event's way through transformers and store."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from symbolicator.errors import StoreError
from symbolicator.model import Event, Frame, FrameStatus, Stacktrace
from symbolicator.model.edit import rewrite_frames, with_data
from symbolicator.pipeline import MAX_ROUNDS, resolve, run
from symbolicator.protocols import Artifact, Artifacts, Key, Missing


class DictStore:
    """Holds artifacts in a dictionary and notes what it was asked for."""

    def __init__(self, contents: dict[Key, object]) -> None:
        self.contents = contents
        self.asked: list[frozenset[Key]] = []

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        self.asked.append(keys)
        return {
            key: Artifact(key, key.value, self.contents[key]) if key in self.contents else Missing(key, "not there")
            for key in keys
        }


class Doubler:
    """Follows a chain of two artifacts, then expands each frame of its platform into two calls."""

    def __init__(self, platform: str) -> None:
        self.name = platform
        self._first, self._second = Key("toy", "name", platform), Key("toy", "name", f"{platform}-2")

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        return frozenset({self._first, self._second} if self._first in artifacts else {self._first})

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        found = isinstance(artifacts.get(self._second), Artifact)

        def expand(stack: Stacktrace, index: int) -> tuple[Frame, ...] | None:
            frame = stack.frames[index]
            if frame.platform != self.name or frame.status or not found:
                return None
            done = with_data(frame, status=FrameStatus.SYMBOLICATED)
            return replace(done, function="outer"), replace(done, function="inner")

        return rewrite_frames(event, expand)


class Broken(Doubler):
    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        raise ZeroDivisionError("oops")


class Insatiable(Doubler):
    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        return frozenset({Key("toy", "name", str(len(artifacts)))})


def event_with(*platforms: str) -> Event:
    frames = tuple(Frame(platform=name, function=f"raw{i}", lineno=1) for i, name in enumerate(platforms))
    return Event(stacktrace=Stacktrace(frames=frames))


def full_store(*platforms: str) -> DictStore:
    return DictStore({Key("toy", "name", name + end): object() for name in platforms for end in ("", "-2")})


def test_needs_are_fetched_round_by_round_and_never_twice() -> None:
    """A transformer that learns what it needs from what it got would never get its second artifact."""
    store = full_store("a")
    event = run(Doubler("a"), event_with("a"), store)
    assert [{key.value for key in keys} for keys in store.asked] == [{"a"}, {"a-2"}]
    assert event.stacktrace
    assert [frame.function for frame in event.stacktrace.frames] == ["outer", "inner"]


def test_the_raw_stack_stays_beside_the_resolved_one() -> None:
    """Without the raw frames nobody can check or repeat the resolving."""
    raw = event_with("a", "b")
    event = run(Doubler("a"), raw, full_store("a"))
    assert event.raw_stacktrace == raw.stacktrace
    assert event.stacktrace
    assert [frame.data.original_index for frame in event.stacktrace.frames if frame.data] == [0, 0, 1]


def test_a_failing_transformer_costs_its_own_frames_only() -> None:
    """One plug-in's bug would lose the whole event."""
    event = resolve(event_with("a", "b"), [Broken("a"), Doubler("b")], full_store("a", "b"))
    assert event.stacktrace
    assert [frame.function for frame in event.stacktrace.frames] == ["raw0", "outer", "inner"]
    (problem,) = event.errors
    assert problem.type == "transformer_failed"
    assert "ZeroDivisionError: oops" in str(problem.message)


def test_a_transformer_that_always_wants_more_is_stopped_and_named() -> None:
    """Two maps that point at each other would keep a worker busy for ever."""
    store = full_store("a")
    event = run(Insatiable("a"), event_with("a"), store)
    assert len(store.asked) == MAX_ROUNDS
    assert "rounds" in str(event.errors[0].message)


@pytest.mark.parametrize("error", [StoreError("locked"), OSError("disk on fire")])
def test_a_store_that_fails_is_a_missing_artifact_with_the_reason(error: Exception) -> None:
    """A full disk would surface as a traceback instead of a reason on the frame."""

    class FailingStore:
        def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
            raise error

    seen: list[Artifacts] = []

    class Watcher(Doubler):
        def transform(self, event: Event, artifacts: Artifacts) -> Event:
            seen.append(artifacts)
            return event

    run(Watcher("a"), event_with("a"), FailingStore())
    assert all(isinstance(found, Missing) and str(error) in found.why for found in seen[0].values())


def test_a_frame_that_nobody_resolves_says_so() -> None:
    """A language without a plug-in would look like a resolved frame."""
    event = resolve(
        Event(platform="cobol", stacktrace=Stacktrace(frames=(Frame(instruction_addr=0x10),))),  # type: ignore[arg-type]  # test data
        [],
        full_store(),
    )
    assert event.stacktrace
    assert event.stacktrace.frames[0].status is FrameStatus.MISSING
    assert "cobol" in str(event.errors[0].message)


@given(st.permutations(["a", "b", "c"]), st.lists(st.sampled_from("abcx"), max_size=8))
def test_the_order_of_transformers_does_not_matter(order: list[str], platforms: list[str]) -> None:
    """Installing one more plug-in would change how the others' frames come out."""
    event = event_with(*platforms)
    store = full_store("a", "c")
    in_order = resolve(event, [Doubler(name) for name in "abc"], store)
    assert resolve(event, [Doubler(name) for name in order], store) == in_order
