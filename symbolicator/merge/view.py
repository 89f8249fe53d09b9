"""Builds the merged view from the chosen stacks."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from symbolicator.merge.awaits import sleeping, with_awaits
from symbolicator.merge.bridges import Bridges, BridgeTables, matcher_for
from symbolicator.merge.callers import Place, place_of
from symbolicator.merge.causes import Unit, units_of
from symbolicator.merge.chain import Link
from symbolicator.merge.crashed import Crashed, find_crashed
from symbolicator.merge.folds import folds_of
from symbolicator.merge.interleave import Interleaved, Unproven, interleave
from symbolicator.merge.matched import Matched, match
from symbolicator.merge.splices import Splice
from symbolicator.merge.threads import thread_of
from symbolicator.model import Apart, Caller, Event, Frame, FrameReference, MergedFrame, MergedTrace, Seam
from symbolicator.model.edit import platform_of, stacks_of
from symbolicator.model.merged import LINKED


def merge(event: Event, bridges: BridgeTables = tuple) -> Event:
    """Sets ``event.merged``. Depends on the stacks and the tables alone, so that merging again changes nothing.

    Exceptions that caused one another are shown one after the other with a seam between them (cause chain, ``R3``):
    the innermost cause ran first. Where the stacks of two prove to have been one, in two languages, they are one. An
    event without any stack gets no view. ``bridges`` is asked for its tables only where the event has frames of several
    platforms.
    """
    crashed = find_crashed(event)
    if crashed is None:
        return replace(event, merged=None)
    matcher = matcher_for(event, bridges)
    return replace(event, merged=_view(event, crashed, units_of(event, matcher), matcher))


def _view(event: Event, crashed: Crashed, units: list[Unit], bridges: Bridges) -> MergedTrace:
    stacks = {name: stack.frames for name, stack in stacks_of(event)}
    view = _View(event, stacks, bridges)
    for unit in units[:-1]:
        view.add_unit(unit)
        view.seams.append(_cause_seam(len(view.frames), unit))
    if units:
        view.add_unit(units[-1])
        crashed = _failed(units[-1], crashed)
    else:
        view.add(crashed.stack)
    resolved = [stacks[frame.stack][frame.index] for frame in view.frames]
    return MergedTrace(
        frames=tuple(view.frames),
        seams=with_awaits(view.seams, resolved),
        folds=tuple(folds_of(resolved, view.seams, view.sites, bridges)),
        apart=tuple(view.apart),
        crashed_stack=crashed.stack,
        reason=crashed.reason,
    )


def _failed(raised: Unit, crashed: Crashed) -> Crashed:
    """What failed: in the raised exception's stack its cause, if they are one stack."""
    if raised.cause is None or raised.stack != crashed.stack:
        return crashed
    return Crashed(raised.cause, f"the cause of {raised.stack}, which called it")


