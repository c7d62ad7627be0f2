"""A support bundle on its way to the control room: one PUT over HTTPS with the ticket of the order, tried a few times.

The address is the terminal's own setting: an order can send a bundle nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from config.fleet_contract import MOST_BUNDLE
from config.fleet_settings import FleetSettings
from kiosk.clock import Clock
from kiosk.duties.office_commands import CannotDo
from kiosk.events import events, log_line

log = logging.getLogger(__name__)

PAUSES_S: Final = (2.0, 10.0, 30.0)
"""Between tries: one more than there are pauses."""
SOCKET_S: Final = 30.0
LONGEST_S: Final = 300.0
"""Of one try."""
PIECE: Final = 65_536
MOST_ANSWER: Final = 2000
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")


class _Broken(Exception):
    """The try did not come to an answer, or to one that another try may better; the words say why."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Good for one bundle of at most `most` bytes, until then."""

    token: str = field(repr=False)
    most: int
    until: datetime


def ticket_of(params: Mapping[str, str], settings: FleetSettings, clock: Clock) -> Ticket | None:
    """The ticket of an order; None: the bundle stays here. Raises `CannotDo`."""
    given = {name: params[name] for name in ("ticket", "most", "until") if params.get(name)}
    if not given:
        return None
    if len(given) < 3:
        raise CannotDo("give ticket, most and until together, as kiosk-control-room ticket prints them")
    if not settings.room:
        raise CannotDo("fleet.room is not set at this terminal: it does not know where bundles go")
    if not _TOKEN.fullmatch(given["ticket"]) or not re.fullmatch(r"[0-9]{1,9}", given["most"]):
        raise CannotDo("ticket or most: not as kiosk-control-room ticket prints them")
    try:
        until = datetime.fromisoformat(given["until"])
    except ValueError:
        raise CannotDo("until: not a time with its zone") from None
    if until.tzinfo is None:
        raise CannotDo("until: not a time with its zone")
    if until <= clock.platform_now():
        raise CannotDo("the ticket has expired")
    return Ticket(given["ticket"], min(int(given["most"]), MOST_BUNDLE), until)


async def bring_home(path: Path, ticket: Ticket, settings: FleetSettings, terminal: str, clock: Clock) -> str:
    """SHA-256 (hex) of what the control room has taken. Raises `CannotDo`: the bundle stays here."""
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise CannotDo(f"{path.name} cannot be read: {error.strerror}") from error
    why = "the ticket is too small for it"
    if len(data) <= ticket.most:
        for pause in (*PAUSES_S, None):
            try:
                return await asyncio.to_thread(_put, data, ticket, settings, terminal)
            except _Broken as broken:
                why = str(broken)
            except CannotDo as refused:
                why = str(refused)
                break
            if pause is None or clock.platform_now() >= ticket.until:
                break
            await asyncio.sleep(pause)
    log.warning("%s", log_line(events()["fleet.bundle-stays"], what=why))
    raise CannotDo(f"{path.name}, {len(data)} bytes, stays at the terminal: {why}"[:200])


def _put(data: bytes, ticket: Ticket, settings: FleetSettings, terminal: str) -> str:
    """One try. Blocking. Raises `_Broken`, `CannotDo`."""
    digest = hashlib.sha256(data)
    headers = {
        "Authorization": f"Bearer {ticket.token}",
        "Content-Type": "application/zip",
        "Content-Length": str(len(data)),
        "Content-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
    }
    try:
        connection = _connection(settings)
    except (OSError, ValueError) as error:
        raise CannotDo(f"a certificate cannot be used: {type(error).__name__}") from error
    try:
        connection.putrequest("PUT", f"/bundles/{terminal}")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        # Who refuses need not wait for the end: the answer is read all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(connection, data)
        answer = connection.getresponse()
        status, body = answer.status, answer.read(MOST_ANSWER)
    except (OSError, HTTPException) as error:
        raise _Broken(f"no answer from the control room ({type(error).__name__})") from error
    finally:
        connection.close()
    if status in (200, 201) and _member(body, "kept") == digest.hexdigest():
        return digest.hexdigest()
    if status in (408, 429) or status >= 500:
        raise _Broken(f"the control room: {_member(body, 'detail') or status}")
    raise CannotDo(f"the control room: {_member(body, 'detail') or status}")


def _send(connection: HTTPConnection, data: bytes) -> None:
    end = time.monotonic() + LONGEST_S
    for at in range(0, len(data), PIECE):
        if time.monotonic() > end:
            raise TimeoutError
        connection.send(data[at : at + PIECE])


def _connection(settings: FleetSettings) -> HTTPConnection:
    """Raises `OSError` (`ssl.SSLError`) for a certificate."""
    parts = urlsplit(settings.room)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port or 80, timeout=SOCKET_S)
    context = ssl.create_default_context(cafile=settings.ca)
    if settings.client_certificate is not None and settings.client_key is not None:
        context.load_cert_chain(settings.client_certificate, settings.client_key)
    return HTTPSConnection(host, parts.port or 443, timeout=SOCKET_S, context=context)


def _member(body: bytes, name: str) -> str:
    """A short text of the answer; "" where there is none."""
    try:
        tree = json.loads(body)
    except ValueError:
        return ""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found[:120] if isinstance(found, str) else ""
