"""A made-up program, its bugs, and the crashes that one bug makes: the truth that grouping is measured against.

A path leads from ``main`` through the event loop and a dispatcher, which all bugs share, over the functions of one
feature, which its bugs share, to the function that fails. Siblings at the end have names that are alike (``getPrice``,
``setPrice``), so that telling a renamed function from another one is as hard as it is.
"""

import random
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.enrich import enrich
from symbolicator.merge import merge
from symbolicator.model import Event, ExceptionValue, Frame, FrameData, FrameStatus, Stacktrace, Values

MODULES = ("cart", "stock", "parcel", "refund", "ledger", "coupon", "invoice", "search", "login", "report")
VERBS = ("get", "set", "add", "remove", "find", "load", "store", "check", "send", "parse", "merge", "count", "apply")
NOUNS = ("Price", "Line", "Total", "Tax", "Order", "Item", "Page", "User", "Label", "Rate", "Token", "Entry", "Address")
ERRORS = ("SIGSEGV", "SIGABRT", "SIGFPE")
LIBRARY = "/srv/libshop.so"
Frames = tuple[Frame, ...]


class Bug(Struct, frozen=True):
    """``frames``: oldest call first, as everywhere."""

    error: str
    frames: Frames


def native(function: str | None) -> Frame:
    return Frame(function=function, package=LIBRARY, platform="native", in_app=True)


def script(function: str, module: str) -> Frame:
    return Frame(function=function, filename=f"src/{module}.ts", platform="javascript", in_app=True)


def made_up_bugs(chance: random.Random, count: int, per_feature: int = 4) -> list[Bug]:
    """Bugs of one program: those of a feature part from each other only in the last one to four calls."""
    loop = [native("main"), native("app::Loop::run"), native("app::Loop::dispatch"), script("onEvent", "app")]
    bugs: dict[tuple[str | None, ...], Bug] = {}
    while len(bugs) < count:
        module = chance.choice(MODULES)
        scripts = [script(_method(chance), module) for _ in range(chance.randint(0, 5))]
        feature = [*loop, *scripts, *(native(_function(module, chance)) for _ in range(chance.randint(1, 9)))]
        for _ in range(per_feature):
            end = [native(_function(module, chance)) for _ in range(chance.randint(1, 4))]
            bug = Bug(chance.choice(ERRORS), (*feature, *end))
            bugs[tuple(frame.function for frame in bug.frames)] = bug
    return list(bugs.values())[:count]


def _method(chance: random.Random) -> str:
    return f"{chance.choice(NOUNS)}.{chance.choice(VERBS)}{chance.choice(NOUNS)}"


def _function(module: str, chance: random.Random) -> str:
    return f"{module}::{chance.choice(NOUNS)}::{chance.choice(VERBS)}{chance.choice(NOUNS)}"


def crash(bug: Bug) -> Event:
    error = ExceptionValue(type=bug.error, stacktrace=Stacktrace(frames=bug.frames))
    return enrich(merge(Event(exception=Values(values=(error,)))))


def other_build(bug: Bug, chance: random.Random) -> Bug:
    """Clones, numbers of lambdas, parameters that only symbol tables have."""
    noise = (" [clone .isra.0]", ".part.3", "(Order const&, int)", "::{lambda()#2}::operator()()", ".cold")
    return _each(bug, chance, 0.4, lambda frame: _renamed(frame, f"{frame.function}{chance.choice(noise[:3])}"))


def other_inlining(bug: Bug, chance: random.Random) -> Bug:
    """One or two calls are no frames of their own any more; now and then the one that failed is among them."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(4, len(bug.frames))
        bug = replace(bug, frames=bug.frames[:at] + bug.frames[at + 1 :])
    return bug


def missing_symbols(bug: Bug, chance: random.Random) -> Bug:
    """One to three of the calls have no name."""
    places = chance.sample(range(len(bug.frames)), chance.randint(1, 3))
    frames = (_lost(frame) if at in places else frame for at, frame in enumerate(bug.frames))
    return replace(bug, frames=tuple(frames))


def missing_library(bug: Bug, chance: random.Random) -> Bug:
    """No native call has a name."""
    return replace(bug, frames=tuple(_lost(frame) for frame in bug.frames))


def other_depth(bug: Bug, chance: random.Random) -> Bug:
    """The last two calls went round a few times."""
    return replace(bug, frames=bug.frames[:-2] + bug.frames[-2:] * chance.randint(2, 40))


def renamed_function(bug: Bug, chance: random.Random) -> Bug:
    """One function has another name: longer half of the time, else a new one."""
    at = chance.randrange(4, len(bug.frames))
    old = bug.frames[at]
    name = (
        f"{old.function}{chance.choice(('Now', '2', 'Impl', 'Or'))}"
        if chance.random() < 0.5
        else _function("shop", chance)
    )
    return replace(bug, frames=(*bug.frames[:at], _renamed(old, name), *bug.frames[at + 1 :]))


def extra_wrapper(bug: Bug, chance: random.Random) -> Bug:
    at = chance.randrange(4, len(bug.frames))
    return replace(bug, frames=(*bug.frames[:at], native(_function("util", chance)), *bug.frames[at:]))


def moved_namespace(bug: Bug, chance: random.Random) -> Bug:
    """The feature's code moved one namespace down."""
    return _each(bug, chance, 1.0, lambda frame: _renamed(frame, (frame.function or "").replace("::", "::v2::", 1)))


def other_caller(bug: Bug, chance: random.Random) -> Bug:
    """The older half of the trace is that of another feature."""
    callers = (native("main"), native("jobs::Runner::run"), native(_function("jobs", chance)))
    return replace(bug, frames=callers + bug.frames[-max(5, len(bug.frames) // 2) :])


def _each(bug: Bug, chance: random.Random, share: float, change: Callable[[Frame], Frame]) -> Bug:
    frames = tuple(
        change(frame) if frame.platform == "native" and at > 2 and chance.random() < share else frame
        for at, frame in enumerate(bug.frames)
    )
    return replace(bug, frames=frames)


def _renamed(frame: Frame, name: str) -> Frame:
    return replace(frame, function=name)


def _lost(frame: Frame) -> Frame:
    if frame.platform != "native":
        return frame
    return replace(frame, function=None, data=FrameData(status=FrameStatus.MISSING_SYMBOL))


VARIANTS: Sequence[Callable[[Bug, random.Random], Bug]] = (
    other_build, other_inlining, missing_symbols, other_depth, renamed_function, extra_wrapper, moved_namespace,
    other_caller, missing_library,
)  # fmt: skip
