"""Where the mirror may listen: a loopback address and a port, nothing else."""

from __future__ import annotations

from ipaddress import ip_address


class MirrorError(ValueError):
    """The mirror's settings cannot be used, or a client asked for what cannot be."""


def loopback(address: str) -> tuple[str, int]:
    """`host:port` as host and port. Raises `MirrorError`."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        inside, number = ip_address(host).is_loopback, int(port)
    except ValueError:
        raise MirrorError(f"window.mirror: {address!r} is not an address and a port, like 127.0.0.1:18790") from None
    if not inside:
        raise MirrorError(f"window.mirror: {host} is not a loopback address; the mirror never leaves the machine")
    if not 0 <= number <= 65535:
        raise MirrorError(f"window.mirror: {number} is not a port")
    return host, number
