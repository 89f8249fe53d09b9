"""Which images a stack can lead through: those that its registers or any word of its memory point into.

Only their files are asked for: a process has hundreds of libraries loaded, and a thread is in a few of them.
"""

from collections.abc import Iterable, Sequence

from native.images import MAX_UNSIZED, Image, Images
from native.stack_memory import pieces
from symbolicator.model import Thread


def places_of(images: Images) -> list[tuple[int, int, Image]]:
    """Start and size of every image that has a place, ascending; one without a size reaches to the next."""
    placed = sorted((image for image in images.all if image.address), key=lambda image: image.address or 0)
    starts = [int(image.address or 0) for image in placed]
    following = [*starts[1:], (starts[-1] if starts else 0) + MAX_UNSIZED]
    return [
        (start, image.size or min(end - start, MAX_UNSIZED), image)
        for start, end, image in zip(starts, following, placed, strict=True)
    ]


def referred_images(images: Images, threads: Sequence[Thread], arch: str | None) -> frozenset[Image]:
    """The images that threads refer to. Needs the compiled core."""
    from symbolicator import _core  # noqa: PLC0415 - optional by design

    places = places_of(images)
    memory = [piece.data for thread in threads if thread.stack_memory for piece in pieces(thread.stack_memory)]
    spans = [(start, size) for start, size, _ in places]
    found = _core.images_on_stacks(arch or "x86_64", memory, list(_registers(threads)), spans)
    return frozenset(places[index][2] for index in found)


def _registers(threads: Iterable[Thread]) -> Iterable[int]:
    for thread in threads:
        registers = (thread.stacktrace.registers if thread.stacktrace else None) or {}
        yield from (value for value in registers.values() if value is not None)
