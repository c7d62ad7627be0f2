"""Who may speak to the bench: this machine, this page, and whoever knows the token. An ASGI gate before everything.

Loopback name in Host (a name that resolves to us is not enough: DNS rebinding), Origin of our own page when there is
one, and the token: in the address once, then in a cookie; programs send `Authorization: Bearer`.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
MAX_BODY = 64 * 1024
LARGER = {"/api/desk/picture": 8 * 1024 * 1024}
"""Paths whose bodies may be larger, and how large."""
ANSWER_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Lets a request through to `app` or answers it: 403 (not from here), 401 (no token), 411 or 413 (body)."""

    def __init__(self, app: App, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        refusal = self._refusal(headers, query)
        if refusal:
            await _refuse(scope, receive, send, *refusal)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        elif "token" in query and scope["path"] == "/":
            await self._keep_token(headers, query, send)
        elif (wrong := _body_fault(scope, headers)) is not None:
            await _refuse(scope, receive, send, *wrong)
        else:
            await self.app(scope, receive, _with_headers(send))

    def _refusal(self, headers: dict[str, str], query: dict[str, list[str]]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if urlsplit(f"//{host}").hostname not in LOOPBACK_NAMES:
            return 403, "The bench answers only on this machine's own address (127.0.0.1 or localhost)."
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return 403, "The bench answers only to its own page."
        given = query.get("token", [""])[0] or _bearer(headers) or _cookie(headers, self._cookie_name(host))
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return 401, "Open the bench with the address that kiosk-sim printed: it carries the token."
        return None

    @staticmethod
    def _cookie_name(host: str) -> str:
        """Cookies ignore ports: the name carries it, so that two benches do not log each other out."""
        return f"kiosk-bench-{urlsplit(f'//{host}').port or 80}"

    async def _keep_token(self, headers: dict[str, str], query: dict[str, list[str]], send: Send) -> None:
        cookie = f"{self._cookie_name(headers['host'])}={self.token}; HttpOnly; SameSite=Strict; Path=/"
        rest = urlencode({k: v for k, v in query.items() if k != "token"}, doseq=True)
        location = b"/" + (b"?" + rest.encode() if rest else b"")
        answer = [(b"location", location), (b"set-cookie", cookie.encode()), (b"content-length", b"0"), *ANSWER_HEADERS]
        await send({"type": "http.response.start", "status": 303, "headers": answer})
        await send({"type": "http.response.body", "body": b""})


def _bearer(headers: dict[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _cookie(headers: dict[str, str], name: str) -> str:
    try:
        jar = SimpleCookie(headers.get("cookie", "")[:4096])
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def _body_fault(scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
    if scope["method"] in ("GET", "HEAD"):
        return None
    length = headers.get("content-length", "")
    if not length.isdigit():
        return 411, "Send Content-Length."
    most = LARGER.get(scope["path"], MAX_BODY)
    if int(length) > most:
        return 413, f"This request to the bench has at most {most} bytes."
    return None


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            extra = [pair for pair in ANSWER_HEADERS if pair[0] not in present]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status, "reason": words[:100]})
        return
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *ANSWER_HEADERS]})
    await send({"type": "http.response.body", "body": body})
