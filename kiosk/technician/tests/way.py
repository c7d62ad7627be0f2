"""The ground under a connection: which interface leads to an address, which gateway, who answers on the way. No root.

Linux only: /proc/net/route, /proc/net/arp, and errors that a datagram brought back (ip(7), IP_RECVERR).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc/net")
SYS: Final = Path("/sys/class/net")
IP_RECVERR: Final = 11
SO_EE_ORIGIN_ICMP: Final = 2
TIME_EXCEEDED, UNREACHABLE = 11, 3
PORT_UNREACHABLE: Final = 3
DISCARD: Final = 9
"""Port that nobody listens on: what is there says so by ICMP, or is seen in the neighbour table."""
TRACE_PORT: Final = 33434
MOST_HOPS: Final = 12
MOST_LINES: Final = 4096
UP: Final = 0x1
"""RTF_UP of <net/route.h>."""
COMPLETE: Final = 0x2
"""ATF_COM of <net/if_arp.h>: the neighbour has answered."""
LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Way:
    """How an address is reached from here. `gateway` "" : it is on this very network, or this machine itself."""

    interface: str
    source: str
    gateway: str = ""


class NoWay(Exception):
    """There is no route from here to that address."""


def source_of(address: str) -> str:
    """Our own address towards `address`; nothing is sent. Raises `NoWay`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, DISCARD))
            return str(probe.getsockname()[0])
    except OSError as error:
        raise NoWay(error.strerror or str(error)) from error


def way_to(address: str, proc: Path = PROC) -> Way:
    """The route the kernel would take to an IPv4 address; of IPv6 only the source. Raises `NoWay`."""
    source = source_of(address)
    if ":" in address:
        return Way("", source)
    if ip_address(address).is_loopback or source == address:
        return Way("lo", source)
    return routed(address, source, proc)


def routed(address: str, source: str, proc: Path = PROC) -> Way:
    """The narrowest of the kernel's routes that leads to an IPv4 address."""
    wanted = int(ip_address(address))
    best: tuple[int, str, str] | None = None
    for line in _lines(proc / "route"):
        words = line.split()
        if len(words) < 8 or not int(words[3], 16) & UP:
            continue
        name = words[0]
        net, through, bits = (_little(words[at]) for at in (1, 2, 7))
        if wanted & bits == net and (best is None or bits > best[0]):
            best = (bits, name, str(ip_address(through)) if through else "")
    return Way(best[1], source, best[2]) if best else Way("", source)


def _little(text: str) -> int:
    """A number of /proc/net/route: the octets of the address in the machine's order."""
    return int(struct.unpack("!I", struct.pack("=I", int(text, 16)))[0])


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return [line for _, line in zip(range(MOST_LINES), file, strict=False)][1:]
    except OSError:
        return []


def carriers(sys: Path = SYS) -> dict[str, bool]:
    """Interface -> whether its cable or radio carries; the loopback is left out."""
    found = {}
    with contextlib.suppress(OSError):
        for folder in sorted(sys.iterdir())[:64]:
            if folder.name == "lo":
                continue
            try:
                found[folder.name] = (folder / "carrier").read_text(encoding="ascii").strip() == "1"
            except OSError:  # an interface that is switched off has no carrier to read
                found[folder.name] = False
    return found


def neighbour_known(address: str, proc: Path = PROC) -> bool:
    """Whether the neighbour table has an answer of that address."""
    for line in _lines(proc / "arp"):
        words = line.split()
        if len(words) >= 4 and words[0] == address and int(words[2], 16) & COMPLETE:
            return True
    return False


def answers(address: str, within_s: float, proc: Path = PROC) -> float | None:
    """Seconds until something at `address` was there, by a datagram to a closed port; None: it stayed silent.

    Blocking, at most `within_s`.
    """
    began = time.monotonic()
    came = _asked(address, DISCARD, 64, within_s, proc)
    return None if came is None else time.monotonic() - began


def last_to_answer(address: str, each_s: float, most: int = MOST_HOPS) -> str:
    """The farthest machine on the way to an IPv4 address that answered, "" none. Blocking, `most` x `each_s`."""
    farthest, silent = "", 0
    for ttl in range(1, most + 1):
        came = _asked(address, TRACE_PORT + ttl, ttl, each_s, None)
        if came is None:
            silent += 1
            if silent >= 3:
                break
            continue
        silent, farthest = 0, came
        if came == address:
            break
    return farthest


def _asked(address: str, port: int, ttl: int, within_s: float, proc: Path | None) -> str | None:
    """Who said something to a datagram, by its error queue; `proc`: the neighbour table counts too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        probe.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        probe.setblocking(False)
        ends = time.monotonic() + within_s
        with contextlib.suppress(OSError):  # what went wrong stands in the error queue
            probe.connect((address, port))
            probe.send(b"")
        while True:
            who = _error_of(probe)
            if who is not None:
                return who
            if proc is not None and neighbour_known(address, proc):
                return address
            if time.monotonic() >= ends:
                return None
            time.sleep(LOOK_S)


def _error_of(probe: socket.socket) -> str | None:
    """The address that an ICMP error came from (struct sock_extended_err, then its sender)."""
    try:
        _, ancillary, _, _ = probe.recvmsg(512, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    for level, kind, data in ancillary:
        if level != socket.IPPROTO_IP or kind != IP_RECVERR or len(data) < 24:
            continue
        origin, icmp, code = data[4], data[5], data[6]
        if origin == SO_EE_ORIGIN_ICMP and (icmp == TIME_EXCEEDED or (icmp, code) == (UNREACHABLE, PORT_UNREACHABLE)):
            return socket.inet_ntoa(data[20:24])  # sockaddr_in behind the 16 octets of the error
    return None
