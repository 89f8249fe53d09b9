"""Which addresses are on the public Internet: the only ones that are fetched from.

>>> is_public(IPv4Address("93.184.215.14")), is_public(IPv6Address("::ffff:10.0.0.1"))
(True, False)

An IPv6 address that carries an IPv4 address is no more public than that one: translators and tunnels lead there.
Sources: the IANA special-purpose address registries (RFC 6890), RFC 4291 (mapped), RFC 3056 (6to4), RFC 6052 (NAT64),
RFC 5214 (ISATAP), RFC 9637 (documentation).
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_V4 = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("192.0.0.0/24"),  # protocol assignments; older Pythons know only a part of them
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("168.63.129.16/32"),  # Azure's metadata service, at an address that looks public
)
_NOT_PUBLIC_V6 = (IPv6Network("2001::/23"), IPv6Network("3fff::/20"))
_TRANSLATED = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_6TO4 = IPv6Network("2002::/16")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody on the Internet would reach the same machine there."""
    if isinstance(address, IPv4Address):
        return _is_public_v4(address)
    if address.scope_id is not None or not all(map(_is_public_v4, _carried(address))):
        return False
    return _is_in(address, _TRANSLATED) or address in _6TO4 or _is_public_v6(address)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC_V4)
    return address.is_global and not special


def _is_public_v6(address: IPv6Address) -> bool:
    return address in _GLOBAL_UNICAST and address.is_global and not _is_in(address, _NOT_PUBLIC_V6)


def _is_in(address: IPv6Address, networks: tuple[IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """IPv4 addresses inside."""
    bits = int(address)
    if _is_in(address, _TRANSLATED) or (bits >> 32 & 0xFFFF_FFFF) in _ISATAP:
        yield IPv4Address(bits & 0xFFFF_FFFF)
    if address in _6TO4:
        yield IPv4Address(bits >> 80 & 0xFFFF_FFFF)
