"""Unwind information of Windows, of Apple's systems and of Breakpad, against what LLVM's tools decode and by hand."""

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from symbolicator import _core

STACK = 0x7000_0000
BASE = 0x1_4000_0000
NUMBERS = {"RAX": "rax", "RBX": "rbx", "RSI": "rsi", "RDI": "rdi", "RBP": "rbp"} | {
    f"R{number}": f"r{number}" for number in range(8, 16)
}
CONTAINERS = "native-containers/bin"


def ramp(arch_word: int, count: int = 2048) -> bytes:
    """A stack whose words tell where they lie: far above any address of code."""
    form = "<Q" if arch_word == 8 else "<I"
    return b"".join(struct.pack(form, 0x4000_0000 + at) for at in range(count))


def word_at(address: int) -> int:
    return 0x4000_0000 + (address - STACK) // 8


def tool(*command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pe_functions(path: Path) -> list[tuple[int, int, int, list[str]]]:
    """Start, end, length of the prologue, and operations, last first, as llvm-readobj prints them."""
    text = tool("llvm-readobj-19", "--unwind", str(path))
    found = []
    for part in text.split("RuntimeFunction {")[1:]:
        start, end = (int(value, 16) for value in re.findall(r"(?:Start|End)Address: .*?\((0x[0-9A-F]+)\)", part))
        prologue = int(re.findall(r"PrologSize: (\d+)", part)[0])
        found.append((start, end, prologue, re.findall(r"^\s+0x[0-9A-F]{2}: (.*)$", part, re.MULTILINE)))
    return found


@pytest.mark.parametrize("name", ["pe-x86_64/tank.dll", "mingw/tank.dll"])
def test_prologues_of_64_bit_windows_are_undone(fixtures: Path, name: str) -> None:
    """Frames of Windows programs would have wrong callers, and wrong registers for the callers of those."""
    path = fixtures / CONTAINERS / name
    data = path.read_bytes()
    functions = pe_functions(path)
    assert functions
    for start, _, prologue, operations in functions:
        sp, registers = STACK + 64, {"rbp": STACK + 4096}
        expected: dict[str, int] = {}
        for operation in operations:
            if allocated := re.match(r"ALLOC_\w+ size=(\d+)", operation):
                sp += int(allocated[1])
            elif pushed := re.match(r"PUSH_NONVOL reg=(\w+)", operation):
                expected[NUMBERS[pushed[1]]] = word_at(sp)
                sp += 8
            elif framed := re.match(r"SET_FPREG reg=(\w+), offset=(0x[0-9A-F]+)", operation):
                registers[NUMBERS[framed[1]]] = sp + int(framed[2], 16)
        with _core.UnwindInfo(data) as info:
            pc = BASE + start + prologue - info.load_address
            images = [(BASE, 1 << 20, BASE, [info])]
            frames = _core.walk_stack(
                "x86_64", {"rip": pc, "rsp": STACK + 64, **registers}, [(STACK, ramp(8))], images, 2
            )
        assert frames[1][0] == word_at(sp), hex(start)
        assert frames[1][3]["rsp"] == sp + 8
        assert {name: frames[1][3][name] for name in expected} == expected


ARM64_OPERATION = re.compile(r"0x[0-9a-f]+\s+; (.*)")


def undone(operations: list[str], sp: int, fp: int) -> tuple[int, dict[str, int]]:
    """Stack pointer and registers of the caller, by the instructions that llvm-readobj prints for a prologue."""
    found: dict[str, int] = {}
    for operation in operations:
        if added := re.match(r"add fp, sp, #(\d+)", operation):
            sp = fp - int(added[1])
        elif operation.startswith("mov"):
            sp = fp
        elif taken := re.match(r"sub sp, #(\d+)", operation):
            sp += int(taken[1])
        elif stored := re.match(r"st[rp] (\w+)(?:, (\w+))?, \[sp, #(-?\d+)\]", operation):
            by = int(stored[3])
            at = sp if by < 0 else sp + by
            names = [{"x29": "fp", "x30": "lr"}.get(name, name) for name in (stored[1], stored[2]) if name]
            found |= {name: word_at(at + 8 * index) for index, name in enumerate(names)}
            sp += -by if by < 0 else 0
        else:
            assert operation == "end"
    return sp, found


def test_prologues_of_arm64_windows_are_undone(fixtures: Path) -> None:
    """Frames of programs for Windows on ARM would have wrong callers."""
    path = fixtures / CONTAINERS / "pe-aarch64" / "tank.dll"
    text = tool("llvm-readobj-19", "--unwind", str(path))
    parts = [part for part in text.split("RuntimeFunction {")[1:] if "Prologue [" in part]
    assert parts
    for part in parts:
        start = int(re.findall(r"Function: .*?(0x[0-9A-F]+)", part)[0], 16)
        operations = ARM64_OPERATION.findall(part.partition("Prologue [")[2])
        operations = operations[: operations.index("end") + 1]
        for done in range(len(operations)):
            fp = STACK + 1024
            sp, expected = undone(operations[len(operations) - 1 - done :], STACK + 64, fp)
            with _core.UnwindInfo(path.read_bytes()) as info:
                registers = {"pc": BASE + start - info.load_address + 4 * done, "sp": STACK + 64, "fp": fp, "lr": BASE}
                frames = _core.walk_stack("arm64", registers, [(STACK, ramp(8))], [(BASE, 1 << 20, BASE, [info])], 2)
            assert frames[1][0] == expected.pop("lr", BASE), (hex(start), done)
            assert frames[1][3]["sp"] == sp
            assert {name: frames[1][3][name] for name in expected} == expected


def test_frames_of_macs_are_unwound_by_their_compact_encoding(fixtures: Path) -> None:
    """A binary of Apple's system without __eh_frame would be walked by guesses."""
    path = fixtures / CONTAINERS / "macho" / "tank"
    text = tool("llvm-objdump-19", "--macho", "--unwind-info", str(path))
    entries = re.findall(r"function offset=0x([0-9a-f]+), encoding\[\d+\]=0x([0-9a-f]+)", text)
    assert entries
    with _core.UnwindInfo(path.read_bytes()) as info:
        for offset, encoding in entries:
            fp, sp = STACK + 512, STACK + 64
            registers = {"rip": BASE, "rsp": sp, "rbp": fp}
            # A caller of somebody, so that no prologue is looked at: the frame lies below the one that is asked about.
            frames = _core.walk_stack(
                "x86_64",
                registers | {"rip": BASE + int(offset, 16) + 0x18},
                [(STACK, ramp(8))],
                [(BASE, 1 << 20, BASE, [info])],
                2,
            )
            bits = int(encoding, 16)
            assert bits >> 24 == 1, "all functions of this program keep a frame pointer"
            assert frames[1][0] == word_at(fp + 8), offset
            assert frames[1][3]["rsp"] == fp + 16
            assert frames[1][3]["rbp"] == word_at(fp)
            place = fp - 8 * (bits >> 16 & 0xFF)
            saved = [(bits >> 3 * at & 7, place + 8 * at) for at in range(5)]
            names = {1: "rbx", 2: "r12", 3: "r13", 4: "r14", 5: "r15"}
            expected = {names[number]: word_at(at) for number, at in saved if number in names}
            assert {name: frames[1][3][name] for name in expected} == expected


SYM = """\
MODULE Linux x86_64 000000000000000000000000000000000 shop
FUNC 1000 40 0 pay
STACK CFI INIT 1000 40 .cfa: $rsp 8 + .ra: .cfa 8 - ^
STACK CFI 1001 .cfa: $rsp 16 + $rbp: .cfa 16 - ^
STACK CFI 1004 .cfa: $rbp 16 +
STACK CFI INIT 1040 20 .cfa: $rsp 8 + .ra: .undef
"""


@pytest.mark.parametrize(("offset", "sp"), [(0x1000, 72), (0x1002, 80), (0x1010, 528)])
def test_cfi_of_breakpad_files_changes_along_a_function(offset: int, sp: int) -> None:
    """A crash in a prologue would be walked by the rules of the function's body."""
    with _core.UnwindInfo(SYM.encode()) as info:
        registers = {"rip": BASE + offset, "rsp": STACK + 64, "rbp": STACK + 512}
        frames = _core.walk_stack("x86_64", registers, [(STACK, ramp(8))], [(BASE, 0x2000, BASE, [info])], 2)
    assert frames[1][:2] == (word_at(STACK + sp - 8), "cfi")
    assert frames[1][3]["rsp"] == STACK + sp


def test_an_undefined_return_address_ends_the_stack() -> None:
    """The outermost frame would be followed by frames that never were."""
    with _core.UnwindInfo(SYM.encode()) as info:
        registers = {"rip": BASE + 0x1044, "rsp": STACK + 64, "rbp": STACK + 512}
        frames = _core.walk_stack("x86_64", registers, [(STACK, ramp(8))], [(BASE, 0x2000, BASE, [info])])
    assert len(frames) == 1


WINDOWS = """\
MODULE windows x86 00000000000000000000000000000000a shop.pdb
FUNC 1000 40 8 pay
STACK WIN 4 1000 40 3 0 8 8 10 0 1 $T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + =
STACK WIN 0 1040 20 0 0 c 4 14 0 0 0
STACK WIN 0 1060 20 0 0 0 8 10 0 0 1
"""


def windows_stack() -> bytearray:
    return bytearray(4096)


def put(stack: bytearray, address: int, value: int) -> None:
    struct.pack_into("<I", stack, address - STACK, value)


def test_frames_of_32_bit_windows_are_walked_by_programs_and_sizes() -> None:
    """Libraries of 32-bit Windows omit frame pointers: stacks through them would end or go wrong."""
    image, stack, sp = 0x40_0000, windows_stack(), STACK + 0x100
    # 1040: 0x14 of locals and 4 of saved registers lie below its return address, and its 12 bytes of parameters above.
    put(stack, sp + 0x18, image + 0x1070)
    # 1060: after the call its parameters are still there: they count from where its own stack pointer then is.
    outer = sp + 0x1C
    put(stack, outer + 0xC + 0x18, image + 0x1010)
    put(stack, outer + 0xC + 8 - 8, 0x7000_0400)
    # 1000: by its program, from the frame pointer that the frame below restored.
    put(stack, 0x7000_0400, 0x7000_0500)
    put(stack, 0x7000_0404, image + 0x1020)
    with _core.UnwindInfo(WINDOWS.encode()) as info:
        frames = _core.walk_stack(
            "x86",
            {"eip": image + 0x1048, "esp": sp, "ebp": 5},
            [(STACK, bytes(stack))],
            [(image, 0x2000, image, [info])],
            4,
        )
    assert [frame[0] - image for frame in frames] == [0x1048, 0x1070, 0x1010, 0x1020]
    assert [frame[1] for frame in frames] == ["context", "cfi", "cfi", "cfi"]
    assert frames[3][3]["esp"] == 0x7000_0408
    assert frames[3][3]["ebp"] == 0x7000_0500


def test_expressions_that_make_no_sense_give_no_frame() -> None:
    """A damaged record would end the process, or be taken for a caller."""
    for rule in ("$rsp +", "^", "1 0 /", "$rsp 3 @", "= =", "$nothing 8 +", "1 " * 5000, ".cfa .cfa +"):
        text = f"MODULE Linux x86_64 0 shop\nFUNC 1000 40 0 pay\nSTACK CFI INIT 1000 40 .cfa: {rule} .ra: .cfa 8 - ^\n"
        with _core.UnwindInfo(text.encode()) as info:
            registers = {"rip": BASE + 0x1000, "rsp": STACK + 64}
            frames = _core.walk_stack("x86_64", registers, [(STACK, ramp(8))], [(BASE, 0x2000, BASE, [info])])
        assert len(frames) == 1, rule
