"""Registers in a thread's status (``NT_PRSTATUS``), by the processor's own order and Sentry's names.

Source: the kernel's include/linux/elfcore.h (``struct elf_prstatus``) and each processor's ``asm/ptrace.h`` and
``asm/elf.h`` (``elf_gregset_t``).
"""

import struct

from msgspec import Struct

from native.elf.layout import ElfFile
from native.elf.summary import architecture


class RegisterLayout(Struct, frozen=True):
    """``names`` in the order of the processor's ``elf_gregset_t``, None what is no register of the user's.

    ``word``: bytes of a register, ``at``: bytes before the first one. ``pointer``, ``stack``: whose values are the
    address of the instruction and of the stack.
    """

    names: tuple[str | None, ...]
    word: int
    at: int
    pointer: str
    stack: str

    def read(self, status: memoryview, order: str) -> dict[str, int]:
        """The registers; those that a cut note lacks are left out."""
        values = status[self.at : self.at + self.word * len(self.names)]
        whole = values[: len(values) - len(values) % self.word]
        form = f"{order}{len(whole) // self.word}{'Q' if self.word == _WORD_64 else 'I'}"
        pairs = zip(self.names, struct.unpack(form, whole), strict=False)
        return {name: value for name, value in pairs if name}


def layout_of(elf: ElfFile) -> RegisterLayout | None:
    """The layout for the processor of a core; None for one that is not known here."""
    layout = _LAYOUTS.get(architecture(elf))
    return layout if layout and layout.word == elf.word_size else None


_WORD_64, _WORD_32 = 8, 4
_AT_64, _AT_32 = 112, 72
"""Bytes of signal, process ids and times before the registers."""

_X86_64 = (
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", None,
    "rip", None, "eflags", "rsp",
)  # fmt: skip
_X86 = (
    "ebx", "ecx", "edx", "esi", "edi", "ebp", "eax", None, None, None, None, None, "eip", None, "eflags", "esp",
)  # fmt: skip
_ARM = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc", "cpsr")
_ARM64 = (*(f"x{number}" for number in range(29)), "fp", "lr", "sp", "pc")
_RISCV = (
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{number}" for number in range(8)),
    *(f"s{number}" for number in range(2, 12)), "t3", "t4", "t5", "t6",
)  # fmt: skip
_LAYOUTS = {
    "x86_64": RegisterLayout(_X86_64, _WORD_64, _AT_64, "rip", "rsp"),
    "x86": RegisterLayout(_X86, _WORD_32, _AT_32, "eip", "esp"),
    "arm": RegisterLayout(_ARM, _WORD_32, _AT_32, "pc", "sp"),
    "arm64": RegisterLayout(_ARM64, _WORD_64, _AT_64, "pc", "sp"),
    "riscv64": RegisterLayout(_RISCV, _WORD_64, _AT_64, "pc", "sp"),
}
