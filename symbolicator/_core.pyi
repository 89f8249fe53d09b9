"""Contract of the compiled core: parsers of untrusted bytes and batched lookups, outside the GIL.

Every ``Buffer`` argument is read-only bytes-like (``bytes``, a read-only ``mmap``), arrays are C-contiguous and
native-endian. Numbers called ``…0`` are 0-based. Nothing here does I/O beyond mapping the index file it is told to.
"""

from array import array
from collections.abc import Mapping, Sequence
from typing import TypeAlias, final

Buffer: TypeAlias = bytes | memoryview | array[int]

__version__: str

SOURCE_INDEX_VERSION: int
FUNCTION_INDEX_VERSION: int
PROGUARD_INDEX_VERSION: int
SYMCACHE_VERSION: int

class IndexFileError(ValueError):
    """An index file is damaged, of another kind or another version: build it again."""

class SourceMapError(ValueError):
    """The bytes are no source map, or (strict) break a rule of ECMA-426; the text names rule and place."""

class DebugFileError(ValueError):
    """The bytes are no debug file that can be read; the text says what is wrong."""

@final
class SourceMapSummary:
    """What the top level of a source map says, found without decoding its mappings."""

    file: str | None
    debug_id: str | None  # lower case, hyphenated, as ``debugId``/``debug_id`` say
    sources: list[str | None]  # with sourceRoot applied, sections in order
    sources_with_content: int
    names: int
    sections: int  # 0 for a plain map

def summarize_source_map(data: Buffer, /) -> SourceMapSummary:
    """Reads the top level of a source map. Raises SourceMapError if ``data`` is none."""

def build_source_index(
    data: Buffer, /, *, strict: bool = False, texts: bool = True, range_mappings: str | None = None
) -> tuple[bytes, list[str]]:
    """Parses a source map and returns the index file and the defects that were passed over (lenient), a sentence each.

    Strict raises SourceMapError at the first defect. Lenient raises only where nothing can be read. Without ``texts``
    the index has no source lines and is made in a third of the time. With them a second thread helps from 1 MiB of
    texts on. ``range_mappings`` makes the proposed field of that name count: "0-based" as the proposal has it since
    April 2026, "1-based" as before.
    """

@final
class SourceIndex:
    """An index file made by build_source_index."""

    @staticmethod
    def open(path: str, /) -> SourceIndex:
        """Maps the file at ``path``. Raises IndexFileError, OSError."""
    @staticmethod
    def from_bytes(data: bytes, /) -> SourceIndex:
        """Keeps ``data`` alive instead of copying it."""
    @property
    def file(self) -> str | None: ...
    @property
    def debug_id(self) -> str | None: ...
    @property
    def defects(self) -> list[str]:
        """What was wrong with the map and passed over, a sentence each (at most 100, then a count of the rest)."""
    @property
    def source_count(self) -> int: ...
    @property
    def token_count(self) -> int: ...
    def verify(self) -> None:
        """Checks every checksum of the file now."""
    def lookup(self, positions: Buffer, /) -> bytes:
        """``positions``: u32 pairs (line0, column0 in UTF-16 units) in the generated file.

        Returns four u32 a position: source id, line0, column0, name id; 0xFFFFFFFF where there is none. A position
        matches the last segment at or before it on its own line; a segment without source answers "none" in all four.
        """
    def scope_frames(self, positions: Buffer, /) -> tuple[bytes, bytes]:
        """The calls that were running at generated ``positions`` (as for lookup), from ``scopes``: (ends, frames).

        ``ends``: one u32 a position, the index one past its last frame record. ``frames``: 4 u32 a record, innermost
        call first: name id of the function (0xFFFFFFFF: it has none; 0xFFFFFFFE: outside of all functions; 0xFFFFFFFD:
        unknown), then source id, line0 and column0 of the call it made, 0xFFFFFFFF in the first record of a position.
        """
    def segment_line0(self, segment: int, /) -> int | None:
        """Generated line at which a segment of Metro's bundle starts (``x_facebook_segments``); 0 for segment 0."""
    def module_line0(self, segment: int, module: int, /) -> int | None:
        """Generated line at which a module of a RAM bundle starts (``x_facebook_offsets``)."""
    def function_offset(self, segment: int, function: int, /) -> int | None:
        """Offset in bytes of a function of Hermes bytecode (``x_hermes_function_offsets``)."""
    def source_name(self, source: int, /) -> str | None: ...
    def source_ignored(self, source: int, /) -> bool:
        """Whether ``ignoreList``/``x_google_ignoreList`` names the source."""
    def name(self, name: int, /) -> str: ...
    def source_text(self, source: int, /) -> str | None:
        """The original source as in ``sourcesContent``; None where the map has none."""
    def source_lines(self, source: int, first_line0: int, count: int, /) -> list[str] | None:
        """Up to ``count`` lines without their line ends; None where the map has no content for the source."""
    def function_at(self, source: int, line0: int, column0: int, /) -> str | None:
        """Name of the original function around an original position, from ``x_facebook_sources``; None if unknown."""

