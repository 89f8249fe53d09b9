"""A worker process that can be killed in the middle: ``python scripted_worker.py URL MARKER``.

An event ``sleep`` makes the file MARKER and never ends, unless MARKER was there; an event ``kill`` ends the process.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from symbolicator import codec
from symbolicator.model import Event
from workers.process import Settings, serve


class Fatal:
    """A resolver that takes its process with it."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def resolve(self, payload: bytes) -> Event:
        if payload == b"sleep" and not self._marker.exists():
            self._marker.touch()
            threading.Event().wait()
        if payload == b"kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return codec.decode(b'{"title": "' + payload + b'"}')


if __name__ == "__main__":
    url, marker = sys.argv[1:3]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    serve(Settings(url, Path(), threads=2, lost_after=1.0), stop, lambda: Fatal(Path(marker)))
