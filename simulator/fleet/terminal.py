"""One simulated terminal on the broker: a life in the messages of config/fleet_contract.py, stored and forwarded."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from config.fleet_contract import MOST_UNHELD, NEVER_DROPPED, QOS, REBIRTH_LEAST_S, VERSION, EventClass, Mode
from simulator.fleet.city import Place
from simulator.fleet.connection import Connection
from simulator.fleet.life import Happening, Life
from simulator.fleet.mqtt import Publish

SOFTWARE: Final = "0.1.0"
MOST_BACKLOG: Final = 5_000
"""Events of one terminal that wait; beyond it the oldest that may be dropped goes, and the loss is told."""
MOST_IN_HAND: Final = 32
"""Messages of one terminal that its connection holds at once."""


@dataclass(slots=True)
class Books:
    """What this terminal has said, to be compared with what arrived: the last `n`, events by class, their digest."""

    chain: str
    last_n: int = 0
    minted: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    acknowledged: int = 0
    """Events that the broker has confirmed."""
    repeated: int = 0
    """Events that were told again because nobody held them."""
    digest: str = ""
    """SHA-256 of `n class id` of every money event, a line each."""
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)

    def mint(self, kind: EventClass, event: str) -> int:
        """The next number."""
        self.last_n += 1
        self.minted[kind] = self.minted.get(kind, 0) + 1
        if kind == "money":
            self._hash.update(f"{self.last_n} {kind} {event}\n".encode())
            self.digest = self._hash.hexdigest()
        return self.last_n


@dataclass(slots=True)
class _Kept:
    kind: EventClass
    n: int
    event: dict[str, Any]


class Terminal:
    """Carries its own life. `connection` is given after it is made."""

    def __init__(self, place: Place, seed: int, now: datetime) -> None:
        self.place, self.topics = place, place.topics
        self.life = Life(seed, now)
        self._random = random.Random(seed ^ 0x5EED)
        self.books = Books(chain=self._uuid())
        self.connection: Connection | None = None
        self._session = self._uuid()
        self._seq = 0
        self._now = now
        self._kept: deque[_Kept] = deque()
        self._sent: deque[_Kept] = deque()
        """The broker has them, or will soon; nobody has said that they are held."""
        self._held = self._after = self._confirmed = 0
        self._is_heeded = False
        """There is a control room that says what it holds."""
        self.acknowledgements = self.heard_requests = 0
        self._told_metrics: dict[str, float] = {}
        self._told_sections: dict[str, Any] = {}
        self._told_supplies: dict[str, Any] = {}
        self._told_state: tuple[Any, ...] = ()
        self._dropped: list[int] = []
        self._born_at: float | None = None
        self.rebirths = 0

    @property
    def client(self) -> str:
        """Client identifier."""
        return f"kiosk-{self.topics.terminal}"

    @property
    def filters(self) -> tuple[str, ...]:
        """What the control room holds, requests for a rebirth; orders are the real agent's."""
        return (self.topics.of("acknowledged"), self.topics.of("request"), self.topics.requests)

    @property
    def backlog(self) -> int:
        """Events that the broker does not have yet."""
        return len(self._kept) + (self.connection.waiting if self.connection else 0)

    def last_will(self) -> Publish:
        """A session begins with each connection, so that an old will can be told from the new state."""
        self._session = self._uuid()
        gone = {"v": VERSION, "terminal": self.topics.terminal, "session": self._session, "online": False}
        return Publish(self.topics.of("state"), _json(gone), QOS["state"], retain=True)

    def forgotten(self) -> None:
        """What nobody holds is told again, in order."""
        if self.connection is not None:
            self.connection.take_back(self.topics.of("event"))
        self._again()

    def _again(self) -> None:
        self.books.repeated += sum(each.n <= self._confirmed for each in self._sent)
        self._kept.extendleft(reversed(self._sent))
        self._sent.clear()
        self._after = self._held

    def connected(self) -> None:
        """State, birth, then what waits."""
        self._told_state = ()
        self._tell_state()
        self._tell_birth()
        self._pump()

    def lost(self) -> None:
        """What had no acknowledgement is the connection's to repeat."""

    def heard(self, message: Publish) -> None:
        """What is held, or a request for a rebirth (honoured once a minute); anything else is not for us."""
        try:
            said = json.loads(message.payload)
        except ValueError:
            return
        if not isinstance(said, dict) or said.get("terminal") != self.topics.terminal:
            return
        if message.topic == self.topics.of("acknowledged"):
            self._acknowledged(said)
        elif message.topic in (self.topics.of("request"), self.topics.requests):
            self._requested(said)

    def _acknowledged(self, said: dict[str, Any]) -> None:
        self._is_heeded = True
        self.acknowledgements += 1
        if said.get("chain") != self.books.chain:
            return
        self._hold(int(said["n"]))
        if said.get("gap"):
            self._again()
        self._pump()

    def _hold(self, n: int) -> None:
        self._held = max(self._held, n)
        while self._sent and self._sent[0].n <= self._held:
            self._sent.popleft()

    def _requested(self, said: dict[str, Any]) -> None:
        self.heard_requests += 1
        at = self._now.timestamp()
        if said.get("want") == "rebirth" and (self._born_at is None or at - self._born_at >= REBIRTH_LEAST_S):
            self.rebirths += 1
            self._tell_birth()

    def beat(self, now: datetime, minutes: float) -> None:
        """Live `minutes` up to `now`; tell what happened and what changed."""
        self._now = now
        for each in self.life.step(now, minutes):
            self._keep(each)
        self._tell_state()
        self._tell_data()
        self._pump()

    def _mode(self) -> Mode:
        return "closed" if self.life.closed else "visit" if self.life.in_visit else "open"

    def _tell_state(self) -> None:
        told = (self._mode(), self.life.open_intents, self.life.worst)
        if self.connection is None or not self.connection.up or told == self._told_state:
            return
        self._told_state = told
        state = {
            "v": VERSION, "terminal": self.topics.terminal, "session": self._session, "online": True, "mode": told[0],
            "at": self._at(), "software": SOFTWARE, "open_intents": told[1], "worst": told[2],
        }  # fmt: skip
        self.connection.publish(Publish(self.topics.of("state"), _json(state), QOS["state"], retain=True))

    def _tell_birth(self) -> None:
        if self.connection is None:
            return
        self._seq, self._born_at = 0, self._now.timestamp()
        self._told_metrics, self._told_sections, self._told_supplies = {}, {}, {}
        place = {"hall_zh": self.place.hall_zh, "hall_en": self.place.hall_en, "division": self.place.division}
        birth = {
            "v": VERSION, "terminal": self.topics.terminal, "session": self._session, "seq": 0, "at": self._at(),
            "software": SOFTWARE, **self._changes(), "place": place, "chain": self.books.chain,
        }  # fmt: skip
        self.connection.publish(Publish(self.topics.of("birth"), _json(birth), QOS["birth"]))

    def _tell_data(self) -> None:
        if self.connection is None or not self.connection.up:
            return
        data = {
            "v": VERSION, "session": self._session, "seq": self._seq + 1, "at": self._at(), **self._changes(),
        }  # fmt: skip
        if self.connection.publish(Publish(self.topics.of("data"), _json(data), QOS["data"])):
            self._seq += 1

    def _changes(self) -> dict[str, Any]:
        metrics = {k: v for k, v in self.life.metrics().items() if self._told_metrics.get(k) != v}
        sections = [row for row in self.life.sections() if self._told_sections.get(row["id"]) != row]
        supplies = [
            row for row in self.life.supplies()
            if self._told_supplies.get(f"{row['device']}/{row['item']}", {}).get("left") != row["left"]
        ]  # fmt: skip
        self._told_metrics |= metrics
        self._told_sections |= {row["id"]: row for row in sections}
        self._told_supplies |= {f"{row['device']}/{row['item']}": row for row in supplies}
        return {"metrics": metrics, "sections": sections, "supplies": supplies}

    def _keep(self, what: Happening) -> None:
        if len(self._kept) >= MOST_BACKLOG:
            self._drop_one()
        self._append(what)

    def _append(self, what: Happening) -> None:
        n = self.books.mint(what.kind, what.id)
        event = {
            "v": VERSION, "session": self._session, "chain": self.books.chain, "n": n, "id": what.id,
            "class": what.kind, "at": what.at.isoformat(timespec="milliseconds"), "device": what.device,
            "severity": what.severity, "detail": what.detail,
        }  # fmt: skip
        self._kept.append(_Kept(what.kind, n, event))

    def _drop_one(self) -> None:
        """The oldest that may be lost; money and technicians' acts never are, then the queue grows beyond its bound."""
        for index, kept in enumerate(self._kept):
            if kept.kind not in NEVER_DROPPED:
                del self._kept[index]
                self.books.dropped += 1
                self._dropped.append(kept.n)
                return

    def _pump(self) -> None:
        connection = self.connection
        if connection is None or not connection.up:
            return
        if self._dropped:
            lost, self._dropped = self._dropped, []
            detail = {"count": len(lost), "from": lost[0], "to": lost[-1]}
            self._append(Happening("technician", "fleet.dropped", self._now, severity="attention", detail=detail))
        while self._kept and connection.waiting < MOST_IN_HAND:
            if self._is_heeded and len(self._sent) >= MOST_UNHELD:
                return
            kept = self._kept.popleft()
            self._sent.append(kept)
            event = {**kept.event, "after": self._after, "held": self._held}
            self._after = kept.n
            message = Publish(self.topics.of("event"), _json(event), QOS["event"])
            connection.publish(message, partial(self._is_confirmed, kept.n))

    def _is_confirmed(self, n: int) -> None:
        if n > self._confirmed:
            self._confirmed = n
            self.books.acknowledged += 1
        if not self._is_heeded:
            self._hold(n)
        self._pump()

    def _at(self) -> str:
        return self._now.isoformat(timespec="seconds")

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _json(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
