"""Exceptions that caused one another: in which order, and how that is known."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from symbolicator.model import Event, ExceptionValue, Mechanism
from symbolicator.model.causes import id_of, is_separate, parent_of, raised_exception

BY_ID, BY_ORDER, WITHOUT_PARENT = 1.0, 0.9, 0.5


class Link(Struct, frozen=True):
    """One exception of the chain, the evidence that ties it to the one which it caused, and which that is."""

    index: int
    evidence: str
    confidence: float
    parent: int | None = None


def cause_chain(event: Event) -> tuple[Link, ...]:
    """The exceptions from the raised one to its innermost cause, each at most once.

    Those with ``mechanism.exception_id`` and ``parent_id`` follow these, wherever the payload has them; the rest follow
    their order in it, which by convention has the innermost cause first.
    """
    raised = raised_exception(event)
    if raised is None:
        return ()
    chain = [Link(raised, "raised", BY_ID)]
    tree = _Tree(event.exceptions, raised)
    for link in (*tree.below(raised), *_unnumbered(event.exceptions, raised), *tree.rest()):
        chain.append(link if link.parent is not None else _behind(link, chain))
    return tuple(chain)


def _unnumbered(exceptions: Sequence[ExceptionValue], raised: int) -> Iterator[Link]:
    for index in reversed(range(len(exceptions))):
        if index != raised and id_of(exceptions[index]) is None:
            yield Link(index, "order of the exceptions in the event", BY_ORDER)


def _behind(link: Link, chain: Sequence[Link]) -> Link:
    """The link, of an exception that names no parent in the event, to the one before it in the chain."""
    return Link(link.index, link.evidence, link.confidence, chain[-1].index)


class _Tree:
    """Exceptions with ids, below their parents. Walked depth first without recursion, each once."""

    def __init__(self, exceptions: Sequence[ExceptionValue], raised: int) -> None:
        self._exceptions = exceptions
        numbered = [(number, index) for index, one in enumerate(exceptions) if (number := id_of(one)) is not None]
        self._waiting = sorted((number, index) for number, index in numbered if not self._is_left_out(index, raised))
        self._children: dict[int, list[int]] = {}
        for _, index in self._waiting:
            self._children.setdefault(parent_of(exceptions[index]) or 0, []).append(index)
        self._known = {number for number, _ in numbered}
        self._seen = {raised}

    def _is_left_out(self, index: int, raised: int) -> bool:
        return index == raised or is_separate(self._exceptions[index])

    def below(self, root: int) -> Iterator[Link]:
        """What an exception leads to, siblings in the order of their ids."""
        waiting = [(index, root) for index in self._children_of(root)]
        while waiting:
            index, parent = waiting.pop()
            if index not in self._seen:
                self._seen.add(index)
                yield Link(index, _evidence(self._exceptions[index].mechanism), BY_ID, parent)
                waiting += [(child, index) for child in self._children_of(index)]

    def _children_of(self, index: int) -> list[int]:
        """The last one first. An exception without an id is the raised one, whose id is 0."""
        return self._children.pop(id_of(self._exceptions[index]) or 0, [])[::-1]

    def rest(self) -> Iterator[Link]:
        """Those whose parents are not in the event, then those that caused each other, each with what it leads to."""
        lost = [one for one in self._waiting if parent_of(self._exceptions[one[1]]) not in self._known]
        for _, index in (*lost, *self._waiting):
            if index not in self._seen:
                self._seen.add(index)
                yield Link(index, "its parents do not lead to the raised exception", WITHOUT_PARENT)
                yield from self.below(index)


def _evidence(mechanism: Mechanism | None) -> str:
    source = f", source {mechanism.source}" if mechanism and mechanism.source else ""
    return f"mechanism names its parent{source}"
