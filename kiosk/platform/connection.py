"""One signed question to the platform and its answer: enrolment, deadline, areas that are down, the platform's clock.

A call asks once. It asks again only where the platform has certainly done nothing and said what to mend (our clock was
wrong: its Date mends it; it has forgotten our key: enrolment mends it), and while it says that the same request, under
the same key, still runs: then its answer is waited for, as long as the call may take.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import requests

from config.settings import PlatformSettings
from kiosk.device_key import DeviceKey, known_as
from kiosk.platform.areas import GROUND, area_of
from kiosk.platform.breaker import Breakers, Limits
from kiosk.platform.errors import AWAY, AreaDown, BadReply, NoReply, NotEnrolled, PlatformError, Problem
from kiosk.platform.reading import Members
from kiosk.platform.replies import content, said_at
from kiosk.platform.request_signing import signed_headers
from kiosk.platform.signing import canonical
from kiosk.platform.transport import Answer, Exchange, Transport
from kiosk.tracing.spans import span

log = logging.getLogger(__name__)

BASE = "/kgw/v1"
ENROLMENTS = "/devices/enrolments"
THREADS = 6
GRACE_S = 0.25
LONGEST_WAIT_S = 30.0
SAME_AGAIN_S = 0.25, 2.0
"""Between asking for the answer of a request that still runs: at least, at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `path` lies below `/kgw/v1`; `if_match` is the version that must still be there."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    key: str = ""
    session: str = ""
    if_match: str = ""
    octets: bytes | None = field(default=None, repr=False)
    """A body that is not JSON (a part of an upload)."""
    deadline_s: float = 0.0
    """0: the settings' deadline."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply's JSON (None without content), its version where it has one, whether it was given before."""

    content: Any
    etag: str = ""
    replayed: bool = False


