"""Fetching from real servers: what comes through, and everything that must not."""

import gzip
import logging
import socket
import ssl
import subprocess
import time
import zlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from symbolicator.store.web import FetchFailed, Limits, connection
from tests.symbolicator.store.web.conftest import Site, fetcher

BODY = b"run();\n//# sourceMappingURL=app.js.map\n"
PUBLIC = "93.184.215.14"


def failure(url: str, *origins: str, **more: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetcher(*origins, **more).fetch(url)
    assert caught.value.remedy
    return caught.value


def test_a_page_comes_with_its_headers(site: Site) -> None:
    """Source maps are named by a header on many sites."""
    url = site.add("/app.js?v=1", BODY, SourceMap="maps/app.js.map", X_SourceMap="old.map", Set_Cookie="a=b")
    page = fetcher(site.origin).fetch(url)
    assert page.data == BODY
    assert page.headers == {"sourcemap": "maps/app.js.map", "x-sourcemap": "old.map"}


def test_the_request_tells_who_asks_and_nothing_else(site: Site) -> None:
    """Cookies, a Referer or credentials would give the user away to whoever the report names."""
    fetcher(site.origin).fetch(site.add("/app.js", BODY))
    [(_, headers)] = site.seen
    assert headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["host"] == site.origin.removeprefix("http://")
    assert headers["user-agent"].startswith("symbolicator/")


def test_what_is_not_allowed_is_not_even_asked(site: Site) -> None:
    """The allow-list is the user's word."""
    error = failure(site.add("/app.js", BODY), "https://cdn.example")
    assert not site.seen
    assert site.origin in str(error)
    assert f"--fetch {site.origin}" in error.remedy


def test_a_relative_redirect_is_followed(site: Site) -> None:
    """CDNs redirect to versioned paths, and relative names are seen from there."""
    site.add("/new/app.js", BODY)
    page = fetcher(site.origin).fetch(site.add("/app.js", b"", 302, Location="new/app.js"))
    assert (page.data, page.url.text) == (BODY, f"{site.origin}/new/app.js")


def test_a_redirect_off_the_allow_list_is_refused(site: Site, other_site: Site) -> None:
    """One open redirect on an allowed host would open the whole network."""
    target = other_site.add("/secret", b"s3cret")
    error = failure(site.add("/app.js", b"", 302, Location=target), site.origin)
    assert other_site.origin in str(error)
    assert not other_site.seen


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.1.1.1]/"])
def test_a_redirect_to_a_private_address_is_refused(site: Site, location: str) -> None:
    """Even an allow-listed private address is not fetched from."""
    error = failure(site.add("/app.js", b"", 302, Location=location), site.origin, location)
    assert error.outcome == "private address"


@pytest.mark.parametrize("location", ["", "file:///etc/passwd", "http://u:p@127.0.0.1/", "http://[", "//"])
def test_a_redirect_to_nowhere_is_refused(site: Site, location: str) -> None:
    """A redirect is as hostile as the report."""
    failure(site.add("/app.js", b"", 302, Location=location), site.origin)


def test_redirects_end(site: Site) -> None:
    """Two pages that point at each other would keep us busy for ever."""
    error = failure(site.add("/app.js", b"", 301, Location="/app.js"), site.origin)
    assert (error.outcome, len(site.seen)) == ("redirects", 6)


def test_a_name_that_leads_to_loopback_is_refused(site: Site) -> None:
    """Only the literal address, allow-listed as such, means this machine."""
    port = site.server.server_port
    for name in ("localhost", "127.1", "0x7f.1", "internal.example"):
        origin = f"http://{name}:{port}"
        error = failure(f"{origin}/app.js", origin, resolve=lambda *_: ["127.0.0.1"])
        assert error.outcome == "private address"
    assert not site.seen


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    """Which of them is connected to is chance, or the attacker's."""
    error = failure("http://cdn.example/", "http://cdn.example", resolve=lambda *_: [PUBLIC, "10.0.0.1"])
    assert "10.0.0.1" in str(error)


