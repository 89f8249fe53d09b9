"""Which thread crashed, where a report says it twice.

The header names a thread by number, and the body marks one. They can disagree: the number counts threads as they were
when the process died, the mark stands at the very stack that was recorded. So the mark counts, and the event says so.
"""

from collections.abc import Sequence

from msgspec import Struct

from native.crashes.apple.report import PrintedThread
from symbolicator.model import Problem

_MAX_LISTED = 4


class Verdict(Struct, frozen=True):
    """The thread that crashed, by its 0-based position among the threads, and what the report says against it."""

    position: int | None = None
    problem: Problem | None = None


def crashed_thread(threads: Sequence[PrintedThread], named: int | None) -> Verdict:
    """The thread that is marked, else the one that the header names, if the report has it."""
    marked = [position for position, thread in enumerate(threads) if thread.is_marked]
    of_header = next((position for position, thread in enumerate(threads) if thread.number == named), None)
    if not marked:
        return Verdict(of_header)
    chosen = of_header if of_header in marked else marked[0]
    number = threads[chosen or 0].number
    if len(marked) > 1:
        return Verdict(chosen, _doubt(f"marks {_listed(threads, marked)} as crashed", number))
    if named is not None and of_header != chosen:
        what = f"thread {named}" + ("" if of_header is not None else ", which it does not have,")
        return Verdict(chosen, _doubt(f"names {what} as the one that crashed, and marks thread {number}", number))
    return Verdict(chosen)


def _doubt(said: str, chosen: int) -> Problem:
    return Problem(
        type="crashed_thread_ambiguous",
        message=f"The report {said}; thread {chosen}, marked where its stack is, is shown as the crashed one.",
        remedy="Look at the other threads too (--threads) if the stack does not fit the error.",
    )


def _listed(threads: Sequence[PrintedThread], positions: Sequence[int]) -> str:
    names = [f"thread {threads[position].number}" for position in positions[:_MAX_LISTED]]
    return ", ".join(names) + (" and others" if len(positions) > _MAX_LISTED else "")
