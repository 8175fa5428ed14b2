"""The test run stays on this machine: connecting or resolving to anywhere but loopback is refused.

An audit hook, because it sees every library's sockets and cannot be taken off again.
"""

import ipaddress
import sys

_EVENTS_WITH_AN_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_EVENTS_WITH_A_HOST = {"socket.getaddrinfo", "socket.gethostbyname"}


class LeftLoopback(RuntimeError):
    """A test, or the code under it, tried to reach another machine."""


def stay_on_loopback() -> None:
    """Refuse, from now on in this process, every connection to another machine."""
    sys.addaudithook(_refuse)


def is_local(host: object) -> bool:
    """Whether this host, as sockets are given it, is this machine itself."""
    if host is None or host == "localhost":
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event in _EVENTS_WITH_AN_ADDRESS:
        address = args[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise LeftLoopback(f"a test may not connect to {address[0]}")
    elif event in _EVENTS_WITH_A_HOST and not is_local(args[0]):
        raise LeftLoopback(f"a test may not look up {args[0]!s}")
