"""Problems below a trace: each once, numbered as the frames refer to them."""

from collections import Counter
from collections.abc import Iterable, Iterator

from symbolicator.model import Event, Frame, Problem
from symbolicator.model.edit import stacks_of
from symbolicator.render.lines import Line, Span, Style, indented
from symbolicator.render.safe import safe

MAX_PROBLEMS = 20
_MARGIN = 4


class References:
    """Numbers problems from 1 in the order in which frames refer to them."""

    def __init__(self, event: Event) -> None:
        self._problems = {problem.id: problem for problem in event.errors}
        self._numbers: dict[str, int] = {}

    def to(self, frames: Iterable[Frame]) -> tuple[int, ...]:
        """Numbers of the problems that these frames have, in ascending order."""
        ids = dict.fromkeys(frame.data.problem for frame in frames if frame.data and frame.data.problem)
        known = (identifier for identifier in ids if identifier in self._problems)
        return tuple(sorted(self._numbers.setdefault(identifier, len(self._numbers) + 1) for identifier in known))

    def listed(self) -> list[tuple[int, Problem]]:
        """Every problem with its number: those that were referred to first, then the others."""
        for identifier in self._problems:
            self._numbers.setdefault(identifier, len(self._numbers) + 1)
        by_number = sorted(self._numbers.items(), key=lambda item: item[1])
        return [(number, self._problems[identifier]) for identifier, number in by_number]


def mark(numbers: Iterable[int]) -> str:
    """``[1] [4]``: how a frame's line refers to problems."""
    return " ".join(f"[{number}]" for number in numbers)


def problem_lines(event: Event, references: References, width: int, *, everything: bool) -> Iterator[Line]:
    """Every problem with its remedy and the number of frames that have it."""
    listed = references.listed()
    counts = Counter(frame.data.problem for _, stack in stacks_of(event) for frame in stack.frames if frame.data)
    shown = listed if everything else listed[:MAX_PROBLEMS]
    for number, problem in shown:
        yield from _problem(problem, number, counts[problem.id], width)
    if len(shown) < len(listed):
        yield (Span(f"… {len(listed) - len(shown):,} more problems (--explain shows them)", Style.DIM),)


def _problem(problem: Problem, number: int, frames: int, width: int) -> Iterator[Line]:
    margin = " " * max(_MARGIN, len(mark([number])) + 1)
    text = safe(problem.message or problem.type)
    text = f"{text.removesuffix('.')} ({frames:,} frames)." if frames > 1 else text
    lines = indented([text], width, Style.PROBLEM, first=mark([number]).ljust(len(margin)), rest=margin)
    first, *rest = lines
    yield (Span(first[0].text, Style.REFERENCE), *first[1:])
    yield from rest
    if problem.remedy:
        arrow = f"{margin}→ "
        yield from indented([safe(problem.remedy)], width, Style.REMEDY, first=arrow, rest=f"{margin}  ")
