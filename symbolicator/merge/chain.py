"""Exceptions that caused one another: in which order, and how that is known."""

from msgspec import Struct

from symbolicator.model import Event, Mechanism
from symbolicator.model.causes import is_separate, raised_exception


class Link(Struct, frozen=True):
    """One exception of the chain and the evidence that ties it to the one which it caused."""

    index: int
    evidence: str
    confidence: float


def cause_chain(event: Event) -> tuple[Link, ...]:
    """The exceptions from the raised one to its innermost cause, each at most once.

    Those with ``mechanism.exception_id`` and ``parent_id`` follow these; the rest follow their order in the payload,
    which by convention has the innermost cause first.
    """
    raised = raised_exception(event)
    if raised is None:
        return ()
    chain = [Link(raised, "raised", 1.0), *_linked_by_ids(event, raised)]
    known = {link.index for link in chain}
    rest = (
        index
        for index in reversed(range(len(event.exceptions)))
        if index not in known and not is_separate(event.exceptions[index])
    )
    return (*chain, *(Link(index, "order of the exceptions in the event", 0.9) for index in rest))


def _linked_by_ids(event: Event, raised: int) -> list[Link]:
    """Depth first through the tree of parents, siblings in the order of their ids; without recursion, each once."""
    children: dict[int, list[tuple[int, int]]] = {}
    for index, exception in enumerate(event.exceptions):
        mechanism = exception.mechanism
        if index != raised and mechanism and mechanism.exception_id is not None and mechanism.parent_id is not None:
            children.setdefault(mechanism.parent_id, []).append((mechanism.exception_id, index))
    links: list[Link] = []
    waiting = sorted(children.pop(0, []), reverse=True)
    while waiting:
        exception_id, index = waiting.pop()
        links.append(Link(index, _evidence(event.exceptions[index].mechanism), 1.0))
        waiting.extend(sorted(children.pop(exception_id, []), reverse=True))
    return links


def _evidence(mechanism: Mechanism | None) -> str:
    source = f", source {mechanism.source}" if mechanism and mechanism.source else ""
    return f"mechanism names its parent{source}"
