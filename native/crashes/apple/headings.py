"""The lines of a ``.crash`` text that begin something: a field of the header, a thread, its registers, a list."""

import re
from typing import NamedTuple

_HEADING = re.compile(r"Thread (?P<number>[0-9]{1,6})(?P<mark> [A-Z][a-z]{1,20})?:(?P<title>(?::.*)?)\Z", re.DOTALL)
_NAME = re.compile(r"Thread (?P<number>[0-9]{1,6}) name:(?P<title>.*)\Z", re.DOTALL)
_STATE = re.compile(r"Thread (?P<number>[0-9]{1,6}) [^:]{0,60}Thread State\b")
_FIELD = re.compile(r"(?P<name>[A-Z][A-Za-z0-9/ ]{1,60}):(?P<value>.*)\Z", re.DOTALL)
_QUEUE = "Dispatch queue:"
_BACKTRACE = "Application Specific Backtrace"
LAST_EXCEPTION, IMAGES = "Last Exception Backtrace", "Binary Images"
_FIELDS = frozenset(
    {
        "Active cpus", "Anonymous UUID", "App External ID", "App Item ID", "AppStoreTools", "AppVariant",
        "Application Specific Information", "Application Specific Signatures", "Baseband Version", "Beta",
        "Beta Identifier", "Binary Images", "Bridge OS Version", "Build Info", "Coalition", "Code Type",
        "CrashReporter Key", "Crashed Thread", "Date/Time", "Dyld Error Information", "Dyld Error Message",
        "Error Code", "Error Formulating Crash Report", "Exception Codes", "Exception Message", "Exception Note",
        "Exception Subtype", "Exception Type", "External Modification Summary", "Filtered syslog", "Full Report",
        "Global Trace Buffer", "Hardware Model", "Highlighted Thread", "Identifier", "Incident Identifier",
        "Kernel Triage", "Last Exception Backtrace", "Launch Time", "Logical CPU", "Model", "Notes", "OS Version",
        "Parent Process", "Path", "PlugIn Identifier", "PlugIn Path", "PlugIn Version", "Process", "Release Type",
        "Report Version", "Responsible", "Role", "Sleep/Wake UUID", "System Integrity Protection",
        "Terminating Process", "Termination Description", "Termination Reason", "Termination Signal",
        "Time Awake Since Boot", "Time Since Wake", "Trap Number", "Triggered by Thread", "User ID",
        "VM Region Info", "VM Region Summary", "Version",
    }
)  # fmt: skip
"""Names of fields: other lines with a colon are part of a message."""


class ThreadHeading(NamedTuple):
    """``mark``: ``Crashed`` and the like; ``name`` and ``queue`` as far as the line has them."""

    number: int
    mark: str | None
    name: str | None
    queue: str | None


class Field(NamedTuple):
    """``Name: value``. The value may go on in the lines below, and begin there."""

    name: str
    value: str


def thread_heading(line: str) -> ThreadHeading | None:
    """``Thread 0 Crashed:: name  Dispatch queue: com.apple.main-thread``, above the frames."""
    match = _HEADING.match(line)
    return _heading(match, match["mark"]) if match else None


def thread_name(line: str) -> ThreadHeading | None:
    """``Thread 0 name:  Dispatch queue: com.apple.main-thread``, above the heading."""
    match = _NAME.match(line)
    return _heading(match, None) if match else None


def thread_state(line: str) -> int | None:
    """Number of the thread whose registers follow: ``Thread 0 crashed with ARM Thread State (64-bit):``."""
    match = _STATE.match(line)
    return int(match["number"]) if match else None


def field(line: str) -> Field | None:
    """``Exception Type:  EXC_CRASH (SIGABRT)``."""
    match = _FIELD.match(line)
    if match is None:
        return None
    name = match["name"]
    known = name in _FIELDS or name.startswith((_BACKTRACE, "VM Regions Near"))
    return Field(name, match["value"].strip()) if known else None


def begins_backtrace(name: str) -> bool:
    """Whether frames that are no thread's stand below the field."""
    return name == LAST_EXCEPTION or name.startswith(_BACKTRACE)


def _heading(match: re.Match[str], mark: str | None) -> ThreadHeading:
    title = match["title"].lstrip(":").strip()
    name, _, queue = title.partition(_QUEUE)
    return ThreadHeading(int(match["number"]), mark and mark.strip(), name.strip() or None, queue.strip() or None)