@pytest.fixture
def routed(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every connection arrives at the site; the list says where it was meant to go."""
    wanted: list[tuple[str, int]] = []
    connect = socket.create_connection

    def create_connection(place: tuple[str, int], timeout: float) -> socket.socket:
        wanted.append(place)
        return connect(("127.0.0.1", site.server.server_port), timeout)

    monkeypatch.setattr(connection.socket, "create_connection", create_connection)  # type: ignore[attr-defined]
    return wanted


def test_a_name_is_looked_up_once_and_the_checked_address_is_used(site: Site, routed: list[tuple[str, int]]) -> None:
    """A name server that answers differently the second time would lead us inside (DNS rebinding)."""
    site.add("/app.js", BODY)
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    page = fetcher("http://cdn.example", resolve=lambda *_: next(answers)).fetch("http://cdn.example/app.js")
    assert page.data == BODY
    assert routed == [(PUBLIC, 80)]
    assert next(answers) == ["127.0.0.1"]
    assert site.seen[0][1]["host"] == "cdn.example"


def test_every_redirect_is_looked_up_and_checked_again(site: Site, routed: list[tuple[str, int]]) -> None:
    """The first answer is good for the first connection only."""
    site.add("/app.js", b"", 302, Location="/again.js")
    site.add("/again.js", BODY)
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    error = failure("http://cdn.example/app.js", "http://cdn.example", resolve=lambda *_: next(answers))
    assert error.outcome == "private address"
    assert site.paths == ["/app.js"]


def test_a_name_that_leads_nowhere_says_so() -> None:
    """The most common reason of all."""

    def resolve(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    assert "cdn.example leads nowhere" in str(failure("http://cdn.example/", "http://cdn.example", resolve=resolve))
    assert failure("http://cdn.example/", "http://cdn.example", resolve=lambda *_: []).outcome == "no address"


def test_a_name_server_that_does_not_answer_costs_a_bounded_time() -> None:
    """Looking a name up can take minutes."""

    def resolve(host: str, port: int) -> list[str]:
        time.sleep(0.5)
        return []

    limits = Limits(connect_seconds=0.1)
    error = failure("http://a.example/", "http://a.example", limits=limits, resolve=resolve)
    assert error.outcome == "no address"


@pytest.mark.parametrize(("status", "words"), [(404, "404 Not Found"), (500, "500"), (204, "204"), (304, "304")])
def test_anything_but_ok_is_told(site: Site, status: int, words: str) -> None:
    """An error page is no source map."""
    error = failure(site.add("/app.js.map", b"", status), site.origin)
    assert words in str(error)
    assert "--artifacts" in error.remedy


def test_a_closed_port_is_told() -> None:
    """Nothing listens there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert failure(f"{origin}/a", origin).outcome == "no connection"


def drip(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(50):
        request.wfile.write(b"x")
        time.sleep(0.1)


def drip_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(50):
        request.wfile.write(b"A")
        time.sleep(0.1)


def continue_for_ever(request: BaseHTTPRequestHandler) -> None:
    for _ in range(50):
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.1)


@pytest.mark.parametrize("answer", [drip, drip_headers, continue_for_ever])
def test_a_server_that_sends_a_byte_at_a_time_is_given_up(site: Site, answer: Any) -> None:
    """Each byte in time, and the whole never: a time limit on single reads would not end."""
    error = failure(site.add_answer("/app.js", answer), site.origin, limits=Limits(each_seconds=0.4))
    assert error.outcome == "timeout"


def test_a_server_that_says_nothing_is_given_up(site: Site) -> None:
    """A resolve that hangs is worse than one without a map."""
    url = site.add_answer("/app.js", lambda _: time.sleep(1))
    assert failure(url, site.origin, limits=Limits(each_seconds=0.2)).outcome == "timeout"


def test_an_announced_body_that_is_too_large_is_not_read(site: Site) -> None:
    """The length alone is reason enough."""
    url = site.add("/app.js", b"", Content_Length="1000001")
    error = failure(url, site.origin, limits=Limits(each_bytes=1_000_000))
    assert "1,000,000 bytes" in str(error)


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"x" * 65536)


def test_a_body_without_length_is_cut_off(site: Site) -> None:
    """A server that never stops would fill the memory."""
    url = site.add_answer("/app.js", endless)
    assert failure(url, site.origin, limits=Limits(each_bytes=300_000)).outcome == "too large"


def test_gzip_is_unpacked(site: Site) -> None:
    """Most servers pack JavaScript; several members are one body."""
    packed = gzip.compress(BODY, mtime=0) + gzip.compress(BODY, mtime=0)
    assert fetcher(site.origin).fetch(site.add("/a", packed, Content_Encoding="gzip")).data == BODY + BODY


