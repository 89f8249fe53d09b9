"""One stack in two views: what is claimed to be sure is right, on stacks whose true order is known."""

import random
from collections.abc import Sequence

import pytest
from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.bridges import Bridges
from symbolicator.merge.interleave import Interleaved, Unproven, interleave
from symbolicator.model import AbsoluteAddress, Frame, FrameData
from symbolicator.model.bridges import Bridge, NameRule, Rule
from tests.symbolicator.calibration import SURE, Calibration

EVAL = "eval_frame"
CPYTHON = Bridge(
    name="CPython",
    platforms=("python",),
    rules=(
        Rule(id="eval", functions=(EVAL,), enters=True, folds=True),
        Rule(id="call", functions=("call_object",), folds=True),
        Rule(id="leave", functions=("call_of_c",), leaves=True, folds=True),
    ),
)
BRIDGES = Bridges([CPYTHON])
BOUND = Bridges([replace(CPYTHON, names=(NameRule(id="bound", functions=("impl_{function}",)),))])
STACKS = 10_000


class Call(Struct):
    """A frame with its number in the true order; -1 for one that never was there."""

    order: int
    frame: Frame

    @property
    def is_entry(self) -> bool:
        return self.frame.function == EVAL


def native(function: str | None, pointer: int | None = None) -> Frame:
    data = FrameData(stack_pointer=None if pointer is None else AbsoluteAddress(pointer))
    return Frame(function=function, platform="native", trust="cfi", data=data)


def python(function: str, *, entry: bool = False, pointer: int | None = None) -> Frame:
    data = FrameData(is_entry=entry, stack_pointer=None if pointer is None else AbsoluteAddress(pointer))
    return Frame(function=function, platform="python", data=data)


class Kind(Struct):
    """What a runtime and the walker of its native stack tell."""

    marks_entries: bool
    has_pointers: bool
    binds_by_name: bool
    """Its methods are carried out by functions that are named after them, and it says which are native."""
    says_native: bool
    is_walked: bool
    """The walker of the native stack comes to the runtime's frames too."""


def kind_of(chance: random.Random) -> Kind:
    binds = chance.random() < 0.4
    return Kind(
        marks_entries=chance.random() < (0.2 if binds else 0.8),
        has_pointers=not binds and chance.random() < 0.3,
        binds_by_name=binds,
        says_native=chance.random() < 0.7,
        is_walked=binds and chance.random() < 0.2,
    )


class Program:
    """A thread that goes to and fro between C and Python; some runtimes say where they were entered, some do not."""

    def __init__(self, chance: random.Random) -> None:
        self.natives: list[Call] = []
        self.frames: list[Call] = []
        self._chance, self._kind = chance, kind_of(chance)
        self._pointer, self._order = 1 << 40, 0
        for turn in range(chance.randint(1, 5)):
            self._turn(turn, "start_thread" if turn == 0 else self._bound())
        if chance.random() < 0.75:
            self._native(self._bound())
            for number in range(chance.randint(0, 2)):
                self._native(f"c_last_{number}")

    def _turn(self, turn: int, called: str) -> None:
        self._native(called)
        for number in range(self._chance.randint(0, 3)):
            self._native(f"c_{turn}_{number}")
        self._native("call_object")
        self._native(EVAL)
        is_single = not self._kind.marks_entries and not self._kind.binds_by_name
        for number in range(1 if is_single else self._chance.randint(1, 4)):
            self._python(f"py_{turn}_{number}", entry=self._kind.marks_entries and number == 0)

    def _native(self, function: str) -> None:
        self._pointer -= self._chance.randint(16, 400)
        pointer = self._pointer if self._kind.has_pointers else None
        self.natives.append(Call(self._next(), native(function, pointer)))

    def _python(self, function: str, *, entry: bool) -> None:
        pointer = self._pointer + 8 if self._kind.has_pointers else None
        call = Call(self._next(), replace(python(function, entry=entry, pointer=pointer), lineno=self._order + 1))
        self.frames.append(call)
        if self._kind.is_walked:
            self.natives.append(call)

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _bound(self) -> str:
        """What carries out the method that was called last; a third is bound by hand, under any name."""
        if not self._kind.binds_by_name:
            return f"c_{self._order}"
        caller = self.frames[-1]
        name = f"m{self._chance.randint(0, 20)}"
        known = replace(caller.frame, function=name, lineno=None)
        if self._kind.says_native:
            known = replace(known, data=replace(known.data or FrameData(), is_native=True))
        if caller in self.natives:
            self.natives.remove(caller)
        self.frames[-1] = Call(caller.order, known)
        return f"impl_{name}" if self._chance.random() < 0.7 else f"c_{self._order}"

    @property
    def tells_crossings(self) -> bool:
        """Whether one who has the runtime's stack alone can know where it was left or entered."""
        return self._kind.marks_entries or self._kind.says_native or not self._kind.binds_by_name

    @property
    def bridges(self) -> Bridges:
        """The rules of the runtime that it runs in."""
        return BOUND if self._kind.binds_by_name else BRIDGES


