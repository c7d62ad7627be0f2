"""The way to the platform, hop by hop: the first that is broken names the cause, and whose it is.

| hop       | what is done                                   | broken: event                              |
|-----------|------------------------------------------------|--------------------------------------------|
| cable     | an interface carries                           | network.cable                              |
| address   | the kernel knows a route                       | network.address                            |
| gateway   | a datagram to it is answered, or ARP or ND is  | network.gateway (only when connect fails)  |
| names     | the platform's name is looked up               | network.names                              |
| connect   | TCP                                            | network.beyond; refused: network.service |
| tls       | handshake with our certificate, chain and days | platform.certificate, platform.our-certificate |
| health    | one plain question                             | network.service, platform.slow              |

A gateway that is silent to probes and lets everything through is no fault: many are told to be silent. Of a platform
with several addresses, IPv6 or IPv4, those with a route from here are tried in the resolver's order; the rest is no
fault of this terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from config.settings import PlatformSettings
from kiosk.diagnostics.asking import ask_plainly
from kiosk.platform.tls import whose_certificate
from kiosk.technician.device_tests.probing import answers, last_to_answer
from kiosk.technician.device_tests.way import NoWay, Way, carriers, way_to

NAME_S: Final = 5.0
CONNECT_S: Final = 4.0
TLS_S: Final = 6.0
GATEWAY_S: Final = 1.5
HOP_S: Final = 0.5
MOST_ADDRESSES: Final = 4
NOBODYS: Final = ("192.0.2.1", "2001:db8::1")
"""RFC 5737, RFC 3849: only the route to everywhere is asked for."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop. `event` "" when it is well; `ms` how long it took; `told` what was found, nothing secret."""

    name: str
    ms: float
    told: str = ""
    event: str = ""
    what: str = ""


@dataclass(slots=True)
class Path:
    """The hops so far. `days` until the platform's certificate ends, None without one."""

    hops: list[Hop] = field(default_factory=list)
    days: int | None = None

    @property
    def broken(self) -> Hop | None:
        """The first broken hop."""
        return next((hop for hop in self.hops if hop.event), None)


async def walked(
    settings: PlatformSettings,
    tell: Callable[[Path], None] = lambda path: None,
    *,
    to: Callable[[str], Way] = way_to,
    carrying: Callable[[], dict[str, bool]] = carriers,
) -> Path:
    """Walk until a hop is broken. Never raises for what the network does; every hop has its own deadline."""
    path, address = Path(), _Target.of(settings.url)
    target = [address]
    steps: tuple[Callable[[], Awaitable[Hop]], ...] = (
        lambda: _named(path, target),
        lambda: _routed(path, target, to, carrying),
        lambda: _connected(path, target),
        lambda: _shaken(path, target[0], settings),
        lambda: _healthy(settings),
    )
    for step in steps:
        hop = await step()
        if hop.name:
            path.hops.append(hop)
            tell(path)
        if hop.event:
            break
    return path


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    tls: bool
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, url: str) -> _Target:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), tls)


NOTHING: Final = Hop("", 0.0)


async def _blocking(work: Callable[[], Any], within_s: float) -> Any:
    """In a thread that is let go after `within_s`: a resolver may hang for longer than anybody waits."""
    async with asyncio.timeout(within_s):
        return await asyncio.get_running_loop().run_in_executor(None, work)


async def _named(path: Path, target: list[_Target]) -> Hop:
    at = target[0]
    began = time.perf_counter()
    # A name cannot be asked for while no cable carries: that is then the cause, not the names.
    look = partial(socket.getaddrinfo, at.host, at.port, type=socket.SOCK_STREAM)
    try:
        found = await _blocking(look, NAME_S)
    except (OSError, TimeoutError, UnicodeError) as error:
        gone = await asyncio.get_running_loop().run_in_executor(None, _why_no_names)
        return gone or Hop("names", _ms(began), type(error).__name__, "network.names", at.host[:80])
    addresses = tuple(dict.fromkeys(str(row[4][0]) for row in found))[:MOST_ADDRESSES]
    target[0] = replace(at, addresses=addresses)
    return NOTHING if at.host in addresses else Hop("names", _ms(began), ", ".join(addresses[:2]))


def _why_no_names() -> Hop | None:
    lines = carriers()
    if lines and not any(lines.values()):
        return Hop("cable", 0.0, ", ".join(lines), "network.cable", ", ".join(lines)[:80])
    ways, why = _ways(NOBODYS, way_to)
    return None if ways else Hop("address", 0.0, why[:80], "network.address", why[:80])


