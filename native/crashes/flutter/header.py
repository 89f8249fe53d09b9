r"""What Dart and Flutter say above a stack trace: what was thrown, and what an obfuscated trace counts from.

==========================================================================  =========================================
``Unhandled exception:``, below it ``Bad state: no price``                  the Dart runtime
``[ERROR:flutter/…/dart_vm_initializer.cc(40)] Unhandled Exception: …``     Flutter
``══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞══``                             Flutter's framework
``*** *** *** *** ***``                                                     start of an obfuscated trace
``pid: 8353, tid: 8399, name 1.ui``                                         process and thread
``os: android arch: arm64 comp: yes sim: no``                               system and processor
``build_id: '083986ecd5337898b3b58b5e06cb8b9e'``                            which ``app.so`` it was
``loading_unit: 2, build_id: '…', dso_base: 7b00, instructions: 7b10``      the same of a deferred part
``isolate_dso_base: 751c2b3000, vm_dso_base: 751c2b3000``                   where it was loaded
==========================================================================  =========================================

What Dart prints of an error is its ``toString()``. Texts that dart:core gives its own errors tell their class.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

START = "*** *** ***"
_THREAD = re.compile(r"pid: (?P<pid>[0-9]{1,9}), tid: (?P<tid>[0-9]{1,19}), name (?P<name>\S.*)\Z")
_SYSTEM = re.compile(r"os: (?P<os>[a-z]{1,20}) arch: (?P<arch>[a-z0-9_]{1,20}) comp: (?:yes|no) sim: (?:yes|no)\Z")
_BUILD_ID = re.compile(r"build_id: '(?P<id>[0-9a-fA-F]{2,128})'\Z")
_UNIT = re.compile(
    r"loading_unit: (?P<unit>[0-9]{1,6}), build_id: '(?P<id>[0-9a-fA-F]{2,128})', dso_base: (?P<base>[0-9a-f]{1,16}), "
    r"instructions: [0-9a-f]{1,16}\Z"
)
_BASE = re.compile(r"isolate_dso_base: (?P<base>[0-9a-f]{1,16}), vm_dso_base: [0-9a-f]{1,16}\Z")
_NOTES = (
    "Warning: This VM has been configured",
    "isolate_instructions: ",
    "When the exception was thrown, this was the stack",
)
_UNHANDLED = re.compile(r"(?:\[ERROR:[^\]\n]{1,200}\] )?Unhandled [Ee]xception:(?: (?P<what>.*))?\Z")
_CAUGHT = re.compile(r"(?:═+╡ )?EXCEPTION CAUGHT BY (?P<who>[^╞\n]{1,80}?)(?: ╞═*)?\Z")
_THROWN = re.compile(r"The following (?P<type>\S{1,200}) was thrown.{0,200}:\Z")
_TYPED = re.compile(
    r"(?P<type>_?[A-Z]\w{0,100}(?:Error|Exception)|Exception)(?: \([^)\n]{1,100}\))?(?:: (?P<value>.*)|\Z)", re.DOTALL
)
_OF_CORE = {
    "Bad state: ": "StateError",
    "Invalid argument": "ArgumentError",
    "Unsupported operation: ": "UnsupportedError",
    "Concurrent modification during iteration": "ConcurrentModificationError",
    "type '": "TypeError",
    "Null check operator used on a null value": "TypeError",
    "Stack Overflow": "StackOverflowError",
    "Out of Memory": "OutOfMemoryError",
}
_MAX_MESSAGE_LINES = 300


class Unit(Struct, frozen=True):
    """One file with code: its build id, and the address that it was loaded at."""

    build_id: str
    base: int | None = None


class Header(Struct):
    """What was said above a trace. ``units``: by number, 1 is the program's root."""

    type: str | None = None
    value: str | None = None
    unhandled: bool = False
    caught_by: str | None = None
    pid: int | None = None
    thread_id: int | None = None
    thread_name: str | None = None
    system: str | None = None
    arch: str | None = None
    units: dict[int, Unit] = field(default_factory=dict)


def read_header(above: Sequence[str]) -> Header:
    """Reads the lines above the first call."""
    header = Header()
    message: list[str] = []
    base: int | None = None
    for line in (line.rstrip() for line in above):
        found = _BASE.match(line)
        base = int(found["base"], 16) if found else base
        if not found and not _take(header, message, line) and not line.startswith((START, *_NOTES)):
            message.append(line)
    if base is not None and 1 in header.units:
        header.units[1] = Unit(header.units[1].build_id, base)
    _name(header, message)
    return header


def _take(header: Header, message: list[str], line: str) -> bool:
    """Reads one line; what starts an error drops what was read of others before."""
    unhandled, caught, thrown = _UNHANDLED.match(line), _CAUGHT.match(line), _THROWN.match(line)
    if unhandled or caught or thrown:
        message[:] = [unhandled["what"]] if unhandled and unhandled["what"] else []
        header.unhandled = header.unhandled or bool(unhandled)
        header.caught_by = caught["who"].lower() if caught else header.caught_by
        header.type = thrown["type"] if thrown else header.type
        return True
    return _take_facts(header, line)


def _take_facts(header: Header, line: str) -> bool:
    thread, system, build, unit = _THREAD.match(line), _SYSTEM.match(line), _BUILD_ID.match(line), _UNIT.match(line)
    if thread:
        header.pid, header.thread_id, header.thread_name = int(thread["pid"]), int(thread["tid"]), thread["name"]
    elif system:
        header.system, header.arch = system["os"], system["arch"]
    elif build:
        header.units.setdefault(1, Unit(build["id"].lower()))
    elif unit:
        header.units[int(unit["unit"])] = Unit(unit["id"].lower(), int(unit["base"], 16))
    return bool(thread or system or build or unit)


def _name(header: Header, message: Sequence[str]) -> None:
    """Type and message: of an error that is not announced, the last paragraph above the calls."""
    lines = list(message[-_MAX_MESSAGE_LINES:])
    while lines and not lines[-1].strip():
        lines.pop()
    if not (header.unhandled or header.caught_by or header.type):
        blank = next((at for at in range(len(lines) - 1, -1, -1) if not lines[at].strip()), -1)
        lines = lines[blank + 1 :]
    text = "\n".join(lines).strip()
    match = _TYPED.match(text)
    if match and header.type is None:
        header.type, header.value = match["type"], match["value"] or None
        return
    known = (kind for start, kind in _OF_CORE.items() if text.startswith(start))
    header.type = header.type or next(known, None)
    header.value = text or None
