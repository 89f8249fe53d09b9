"""From the frames of a stack to calls in the source, through one mapping file after the other.

A `Step` is a call on its way. It starts as a frame of the program and may become several, where calls were inlined, or
none, where the compiler made it.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.proguard.frames import is_synthetic, map_id
from sourcemaps.proguard.mapping import ProgramFrame
from sourcemaps.proguard.search import Applied
from symbolicator.model import Frame

if TYPE_CHECKING:
    from symbolicator import _core

_RANK = ("nothing", "class", "method", "line")
MAX_ALTERNATIVES = 8
"""Places that are named where nothing tells which one it is."""
_MAX_NAMES = 3


class Step(Struct, frozen=True):
    """A call. ``origin`` is the index of the frame that it came from, ``line`` 0 where it is not known."""

    origin: int
    class_name: str
    method: str
    line: int
    file: str | None = None
    parameters: str | None = None
    map_id: str | None = None
    found: str = "nothing"
    """The best that any mapping knew: ``nothing``, ``class``, ``method``, ``line``."""
    is_inlined: bool = False
    is_synthesized: bool = False
    alternatives: tuple[str, ...] = ()
    """All places where it may be, if there are several."""
    mapping: str = ""
    """Name of the mapping file that knew it."""


def steps_of(frames: Sequence[tuple[int, Frame]], mappings: Sequence[Applied], thrown: str | None) -> list[Step]:
    """The calls of a stack, innermost first. ``frames``: its own ones, innermost first, with their indexes.

    ``thrown``: class of the exception that the innermost frame threw, as the report has it.
    """
    steps = [_start(index, frame) for index, frame in frames]
    for applied in mappings:
        answers = applied.mapping.lookup([_asked(step, applied) for step in steps], thrown)
        expanded = [_expanded(step, answer, applied) for step, answer in zip(steps, answers, strict=True)]
        changed = [new for part in expanded for new in part]
        thrown = applied.mapping.classes([thrown])[0] or thrown if thrown else None
        steps = changed or steps  # a stack of nothing but the compiler's own calls is shown as it is
    return steps


def _start(index: int, frame: Frame) -> Step:
    signature = frame.extra.get("signature")
    return Step(
        origin=index,
        class_name=frame.module or "",
        method=frame.function or "",
        line=max(0, min(frame.lineno or 0, 0xFFFF_FFFF)),
        file=frame.filename,
        parameters=signature if isinstance(signature, str) else None,
        map_id=map_id(frame),
    )


def _asked(step: Step, applied: Applied) -> ProgramFrame:
    """A frame that names another mapping is none of this one's: no class has an empty name."""
    is_other = bool(step.map_id and applied.map_id and step.map_id != applied.map_id)
    return "" if is_other else step.class_name, step.method, step.line, step.parameters, step.file


def _expanded(step: Step, answer: "_core.JavaAnswer", applied: Applied) -> list[Step]:
    if answer.found == "nothing":
        return [step]
    chains = [_without_bridge(list(_steps(step, calls, answer.found, applied))) for calls in answer.alternatives]
    distinct = list({tuple(map(_shown, chain)): chain for chain in chains if chain}.values())
    if len(distinct) < 2:  # noqa: PLR2004 - none or one: nothing is to be merged
        return [new for chain in distinct for new in chain]
    names = tuple(" < ".join(map(_shown, chain)) for chain in distinct[:MAX_ALTERNATIVES])
    return [replace(new, alternatives=names) for new in _merged(distinct)]


def _steps(step: Step, calls: Sequence["_core.JavaCall"], found: str, applied: Applied) -> Iterator[Step]:
    best = max(step.found, found, key=_RANK.index)
    for place, call in enumerate(calls):
        yield replace(
            step,
            class_name=call.class_name,
            method=call.method,
            line=call.line or 0,
            file=call.file,
            parameters=call.parameters,
            found=best,
            is_inlined=step.is_inlined or place < len(calls) - 1,
            is_synthesized=call.is_synthesized or is_synthetic(call.class_name, call.method),
            mapping=applied.mapping.name,
        )


def _without_bridge(chain: list[Step]) -> list[Step]:
    """The calls without the outermost one if the compiler made it; one that is alone stays, and is marked."""
    if len(chain) < 2 or not chain[-1].is_synthesized:  # noqa: PLR2004 - one call
        return chain
    return [*chain[:-2], replace(chain[-2], is_inlined=chain[-1].is_inlined)]


def _merged(chains: Sequence[list[Step]]) -> list[Step]:
    """What all possible chains say, from the outermost call on; a line only where they agree on it."""
    merged: list[Step] = []
    for calls in zip(*map(reversed, chains), strict=False):
        if len({(call.class_name, call.method, call.file) for call in calls}) > 1:
            break
        merged.insert(0, _with_common_line(calls[0], calls))
    return merged or [_either([chain[-1] for chain in chains])]


def _either(calls: Sequence[Step]) -> Step:
    """One of several methods: by all their names if they are of one class."""
    methods = list(dict.fromkeys(call.method for call in calls))
    is_one_class = len({call.class_name for call in calls}) == 1
    method = " or ".join(methods[:_MAX_NAMES]) if is_one_class else calls[0].method
    return replace(_with_common_line(calls[0], calls), method=method)


def _with_common_line(call: Step, calls: Sequence[Step]) -> Step:
    return call if len({other.line for other in calls}) == 1 else replace(call, line=0)


def _shown(call: Step) -> str:
    return f"{call.class_name}.{call.method}({call.file}{f':{call.line}' if call.line else ''})"
