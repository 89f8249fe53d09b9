"""An exception and its cause in another language: their stacks as the one stack that they were (``R3``).

JavaScript calls a method of native code, that fails, and JavaScript raises an error for it: JavaScript's frames are the
callers of the newest native ones, and the oldest native ones called JavaScript. Where its frames belong among the
cause's is known, in order of evidence:

1. by count, as with one stack in two views (`symbolicator.merge.interleave`): the cause's stack enters the runtime as
   often as the runtime's shows, and native code that the runtime calls follows, or right away the method that was
   called, by the word of the runtime's own stack;
2. by the name of the method that was called, where its calls are next to each other.

What was called asynchronously ran later, on another stack: where its name proves the place, the seam says so (``R2``).
"""

from collections.abc import Sequence
from itertools import groupby, pairwise

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.bridges import Bridges, Match
from symbolicator.merge.callers import BY_NAME, is_called
from symbolicator.merge.interleave import BY_ADDRESS_OF_UNNAMED, BY_COUNT, Interleaved, Unproven, interleave
from symbolicator.merge.runs import Run
from symbolicator.model import Caller, Frame, FrameData

ASYNC = frozenset({"async", "void"})
"""Kinds of calls after which the caller goes on."""
ENOUGH = 0.7
"""Stacks are put together from this confidence on."""
BY_METHOD = 0.75
"""A method's name without that of its module."""
_NOWHERE = Unproven("neither the error's message nor its stack says which native method it had called")
_LATER = Unproven("it ran asynchronously, on a stack of its own")


class Splice(Struct, frozen=True):
    """Runs of both stacks in the order in which they were called, oldest first; ``is_runtime`` those of the parent."""

    runs: tuple[Run, ...]
    relation: str
    rule: str
    evidence: str
    confidence: float


class Stacks(Struct, frozen=True):
    """The frames of an exception and of its cause, caller to callee, and what the first had called as far as is known.

    ``platform`` is the first one's.
    """

    parent: Sequence[Frame]
    cause: Sequence[Frame]
    caller: Caller
    platform: str


def splice(stacks: Stacks, bridges: Bridges) -> Splice | Unproven:
    """The two stacks as one, or why that is not proven."""
    crossings = {
        at: match
        for at, frame in enumerate(stacks.cause)
        if (match := bridges.match(frame)) and stacks.platform in match.bridge.platforms
    }
    if stacks.caller.kind in ASYNC:
        found = _named(stacks, crossings)
        return replace(found, relation="R2") if isinstance(found, Splice) else _LATER
    return _counted(stacks, bridges, crossings) or _named(stacks, crossings)


def _counted(stacks: Stacks, bridges: Bridges, crossings: dict[int, Match]) -> Splice | None:
    files = {file for match in crossings.values() for file in match.bridge.native_files}
    found = interleave(stacks.cause, _marked(stacks.parent, files), bridges, stacks.platform)
    if isinstance(found, Unproven) or found.confidence < ENOUGH:
        return None
    newest = found.runs[-1]
    if newest.is_runtime:
        return None
    left = next((match.rule.id for at, match in crossings.items() if at >= newest.start and match.rule.leaves), None)
    if left:
        evidence = _evidence(stacks.caller, found, crossings.get(newest.start - 1))
        return Splice(found.runs, "R3", left, evidence, _confidence(stacks, found))
    if _is_asked_for(stacks, newest.start):
        return Splice(found.runs, "R3", found.rule, f"{stacks.caller.asked_for}, named in both stacks", BY_COUNT)
    return None


def _confidence(stacks: Stacks, found: Interleaved) -> float:
    """Less where a frame without a name is above one that entered the runtime: it may have done that with it."""
    behind = [stacks.cause[run.start] for run in found.runs[1:] if not run.is_runtime]
    is_sure = all(frame.function for frame in behind)
    return found.confidence if is_sure else min(found.confidence, BY_ADDRESS_OF_UNNAMED)


def _marked(parent: Sequence[Frame], native_files: set[str]) -> list[Frame]:
    """The frames with those marked that native functions called, if that shows: each was run by another call."""
    if not native_files:
        return list(parent)
    native = [frame.filename in native_files for frame in parent]
    entries = [True, *(older and not own for older, own in pairwise(native))]
    return [
        replace(frame, data=replace(frame.data or FrameData(), is_entry=is_entry))
        for frame, is_entry in zip(parent, entries, strict=True)
    ]


def _is_asked_for(stacks: Stacks, at: int) -> bool:
    """Whether a frame is the method that the parent's own stack says it called."""
    caller = stacks.caller
    return caller.kind == "sync" and bool(caller.asked_for) and is_called(stacks.cause[at], caller.asked_for or "")


def _evidence(caller: Caller, found: Interleaved, entered: Match | None) -> str:
    """``entered``: what entered the runtime last, if the cause's stack has it."""
    times = sum(run.is_runtime for run in found.runs)
    counted = f"both stacks enter {entered.bridge.name} {'once' if times == 1 else f'{times} times'}" if entered else ""
    return ", ".join(part for part in (caller.asked_for, counted or found.evidence) if part)


def _named(stacks: Stacks, crossings: dict[int, Match]) -> Splice | Unproven:
    asked_for = stacks.caller.asked_for
    if not asked_for:
        return _NOWHERE
    calls = [
        list(run)
        for is_named, run in groupby(range(len(stacks.cause)), lambda at: is_called(stacks.cause[at], asked_for))
        if is_named
    ]
    if len(calls) != 1:
        return Unproven(f"{'none' if not calls else 'more than one'} of its frames is a call of {asked_for}")
    before = _begin(calls[0][0], crossings)
    if any(at > before and match.rule.enters for at, match in crossings.items()):
        return Unproven(f"{asked_for} had called back")
    if not _is_one_part(stacks.cause[:before], crossings):
        return Unproven("native code was entered several times, and nothing says which part of the caller was when")
    runs = (Run(0, before), Run(0, len(stacks.parent), is_runtime=True), Run(before, len(stacks.cause)))
    return Splice(
        tuple(run for run in runs if run.start < run.end),
        "R3",
        stacks.caller.rule or "caller",
        f"{asked_for}, by the function's name",
        BY_NAME if "." in asked_for else BY_METHOD,
    )


def _is_one_part(older: Sequence[Frame], crossings: dict[int, Match]) -> bool:
    """Whether nothing but the runtime lies above the oldest frame that enters it: no other call is misplaced then."""
    entered = min((at for at, match in crossings.items() if match.rule.enters), default=len(older))
    return all(at in crossings or not older[at].function for at in range(entered, len(older)))


def _begin(called: int, crossings: dict[int, Match]) -> int:
    """Where native code begins that leads to a method: above what enters the runtime, else where it leaves that."""
    entered = max((at for at, match in crossings.items() if match.rule.enters and at < called), default=-1)
    if entered >= 0:
        return entered + 1
    return min((at for at, match in crossings.items() if match.rule.leaves and at < called), default=called)
