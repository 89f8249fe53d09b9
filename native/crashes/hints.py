"""What a report must contain somewhere in its head for a reader to look at it: so that the others are not even loaded.

Two dozen readers take longer to import than a small crash takes to resolve. Each line here is a necessary condition of
the reader's own ``detect``, never a sufficient one; a reader without a line is always asked. Names are those of the
entry points; matching is by bytes, exactly.
"""

from collections.abc import Mapping

HINTS: Mapping[str, tuple[bytes, ...]] = {
    "apple-crash": (
        b"Incident Identifier:", b"Exception Type:", b" Crashed:", b"Last Exception Backtrace:", b"Code Type:",
        b"Hardware Model:", b"Triggered by Thread:", b"Crashed Thread:", b"Binary Images:", b"Report Version:",
        b"Identifier:", b"Process:", b" name:",
    ),
    "apple-ips": (
        b'"bug_type"', b'"usedImages"', b'"faultingThread"', b'"procName"', b'"incident', b'"lastExceptionBacktrace"',
        b'"threadState"', b'"imageOffset"', b'"largestProcess"', b'"procPath"', b'"crashReporterKey"', b'"bundleInfo"',
        b'"osVersion"', b'"legacyInfo"', b'"coalitionName"', b'"memoryStatus"',
    ),
    "apple-kscrash": (b'"binary_images"', b'"crash"', b'"report"', b'"recrash_report"', b'"system"'),
    "android-tombstone": (b"pid: ", b"signal ", b"backtrace:", b"\x08", b"\x12"),
    "apple-plcrash": (b"plcrash", b'nfo"', b'NFO"'),
    "crash-upload": (b"\x1f\x8b", b"orm-data", b"ORM-DATA"),
    "elf-core": (b"\x7fELF", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\xfd7zXZ\0"),
    "flutter": (b".dart", b"package:", b"dart:", b"dartlang", b"http", b"file:", b" abs "),
    "go": (b"goroutine ", b"runtime stack:", b"DATA RACE"),
    "hermes-crash": (b'"callstack"',),
    "java-fatal-error": (b"fatal error", b"insufficient memory", b"Native frames: "),
    "linux-kernel": (b"+0x",),
    "lldb": (b"frame #",),
    "lua": (b"stack traceback:", b"lua"),
    "minidump": (b"MDMP", b"PMDM"),
    "node-fatal": (
        b"FATAL ERROR: ", b"# Fatal error in ", b"heck failed", b"Assertion failed", b"unreachable code",
        b'"javascriptStack"', b'"nativeStack"', b'"reportVersion"', b'"nodejsVersion"',
    ),
    "perl": (b" line ",),
    "php": (b"Stack trace:", b"[stacktrace]", b" on line ", b"[object] ("),
    "python": (b"File ", b"Thread ", b"Process "),
    "ruby": (b":in `", b":in '", b"-- Control frame", b"-- Ruby level", b"-- C level", b"SyntaxError", b"syntax error"),
    "swift": (b" crashed:",),
    "unity": (b" (at ", b"OUTPUTTING STACK TRACE", b"Obtained "),
    "unreal-crash": (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
}  # fmt: skip
