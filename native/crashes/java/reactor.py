"""Project Reactor's assembly traces: who put the pipeline together in which an exception was thrown.

Reactor's debug mode and ``checkpoint`` add a suppressed exception, which tells in its message where the operators were
assembled that the error came through, and has the calls that really ran, of which the exception itself has the newest::

    Suppressed: The stacktrace has been enhanced by Reactor, refer to additional information below:
    Error has been observed at the following site(s):
        *________Mono.map ⇢ at com.shop.Shelf.take(Shelf.java:5)
        *__Flux.concatMap ⇢ at com.shop.Checkout.pay(Checkout.java:7)
        |_     checkpoint ⇢ pay
    Original Stack Trace:
            at com.shop.Shelf.lambda$take$0(Shelf.java:5)

The first site is the nearest to the error. Nothing of them was on a stack: they become the older part of one, below a
gap. Source: Reactor's reference, "Debugging Reactor"; reactor.core.publisher.FluxOnAssembly for the shapes.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.crashes.java.absorbed import absorb
from native.crashes.java.frames import PLATFORM, parse_frame
from native.crashes.java.stack_text import MAX_EXCEPTIONS
from symbolicator.model import AsyncCall, Event, ExceptionValue, Frame, Stacktrace
from symbolicator.model.edit import with_data
from symbolicator.protocols import Artifacts, Key
from symbolicator.readers.text import bounded

_ENHANCED, _OBSERVED = "The stacktrace has been enhanced by Reactor", "Error has been observed "
_SITE = re.compile(
    r"[ \t]{0,20}[*|]_{0,200} {0,200}(?P<operator>\S[^\u21e2\n]{0,200}?) \u21e2 (?:at )?(?P<place>\S.{0,4000})\Z"
)
_ASSEMBLED = AsyncCall(rule="reactor-assembly", label="pipeline assembled by")
_MAX_TEXT, _MAX_SITES = 1 << 18, 500


class ReactorTransformer:
    """Puts the sites of assembly below the calls that ran. Runs before frames are resolved."""

    name = "Project Reactor's assembly traces"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Leaves every event alone that has no such trace."""
        for from_start in reversed(range(min(len(event.exceptions), MAX_EXCEPTIONS))):
            event = _with_sites(event, from_start)
        return event


TRANSFORMER = ReactorTransformer()


def _with_sites(event: Event, at: int) -> Event:
    """The event with what the exception ``at`` tells put into the one that it was added to."""
    trace = event.exceptions[at]
    sites = _sites(trace.value) if trace.value and _ENHANCED in trace.value[:200] else []
    into = _parent(event.exceptions, trace) if sites else None
    stack = _whole(event.exceptions[into], trace, sites) if into is not None else None
    return event if into is None or stack is None else absorb(event, at, into, stack)


def _sites(text: str) -> list[Frame]:
    """The sites, the nearest to the error first."""
    _, _, told = text[:_MAX_TEXT].partition(_OBSERVED)
    lines = told.split("\n", _MAX_SITES)[1 : _MAX_SITES + 1]
    return list(_frames(bounded(line) for line in lines))


def _frames(lines: Iterator[str]) -> Iterator[Frame]:
    for line in lines:
        site = _SITE.match(line)
        if site is None:
            return
        frame = parse_frame(f"at {site['place']}")
        named = Frame(platform=PLATFORM, function=f"{site['operator']} {site['place']}", in_app=False)
        yield with_data(frame or named, async_call=_ASSEMBLED)


def _parent(values: Sequence[ExceptionValue], trace: ExceptionValue) -> int | None:
    wanted = trace.mechanism.parent_id if trace.mechanism else None
    ids = [value.mechanism.exception_id if value.mechanism else None for value in values]
    return ids.index(wanted) if wanted is not None and ids.count(wanted) == 1 else None


def _whole(error: ExceptionValue, trace: ExceptionValue, sites: Sequence[Frame]) -> Stacktrace | None:
    """The sites, then the calls that ran; None if the exception has other calls than those."""
    newest = error.stacktrace.frames if error.stacktrace else ()
    ran = trace.stacktrace.frames if trace.stacktrace else newest
    if not ran or ran[len(ran) - len(newest) :] != newest:
        return None
    return replace(error.stacktrace or Stacktrace(), frames=(*reversed(sites), *ran))
