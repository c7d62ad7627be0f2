"""The door of the platform: size, token, headers, clock, signature, replays, one request per key at a time; faults."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.platform.call import Call
from simulator.platform.city import City
from simulator.platform.faults import DROP, ConnectionDropped, FaultPlan, Faults
from simulator.platform.freshness import Freshness
from simulator.platform.keyring import Keyring, offered
from simulator.platform.problems import Flaw, Refusal, answer
from simulator.platform.signatures import Received, must_be_signed

log = logging.getLogger(__name__)

BASE = "/kgw/v1"
OPEN = frozenset({f"{BASE}/openapi.yaml"})
ENROLMENTS = f"{BASE}/devices/enrolments"
_PORTS = {"http": "80", "https": "443"}
MAX_BODY = 256 * 1024
MAX_SKEW_S = 300
GATEWAY_PAGE = b"<html><head><title>Bad Gateway</title></head><body>upstream</body></html>"

_HEADERS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("x-kiosk-id", re.compile(r"[A-Z]{2}-[A-Z]{2}-[0-9]{4}"), True),
    ("x-kiosk-seq", re.compile(r"[1-9][0-9]{0,11}"), True),
    ("x-boot-id", re.compile(r"[0-9a-f]{32}"), True),
    ("x-timestamp", re.compile(r"[0-9]{1,14}"), True),
    ("x-nonce", re.compile(r"[0-9a-f]{32}"), True),
    ("x-session-id", re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,79}"), False),
    ("idempotency-key", re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{7,119}"), False),
    ("if-match", re.compile(r'"[A-Za-z0-9._-]{1,64}"'), False),
)


class Gate:
    """ASGI middleware around the routes. Everything outside `/kgw/v1` (the simulator's own desk) passes freely."""

    def __init__(self, app: ASGIApp, *, city: City, faults: Faults, token: str, keyring: Keyring) -> None:
        self._app = app
        self._city = city
        self._faults = faults
        self._bearer = f"Bearer {token}".encode()
        self._keyring = keyring
        self._freshness = Freshness()
        self._running: set[tuple[str, str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. Sends a `DROP` message when a fault wants the connection closed."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{BASE}/") or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return

        plan = self._faults.take(_part(scope))

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = self._city.now() + timedelta(seconds=plan.clock_skew_s)
                date = format_datetime(now.astimezone(UTC), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            await send(message)

        try:
            await self._pass(scope, receive, dated, plan)
        except ConnectionDropped:
            await send({"type": DROP})

    async def _pass(self, scope: Scope, receive: Receive, send: Send, plan: FaultPlan) -> None:
        body = await _body(receive)
        if plan.down:
            raise ConnectionDropped
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        slot: tuple[str, str, str] | None = None
        try:
            call = self._admitted(scope, headers, body, plan)
            if call.key:
                slot = self._start_running(call)
            await self._handle({**scope, "state": {**scope.get("state", {}), "call": call}}, body or b"", send, plan)
        except Refusal as refusal:
            await answer(refusal)(scope, receive, send)
        finally:
            if slot:
                self._running.discard(slot)

    def _admitted(self, scope: Scope, headers: Mapping[str, str], body: bytes | None, plan: FaultPlan) -> Call:
        """The call, or a refusal of the first thing that is wrong."""
        if plan.problem is not None:
            raise Refusal(plan.problem, "as QA asked for")
        if not hmac.compare_digest(headers.get("authorization", "").encode(), self._bearer):
            raise Refusal("token-invalid")
        flaws = [
            Flaw(f"/header/{name}", "header", "missing" if name not in headers else "not of the form of the contract")
            for name, pattern, needed in _HEADERS
            if (needed or name in headers) and not pattern.fullmatch(headers.get(name, ""))
        ]
        if flaws:
            raise Refusal("validation", "headers do not fit the contract", flaws)
        if body is None:
            raise Refusal("too-large", f"more than {MAX_BODY} bytes")
        now = self._city.now().timestamp()
        if abs(now + plan.clock_skew_s - int(headers["x-timestamp"]) / 1000) > MAX_SKEW_S:
            raise Refusal("clock-skew", f"more than {MAX_SKEW_S} s away from the platform's clock")
        kiosk = headers["x-kiosk-id"]
        known = offered(body) if scope["path"] == ENROLMENTS else self._keyring.of(kiosk)
        must_be_signed(_received(scope, headers, body), known)
        if self._keyring.is_suspended(kiosk):
            raise Refusal("device-suspended")
        self._freshness.must_be_new(kiosk, headers["x-nonce"], headers["x-boot-id"], int(headers["x-kiosk-seq"]), now)
        return Call(
            self._city,
            kiosk,
            scope["path"],
            headers.get("idempotency-key", ""),
            hashlib.sha256(body).hexdigest(),
            headers.get("x-session-id", ""),
        )

    def _start_running(self, call: Call) -> tuple[str, str, str]:
        slot = (call.kiosk, call.path, call.key)
        if slot in self._running:
            raise Refusal("in-progress", retry_after_s=1)
        self._running.add(slot)
        return slot

    async def _handle(self, scope: Scope, body: bytes, send: Send, plan: FaultPlan) -> None:
        if plan.slow_s:
            await asyncio.sleep(plan.slow_s)
        if plan.status is not None:
            await send(_start(plan.status, [(b"content-type", b"text/html")], len(GATEWAY_PAGE)))
            await send({"type": "http.response.body", "body": GATEWAY_PAGE})
            return
        start, reply = await self._answer(scope, body)
        if plan.duplicate:
            start, reply = await self._answer(scope, body)
        if plan.drop_reply_after_commit:
            raise ConnectionDropped
        await send(start)
        if plan.half and len(reply) > 1:
            await send({"type": "http.response.body", "body": reply[: len(reply) // 2], "more_body": True})
            raise ConnectionDropped
        await send({"type": "http.response.body", "body": reply})

    async def _answer(self, scope: Scope, body: bytes) -> tuple[Message, bytes]:
        """The routes' whole answer. A program error is logged by its type and answered as `internal`."""
        started: list[Message] = []
        reply = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                reply.extend(message.get("body", b""))

        try:
            await self._app(scope, receive, keep)
        except Exception as error:  # noqa: BLE001 - the platform answers `internal` to whatever fails in it
            log.error("a request failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote what was sent
            problem = answer(Refusal("internal"))
            return _start(500, [(b"content-type", b"application/problem+json")], len(problem.body)), bytes(problem.body)
        return started[0], bytes(reply)


def _start(status: int, headers: list[tuple[bytes, bytes]], length: int) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [*headers, (b"content-length", str(length).encode())],
    }


def _part(scope: Scope) -> str:
    """The first part of the path below the base; for `/health?area=` the area that is asked for."""
    part = scope["path"].removeprefix(BASE).strip("/").split("/")[0].partition(":")[0]
    asked = QueryParams(scope.get("query_string", b"")).get("area", "") if part == "health" else ""
    return asked or part


def _received(scope: Scope, headers: Mapping[str, str], body: bytes) -> Received:
    """The request as its sender addressed it."""
    scheme, (server, port) = scope["scheme"], scope["server"]
    host = headers.get("host", f"{server}:{port}").lower().removesuffix(f":{_PORTS.get(scheme, '')}")
    query = scope.get("query_string", b"").decode("latin-1")
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    address = f"{scheme}://{host}{path}" + (f"?{query}" if query else "")
    return Received(scope["method"], address, headers, body)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is larger than the cap (the rest is read and dropped)."""
    data = bytearray()
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionDropped
        size += len(message.get("body", b""))
        if size <= MAX_BODY:
            data.extend(message.get("body", b""))
        if not message.get("more_body", False):
            return bytes(data) if size <= MAX_BODY else None
