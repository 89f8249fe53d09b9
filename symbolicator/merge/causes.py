"""Which stacks of a cause chain are shown one after the other, and which of them are one stack."""

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.awaits import sleeping
from symbolicator.merge.bridges import Bridges
from symbolicator.merge.chain import Link, cause_chain
from symbolicator.merge.crashed import stack_of_exception
from symbolicator.merge.interleave import Unproven
from symbolicator.merge.splices import ASYNC, Splice, Stacks, splice
from symbolicator.merge.threads import thread_of
from symbolicator.model import Caller, Event, ExceptionValue
from symbolicator.model.edit import platform_of, stacks_of

_NO_CALL = ("errors[", "exceptions[", "suppressed", "__context__")
"""How the ``source`` of an exception begins that happened beside the other one or before it, not below it."""
_MAX_TRIES = 20
"""Causes of an event for which it is tried whether they are one stack with what they caused."""

_MAX_NAME = 200


class Unit(Struct, frozen=True):
    """One exception's stack, or that of it and of its cause as one."""

    stack: str
    link: Link
    relation: str = "R3"
    """To what the exception caused."""
    apart: str | None = None
    """Why it is not one stack with that."""
    cause: str | None = None
    """The stack that is one with it, as ``splice`` says."""
    splice: Splice | None = None


def units_of(event: Event, bridges: Bridges) -> list[Unit]:
    """The units of an event, the innermost cause first, the raised exception last."""
    splices = _Splices(event, bridges)
    units: dict[int, Unit] = {}
    shown: set[str] = set()
    for link in cause_chain(event):
        found = stack_of_exception(event, link.index)
        if found is None or found.stack in shown:
            continue
        shown.add(found.stack)
        parent = units.get(-1 if link.parent is None else link.parent)
        joined = splices.find(parent, found.stack, link) if parent else None
        if parent and isinstance(joined, Splice):
            units[parent.link.index] = replace(parent, cause=found.stack, splice=joined)
        else:
            apart = joined.reason if isinstance(joined, Unproven) else None
            units[link.index] = Unit(found.stack, link, _relation(event.exceptions[link.index]), apart)
    return list(units.values())[::-1]


def _relation(exception: ExceptionValue) -> str:
    return "R2" if exception.caller and exception.caller.kind in ASYNC else "R3"


class _Splices:
    """Finds whether the stacks of two exceptions of an event are one."""

    def __init__(self, event: Event, bridges: Bridges) -> None:
        self._event = event
        self._bridges = bridges
        self._stacks = {name: stack.frames for name, stack in stacks_of(event)}
        self._left = _MAX_TRIES if bridges else 0

    def find(self, parent: Unit, stack: str, link: Link) -> Splice | Unproven | None:
        """The two as one stack, or why not; None where nobody would expect that."""
        exception = self._event.exceptions[link.index]
        source = (exception.mechanism.source if exception.mechanism else None) or ""
        platform, other = (platform_of(self._event, self._stacks[name][-1]) for name in (parent.stack, stack))
        is_expected = platform is not None and platform != other and not source.startswith(_NO_CALL)
        if not is_expected or not self._left or parent.splice or self._has_more(parent.stack) or self._has_more(stack):
            return None
        self._left -= 1
        awake = self._stacks[parent.stack][sleeping(self._stacks[parent.stack]) :]
        caller = exception.caller or Caller()
        caller = replace(caller, asked_for=caller.asked_for and caller.asked_for[:_MAX_NAME])
        joined = splice(Stacks(awake, self._stacks[stack], caller, platform or ""), self._bridges)
        return joined if isinstance(joined, Splice) or exception.caller else None

    def _has_more(self, stack: str) -> bool:
        """Whether the view has frames of a further stack among this one's."""
        index = thread_of(self._event, stack)
        thread = None if index is None else self._event.thread_list[index]
        return thread is not None and (thread.vm_stacktrace or thread.caller) is not None
