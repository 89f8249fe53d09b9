r"""The lines of a thread dump that say what a thread holds and waits for.

>>> parse_lock("\t- waiting to lock <0x0d3a2f0a> (a java.lang.Object) held by thread 5").holder
5

==============================================================================  =======================================
``- locked <0x0d3a2f0a> (a java.lang.Object)``                                   holds it
``- waiting to lock <0x0d3a2f0a> (a java.lang.Object) held by thread 5``         wants to enter (ART names the holder)
``- waiting to re-lock in wait() <0x…> (a …)``                                   was notified and wants to enter again
``- waiting on <0x…> (a …)``                                                     in Object.wait: released until then
``- parking to wait for  <0x…> (a …ReentrantLock$NonfairSync)``                  wants a lock of java.util.concurrent
``- sleeping on <0x…> (a java.lang.Object)``                                     in Thread.sleep (ART)
``- <0x…> (a …ReentrantLock$NonfairSync)``                                       holds it (ownable synchronizers)
==============================================================================  =======================================

Source: HotSpot's vframe.cpp (javaVFrame::print_lock_info_on); ART's Monitor::DescribeWait.
"""

import re

from msgspec import Struct

from native.crashes.java.exceptions import class_name
from symbolicator.model import Lock

LOCKED, WAITING, SLEEPING, BLOCKED = 1, 2, 4, 8
"""Types of locks in Sentry's payload."""
_KINDS = {
    "locked": LOCKED,
    "": LOCKED,
    "waiting to lock": BLOCKED,
    "waiting to re-lock in wait()": BLOCKED,
    "waiting on": WAITING,
    "parking to wait for": WAITING,
    "sleeping on": SLEEPING,
}
_LINE = re.compile(
    r"\s*- (?P<what>locked|waiting to lock|waiting to re-lock in wait\(\)|waiting on|parking to wait for|sleeping on|)"
    r" {0,3}<(?P<address>0x[0-9a-f]{1,16})>(?: \(an? (?P<class>[^\n]{1,1000}?)\))?"
    r"(?: held by (?:thread |tid=)(?P<holder>[0-9]{1,10}))?\s*\Z"
)


class LockLine(Struct, frozen=True):
    """``kind`` as in Sentry's payload; ``holder``: the thread that has it, where ART says so."""

    kind: int
    address: str
    class_name: str | None = None
    holder: int | None = None
    is_parking: bool = False
    """A lock of java.util.concurrent: one that may have an owner all the same."""

    @property
    def is_wanted(self) -> bool:
        """Whether the thread cannot go on before it has the lock."""
        return self.kind == BLOCKED or self.is_parking


def parse_lock(line: str) -> LockLine | None:
    """The lock of a line; None for every other line, and for objects that the runtime does not name."""
    match = _LINE.match(line) if "<" in line else None
    if match is None:
        return None
    holder = int(match["holder"]) if match["holder"] else None
    is_parking = match["what"].startswith("parking")
    return LockLine(_KINDS[match["what"]], match["address"], match["class"], holder, is_parking)


def lock_of(line: LockLine, holder: int | str | None) -> Lock:
    """The lock of the model. ``holder``: the thread that has it."""
    package, name = class_name(line.class_name) if line.class_name else (None, None)
    return Lock(type=line.kind, address=line.address, package_name=package, class_name=name, thread_id=holder)
