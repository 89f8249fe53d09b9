"""The address rule: what is on the public Internet, and what only looks so."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.store.web.addresses import is_public

V4 = st.integers(0, 2**32 - 1).map(IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(IPv6Address)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
        "0.0.0.0", "0.1.2.3", "224.0.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1",
        "203.0.113.7", "168.63.129.16", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%1", "fec0::1", "fd00:ec2::254",
        "ff02::1", "ff0e::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:8.8.8.8", "64:ff9b::a00:1",
        "64:ff9b:1::808:808", "2002:7f00:1::1", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1", "3fff::1", "2606:4700::5efe:a00:1", "100::1", "5f00::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(text: str) -> None:
    """A crash report could make us ask the cloud's metadata service, a router, or the machine itself."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)
def test_public_addresses_are_public(text: str) -> None:
    """Nothing could be fetched, or not over IPv6-only networks."""
    assert is_public(ip_address(text))


@given(V4)
def test_a_wrapped_address_is_no_more_public_than_itself(inner: IPv4Address) -> None:
    """Every way of writing an IPv4 address as IPv6 would be a way around the rule."""
    low, high = int(inner), int(inner) << 80
    wrapped = [low | 0xFFFF << 32, low | 0x64FF9B << 96, high | 0x2002 << 112, low | 0x2606_4700 << 96 | 0x5EFE << 32]
    assert {is_public(IPv6Address(bits)) for bits in wrapped} == {is_public(inner)}


@given(V4 | V6)
def test_what_is_public_is_global_in_python_too(address: IPv4Address | IPv6Address) -> None:
    """The rule may be stricter than the registries that Python knows, never laxer; NAT64 and 6to4 are unwrapped."""
    is_nat64 = isinstance(address, IPv6Address) and int(address) >> 32 == 0x64FF9B << 64
    if is_public(address) and not is_nat64:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        assert (mapped or address).is_global
        assert not address.is_multicast


@given(st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]), st.data())
def test_no_address_of_a_private_network_is_public(network: str, data: st.DataObject) -> None:
    """One hole in a range is enough."""
    base, length = network.split("/")
    offset = data.draw(st.integers(0, 2 ** (32 - int(length)) - 1))
    assert not is_public(IPv4Address(int(IPv4Address(base)) + offset))
