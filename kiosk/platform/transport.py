"""One HTTP exchange with the platform: a total deadline, a cap on the reply, and whether it was certainly not sent."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from kiosk.platform.errors import BadReply, CertificateRefused, NoReply, PlatformError, Unreachable
from kiosk.platform.tls import whose_certificate

MAX_REPLY = 1 << 20
CHUNK = 16 * 1024
CONNECT_S = 3.0
_FILES = {"platform": "ca", "terminal": "client_certificate, client_key"}
_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_calls = threading.local()
logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote what a broken answer held


@dataclass(slots=True)
class Exchange:
    """One request on its way. `connected`: from here on the platform may have it. `cut` ends it from another thread."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    deadline_s: float
    connected: bool = False
    over: bool = False
    _connection: HTTPConnection | None = field(default=None, repr=False)

    def on(self, connection: HTTPConnection) -> None:
        """The request uses this connection."""
        self._connection = connection
        self.connected = self.connected or connection.sock is not None

    def cut(self) -> None:
        """Shut the connection down: a read that would wait for ever ends now. Nothing once it is over."""
        connection = self._connection
        if not self.over and connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def lost(self, why: str) -> PlatformError:
        """The error for an exchange that ended without a reply."""
        kind = NoReply if self.connected else Unreachable
        return kind(f"{self.name}: {why}")

    @property
    def name(self) -> str:
        """Method and path, without the query."""
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply. `problem`: its media type is that of RFC 9457."""

    status: int
    problem: bool
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises `BadReply`."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise BadReply(f"a reply with status {self.status} is not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


class _Tracked(HTTPConnection):
    """A connection that tells the exchange of its thread when it stands."""

    def connect(self) -> None:
        super().connect()
        _tell(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _tell(self)
        super().request(*args, **kwargs)


class _TrackedTls(HTTPSConnection):
    """The same over TLS; it stands when the handshake is done."""

    def connect(self) -> None:
        super().connect()
        _tell(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _tell(self)
        super().request(*args, **kwargs)


def _tell(connection: HTTPConnection) -> None:
    exchange = getattr(_calls, "exchange", None)
    if exchange is not None:
        exchange.on(connection)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Tracked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TrackedTls


class _TrackedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def make_session() -> requests.Session:
    """A session that keeps connections, follows no environment, never retries by itself."""
    session = requests.Session()
    session.trust_env = False
    adapter = _TrackedAdapter(pool_connections=1, pool_maxsize=8, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class Transport:
    """Exchanges with one platform. Safe for several threads, one exchange in each.

    `ca`: file of the authorities that are believed instead of the machine's; `certificate`: files of ours and its key.
    """

    def __init__(
        self,
        url: str,
        session: requests.Session | None = None,
        *,
        ca: Path | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._session = session or make_session()
        self._session.trust_env = False
        if ca is not None:
            self._session.verify = str(ca)
        if certificate is not None:
            self._session.cert = (str(certificate[0]), str(certificate[1]))

    def address(self, path: str) -> str:
        """The absolute address of a path, as it will be sent."""
        return str(requests.Request("GET", self._url + path).prepare().url)

    def run(self, exchange: Exchange) -> Answer:
        """Send and read everything. Raises `Unreachable` and its leaves, `NoReply` or `BadReply`."""
        _calls.exchange = exchange
        try:
            return self._run(exchange)
        except requests.RequestException as error:
            if whose := whose_certificate(error):
                sentence = f"{exchange.name}: the {whose}'s certificate was refused"
                raise CertificateRefused(f"{sentence} (settings: platform.{_FILES[whose]})", whose) from None
            if not isinstance(error, requests.ConnectTimeout) and not _never_connected(error):
                exchange.connected = True
            raise exchange.lost(type(error).__name__) from None
        except OSError as error:
            if "TLS" in str(error):  # requests, of a file that the settings name and that is not there
                raise CertificateRefused(f"{exchange.name}: {error}", "terminal") from None
            # A socket that `cut` has shut down may answer with a bare OSError.
            raise exchange.lost(type(error).__name__) from None
        finally:
            exchange.over = True
            _calls.exchange = None

    def _run(self, exchange: Exchange) -> Answer:
        until = time.monotonic() + exchange.deadline_s
        with self._session.request(
            exchange.method,
            self._url + exchange.path,
            data=exchange.body,
            headers=dict(exchange.headers),
            timeout=(min(CONNECT_S, exchange.deadline_s), exchange.deadline_s),
            stream=True,
            allow_redirects=False,
        ) as response:
            exchange.connected = True
            if response.status_code != 204 and not any(name in response.headers for name in _LENGTHS):
                raise exchange.lost("an answer without a length may be half an answer")
            body = bytearray()
            for chunk in response.iter_content(CHUNK):
                body.extend(chunk)
                if len(body) > MAX_REPLY:
                    raise BadReply(f"{exchange.name}: a reply of more than {MAX_REPLY} bytes")
                if time.monotonic() > until:
                    raise exchange.lost(f"not complete within {exchange.deadline_s:g} s")
            media = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(response.status_code, media == "application/problem+json", response.headers, bytes(body))

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()


def _never_connected(error: requests.RequestException) -> bool:
    """True when urllib3 says that there was no connection: refused, no such host, no TLS."""
    from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError

    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return isinstance(reason, NewConnectionError | NameResolutionError | SSLError)