class ScriptError(ValueError):
    """A script is larger than this build takes; nothing else about it is an error."""

def build_function_index(data: Buffer, /) -> bytes:
    """Finds the functions of a generated script (any bytes; UTF-8 is expected) and returns the index file.

    Raises ScriptError where it has more than 2 GiB.
    """

@final
class FunctionIndex:
    """An index file made by build_function_index. Function ids count from 0 in the order in which functions start."""

    @staticmethod
    def open(path: str, /) -> FunctionIndex:
        """Maps the file at ``path``. Raises IndexFileError, OSError."""
    @staticmethod
    def from_bytes(data: bytes, /) -> FunctionIndex: ...
    @property
    def function_count(self) -> int: ...
    def verify(self) -> None:
        """Checks every checksum of the file now."""
    def lookup(self, positions: Buffer, /) -> bytes:
        """``positions``: u32 pairs (line0, column0 in UTF-16 units).

        Returns one u32 a position: the id of the innermost function around it; 0xFFFFFFFF where there is none.

        A function reaches from its first token up to the end of its last; a method, getter, setter or constructor from
        its parameters on, a field's initialiser from its value on.
        """
    def function(self, function: int, /) -> tuple[str, list[tuple[str, int, int, bool]]]:
        """Kind and pieces of the name. Raises IndexError if there is no such function.

        Kinds: ``function``, ``arrow``, ``method``, ``static method``, ``getter``, ``setter``, ``constructor``, ``static
        block``, ``field``, ``static field``. A piece is text, line0, column0 (of its first character, a quote too), and
        whether it is a property rather than a variable; a class stands before its member, none is anonymous.
        """

class ProguardError(ValueError):
    """The bytes are no mapping file of ProGuard or R8, or one too large for the index; the text says which."""

def build_proguard_index(data: Buffer, /) -> bytes:
    """Converts a mapping file (any version; R8's comments up to 2.2) to an index file. Raises ProguardError.

    What is no line of a mapping is passed over, and so are lines of more than 1 MiB and all but the first 65,536 lines
    about one name of a method; `ProguardIndex.left_out` counts those.
    """

@final
class JavaCall:
    """One call in the source."""

    class_name: str  # with its package
    method: str
    file: str  # as the mapping says, or made up of the class's name
    line: int | None  # 1-based
    parameters: str | None  # types, separated by commas
    returns: str | None
    is_synthesized: bool  # the compiler made it

@final
class JavaAnswer:
    """What a frame was in the source.

    ``found``: ``nothing`` (its class is not mapped), ``class`` (its method is not), ``method`` (no line of it fits),
    ``line``, ``outline`` (code that R8 shared between methods: the frame's caller knows more) or ``removed`` (nothing
    of it is of the source). The last two have no alternatives.
    """

    found: str
    alternatives: tuple[tuple[JavaCall, ...], ...]  # several where nothing tells which; calls innermost first

