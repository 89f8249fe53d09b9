"""Many crashes at once: the groups they make, whatever the order they came in.

The crashes whose calls all have names open the groups, the most frequent ones first: those without symbols are then
placed where they belong, and what is usual is what the rest differs from.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from symbolicator.grouping.groups import Groups, Placement
from symbolicator.model import Event, Fingerprint
from symbolicator.model.fingerprints import MERGED, UNNAMED


class Crash(Struct, frozen=True):
    """What is kept of a resolved event. ``name`` says which it is, such as its file."""

    name: str
    title: str | None = None
    culprit: str | None = None
    kind: str | None = None
    fingerprints: tuple[Fingerprint, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """What the whole trace is recognised by; nothing where the crash has neither error nor trace."""
        return next((one.parts for one in self.fingerprints if one.name == MERGED), ())


class Variant(Struct, frozen=True):
    """Crashes of one fingerprint, and how they differ from those that the group is named after."""

    crashes: tuple[Crash, ...]
    placement: Placement


class Group(Struct, frozen=True):
    """Crashes of the same cause. The first variant is what the others are compared with."""

    variants: tuple[Variant, ...]

    @property
    def leader(self) -> Crash:
        """The crash that the group is named after."""
        return self.variants[0].crashes[0]

    @property
    def count(self) -> int:
        """How many crashes it has."""
        return sum(len(variant.crashes) for variant in self.variants)

    @property
    def common(self) -> tuple[str, ...]:
        """The parts that all of them have, as the first one has them: error, then calls, newest first."""
        others = [frozenset(variant.crashes[0].parts) for variant in self.variants[1:]]
        return tuple(part for part in self.leader.parts if all(part in parts for parts in others))


def crash_of(name: str, event: Event) -> Crash:
    """What grouping needs of a resolved event."""
    kind = event.crash_kind.id if event.crash_kind else None
    return Crash(name, event.title, event.culprit, kind, event.fingerprints)


def group(crashes: Iterable[Crash]) -> list[Group]:
    """The groups, the largest first. Crashes without a fingerprint are one each."""
    groups = Groups()
    variants: dict[object, list[Variant]] = {}
    for same in _by_fingerprint(crashes):
        placed = groups.add(Event(fingerprints=same[0].fingerprints))
        key: object = placed.group if placed else same[0].name
        variants.setdefault(key, []).append(Variant(tuple(same), placed or Placement(-1, is_new=True)))
    made = [Group(tuple(found)) for found in variants.values()]
    return sorted(made, key=lambda one: (-one.count, one.leader.title or "", one.leader.name))


def _by_fingerprint(crashes: Iterable[Crash]) -> list[Sequence[Crash]]:
    """The crashes of each fingerprint, in the order in which they open groups."""
    same: dict[object, list[Crash]] = {}
    for crash in sorted(crashes, key=lambda crash: crash.name):
        same.setdefault(crash.parts or crash.name, []).append(crash)
    return sorted(same.values(), key=_rank)


def _rank(same: Sequence[Crash]) -> tuple[bool, int, str]:
    return any(part.startswith(UNNAMED) for part in same[0].parts), -len(same), same[0].name
