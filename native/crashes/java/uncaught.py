"""What Android says above the exception that ended an app.

::

    FATAL EXCEPTION: OkHttp Dispatcher
    Process: com.example.shop, PID: 12345

A report of the DropBox also has ``Package: com.example.shop v57 (2.3.1)``. Source: AOSP, RuntimeInit's
KillApplicationHandler and ActivityManagerService.appendDropBoxProcessHeaders.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from symbolicator.model import JSON, Thread

FATAL = re.compile(r"(?:\*\*\* )?FATAL EXCEPTION(?: IN SYSTEM PROCESS)?: (?P<thread>[^\n]{0,300})\Z")
_PROCESS = re.compile(r"Process: (?P<process>[^\s,]{1,300})(?:, PID: (?P<pid>[0-9]{1,10}))?\s*\Z")
_PACKAGE = re.compile(
    r"Package: (?P<package>[\w.]{1,300}) v(?P<build>[0-9]{1,12})(?: \((?P<version>[^()\n]{1,100})\))?\s*\Z"
)
_MAX_LINES = 2_000


class Uncaught(Struct):
    """The thread that ended, and the app."""

    thread: str | None = None
    process: str | None = None
    pid: int | None = None
    version: str | None = None
    build: str | None = None

    @property
    def threads(self) -> tuple[Thread, ...]:
        """The thread; its stack is the exception's."""
        if self.thread is None:
            return ()
        main = True if self.thread == "main" else None
        return (Thread(name=self.thread, crashed=True, current=True, main=main),)

    @property
    def contexts(self) -> dict[str, JSON]:
        """The app in Sentry's names."""
        package = (self.process or "").partition(":")[0] or None
        app: dict[str, JSON] = {
            "app_identifier": package,
            "app_name": self.process,
            "app_version": self.version,
            "app_build": self.build,
        }
        known: dict[str, JSON] = {name: value for name, value in app.items() if value is not None}
        return {"app": known} if known else {}


def find_uncaught(lines: Iterable[str]) -> Uncaught:
    """What the lines above the first exception say."""
    found = Uncaught()
    for line, _ in zip(lines, range(_MAX_LINES), strict=False):
        fatal, process, package = FATAL.match(line), _PROCESS.match(line), _PACKAGE.match(line)
        if fatal and found.thread is None:
            found.thread = fatal["thread"].strip()
        elif process and found.process is None:
            found.process, found.pid = process["process"], int(process["pid"]) if process["pid"] else None
        elif package and found.build is None:
            found.build, found.version = package["build"], package["version"]
    return found