@final
class ProguardIndex:
    """An index file made by build_proguard_index."""

    @staticmethod
    def open(path: str, /) -> ProguardIndex:
        """Maps the file at ``path``. Raises IndexFileError, OSError."""
    @staticmethod
    def from_bytes(data: bytes, /) -> ProguardIndex: ...
    @property
    def class_count(self) -> int: ...
    @property
    def entry_count(self) -> int:
        """Lines about methods."""
    @property
    def left_out(self) -> int:
        """Lines that are not in the index, because they are too long or too many."""
    @property
    def has_lines(self) -> bool:
        """Whether any method has line numbers."""
    def verify(self) -> None:
        """Checks every checksum of the file now."""
    def classes(self, names: Sequence[str], /) -> list[str | None]:
        """Names in the source of classes of the program (``a.b``); None for those that are not mapped."""
    def lookup(
        self,
        frames: Sequence[tuple[str, str, int, str | None, str | None]],
        /,
        *,
        thrown: str | None = None,
    ) -> list[JavaAnswer]:
        """What the frames of one stack were, the innermost first.

        A frame is its class, method, line (1-based, 0 unknown), types of its parameters (``a,int[]``, or a descriptor
        ``(La;[I)V``; None: unknown) and source file, all as in the program. ``thrown``: class of the exception, as in
        the program, that the first frame threw. A batch looks at no more than 2**26 lines of the mapping; the frames
        behind that are answered with their class.
        """

@final
class DebugFileSummary:
    """What a debug file is and can answer."""

    format: str  # "elf", "macho", "pe", "wasm", "pdb", "portable_pdb", "breakpad", "perf_map", "jitdump", "kallsyms"
    index: int  # which of the images in a file that holds several, from 0
    image_name: str | None  # what such a file calls it: path of a library, identifier of a kernel extension
    arch: str  # as in Sentry's payload: "x86_64", "arm64", "x86", "arm", ...
    kind: str  # "executable", "shared library", "debug companion", "relocatable", "core", "other",
    # "split DWARF object", "split DWARF package", "supplementary debug file", "fast link", "address map",
    # ".NET assembly"
    code_id: str | None  # lower-case hex: GNU build id, UUID, timestamp and image size of a PE, WebAssembly's build_id
    debug_id: str | None  # lower case, hyphenated, then "-" and the age in hex where that is not 0
    debug_link: str | None  # file name of the separate debug file: .gnu_debuglink, CodeView, external_debug_info
    debug_link_crc: int | None  # CRC-32 of that file, where .gnu_debuglink says it
    split_ids: list[str]  # ids of the units in a .dwo file, 16 hex digits each
    load_address: int  # virtual address where the image begins; 0 for WebAssembly, PDB and Breakpad
    has_debug_info: bool  # more than symbols
    has_symbols: bool  # functions by name: symbol table, exports, PUBLIC records
    has_hidden_names: bool  # names stand in a symbol map: __hidden#12_ (Mach-O from bitcode)
    has_debug_map: bool  # no debug information, but symbols that name the object files that have it (Mach-O)

def summarize_debug_file(data: Buffer, /) -> DebugFileSummary:
    """Reads headers only; of the first file in a universal binary. Raises DebugFileError if ``data`` is none."""

def summarize_debug_files(data: Buffer, /) -> list[DebugFileSummary]:
    """Reads the headers of every file in a universal binary; of any other file the one. Raises DebugFileError."""

class Cancelled(RuntimeError):  # noqa: N818 - nothing went wrong
    """A conversion was cancelled through its token; nothing is wrong with the file."""

@final
class CancelToken:
    """Ends every conversion that was given this token, from any thread."""

    def __init__(self) -> None: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

