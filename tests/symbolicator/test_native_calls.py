"""Native functions that the runtime has frames for too: each stands where it was called, or is said to be unsure."""

import random

from msgspec import Struct, field

from symbolicator.merge.bridges import Bridges
from symbolicator.merge.interleave import Interleaved, interleave
from symbolicator.merge.native_calls import split_at_native_calls
from symbolicator.model import Frame, FrameData
from symbolicator.model.bridges import Bridge, Rule

RUBY = Bridge(
    name="Ruby",
    platforms=("ruby",),
    rules=(
        Rule(id="exec", functions=("exec",), enters=True, folds=True),
        Rule(id="leave", functions=("leave", "leave_inner"), leaves=True, folds=True),
    ),
)
BRIDGES = Bridges([RUBY])
PROGRAMS = 1_000


def native(function: str | None) -> Frame:
    return Frame(function=function, platform="native")


def ruby(function: str, *, entry: bool = False, in_c: bool = False) -> Frame:
    return Frame(function=function, platform="ruby", data=FrameData(is_entry=entry, is_native=in_c))


class Program(Struct):
    """A thread: both views of it, and the names of all calls in the order in which they were made."""

    natives: list[Frame] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def native(self, function: str, *, name: str | None) -> None:
        self.natives.append(native(name))
        self.order.append(function)

    def runtime(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.order.append(frame.function or "")


def program(chance: random.Random, *, stripped: bool) -> Program:
    """C runs Ruby, that calls methods in C, and those more of them or Ruby again."""
    made = Program()
    for turn in range(chance.randint(1, 4)):
        made.native(f"c_{turn}", name=f"c_{turn}")
        made.native("exec", name="exec")
        for number in range(chance.randint(1, 3)):
            made.runtime(ruby(f"rb_{turn}_{number}", entry=number == 0))
        for depth in range(chance.randint(1, 3)):
            if depth:
                made.native("call", name=None if stripped else "call")
            for name in ("leave", "leave_inner")[: chance.randint(1, 2)]:
                made.native(name, name=None if stripped else name)
            made.runtime(ruby(f"method_{turn}_{depth}", in_c=True))
            made.native(f"in_c_{turn}_{depth}", name=f"in_c_{turn}_{depth}")
    return made


def merged(made: Program) -> tuple[list[str], float]:
    found = interleave(made.natives, made.frames, BRIDGES, "ruby")
    assert isinstance(found, Interleaved)
    runs = [(made.frames if run.is_runtime else made.natives)[run.start : run.end] for run in found.runs]
    return [frame.function or "" for run in runs for frame in run], found.confidence


def without_machinery(order: list[str]) -> list[str]:
    return [name for name in order if name not in ("", "call", "leave", "leave_inner")]


def test_each_stands_right_before_its_own_frame() -> None:
    """A method that is written in C would seem to be called by what it called itself."""
    chance = random.Random(1)
    for _ in range(PROGRAMS):
        made = program(chance, stripped=False)
        order, confidence = merged(made)
        assert confidence >= 0.9
        assert without_machinery(order) == without_machinery(made.order)


def test_without_symbols_what_is_sure_is_right() -> None:
    """A stripped interpreter does not tell where C called C: an order that is claimed all the same misleads."""
    chance = random.Random(2)
    sure = 0
    for _ in range(PROGRAMS):
        made = program(chance, stripped=True)
        order, confidence = merged(made)
        assert len(order) == len(made.order)
        if confidence >= 0.9:
            sure += 1
            assert without_machinery(order) == without_machinery(made.order)
    assert PROGRAMS / 10 < sure < PROGRAMS


def test_a_place_too_many_makes_it_unsure() -> None:
    """A native stack that leaves the runtime more often than that knows of is of another moment, or cut."""
    split = split_at_native_calls([1], [0], [ruby("total"), ruby("each", in_c=True)], [3, 6])
    assert (split.entries, split.parts, split.is_sure) == ([1], [0], False)


def test_other_runtimes_keep_what_was_found() -> None:
    """Python's frames say nothing of functions in C: its stacks must not become unsure by that."""
    split = split_at_native_calls([1, 4], [0, 1], [ruby("f"), ruby("g")], [2, 5, 7])
    assert (split.entries, split.parts, split.is_sure) == ([1, 4], [0, 1], True)
