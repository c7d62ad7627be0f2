"""Who may look: known names in Host (DNS rebinding), only reading, and the token where one is set. ASGI.

Plain by purpose: who may see the control room is decided by the reverse proxy before it (docs/control-room.md). A
terminal that brings a bundle is no one who looks: its ticket is asked for by what takes it (`bundle_routes`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from config.fleet_contract import TERMINAL
from kiosk.control_room.room_settings import LOOPBACK

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_BUNDLE: Final = re.compile(rf"/bundles/{TERMINAL.pattern}")
COOKIE: Final = "kiosk-control-room"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Guard:
    """Lets a request through to `app` or answers 401 (token), 403 (name), 405 (not reading)."""

    def __init__(self, app: App, token: str, hosts: Iterable[str]) -> None:
        self._app, self._token = app, token
        self._hosts = {*LOOPBACK, *(urlsplit(f"//{host}").hostname or host for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if _name(headers.get("host", "")) not in self._hosts:
            await _answer(send, 403, "The control room does not answer under this name: see `hosts` in its settings.")
        elif scope["method"] == "PUT" and _BUNDLE.fullmatch(scope["path"]):
            await self._app(scope, receive, _with_headers(send))
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(
                send, 405, "The control room only shows; nothing can be changed here.", ((b"allow", b"GET, HEAD"),)
            )
        elif not self._token:
            await self._app(scope, receive, _with_headers(send))
        elif not self._knows(headers, query):
            await _answer(send, 401, "Open the control room with its token: ?token=... once.")
        elif "token" in query and scope["path"] == "/":
            await _answer(send, 303, "", ((b"location", b"/"), (b"set-cookie", self._cookie(headers).encode())))
        else:
            await self._app(scope, receive, _with_headers(send))

    def _knows(self, headers: dict[str, str], query: dict[str, list[str]]) -> bool:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        bearer = value.strip() if scheme.lower() == "bearer" else ""
        given = query.get("token", [""])[0] or bearer or _from_cookie(headers)
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _cookie(self, headers: dict[str, str]) -> str:
        secure = "; Secure" if headers.get("x-forwarded-proto") == "https" else ""
        return f"{COOKIE}={self._token}; HttpOnly; SameSite=Strict; Path=/{secure}"


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _from_cookie(headers: dict[str, str]) -> str:
    try:
        jar = SimpleCookie(headers.get("cookie", "")[:4096])
    except CookieError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *HEADERS]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, words: str, more: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *more, *HEADERS]})
    await send({"type": "http.response.body", "body": body})