def damaged(natives: list[Call], frames: list[Call], chance: random.Random) -> tuple[list[Call], list[Call]]:
    """What walkers and dumps make of it: frames lost, names stripped, leftovers of returned calls, runs cut off."""
    kept = [
        Call(call.order, replace(call.frame, function=None)) if chance.random() < 0.03 else call
        for call in natives
        if chance.random() > 0.02
    ]
    if kept and chance.random() < 0.1:
        at = chance.randrange(len(kept))
        below = kept[at].frame.data.stack_pointer  # type: ignore[union-attr]  # every call has data
        left = native(chance.choice(natives).frame.function, None if below is None else below + 12)
        kept.insert(at, Call(-1, replace(left, trust="scan")))
    if chance.random() < 0.1:
        del kept[: chance.randrange(len(kept) + 1)]
    if chance.random() < 0.05:
        del frames[chance.randrange(len(frames)) :]
    return kept, frames


def order_of(found: Interleaved, natives: Sequence[Call], frames: Sequence[Call]) -> list[int]:
    calls = [call for run in found.runs for call in (frames if run.is_runtime else natives)[run.start : run.end]]
    return [call.order for call in calls if call.order >= 0]


def calibrated(seed: int) -> Calibration:
    """Two views of many stacks, damaged at random, put together."""
    chance = random.Random(seed)
    counted = Calibration(stacks=STACKS)
    for _ in range(STACKS):
        made = Program(chance)
        natives, frames = damaged(made.natives, made.frames, chance)
        if not natives or not frames:
            continue
        found = interleave([call.frame for call in natives], [call.frame for call in frames], made.bridges, "python")
        if isinstance(found, Unproven):
            continue
        order = order_of(found, natives, frames)
        counted.count(found.confidence, is_right=order == sorted(order))
    return counted


def test_what_is_claimed_to_be_sure_is_right() -> None:
    """An engineer who is told 95% sure and is misled once in ten will not look at the tool again."""
    counted = calibrated(6)
    assert counted.right / counted.sure >= 0.995
    assert counted.merged / counted.stacks >= 0.78
    assert counted.sure / counted.stacks >= 0.65


def test_every_stack_that_is_whole_is_merged_exactly() -> None:
    """Without damage there is no reason to refuse."""
    chance = random.Random(7)
    for _ in range(500):
        made = Program(chance)
        if not made.tells_crossings:
            continue
        natives, frames = [call.frame for call in made.natives], [call.frame for call in made.frames]
        found = interleave(natives, frames, made.bridges, "python")
        assert isinstance(found, Interleaved), made
        order = order_of(found, made.natives, made.frames)
        assert order == sorted(order)
        assert set(order) == {call.order for call in (*made.natives, *made.frames)}


def test_unequal_counts_are_shown_apart_with_the_reason() -> None:
    """Frames that are put together by guess send the reader to a caller that never called."""
    stack = [native("main"), native(EVAL), native("c"), native(EVAL), native("c")]
    found = interleave(stack, [python("f", entry=True), python("g")], BRIDGES, "python")
    assert found == Unproven("the native stack enters it 2 times, it was entered once by its own account")


def test_a_stack_that_never_enters_the_runtime_is_shown_apart() -> None:
    """A stripped interpreter gives no place to put its frames."""
    found = interleave([native(None)], [python("f")], BRIDGES, "python")
    assert found == Unproven("no native frame is known to enter it")


def test_the_interpreter_may_have_only_just_been_entered() -> None:
    """It crashed before it had a frame for the call: the others have their places all the same."""
    stack = [native("main"), native(EVAL), native("c"), native(EVAL)]
    found = interleave(stack, [python("f", entry=True), python("g")], BRIDGES, "python")
    assert isinstance(found, Interleaved)
    assert found.confidence < SURE
    assert [(run.is_runtime, run.start, run.end) for run in found.runs] == [(False, 0, 2), (True, 0, 2), (False, 2, 4)]


