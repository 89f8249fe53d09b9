"""Shows that something is going on, on a terminal and only when it takes long."""

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from symbolicator.render.safe import safe

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 0.5
_UPDATE_SECONDS = 0.1
_NAME_CHARS = 50


class Busy:
    """A progress bar on stderr that appears after `PATIENCE_SECONDS` and leaves no trace.

    ::

        with Busy() as busy:
            FolderStore(paths, identifiers, cache, progress=busy.looked_at)
    """

    def __init__(self) -> None:
        self._timer = threading.Timer(PATIENCE_SECONDS, self._show)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._bar: tuple[Progress, TaskID] | None = None
        self._done = False
        self._text = "Looking for artifacts"
        self._updated = 0.0

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._done = True
            if self._bar:
                self._bar[0].stop()

    def looked_at(self, count: int, total: int | None, name: str) -> None:
        """A store looked at one more file: ``count`` of ``total``, None where that is not known."""
        now = time.monotonic()
        if now - self._updated < _UPDATE_SECONDS:
            return
        self._updated = now
        self._text = f"Looked at {count:,} files: {safe(name[-_NAME_CHARS:])}"
        with self._lock:
            if self._bar:
                progress, task = self._bar
                progress.update(task, description=self._text, completed=count, total=total)

    def _show(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - only where somebody waits
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

        with self._lock:
            if self._done:
                return
            columns = (BarColumn(bar_width=20), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar = (progress, progress.add_task(self._text, total=None))
            progress.start()
