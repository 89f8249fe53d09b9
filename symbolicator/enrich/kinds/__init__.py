"""Aborts, exhausted memory, hangs, overflowed stacks, null pointers: recognised as such, on proof.

::

    kind = kind_of(event)
    kind.id, kind.words, kind.evidence
    # ('stack-overflow', 'stack overflow: recursion of sum_of (1,812 frames)', '1,812 frames are sum_of')

What is not recognised has no kind, and keeps the error's own type and value.
"""

import re

from symbolicator.enrich.kinds.facts import Facts, facts_of
from symbolicator.enrich.kinds.table import FAMILIES, KINDS, Kind
from symbolicator.model import CrashKind, Event

__all__ = ["kind_of"]


def kind_of(event: Event) -> CrashKind | None:
    """The first kind of the table that the event has a clue of."""
    facts = facts_of(event)
    if facts is None:
        return None
    clues = ((kind, clue(facts)) for kind in KINDS for clue in kind.clues)
    return next((_made(kind, evidence, facts) for kind, evidence in clues if evidence), None)


def _family(facts: Facts) -> str | None:
    """By the type alone: a mechanism's signal may be how another error made itself heard."""
    return next((family for family, clue in FAMILIES if clue(Facts(type=facts.type))), None)


def _made(kind: Kind, evidence: str, facts: Facts) -> CrashKind:
    detail = kind.detail(facts) if kind.detail and kind.words else None
    told = detail is None and (kind.words is None or bool(kind.said and re.search(kind.said, facts.said)))
    words = kind.words if detail is None else f"{kind.words}{detail}"
    return CrashKind(id=kind.id, evidence=evidence, words=words, is_told=told, family=kind.family or _family(facts))
