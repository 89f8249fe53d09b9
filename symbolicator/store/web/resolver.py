"""From a host to the addresses that may be connected to: looked up once, checked, and then used as they are."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from symbolicator.store.web.addresses import is_public
from symbolicator.store.web.failures import FetchFailed
from symbolicator.store.web.origins import Url

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to addresses. Raises OSError."""
MAX_ADDRESSES = 64
_REMEDY = "Only public addresses are fetched from: pass the folder that holds the file with --artifacts."


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Asks the operating system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def checked_addresses(url: Url, resolve: Resolve, seconds: float) -> Sequence[str]:
    """Addresses to connect to, every one of them public. Raises `FetchFailed`.

    Loopback is taken only where the URL spells it out, which the allow-list must then do too: a name that leads there
    is an attack on whatever else listens on this machine.
    """
    literal = url.address
    if literal is not None and (literal.is_loopback or is_public(literal)):
        return [str(literal)]
    addresses = [str(literal)] if literal is not None else _looked_up(url, resolve, seconds)
    for address in addresses:
        if not is_public(ip_address(address)):
            raise FetchFailed("private address", f"{url.host} is at {address}, which is no public address", _REMEDY)
    return addresses


def _looked_up(url: Url, resolve: Resolve, seconds: float) -> Sequence[str]:
    """In a thread of its own: looking up a name cannot be given a time limit."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(url.host, url.port))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end in a thread that nobody watches
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise FetchFailed("no address", f"the name {url.host} was not looked up within {seconds:.0f} s") from None
    if isinstance(answer, Exception) or not 0 < len(answer) <= MAX_ADDRESSES:
        why = answer if isinstance(answer, Exception) else f"{len(answer)} addresses"
        raise FetchFailed("no address", f"the name {url.host} leads nowhere ({why})")
    return answer