def test_a_gzip_bomb_is_cut_off(site: Site) -> None:
    """Ten kilobytes that unpack to ten megabytes, and on to all there is."""
    bomb = gzip.compress(b"\0" * 10_000_000)
    url = site.add("/app.js", bomb, Content_Encoding="gzip")
    error = failure(url, site.origin, limits=Limits(each_bytes=1_000_000))
    assert error.outcome == "too large"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"no gzip", "gzip"), (gzip.compress(BODY, mtime=0)[:-9], "gzip"), (gzip.compress(BODY, mtime=0)[:5], "gzip"),
     (zlib.compress(BODY), "deflate"), (BODY, "br"), (gzip.compress(BODY, mtime=0), "gzip, gzip")],
)  # fmt: skip
def test_a_packing_that_cannot_be_undone_is_told(site: Site, body: bytes, encoding: str) -> None:
    """Half a file or packed bytes would be taken for a broken source map."""
    error = failure(site.add("/app.js", body, Content_Encoding=encoding), site.origin)
    assert error.outcome in ("encoding", "truncated")


def test_a_body_that_ends_early_is_told(site: Site) -> None:
    """Half a map would resolve half the frames, and the wrong half."""
    error = failure(site.add("/app.js", BODY, Content_Length=str(len(BODY) + 1)), site.origin)
    assert "only 39 of 40 bytes" in str(error)


def raw(data: bytes) -> Any:
    return lambda request: request.wfile.write(data)


@pytest.mark.parametrize(
    "response",
    [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000,
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_told(site: Site, response: bytes) -> None:
    """Any service may listen on a port."""
    assert failure(site.add_answer("/app.js", raw(response)), site.origin).outcome in ("bad response", "no connection")


@pytest.mark.parametrize("url", ["http://u:p@127.0.0.1/", "http://a b/", "http://", "gopher://x", "http://x\r\ny/"])
def test_what_is_no_url_is_told(url: str) -> None:
    """The report may hold anything."""
    assert failure(url, "http://127.0.0.1").outcome == "no URL"


def test_each_attempt_is_one_log_line_without_secrets(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs this must see what was asked, and a log is read by many."""
    site.add("/b.js?key=s3cret", BODY)
    with caplog.at_level(logging.INFO, "symbolicator.store.web"):
        fetcher(site.origin).fetch(site.add("/a.js?key=s3cret", b"", 302, Location="/b.js?key=s3cret"))
        failure(f"{site.origin}/none.js?key=s3cret", site.origin)
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(f"fetch {site.origin}/a.js?… -> {site.origin}/b.js?…: ok, 39 bytes, ")
    assert second.startswith(f"fetch {site.origin}/none.js?…: 404, 0 bytes, ")
    assert "s3cret" not in caplog.text
    assert {"url", "outcome", "bytes", "seconds"} == set(caplog.records[0].fields)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of cdn.example, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=cdn.example", "-addext", "subjectAltName=DNS:cdn.example", "-keyout", path, "-out", path],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


@pytest.fixture
def secure_site(site: Site, certificate: Path) -> Site:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True, do_handshake_on_connect=False)
    return site


def ask_securely(certificate: Path | None, host: str = "cdn.example") -> bytes:
    context = ssl.create_default_context(cafile=certificate)
    asking = fetcher(f"https://{host}", resolve=lambda *_: [PUBLIC], context=context)
    return asking.fetch(f"https://{host}/app.js").data


def test_tls_is_checked_against_the_name(secure_site: Site, certificate: Path, routed: list[tuple[str, int]]) -> None:
    """The connection goes to an address, and the certificate must still be the name's."""
    secure_site.add("/app.js", BODY)
    assert ask_securely(certificate) == BODY
    assert routed == [(PUBLIC, 443)]
    with pytest.raises(FetchFailed, match="cannot be trusted"):
        ask_securely(certificate, "other.example")


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure_site: Site, certificate: Path, routed: list[tuple[str, int]]
) -> None:
    """Whoever sits on the way could send a map of his own."""
    secure_site.add("/app.js", BODY)
    with pytest.raises(FetchFailed, match="cannot be trusted"):
        ask_securely(None)
    assert not secure_site.seen


def test_plain_http_on_a_tls_port_is_told(site: Site, routed: list[tuple[str, int]]) -> None:
    """A wrong scheme in the report or the allow-list."""
    with pytest.raises(FetchFailed) as caught:
        ask_securely(None)
    assert caught.value.outcome in ("TLS", "no connection")
