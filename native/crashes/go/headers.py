r"""What Go's runtime says above the goroutines about why the program died.

==============================================================================  =====================================
``panic: no price``, below it ``\tpanic: again``                                panics, the oldest first
``panic: no price [recovered]``                                                 a deferred call recovered and panicked
``fatal error: all goroutines are asleep - deadlock!``                          the runtime gave up
``[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a5499]``      what a panic or fatal error came from
``SIGQUIT: quit``, below it ``PC=0x46ac21 m=0 sigcode=0``                       a signal that Go does not handle
``2026/11/28 06:20:59 http: panic serving [::1]:5050: no price``                net/http, which goes on
``unexpected fault address 0x8``, ``runtime: goroutine stack exceeds …``        said before the fatal error
==============================================================================  =====================================

Since Go 1.23 further lines of a message are indented by a tab. Source: runtime/panic.go and runtime/signal_unix.go.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from native.crashes.signals import NUMBERS
from symbolicator.model import JSON

_PANIC = re.compile(r"(?P<indent>\t?)panic: (?P<message>.*)\Z")
_SERVING = re.compile(r".{0,40}?http: panic serving (?P<client>\S{1,200}): (?P<message>.*)\Z")
_FATAL = re.compile(r"fatal error: (?P<message>.*)\Z")
_SIGNAL = re.compile(
    r"\[signal (?P<name>SIG[A-Z0-9]{2,8}|0x[0-9a-f]{1,4})(?:: (?P<words>[^\n]{0,100}?))? code=(?P<code>\S{1,20}) "
    r"addr=(?P<addr>0x[0-9a-f]{1,16}) pc=(?P<pc>0x[0-9a-f]{1,16})\]\Z"
)
_UNHANDLED = re.compile(r"(?P<name>SIG[A-Z0-9]{2,8}): (?P<words>[a-z /]{1,60})\Z")
_PC = re.compile(
    r"PC=(?P<pc>0x[0-9a-f]{1,16}) m=[0-9]{1,9} sigcode=(?P<code>-?[0-9]{1,9})(?: addr=(?P<addr>0x[0-9a-f]{1,16}))?\Z"
)
_IN_CGO = "signal arrived during cgo execution"
_DURING_C = ", during a call of C"
_RECOVERED = re.compile(r" \[recovered(?:, repanicked)?\]\Z")
_FAULT = "unexpected fault address "
_RUNTIME = "runtime: "
_END = re.compile(r"goroutine [0-9]|\[signal |runtime stack:|\t?panic: |fatal error: |\[originating from goroutine ")
_MAX_MESSAGE_LINES = 200
_MAX_CAUSES = 200


class Cause(Struct):
    """One thing that was said: ``type`` is ``panic``, ``fatal error`` or a signal's name."""

    type: str
    value: str
    recovered: bool = False
    handled: bool = False
    data: dict[str, JSON] = field(default_factory=dict)


class Header(Struct):
    """What was said: the oldest panic first, and the signal that it came from."""

    causes: list[Cause] = field(default_factory=list)
    signal: str | None = None
    data: dict[str, JSON] = field(default_factory=dict)

    @property
    def address_in_c(self) -> int | None:
        """Where the signal arrived, if Go had called C."""
        found = (cause.data.get("pc") for cause in self.causes if cause.value.endswith(_DURING_C))
        return next((int(pc, 16) for pc in found if isinstance(pc, str)), None)

    @property
    def is_failure(self) -> bool:
        """Whether something failed: with SIGQUIT people ask for a dump."""
        return any(cause.type != "SIGQUIT" for cause in self.causes)


def starts_header(lines: Sequence[str], index: int) -> bool:
    """Whether a failure of its own starts on this line. Signals do not: the dumps of other threads start with one."""
    cause = None if lines[index].startswith(("\t", "SIG")) else _cause(lines, index)
    return cause is not None


def read_header(lines: Sequence[str]) -> Header:
    """Everything that is said in the lines above a goroutine."""
    header = Header()
    for index, line in enumerate(lines):
        cause = _cause(lines, index)
        signal = _SIGNAL.match(line)
        if cause:
            header.causes.append(cause)
            del header.causes[:-_MAX_CAUSES]
        elif signal:
            _note_signal(header, signal)
        elif line.startswith(_FAULT):
            header.data["address"] = line.removeprefix(_FAULT)
        elif line.startswith(_RUNTIME) and "said" not in header.data:
            header.data["said"] = line
    return header


def _cause(lines: Sequence[str], index: int) -> Cause | None:
    line = lines[index]
    panic, fatal, serving = _PANIC.match(line), _FATAL.match(line), _SERVING.match(line)
    if panic:
        return _panicked(panic, lines, index)
    if fatal:
        return Cause("fatal error", _message(fatal["message"], lines, index, "\t"))
    if serving:
        message = _message(serving["message"], lines, index, "\t")
        return Cause("panic", message, handled=True, data={"client": serving["client"]})
    unhandled = _UNHANDLED.match(line)
    if unhandled and unhandled["name"] in NUMBERS:
        return _signalled(unhandled, lines[index + 1 : index + 3])
    return None


def _signalled(unhandled: re.Match[str], below: Sequence[str]) -> Cause | None:
    where = _PC.match(below[0]) if below else None
    if where is None:
        return None
    at = f" at address {where['addr']}" if where["addr"] else ""
    in_c = _DURING_C if _IN_CGO in below else ""
    data: dict[str, JSON] = {name: value for name, value in where.groupdict().items() if value is not None}
    return Cause(unhandled["name"], f"{unhandled['words']}{at}{in_c}", data=data)


def _panicked(panic: re.Match[str], lines: Sequence[str], index: int) -> Cause:
    message = _message(panic["message"], lines, index, panic["indent"] + "\t")
    recovered = _RECOVERED.search(message[-40:])
    return Cause("panic", message[: -len(recovered[0])] if recovered else message, recovered=bool(recovered))


def _message(first: str, lines: Sequence[str], index: int, indent: str) -> str:
    return "\n".join([first, *_continued(lines, index + 1, indent)]).rstrip()


def _continued(lines: Sequence[str], index: int, indent: str) -> Iterator[str]:
    """The further lines of a message: up to what the runtime says next."""
    for line in lines[index : index + _MAX_MESSAGE_LINES]:
        if _END.match(line):
            return
        yield line.removeprefix(indent)


def _note_signal(header: Header, signal: re.Match[str]) -> None:
    if header.signal is None:
        header.signal = signal["name"] if signal["name"] in NUMBERS else None
        header.data |= {name: signal[name] for name in ("code", "addr", "pc")}
