"""Puts back the frames that were not printed because they repeat others.

Node.js leaves out of an error's stack what its cause's stack has too, except for the first and the last of these lines,
and folds runs that repeat. Both can be undone exactly. What cannot be is kept as a gap.
"""

from collections.abc import Iterator, Sequence

from sourcemaps.javascript.stacktext.inspected import Budget, PrintedError
from sourcemaps.javascript.stacktext.lines import FrameLine, Omitted


def restore(errors: Sequence[PrintedError], budget: Budget) -> None:
    """Completes the stacks of these errors; every error stands before its causes."""
    for error in reversed(errors):
        error.stack = list(_unfolded(error.stack, budget))
        cause = next((child for child in error.children if child.source == "cause"), None)
        if cause:
            error.stack = list(_with_shared(error.stack, cause.stack, budget))


def _unfolded(stack: Sequence[FrameLine | Omitted], budget: Budget) -> Iterator[FrameLine | Omitted]:
    """``collapsed 6 duplicate lines matching above 2 lines 3 times``: the two lines above, three times more."""
    done: list[FrameLine | Omitted] = []
    for entry in stack:
        if isinstance(entry, Omitted) and entry.why == "above" and _can_repeat(entry, len(done), budget):
            repeated = done[-entry.unit :] * (entry.count // entry.unit)
            budget.frames -= entry.count
            done.extend(repeated)
            yield from repeated
        else:
            done.append(entry)
            yield entry


def _can_repeat(entry: Omitted, above: int, budget: Budget) -> bool:
    return 0 < entry.unit <= above and entry.count % entry.unit == 0 and entry.count <= budget.frames


def _with_shared(
    stack: Sequence[FrameLine | Omitted], cause: Sequence[FrameLine | Omitted], budget: Budget
) -> Iterator[FrameLine | Omitted]:
    texts = [_text(entry) for entry in cause]
    first = {text: index for index, text in reversed(list(enumerate(texts)))}
    for index, entry in enumerate(stack):
        if not isinstance(entry, Omitted) or entry.why != "cause" or not 0 < index < len(stack) - 1:
            yield entry
            continue
        start = first.get(_text(stack[index - 1]), len(texts)) + 1
        end = start + entry.count
        proven = end < len(texts) and texts[end] == _text(stack[index + 1]) and entry.count <= budget.frames
        budget.frames -= entry.count if proven else 0
        yield from cause[start:end] if proven else (entry,)


def _text(entry: FrameLine | Omitted) -> str:
    return entry.text if isinstance(entry, FrameLine) else ""
