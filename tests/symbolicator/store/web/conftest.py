"""Real HTTP servers on the loopback interface, each answering as a test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from symbolicator.store.web import AllowList, Fetcher, Limits, parse_origin

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server: ``pages`` by path; ``seen`` has the paths and headers that were asked for."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.server = server
        self.origin = f"http://127.0.0.1:{server.server_port}"
        self.pages: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []

    def add(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """A page that is sent as it is, with its length. Returns its URL."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            if "Content_Length" not in headers:
                request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        return self.add_answer(path, answer)

    def add_answer(self, path: str, answer: Answer) -> str:
        self.pages[path] = answer
        return self.origin + path

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]


def serve() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = served.pages.get(self.path)
            with suppress(OSError):  # the client had enough, as it should
                answer(self) if answer else self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up, or is no TLS client, is what the tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    served = Site(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def other_site() -> Iterator[Site]:
    yield from serve()


def fetcher(*origins: str, limits: Limits | None = None, **more: Any) -> Fetcher:
    return Fetcher(AllowList(map(parse_origin, origins)), limits=limits, **more)
