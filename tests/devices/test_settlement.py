"""The end of the day: when it is closed, what it waits for, and every kind of difference found and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drivers.outcome import Done, Outcome, Refused
from drivers.payment_pad.approval import DayEnd
from kiosk.cli.money import app as cli
from kiosk.clock import WEIHAI, Clock
from kiosk.duties.outbox import Outbox
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.money.settlement import Settlement, compare
from kiosk.money.settlement_marks import COMPARED, PAD_DAY_END, POSTPONED
from kiosk.platform.errors import Unreachable
from kiosk.platform.paying import SettledOrder
from simulator.virtual_time import run_virtual

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)
HOUR = 3600.0


class Pad:
    """A pad with a batch; `said` overrules its end of day."""

    def __init__(self) -> None:
        self.batch = 0
        self.said: Outcome[DayEnd] | None = None
        self.ends: list[float] = []

    async def end_of_day(self) -> Outcome[DayEnd]:
        self.ends.append(asyncio.get_running_loop().time())
        return self.said or Done(DayEnd(self.batch))


class City:
    """The platform's list, and what it was told."""

    def __init__(self) -> None:
        self.listed: list[SettledOrder] | None = []
        self.told: list[tuple[date, dict[str, Any]]] = []
        self.paying = self

    async def settlement(self, day: date) -> Sequence[SettledOrder]:
        if self.listed is None:
            raise Unreachable("down")
        return tuple(self.listed)

    async def report_differences(self, day: date, key: str, **body: Any) -> None:
        assert key == f"settlement-{day}"
        self.told.append((day, body))


