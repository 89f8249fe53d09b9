"""Where a stack says itself that its older part did not call the newer one, but awaited, scheduled or started it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from symbolicator.model.frames import SCHEDULED, AsyncCall, Frame
from symbolicator.model.merged import Seam

_EVIDENCE = "the stack says so itself"
_CHAINED = AsyncCall(rule="stack-start", label=SCHEDULED)


def await_seams(frames: Sequence[Frame]) -> Iterator[Seam]:
    """The seams of a stack, from caller to callee; frames one after the other with the same word mostly have one."""
    for before, (older, newer) in enumerate(pairwise(frames), 1):
        call = _async_call(older) or (_CHAINED if newer.stack_start else None)
        if call and not _is_inlined(newer) and (call.each_time or call != _async_call(newer)):
            yield Seam(
                before=before, relation="R2", rule=call.rule, evidence=_EVIDENCE, confidence=1.0, label=call.label
            )


def _is_inlined(frame: Frame) -> bool:
    """Whether it is one with the next older frame, whatever that awaited."""
    return frame.data is not None and frame.data.inlined


def _async_call(frame: Frame) -> AsyncCall | None:
    return frame.data.async_call if frame.data else None