@pytest.mark.parametrize("lost", [1, 3])
def test_addresses_on_the_stack_prove_the_place_even_where_an_entry_has_no_name(lost: int) -> None:
    """Counting fails where one entry was stripped; the interpreter's records still lie in the others' frames."""
    stack = [native("main", 900), native(EVAL, 800), native("c", 700), native(EVAL, 600), native("c", 500)]
    parts = {1: python("f", entry=True, pointer=820), 3: python("g", entry=True, pointer=620)}
    del parts[lost]
    found = interleave(stack, list(parts.values()), BRIDGES, "python")
    assert isinstance(found, Interleaved)
    (kept,) = parts
    assert found.confidence == 1.0
    assert found.runs[0].end == kept + 1


def test_a_native_stack_that_begins_below_the_runtime_has_the_runtime_below_it() -> None:
    """Walkers end at code that was compiled at run time: all of JavaScript is older than what is left."""
    stack = [native(None), native("call_of_c"), native("c")]
    found = interleave(stack, [python("f"), python("g")], BRIDGES, "python")
    assert isinstance(found, Interleaved)
    assert [(run.is_runtime, run.start, run.end) for run in found.runs] == [(True, 0, 2), (False, 0, 3)]


def test_of_such_a_stack_the_newest_parts_belong_to_its_own_entries() -> None:
    """The native frames of the older crossings are lost; those that are there keep their parts."""
    stack = [native("call_of_c"), native("c"), native(EVAL), native("c")]
    runtime = [python(name, entry=True) for name in "fgh"]
    found = interleave(stack, runtime, BRIDGES, "python")
    assert isinstance(found, Interleaved)
    runs = [(run.is_runtime, run.start, run.end) for run in found.runs]
    assert runs == [(True, 0, 2), (False, 0, 3), (True, 2, 3), (False, 3, 4)]


def test_more_entries_than_the_runtime_knows_of_are_no_proof() -> None:
    """One of the two stacks is not what it seems."""
    stack = [native("call_of_c"), native(EVAL), native(EVAL)]
    assert isinstance(interleave(stack, [python("f", entry=True)], BRIDGES, "python"), Unproven)


HERMES = Bridge(
    name="Hermes",
    platforms=("javascript",),
    rules=(
        Rule(id="call", functions=("call", "interpret"), enters=True, joins=True, folds=True),
        Rule(id="machinery", functions=("execute",), folds=True),
        Rule(id="leave", functions=("native_call",), leaves=True, folds=True),
    ),
)


@pytest.mark.parametrize(
    ("functions", "starts"),
    [
        (["main", "call", "execute", "interpret", "fail"], [4]),
        (["main", "call", "interpret", "native_call", "map", "execute", "interpret", "fail"], [3, 7]),
        (["main", "interpret", "native_call", "interpret", "fail"], [2, 4]),
        (["main", "interpret", "host", "call", "interpret"], [2, 5]),
    ],
)
def test_frames_that_enter_together_enter_once(functions: list[str], starts: list[int]) -> None:
    """A call of Hermes is three functions one below the other: counted one by one, nothing would ever be merged."""
    frames = [Frame(function=f"js{number}", platform="javascript", data=FrameData(is_entry=True)) for number in starts]
    natives = [Frame(function=name, platform="native") for name in functions]
    found = interleave(natives, frames, Bridges([HERMES]), "javascript")
    assert isinstance(found, Interleaved)
    order = [("js" if run.is_runtime else functions[at]) for run in found.runs for at in range(run.start, run.end)]
    expected = list(functions)
    for start in reversed(starts):
        expected.insert(start, "js")
    assert order == expected


def test_entries_that_do_not_join_are_counted_each() -> None:
    """CPython's evaluation loop may call itself directly: each is a frame of Python."""
    natives = [native(EVAL), native(EVAL)]
    found = interleave(natives, [python("a", entry=True), python("b", entry=True)], BRIDGES, "python")
    assert isinstance(found, Interleaved)
    assert [(run.start, run.is_runtime) for run in found.runs] == [(0, False), (0, True), (1, False), (1, True)]


def test_a_stripped_interpreters_records_prove_the_place_less_surely() -> None:
    """Its frames have no names; but that nothing else without a name is lost between them nobody knows."""
    stack = [native("main", 900), native(None, 800), native("c", 700), native(None, 600), native("c", 500)]
    runtime = [python("f", entry=True, pointer=820), python("g", entry=True, pointer=620)]
    found = interleave(stack, runtime, BRIDGES, "python")
    assert isinstance(found, Interleaved)
    assert found.confidence < SURE
    assert [run.is_runtime for run in found.runs] == [False, True, False, True, False]


def test_a_record_in_a_frame_of_another_function_is_no_proof() -> None:
    """The interpreter's own frame was lost, and its neighbour seems to reach over its place."""
    stack = [native("main", 900), native("c", 700)]
    assert isinstance(interleave(stack, [python("f", entry=True, pointer=820)], BRIDGES, "python"), Unproven)
