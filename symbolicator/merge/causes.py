"""Which stacks of a cause chain are shown one after the other, and which of them are one stack."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.awaits import sleeping
from symbolicator.merge.bridges import Bridges
from symbolicator.merge.chain import Link, cause_chain
from symbolicator.merge.crashed import stack_of_exception
from symbolicator.merge.interleave import Unproven
from symbolicator.merge.splices import Splice, Stacks, splice
from symbolicator.merge.threads import thread_of
from symbolicator.model import Caller, Event, Frame
from symbolicator.model.edit import platform_of, stacks_of

_NO_CALL = ("errors[", "exceptions[", "suppressed", "__context__")
"""How the ``source`` of an exception begins that happened beside the other one or before it, not below it."""


class Unit(Struct, frozen=True):
    """One exception's stack, or that of it and of its cause as one."""

    stack: str
    link: Link
    cause: str | None = None
    """The stack that is one with it, as ``splice`` says."""
    splice: Splice | None = None
    apart: str | None = None
    """Why it is not one stack with that of the exception which it caused."""


def units_of(event: Event, bridges: Bridges) -> list[Unit]:
    """The units of an event, the innermost cause first, the raised exception last."""
    stacks = {name: stack.frames for name, stack in stacks_of(event)}
    units: dict[int, Unit] = {}
    shown: set[str] = set()
    for link in cause_chain(event):
        found = stack_of_exception(event, link.index)
        if found is None or found.stack in shown:
            continue
        shown.add(found.stack)
        parent = units.get(-1 if link.parent is None else link.parent)
        joined = _joined(event, stacks, parent, Unit(found.stack, link), bridges) if parent and bridges else None
        if parent and isinstance(joined, Splice):
            units[parent.link.index] = replace(parent, cause=found.stack, splice=joined)
        else:
            apart = joined.reason if isinstance(joined, Unproven) else None
            units[link.index] = Unit(found.stack, link, apart=apart)
    return list(units.values())[::-1]


def _joined(
    event: Event, stacks: Mapping[str, Sequence[Frame]], parent: Unit, cause: Unit, bridges: Bridges
) -> Splice | Unproven | None:
    """The two as one stack, or why not; None where nobody would expect that."""
    exception = event.exceptions[cause.link.index]
    source = (exception.mechanism.source if exception.mechanism else None) or ""
    platform, other = (platform_of(event, stacks[unit.stack][-1]) for unit in (parent, cause))
    if platform is None or platform == other or source.startswith(_NO_CALL):
        return None
    if parent.splice or any(_is_merged(event, unit.stack) for unit in (parent, cause)):
        return None
    awake = stacks[parent.stack][sleeping(stacks[parent.stack]) :]
    joined = splice(Stacks(awake, stacks[cause.stack], exception.caller or Caller(), platform), bridges)
    return joined if isinstance(joined, Splice) or exception.caller else None


def _is_merged(event: Event, stack: str) -> bool:
    """Whether the stack has frames of a further one among its own."""
    index = thread_of(event, stack)
    thread = None if index is None else event.thread_list[index]
    return thread is not None and (thread.vm_stacktrace or thread.caller) is not None
