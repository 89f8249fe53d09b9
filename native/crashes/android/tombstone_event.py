"""From a tombstone to its event: the same whichever form it came in."""

from collections.abc import Iterator
from itertools import chain

from native.crashes.android.breadcrumbs import breadcrumbs
from native.crashes.android.contexts import contexts, iso_timestamp
from native.crashes.android.frames import AndroidFrame
from native.crashes.android.images import AndroidImages
from native.crashes.android.model_frames import FrameMaker
from native.crashes.android.registers import named_registers
from native.crashes.android.tombstone import HeapStack, MemoryDump, Signal, Tombstone, TombstoneThread
from native.crashes.events import TOO_MANY_FRAMES
from symbolicator.model import JSON, DebugMeta, Event, ExceptionValue, Mechanism, Thread, Values

_MAX_MESSAGE = 16 * 1024


def event_of(stone: Tombstone) -> Event:
    """The event. Stacks of the allocator are exceptions beside the crash (mechanism ``separate``)."""
    images = AndroidImages(_frames(stone), stone.mappings, stone.arch)
    maker = FrameMaker(images, stone.mappings)
    heap = [stack for cause in stone.causes for stack in cause.stacks if stack.frames]
    values = [_crash(stone, is_alone=not heap), *(_heap(stack, maker, 1 + index) for index, stack in enumerate(heap))]
    return Event(
        platform="native",
        level="fatal",
        timestamp=iso_timestamp(stone.timestamp),
        exception=Values(values=tuple(reversed(values))),
        threads=Values(values=tuple(_thread(stone, thread, maker) for thread in stone.threads)),
        debug_meta=DebugMeta(images=images.images) if images.images else None,
        breadcrumbs=breadcrumbs(chain.from_iterable(stone.logs.values())),
        contexts=contexts(stone.fingerprint, stone.arch, stone.process) | _tombstone(stone),
        errors=(TOO_MANY_FRAMES,) if stone.full else (),
    )


def _frames(stone: Tombstone) -> Iterator[AndroidFrame]:
    """Every frame, the crashed thread's first."""
    for thread in stone.threads:
        yield from thread.frames
    for cause in stone.causes:
        for stack in cause.stacks:
            yield from stack.frames


def _crash(stone: Tombstone, *, is_alone: bool) -> ExceptionValue:
    signal = stone.signal
    return ExceptionValue(
        type=signal.name if signal else "Crash",
        value=_sentence(stone) or None,
        thread_id=stone.tid,
        mechanism=Mechanism(
            type="signalhandler",
            handled=False,
            exception_id=None if is_alone else 0,
            meta={"signal": _signal(signal)} if signal else None,
            data=_said(stone) or None,
        ),
    )


def _sentence(stone: Tombstone) -> str:
    """Where, why, and what the program said."""
    parts = [_where(stone.signal), *(cause.text for cause in stone.causes[:1])]
    text = ": ".join(part for part in parts if part)
    message = (stone.abort_message or "")[:_MAX_MESSAGE].strip()
    if not message:
        return text
    return f"{text}: {message}" if text else message


def _where(signal: Signal | None) -> str:
    if signal is None:
        return ""
    if signal.fault_address is not None:
        return f"{signal.code_name} at {signal.fault_address:#x}"
    return "" if signal.code < 0 else signal.code_name


def _signal(signal: Signal) -> JSON:
    return {"number": signal.number, "name": signal.name, "code": signal.code, "code_name": signal.code_name}


def _said(stone: Tombstone) -> dict[str, JSON]:
    signal = stone.signal
    said: dict[str, JSON] = {
        "fault_address": hex(signal.fault_address) if signal and signal.fault_address is not None else None,
        "sender": signal.sender if signal else None,
        "abort_message": (stone.abort_message or "")[:_MAX_MESSAGE] or None,
        "causes": [cause.text for cause in stone.causes] or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _heap(stack: HeapStack, maker: FrameMaker, number: int) -> ExceptionValue:
    return ExceptionValue(
        type=stack.title,
        mechanism=Mechanism(type="separate", exception_id=number),
        stacktrace=maker.stacktrace(stack.frames),
    )


def _thread(stone: Tombstone, thread: TombstoneThread, maker: FrameMaker) -> Thread:
    is_crashed = thread.id == stone.tid
    dumps: list[JSON] = [_memory(dump) for dump in thread.memory]
    return Thread(
        id=thread.id,
        name=thread.name or None,
        crashed=True if is_crashed else None,
        current=True if is_crashed else None,
        main=True if thread.id == stone.pid else None,
        stacktrace=maker.stacktrace(thread.frames, named_registers(thread.registers, stone.arch)),
        extra={"memory_near": dumps} if dumps else {},
    )


def _memory(dump: MemoryDump) -> JSON:
    """Bytes in hex, from ``address`` on."""
    named: dict[str, JSON] = {"register": dump.register, "address": hex(dump.address), "data": dump.data.hex()}
    return named | ({"mapping": dump.mapping} if dump.mapping else {})


def _tombstone(stone: Tombstone) -> dict[str, JSON]:
    """What else it says, in AOSP's words."""
    files: list[JSON] = [{"fd": one.number, "path": one.path} for one in stone.open_files]
    said: dict[str, JSON] = {
        "build_fingerprint": stone.fingerprint,
        "revision": stone.revision,
        "command_line": stone.command_line,
        "pid": stone.pid,
        "uid": stone.uid,
        "process_uptime": stone.uptime,
        "open_fds": files,
    }
    return {"tombstone": {name: value for name, value in said.items() if value not in (None, "", [])}}
