"""Code that is in no image: compiled at run time (perf maps, jitdumps), or the kernel's (lists of its symbols).

Nothing in a report says which map belongs to it. So the process's own is asked for by its number where the report has
one, and else the one that is among the artifacts, if it is the only one: a match by name, and shown as such.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from native.addresses import image_of, lookup_address
from native.debug_files import JITDUMP, KERNEL, MAPS, PERF_MAP, DebugFile
from native.images import Images
from native.protocol import SourceLocation
from symbolicator.model import AbsoluteAddress, Event, LookupAddress, Stacktrace
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

if TYPE_CHECKING:
    from native.protocol import SymCache

_KERNEL_BIT = 63
_ANY = (PERF_MAP, JITDUMP, KERNEL)
Chain = tuple[SourceLocation, ...]


class Maps(Struct, frozen=True):
    """The maps that were found, the process's own before others; ``ambiguous`` are those that others fit as well as."""

    files: tuple[tuple[bool, DebugFile], ...] = ()
    """With whether it is of the kernel."""
    ambiguous: tuple[str, ...] = ()

    @staticmethod
    def of(artifacts: Artifacts) -> "Maps":
        """Those among ``artifacts``."""
        answers = [answer for key, answer in sorted(artifacts.items()) if key.kind == MAPS]
        found = [answer for answer in answers if isinstance(answer, Artifact)]
        found.sort(key=lambda answer: (answer.key.value in _ANY, answer.key.value == PERF_MAP))
        near = (miss.name for answer in answers if isinstance(answer, Missing) for miss in answer.near)
        return Maps(tuple((one.key.value == KERNEL, _file(one)) for one in found), tuple(near))

    def answer(self, address: AbsoluteAddress) -> tuple[DebugFile, Chain] | None:
        """The map that knows an address, and the chain there."""
        for is_kernel, file in self.files:
            if file.symcache and is_kernel == is_kernel_address(address) and address >= file.symcache.load_address:
                chain = file.symcache.lookup([LookupAddress(address - file.symcache.load_address)])[0]
                if chain:
                    return file, chain
        return None


def wanted_address_maps(images: Images, event: Event, places: Iterable[tuple[Stacktrace, int]]) -> frozenset[Key]:
    """What to ask for, for the frames at ``places`` that lie in no image."""
    addresses = (in_no_image(images, event, stack, index) for stack, index in places)
    kinds = {is_kernel_address(address) for address in addresses if address is not None}
    names = {KERNEL} if True in kinds else set()
    if False in kinds:
        names |= {PERF_MAP, JITDUMP, *_own_maps(event)}
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


def is_kernel_address(address: int) -> bool:
    """Whether an address lies in the half of the address space that the kernel has."""
    return bool(address >> _KERNEL_BIT & 1)


def _file(artifact: Artifact) -> DebugFile:
    return DebugFile(cast("SymCache", artifact.content), artifact.name, "name")
