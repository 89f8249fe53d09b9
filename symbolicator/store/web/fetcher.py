"""One URL to its bytes, over redirects, within the limits.

::

    page = Fetcher(AllowList([parse_origin("https://cdn.example")])).fetch("https://cdn.example/app.js.map")

Raises `FetchFailed` for everything that can go wrong.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin

from msgspec import Struct

from symbolicator.store.web.body import Limit, read_body
from symbolicator.store.web.connection import Deadline, get
from symbolicator.store.web.failures import FetchFailed
from symbolicator.store.web.origins import AllowList, Url, parse_url
from symbolicator.store.web.resolver import Resolve, checked_addresses, system_resolver

MEGABYTE = 1024 * 1024
_log = logging.getLogger(__name__)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_HEADERS = ("sourcemap", "x-sourcemap", "content-type")
_MAX_HEADER = 4096
CHECK_CERTIFICATE = "Have the certificate renewed, or pass the folder that holds the file with --artifacts."


class Limits(Struct, frozen=True):
    """Of one event, where it does not say "each"."""

    each_bytes: int = 192 * MEGABYTE
    """Of one body, packed and unpacked."""
    bytes: int = 512 * MEGABYTE
    each_seconds: float = 60
    """Of one URL with all its redirects, from looking up the name to the last byte."""
    connect_seconds: float = 5
    """Of each connection, TLS included."""
    seconds: float = 180
    fetches: int = 100
    redirects: int = 5
    addresses: int = 3
    """How many addresses of a host are tried."""


class Page(Struct, frozen=True):
    """What came. ``headers``: those that matter, names in lower case."""

    url: Url
    data: bytes
    headers: Mapping[str, str]


class _Attempt:
    """One URL on its way, and what the log says of it in the end."""

    def __init__(self, wanted: Url | None, limit: Limit, deadline: Deadline, clock: Callable[[], float]) -> None:
        self.url, self.limit, self.deadline, self.outcome = wanted, limit, deadline, "ok"
        self._clock, self._wanted, self._start = clock, wanted, clock()

    def log(self) -> None:
        """One line."""
        seconds, received = self._clock() - self._start, self.limit.received
        wanted = self._wanted.shown if self._wanted else "(no URL)"
        via = f" -> {self.url.shown}" if self.url is not None and self.url != self._wanted else ""
        fields = {"url": wanted, "outcome": self.outcome, "bytes": received, "seconds": round(seconds, 3)}
        _log.info(
            "fetch %s%s: %s, %s bytes, %.2f s", wanted, via, self.outcome, f"{received:,}", seconds,
            extra={"fields": fields},
        )  # fmt: skip


class Fetcher:
    """Fetches from allow-listed origins. Thread-safe; remembers nothing."""

    def __init__(
        self,
        allowed: AllowList,
        *,
        limits: Limits | None = None,
        resolve: Resolve = system_resolver,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self._allowed, self._resolve, self._clock = allowed, resolve, clock
        self._context = context or ssl.create_default_context()

    def fetch(self, text: str, *, most_bytes: int | None = None, seconds: float | None = None) -> Page:
        """The bytes of a URL. ``most_bytes`` and ``seconds`` lower the limits. Raises `FetchFailed`."""
        limit = Limit(min(self.limits.each_bytes, self.limits.each_bytes if most_bytes is None else most_bytes))
        left = min(self.limits.each_seconds, self.limits.each_seconds if seconds is None else seconds)
        attempt = _Attempt(parse_url(text), limit, Deadline(left, self._clock), self._clock)
        try:
            with _failures_of(attempt, left):
                return self._follow(attempt)
        except FetchFailed as error:
            attempt.outcome = error.outcome
            raise
        finally:
            attempt.log()

    def _follow(self, attempt: _Attempt) -> Page:
        for _ in range(self.limits.redirects + 1):
            url = self._checked(attempt.url)
            with self._response(url, attempt.deadline) as response:
                if response.status not in _REDIRECTS:
                    return _page(url, response, attempt.limit)
                attempt.url = _target(url, response)
        raise FetchFailed("redirects", f"it was redirected more than {self.limits.redirects} times")

    def _checked(self, url: Url | None) -> Url:
        if url is None:
            raise FetchFailed("no URL", "it is no http(s) URL, or one with credentials in it")
        if not self._allowed.allows(url):
            raise FetchFailed(
                "not allowed",
                f"{url.origin} is not on the allow-list",
                f"Pass --fetch {url.origin} if it may be fetched from there.",
            )
        return url

    @contextmanager
    def _response(self, url: Url, deadline: Deadline) -> Iterator[HTTPResponse]:
        patience = min(self.limits.connect_seconds, deadline.left())
        addresses = checked_addresses(url, self._resolve, patience)[: self.limits.addresses]
        with get(url, addresses, deadline, self.limits.connect_seconds, self._context) as response:
            yield response


def _target(url: Url, response: HTTPResponse) -> Url | None:
    """Where a redirect leads."""
    location = response.headers.get("Location", "")
    try:
        return parse_url(urljoin(url.text, location)) if location else None
    except ValueError:
        return None


def _page(url: Url, response: HTTPResponse, limit: Limit) -> Page:
    if response.status != HTTPStatus.OK:
        said = " ".join((str(response.status), response.reason[:60].strip())).strip()
        raise FetchFailed(str(response.status), f"the server answered {said}")
    sent = {name: response.headers.get(name) for name in _KEPT_HEADERS}
    headers = {name: value.strip() for name, value in sent.items() if value and len(value) <= _MAX_HEADER}
    return Page(url, read_body(response, limit), headers)


@contextmanager
def _failures_of(attempt: _Attempt, seconds: float) -> Iterator[None]:
    """Whatever the network does is a `FetchFailed`."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        why = f"the certificate of {_host(attempt)} cannot be trusted ({error.verify_message or error.reason})"
        raise FetchFailed("TLS", why, CHECK_CERTIFICATE) from error
    except ssl.SSLError as error:
        raise FetchFailed("TLS", f"no secure connection to {_host(attempt)} ({error.reason or error})") from error
    except TimeoutError as error:
        raise _too_slow(attempt, seconds) from error
    except OSError as error:
        why = f"the connection to {_host(attempt)} failed ({error.strerror or error})"
        raise FetchFailed("no connection", why) from error
    except HTTPException as error:
        why = f"{_host(attempt)} sent no proper HTTP response ({type(error).__name__})"
        raise FetchFailed("bad response", why) from error


def _too_slow(attempt: _Attempt, seconds: float) -> FetchFailed:
    try:
        attempt.deadline.left()
    except TimeoutError:
        return FetchFailed("timeout", f"it took longer than {seconds:.0f} s")
    return FetchFailed("timeout", f"{_host(attempt)} did not answer in time")


def _host(attempt: _Attempt) -> str:
    return attempt.url.origin if attempt.url else "the server"
