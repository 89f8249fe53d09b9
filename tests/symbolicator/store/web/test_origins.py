"""URLs and the allow-list."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.store.web.origins import AllowList, parse_origin, parse_url


def allows(origin: str, url: str) -> bool:
    return AllowList([parse_origin(origin)]).allows(parse_url(url))


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("https://cdn.example", "https://cdn.example/a.js"),
        ("https://cdn.example", "HTTPS://CDN.Example.:443/a.js?b#c"),
        ("https://*.shop.example", "https://a.b.shop.example/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x"),
        ("http://[::1]:8080", "http://[0:0::1]:8080/x"),
        ("https://bücher.example", "https://xn--bcher-kva.example/a"),
    ],
)
def test_an_origin_covers_its_urls(origin: str, url: str) -> None:
    """The user would name an origin, and nothing would come of it."""
    assert allows(origin, url)


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("https://cdn.example", "http://cdn.example/a.js"),
        ("https://cdn.example", "https://cdn.example:8443/a.js"),
        ("https://cdn.example", "https://cdn.example.evil.example/"),
        ("https://cdn.example", "https://cdn.example@evil.example/"),
        ("https://cdn.example", "https://evil.example\\@cdn.example/"),
        ("https://cdn.example", "https://evilcdn.example/"),
        ("https://*.shop.example", "https://shop.example/"),
        ("https://*.shop.example", "https://evilshop.example/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081/"),
        ("http://127.0.0.1", "http://127.1/"),
        ("https://cdn.example", "ftp://cdn.example/a.js"),
        ("https://cdn.example", "https:///a.js"),
        ("https://cdn.example", "https://cdn.example:99999/"),
    ],
)
def test_an_origin_covers_nothing_else(origin: str, url: str) -> None:
    """Whoever writes a crash report would choose what is asked."""
    assert not allows(origin, url)


@pytest.mark.parametrize(
    "text",
    ["cdn.example", "https://", "https://cdn.example/path", "https://u:p@cdn.example", "https://*", "https://*.com",
     "https://*.127.0.0.1", "file:///etc", "https://a.example?x", "https://a.example#x", "*"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    """A typing error would allow more than was meant, or nothing."""
    with pytest.raises(ValueError, match=r"no origin|too broad"):
        parse_origin(text)


def test_a_query_is_not_shown() -> None:
    """Signed URLs would hand their key to whoever reads the log."""
    url = parse_url("https://cdn.example/a.js?X-Signature=secret#frag")
    assert url is not None
    assert url.shown == "https://cdn.example/a.js?…"
    assert url.target == "/a.js?X-Signature=secret"


@given(st.text() | st.from_regex(r"https?://[\x00-\x7f]{0,40}", fullmatch=True))
def test_any_text_is_a_clean_url_or_none(text: str) -> None:
    """A line break in a URL would write headers; two readings of a host would go around the allow-list."""
    url = parse_url(text)
    if url is not None:
        assert url.text.isascii()
        assert url.text.isprintable()
        assert not {" ", "\\", "#", "@"} & set(url.authority + url.target.replace("@", ""))
        again = urlsplit(url.text)
        assert (again.hostname, again.scheme) == (url.host, url.scheme)
        assert again.username is None
        assert parse_url(url.text) == url
