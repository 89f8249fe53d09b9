r"""One line of Android's log in each of the forms that logcat and Android Studio print.

>>> parse_log_line("06-01 12:00:00.000  123  456 F DEBUG   : backtrace:").tag
'DEBUG'

===============================================================================  =================
``06-01 12:00:00.000  123  456 F DEBUG   : text``                                threadtime
``2023-06-01 12:00:00.000  1000  123  456 F DEBUG   : text``                     with year and uid
``06-01 12:00:00.000 F/DEBUG   (  123): text``                                   time
``F/DEBUG   (  123): text``                                                      brief
``F/DEBUG: text``                                                                tag
``2023-06-01 12:00:00.000 123-456/com.example F/DEBUG: text``                    Android Studio until 2022
``2023-06-01 12:00:00.000   123-456   DEBUG        com.example      F  text``    Android Studio since
``[ 06-01 12:00:00.000   123:  456 F/DEBUG    ]``, text on the lines below       long
``    at shop.Cart.total(Cart.java:12)`` below any of them                       more of its text: Android Studio
===============================================================================  =================

Source: AOSP, liblog's logprint.c; Android Studio's logcat window.
"""

import re

from msgspec import Struct

_DATE = r"(?P<time>(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3,9}(?: [+-][0-9]{4})?)"
_THREADTIME = re.compile(
    _DATE + r" {1,8}(?:[\w-]{1,30} {1,8})?(?P<pid>[0-9]{1,8}) {1,8}(?P<tid>[0-9]{1,8}) (?P<level>[VDIWEFAS]) "
    r"(?P<tag>[^\n]{0,300}?) {0,40}: ?(?P<text>.*)\Z",
    re.DOTALL,
)
_BRIEF = re.compile(
    rf"(?:{_DATE} )?(?P<level>[VDIWEFA])/(?P<tag>[^\n()]{{0,300}}?) {{0,40}}"
    r"\( {0,8}(?P<pid>[0-9]{1,8})\): ?(?P<text>.*)\Z",
    re.DOTALL,
)
_STUDIO = re.compile(
    _DATE + r" (?P<pid>[0-9]{1,8})-(?P<tid>[0-9]{1,8})/[^\s/]{1,300} (?P<level>[VDIWEFA])/(?P<tag>[^\n:]{0,300}?)"
    r" {0,40}: ?(?P<text>.*)\Z",
    re.DOTALL,
)
_STUDIO_NEW = re.compile(
    _DATE
    + r" {1,8}(?P<pid>[0-9]{1,8})-(?P<tid>[0-9]{1,8}) {1,8}(?P<tag>\S[^\n]{0,200}?) {2,60}(?P<app>\S{1,300}) {1,60}"
    r"(?P<level>[VDIWEFA]) {1,2}(?P<text>.*)\Z",
    re.DOTALL,
)
_TAG = re.compile(r"(?P<level>[VDIWEFA])/(?P<tag>[\w.$:-]{1,100}?) {0,40}: ?(?P<text>.*)\Z", re.DOTALL)
_LONG = re.compile(
    rf"\[ {_DATE} {{1,8}}(?P<pid>[0-9]{{1,8}}): {{0,8}}(?P<tid>[0-9]{{1,8}}) "
    r"(?P<level>[VDIWEFA])/(?P<tag>[^\n]{0,300}?) {0,40}\]\Z"
)
_FORMS = (_THREADTIME, _STUDIO, _STUDIO_NEW, _BRIEF, _TAG)
_MAX_PREFIX = 2_000


class PrintedLine(Struct, frozen=True):
    """``is_header``: the lines below are its text (format ``long``)."""

    priority: str
    tag: str
    text: str
    timestamp: str | None = None
    pid: int | None = None
    tid: int | None = None
    is_header: bool = False
    column: int = 0
    """Where in the line its text begins, 0-based: Android Studio indents further lines of a text as far."""


def parse_log_line(line: str) -> PrintedLine | None:
    """The parts of a line of a log; None if it has no prefix of logcat's."""
    head = line[:_MAX_PREFIX]
    match = next((found for form in _FORMS if (found := form.match(head))), None)
    if match:
        return _printed(match, match["text"] + line[_MAX_PREFIX:], is_header=False)
    header = _LONG.match(head.rstrip()) if head.startswith("[ ") else None
    return _printed(header, "", is_header=True) if header else None


def _printed(match: re.Match[str], text: str, *, is_header: bool) -> PrintedLine:
    parts = match.groupdict()
    pid, tid = (int(value) if (value := parts.get(name)) else None for name in ("pid", "tid"))
    column = 0 if is_header else match.start("text")
    return PrintedLine(match["level"], match["tag"].strip(), text, parts.get("time"), pid, tid, is_header, column)
