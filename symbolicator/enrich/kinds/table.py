"""The kinds of crashes, the surest and most telling first: the first one that has a clue is it.

Sources: the texts of glibc (``malloc/malloc.c``, ``debug/``), bionic, libstdc++ and libc++abi, the Go, Rust, Swift, V8
and ART runtimes, the kernel's ``mm/oom_kill.c`` and ``kernel/watchdog.c``, Apple's "Understanding the exception types
in a crash report", Microsoft's NTSTATUS values.
"""

from collections.abc import Callable

from msgspec import Struct

from symbolicator.enrich.kinds.clues import (
    Clue,
    beside_stack_pointer,
    both,
    called,
    coded,
    deep_recursion,
    first_page,
    said,
    signalled,
    typed,
    uncaught_by_objc,
)
from symbolicator.enrich.kinds.details import how_long, recursion, thrown_type
from symbolicator.enrich.kinds.facts import Facts

ACCESS, ABORT, PANIC, TRAP, ARITHMETIC = "invalid memory access", "abort", "panic", "trap", "arithmetic error"
"""What crashes are known by whatever reported them: each system, and each reader, has its own name for these."""
_ACCESSES = signalled(
    r"SIGSEGV|SIGBUS|EXC_BAD_ACCESS|EXCEPTION_(?:ACCESS_VIOLATION|STACK_OVERFLOW)|[Aa]ccess violation"
)
_ABORTS = signalled(r"SIGABRT|SIGIOT")
_ARITHMETICS = signalled(r"SIGFPE|EXC_ARITHMETIC|EXCEPTION_(?:INT|FLT)_DIVIDE_BY_ZERO")
_TRAPS = signalled(r"SIGILL|SIGTRAP|EXC_BREAKPOINT|EXC_BAD_INSTRUCTION|EXCEPTION_(?:ILLEGAL_INSTRUCTION|BREAKPOINT)")


FAMILIES = ((ACCESS, _ACCESSES), (ABORT, _ABORTS), (TRAP, _TRAPS), (ARITHMETIC, _ARITHMETICS))
"""By the name that a system has for them."""


class Kind(Struct, frozen=True):
    """``words``: what happened; None where the error's own type always says it.

    ``said``: a report with this text says it itself. ``detail`` adds what the report does not say in one place.
    """

    id: str
    words: str | None
    clues: tuple[Clue, ...]
    said: str | None = None
    detail: Callable[[Facts], str | None] | None = None
    family: str | None = None
    """What it is whatever reported it; where the kind does not tell, the error's own name may."""


def _java(name: str) -> str:
    return rf"(?:java\.lang\.)?{name}"


