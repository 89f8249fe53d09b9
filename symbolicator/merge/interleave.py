"""One stack in two views: puts the frames of a language's runtime among the native frames of the same thread (``R1``).

A native frame that enters the runtime (a bridge rule says so) runs a part of the runtime's stack. Which part belongs to
which frame is known, in order of evidence:

1. by stack pointers: the runtime kept the address of its own record on the native stack, and it lies in that frame;
2. by count: the native stack enters the runtime as often as the runtime says that it was entered;
3. by names: a native function carries out a method of the runtime that is called as the runtime's bindings say, or the
   native walk came to frames of the runtime's language itself; between those, by count;
4. by where the native stack begins: its oldest frame is one that the runtime called (walkers often end at code that was
   compiled at run time), so that all of the runtime that it does not enter itself is older;
5. by count, where the newest native frame has only just entered it and there is no part for that yet, or where the
   runtime does not say how often it was entered and the native stack does so once.

Where frames of the runtime stand for native functions, `native_calls` places those that one another called.

Anything else is no proof: the two stacks are then shown one below the other, with the reason.
"""

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.bridges import Bridges, Match, name_of
from symbolicator.merge.native_calls import is_native, split_at_native_calls
from symbolicator.merge.runs import Run
from symbolicator.merge.tied import View, join_tied
from symbolicator.merge.ties import UNSURE, Tie, find_ties
from symbolicator.model import Frame
from symbolicator.model.bridges import NameRule

BY_ADDRESS, BY_COUNT, BY_ADDRESS_OF_UNNAMED, BY_COUNT_BUT_ONE, BY_COUNT_OF_SCANNED = 1.0, 0.95, 0.8, 0.75, 0.6
"""Confidences, calibrated by `tests/symbolicator/test_interleave.py`: from 0.9 on 99.5% of merges are right."""
_OLDEST = 4
"""Among how many of the oldest frames the runtime's call is looked for: stubs without a name may lie below it."""
_STARTS = frozenset({
    "_start", "main", "start", "start_thread", "thread_start", "_pthread_start", "clone", "clone3", "__clone",
    "__clone3", "__libc_start_main", "__libc_start_call_main", "__pthread_start", "__start_thread",
    "BaseThreadInitThunk", "RtlUserThreadStart",
})  # fmt: skip
"""Functions that a thread or a program begins with."""


class Interleaved(Struct, frozen=True):
    """Runs in the order in which they were called, oldest first, and how that is known."""

    runs: tuple[Run, ...]
    rule: str
    evidence: str
    confidence: float


class Unproven(Struct, frozen=True):
    """Why the two stacks are not put together."""

    reason: str


def interleave(
    native: Sequence[Frame], runtime: Sequence[Frame], bridges: Bridges, platform: str
) -> Interleaved | Unproven:
    """The two views of one thread as one stack. Both are from caller to callee; ``platform`` is the runtime's."""
    crossings = [(at, match) for at, frame in enumerate(native) if (match := _crossing(frame, bridges, platform))]
    entries = _entries(crossings)
    names = bridges.names(platform)
    parts, is_known = _parts(runtime, 0 if names else len(entries))
    rule = next((match.rule.id for _, match in crossings if match.rule.enters or match.rule.leaves), "")
    placed: _Placed | Unproven | None = _by_address(native, runtime, entries, parts)
    if placed is None and (ties := find_ties(native, runtime, names, platform)) != []:
        view = _view(native, runtime, entries, crossings)
        return _by_ties(view, ties, runtime, rule, names)
    if placed is None and _begins_in_runtime(crossings):
        placed = _from_the_newest(entries, parts, crossings[0][1].bridge.name)
    elif placed is None:
        placed = _by_unnamed(native, runtime, entries, parts) or _by_count(native, entries, parts, is_known=is_known)
    if isinstance(placed, Unproven):
        return placed
    placed = _with_calls_of_native(placed, runtime, crossings)
    return Interleaved(_runs(len(native), placed, len(runtime)), rule, placed.evidence, placed.confidence)


