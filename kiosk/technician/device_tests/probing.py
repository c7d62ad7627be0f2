"""Who answers on the way to an IPv4 or IPv6 address, by datagrams to closed ports and the errors they bring. No root.

Linux only: ip(7), IP_RECVERR; ipv6(7), IPV6_RECVERR and IPV6_UNICAST_HOPS; struct sock_extended_err.
"""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.technician.device_tests.neighbours import neighbour_known
from kiosk.technician.device_tests.way import DISCARD, NUMERIC, PROC

TRACE_PORT: Final = 33434
MOST_HOPS: Final = 12
MOST_SILENT: Final = 3
"""So many hops in a row that say nothing end the search."""
LOOK_S: Final = 0.05
ERROR_BYTES: Final = 16
"""struct sock_extended_err; behind it the address of who sent the error."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one version of IP tells of errors. `sender`: where in its socket address the sender stands."""

    level: int
    tell_errors: int
    hops: int
    origin: int
    exceeded: int
    closed: tuple[int, int]
    """ICMP type and code of a closed port."""
    sender: slice


PROTOCOLS: Final = {
    socket.AF_INET: Protocol(socket.IPPROTO_IP, 11, socket.IP_TTL, 2, 11, (3, 3), slice(4, 8)),
    socket.AF_INET6: Protocol(socket.IPPROTO_IPV6, 25, socket.IPV6_UNICAST_HOPS, 3, 3, (1, 4), slice(8, 24)),
}
"""RFC 792 and RFC 4443 for the numbers of ICMP."""


def answers(address: str, within_s: float, proc: Path = PROC) -> float | None:
    """Seconds until something at `address` was there, by a datagram to a closed port; None: it stayed silent.

    Blocking, at most `within_s`.
    """
    began = time.monotonic()
    came = _asked(address, DISCARD, 64, within_s, proc)
    return None if came is None else time.monotonic() - began


def last_to_answer(address: str, each_s: float, most: int = MOST_HOPS) -> str:
    """The farthest machine on the way to an address that answered, "" none. Blocking, `most` x `each_s`."""
    farthest, silent = "", 0
    for hops in range(1, most + 1):
        came = _asked(address, TRACE_PORT + hops, hops, each_s, None)
        if came is None:
            silent += 1
            if silent >= MOST_SILENT:
                break
            continue
        silent, farthest = 0, came
        if came == address:
            break
    return farthest


def _asked(address: str, port: int, hops: int, within_s: float, proc: Path | None) -> str | None:
    """Who said something to a datagram, by its error queue; `proc`: the neighbour table counts too."""
    try:
        family, _, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=NUMERIC)[0]
        protocol = PROTOCOLS[family]
        probe = socket.socket(family, socket.SOCK_DGRAM)
    except (OSError, KeyError):
        return None  # no address, or a kernel without IPv6: nobody can answer
    with probe:
        probe.setsockopt(protocol.level, protocol.tell_errors, 1)
        probe.setsockopt(protocol.level, protocol.hops, hops)
        probe.setblocking(False)
        ends = time.monotonic() + within_s
        with contextlib.suppress(OSError):  # what went wrong stands in the error queue
            probe.connect(where)
            probe.send(b"")
        while True:
            who = _error_of(probe, family, protocol, anybody=proc is None)
            if who is not None:
                return who
            if proc is not None and neighbour_known(address, proc):
                return address
            if time.monotonic() >= ends:
                return None
            time.sleep(LOOK_S)


def _error_of(probe: socket.socket, family: int, protocol: Protocol, *, anybody: bool) -> str | None:
    """The address that an ICMP error came from."""
    try:
        _, ancillary, _, _ = probe.recvmsg(512, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    for level, kind, data in ancillary:
        if (level, kind) == (protocol.level, protocol.tell_errors):
            return sender_of(data, family, protocol, anybody=anybody)
    return None


def sender_of(data: bytes, family: int, protocol: Protocol, *, anybody: bool) -> str | None:
    """Who sent the error in a struct sock_extended_err and the address behind it; None: it is of another kind.

    `anybody`: also a router that says that it knows no way further.
    """
    if len(data) < ERROR_BYTES + protocol.sender.stop:
        return None
    origin, icmp, code = data[4], data[5], data[6]
    lost = anybody and icmp == protocol.closed[0]
    if origin != protocol.origin or not (lost or icmp == protocol.exceeded or (icmp, code) == protocol.closed):
        return None
    return socket.inet_ntop(family, data[ERROR_BYTES:][protocol.sender])
