"""URLs as they are asked for, and the origins that may be asked.

>>> allowed = AllowList([parse_origin("https://*.shop.example")])
>>> allowed.allows(parse_url("https://cdn.shop.example/app.js"))
True
>>> allowed.allows(parse_url("http://cdn.shop.example/app.js"))
False

An origin is scheme, host and port (RFC 6454, section 4). ``*.`` stands for one or more labels, never for none and never
for an address.
"""

import re
import string
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote

from msgspec import Struct

MAX_URL_CHARACTERS = 4096
MAX_SHOWN_CHARACTERS = 300
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_MAX_HOST = 253
_URL = re.compile(r"(https?)://([^/?#\\]*)([^#]*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([^:\[\]@]+))(?::([0-9]{0,5}))?")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_SENT_AS_IT_IS = "".join(sorted(set(string.printable) - set(string.whitespace) - set('"<>\\^`{|}')))


class Url(Struct, frozen=True):
    """An http(s) URL, normalized. ``host``: lower case, IDNA, without brackets; ``target``: path and query as sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The address that the URL itself spells out."""
        return _address(self.host)

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def text(self) -> str:
        """The whole URL."""
        return self.origin + self.target

    @property
    def bare(self) -> str:
        """Without query."""
        return self.origin + self.target.partition("?")[0]

    @property
    def shown(self) -> str:
        """For logs and messages: the query, which may be a secret, is left out."""
        whole = self.bare + ("?…" if "?" in self.target else "")
        return whole if len(whole) <= MAX_SHOWN_CHARACTERS else whole[:MAX_SHOWN_CHARACTERS] + "…"


class Origin(Struct, frozen=True):
    """What may be asked. ``subdomains``: the hosts below ``host``, instead of ``host``."""

    scheme: str
    host: str
    port: int
    subdomains: bool = False

    def covers(self, url: Url) -> bool:
        """Whether the URL is of this origin."""
        if (self.scheme, self.port) != (url.scheme, url.port):
            return False
        if not self.subdomains:
            return self.host == url.host
        return url.address is None and url.host.endswith(f".{self.host}")


class AllowList:
    """The origins that may be asked; no others are."""

    def __init__(self, origins: Iterable[Origin]) -> None:
        self._origins = frozenset(origins)

    def allows(self, url: Url | None) -> bool:
        """Whether the URL may be asked for."""
        return url is not None and any(origin.covers(url) for origin in self._origins)


def is_web_url(text: str) -> bool:
    """Whether it is meant as an http(s) URL."""
    return text[:8].lower().startswith(("http://", "https://"))


def parse_url(text: str) -> Url | None:
    """Takes a URL apart; None if it is none that can be asked for: no host, credentials in it, control characters."""
    match = _URL.match(text) if len(text) <= MAX_URL_CHARACTERS and not _CONTROL.search(text) else None
    if match is None:
        return None
    scheme = match[1].lower()
    place = _place(match[2], _PORTS[scheme])
    try:
        target = quote(match[3], safe=_SENT_AS_IT_IS)
    except UnicodeEncodeError:
        return None
    return Url(scheme, *place, target if target.startswith("/") else f"/{target}") if place else None


def parse_origin(text: str) -> Origin:
    """Reads ``https://cdn.example``, ``https://*.example.com``, ``http://127.0.0.1:8080``. Raises ValueError."""
    scheme, _, rest = text.strip().partition("://")
    subdomains = rest.startswith("*.")
    url = parse_url(f"{scheme}://{rest.removeprefix('*.')}")
    if url is None or url.target != "/" or "#" in rest:
        raise ValueError(f"{text!r} is no origin: write https://cdn.example, without credentials and path")
    if subdomains and (url.address or "." not in url.host):
        raise ValueError(f"{text!r} is too broad: name a domain after the *, as in https://*.example.com")
    return Origin(url.scheme, url.host, url.port, subdomains)


def _place(authority: str, default_port: int) -> tuple[str, int] | None:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return None
    port = int(match[3] or default_port)
    host = _literal(match[1]) if match[1] else _name(match[2])
    return (host, port) if host and 0 < port <= _MAX_PORT else None


def _literal(text: str) -> str | None:
    address = _address(text)
    return str(address) if isinstance(address, IPv6Address) else None


def _name(text: str) -> str | None:
    try:
        host = text.lower() if text.isascii() else text.encode("idna").decode().lower()
    except UnicodeError:
        return None
    host = host.removesuffix(".")
    return host if len(host) <= _MAX_HOST and _HOST.fullmatch(host) else None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
