"""The ground under a connection: which interface leads to an IPv4 or IPv6 address, and through which gateway. No root.

Linux only: /proc/net/route and /proc/net/ipv6_route, as the kernel writes them.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc/net")
SYS: Final = Path("/sys/class/net")
DISCARD: Final = 9
"""A port that nobody listens on."""
NUMERIC: Final = socket.AI_NUMERICHOST
MOST_LINES: Final = 4096
UP: Final = 0x1
"""RTF_UP of <net/route.h>."""
THROUGH, REJECTED = 0x2, 0x200
"""RTF_GATEWAY; RTF_REJECT of <linux/ipv6_route.h>: a route that says that there is none."""
LINK_LOCAL: Final = ip_network("fe80::/10")


@dataclass(frozen=True, slots=True)
class Way:
    """How an address is reached from here. `gateway` "": it is on this very network, or this machine itself.

    A gateway that is only known on its cable (fe80::) carries the interface: `fe80::1%eth0`.
    """

    interface: str
    source: str
    gateway: str = ""


class NoWay(Exception):
    """There is no route from here to that address."""


def source_of(address: str) -> str:
    """Our own address towards `address`; nothing is sent. Raises `NoWay`."""
    try:
        family, _, _, _, where = socket.getaddrinfo(address, DISCARD, type=socket.SOCK_DGRAM, flags=NUMERIC)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(where)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise NoWay(error.strerror or str(error)) from error


def way_to(address: str, proc: Path = PROC) -> Way:
    """The route the kernel would take to an address. Raises `NoWay`."""
    source = source_of(address)
    plain = ip_address(address.partition("%")[0])
    if plain.is_loopback or source == address:
        return Way("lo", source)
    return routed(address, source, proc) if plain.version == 4 else routed_6(address, source, proc)


def routed(address: str, source: str, proc: Path = PROC) -> Way:
    """The narrowest of the kernel's routes that leads to an IPv4 address."""
    wanted = int(ip_address(address))
    best: tuple[int, str, str] | None = None
    for line in kernel_lines(proc / "route"):
        words = line.split()
        if len(words) < 8 or not int(words[3], 16) & UP:
            continue
        name = words[0]
        net, through, bits = (_little(words[at]) for at in (1, 2, 7))
        if wanted & bits == net and (best is None or bits > best[0]):
            best = (bits, name, str(ip_address(through)) if through else "")
    return Way(best[1], source, best[2]) if best else Way("", source)


def routed_6(address: str, source: str, proc: Path = PROC) -> Way:
    """The narrowest of the kernel's routes that leads to an IPv6 address; of equal ones the one of least metric."""
    plain, _, scope = address.partition("%")
    wanted = IPv6Address(plain)
    best: tuple[int, int, str, str] | None = None
    for line in kernel_lines(proc / "ipv6_route", heads=0):
        words = line.split()
        if len(words) < 10 or (scope and words[9] != scope):
            continue
        flags, metric, bits = int(words[8], 16), int(words[5], 16), int(words[1], 16)
        if not flags & UP or flags & REJECTED or wanted not in IPv6Network((int(words[0], 16), bits), strict=False):
            continue
        if best is None or (bits, -metric) > best[:2]:
            through = str(IPv6Address(int(words[4], 16))) if flags & THROUGH else ""
            best = (bits, -metric, words[9], through)
    if best is None:
        return Way(scope, source)
    gateway = f"{best[3]}%{best[2]}" if best[3] and ip_address(best[3]) in LINK_LOCAL else best[3]
    return Way(best[2], source, gateway)


def _little(text: str) -> int:
    """A number of /proc/net/route: the octets of the address in the machine's order."""
    return int(struct.unpack("!I", struct.pack("=I", int(text, 16)))[0])


def kernel_lines(path: Path, heads: int = 1) -> list[str]:
    """The lines of a kernel's table without its heading; none where there is no such table."""
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return [line for _, line in zip(range(MOST_LINES), file, strict=False)][heads:]
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