def build_symcache(
    data: Buffer,
    index: int = 0,
    /,
    *,
    addresses: Buffer | None = None,
    companions: Sequence[Buffer] = (),
    cancel: CancelToken | None = None,
) -> bytes:
    """Converts a debug file to a SymCache file. Raises DebugFileError, Cancelled.

    ``companions``: files that hold parts of its debug information (``.dwo``, ``.dwp``, the supplementary file of dwz),
    in any order; what belongs to another file is not used. `SymCache.missing_companions` says what is still wanted.

    With ``addresses`` (u64, image-relative) only what they need is read: a first answer in a fraction of the time. What
    such a file says elsewhere means nothing, and it knows no function by its name.

    Signals (Ctrl-C) and exceptions that another thread sets for this one (time limits) end it as ``cancel`` does: the
    next time that the work looks, which is often.

    It has DWARF 2-5, Go's tables and/or symbols in ELF, Mach-O, PE or WebAssembly, or is an assembly of .NET, a PDB
    (portable or not), a Breakpad file, a perf map, a jitdump or a list of kernel symbols. ``index``: which one of a
    universal binary. WebAssembly's addresses count from the start of the module. Those of .NET are the row of the
    method in its table, shifted left by 32, plus the IL offset; those of perf maps and jitdumps are absolute.
    """

def has_go_table(data: Buffer, /) -> bool:
    """Whether a program has the tables that Go's runtime prints stack traces from (``pclntab``)."""

def portable_pdb_sources(data: Buffer, /) -> tuple[list[tuple[str, bool]], bytes | None]:
    """The sources of a portable PDB, or of the one in an assembly: (documents, source link). Raises DebugFileError.

    A document is its path and whether its text is embedded. The source link is JSON that maps paths to addresses.
    """

def portable_pdb_source(data: Buffer, path: str, /) -> bytes | None:
    """The embedded text of the document at ``path``; None if it has none. Raises DebugFileError if it is damaged."""

def missing_companions(data: Buffer, /, *, companions: Sequence[Buffer] = ()) -> list[tuple[str, str, str]]:
    """What a debug file refers to and ``companions`` do not hold, as `SymCache.missing_companions` has it.

    Takes no index and little time where there is nothing of the kind. Raises DebugFileError.
    """

@final
class SourceLinks:
    """Where the sources of a program are served, as its debug file says: a PDB's Source Link or source server."""

    @staticmethod
    def read(data: Buffer, /) -> SourceLinks:
        """Empty for any other format. Raises DebugFileError."""
    @property
    def is_empty(self) -> bool: ...
    def url(self, path: str, /) -> str | None:
        """URL (http, https) of the source file that the debug file has this path for; None if nothing says so."""

def demangle(name: str, /, *, arguments: bool = True) -> str:
    """Demangles a name of C++ (Itanium, MSVC), Rust, Swift, D, Kotlin/Native, Dart, or of an Objective-C block.

    Any other name comes back as it is. Without ``arguments`` the qualified name alone: ``Cart.total(in:)`` of Swift,
    whose labels are part of it.
    """

@final
class SourceLocation:
    """One call of a chain; the fields are those of `native.protocol.SourceLocation`."""

    function: str | None  # demangled, with arguments
    symbol: str | None  # mangled
    file: str | None
    line: int | None  # 1-based
    column: int | None  # 1-based
    language: str | None  # "c", "cpp", "rust", "swift", "objc", "objcpp", "d", "go", "csharp", "kotlin", "dart"
    entry: int | None  # image-relative, of the function that the call was inlined into the code of
    evidence: str  # "debug info", "symbol table", "export", "nearest symbol"
    source_link: str | None  # always None: `SourceLinks` knows