def _by_ties(
    view: View, ties: Sequence[Tie] | None, runtime: Sequence[Frame], rule: str, names: Sequence[NameRule]
) -> Interleaved | Unproven:
    if ties is None:
        return Unproven("the names in the two stacks contradict each other")
    joined = join_tied(view, ties)
    newest = next((tie for tie in reversed(ties) if not tie.is_same), ties[-1])
    name = runtime[newest.runtime].function
    if joined is None:
        return Unproven(f"calls are missing or left over beside {name}, which is in both")
    if newest.is_same:
        return Interleaved(joined.runs, rule or "same-frames", f"both show {name}", joined.confidence)
    evidence = f"native method {name}, by its function's name"
    return Interleaved(joined.runs, names[0].id, evidence, joined.confidence)


def _view(
    native: Sequence[Frame], runtime: Sequence[Frame], entries: Sequence[int], crossings: Sequence[tuple[int, Match]]
) -> View:
    marks = _marks(runtime)
    begins = {at for at, match in crossings if match.rule.begins}
    oldest = range(min(_OLDEST, len(native)))
    return View(
        natives=len(native),
        frames=len(runtime),
        entries=entries,
        parts=marks,
        is_marked=bool(marks) or any(map(is_native, runtime)),
        is_unsure=any(frame.trust in UNSURE for frame in native),
        unnamed=frozenset(at for at, frame in enumerate(native) if _is_unnamed(frame)),
        loose=_loose(crossings),
        is_cut=not any(at in begins or name_of(native[at]) in _STARTS for at in oldest),
    )


def _loose(crossings: Sequence[tuple[int, Match]]) -> list[int]:
    """Frames that serve a crossing with no frame beside them that enters or leaves the runtime."""
    loose: list[int] = []
    for _, run in groupby(enumerate(crossings), key=lambda numbered: numbered[1][0] - numbered[0]):
        matches = [one for _, one in run]
        if not any(match.rule.enters or match.rule.leaves or match.rule.begins for _, match in matches):
            loose += [at for at, _ in matches]
    return loose


def _crossing(frame: Frame, bridges: Bridges, platform: str) -> Match | None:
    match = bridges.match(frame)
    return match if match and platform in match.bridge.platforms else None


def _entries(crossings: Sequence[tuple[int, Match]]) -> list[int]:
    """Frames that enter the runtime; of several that do it together, the newest."""
    entries: list[int] = []
    last, is_joined = -1, False
    for at, match in crossings:
        is_joined = is_joined and at == last + 1 and not match.rule.leaves
        if match.rule.enters:
            if is_joined and match.rule.joins:
                entries.pop()
            entries.append(at)
            is_joined = match.rule.joins and not match.rule.innermost
        last = at
    return entries


def _begins_in_runtime(crossings: Sequence[tuple[int, Match]]) -> bool:
    """Whether one of the oldest frames is called by the runtime, and none before it enters that."""
    at, match = next(((at, match) for at, match in crossings if match.rule.enters or match.rule.leaves), (0, None))
    return match is not None and match.rule.leaves and at < _OLDEST


def _parts(runtime: Sequence[Frame], entries: int) -> tuple[list[int], bool]:
    """Where the parts of the runtime's stack begin, and whether that is known: each was run by another call of it.

    Where the runtime says nothing of that, it was one frame each for as many ``entries``, else one part.
    """
    marked = _marks(runtime)
    if marked:
        return sorted({0, *marked}), True
    is_one_each = entries == len(runtime)
    return list(range(len(runtime))) if is_one_each else [0], is_one_each


def _marks(runtime: Sequence[Frame]) -> list[int]:
    """Frames that were entered from native code: the runtime says so, else had just left, or has another record."""
    places = [_stack_address(frame) for frame in runtime]
    marked = {at for at, frame in enumerate(runtime) if frame.data and frame.data.is_entry}
    if not marked:
        marked = {at + 1 for at, frame in enumerate(runtime[:-1]) if is_native(frame)}
    if None not in places:
        marked |= {at for at in range(1, len(places)) if places[at] != places[at - 1]}
    return sorted(marked)


class _Placed(Struct, frozen=True):
    """Frames that enter the runtime, and where the parts that they run begin; -1 is what came before all frames."""

    entries: Sequence[int]
    parts: Sequence[int]
    evidence: str
    confidence: float


