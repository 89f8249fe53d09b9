r"""One call of a goroutine: a line with the function, and below it one with its place.

======================================================  ============================================================
``main.(*Cart).Total(0xc000010000, {0x1, 0x2}, ...)``   function and words of its arguments; ``?`` where stale
``main.total(...)``                                     inlined into the next older call
``created by main.main in goroutine 1``                 the ``go`` statement (before Go 1.21 without the goroutine)
``\t/srv/shop/cart.go:12 +0x1d``                        place, and bytes from the start of the function
``\t/srv/shop/cart.go:12 +0x1d fp=0xc0 sp=0xc1 pc=0x48``  the same with ``GOTRACEBACK=system``
======================================================  ============================================================

Function names are import paths: ``gopkg.in/yaml%2ev3.(*parser).peek`` is ``(*parser).peek`` of ``gopkg.in/yaml.v3``.
Source: runtime/traceback.go and runtime/symtab.go of Go for the shapes.
"""

import re
from collections.abc import Mapping

from native.crashes.raw_frames import last_group
from symbolicator.model import JSON, AsyncCall, Frame, FrameData, ReportedAddress

PLATFORM = "go"
PANIC_MACHINERY = "panic handling"
_PLACE = re.compile(
    r"(?:\t| {6,8})(?P<file>\S.*?):(?P<line>[0-9]{1,10})(?: \+0x(?P<offset>[0-9a-f]{1,16}))?"
    r"(?: fp=0x[0-9a-f]{1,16} sp=0x[0-9a-f]{1,16} pc=0x(?P<pc>[0-9a-f]{1,16}))?\Z"
)
_CREATED = re.compile(r"created by (?P<name>\S.*?)(?: in goroutine (?P<goroutine>[0-9]{1,19}))?\Z")
_ESCAPED = re.compile(r"%([0-9a-f]{2})")


def parse_frame(line: str, below: str) -> Frame | None:
    """The call on a line, with the place on the line ``below`` it; None if it is none."""
    place = _PLACE.match(below)
    if place is None or line[:1].isspace():
        return None
    created = _CREATED.match(line)
    if created:
        notes: dict[str, JSON] = {"goroutine": int(created["goroutine"])} if created["goroutine"] else {}
        return _frame(created["name"], place, notes, created=True)
    opened = last_group(line)
    if not opened:
        return None
    arguments = line[opened + 1 : -1]
    notes = {"arguments": arguments} if arguments not in ("", "...") else {}
    return _frame(line[:opened], place, notes, inlined=arguments == "...")


def is_frame(line: str, below: str) -> bool:
    """Whether a call is on the line."""
    return below.startswith(("\t", "      ")) and parse_frame(line, below) is not None


def _frame(
    name: str, place: re.Match[str], notes: dict[str, JSON], *, inlined: bool = False, created: bool = False
) -> Frame:
    module, function = split_name(name)
    file = place["file"]
    return Frame(
        platform=PLATFORM,
        function=function,
        module=module,
        filename=file,
        abs_path=file,
        lineno=int(place["line"]) or None,
        instruction_addr=ReportedAddress(int(place["pc"], 16)) if place["pc"] else None,
        data=FrameData(
            inlined=inlined,
            async_call=_started_by(notes) if created else None,
            function_offset=int(place["offset"], 16) if place["offset"] else None,
            extra=notes,
        ),
    )


def _started_by(notes: Mapping[str, JSON]) -> AsyncCall:
    number = notes.get("goroutine")
    return AsyncCall(rule="go-created-by", label="goroutine started by" + (f" goroutine {number}" if number else ""))


def split_name(name: str) -> tuple[str | None, str]:
    """Import path of the package, and the function in it."""
    end = min((at for at in (name.find("["), name.find("(")) if at >= 0), default=len(name))
    dot = name.find(".", name.rfind("/", 0, end) + 1, end)
    if dot < 0:
        return None, name
    module = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name[:dot])
    return module, name[dot + 1 :]


def is_panic_machinery(frame: Frame) -> bool:
    """Whether a newest call only serves the panic: ``panic``, ``runtime.sigpanic``, ``runtime.throw``."""
    if frame.module is None:
        return "/src/runtime/" in (frame.filename or "") or (frame.filename or "").startswith(("runtime/", "_cgo"))
    return f"{frame.module}/".startswith(("runtime/", "internal/runtime/"))
