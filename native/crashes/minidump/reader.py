"""The reader: ``MDMP`` to event."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from native.crashes.minidump.annotations import crashpad_fields
from native.crashes.minidump.exceptions import exception_of
from native.crashes.minidump.images import image_of, unloaded_images
from native.crashes.minidump.machine import contexts_of
from native.crashes.minidump.signal_stacks import with_interrupted_stacks
from native.crashes.minidump.threads import threads_of
from symbolicator.core import compiled_core
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, DebugMeta, Event, Problem, Values
from symbolicator.protocols import Buffer

if TYPE_CHECKING:
    from symbolicator import _core

MAGICS = (b"MDMP", b"PMDM")
"""The second one is a dump of a big-endian machine."""
_NO_CORE = (
    "Minidumps are read by the compiled core, which is not installed. Install a Rust toolchain and reinstall, then "
    "check with `symbolicator doctor`."
)


class MinidumpReader:
    """Reads minidumps."""

    name = "minidump"

    def detect(self, head: bytes) -> float:
        """Certain by the first four bytes."""
        return 1.0 if head.startswith(MAGICS) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the dump. Raises `UnreadableInput`."""
        return event_in(data)


def read_dump(data: Buffer) -> "_core.Minidump":
    """The dump as plain values. Raises `UnreadableInput` if it is none."""
    core = compiled_core()
    if core is None:
        raise UnreadableInput(_NO_CORE)
    try:
        dump: _core.Minidump = core.read_minidump(data)
    except core.MinidumpError as error:
        raise UnreadableInput(f"This is {error}. Pass the whole .dmp file, as the crash reporter wrote it.") from error
    return dump


def event_in(data: Buffer) -> Event:
    """The event of a dump. Raises `UnreadableInput`."""
    dump = read_dump(data)
    raised = exception_of(dump)
    threads, problems = with_interrupted_stacks(dump, data, threads_of(dump, raised))
    images = tuple(image_of(dump, module) for module in dump.modules)
    annotations = crashpad_fields(dump)
    return Event(
        platform="native",
        level="fatal" if raised.is_crash else "info",
        timestamp=_time(dump.timestamp),
        exception=Values(values=(raised.value,)),
        threads=Values(values=threads) if threads else None,
        debug_meta=DebugMeta(images=images) if images else None,
        contexts=contexts_of(dump) | annotations.contexts,
        errors=(*_problems(dump), *problems),
        extra=_extra(dump) | annotations.extra,
    )


def _time(seconds: int) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z") if seconds else None


def _extra(dump: "_core.Minidump") -> dict[str, JSON]:
    unloaded = unloaded_images(dump)
    said: list[JSON] = [
        {"module": info.module, "messages": list[JSON](info.messages), "backtrace": info.backtrace}
        for info in dump.mac_crash_infos
    ]
    fields: dict[str, JSON] = {
        "unloaded_modules": unloaded,
        "mac_crash_info": said,
        "mac_boot_args": dump.mac_boot_args,
    }
    return {name: value for name, value in fields.items() if value}


def _problems(dump: "_core.Minidump") -> tuple[Problem, ...]:
    """One problem for all that is missing."""
    if not dump.damage and dump.threads:
        return ()
    missing = dump.damage or ["It has no threads."]
    return (
        Problem(
            type="minidump_damaged",
            message=f"The minidump is not whole. {' '.join(missing)}",
            remedy="Check that the file was uploaded in full, and that nothing cuts it off on its way.",
        ),
    )


READER = MinidumpReader()