def _from_the_newest(entries: list[int], parts: list[int], name: str) -> _Placed | Unproven:
    """The newest parts belong to the entries that there are, everything older came before the native stack begins."""
    if len(parts) <= len(entries):
        return Unproven(f"the native stack enters it {_times(len(entries))} and begins below a call of it")
    newest = parts[len(parts) - len(entries) :] if entries else []
    return _Placed([-1, *entries], [0, *newest], f"the native stack begins where {name} called it", BY_COUNT)


def _by_address(
    native: Sequence[Frame], runtime: Sequence[Frame], entries: list[int], parts: list[int]
) -> _Placed | None:
    """The entries whose part of the native stack holds the runtime's records, where every part has one."""
    taken: list[int] = []
    for part in parts:
        address = _stack_address(runtime[part])
        holder = next((at for at in entries if address is not None and _holds(native, at, address)), None)
        if holder is None or (taken and holder <= taken[-1]):
            return None
        taken.append(holder)
    return _Placed(taken, parts, "the interpreter's records lie in these native frames", BY_ADDRESS)


def _by_unnamed(
    native: Sequence[Frame], runtime: Sequence[Frame], entries: list[int], parts: list[int]
) -> _Placed | None:
    """The same, where frames of a stripped interpreter hold records: what else is there without a name may be lost."""
    candidates = [at for at, frame in enumerate(native) if at in entries or _is_unnamed(frame)]
    placed = _by_address(native, runtime, candidates, parts)
    return replace(placed, confidence=BY_ADDRESS_OF_UNNAMED) if placed else None


def _is_unnamed(frame: Frame) -> bool:
    return not frame.function or bool(frame.data and frame.data.symbol_distance is not None)


def _holds(native: Sequence[Frame], at: int, address: int) -> bool:
    """Whether a stack address lies in a frame: between its stack pointer and its caller's."""
    begin, end = _stack_address(native[at]), _stack_address(native[at - 1]) if at else None
    return begin is not None and end is not None and begin <= address < end


def _stack_address(frame: Frame) -> int | None:
    return frame.data.stack_pointer if frame.data else None


def _by_count(native: Sequence[Frame], entries: list[int], parts: list[int], *, is_known: bool) -> _Placed | Unproven:
    if not entries:
        return Unproven("no native frame is known to enter it")
    is_unsure = any(frame.trust in UNSURE for frame in native[entries[0] :])
    if len(entries) == len(parts):
        evidence = f"both stacks enter it {_times(len(parts))}" + (", native frames are a guess" if is_unsure else "")
        confidence = BY_COUNT_OF_SCANNED if is_unsure else BY_COUNT if is_known else BY_COUNT_BUT_ONE
        return _Placed(entries, parts, evidence, confidence)
    if len(entries) == len(parts) + 1 and entries[-1] == len(native) - 1 and not is_unsure:
        evidence = "both stacks enter it as often, but for the newest frame that just did"
        return _Placed(entries[:-1], parts, evidence, BY_COUNT_BUT_ONE)
    return Unproven(
        f"the native stack enters it {_times(len(entries))}, it was entered {_times(len(parts))} by its own account"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _with_calls_of_native(placed: _Placed, runtime: Sequence[Frame], crossings: Sequence[tuple[int, Match]]) -> _Placed:
    """The same, where native code that the runtime ran called more of it by way of the runtime."""
    leaves = [at for at, match in crossings if match.rule.leaves]
    found = split_at_native_calls(placed.entries, placed.parts, runtime, leaves)
    split = replace(placed, entries=found.entries, parts=found.parts)
    if found.is_sure:
        return split
    evidence = f"{placed.evidence}, nested calls unplaced"
    return replace(split, evidence=evidence, confidence=min(placed.confidence, BY_COUNT_BUT_ONE))


def _runs(natives: int, placed: _Placed, frames: int) -> tuple[Run, ...]:
    """Native frames up to an entry, the part that it runs, and so on; what is left of the native stack last."""
    runs: list[Run] = []
    done = 0
    for entry, start, end in zip(placed.entries, placed.parts, [*placed.parts[1:], frames], strict=True):
        runs += [Run(done, entry + 1), Run(start, end, is_runtime=True)]
        done = entry + 1
    return tuple(run for run in (*runs, Run(done, natives)) if run.start < run.end)
