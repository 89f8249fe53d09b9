"""Why the system ended a process, in words: termination namespaces and their codes.

>>> sentence("FRONTBOARD", 0x8BADF00D)
'the watchdog ended the app because it did not respond in time'

Sources: "Examining the fields in a crash report", "EXC_CRASH (SIGKILL)" and "Addressing watchdog terminations" of
Apple's documentation; xnu's ``sys/reason.h`` and ``kern/kern_memorystatus.h``.
"""

from collections.abc import Mapping

_CODES: Mapping[int, str] = {
    0x8BADF00D: "the watchdog ended the app because it did not respond in time",
    0xDEAD10CC: "the app was suspended while it held a file lock or a SQLite lock",
    0xC00010FF: "the device was too hot",
    0xBAD22222: "the app was resumed too often by calls over the network (VoIP)",
    0xBAADCA11: "the app did not report a call for which it had got a PushKit notification",
    0xBADDD15C: "the system needed the disk space of the app's caches",
    0xC51BAD01: "the watch app used too much processor time in the background",
    0xC51BAD02: "the watch app did not finish its background task in time",
    0xC51BAD03: "the watch app did not finish its background task in time, as the whole system was busy",
    0x2182BAD2: "the app did not finish its background task in time",
    0x2182BAD3: "the app did not finish handling its background URL session in time",
    0x2182BAD4: "the app did not finish its background fetch in time",
    0xDEADFA11: "the user forced the app to quit",
    0xBAAAAAAD: "no crash: a user asked for a picture of the whole system",
    0x2BAD45EC: "the app did something that its security policy forbids",
}
"""Codes that mean the same in every namespace."""
_OF_NAMESPACES: Mapping[tuple[str, int], str] = {
    ("CODESIGNING", 1): "the app's code signature is not valid",
    ("CODESIGNING", 2): "a page of code was changed after it had been signed",
    ("CODESIGNING", 3): "the app's code signature does not allow what it tried to do to another process",
    ("CODESIGNING", 4): "the app was started by a parent, or from a place, that its launch constraints forbid",
    ("DYLD", 1): "a library that the program needs was not found",
    ("DYLD", 2): "a library that the program needs is for another processor",
    ("DYLD", 3): "a library that the program needs is too old",
    ("DYLD", 4): "a symbol that the program needs is in none of its libraries",
    ("DYLD", 5): "the sandbox does not let the program read a library",
    ("DYLD", 6): "a library that the program needs is damaged",
    ("DYLD", 9): "the program could not be loaded",
    ("JETSAM", 1): "the system needed its memory",
    ("JETSAM", 2): "it used more memory than it may while others need some",
    ("JETSAM", 3): "the system had no more files to open",
    ("JETSAM", 4): "the system had no more memory",
    ("JETSAM", 5): "the system spent its time on moving memory",
    ("JETSAM", 6): "the system spent its time on reading files again",
    ("JETSAM", 7): "it used more memory than one process may",
    ("JETSAM", 8): "the system had no disk space to move memory to",
    ("JETSAM", 9): "it was idle and the system needed memory",
    ("JETSAM", 10): "the kernel had no more memory of its own",
    ("JETSAM", 11): "the system spent its time on compressing memory",
    ("JETSAM", 12): "the system had no more space for compressed memory",
    ("JETSAM", 100): "it used more processor time than it may",
    ("EXEC", 1): "the program file is damaged or for another processor",
}
_NAMESPACES: Mapping[str, str] = {
    "JETSAM": "the system needed its memory",
    "CODESIGNING": "the code signature did not allow it",
    "DYLD": "the program or a library could not be loaded",
    "TCC": "the app asked for private data without saying in its Info.plist what for",
    "LIBXPC": "the app used XPC in a way that is not allowed",
    "OBJC": "the Objective-C runtime found a fault that it cannot go on with",
    "GUARD": "the app did something to a resource that its owner guards",
    "SANDBOX": "the sandbox did not allow it",
    "PAC_EXCEPTION": "a pointer had a wrong signature: it was changed, or used as another type than it was made for",
    "WATCHDOG": "the watchdog ended it because it did not respond in time",
    "WATCHKIT": "the system ended the watch app",
    "PORT_SPACE": "the process had too many Mach ports",
    "ROSETTA": "the translation of the program's code failed",
    "ENDPOINTSECURITY": "a security client did not answer in time",
    "EXEC": "the program could not be started",
    "SPRINGBOARD": "the system's user interface ended it",
    "FRONTBOARD": "the system's user interface ended it",
    "RUNNINGBOARD": "the system's process manager ended it",
    "METAL": "the graphics driver found a fault that it cannot go on with",
    "HANGTRACER": "it hung",
}
NUMBERS: Mapping[int, str] = {
    1: "JETSAM", 2: "SIGNAL", 3: "CODESIGNING", 4: "HANGTRACER", 5: "TEST", 6: "DYLD", 7: "LIBXPC", 8: "OBJC",
    9: "EXEC", 10: "SPRINGBOARD", 11: "TCC", 12: "REPORTCRASH", 13: "COREANIMATION", 14: "AGGREGATED",
    15: "RUNNINGBOARD", 16: "SKYWALK", 17: "SETTINGS", 18: "LIBSYSTEM", 19: "FOUNDATION", 20: "WATCHDOG", 21: "METAL",
    22: "WATCHKIT", 23: "GUARD", 24: "ANALYTICS", 25: "SANDBOX", 26: "SECURITY", 27: "ENDPOINTSECURITY",
    28: "PAC_EXCEPTION", 29: "BLUETOOTH_CHIP", 30: "PORT_SPACE", 31: "WEBKIT", 32: "BACKLIGHTSERVICES", 33: "MEDIA",
    34: "ROSETTA", 35: "LIBIGNITION", 36: "BOOTMOUNT",
}  # fmt: skip
"""Namespaces by number."""
_WELL_KNOWN_FROM = 0x2000_0000
"""Smaller codes mean something only in their namespace."""


def sentence(namespace: str | None, code: int | None) -> str | None:
    """What the code means in its namespace, or the namespace alone; None if neither is known."""
    name = (namespace or "").upper()
    number = None if code is None else code & 0xFFFF_FFFF
    if number is not None and number >= _WELL_KNOWN_FROM and number in _CODES:
        return _CODES[number]
    return _OF_NAMESPACES.get((name, -1 if number is None else number)) or _NAMESPACES.get(name)


def is_well_known(code: int) -> bool:
    """Whether a code means the same everywhere, so that it may stand alone."""
    return code & 0xFFFF_FFFF in _CODES


def shown_code(code: int) -> str:
    """A code as people know it: ``0x8badf00d``, and small ones in decimal."""
    return f"{code:#x}" if code >= _WELL_KNOWN_FROM else str(code)
