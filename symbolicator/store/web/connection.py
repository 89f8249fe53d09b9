"""One GET over one connection to one address: HTTP/1.1 (RFC 9112), with a deadline that holds for every byte.

The standard library parses the response; connecting and writing the request is done here, so that nothing looks the
name up again, and a server that sends one byte a second cannot stretch the time.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import cast

from symbolicator import __version__
from symbolicator.store.web.origins import Url

USER_AGENT = f"symbolicator/{__version__} (fetches source maps)"
_BUFFER_BYTES = 64 * 1024


class Deadline:
    """A moment in time. ``left`` raises TimeoutError once it has passed."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds until then, more than 0. Raises TimeoutError."""
        seconds = self._end - self._clock()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@contextmanager
def get(
    url: Url, addresses: Sequence[str], deadline: Deadline, connect_seconds: float, context: ssl.SSLContext
) -> Iterator[HTTPResponse]:
    """Asks the machine at the first of ``addresses`` that answers, as the host that ``url`` names.

    The body is still to be read. Raises OSError (also for TLS and timeouts) and `http.client.HTTPException`.
    """
    plain = _connected(url, addresses, deadline, connect_seconds)
    with plain, _secured(plain, url, context) if url.scheme == "https" else plain as connection:
        connection.settimeout(deadline.left())
        connection.sendall(_request(url))
        with HTTPResponse(cast("socket.socket", _Timed(connection, deadline)), method="GET") as response:
            response.begin()
            yield response


def _connected(url: Url, addresses: Sequence[str], deadline: Deadline, seconds: float) -> socket.socket:
    *others, last = addresses
    for address in others:
        try:
            return socket.create_connection((address, url.port), min(seconds, deadline.left()))
        except OSError:
            deadline.left()
    return socket.create_connection((last, url.port), min(seconds, deadline.left()))


def _secured(plain: socket.socket, url: Url, context: ssl.SSLContext) -> ssl.SSLSocket:
    """TLS with the server's certificate checked against the name, not the address."""
    return context.wrap_socket(plain, server_hostname=url.host)


def _request(url: Url) -> bytes:
    """`Url` has no control characters and is ASCII: nothing can be smuggled in."""
    lines = (
        f"GET {url.target} HTTP/1.1",
        f"Host: {url.authority}",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
        "Accept-Encoding: gzip",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


class _Timed:
    """All that a response wants of a socket."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self._deadline = connection, deadline

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - the socket's signature
        return io.BufferedReader(_TimedReader(self._connection, self._deadline), _BUFFER_BYTES)


class _TimedReader(io.RawIOBase):
    """Receives, each time for no longer than is left."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self._deadline = connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)
