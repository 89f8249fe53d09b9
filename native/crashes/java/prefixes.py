"""What collectors of logs put before each line of a report: process names, timestamps, levels.

=================================================  =============================================
``[1] 2026-01-02T03:04:05.678Z stderr F at …``      containers, process managers
``web-1  | 	at …``                                  Docker Compose
``2026-01-02 03:04:05,678 ERROR at …``              a log whose every line has the prefix
``[error] 	at …``, ``[ERROR] 	at …``               sbt, Maven
=================================================  =============================================
"""

import re

_PREFIX = re.compile(
    r"(?:\[[0-9]{1,6}\] |[\w.-]{1,64} +\| ?)?"
    r"(?:\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
    r"(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?\]? ?(?:(?:stdout|stderr) [FP] )?)?"
    r"(?:\[(?:ERROR|FATAL|WARN|INFO|error|fatal|warn|info)\]:? ?)?"
)
_MARKS = (" ", "\t")


def without_prefix(line: str) -> str:
    """The line without what a collector put before it; white space behind that belongs to the line."""
    if line.startswith(_MARKS):
        return line
    match = _PREFIX.match(line)
    return line[match.end() :] if match else line
