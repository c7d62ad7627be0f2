"""Who is here, at the platform: proofs, hand-overs, officers, consents, organisations. Errors as in `Platform`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast
from urllib.parse import quote

from kiosk.platform.connection import Connection, Question
from kiosk.platform.messages import Bilingual, Proof, proof
from kiosk.platform.reading import Members

Direction = Literal["take", "give"]
HandoffState = Literal["waiting", "scanned", "confirmed", "taken", "refused", "expired"]
CheckState = Literal["waiting", "confirmed", "refused", "expired"]
Role = Literal["legal-representative", "agent"]
AgencyState = Literal["open", "expired", "other-items"]
_HANDOFF_STATES = frozenset({"waiting", "scanned", "confirmed", "taken", "refused", "expired"})
_CHECK_STATES = frozenset({"waiting", "confirmed", "refused", "expired"})
_ROLES = frozenset({"legal-representative", "agent"})
_AGENCY_STATES = frozenset({"open", "expired", "other-items"})
_LEVELS = frozenset({"A0", "A1", "A2", "A3", "A4"})
MOST_AGENCIES = 50


@dataclass(frozen=True, slots=True)
class Handoff:
    """A code for the phone, and how it stands. `number` is what its holder picks in the app."""

    id: str
    direction: Direction
    code: str = field(repr=False)
    number: str
    state: HandoffState
    level: str
    name_masked: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What the card would have said. Personal: it belongs into the vault."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    sex: str
    birth: date = field(repr=False)
    address: str = field(repr=False)
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Agency:
    """One organisation that the session's person may act for. `items` empty: everything; `valid_to` None: no end.

    `state`: open for the item that was asked about, over, or for other items.
    """

    id: str
    uscc: str
    name: Bilingual
    role: Role
    items: tuple[str, ...]
    valid_to: date | None
    state: AgencyState


class Identity:
    """The client's part for people and organisations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def prove_code(self, session: str, key: str, code: str) -> Proof:
        """The app's code was read: A1. Refused: `code-expired`, `-used`, `-foreign`, `-unknown`, an unverified one."""
        return await self._prove(session, key, {"kind": "code", "code": code})

    async def claim(self, session: str, key: str, number: str, *, service: str) -> Proof:
        """A number was typed: the session is somebody's who still has to be confirmed. The level stays."""
        return await self._prove(session, key, {"kind": "number", "service": service, "number": number})

    async def act_for(self, session: str, key: str, agency: str, *, service: str, consent: str) -> Proof:
        """The session acts for that organisation: A4; "" is for the person again."""
        body = {"kind": "agency", "agency": agency, "service": service, "consent": consent}
        return await self._prove(session, key, body)

    async def start_check(self, session: str, key: str, *, service: str, consent: str) -> str:
        """An officer is asked to look; gives the check's id."""
        body = {"service": service, "consent": consent}
        reply = await self._post(f"/sessions/{_part(session)}/officer-checks", body, key)
        return Members(reply, "OfficerCheck").id("id")

    async def check(self, session: str, check: str) -> CheckState:
        """What the officer said; confirmed has lifted the session to A3."""
        reply = await self._get(f"/sessions/{_part(session)}/officer-checks/{_part(check)}")
        return cast("CheckState", Members(reply, "OfficerCheck").word("state", _CHECK_STATES))

    async def start_handoff(self, session: str, key: str, direction: Direction) -> Handoff:
        """A code for the phone: `take` signs it in here, `give` lets it go on with the session."""
        return _handoff(await self._post(f"/sessions/{_part(session)}/handoff", {"direction": direction}, key))

    async def handoff(self, session: str, handoff: str) -> Handoff:
        """How it stands now."""
        return _handoff(await self._get(f"/sessions/{_part(session)}/handoff/{_part(handoff)}"))

    async def withdraw(self, session: str, consent: str) -> None:
        """Take a consent back; it opens nothing any more. Twice is no error."""
        await self._connection.ask(Question("DELETE", f"/consents/{_part(consent)}", session=session))

    async def subject(self, session: str, consent: str) -> Subject:
        """The session's person (A3), where no card was read."""
        m = Members(await self._get(f"/subjects/me?consent={_part(consent)}", session=session), "Subject")
        return Subject(
            m.text("name", 120),
            m.text("number", 18),
            m.text("sex", 1),
            m.day("birth"),
            m.text("address", 200),
            m.day("valid_from"),
            m.day_or_none("valid_to"),
        )

    async def agencies(self, session: str, consent: str, service: str) -> tuple[Agency, ...]:
        """For whom the session's person may act, with what each right is worth for `service`."""
        reply = await self._get(
            f"/subjects/me/agencies?consent={_part(consent)}&service={_part(service)}", session=session
        )
        return tuple(_agency(m) for m in Members(reply, "Agencies").objects("items", MOST_AGENCIES))

    async def _get(self, path: str, session: str = "") -> Any:
        return (await self._connection.ask(Question("GET", path, session=session))).content

    async def _post(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        return (await self._connection.ask(Question("POST", path, body, key))).content

    async def _prove(self, session: str, key: str, body: dict[str, str]) -> Proof:
        reply = await self._post(f"/sessions/{_part(session)}/proofs", body, key)
        return proof(Members(reply, "Proof"))


def _handoff(reply: object) -> Handoff:
    m = Members(reply, "Handoff")
    return Handoff(
        m.id("id"),
        cast("Direction", m.word("direction", frozenset({"take", "give"}))),
        m.text("code", 200),
        m.text("number", 2),
        cast("HandoffState", m.word("state", _HANDOFF_STATES)),
        m.word("level", _LEVELS),
        m.text("name_masked", 120),
        m.time("expires_at"),
    )


def _agency(m: Members) -> Agency:
    name = m.members("name")
    return Agency(
        m.id("id"),
        m.text("uscc", 18),
        Bilingual(name.text("zh"), name.text("en")),
        cast("Role", m.word("role", _ROLES)),
        m.texts("items", 300, 20),
        m.day_or_none("valid_to"),
        cast("AgencyState", m.word("state", _AGENCY_STATES)),
    )


def _part(value: str) -> str:
    return quote(value, safe="")
