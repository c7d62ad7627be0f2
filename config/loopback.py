"""Whether an address names this very machine: where a simulator listens, and no real terminal connects to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """True when `url` names this machine, in any of the ways in which an address can be written."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        # 127.1, 0x7f000001 and 2130706433 are addresses to the operating system too.
        address: IPv4Address | IPv6Address = IPv4Address(inet_aton(host))
    except OSError:
        try:
            address = ip_address(host)
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified
