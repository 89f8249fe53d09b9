"""The unwinder: gives the threads of a dump their frames, by their registers and the memory of their stacks.

It runs before all other transformers, since they resolve the frames that it finds. ``trust`` says what a frame was
found by: the registers (``context``), unwind information (``cfi``), frame pointers (``fp``), or words on the stack that
look like return addresses (``scan``).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec.structs import replace

from native.images import FORMATS, Image, Images
from native.unwinding import problems
from native.unwinding.arch import arch_of
from native.unwinding.files import wanted_keys
from native.unwinding.frames import WalkedFrame
from native.unwinding.references import referred_images
from native.unwinding.threads import registers_of, unwalked, with_frames
from native.unwinding.walker import Walker
from symbolicator.core import compiled_core
from symbolicator.model import Event, Thread
from symbolicator.model.edit import with_problems
from symbolicator.protocols import Artifacts, Key


class Unwinder:
    """Walks stacks. Pure: everything comes from the event and the artifacts."""

    name = "native unwinder"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """The files of the images that the stacks refer to."""
        threads = unwalked(event)
        if artifacts or not threads or compiled_core() is None:
            return frozenset(artifacts)
        used = referred_images(Images.of(event), threads, arch_of(event))
        return frozenset(key for image in used if image.type in FORMATS for key in wanted_keys(image))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Walks every thread that has memory of its stack; leaves every other one as it is."""
        threads = unwalked(event)
        if not threads:
            return event
        if compiled_core() is None:
            return with_problems(event, [problems.no_core(len(threads))])
        arch = arch_of(event)
        if arch is None:
            return with_problems(event, [problems.unknown_processor(arch, len(threads))])
        return _walked(event, threads, arch, artifacts)


def _walked(event: Event, threads: Sequence[Thread], arch: str, artifacts: Artifacts) -> Event:
    images = Images.of(event)
    used = referred_images(images, threads, arch)
    with Walker.opened(images, used, artifacts) as walker:
        walks = {id(thread): walker.walk(arch, registers_of(thread), thread.stack_memory) for thread in threads}
        statuses = {image.index: files.status for image, files in walker.files.items()}
        guessed = {image for walk in walks.values() for image in _left_by_guess(walk, images)}
        found = [problems.guessed(image, walker.files[image]) for image in guessed if image in walker.files]
    return with_problems(_with_statuses(_with_walks(event, walks), statuses), [one for one in found if one])


def _left_by_guess(walk: Sequence[WalkedFrame], images: Images) -> Iterable[Image]:
    """Images of frames whose caller was found by looking at the bare stack."""
    for callee, caller in pairwise(walk):
        image = images.at(callee.address) if caller.trust == "scan" else None
        if image:
            yield image


def _with_walks(event: Event, walks: Mapping[int, Sequence[WalkedFrame]]) -> Event:
    if event.threads is None:
        return event
    threads = event.threads.values
    walked = tuple(with_frames(one, walks[id(one)]) if id(one) in walks else one for one in threads)
    return replace(event, threads=replace(event.threads, values=walked))


def _with_statuses(event: Event, statuses: Mapping[int | None, str]) -> Event:
    """Says for each image what became of its unwind information."""
    if event.debug_meta is None:
        return event
    listed = tuple(
        replace(image, unwind_status=statuses.get(index, "unused")) if image.type in FORMATS else image
        for index, image in enumerate(event.images)
    )
    return replace(event, debug_meta=replace(event.debug_meta, images=listed))


UNWINDER = Unwinder()
