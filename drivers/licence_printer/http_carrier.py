"""Carries one IPP message to the printer and its answer back, over HTTP/1.1 (RFC 8010, 4), a connection each time.

The blocking client runs in a thread. When the deadline passes its socket is shut, so the thread ends at once too.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from drivers.errors import DeviceError, LinkLost, LinkRefused, NoAnswer, PortMissing, ProtocolError, WrongDevice
from drivers.licence_printer.frames import MAX_ATTRIBUTE_BYTES, IppError, Message, decode, encode
from drivers.links.tapped import Teller

MAX_ANSWER = MAX_ATTRIBUTE_BYTES + 65536
IPP_PORT = 631


class AnswerLost(LinkLost):
    """The request went out, or may have; its answer did not come. What it asked for may have happened."""

    cause = "answer-lost"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the printer is. `uri` is what IPP calls it."""

    host: str
    port: int
    path: str

    @property
    def uri(self) -> str:
        """The printer-uri."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ipp://{host}:{self.port}{self.path}"


def parse_address(url: str) -> Address:
    """The address in `ipp://host[:port]/path`. Raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme != "ipp" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(f"link {url!r}: a licence printer is reached at ipp://host:port/ipp/print")
    return Address(parts.hostname, parts.port or IPP_PORT, parts.path or "/ipp/print")


class _Call:
    """One exchange in a thread; `abandon` ends it from outside."""

    def __init__(self, address: Address, body: bytes, timeout: float) -> None:
        self._address = address
        self._body = body
        self._connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
        self.sent = False

    def run(self) -> bytes:
        """The body of the answer. Raises OSError, http.client.HTTPException or a `DeviceError`."""
        connection = self._connection
        try:
            connection.connect()
            self.sent = True
            headers = {"Content-Type": "application/ipp", "Accept": "application/ipp", "Connection": "close"}
            connection.request("POST", self._address.path, self._body, headers)
            response = connection.getresponse()
            answer = response.read(MAX_ANSWER + 1)
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise _refused(response.status, self._address.uri)
        if response.headers.get_content_type() != "application/ipp":
            raise WrongDevice(f"{self._address.uri} answers, but not in IPP: is this the printer's address?")
        if len(answer) > MAX_ANSWER:
            raise ProtocolError(f"{self._address.uri}: an answer longer than {MAX_ANSWER} octets")
        return answer

    def abandon(self) -> None:
        """Shut the socket under the thread."""
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _refused(status: int, uri: str) -> DeviceError:
    if status in (401, 403):
        return WrongDevice(f"{uri} wants a password: allow the terminal to print without one", code=str(status))
    if status == 404:
        return WrongDevice(f"{uri}: no printer at this path; try /ipp/print", code=str(status))
    return ProtocolError(f"{uri}: HTTP status {status}", code=str(status))


class Carrier(Protocol):
    """What brings a message to a printer and its answer back."""

    @property
    def address(self) -> Address:
        """Where the printer is."""

    async def exchange(self, message: Message, document: bytes = b"", *, deadline_s: float) -> Message:
        """Send and wait for the answer, at most `deadline_s`. Raises as `HttpCarrier.exchange`."""


class HttpCarrier:
    """Sends messages to one address, and tells `teller` the body of every request and answer."""

    def __init__(self, address: Address, teller: Teller) -> None:
        self._at = address
        self._teller = teller

    @property
    def address(self) -> Address:
        """Where the printer is."""
        return self._at

    async def exchange(self, message: Message, document: bytes = b"", *, deadline_s: float) -> Message:
        """Send and wait for the answer, at most `deadline_s`.

        Raises `LinkRefused`, `PortMissing` (certainly nothing happened), `AnswerLost`, `NoAnswer` (it may have),
        `ProtocolError`, `WrongDevice`.
        """
        body = encode(message, document)
        call = _Call(self.address, body, deadline_s)
        uri = self.address.uri
        self._teller.crossed("out", body)
        future = asyncio.get_running_loop().run_in_executor(None, call.run)
        try:
            async with asyncio.timeout(deadline_s):
                octets = await asyncio.shield(future)
        except TimeoutError:
            self._abandon(call, future)
            self._teller.noted(f"no answer within {deadline_s:g} s" if call.sent else "not reached")
            if not call.sent:
                raise LinkRefused(f"{uri} cannot be reached: check its power and network cable") from None
            raise NoAnswer(f"{uri} did not answer within {deadline_s:.0f} s") from None
        except asyncio.CancelledError:
            self._abandon(call, future)
            raise
        except (OSError, http.client.HTTPException) as error:
            self._teller.noted("lost before the answer" if call.sent else "not reached")
            raise self._named(error, sent=call.sent) from error
        except DeviceError as error:
            self._teller.noted(f"answered, but not in IPP ({error.code or error.cause})")
            raise
        self._teller.crossed("in", octets)
        return self._checked(message, octets)

    def _abandon(self, call: _Call, future: asyncio.Future[bytes]) -> None:
        call.abandon()
        # The thread's own error is of no interest any more, but must be fetched to be silent.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _named(self, error: Exception, *, sent: bool) -> DeviceError:
        uri = self.address.uri
        if sent:
            return AnswerLost(f"{uri}: the connection broke before the answer came", code=type(error).__name__)
        if isinstance(error, socket.gaierror):
            return PortMissing(f"{uri}: no such host: check the address in the profile and the network")
        return LinkRefused(f"{uri} cannot be reached: check its power and network cable", code=type(error).__name__)

    def _checked(self, message: Message, octets: bytes) -> Message:
        try:
            answer = decode(octets)
        except IppError as error:
            raise ProtocolError(f"{self.address.uri}: malformed IPP answer: {error}") from error
        if answer.request_id != message.request_id:
            raise ProtocolError(f"{self.address.uri}: an answer to another request")
        return answer