async def _routed(
    path: Path, target: list[_Target], to: Callable[[str], Way], carrying: Callable[[], dict[str, bool]]
) -> Hop:
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    ways, error = await loop.run_in_executor(None, _ways, target[0].addresses, to)
    if not ways:
        lines = await loop.run_in_executor(None, carrying)
        if not any(lines.values()):
            names = ", ".join(lines) or "-"
            return Hop("cable", _ms(began), names[:80], "network.cable", names[:80])
        return Hop("address", _ms(began), error[:80], "network.address", error[:80])
    target[0] = replace(target[0], addresses=tuple(ways))
    way = next(iter(ways.values()))
    path.hops.append(Hop("address", _ms(began), f"{way.interface or '-'} {way.source}"))
    if not way.gateway:
        return NOTHING
    came = await loop.run_in_executor(None, answers, way.gateway, GATEWAY_S)
    return Hop("gateway", 1000 * (came or 0.0), way.gateway if came is not None else "silent")


def _ways(addresses: tuple[str, ...], to: Callable[[str], Way]) -> tuple[dict[str, Way], str]:
    """How each address is reached that can be, in the same order; why the last one cannot."""
    found, why = {}, ""
    for address in addresses:
        try:
            found[address] = to(address)
        except NoWay as error:
            why = str(error)
    return found, why


async def _connected(path: Path, target: list[_Target]) -> Hop:
    began = time.perf_counter()
    refused = False
    at = target[0]
    for address in at.addresses:
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(address, at.port)
        except ConnectionRefusedError:
            refused = True
        except (OSError, TimeoutError):
            continue
        else:
            writer.close()
            target[0] = replace(at, addresses=(address,))
            return Hop("connect", _ms(began), address)
    if refused:
        return Hop("connect", _ms(began), "refused", "network.service", f"port {at.port} refused")
    silent = next((hop for hop in path.hops if hop.name == "gateway" and hop.told == "silent"), None)
    if silent is not None:
        return Hop("gateway", silent.ms, "silent", "network.gateway", "")
    far = await asyncio.get_running_loop().run_in_executor(None, last_to_answer, at.addresses[0], HOP_S)
    return Hop("connect", _ms(began), far or "silent", "network.beyond", far or "-")


async def _shaken(path: Path, target: _Target, settings: PlatformSettings) -> Hop:
    if not target.tls:
        return NOTHING
    began = time.perf_counter()
    try:
        context = await asyncio.get_running_loop().run_in_executor(None, _context, settings)
    except (OSError, ssl.SSLError) as error:
        return Hop("tls", _ms(began), type(error).__name__, "platform.our-certificate", type(error).__name__)
    try:
        async with asyncio.timeout(TLS_S):
            _, writer = await asyncio.open_connection(
                target.addresses[0], target.port, ssl=context, server_hostname=target.host
            )
    except (OSError, TimeoutError) as error:
        whose = whose_certificate(error)
        event = "platform.our-certificate" if whose == "terminal" else "platform.certificate"
        if whose is None:
            event = "network.service"
        return Hop("tls", _ms(began), type(error).__name__, event, _tls_words(error))
    told = writer.get_extra_info("ssl_object")
    path.days = _days_left(told.getpeercert() or {})
    version = told.version() or ""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    return Hop("tls", _ms(began), version)


def _context(settings: PlatformSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
    if settings.client_certificate is not None:
        context.load_cert_chain(settings.client_certificate, settings.client_key)
    return context


def _tls_words(error: BaseException) -> str:
    """OpenSSL's own sentence of what it minds in a certificate."""
    return str(getattr(error, "verify_message", "") or getattr(error, "reason", "") or type(error).__name__)[:80]


def _days_left(certificate: Any) -> int | None:
    ends = certificate.get("notAfter")
    if not isinstance(ends, str):
        return None
    return int((datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - datetime.now(UTC)).days)


async def _healthy(settings: PlatformSettings) -> Hop:
    began = time.perf_counter()
    fact, _ = await asyncio.get_running_loop().run_in_executor(None, ask_plainly, settings)
    if not fact.trouble:
        return Hop("health", float(fact.took_ms), "ok")
    event = {"certificate": "platform.certificate", "our-certificate": "platform.our-certificate"}.get(fact.trouble)
    return Hop("health", _ms(began), fact.said, event or "network.service", fact.said)


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
