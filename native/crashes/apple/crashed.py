"""Which thread crashed, where a report says it twice.

The header names a thread by number, and the body marks one. They can disagree: the number counts threads as they were
when the process died, the mark stands at the very stack that was recorded. So the mark counts, and the event says so.
"""

from collections.abc import Sequence

from msgspec import Struct

from native.crashes.apple.report import PrintedThread
from symbolicator.model import Problem


class Verdict(Struct, frozen=True):
    """The number of the thread that crashed, and what the report says against it."""

    number: int | None
    problem: Problem | None = None


def crashed_thread(threads: Sequence[PrintedThread], named: int | None) -> Verdict:
    """The thread that is marked, else the one that the header names, if the report has it."""
    marked = [thread.number for thread in threads if thread.is_marked]
    if not marked:
        return Verdict(named if any(thread.number == named for thread in threads) else None)
    if len(marked) > 1:
        chosen = named if named in marked else marked[0]
        return Verdict(chosen, _disagreement(f"marks {_listed(marked)} as crashed", chosen))
    if named is not None and named != marked[0]:
        is_there = any(thread.number == named for thread in threads)
        what = f"thread {named}" if is_there else f"thread {named}, which it does not have,"
        said = f"names {what} as the one that crashed, and marks thread {marked[0]}"
        return Verdict(marked[0], _disagreement(said, marked[0]))
    return Verdict(marked[0])


def _disagreement(said: str, chosen: int) -> Problem:
    return Problem(
        type="crashed_thread_ambiguous",
        message=f"The report {said}; thread {chosen}, marked where its stack is, is shown as the crashed one.",
        remedy="Look at the other thread too (--threads) if the stack does not fit the error.",
    )


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"thread {number}" for number in numbers[:4]) + (" and others" if len(numbers) > 4 else "")  # noqa: PLR2004 - enough to find them