class Connection:
    """Between one terminal and its platform."""

    def __init__(
        self,
        settings: PlatformSettings,
        kiosk: str,
        *,
        session: requests.Session | None,
        now: Callable[[], datetime],
        heard: Callable[[datetime], None] | None,
        key: DeviceKey | None,
        keep: Callable[[DeviceKey], None] | None,
    ) -> None:
        self.settings = settings
        self.kiosk = kiosk
        self.boot = secrets.token_hex(16)
        self.key = key or DeviceKey.fresh(settings.signature)
        self.breakers = Breakers(Limits(slow_s=max(settings.deadline_s * 0.6, 0.1)))
        self.threads = ThreadPoolExecutor(THREADS, "platform")
        self._now = now
        self._heard = heard
        self._keep = keep
        self._seq = count(1)
        self._enrolling = asyncio.Lock()
        certificate = None
        if settings.client_certificate is not None and settings.client_key is not None:
            certificate = (settings.client_certificate, settings.client_key)
        self._transport = Transport(settings.url, session, ca=settings.ca, certificate=certificate)

    async def close(self) -> None:
        """Close the connections. Calls that are still under way end at their own deadline."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    async def ask(self, question: Question) -> Reply:
        """One question and its reply. Raises what `kiosk.platform.errors` draws."""
        with span("platform", method=question.method, area=area_of(question.path)) as spanned:
            try:
                return await self._answered(question)
            except PlatformError as error:
                spanned.told("outcome", type(error).__name__)
                raise

    async def _answered(self, question: Question) -> Reply:
        try:
            return await self._enrolled(question)
        except Problem as problem:
            if not self._mended(problem):
                raise
        return await self._enrolled(question)

    async def _enrolled(self, question: Question) -> Reply:
        if self.key.enrolled_as != self.kiosk:
            async with self._enrolling:  # a start asks many things at once; the first of them enrols for all
                if self.key.enrolled_as != self.kiosk:
                    await self.enrol()
        return await self._guarded(question)

    def _mended(self, problem: Problem) -> bool:
        """Whether the platform did nothing and what it minded is mended now."""
        if problem.slug == "signature-invalid" and problem.more.get("reason") == "key" and self.settings.activation:
            self._learn(known_as(self.key, ""))
            return True
        return problem.slug == "clock-skew" and self._heard is not None

    async def enrol(self) -> None:
        """Make our key known at the platform with the activation code. Raises `NotEnrolled`, `PlatformError`."""
        if not self.settings.activation:
            raise NotEnrolled(f"{self.kiosk} is not enrolled and has no code for it (settings: platform.activation)")
        body = {
            "activation": self.settings.activation,
            "algorithm": self.key.algorithm,
            "public_key": self.key.public.hex(),
        }
        reply = await self._finished(Question("POST", ENROLMENTS, body, key=f"enrol-{self.key.id}"))
        m = Members(reply.content, "Enrolment")
        if m.id("kiosk") != self.kiosk or m.text("key", 32) != self.key.id:
            raise BadReply("Enrolment: is for another terminal or another key")
        self._learn(known_as(self.key, self.kiosk))

    def _learn(self, key: DeviceKey) -> None:
        self.key = key
        if self._keep is not None:
            try:
                self._keep(key)
            except OSError as error:  # a full disk must not keep a terminal from asking; it enrols again next time
                log.warning("the device key could not be kept: %s", error)

    async def _guarded(self, question: Question) -> Reply:
        """One exchange, unless its area is down; its end is told to the area's breaker."""
        area = area_of(question.path)
        if area == GROUND:
            return await self._finished(question)
        loop, breaker = asyncio.get_running_loop(), self.breakers.of(area)
        began = loop.time()
        if not breaker.admits(began):
            raise AreaDown(f"{question.method} {question.path.partition('?')[0]}: {area} is down for now", area)
        try:
            reply = await self._finished(question)
        except NoReply:
            breaker.failed(loop.time())
            raise
        except Problem as problem:
            if problem.slug in AWAY:
                breaker.failed(loop.time())
            else:
                breaker.done(loop.time(), took_s=0.0)
            raise
        except BaseException:
            breaker.given_up()
            raise
        patience = question.deadline_s - self.settings.deadline_s if question.deadline_s else 0.0
        breaker.done(loop.time(), took_s=loop.time() - began - max(patience, 0.0))
        return reply

    async def _finished(self, question: Question) -> Reply:
        """One exchange; while the platform says that the same request still runs, another one for its answer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(
            question.deadline_s or self.settings.deadline_s, LONGEST_WAIT_S + self.settings.deadline_s
        )
        while True:
            try:
                return await self._exchange(question, until - loop.time())
            except Problem as problem:
                least_s, most_s = SAME_AGAIN_S
                wait_s = min(max(problem.retry_after_s, least_s), most_s)
                if problem.slug != "in-progress" or loop.time() + wait_s >= until:
                    raise
            await asyncio.sleep(wait_s)

    async def _exchange(self, question: Question, deadline_s: float) -> Reply:
        data = question.octets if question.body is None else canonical(question.body)
        path = BASE + question.path
        headers = signed_headers(
            self.key,
            question.method,
            self._transport.address(path),
            self.headers(question),
            data or b"",
            created=int(self._now().timestamp()),
        )
        exchange = Exchange(question.method, path, headers, data, deadline_s)
        answer = await self._carried(exchange)
        if self._heard is not None and (moment := said_at(answer.headers.get("Date", ""))):
            self._heard(moment)
        replayed = answer.headers.get("Idempotent-Replayed", "") == "true"
        return Reply(content(answer, exchange.name), answer.headers.get("ETag", "")[:80], replayed)

    async def _carried(self, exchange: Exchange) -> Answer:
        future = asyncio.get_running_loop().run_in_executor(self.threads, self._transport.run, exchange)
        future.add_done_callback(lambda f: f.cancelled() or f.exception())
        try:
            await asyncio.wait({future}, timeout=exchange.deadline_s + GRACE_S)
        finally:
            if not future.done():
                exchange.cut()
        if not future.done():
            raise exchange.lost(f"not complete within {exchange.deadline_s:g} s")
        return future.result()

    def headers(self, question: Question) -> dict[str, str]:
        """The headers of a question before it is signed; another nonce and number each time."""
        headers = {
            "Authorization": f"Bearer {self.settings.token}",
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/octet-stream" if question.octets is not None else "application/json",
            "X-Kiosk-Id": self.kiosk,
            "X-Kiosk-Seq": str(next(self._seq)),
            "X-Boot-Id": self.boot,
            "X-Timestamp": str(int(self._now().timestamp() * 1000)),
            "X-Nonce": secrets.token_hex(16),
        }
        optional = {
            "X-Session-Id": question.session,
            "Idempotency-Key": question.key,
            "If-Match": question.if_match,
        }
        return headers | {name: value for name, value in optional.items() if value}

    async def probe(self, area: str) -> bool:
        """Ask whether an area that is down is there again; true closes its breaker."""
        loop, breaker = asyncio.get_running_loop(), self.breakers.of(area)
        began = loop.time()
        if not breaker.admits(began):
            return False
        try:
            await self.ask(Question("GET", f"/health?area={area}"))
        except PlatformError:
            breaker.failed(loop.time())
            return False
        except BaseException:
            breaker.given_up()
            raise
        breaker.done(loop.time(), took_s=loop.time() - began)
        return True
