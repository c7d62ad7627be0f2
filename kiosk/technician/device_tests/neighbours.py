"""Who has answered on our own cable: the kernel's tables of neighbours, ARP for IPv4, netlink for IPv6. No root."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final

from kiosk.technician.device_tests.way import PROC, kernel_lines

COMPLETE: Final = 0x2
"""ATF_COM of <net/if_arp.h>: the neighbour has answered."""
VALID: Final = 0x02 | 0x04 | 0x08 | 0x10 | 0x80
"""States of <linux/neighbour.h> in which an answer is known: reachable, stale, delay, probe, permanent."""
GET_NEIGHBOURS, ASK_ALL, DONE, ERROR = 30, 0x301, 3, 2
"""RTM_GETNEIGH; NLM_F_REQUEST | NLM_F_DUMP; NLMSG_DONE, NLMSG_ERROR."""
DESTINATION: Final = 1
HEAD: Final = struct.Struct("=IHHII")
NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")
ATTRIBUTE: Final = struct.Struct("=HH")
ANSWER_S: Final = 0.3
MOST_READ: Final = 1 << 16
MOST_PIECES: Final = 64


def neighbour_known(address: str, proc: Path = PROC) -> bool:
    """Whether the kernel has an answer of that address. Blocking for a moment; never raises."""
    if ":" in address:
        return IPv6Address(address.partition("%")[0]) in known_6()
    for line in kernel_lines(proc / "arp"):
        words = line.split()
        if len(words) >= 4 and words[0] == address and int(words[2], 16) & COMPLETE:
            return True
    return False


def known_6() -> frozenset[IPv6Address]:
    """IPv6 addresses on our cables that have answered; empty where the kernel does not tell."""
    found: set[IPv6Address] = set()
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.settimeout(ANSWER_S)
            body = NEIGHBOUR.pack(socket.AF_INET6, 0, 0, 0, 0)
            kernel.send(HEAD.pack(HEAD.size + len(body), GET_NEIGHBOURS, ASK_ALL, 1, 0) + body)
            for _ in range(MOST_PIECES):
                piece = kernel.recv(MOST_READ)
                found.update(neighbours_in(piece))
                if is_last(piece):
                    break
    except OSError:
        return frozenset()
    return frozenset(found)


def neighbours_in(piece: bytes) -> Iterator[IPv6Address]:
    """The neighbours that have answered, in one piece of the kernel's list."""
    for kind, body in _messages(piece):
        if kind in (DONE, ERROR) or len(body) < NEIGHBOUR.size:
            continue
        family, _, state, _, _ = NEIGHBOUR.unpack_from(body)
        if family != socket.AF_INET6 or not state & VALID:
            continue
        at = NEIGHBOUR.size
        while at + ATTRIBUTE.size <= len(body):
            length, what = ATTRIBUTE.unpack_from(body, at)
            if length < ATTRIBUTE.size:
                break
            value = body[at + ATTRIBUTE.size : at + length]
            if what == DESTINATION and len(value) == 16:
                yield IPv6Address(value)
            at += -(-length // 4) * 4


def is_last(piece: bytes) -> bool:
    """Whether the list ends in this piece."""
    return any(kind in (DONE, ERROR) for kind, _ in _messages(piece))


def _messages(piece: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + HEAD.size <= len(piece):
        length, kind, _, _, _ = HEAD.unpack_from(piece, at)
        if length < HEAD.size:
            return
        yield kind, piece[at + HEAD.size : at + length]
        at += -(-length // 4) * 4
