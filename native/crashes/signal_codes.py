"""Why a signal was raised: the names of its ``si_code`` on Linux, and what they say.

>>> code_name("SIGSEGV", 1)
'SEGV_MAPERR'
>>> code_name("SIGABRT", -6)
'SI_TKILL'
>>> meaning("SEGV_MAPERR")
'nothing is mapped there'

Source: sigaction(2), and the kernel's include/uapi/asm-generic/siginfo.h for the numbers. Numbers of other systems
differ.
"""

_SENT = {
    0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ", -4: "SI_ASYNCIO", -5: "SI_SIGIO",
    -6: "SI_TKILL", -7: "SI_DETHREAD", -60: "SI_ASYNCNL",
}  # fmt: skip
"""Codes that any signal can have: who sent it."""
_TRACE_STOPS = {
    1: "PTRACE_EVENT_FORK", 2: "PTRACE_EVENT_VFORK", 3: "PTRACE_EVENT_CLONE", 4: "PTRACE_EVENT_EXEC",
    5: "PTRACE_EVENT_VFORK_DONE", 6: "PTRACE_EVENT_EXIT", 7: "PTRACE_EVENT_SECCOMP", 128: "PTRACE_EVENT_STOP",
}  # fmt: skip
"""Where the kernel stopped the process for a debugger, in the second byte of SIGTRAP's code (ptrace(2))."""
_RAISED = {
    "SIGILL": {
        1: "ILL_ILLOPC", 2: "ILL_ILLOPN", 3: "ILL_ILLADR", 4: "ILL_ILLTRP", 5: "ILL_PRVOPC", 6: "ILL_PRVREG",
        7: "ILL_COPROC", 8: "ILL_BADSTK", 9: "ILL_BADIADDR",
    },
    "SIGFPE": {
        1: "FPE_INTDIV", 2: "FPE_INTOVF", 3: "FPE_FLTDIV", 4: "FPE_FLTOVF", 5: "FPE_FLTUND", 6: "FPE_FLTRES",
        7: "FPE_FLTINV", 8: "FPE_FLTSUB", 14: "FPE_FLTUNK", 15: "FPE_CONDTRAP",
    },
    "SIGSEGV": {
        1: "SEGV_MAPERR", 2: "SEGV_ACCERR", 3: "SEGV_BNDERR", 4: "SEGV_PKUERR", 5: "SEGV_ACCADI", 6: "SEGV_ADIDERR",
        7: "SEGV_ADIPERR", 8: "SEGV_MTEAERR", 9: "SEGV_MTESERR", 10: "SEGV_CPERR",
    },
    "SIGBUS": {1: "BUS_ADRALN", 2: "BUS_ADRERR", 3: "BUS_OBJERR", 4: "BUS_MCEERR_AR", 5: "BUS_MCEERR_AO"},
    "SIGTRAP": {
        1: "TRAP_BRKPT", 2: "TRAP_TRACE", 3: "TRAP_BRANCH", 4: "TRAP_HWBKPT", 5: "TRAP_UNK", 6: "TRAP_PERF",
    },
    "SIGCHLD": {
        1: "CLD_EXITED", 2: "CLD_KILLED", 3: "CLD_DUMPED", 4: "CLD_TRAPPED", 5: "CLD_STOPPED", 6: "CLD_CONTINUED",
    },
    "SIGIO": {1: "POLL_IN", 2: "POLL_OUT", 3: "POLL_MSG", 4: "POLL_ERR", 5: "POLL_PRI", 6: "POLL_HUP"},
    "SIGSYS": {1: "SYS_SECCOMP", 2: "SYS_USER_DISPATCH"},
}  # fmt: skip
"""Codes of one signal: what the kernel raised it for."""
_MEANINGS = {
    "SEGV_MAPERR": "nothing is mapped there",
    "SEGV_ACCERR": "the memory there may not be used so",
    "SEGV_BNDERR": "the address is out of the bounds that were set",
    "SEGV_PKUERR": "a memory protection key forbids it",
    "SEGV_MTEAERR": "the memory tag is wrong, found some time after the access",
    "SEGV_MTESERR": "the memory tag of the pointer is wrong",
    "SEGV_CPERR": "the return address is not the one that the processor remembers",
    "BUS_ADRALN": "the address is not aligned",
    "BUS_ADRERR": "there is no memory behind the address",
    "BUS_OBJERR": "the hardware reports an error",
    "BUS_MCEERR_AR": "the memory there is broken",
    "BUS_MCEERR_AO": "memory was found broken before it was used",
    "FPE_INTDIV": "integer division by zero",
    "FPE_INTOVF": "integer overflow",
    "FPE_FLTDIV": "division by zero",
    "FPE_FLTOVF": "overflow",
    "FPE_FLTUND": "underflow",
    "FPE_FLTRES": "inexact result",
    "FPE_FLTINV": "invalid operation",
    "FPE_FLTSUB": "subscript out of range",
    "ILL_ILLOPC": "illegal opcode",
    "ILL_ILLOPN": "illegal operand",
    "ILL_ILLADR": "illegal addressing mode",
    "ILL_ILLTRP": "illegal trap",
    "ILL_PRVOPC": "privileged opcode",
    "ILL_PRVREG": "privileged register",
    "ILL_COPROC": "coprocessor error",
    "ILL_BADSTK": "error of the internal stack",
    "TRAP_BRKPT": "breakpoint",
    "TRAP_TRACE": "single step",
    "TRAP_HWBKPT": "hardware breakpoint or watchpoint",
    "SYS_SECCOMP": "a seccomp filter forbids the system call",
    "SI_USER": "sent by a process with kill(2)",
    "SI_TKILL": "sent to one thread, as abort(3) and raise(3) do",
    "SI_QUEUE": "sent by a process with sigqueue(3)",
    "SI_KERNEL": "raised by the kernel, which tells no address",
    "SI_TIMER": "a timer expired",
}


def code_name(signal: str, code: int) -> str | None:
    """Name of the ``si_code`` of a signal (``SIGSEGV``) on Linux; None if it has none."""
    if signal == "SIGTRAP" and code & 0xFF == _SIGTRAP and code > _SIGTRAP:
        return _TRACE_STOPS.get(code >> 8)
    return _RAISED.get(signal, {}).get(code) or _SENT.get(code)


def meaning(name: str) -> str | None:
    """What the code of that name (``SEGV_MAPERR``) says, in a few words; None if the name says no more than itself."""
    return _MEANINGS.get(name)


def is_sent(code: int) -> bool:
    """Whether a process sent the signal: then there is a sender, and no address."""
    return code <= 0


_SIGTRAP = 5