class _View:
    """Frames and seams as they are put together. A segment is a run of frames of one stack, or of two views of one."""

    def __init__(self, event: Event, stacks: Mapping[str, Sequence[Frame]], bridges: Bridges) -> None:
        self.frames: list[MergedFrame] = []
        self.seams: list[Seam] = []
        self.apart: list[Apart] = []
        self.sites: set[int] = set()
        """Positions of the newest frame of each stack: where it failed, or called on. Those are never folded."""
        self._event = event
        self._stacks = stacks
        self._bridges = bridges
        self._segment = 0
        self._threads: set[int | None] = {None}

    def add_unit(self, unit: Unit) -> None:
        """A stack of the cause chain, with that of its cause where the two are one."""
        if unit.cause and unit.splice:
            self._add_interleaved(unit.cause, unit.stack, unit.splice, sleeping(self._stacks[unit.stack]))
            self.sites.add(len(self.frames) - 1)
        else:
            self.add(unit.stack)

    def add(self, stack: str) -> None:
        """A stack, with what belongs among its frames where the places are proven: its runtime's, its caller's.

        Of several stacks of one thread (exceptions that name it) the first one gets them.
        """
        index = thread_of(self._event, stack)
        if index in self._threads:
            index = None
        self._threads.add(index)
        native, runtime = f"thread/{index}", f"thread/{index}/vm"
        caller = None if index is None else self._event.thread_list[index].caller
        matched = match(self._stacks.get(native, ()), self._stacks[stack]) if stack != native else None
        if isinstance(matched, Unproven):
            self.apart.append(Apart(stack=native, reason=matched.reason))
        if self._stacks.get(runtime):
            self._add_with_runtime(stack, runtime)
        elif isinstance(matched, Matched):
            self._add_matched(native, stack, matched)
        elif caller:
            self._add_with_caller(stack, f"thread/{index}/caller", caller)
        else:
            self._add_run(stack)
        self.sites.add(len(self.frames) - 1)

    def _add_with_runtime(self, stack: str, runtime: str) -> None:
        asleep = sleeping(self._stacks[runtime])
        found = self._interleaved(stack, runtime, asleep)
        if isinstance(found, Unproven):
            self.apart.append(Apart(stack=runtime, reason=found.reason))
            self._add_run(stack)
        else:
            self._add_interleaved(stack, runtime, found, asleep)

    def _add_with_caller(self, stack: str, name: str, caller: Caller) -> None:
        place = place_of(caller, self._stacks[stack])
        if isinstance(place, str):
            self.apart.append(Apart(stack=name, reason=place))
            self._add_run(stack)
            return
        self._add_run(stack, 0, place.before)
        if name in self._stacks:
            self._add_run(name)
        rule = caller.rule or "caller"
        self.seams.append(replace(_seam(len(self.frames), "R2", rule, place), label=place.label))
        self._add_run(stack, place.before)

    def _interleaved(self, stack: str, runtime: str, asleep: int) -> Interleaved | Unproven:
        platform = platform_of(self._event, self._stacks[runtime][0]) or ""
        return interleave(self._stacks[stack], self._stacks[runtime][asleep:], self._bridges, platform)

    def _add_interleaved(self, stack: str, runtime: str, found: Interleaved | Splice, asleep: int) -> None:
        """``asleep``: how many frames of the runtime's stack are below all that ran; they come first."""
        relation = found.relation if isinstance(found, Splice) else "R1"
        if asleep:
            self._add_run(runtime, 0, asleep)
        for number, run in enumerate(found.runs):
            if number:
                self.seams.append(_seam(len(self.frames), relation, found.rule, found))
            name, before = (runtime, asleep) if run.is_runtime else (stack, 0)
            self._add_run(name, before + run.start, before + run.end)

    def _add_matched(self, native: str, runtime: str, found: Matched) -> None:
        """The native stack; of calls that both have, the view is shown that knows more lines of them."""
        runtimes = dict(found.pairs)
        is_better = self._lines(runtime, runtimes.values()) >= self._lines(native, runtimes)
        for at in range(len(self._stacks[native])):
            ours = FrameReference(stack=native, index=at)
            theirs = FrameReference(stack=runtime, index=runtimes[at]) if at in runtimes else None
            shown, also = (theirs, ours) if theirs and is_better else (ours, theirs)
            if at and (at in runtimes) != (at - 1 in runtimes):
                self.seams.append(_seam(len(self.frames), "R1", found.rule, found))
                self._segment += 1
            self.frames.append(MergedFrame(stack=shown.stack, index=shown.index, segment=self._segment, also=also))
        self._segment += 1

    def _lines(self, stack: str, indices: Iterable[int]) -> int:
        return sum(self._stacks[stack][index].lineno is not None for index in indices)

    def _add_run(self, stack: str, start: int = 0, end: int | None = None) -> None:
        positions = range(len(self._stacks[stack]))[start:end]
        self.frames.extend(MergedFrame(stack=stack, index=index, segment=self._segment) for index in positions)
        self._segment += 1


def _seam(before: int, relation: str, rule: str, found: Interleaved | Link | Matched | Place | Splice) -> Seam:
    return Seam(before=before, relation=relation, rule=rule, evidence=found.evidence, confidence=found.confidence)


def _cause_seam(before: int, cause: Unit) -> Seam:
    seam = _seam(before, cause.relation, LINKED, cause.link)
    return replace(seam, apart=cause.apart)
