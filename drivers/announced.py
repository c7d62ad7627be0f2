"""Printers that announce themselves by mDNS (_ipp._tcp, RFC 6763), listened to for a few seconds."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from drivers.discovery import Candidate

IPP = "_ipp._tcp.local."
MAX_SERVICES = 64
RESOLVE_MS = 1500


async def mdns_candidates(seconds: float = 3.0, interfaces: Any = None) -> list[Candidate]:
    """Services heard within `seconds`. Empty, and no error, where there is no network to listen on.

    `interfaces` are addresses to listen on; by default all.
    """
    from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    names: list[str] = []

    def heard(*, name: str, state_change: ServiceStateChange, **_: Any) -> None:
        if state_change is ServiceStateChange.Added and len(names) < MAX_SERVICES and name not in names:
            names.append(name)

    try:
        network = AsyncZeroconf(interfaces=interfaces or InterfaceChoice.All, ip_version=IPVersion.V4Only)
    except OSError:
        return []
    try:
        browser = AsyncServiceBrowser(network.zeroconf, [IPP], handlers=[heard])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        found = await asyncio.gather(*(_resolved(network, name) for name in names))
    finally:
        await network.async_close()
    return sorted((c for c in found if c is not None), key=lambda c: c.path)


async def _resolved(network: Any, name: str) -> Candidate | None:
    info = await network.async_get_service_info(IPP, name, timeout=RESOLVE_MS)
    if info is None or not info.parsed_addresses():
        return None
    told = {_text(key): _text(value) for key, value in info.properties.items()}
    return Candidate(
        "mdns",
        name.removesuffix(f".{IPP}"),
        service=IPP,
        words=told.get("ty") or told.get("product", "").strip("()"),
        serial=told.get("UUID", ""),
        host=await _stable_host(str(info.server or "").rstrip("."), info.parsed_addresses()[0], info.port),
        port=int(info.port or 631),
        resource=told.get("rp", "ipp/print").lstrip("/"),
    )


async def _stable_host(name: str, address: str, port: int | None) -> str:
    """The announced name when this machine can resolve it (nss-mdns); addresses change, names stay."""
    if not name:
        return address
    try:
        async with asyncio.timeout(1.0):
            await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        return address
    return name


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:200]
    return str(value)[:200] if value is not None else ""
