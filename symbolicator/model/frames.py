"""Frames and stack traces: what the report has, and beside it what was resolved."""

from enum import StrEnum
from typing import Literal

from symbolicator.model.addresses import AbsoluteAddress, FunctionId, ReportedAddress
from symbolicator.model.base import Model


class FrameStatus(StrEnum):
    """What became of a frame. Only `SYMBOLICATED` and `AS_IS` need nothing more."""

    SYMBOLICATED = "symbolicated"
    """Resolved to a source position."""
    AS_IS = "as_is"
    """Readable as it came: the runtime printed it resolved, or it is the runtime's own."""
    MISSING = "missing"
    """No source map or debug file for it was found."""
    MISSING_SYMBOL = "missing_symbol"
    """The file was found and knows nothing about this position."""
    UNKNOWN_IMAGE = "unknown_image"
    """No image (library, bundle) of the report covers it."""
    MALFORMED = "malformed"
    """The file was found and cannot be read, or the frame's own numbers make no sense."""


AWAITED, SCHEDULED = "awaited", "scheduled by"


class AsyncCall(Model, frozen=True, kw_only=True):
    """Why the next newer frame is no call that this one was making: this one awaited it, scheduled it, started it."""

    rule: str
    """Whose word that is, as in ``v8-async``."""
    label: str = AWAITED
    """What a reader is told between the two."""
    each_time: bool = False
    """Whether frames one below the other with the same word are told of each; who awaited is told once."""


class FrameData(Model, frozen=True, kw_only=True):
    """How a frame was resolved, or why not."""

    status: FrameStatus | None = None
    problem: str | None = None
    """`Problem.id` of the reason where ``status`` is not good."""
    resolved_with: str | None = None
    """What found the artifact: ``debug-id``, ``url``, ``build-id``, ``name``, …"""
    sourcemap: str | None = None
    """Name of the source map that was used."""
    evidence: str | None = None
    """How sure: ``debug info``, ``symbol table``, ``export``, ``nearest symbol``, ``source map``."""
    symbol_distance: int | None = None
    """Bytes from the nearest symbol, whose name ``function`` is, to the address that no symbol covers."""
    original_index: int | None = None
    """Index of the raw frame (0-based in ``raw_stacktrace.frames``) that this one came from."""
    inlined: bool = False
    """The call was inlined: the frame shares its address with the next outer one."""
    function_offset: int | None = None
    """Bytes from the start of the function that the report names (``func+0x12``)."""
    at_function_start: bool = False
    """The place is where the function begins: where in it the call stands nobody knows."""
    machinery: str | None = None
    """What the frame serves if it is neither the program's work nor where it failed, as in ``signal handling``."""
    is_entry: bool = False
    """Of a runtime's frame: native code entered the runtime with this call."""
    method: str | None = None
    """Names the method as another view of the same stack names it too, as in ``il2cpp:Player_Jump``; see
    `symbolicator.merge.matched`."""
    stack_pointer: AbsoluteAddress | None = None
    """The native stack's pointer in this frame; of a runtime's frame, where on that stack its record lies."""
    is_native: bool = False
    """Of a runtime's frame: a native function carries the call out, whose own frame is on the native stack."""
    orig_in_app: int | None = None
    """What ``in_app`` was before a rule changed it, as Sentry writes it: 1, 0, or -1 for undecided."""
    in_app_rule: str | None = None
    """Id of that rule."""
    async_call: AsyncCall | None = None
    """Where the report says that this frame was not on the stack any more."""

    @property
    def is_async(self) -> bool:
        """Whether the frame only awaited, or scheduled, what is newer."""
        return self.async_call is not None


class Lock(Model, frozen=True, kw_only=True):
    """A monitor that a thread holds or waits for, as in Sentry's payload.

    ``type``: 1 locked, 2 waiting (in ``Object.wait``), 4 sleeping, 8 blocked (waiting to enter).
    """

    type: int | None = None
    address: str | None = None
    """Identity of the object, as the runtime prints it."""
    package_name: str | None = None
    class_name: str | None = None
    thread_id: int | str | None = None
    """The thread that holds it."""


class Frame(Model, frozen=True, kw_only=True):
    """One call. Lines and columns are 1-based (columns count UTF-16 units in JavaScript, bytes elsewhere)."""

    function: str | None = None
    raw_function: str | None = None
    symbol: str | None = None
    """Mangled name."""
    module: str | None = None
    package: str | None = None
    """Path of the image (library or executable) that holds the code."""
    filename: str | None = None
    abs_path: str | None = None
    source_link: str | None = None
    """URL where this very version of the source file is served."""
    lineno: int | None = None
    colno: int | None = None
    platform: str | None = None
    """Overrides the event's."""
    lang: str | None = None
    """Language of the source where it is known better than by the platform: ``c``, ``cpp``, ``rust``."""
    instruction_addr: ReportedAddress | None = None
    addr_mode: str | None = None
    """``abs`` (default), ``rel:<index>`` or ``rel:<debug id>`` of the image that the address is relative to."""
    function_id: FunctionId | None = None
    """The function that ``instruction_addr`` counts from, where the image has one address space a function (.NET)."""
    adjust_instruction_addr: bool | None = None
    """Overrides the stack's rule: whether ``instruction_addr`` is a return address."""
    image_addr: AbsoluteAddress | None = None
    symbol_addr: AbsoluteAddress | None = None
    trust: str | None = None
    stack_start: bool | None = None
    """Whether what is older is the stack of another moment, which scheduled this one: Sentry's chained stack traces."""
    in_app: bool | None = None
    pre_context: tuple[str, ...] | None = None
    context_line: str | None = None
    post_context: tuple[str, ...] | None = None
    lock: Lock | None = None
    """What the call locked or waits for."""
    data: FrameData | None = None

    @property
    def status(self) -> FrameStatus | None:
        """What became of the frame; None while nobody took it."""
        return self.data.status if self.data else None


class Stacktrace(Model, frozen=True, kw_only=True):
    """Frames from caller to callee: the crash is the last one."""

    frames: tuple[Frame, ...] = ()
    registers: dict[str, ReportedAddress | None] | None = None
    instruction_addr_adjustment: Literal["auto", "all", "all_but_first", "none"] | None = None
    """Which addresses are return addresses. ``auto``: all but the crashing frame's."""
