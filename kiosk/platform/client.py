"""The terminal's client of the municipal service platform (config/platform.openapi.yaml).

Every method asks once, within the settings' deadline, signed (`kiosk.platform.connection`); it raises what
`kiosk.platform.errors` draws. Sending again is the caller's decision: with the same key it is safe. For orders,
applications and prints the key is the intent id, and `find_*` says what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from config.settings import PlatformSettings
from kiosk.device_key import DeviceKey
from kiosk.platform import messages
from kiosk.platform.applying import Applying
from kiosk.platform.bills import Bills
from kiosk.platform.cases import Cases
from kiosk.platform.catalogue import CatalogueFeed
from kiosk.platform.connection import Connection, Question
from kiosk.platform.counters import Counters
from kiosk.platform.devices import Devices
from kiosk.platform.identity import Identity
from kiosk.platform.messages import (
    Acceptance,
    AppMatch,
    LicenceFound,
    MatchState,
    PaymentOrder,
    Prefilled,
    PrintAuthorisation,
    Proof,
)
from kiosk.platform.paying import Paying
from kiosk.platform.queries import Queries
from kiosk.platform.reading import Members
from kiosk.platform.reissues import Reissues
from kiosk.platform.signing import verify, verify_signed
from kiosk.platform.technicians import Technicians
from kiosk.printing.print_token import PrintToken, read_token

CHANNEL = {"channel": "kiosk"}
_ZONE = timezone(timedelta(hours=8))
T = TypeVar("T")


def _wall() -> datetime:
    return datetime.now(_ZONE)


class Platform:
    """One terminal's connection. `now` gives an aware datetime, the platform's where it is known; `heard` takes the
    time of every answer (RFC 9110, 6.6.1); `session` is given by tests that have no sockets. `key` signs every request,
    `keep` is given it when the platform has learned it; without them a key is made that dies with this object."""

    def __init__(
        self,
        settings: PlatformSettings,
        kiosk_id: str,
        *,
        session: requests.Session | None = None,
        now: Callable[[], datetime] = _wall,
        heard: Callable[[datetime], None] | None = None,
        key: DeviceKey | None = None,
        keep: Callable[[DeviceKey], None] | None = None,
    ) -> None:
        self._settings = settings
        self._kiosk = kiosk_id
        self._now = now
        self.connection = Connection(settings, kiosk_id, session=session, now=now, heard=heard, key=key, keep=keep)
        self.identity = Identity(self.connection)
        """Who is here: the phone, officers, consents taken back, organisations."""
        self.devices = Devices(self.connection)
        """This terminal: how it is, commands, faults, what is near."""
        self.paying = Paying(self._get, self._post)
        """Payments by phone, refunds, settlement."""
        self.bills = Bills(self._ask)
        """What has to be paid: bills, fees, fiscal e-bills, slips."""
        self.applying = Applying(self.connection, settings.public_key)
        """Materials, drafts, applications."""
        self.cases = Cases(self.connection)
        """Cases, ratings, supervision."""
        self.catalogue = CatalogueFeed(self._get, self._post, settings.public_key)
        """The catalogue's versions, the calendar, the choices of forms."""
        self.queries = Queries(self._get, self._post, settings.public_key)
        """What the city knows, and reference data to keep."""
        self.counters = Counters(self._get, self._post, settings.public_key, kiosk_id)
        """Tickets, appointments, couriers, help, notices, collecting, scans to a phone."""
        self.technicians = Technicians(self.connection)
        """The secret of codes that technicians type."""
        self.reissues = Reissues(self.connection, self._authorisation)
        """A document once more, for an operator's reason."""

    async def close(self) -> None:
        """Close the connections. Calls that are still under way end at their own deadline."""
        await self.connection.close()

    def now(self) -> datetime:
        """The terminal's time, as its requests carry it."""
        return self._now()

    # Ground

    def areas_down(self) -> frozenset[str]:
        """Areas (`kiosk.platform.areas`) that are not asked for now because they failed again and again."""
        return self.connection.breakers.down()

    async def look_again(self) -> None:
        """Ask the areas that are down, and whose time has come, whether they are there again."""
        for area in sorted(self.connection.breakers.due(asyncio.get_running_loop().time())):
            await self.connection.probe(area)

    async def health(self) -> None:
        """Returns when the platform answers."""
        Members(await self._get("/health"), "Health").word("status", frozenset({"ok"}))

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

    async def create_order(
        self,
        session: str,
        service: str,
        intent: str,
        form: Mapping[str, str] | None = None,
        bills: Sequence[str] = (),
        fen: int | None = None,
    ) -> PaymentOrder:
        """The order for the fee; the platform fixes the amount.

        `fen`: what the citizen confirmed. Raises `Problem` fee-changed or bill-changed when it is another amount now.
        """
        body: dict[str, Any] = {"service": service}
        body |= {"form": dict(form)} if form else {}
        body |= {"bills": list(bills)} if bills else {}
        body |= {} if fen is None else {"fen": fen}
        return _order(await self._post("/payment-orders", body, key=intent, session=session))

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
        """The signed list of void certificates as it was sent, to be kept (`kiosk.printing.status_list` reads it)."""
        reply = await self._get("/certificates/status-list")
        verify_signed(reply, self._settings.public_key)
        messages.status_list(Members(reply, "StatusList"))
        return dict(reply)

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
        return (await self.connection.ask(Question(method, path, body, key, session))).content


def _order(reply: Any) -> PaymentOrder:
    return messages.payment_order(Members(reply, "PaymentOrder"))


def _part(text: str) -> str:
    """An id as one part of a path."""
    return quote(text, safe="")
