"""The terminal's client of the municipal service platform (config/platform.openapi.yaml).

Every method asks once, within the settings' deadline, in a thread of its own; it raises what `kiosk.platform.errors`
draws. Sending again is the caller's decision: with the same key it is safe. For orders, applications and prints the key
is the intent id, and `find_*` says what became of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from config.settings import PlatformSettings
from kiosk.platform import messages
from kiosk.platform.errors import BadReply
from kiosk.platform.messages import (
    Acceptance,
    AppMatch,
    CatalogueItem,
    LicenceFound,
    Manifest,
    MatchState,
    PaymentOrder,
    Prefilled,
    PrintAuthorisation,
    Proof,
)
from kiosk.platform.paying import Paying
from kiosk.platform.reading import Members
from kiosk.platform.replies import content, said_at
from kiosk.platform.satisfaction import Satisfaction
from kiosk.platform.signing import canonical, verify, verify_signed
from kiosk.platform.transport import Exchange, Transport
from kiosk.print_token import PrintToken, read_token

BASE = "/kgw/v1"
THREADS = 6
GRACE_S = 0.25
CHANNEL = {"channel": "kiosk"}
HALL_TERMINAL = "5"
_ZONE = timezone(timedelta(hours=8))
T = TypeVar("T")


def _wall() -> datetime:
    return datetime.now(_ZONE)


class Platform:
    """One terminal's connection. `now` gives an aware datetime, the platform's where it is known; `heard` takes the
    time of every answer (RFC 9110, 6.6.1); `session` is given by tests that have no sockets."""

    def __init__(
        self,
        settings: PlatformSettings,
        kiosk_id: str,
        *,
        session: requests.Session | None = None,
        now: Callable[[], datetime] = _wall,
        heard: Callable[[datetime], None] | None = None,
    ) -> None:
        self._settings = settings
        self._kiosk = kiosk_id
        self._now = now
        self._heard = heard
        self._boot = secrets.token_hex(16)
        self._seq = count(1)
        self._transport = Transport(settings.url, session)
        self._threads = ThreadPoolExecutor(THREADS, "platform")
        self.paying = Paying(self._get, self._post)
        """Payments by phone, refunds, settlement."""

    async def close(self) -> None:
        """Close the connections. Calls that are still under way end at their own deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    def now(self) -> datetime:
        """The terminal's time, as its requests carry it."""
        return self._now()

    # Ground

    async def health(self) -> None:
        """Returns when the platform answers."""
        Members(await self._get("/health"), "Health").word("status", frozenset({"ok"}))

    async def manifest(self) -> Manifest:
        """Which catalogue is in force."""
        return messages.manifest(Members(await self._get("/catalogue/manifest"), "Manifest"))

    async def catalogue_items(self) -> tuple[CatalogueItem, ...]:
        """All services that the platform lists, page by page."""
        found: list[CatalogueItem] = []
        cursor = ""
        while True:
            reply = await self._get("/catalogue/items" + (f"?cursor={quote(cursor)}" if cursor else ""))
            page = Members(reply, "CatalogueItems")
            found += [messages.catalogue_item(m) for m in page.objects("items", 200)]
            following = reply.get("next_cursor")
            if following is None:
                return tuple(found)
            if following == cursor or len(found) > 5000:
                raise BadReply("CatalogueItems.next_cursor: the list does not end")
            cursor = page.id("next_cursor")

    async def heartbeat(self, state: Mapping[str, Any]) -> datetime:
        """Say how the terminal is; gives the platform's time."""
        reply = await self._post(f"/devices/{self._kiosk}/heartbeats", {"state": dict(state)})
        return Members(reply, "HeartbeatReply").time("server_time")

    async def events(self, batch: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Hand over events (id, seq, at, kind, body, prev, hash); gives the ids that are on record now."""
        entries = [dict(event) for event in batch]
        key = "events-" + hashlib.sha256(canonical(entries)).hexdigest()[:40]
        reply = await self._post("/events:batch", {"events": entries}, key=key)
        return Members(reply, "EventsAccepted").texts("accepted", 200, 80)

    # The person

    async def open_session(self, key: str) -> str:
        """A session at A0; gives its id."""
        return Members(await self._post("/sessions", CHANNEL, key=key), "Session").id("id")

    async def close_session(self, session: str) -> None:
        """The platform forgets the session's person."""
        await self._ask("DELETE", f"/sessions/{_part(session)}")

    async def prove_card(
        self, session: str, key: str, name: str, number: str, card_kind: str, valid_to: date | None, *, service: str
    ) -> Proof:
        """A card was read: A2. An expired one only where `service` allows it."""
        body = {
            "kind": "card",
            "service": service,
            "name": name,
            "number": number,
            "card_kind": str(card_kind),
            "valid_to": valid_to.isoformat() if valid_to else None,
        }
        return messages.proof(Members(await self._post(f"/sessions/{_part(session)}/proofs", body, key=key), "Proof"))

    async def prove_face(self, session: str, key: str, score: float, verdict: str, model: str, consent: str) -> Proof:
        """A face was compared here: A3 when `verdict` is pass. No picture is sent."""
        body = {"kind": "face", "score": round(score, 4), "verdict": verdict, "model": model, "consent": consent}
        return messages.proof(Members(await self._post(f"/sessions/{_part(session)}/proofs", body, key=key), "Proof"))

    async def start_app_match(self, session: str, key: str) -> AppMatch:
        """The equal other way: a number to pick in the app."""
        reply = await self._post(f"/sessions/{_part(session)}/app-matches", CHANNEL, key=key)
        return messages.app_match(Members(reply, "AppMatch"))

    async def app_match(self, session: str, match_id: str) -> MatchState:
        """What the citizen answered; confirmed has lifted the session to A3."""
        reply = await self._get(f"/sessions/{_part(session)}/app-matches/{_part(match_id)}")
        return messages.app_match(Members(reply, "AppMatch")).state

    async def consent(
        self, session: str, key: str, purpose: str, data_classes: Sequence[str], text_version: str
    ) -> str:
        """Put a consent on record; gives its id. Purpose `face` is the separate one for faces."""
        body = {"purpose": purpose, "data_classes": list(data_classes), "text_version": text_version}
        return Members(await self._post("/consents", body, key=key, session=session), "Consent").id("id")

    async def profile(self, session: str, service: str, consent: str) -> dict[str, Prefilled]:
        """What is known for the service's form, by field key."""
        body = {"service": service, "consent": consent}
        return messages.profile(Members(await self._post("/subjects:profile", body, session=session), "Profile"))

    async def lookup_licences(self, session: str, service: str, consent: str) -> list[LicenceFound]:
        """Licences that stand in for materials."""
        body = {"service": service, "consent": consent}
        reply = await self._post("/licences:lookup", body, session=session)
        return [messages.licence(m) for m in Members(reply, "Licences").objects("items", 50)]

    # Money

    async def create_order(self, session: str, service: str, intent: str) -> PaymentOrder:
        """The order for the fee; the platform fixes the amount."""
        return _order(await self._post("/payment-orders", {"service": service}, key=intent, session=session))

    async def order(self, order_id: str) -> PaymentOrder:
        """An order now."""
        return _order(await self._get(f"/payment-orders/{_part(order_id)}"))

    async def find_order(self, intent: str) -> PaymentOrder | None:
        """The order of an intent, if there is one."""
        reply = await self._get(f"/payment-orders?intent={quote(intent)}")
        return next((_order(entry) for entry in Members(reply, "PaymentOrders").each("items", 1)), None)

    async def report_payment(
        self,
        order_id: str,
        key: str,
        *,
        state: str,
        trace: str = "",
        receipt_no: str = "",
        masked_card: str = "",
        fen: int,
    ) -> PaymentOrder:
        """What the pad said: PAID, FAILED, REVERSED or UNKNOWN."""
        body = {"state": state, "trace": trace, "receipt_no": receipt_no, "masked_card": masked_card, "fen": fen}
        return _order(await self._post(f"/payment-orders/{_part(order_id)}/outcomes", body, key=key))

    # Acts

    async def submit(
        self,
        session: str,
        key: str,
        service: str,
        form: Mapping[str, str],
        order_id: str | None,
        consents: Sequence[str],
        reviewed_digest: str,
        *,
        submitted_at: str = "",
    ) -> Acceptance:
        """Submit under the intent id `key`. `submitted_at`: when the citizen confirmed (RFC 3339); empty is now."""
        body = {
            "service": service,
            "form": dict(form),
            "order": order_id,
            "consents": list(consents),
            "reviewed_digest": reviewed_digest,
            "submitted_at": submitted_at or self._now().astimezone(_ZONE).isoformat(timespec="seconds"),
        }
        return self._acceptance(await self._post("/applications", body, key=key, session=session), key)

    async def find_application(self, intent: str) -> Acceptance | None:
        """The case of an intent, if there is one."""
        reply = await self._get(f"/applications?intent={quote(intent)}")
        found = Members(reply, "Acceptances").each("items", 1)
        return self._acceptance(found[0], intent) if found else None

    async def authorise_print(
        self, session: str, key: str, service: str, params: Mapping[str, str], consents: Sequence[str], copies: int = 1
    ) -> PrintAuthorisation:
        """Permission to print one document in `copies` copies, under the intent id `key`."""
        body = {"service": service, "params": dict(params), "consents": list(consents), "copies": copies}
        return self._authorisation(await self._post("/print-authorisations", body, key=key, session=session), key)

    async def find_print(self, intent: str) -> PrintAuthorisation | None:
        """The authorisation of an intent with its state, if there is one."""
        reply = await self._get(f"/print-authorisations?intent={quote(intent)}")
        found = Members(reply, "PrintAuthorisations").each("items", 1)
        return self._authorisation(found[0], intent) if found else None

    async def report_print(self, jti: str, key: str, *, state: str, pages: int, evidence: Mapping[str, str]) -> None:
        """How a print ended: PRINTED, VOID, UNCLEAR; REJECTED: its permission was not accepted."""
        body = {"state": state, "pages": pages, "evidence": dict(evidence)}
        await self._post(f"/print-authorisations/{_part(jti)}/outcomes", body, key=key)

    def print_token(self, token: str) -> PrintToken:
        """The claims of a permission to print, its signature checked. Raises `TokenRefused`."""
        return read_token(token, self._settings.public_key)

    async def status_list(self) -> dict[str, Any]:
        """The signed list of void certificates as it was sent, to be kept (`kiosk.status_list` reads it)."""
        reply = await self._get("/certificates/status-list")
        verify_signed(reply, self._settings.public_key)
        messages.status_list(Members(reply, "StatusList"))
        return dict(reply)

    async def evaluate(self, key: str, *, case: str, level: int, tags: Sequence[str], service: str) -> None:
        """A rating of a case (its number, or the intent of the case or print): `level` stars, 5 the best."""
        body = {
            "case": case,
            "service": service,
            "satisfaction": Satisfaction.of_stars(level).national,
            "tags": list(tags),
            "channel": HALL_TERMINAL,
            "round": 1,
        }
        await self._post("/evaluations", body, key=key)

    # Below

    def _acceptance(self, reply: Any, intent: str) -> Acceptance:
        return self._signed(reply, intent, "Acceptance", messages.acceptance)

    def _authorisation(self, reply: Any, intent: str) -> PrintAuthorisation:
        return self._signed(reply, intent, "PrintAuthorisation", messages.print_authorisation)

    def _signed(self, reply: Any, intent: str, name: str, read: Callable[[Members], T]) -> T:
        members = Members(reply, name)
        verify(reply, self._settings.public_key, kiosk=self._kiosk, intent=intent)
        return read(members)

    async def _get(self, path: str) -> Any:
        return await self._ask("GET", path)

    async def _post(self, path: str, body: Mapping[str, Any], *, key: str = "", session: str = "") -> Any:
        return await self._ask("POST", path, body, key, session)

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "", session: str = ""
    ) -> Any:
        """One exchange; the reply as JSON, None when it has no content."""
        data = None if body is None else canonical(body)
        exchange = Exchange(method, BASE + path, self._headers(key, session), data, self._settings.deadline_s)
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._transport.run, exchange)
        future.add_done_callback(lambda f: f.cancelled() or f.exception())
        try:
            await asyncio.wait({future}, timeout=exchange.deadline_s + GRACE_S)
        finally:
            if not future.done():
                exchange.cut()
        if not future.done():
            raise exchange.lost(f"not complete within {exchange.deadline_s:g} s")
        answer = future.result()
        if self._heard is not None and (moment := said_at(answer.headers.get("Date", ""))):
            self._heard(moment)
        return content(answer, exchange.name)

    def _headers(self, key: str, session: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._settings.token}",
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "X-Kiosk-Id": self._kiosk,
            "X-Kiosk-Seq": str(next(self._seq)),
            "X-Boot-Id": self._boot,
            "X-Timestamp": str(int(self._now().timestamp() * 1000)),
            "X-Nonce": secrets.token_hex(16),
        }
        if session:
            headers["X-Session-Id"] = session
        if key:
            headers["Idempotency-Key"] = key
        return headers


def _order(reply: Any) -> PaymentOrder:
    return messages.payment_order(Members(reply, "PaymentOrder"))


def _part(text: str) -> str:
    """An id as one part of a path."""
    return quote(text, safe="")