class Night:
    """A terminal at noon with its settlement running; `visit` is who is here."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NOON.timestamp())
        self.journal = Journal(folder / "journal.db", self.clock)
        self.outbox = Outbox(self.journal, MachineKey.load(folder / "machine.key"))
        self.pad: Any = Pad()
        self.city: Any = City()
        self.visit = ""
        self.settlement = Settlement(
            self.journal, self.outbox, self.city, self.pad, self.clock, lambda: self.visit, day_end="23:30"
        )

    async def __aenter__(self) -> Night:
        await self.journal.open()
        await self.journal.note("", "boot", {})
        self._tasks = [asyncio.ensure_future(w) for w in (self.settlement.run(), self.outbox.run())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.journal.close()

    async def paid(self, number: int, kind: Kind = Kind.CHARGE, *, until: State = State.DONE) -> None:
        """One payment of 20.00 in the journal."""
        body = {"order": f"ord_{number}", "fen": 2000, "receipt_no": f"{number:04d}"}
        await self.journal.write(lambda w: w.mint(f"pay-{number}", kind, f"v-{number}", body))
        path = [State.CHARGED, State.DONE] if kind is Kind.CHARGE else [State.SENT, State.CHARGED, State.DONE]
        for state in path:
            await self.journal.move(f"pay-{number}", state)
            if state is until:
                return

    async def at(self, hour: int, minute: int = 0, *, day: int = 0) -> None:
        wanted = NOON.replace(hour=hour, minute=minute).timestamp() + day * 24 * HOUR
        await asyncio.sleep(max(0.0, wanted - self.clock.timestamp()))


def listed(number: int, state: Any = "PAID", fen: int = 2000) -> SettledOrder:
    return SettledOrder(f"ord_{number}", f"pay-{number}", fen, state, "")


def test_a_fair_day_is_closed_at_its_hour_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with Night(tmp_path) as night:
            await night.paid(1)
            await night.paid(2, Kind.QR)
            night.pad.batch = 2000
            night.city.listed = [listed(1), listed(2), listed(3, "CLOSED")]
            await night.at(23, 29)
            assert night.pad.ends == []
            await night.at(23, 50)
            assert len(night.pad.ends) == 1
            night.city.listed, night.pad.batch = [], 0
            await night.at(22, 0, day=1)
            assert len(night.pad.ends) == 1
            assert night.city.told == [(DAY, {"pad_fen": 2000, "journal_fen": 4000, "items": []})]

    run_virtual(story())
    shown = CliRunner().invoke(cli, ["reconcile", str(tmp_path / "journal.db"), "--day", "2026-11-21"])
    assert shown.exit_code == 0
    assert shown.output.strip() == "2026-11-21  2 payment(s), 40.00 yuan taken, pad 20.00: 0 difference(s)"


def test_differences_are_found_told_and_shown_and_move_no_money(tmp_path: Path) -> None:
    async def story() -> None:
        async with Night(tmp_path) as night:
            for number in (1, 2, 3):
                await night.paid(number)
            night.pad.batch = 4000
            night.city.listed = [listed(1, "FAILED"), listed(2, fen=1999), listed(4)]
            before = [i.state for i in await night.journal.intents_since("", {Kind.CHARGE})]
            await night.at(23, 50)
            assert [i.state for i in await night.journal.intents_since("", {Kind.CHARGE})] == before
            kinds = sorted(item["kind"] for item in night.city.told[0][1]["items"])
            assert kinds == ["amount", "here-only", "state", "there-only", "total"]

    run_virtual(story())
    shown = CliRunner().invoke(cli, ["reconcile", str(tmp_path / "journal.db")])
    assert shown.exit_code == 1
    assert "ord_4: here nothing, there PAID 2000" in shown.output
    assert CliRunner().invoke(cli, ["reconcile", str(tmp_path / "journal.db"), "--day", "2026-11-20"]).exit_code == 0


def test_nobody_is_disturbed_and_nothing_in_doubt_is_wiped(tmp_path: Path) -> None:
    async def story() -> None:
        async with Night(tmp_path) as night:
            body = {"order": "ord_1", "fen": 2000}
            await night.journal.write(lambda w: w.mint("pay-1", Kind.CHARGE, "v-1", body))
            night.visit = "v-2"
            await night.at(23, 59)
            assert night.pad.ends == [], "a citizen is here"
            night.visit = ""
            await night.at(1, 0, day=1)
            assert night.pad.ends == [], "the end of the day would wipe what tells whether it was charged"
            assert (await night.journal.last(POSTPONED) or ("", {}))[1]["why"] == "a payment is not settled yet"
            await night.journal.move("pay-1", State.REFUSED)
            await night.at(1, 30, day=1)
            assert len(night.pad.ends) == 1
            assert [day for day, _ in night.city.told] == [DAY]

    run_virtual(story())


def test_a_pad_that_refuses_and_a_platform_that_is_away_are_tried_again_quietly(tmp_path: Path) -> None:
    async def story() -> None:
        async with Night(tmp_path) as night:
            night.pad.said = Refused("eod-not-possible", "", "77")
            await night.at(3, 0, day=1)
            assert len(night.pad.ends) > 5
            entries = await night.journal.entries(limit=5000)
            assert sum(e["kind"] == POSTPONED for e in entries) == 1
            night.pad.said, night.city.listed = None, None
            await night.at(4, 0, day=1)
            ends = len(night.pad.ends)
            await night.at(5, 0, day=1)
            assert len(night.pad.ends) == ends, "the batch is handed in once a day"
            night.city.listed = []
            await night.at(6, 0, day=1)
            assert [day for day, _ in night.city.told] == [DAY]

    run_virtual(story())


def test_days_missed_while_it_was_dark_are_compared_at_most_a_week_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with Night(tmp_path) as night:
            summary = {"day": "2026-11-01", "payments": 0, "journal_fen": 0, "pad_fen": 0, "differences": 0}
            await night.journal.note("", COMPARED, summary)
            await night.at(14)
            days = [day.day for day, _ in night.city.told]
            assert days == [13, 14, 15, 16, 17, 18, 19, 20]
            assert await night.journal.last(PAD_DAY_END) is not None

    run_virtual(story())


@pytest.mark.parametrize(
    ("here", "there", "agree"),
    [
        (State.DONE, "PAID", True),
        (State.DONE, "REFUNDED", False),
        (State.DONE, "CLOSED", False),
        (State.OWED, "PAID", True),
        (State.REFUNDING, "REFUNDED", True),
        (State.REVERSED, "REFUNDED", True),
        (State.REVERSED, "PAID", False),
        (State.REFUSED, "FAILED", True),
        (State.REFUSED, "PAID", False),
        (State.CLOSED, "PAID", False),
        (State.UNKNOWN, "UNKNOWN", True),
        (State.UNKNOWN, "PAID", False),
        (State.LAPSED, "PAID", False),
    ],
)
def test_which_states_agree(here: State, there: Any, agree: bool) -> None:
    intent = Intent("pay-1", Kind.QR, "v", here, {"order": "ord_1", "fen": 2000})
    found = compare(DAY, [intent], [listed(1, there)], pad_fen=None, batch_fen=0)
    assert (not found.differences) is agree