KINDS: tuple[Kind, ...] = (
    Kind(
        "out-of-memory", "ran out of memory",
        (
            typed(_java("OutOfMemoryError") + r"|MemoryError|(?:System\.)?OutOfMemoryException|NSMallocException"),
            typed(r"NoMemoryError|Out of memory|Out Of Memory|OutOfMemory"),
            both(typed(r"Jetsam"), said(r"memory")),
            said(r"JavaScript heap out of memory|Allocation failed - process out of memory|invalid table size Alloc"),
            said(r"\bruntime: (?:out of memory|cannot allocate memory)|\bOut of memory: Kill(?:ed)? process|oom-kill:"),
            said(r"\bmemory allocation of [0-9]{1,20} bytes failed|Throwing OutOfMemoryError|RESOURCE_TYPE_MEMORY"),
            said(r"\bJETSAM [0-9]{1,3}: [^\n]{0,60}\bmemory\b"),
            called(r"node::OOMErrorHandler|v8::internal::V8::FatalProcessOutOfMemory|v8::Utils::ReportOOMFailure"),
            called(r"alloc::alloc::handle_alloc_error|__rust_alloc_error_handler|base::internal::OnNoMemory"),
        ),
        said=r"(?i)out\s?of\s?memory|MemoryError|used more memory|had no more memory|needed (?:its )?memory",
    ),
    Kind(
        "out-of-memory", "ran out of memory",
        (
            typed(r"std::bad_alloc|std::bad_array_new_length"),
            both(_ABORTS, said(r"std::bad_(?:alloc|array_new_length)\b")),
            called(r"std::__throw_bad_(?:alloc|array_new_length)"),
        ),
        family=ABORT,
    ),
    Kind(
        "stack-overflow", "stack overflow",
        (
            typed(_java("StackOverflowError") + r"|(?:System\.)?StackOverflowException"),
            typed(r"RecursionError|SystemStackError"),
            both(typed(r"RangeError|InternalError"), said(r"Maximum call stack size exceeded|too much recursion")),
            said(r"goroutine stack exceeds|\bfatal error: stack overflow|AddressSanitizer: stack-overflow"),
        ),
        said=r"(?i)stack\s?overflow|recursion|call stack size", detail=recursion,
    ),
    Kind(
        "stack-overflow", "stack overflow",
        (
            typed(r"EXCEPTION_STACK_OVERFLOW"), said(r"has overflowed its stack|likely due to stack overflow"),
            said(r"(?i)stack size exceeded|stack guard\b|\bthread stack overflow"),
            both(_ACCESSES, beside_stack_pointer), both(_ACCESSES, deep_recursion),
        ),
        detail=recursion, family=ACCESS,
    ),
    Kind(
        "deadlock", "deadlock",
        (
            typed(r"Deadlock"), said(r"all goroutines are asleep - deadlock!"),
            said(r"possible (?:circular|recursive) locking"),
        ),
        said=r"(?i)deadlock",
    ),
    Kind(
        "watchdog", "watchdog: did not respond",
        (
            said(r"(?i)\b0x8badf00d\b"), said(r"\bWATCHDOG\b[^\n]{0,120}"),
            typed(r"soft lockup|hard LOCKUP|rcu\w{0,20} (?:self-)?detected stalls?|Watchdog|WatchdogTermination"),
            both(typed(r"task"), said(r"blocked for more than [0-9]{1,9} seconds")),
        ),
        said=r"soft lockup|hard LOCKUP|stalls?\b|blocked for more than", detail=how_long,
    ),
    Kind(
        "not-responding", "did not respond",
        (
            typed(r"ANR|AppHang|App Hang(?:ing)?|ApplicationNotResponding|Fatal App Hang"),
            said(r"Input dispatching timed out|HANGTRACER"),
        ),
        said=r"(?i)not respond|timed out|hang", detail=how_long,
    ),
    Kind(
        "cpu-limit", "used more processor time than allowed",
        (
            typed(r"SIGXCPU"), said(r"RESOURCE_TYPE_CPU\b|(?i:\b0xc51bad01\b)|JETSAM 100\b"),
        ),
        said=r"processor time",
    ),
    Kind(
        "use-after-free", "use of memory after it was freed",
        (
            said(r"\b(?:heap|slab)-use-after-free|[Uu]se[ -][Aa]fter[ -][Ff]ree|stack-use-after-(?:return|scope)"),
            coded(r"SEGV_MTE\w{1,8}"), said(r"\bEXC_ARM_MTE_TAGCHECK_FAIL"),
        ),
        said=r"(?i)use[ -]after",
    ),
    Kind(
        "buffer-overflow", "buffer overflow",
        (
            said(r"Sanitizer: (?:heap|stack|global|dynamic-stack|container)-(?:buffer-)?(?:over|under)flow"),
            said(r"\bBuffer (?:Over|Under)flow, [0-9]|\b(?:slab|stack|global)-out-of-bounds|container-overflow"),
        ),
        said=r"(?i)overflow|underflow|out-of-bounds",
    ),
    Kind("data-race", "data race", (said(r"\bdata[ -]race\b|\bDATA RACE\b|concurrent map (?:writes|read|iteration)"),),
         said=r"(?i)race|concurrent"),
    Kind("memory-leak", "memory leak", (said(r"LeakSanitizer: detected memory leaks"),), said=r"leak"),
    Kind("uninitialized-memory", "use of memory that was never written",
         (said(r"use-of-uninitialized-value|KMSAN: uninit-value"),), said=r"uninit"),
    Kind("undefined-behavior", None, (typed(r"UndefinedBehaviorSanitizer\b.{0,80}|KUBSAN.{0,80}"),)),
    Kind(
        "stack-smashing", "a buffer on the stack was overrun",
        (
            said(r"stack smashing detected|stack corruption detected|stack buffer overrun detected"),
            called(r"(?:__GI_)?__stack_chk_fail\b"),
        ),
        said=r"stack smashing", family=ABORT,
    ),
    Kind(
        "checked-overflow", "a checked call would have overrun a buffer",
        (
            said(r"\*{3} buffer overflow detected|^buffer overflow detected|FORTIFY: "),
            called(r"(?:__GI_)?__(?:fortify_fail|fortify_fatal|chk_fail)\b"),
        ),
        said=r"buffer overflow|FORTIFY", family=ABORT,
    ),
    Kind(
        "heap-corruption", "the heap was damaged",
        (
            said(r"\b(?:free|malloc|realloc|calloc|munmap_chunk|malloc_consolidate)\(\): [^\n]{3,60}"),
            said(r"double free or corruption|corrupted (?:size vs|double-linked|top size|unsorted)[^\n]{0,40}"),
            said(r"malloc: \*{3} error for object|pointer being freed was not allocated|Scudo ERROR: [^\n]{0,60}"),
            said(r"(?i)heap corruption detected|STATUS_HEAP_CORRUPTION|\bdouble free\b"),
            called(r"malloc_printerr|malloc_zone_error|scudo::die"),
        ),
        family=ABORT,
    ),
    Kind(
        "jni-error", "wrong use of JNI",
        (said(r"JNI DETECTED ERROR IN APPLICATION"), called(r"art::JavaVMExt::JniAbort")),
        said=r"JNI DETECTED", family=ABORT,
    ),
    Kind("null-pointer", None, (both(typed(r"panic"), said(r"nil pointer dereference")),), family=PANIC),
    Kind("divide-by-zero", None, (both(typed(r"panic"), said(r"divide by zero")),), family=PANIC),
    Kind(
        "panic", None,
        (typed(r"panic"), called(r"(?:std|core)::panicking::|rust_panic\b|__rustc::rust_(?:begin_unwind|panic)")),
        family=PANIC,
    ),
    Kind("assertion", None, (typed(_java("AssertionError") + r"|AssertionError \[\w{1,40}\]|AssertionException"),)),
    Kind(
        "assertion", "assertion failed",
        (
            typed(r"Assertion failed"),
            both(_ABORTS, said(r"(?i)\bassertion (?:failed\b|[`\"][^\n]{1,300}['\"] failed)")),
            called(r"(?:__GI_)?__assert(?:2|_fail|_fail_base|_rtn|_perror_fail)?\b|_wassert\b|g_assertion_message"),
            called(r"node::Assert\b"),
        ),
        said=r"(?i)assertion", family=ABORT,
    ),
    Kind(
        "swift-runtime-failure", "Swift stopped the program",
        (
            said(r"\.swift:[0-9]{1,9}: (?:Fatal error|Precondition failed|Assertion failed)|Swift runtime failure: "),
            said(r"^(?:EXC_\w{1,20}: )?(?:[\w/]{1,80}: )?Fatal error: "),
            called(r"(?:Swift\.)?_?(?:assertionFailure|fatalErrorMessage|preconditionFailure)\b"),
            called(r"swift_unexpectedError"),
        ),
        said=r"(?i)fatal error|precondition|assertion", family=TRAP,
    ),
    Kind(
        "uncaught-exception", "uncaught C++ exception",
        (
            both(_ABORTS, called(r"__cxa_(?:re)?throw\b")), said(r"terminate called after throwing an instance of"),
            said(r"\bterminating (?:due to|with) uncaught (?:foreign )?exception"),
            both(_ABORTS, typed(r"(?:\w{1,100}::){1,8}\w{1,100}")),
        ),
        detail=thrown_type, family=ABORT,
    ),
    Kind("uncaught-exception", None, (uncaught_by_objc,), family=ABORT),
    Kind(
        "terminate", "std::terminate was called",
        (
            both(_ABORTS, called(r"std::(?:terminate|__terminate)\b")),
            said(r"terminate called without an active exception"),
        ),
        family=ABORT,
    ),
    Kind(
        "pointer-authentication", "a pointer's signature was wrong: it was changed or is of another type",
        (
            said(r"EXC_ARM_PAC_FAIL|PAC_EXCEPTION|possible pointer authentication failure"),
        ),
        said=r"pointer had a wrong signature|pointer authentication failure", family=ACCESS,
    ),
    Kind(
        "misaligned-access", "misaligned memory access",
        (
            coded(r"BUS_ADRALN"), typed(r"EXCEPTION_DATATYPE_MISALIGNMENT"), said(r"EXC_ARM_(?:DA|SP)_ALIGN"),
        ),
        said=r"(?i)misalign", family=ACCESS,
    ),
    Kind("guard-page", "use of a guard page", (typed(r"(?:EXCEPTION|STATUS)_GUARD_PAGE\w{0,10}"),), family=ACCESS),
    Kind(
        "null-pointer", "null pointer dereference",
        (
            both(_ACCESSES, first_page),
            said(r"(?i)\bnull pointer dereference|dereference null pointer|\(a null pointer\)"),
        ),
        said=r"(?i)null pointer|\bNULL\b", family=ACCESS,
    ),
    Kind(
        "null-pointer", None,
        (
            typed(_java("NullPointerException") + r"|(?:System\.)?NullReferenceException"),
            both(typed(r"TypeError"), said(r"Cannot read propert(?:y|ies) |(?:undefined|null) is not an object")),
            both(typed(r"AttributeError|TypeError"), said(r"'NoneType' object")),
        ),
    ),
    Kind(
        "divide-by-zero", "division by zero",
        (
            coded(r"FPE_(?:INT|FLT)DIV"), typed(r"EXCEPTION_(?:INT|FLT)_DIVIDE_BY_ZERO"),
            said(r"\b(?:EXC_I386_DIV|EXC_ARM_FP_DZ)\b"),
        ),
        said=r"(?i)divi(?:de|sion) by zero", family=ARITHMETIC,
    ),
    Kind(
        "divide-by-zero", None,
        (
            typed(r"ZeroDivisionError|(?:System\.)?DivideByZeroException"),
            both(typed(_java("ArithmeticException")), said(r"/ by zero")),
        ),
    ),
    Kind("forbidden-system-call", "a system call that the sandbox forbids", (coded(r"SYS_SECCOMP"),)),
    Kind("unreadable-file", "a mapped file could not be read", (typed(r"EXCEPTION_IN_PAGE_ERROR"),),
         said=r"cannot be loaded", family=ACCESS),
    Kind("invalid-memory-access", None, (_ACCESSES,), family=ACCESS),
    Kind("trap", None, (_TRAPS,), family=TRAP),
    Kind("trap", None, (both(typed(r"RuntimeError"), said(r"^RuntimeError: unreachable\b")),)),
    Kind("arithmetic-error", None, (_ARITHMETICS,), family=ARITHMETIC),
    Kind("abort", None, (_ABORTS,), family=ABORT),
    Kind("fatal-error", None, (typed(r"FATAL ERROR|fatal error|Fatal error"),)),
)  # fmt: skip
