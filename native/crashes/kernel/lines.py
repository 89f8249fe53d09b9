r"""The lines of an oops that hold calls, registers and titles.

=========================================================================  ==========================================
`` shop_total+0x12/0x40 [shop]``, `` ? __die+0x23/0x70``                   call, bytes from its start / its size, module
`` [<ffffffff8103b2c1>] shop_total+0x12/0x40``                             the same before Linux 4.10
``RIP: 0010:shop_total+0x12/0x40 [shop]``, ``pc : shop_total+0x12/0x40``   where the processor stood
``Call Trace:``, ``Call trace:``, ``Backtrace:``, ``<TASK>``, ``<IRQ>``    a stack follows
``Allocated by task 1234:``, ``Freed by task 1234 on cpu 0 at 1.2s:``      a stack that explains KASAN's
``RAX: 0000000000000000 RBX: …``, ``x29: ffff800 x28: …``                  registers
``CPU: 1 PID: 1234 Comm: insmod Tainted: G OE 6.1.0-13-amd64 #1``          processor, task and version
=========================================================================  ==========================================

A call with ``?`` was found on the stack and may be left over from an earlier one. Source: arch/x86/kernel/dumpstack.c
and mm/kasan/report.c for the shapes.
"""

import re

from symbolicator.model import Frame, FrameData, ReportedAddress

CORE = "vmlinux"
_WHERE = (
    r"(?P<function>[A-Za-z_$.][\w$.]{0,300})\+0x(?P<offset>[0-9a-f]{1,8})/0x[0-9a-f]{1,8}"
    r"(?: \[(?P<module>[\w-]{1,64})\])?"
)
_CALL = re.compile(
    rf"\s{{0,12}}(?:\[<(?P<address>[0-9a-f]{{8,16}})>\] )?(?:\([^)\n]{{1,200}}\) from )?(?P<unsure>\? )?{_WHERE}"
    r"(?: \([\w ]{1,20}\))?\s*\Z"
)
_POINTER = re.compile(rf"\s*(?:E?RIP: [0-9a-f]{{4}}:|EIP: |[Pp][Cc](?: is at| :) ){_WHERE}\s*\Z")
_REGISTER = re.compile(
    r"\b(?P<name>[REr][A-Z0-9]{1,2}|R[0-9]{2}|x[0-9]{1,2}|sp|lr|pc|CR[0-9])\s?: ?(?P<value>[0-9a-f]{8,16})\b"
)
_SEGMENTED = re.compile(r"\bRSP: [0-9a-f]{4}:(?P<value>[0-9a-f]{8,16})\b")
TRACE = re.compile(r"\s*(?:Call [Tt]race|Backtrace):\s*\Z")
EXPLAINS = re.compile(
    r"\s*(?P<what>Allocated by|Freed by|(?:Second to l|L)ast potentially related work creation"
    r"|Uninit was stored to memory at|Uninit was created at)(?P<rest>.{0,120}?):\s*\Z"
)
CONTEXT = re.compile(
    r"\s*CPU: (?P<cpu>[0-9]{1,5}) (?:UID: [0-9]{1,10} )?PID: (?P<pid>[0-9]{1,9}) Comm: (?P<comm>\S.{0,60}?) "
    r"(?:Tainted: (?P<tainted>.{1,40}?)|Not tainted) +(?P<version>[0-9]+\.[0-9]+\S{0,80}) #"
)
_MARK = re.compile(r"\s*</?[A-Z#]{2,10}>\s*\Z")


def is_mark(line: str) -> bool:
    """Whether the line only says which stack follows: ``<TASK>``, ``<IRQ>``, ``</IRQ>``."""
    return _MARK.match(line) is not None


def parse_call(line: str) -> Frame | None:
    """The call on a line, None if it is none."""
    match = _CALL.match(line) if "+0x" in line[:400] else None
    if match is None:
        return None
    address = ReportedAddress(int(match["address"], 16)) if (match["address"] or "").strip("0") else None
    return _frame(match, address, "scan" if match["unsure"] else None)


def parse_pointer(line: str) -> Frame | None:
    """Where the processor stood, None if the line does not say so."""
    match = _POINTER.match(line) if "+0x" in line[:400] else None
    return _frame(match, None, "context") if match else None


def _frame(match: re.Match[str], address: ReportedAddress | None, trust: str | None) -> Frame:
    return Frame(
        function=match["function"],
        package=match["module"] or CORE,
        instruction_addr=address,
        trust=trust,
        data=FrameData(function_offset=int(match["offset"], 16)),
    )


def registers_in(line: str) -> dict[str, ReportedAddress]:
    """The registers of a line, by Sentry's names."""
    found = {match["name"].lower(): match["value"] for match in _REGISTER.finditer(line[:400])}
    segmented = _SEGMENTED.search(line[:400])
    found |= {"rsp": segmented["value"]} if segmented else {}
    return {name: ReportedAddress(int(value, 16)) for name, value in found.items()}
