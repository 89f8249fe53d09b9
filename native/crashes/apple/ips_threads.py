"""Threads of an ``.ips`` body: frames by image and offset, registers by name."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from native.crashes.apple.frame_lines import parse_frame
from native.crashes.apple.json_fields import Fields
from native.crashes.apple.registers import named
from native.crashes.apple.report import MAX_FRAMES, MAX_THREADS, PrintedImage, PrintedThread
from native.crashes.raw_frames import RawFrame

if TYPE_CHECKING:
    from symbolicator.model import JSON

_MODELLED = frozenset({"frames", "id", "name", "queue", "threadState", "triggered"})
_NO_REGISTERS = frozenset({"flavor", "x"})
_GENERATED = "<compiler-generated>"


def threads(body: Fields, images: Sequence[PrintedImage]) -> list[PrintedThread]:
    """The threads in their order, by which the report counts them."""
    found = zip(range(MAX_THREADS + 1), body.items("threads"), strict=False)
    return [_thread(number, one, images) for number, one in found]


def exception_frames(body: Fields, images: Sequence[PrintedImage]) -> list[RawFrame]:
    """The stack of the last exception, newest call first; of older systems as text that its library left."""
    last = _frames(body, "lastExceptionBacktrace", images)
    lines = next((text.splitlines() for text in body.texts("asiBacktraces")), []) if not last else []
    return last or [frame for frame in map(parse_frame, lines[: MAX_FRAMES + 1]) if frame]


def _thread(number: int, one: Fields, images: Sequence[PrintedImage]) -> PrintedThread:
    state = one.fields("threadState")
    extra: dict[str, JSON] = one.rest(_MODELLED)
    system_id = one.number("id")
    return PrintedThread(
        number=number,
        name=one.text("name"),
        queue=one.text("queue"),
        frames=_frames(one, "frames", images),
        registers=named(_registers(state)),
        is_marked=one.flag("triggered"),
        extra={"system_id": system_id, **extra} if system_id is not None else extra,
    )


def _registers(state: Fields) -> Iterator[tuple[str, int]]:
    """``x`` is an array; all others have their names."""
    for index, value in enumerate(state.array("x")):
        number = Fields(value).number("value")
        if number is not None:
            yield f"x{index}", number
    for name, value in state.pairs():
        number = Fields(value).number("value")
        if name not in _NO_REGISTERS and number is not None:
            yield name, number


def _frames(holder: Fields, name: str, images: Sequence[PrintedImage]) -> list[RawFrame]:
    told = (one for one in holder.items(name) if one)
    return [_frame(one, images) for _, one in zip(range(MAX_FRAMES + 1), told, strict=False)]


def _frame(one: Fields, images: Sequence[PrintedImage]) -> RawFrame:
    """A frame in no image has its address as offset in an image that begins at 0."""
    index, offset = one.number("imageIndex"), one.number("imageOffset")
    listed = images[index] if index is not None and 0 <= index < len(images) else None
    base = listed.image.image_addr if listed else None
    file, line = one.text("sourceFile"), one.number("sourceLine")
    is_generated = bool(file) and str(file).endswith(_GENERATED)
    return RawFrame(
        function=one.text("symbol"),
        function_offset=one.number("symbolLocation"),
        image=listed.name if listed else None,
        image_offset=offset,
        address=base + offset if base is not None and offset is not None else None,
        file=None if is_generated else file,
        line1=line if line and line > 0 else None,
        column1=one.number("sourceColumn") or None,
        inlined=one.flag("inline"),
        notes={"image_offset": offset} if base is None and offset is not None else {},
    )