@final
class SymCache:
    """An index file made by build_symcache. Addresses are image-relative: virtual address minus load_address."""

    @staticmethod
    def open(path: str, /) -> SymCache: ...
    @staticmethod
    def from_bytes(data: bytes, /) -> SymCache: ...
    @property
    def code_id(self) -> str | None: ...
    @property
    def debug_id(self) -> str | None: ...
    @property
    def missing_companions(self) -> list[tuple[str, str, str]]:
        """Files that hold a part of the debug information and were not given: kind, id (hex) and path.

        Kinds: "dwo" (a unit of split DWARF, in a .dwo or .dwp file; its 64-bit id), "sup" (of dwz; its build id).
        """
    @property
    def arch(self) -> str: ...
    @property
    def load_address(self) -> int: ...
    @property
    def function_count(self) -> int: ...
    def verify(self) -> None: ...
    def lookup(self, addresses: Buffer, /) -> tuple[bytes, bytes]:
        """``addresses``: u64 image-relative lookup addresses (inside the instruction, not return addresses).

        Returns (ends, frames). ``ends``: one u32 an address, the index one past its last frame record. ``frames``:
        8 u32 a record, innermost call first: demangled function name, mangled name, file (string ids; 0xFFFFFFFF
        none; only `string` knows what an id means), line (1-based, 0 unknown), column (1-based, 0 unknown), flags
        (bits 0-7: 1 debug info, beside it or alone where the name is from: 2 symbol table, 4 exports, 8 the nearest
        symbol before, whose distance is the one between address and entry; bits 8-15 language: 0
        unknown, 1 C, 2 C++, 3 Rust, 4 other, 5 Swift, 6 Objective-C, 7 Objective-C++, 8 D, 9 Go, 10 C#, 11 Kotlin,
        12 Dart), entry address of the function, low and high half (image-relative; all
        bits set if unknown).
        """
    def chains(self, addresses: Buffer, /) -> list[tuple[SourceLocation, ...]]:
        """The same as objects: the chain at each address (u64, image-relative), innermost call first."""
    def string(self, string_id: int, /) -> str: ...
    def symbol_address(self, name: str, /) -> int | None:
        """Image-relative address of a function by its mangled or demangled name; None if unknown or ambiguous."""

class MinidumpError(ValueError):
    """The bytes are no minidump."""

@final
class MinidumpSystem:
    """The machine and its system."""

    platform_id: int  # 2, 3 Windows; 0x8101 macOS, 0x8102 iOS, 0x8201 Linux, 0x8203 Android
    arch: str  # as in Sentry's payload; empty if unknown
    version: tuple[int, int, int]  # major, minor, build
    csd_version: str  # service pack; elsewhere the system's own words: uname, build of macOS
    processors: int
    cpu_info: str  # vendor, family, model and stepping of an x86 processor

@final
class MinidumpProcess:
    """The process."""

    id: int | None
    create_time: int | None  # seconds since 1970
    build: str  # of the system, in its own words

@final
class MinidumpException:
    """The exception, signal or Mach exception. What the numbers mean depends on the system."""

    thread_id: int
    code: int  # u32
    flags: int  # u32
    address: int
    parameters: list[int]  # up to 15
    registers: list[tuple[str, int]]  # by Sentry's names

@final
class MinidumpThread:
    """One thread."""

    id: int
    name: str | None
    registers: list[tuple[str, int]]  # by Sentry's names; those of the exception where it happened here
    stack: tuple[int, bytes] | None  # address and bytes from the stack pointer upwards, at most 1 MiB

@final
class MinidumpModule:
    """One loaded image."""

    base: int
    size: int  # bytes
    name: str  # path
    code_id: str | None  # build id, UUID, or timestamp and size of a PE image; lower-case hex
    debug_id: str | None  # UUID in lower case, then "-" and the age in hex where that is not 0
    debug_file: str | None
    version: str | None

@final
class MinidumpUnloadedModule:
    """An image that was loaded once."""

    base: int
    size: int  # bytes
    name: str
    code_id: str | None

@final
class MinidumpLinuxInfo:
    """What is kept of Linux's own texts; nothing of the environment or the arguments."""

    program: str | None  # as it was called
    status: list[tuple[str, str]]  # Name, Pid, PPid, Threads, VmPeak, VmRSS
    release: list[tuple[str, str]]  # DISTRIB_ID, DISTRIB_RELEASE, NAME, VERSION_ID, …
    cpu_model: str | None

@final
class MinidumpAssertion:
    """An assertion that failed."""

    expression: str
    function: str
    file: str
    line: int  # 1-based; 0 if unknown
    kind: int  # 1 invalid parameter of the C runtime, 2 pure virtual call

@final
class MinidumpModuleAnnotations:
    """Crashpad's annotations of one image."""

    module: int  # index of the image
    texts: list[str]
    simple: list[tuple[str, str]]
    objects: list[tuple[str, int, str | None]]  # name, type (1: text), text; None where it is no text

