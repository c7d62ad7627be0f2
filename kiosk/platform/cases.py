"""The part of the client that cases, ratings and supervision use. Errors as in `Platform`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast, get_args
from urllib.parse import quote

from config.evaluation import evaluation
from config.supervision import LIGHTS, Light
from kiosk.platform.case_parts import CASE_STATES, MAX_FEN, MOST_PARTS, CaseState
from kiosk.platform.connection import Connection, Question
from kiosk.platform.messages import Bilingual
from kiosk.platform.reading import Members
from kiosk.platform.satisfaction import Satisfaction
from kiosk.platform.signing import canonical

WorkState = Literal["OPEN", "IN_HAND", "MENDED"]
_WORK_STATES = frozenset(get_args(WorkState))
_LIGHTS = frozenset(LIGHTS)
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as it stands. Not `mine`: a stranger has only the number, and sees no reasons and no money."""

    number: str
    service: str
    name: Bilingual
    department: Bilingual
    state: CaseState
    why: str
    step: Bilingual
    light: Light
    accepted_at: datetime
    promise_date: date
    promise_estimated: bool
    mine: bool
    back_fen: int
    parts: tuple[CaseFile, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something happened in a case or a part of it. `kind` is a key of the texts."""

    number: str
    at: datetime
    kind: str
    step: Bilingual
    why: str


@dataclass(frozen=True, slots=True)
class RatingForm:
    """Which round is open for a case."""

    case: str
    service: str
    round: int


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What became of a bad rating (差评整改)."""

    id: str
    service: str
    state: WorkState
    due: date
    result: Bilingual


@dataclass(frozen=True, slots=True)
class RatingGiven:
    """One rating: `stars` 5 the best; `text` is what somebody wrote, personal."""

    case: str
    service: str
    stars: int
    tags: tuple[str, ...] = ()
    round: int = 1
    text: str = field(default="", repr=False)
    anonymous: bool = False
    assessed_at: str = ""


@dataclass(frozen=True, slots=True)
class EventsKept:
    """`head` is the newest event on record; `broken` do not fit the chain."""

    head: int
    broken: tuple[str, ...]


class Cases:
    """Calls of `Platform` that concern cases, their ratings, and supervision."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def mine(self, session: str, most: int = 200) -> tuple[CaseFile, ...]:
        """The person's cases, newest first."""
        found: list[CaseFile] = []
        cursor = ""
        while True:
            page = Members(await self._get("/cases" + (f"?cursor={cursor}" if cursor else ""), session), "Cases")
            found += [case_file(m) for m in page.objects("items", 50)]
            following = page.text_or_none("next_cursor", 18)
            if following is None or following == cursor or len(found) >= most:
                return tuple(found[:most])
            cursor = quote(following)

    async def one(self, number: str, session: str = "") -> CaseFile:
        """One case. Raises `Problem` "not-found"."""
        return case_file(Members(await self._get(f"/cases/{_part(number)}", session), "Case"))

    async def timeline(self, number: str, session: str = "") -> tuple[CaseEvent, ...]:
        """What happened, oldest first."""
        m = Members(await self._get(f"/cases/{_part(number)}/timeline", session), "Timeline")
        return tuple(
            CaseEvent(
                e.text("number", 18), e.time("at"), e.text("kind", 40), _words(e.members("step")), e.text("why", 40)
            )
            for e in m.objects("events", MOST_EVENTS)
        )

    async def rating_form(self, number: str) -> RatingForm:
        """Which round is open. Raises `Problem` "already-evaluated", "not-found"."""
        m = Members(await self._get(f"/cases/{_part(number)}/evaluation-form"), "EvaluationForm")
        return RatingForm(m.text("case", 18), m.text("service", 20), m.number("round", 1, 2))

    async def rate(self, key: str, rating: RatingGiven) -> str:
        """Put a rating on record; gives the id of the work item that it led to, "" for none."""
        body: dict[str, Any] = {
            "case": rating.case,
            "service": rating.service,
            "satisfaction": Satisfaction.of_stars(rating.stars).national,
            "tags": list(rating.tags),
            "channel": evaluation().channel,
            "round": rating.round,
            "text": rating.text,
            "anonymous": rating.anonymous,
            "assessed_at": rating.assessed_at or None,
        }
        reply = await self._post("/evaluations", body, key)
        return Members(reply, "Evaluated").id("work_item") if "work_item" in reply else ""

    async def work_items(self, case: str) -> tuple[WorkItem, ...]:
        """What became of the bad ratings of a case, newest first."""
        m = Members(await self._get(f"/work-items?case={quote(case, safe='')}"), "WorkItems")
        return tuple(
            WorkItem(
                w.id("id"),
                w.text("service", 20),
                cast("WorkState", w.word("state", _WORK_STATES)),
                w.day("due"),
                _words(w.members("result")),
            )
            for w in m.objects("items", 20)
        )

    # Supervision

    async def events_head(self, chain: str) -> int:
        """The newest event of this terminal's chain that is on record; 0 for none."""
        return Members(await self._get(f"/events/head?chain={_part(chain)}"), "EventsHead").number("seq", 0, 10**12 - 1)

    async def events(self, chain: str, batch: Sequence[Mapping[str, Any]]) -> EventsKept:
        """Hand over entries of the journal in their order. Raises `Problem` "events-missing" behind a gap."""
        entries = [dict(event) for event in batch]
        key = "events-" + hashlib.sha256(canonical([chain, entries])).hexdigest()[:40]
        reply = await self._post("/events:batch", {"chain": chain, "events": entries}, key)
        m = Members(reply, "EventsAccepted")
        return EventsKept(m.number("head", 0, 10**12 - 1), m.texts("broken", 200, 80))

    async def supervise(self, key: str, *, module: str, rule: str, state: str, record: Mapping[str, str]) -> None:
        """A rule of the terminal is broken (`open`), or kept again (`over`)."""
        body = {"module": module, "rule": rule, "state": state, "record": dict(record)}
        await self._post("/supervision-records", body, key)

    async def _get(self, path: str, session: str = "") -> Any:
        return (await self._connection.ask(Question("GET", path, session=session))).content

    async def _post(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        return (await self._connection.ask(Question("POST", path, body, key))).content


def case_file(m: Members, deep: int = 1) -> CaseFile:
    """Read a Case; its parts have none of their own."""
    return CaseFile(
        m.text("number", 18),
        m.text("service", 20),
        _words(m.members("name")),
        _words(m.members("department")),
        cast("CaseState", m.word("state", CASE_STATES)),
        m.text("why", 40),
        _words(m.members("step")),
        cast("Light", m.word("light", _LIGHTS)),
        m.time("accepted_at"),
        m.day("promise_date"),
        m.flag("promise_estimated"),
        m.flag("mine"),
        m.number("back_fen", 0, MAX_FEN),
        tuple(case_file(part, deep - 1) for part in m.objects("parts", MOST_PARTS)) if deep else (),
    )


def _words(m: Members) -> Bilingual:
    return Bilingual(m.text("zh"), m.text("en"))


def _part(text: str) -> str:
    return quote(text, safe="")
