r"""Frames of C in a goroutine's stack, and the calls that lead from Go to C and back.

=============================================================  =====================================================
``shop_look_up``, below it ``\tprices.c:26 pc=0x4a084f``       C that the program's own symbolizer named
``non-Go function``, below it ``\tpc=0x480de4``                C that it has no name for
``non-Go function at pc=0x4a084f``                             the same without a symbolizer
``runtime.cgocall``, ``main._Cfunc_shop_look_up``              Go calls C
``_cgo_ad728199b557_Cfunc_shop_look_up``                       the same on C's side
``runtime.cgocallback``, ``_cgoexp_ad728199b557_discount``     C calls Go
=============================================================  =====================================================

Go walks C only if the program says how (``runtime.SetCgoTraceback``); without that the place of the crash alone is
known, from the line ``PC=``. Source: runtime/traceback.go (printCgoTraceback) and cmd/cgo/out.go of Go for the names.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from symbolicator.model import Frame, ReportedAddress
from symbolicator.model.edit import with_data

MACHINERY = "cgo"
_UNNAMED = "non-Go function"
_ALONE = re.compile(r"non-Go function at pc=0x(?P<pc>[0-9a-f]{1,16})\Z")
_PLACE = re.compile(r"(?:\t| {6,8})(?:(?P<file>\S[^\n]{0,1000}?):(?P<line>[0-9]{1,10}) )?pc=0x(?P<pc>[0-9a-f]{1,16})\Z")
_RUNTIME = frozenset({
    "cgocall", "cgocallback", "cgocallbackg", "cgocallbackg1", "asmcgocall", "systemstack", "systemstack_switch",
})  # fmt: skip
_CROSSINGS = re.compile(r"_cgo_[0-9a-f]{1,40}_C2?func_|_cgoexp_[0-9a-f]{1,40}_|crosscall")
_CALL = "_Cfunc_"


def parse_c_frame(line: str, below: str) -> Frame | None:
    """The call of C on a line, with the place on the line ``below`` it; None if it is none."""
    alone = _ALONE.match(line)
    if alone:
        return _frame(None, alone["pc"])
    place = _PLACE.match(below) if line and not line[0].isspace() else None
    if place is None:
        return None
    file, line1 = place["file"], int(place["line"] or "0") or None
    return _frame(None if line == _UNNAMED else line, place["pc"], file, line1)


def _frame(function: str | None, pc: str, file: str | None = None, line1: int | None = None) -> Frame:
    return Frame(
        platform="native",
        function=function,
        filename=file,
        lineno=line1,
        instruction_addr=ReportedAddress(int(pc, 16)),
    )


def crash_site(address: int) -> Frame:
    """C at an address that a signal arrived at."""
    return Frame(platform="native", instruction_addr=ReportedAddress(address), adjust_instruction_addr=False)


def mark_crossings(frames: Sequence[Frame]) -> list[Frame]:
    """The frames, newest first, with those marked that only lead from one language to the other.

    The Go function that stands for one of C says what was called: it stays where C's own frames are not known.
    """
    walks_c = any(frame.platform == "native" for frame in frames[1:])
    marked = [_marked(frame, walks_c=walks_c) for frame in frames]
    for at, (frame, older) in enumerate(pairwise(marked)):
        is_unnamed = frame.platform == "native" and not frame.function
        if at and is_unnamed and older.data and older.data.machinery:
            marked[at] = with_data(frame, machinery=MACHINERY)
    return marked


def _marked(frame: Frame, *, walks_c: bool) -> Frame:
    name = frame.function or ""
    serves = frame.module == "runtime" and name in _RUNTIME
    stands_for_c = walks_c and frame.platform != "native" and name.startswith(_CALL)
    return with_data(frame, machinery=MACHINERY) if serves or stands_for_c or _CROSSINGS.match(name) else frame
