"""Code that is in no image: compiled at run time (perf maps, jitdumps), or the kernel's (lists of its symbols).

Nothing in a report says which map belongs to it. So the process's own is asked for by its number where the report has
one, and else the one that is among the artifacts, if it is the only one: a match by name, and shown as such.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from msgspec import Struct, field

from native.addresses import image_of, lookup_address
from native.debug_files import KERNEL, MAPS, USER, DebugFile
from native.images import Images
from native.protocol import SourceLocation
from symbolicator.model import AbsoluteAddress, Event, LookupAddress, Stacktrace
from symbolicator.protocols import Artifact, Artifacts, Key

if TYPE_CHECKING:
    from native.protocol import SymCache

_KERNEL_BIT = 63
Chain = tuple[SourceLocation, ...]


class Maps(Struct, frozen=True):
    """The maps that were found, by the half of the address space that they are of."""

    files: Mapping[str, tuple[DebugFile, ...]] = field(default_factory=dict)

    @staticmethod
    def of(artifacts: Artifacts) -> "Maps":
        """Those among ``artifacts``; the process's own before others."""
        found = [answer for answer in artifacts.values() if isinstance(answer, Artifact) and answer.key.kind == MAPS]
        found.sort(key=lambda answer: answer.key.value in (USER, KERNEL))
        spaces = (KERNEL, USER)
        return Maps({space: tuple(_file(one) for one in found if _space_of(one.key) == space) for space in spaces})

    def answer(self, address: AbsoluteAddress) -> tuple[DebugFile, Chain] | None:
        """The map that knows an address, and the chain there."""
        for file in self.files.get(_space(address), ()):
            if file.symcache and address >= file.symcache.load_address:
                chain = file.symcache.lookup([LookupAddress(address - file.symcache.load_address)])[0]
                if chain:
                    return file, chain
        return None


def wanted_maps(images: Images, event: Event, places: Iterable[tuple[Stacktrace, int]]) -> frozenset[Key]:
    """What to ask for, for the frames at ``places`` that lie in no image."""
    addresses = (in_no_image(images, event, stack, index) for stack, index in places)
    spaces = {_space(address) for address in addresses if address is not None}
    names = {KERNEL} & spaces | ({USER, *_own_maps(event)} if USER in spaces else set())
    return frozenset(Key(MAPS, "name", name) for name in names)


def in_no_image(images: Images, event: Event, stack: Stacktrace, index: int) -> AbsoluteAddress | None:
    """The address of the frame at ``index`` if no image covers it."""
    if image_of(images, stack.frames[index]) is not None:
        return None
    return lookup_address(images, event, stack, index)


def _own_maps(event: Event) -> tuple[str, ...]:
    process = (event.contexts or {}).get("process")
    number = process.get("pid") if isinstance(process, dict) else None
    return (f"perf-{number}.map", f"jit-{number}.dump") if isinstance(number, int) else ()


def _space_of(key: Key) -> str:
    return KERNEL if key.value == KERNEL else USER


def _space(address: int) -> str:
    return KERNEL if address >> _KERNEL_BIT & 1 else USER


def _file(artifact: Artifact) -> DebugFile:
    return DebugFile(cast("SymCache", artifact.content), artifact.name, "name")