@final
class MinidumpCrashpad:
    """Crashpad's annotations."""

    report_id: str  # UUID; empty if there is none
    client_id: str
    annotations: list[tuple[str, str]]  # of the process
    modules: list[MinidumpModuleAnnotations]

@final
class MinidumpMacCrashInfo:
    """What one library of macOS said before it gave up."""

    module: str
    messages: list[str]
    backtrace: str
    thread: int | None
    abort_cause: int | None

@final
class Minidump:
    """A minidump; what it does not have, or not in one piece, is empty. At most 10,000 threads, 20,000 images."""

    timestamp: int  # seconds since 1970; 0 if unknown
    system: MinidumpSystem | None
    process: MinidumpProcess | None
    exception: MinidumpException | None
    threads: list[MinidumpThread]
    modules: list[MinidumpModule]
    unloaded_modules: list[MinidumpUnloadedModule]
    linux: MinidumpLinuxInfo
    dump_thread_id: int | None  # the thread that wrote the dump (Breakpad)
    requesting_thread_id: int | None  # the thread that it was written for (Breakpad)
    assertion: MinidumpAssertion | None
    crashpad: MinidumpCrashpad | None
    mac_crash_infos: list[MinidumpMacCrashInfo]
    mac_boot_args: str | None
    walked_threads: list[tuple[int, list[tuple[int, str]]]]  # id; address and function, newest call first
    damage: list[str]  # what is not there in full, a sentence each

def read_minidump(data: Buffer, /) -> Minidump:
    """Reads a minidump (Windows, Breakpad, Crashpad). Raises MinidumpError if ``data`` is none.

    What is cut off or damaged is left out and named in `damage`. Of the memory only stacks are copied: 1 MiB of a
    thread, 64 MiB in all, the stack of the thread that crashed first. A full dump of gigabytes may be mapped.
    """

@final
class UnwindInfo:
    """How to find the callers of a file's functions: DWARF CFI, tables of Mach-O, PE and ARM, Breakpad records.

    ``index``: which file of a universal binary, 0 for any other. Opening reads headers only. ``data`` is in use until
    `close` or the end of the ``with`` block. Raises DebugFileError.
    """

    def __init__(self, data: Buffer, index: int = 0, /) -> None: ...
    @property
    def arch(self) -> str:
        """The processor as in Sentry's payload."""
    @property
    def load_address(self) -> int:
        """Virtual address where the image begins; 0 for Breakpad files, whose addresses count from there."""
    @property
    def has_rules(self) -> bool:
        """Whether it has any unwind information, and not code alone."""
    def close(self) -> None:
        """Lets go of the file. What is walked with it afterwards raises ValueError."""
    def __enter__(self) -> UnwindInfo: ...
    def __exit__(self, *exception: object) -> None: ...

def walk_stack(
    arch: str,
    registers: Mapping[str, int],
    memory: Sequence[tuple[int, Buffer]],
    images: Sequence[tuple[int, int, int, Sequence[UnwindInfo]]],
    max_frames: int = 256,
    /,
) -> list[tuple[int, str, bool, dict[str, int]]]:
    """Walks the stack of a stopped thread. Raises ValueError for a processor that it does not know.

    ``registers``: by Sentry's names, at least the program counter and the stack pointer. ``memory``: addresses and
    bytes of the process, the stack among them. ``images``: where each lies, its size in bytes, where its lowest segment
    (`UnwindInfo.load_address`) lies, and its files, best first; code of an image without files is known by its place
    alone. At most 256 frames.

    Returns the frames, newest first: program counter (without signature or Thumb bit), how it was found (``context``,
    ``cfi``, ``fp``, ``scan``), whether that is an instruction that was to be executed (else the address that a call
    returns to), and the registers that are known.
    """

def images_on_stacks(
    arch: str, memory: Sequence[Buffer], registers: Sequence[int], images: Sequence[tuple[int, int]], /
) -> list[int]:
    """Indexes of the images (start, size in bytes) that registers or aligned words of memory point into, ascending."""
