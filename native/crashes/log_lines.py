"""Lines of a report that came through a log: without what the log put in front of each of them.

>>> without_prefix("11-28 06:20:59.123  4242  4250 E flutter : Unhandled exception:")
'Unhandled exception:'
>>> without_prefix("web-1  | goroutine 7 [running]:")
'goroutine 7 [running]:'

What is behind the prefix keeps its indentation. Sources: logcat's formats ``threadtime``, ``time``, ``brief``;
journalctl and RFC 3164; Docker's and Kubernetes' log files; ISO 8601; printk's timestamps.
"""

import re

from symbolicator.readers.text import lines_of

_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
_DATE_AND_TIME = rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]{_TIME}(?: ?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}}))?"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|Error|error)"
_PRINTK = r"\[ *[0-9]{1,8}\.[0-9]{6}\](?:\[ *[CT][0-9]{1,8}\])? "
_MAYBE_PRINTK = rf"(?:(?:<[0-9]{{1,3}}>)?{_PRINTK})?"
_LOGCAT = (
    rf"[0-9]{{2}}-[0-9]{{2}} {_TIME} {{1,5}}(?:[0-9]{{1,7}} {{1,5}}[0-9]{{1,7}} )?[VDIWEFA][ /][^:\n]{{1,80}}: ?"
    r"|[VDIWEFA]/[^(:\n]{1,60}\( {0,5}[0-9]{1,7}\): ?"
)
_SYSLOG = (
    rf"[A-Z][a-z]{{2}} [ 0-9][0-9] {_TIME} [\w.-]{{1,64}} [\w./@-]{{1,64}}(?:\[[0-9]{{1,7}}\])?: {_MAYBE_PRINTK}"
    rf"|(?:<[0-9]{{1,3}}>)?{_PRINTK}"
)
_CONTAINER = r"[\w.-]{1,64} {1,30}\| "
_STAMPED = (
    rf"(?:\[[0-9]{{1,4}}\] |{_CONTAINER})?\[?{_DATE_AND_TIME}\]? "
    rf"(?:(?:stdout|stderr) [FP] )?(?:\[{_LEVEL}\]:? |{_LEVEL} (?!ERROR))?{_MAYBE_PRINTK}"
)
_PREFIX = re.compile(rf"(?:{_LOGCAT}|{_SYSLOG}|{_STAMPED}|{_CONTAINER})")


def without_prefix(line: str) -> str:
    """The line without what a log put before it."""
    match = _PREFIX.match(line)
    return line[match.end() :] if match else line


def log_lines(text: str) -> list[str]:
    """The lines to parse, as `symbolicator.readers.text.lines_of` cuts them, without prefixes."""
    return [without_prefix(line) for line in lines_of(text)]
