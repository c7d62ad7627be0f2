"""A terminal's days as the fleet sees them: visits by the hour, paper, ratings, money, faults. Pure, with a seed.

`Life.step(now, minutes)` moves it on and says what happened. Nothing here knows a wire.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from config.fleet_contract import EventClass, SectionRow, Severity, SupplyRow, Worst

VISITS_A_DAY: Final = 46
BY_HOUR: Final = (1, 1, 1, 1, 1, 2, 4, 10, 26, 30, 26, 18, 14, 20, 26, 26, 22, 14, 10, 8, 6, 4, 2, 1)
"""Weight of each hour of the day."""
ROLL_M: Final = 80.0
TRAY_SHEETS: Final = 500
SERVICES: Final = 236
WAYS: Final = (("done", 86), ("leave", 9), ("timeout", 4), ("error", 1))
FEES_FEN: Final = (500, 1000, 2000, 2000, 4000, 16000)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of fault: how often a day, how long (minutes), what it withholds (services)."""

    section: str
    event: str
    cause: str
    who: str
    state: str
    severity: Severity
    a_day: float
    minutes: float
    withholds: int


TROUBLES: Final = (
    Trouble("receipt-printer", "device.receipt-printer.paper-jammed", "paper-jam", "attendant",
            "fault", "fault", 0.02, 40, 0),
    Trouble("licence-printer", "device.licence-printer.paper-jammed", "media-jam", "attendant",
            "fault", "fault", 0.02, 60, 64),
    Trouble("licence-printer", "device.licence-printer.toner-low", "toner-low", "technician",
            "attention", "attention", 0.02, 600, 0),
    Trouble("pad", "device.payment-pad.no-bank", "no-bank", "platform", "fault", "fault", 0.02, 25, 88),
    Trouble("reader", "device.id-card.failing", "reads-fail", "technician", "attention",
            "attention", 0.01, 900, 0),
    Trouble("reader", "device.any.unplugged", "link-lost", "technician", "fault", "fault", 0.004,
            120, 180),
    Trouble("platform", "platform.slow", "slow", "platform", "attention", "attention", 0.03, 15, 0),
    Trouble("power", "cabinet.on-battery", "on-battery", "attendant", "attention", "alarm", 0.01, 12, 0),
)  # fmt: skip
SECTIONS: Final = (
    "reader", "face-camera", "document-camera", "code-camera", "receipt-printer", "licence-printer", "pad",
    "cabinet", "platform", "time", "storage", "power", "screen", "sound", "certificates", "updates",
    "fleet", "door",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """Something for the event topic."""

    kind: EventClass
    id: str
    at: datetime
    device: str = ""
    severity: Severity = "info"
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    trouble: Trouble
    since: datetime
    until: datetime


class Life:
    """One terminal from `now` on. Everything random comes from `seed`."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._random = random.Random(seed)
        self.paper_m = self._random.uniform(1.0, ROLL_M)
        self.sheets = self._random.randint(20, TRAY_SHEETS)
        self.toner = self._random.uniform(8, 100)
        self.busy = self._random.uniform(0.4, 1.9)
        """How many visits beside the city's mean: a hall has more than a village."""
        self.visits = dict.fromkeys((way for way, _ in WAYS), 0)
        self.ratings = dict.fromkeys(range(1, 6), 0)
        self.in_visit = False
        self.closed = self._random.random() < 0.004
        self._open: list[_Open] = []
        self._intents: list[tuple[datetime, str]] = []
        self._out_since: datetime | None = None
        self._now = now
        for each in TROUBLES:  # as if it had run for weeks before
            if self._random.random() < each.a_day * each.minutes / 1440:
                self._begin(each, now)

    def step(self, now: datetime, minutes: float) -> list[Happening]:
        """What happened in the `minutes` up to `now`."""
        self._now = now
        said = [*self._faults(now, minutes), *self._settles(now)]
        if self.closed:
            self.in_visit = False
            return said
        mean = self._visits_a_minute(now) * minutes
        count = self._poisson(mean)
        self.in_visit = self._random.random() < min(0.9, mean / max(minutes, 0.01) * 4)
        for _ in range(min(count, 20)):
            said += self._visit(now)
        self._refills(now, minutes)
        return said

    @property
    def services(self) -> int:
        """How many services can be begun."""
        if self.closed:
            return 0
        withheld = max((each.trouble.withholds for each in self._open), default=0)
        return SERVICES - max(withheld, 64 if self.sheets == 0 else 0)

    @property
    def open_intents(self) -> int:
        """Charges and refunds that are not settled."""
        return len(self._intents)

    @property
    def worst(self) -> Worst:
        """The worst section."""
        states = {row["state"] for row in self.sections()}
        return "fault" if "fault" in states else "attention" if "attention" in states else "ok"

    def metrics(self) -> dict[str, float]:
        """Every series with its value now."""
        found: dict[str, float] = {
            "kiosk_services_available": self.services,
            'kiosk_open_intents{kind="charge"}': self.open_intents,
            "kiosk_media_paper_left_metres": round(self.paper_m, 2),
        }
        found |= {f'kiosk_visits_total{{how="{how}"}}': count for how, count in self.visits.items()}
        found |= {f'kiosk_ratings_total{{level="{level}"}}': count for level, count in self.ratings.items()}
        return found

    def sections(self) -> list[SectionRow]:
        """Every section of the readiness report."""
        rows: dict[str, SectionRow] = {
            name: {"id": name, "state": "ok", "event": "", "cause": "", "who": "", "since": ""} for name in SECTIONS
        }
        for held in self._open:
            t = held.trouble
            row = rows[t.section]
            if row["state"] != "fault":
                rows[t.section] = {
                    "id": t.section, "state": "fault" if t.state == "fault" else "attention", "event": t.event,
                    "cause": t.cause, "who": t.who, "since": held.since.isoformat(timespec="seconds"),
                }  # fmt: skip
        self._paper_row(rows)
        return list(rows.values())

    def _paper_row(self, rows: dict[str, SectionRow]) -> None:
        low = self.paper_m < 5
        if (low or self._out_since) and rows["receipt-printer"]["state"] == "ok":
            out = self.paper_m <= 0
            rows["receipt-printer"] = {
                "id": "receipt-printer", "state": "fault" if out else "attention",
                "event": f"device.receipt-printer.paper-{'out' if out else 'low'}",
                "cause": "paper-out" if out else "paper-low", "who": "attendant",
                "since": self._out_since.isoformat(timespec="seconds") if self._out_since else "",
            }  # fmt: skip

    def supplies(self) -> list[SupplyRow]:
        """What will be used up, and when where that can be said."""
        a_day = VISITS_A_DAY * self.busy
        rows: list[SupplyRow] = [
            self._supply("receipt-printer", "paper", round(self.paper_m, 1), "m", a_day * 0.22),
            self._supply("licence-printer", "sheets", self.sheets, "sheets", a_day * 0.5),
            self._supply("licence-printer", "toner", round(self.toner, 1), "percent", a_day * 0.02),
        ]
        return rows

    def _supply(self, device: str, item: str, left: float, unit: Any, a_day: float) -> SupplyRow:
        row: SupplyRow = {"device": device, "item": item, "left": left, "unit": unit}
        if left > 0:
            row["ends_at"] = (self._now + timedelta(days=left / a_day)).isoformat(timespec="seconds")
        return row

    def _visits_a_minute(self, now: datetime) -> float:
        return VISITS_A_DAY * self.busy * BY_HOUR[now.hour] / sum(BY_HOUR) / 60

    def _poisson(self, mean: float) -> int:
        """Knuth's way; means here are far below 10."""
        bound, product, count = math.exp(-mean), self._random.random(), 0
        while product > bound and count < 50:
            product *= self._random.random()
            count += 1
        return count

    def _visit(self, now: datetime) -> list[Happening]:
        how = self._random.choices([way for way, _ in WAYS], weights=[share for _, share in WAYS])[0]
        self.visits[how] += 1
        said = []
        if how == "done":
            self.paper_m = max(0.0, self.paper_m - self._random.uniform(0.12, 0.3))
            pages = self._random.choice((0, 0, 1, 1, 2))
            self.sheets, self.toner = max(0, self.sheets - pages), max(0.0, self.toner - 0.02 * pages)
            if self._random.random() < 0.45:
                said += self._charge(now)
            if self._random.random() < 0.4:
                level = self._random.choices(range(1, 6), weights=(1, 1, 4, 18, 76))[0]
                self.ratings[level] += 1
        said.append(Happening("visit", "visit.closed", now, detail={"how": how}))
        return said

    def _charge(self, now: datetime) -> list[Happening]:
        intent = f"ch-{self._random.getrandbits(64):016x}"
        fen = self._random.choice(FEES_FEN)
        minted = {"kind": "charge", "state": "minted", "intent": intent, "fen": fen}
        said = [Happening("money", "money.moved", now, detail=minted)]
        if self._random.random() < 0.004:  # not known: settled by asking, some minutes later
            self._intents.append((now + timedelta(minutes=self._random.uniform(2, 20)), intent))
            unknown = {"kind": "charge", "state": "unknown", "intent": intent}
            return [*said, Happening("money", "money.open", now, severity="attention", detail=unknown)]
        return [*said, self._settled(now, intent)]

    @staticmethod
    def _settled(now: datetime, intent: str) -> Happening:
        return Happening("money", "money.moved", now, detail={"kind": "charge", "state": "closed", "intent": intent})

    def _settles(self, now: datetime) -> list[Happening]:
        due = [intent for at, intent in self._intents if at <= now]
        self._intents = [pair for pair in self._intents if pair[0] > now]
        return [self._settled(now, intent) for intent in due]

    def _faults(self, now: datetime, minutes: float) -> list[Happening]:
        said = []
        for held in [each for each in self._open if each.until <= now]:
            self._open.remove(held)
            said.append(
                Happening(
                    "device",
                    held.trouble.event,
                    now,
                    held.trouble.section,
                    detail={"cause": held.trouble.cause, "open": False},
                )
            )
        for trouble in TROUBLES:
            if self._random.random() < trouble.a_day * minutes / 1440:
                self._begin(trouble, now)
                said.append(
                    Happening("device", trouble.event, now, trouble.section, trouble.severity, {"cause": trouble.cause})
                )
        return said

    def _begin(self, trouble: Trouble, now: datetime) -> None:
        lasts = self._random.expovariate(1 / trouble.minutes)
        self._open = [each for each in self._open if each.trouble is not trouble]
        self._open.append(_Open(trouble, now, now + timedelta(minutes=lasts)))

    def _refills(self, now: datetime, minutes: float) -> None:
        if self.paper_m > 0 and self.sheets > 0:
            self._out_since = None
            return
        self._out_since = self._out_since or now
        if self._random.random() > minutes / 180:  # somebody comes after three hours, on average
            return
        self.paper_m = ROLL_M if self.paper_m <= 0 else self.paper_m
        self.sheets = TRAY_SHEETS if self.sheets == 0 else self.sheets
        self._out_since = None
