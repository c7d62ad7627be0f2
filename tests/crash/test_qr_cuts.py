"""Power goes before and after every journal write of a visit paid by phone, and while it is recovered.

Where it goes a second time, or the service is slow, at every other write, the others the next day (`--dense`: at all).
The platform, the payers and their phones live on. Their ledger, the cases and the journal must agree afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
import requests

from config.load import load_settings
from drivers.outcome import Done
from kiosk.clock import WEIHAI, Clock
from kiosk.duties.fulfilment import Submissions
from kiosk.duties.outbox import Outbox
from kiosk.duties.reports import Reports
from kiosk.journal import Journal, verify_file
from kiosk.keys import MachineKey
from kiosk.money.charging import Money, new_id
from kiosk.money.qr_payment import QrPayments
from kiosk.money.refunds import Refunds
from kiosk.platform.client import Platform
from kiosk.recovery import Settler
from simulator.people import CITIZENS
from simulator.platform.app import create_app
from simulator.platform.inprocess import InProcessAdapter
from simulator.virtual_time import run_virtual

pytestmark = [pytest.mark.promise(name) for name in ("P1", "P2", "P4", "P8", "P9")]
FEE_FEN = 2000
EPOCH = 1_795_000_000.0
URL = "http://platform.test"
WHO = CITIZENS["citizen-02"]
Method = Literal["shown", "scanned"]


class PowerCut(BaseException):
    """The process is gone; nothing may catch this but the test."""


class Line(InProcessAdapter):
    """The terminal's line to the platform; without power nothing crosses it."""

    powered = True

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if not self.powered:
            raise requests.ConnectionError("no power", request=request)
        response = super().send(request, *args, **kwargs)
        if not self.powered:
            raise requests.ConnectionError("no power", request=request)
        return response


class Town:
    """What outlives the terminal's process."""

    def __init__(self, folder: Path, method: Method, **knobs: Any) -> None:
        self.folder, self.method = folder, method
        loop = asyncio.get_running_loop()
        self._now = lambda: EPOCH + loop.time()
        self.app = create_app(clock=lambda: datetime.fromtimestamp(self._now(), WEIHAI))
        self.line = Line(self.app)
        self.tasks: list[asyncio.Task[Any]] = []
        self.knobs = knobs

    def at_desk(self, method: str, path: str, **body: Any) -> Any:
        """The simulator's desk."""
        session = requests.Session()
        session.mount(URL, InProcessAdapter(self.app))
        reply = session.request(method, f"{URL}/sim/{path}", json=body or None, timeout=5)
        return reply.json() if reply.ok else None

    async def desk(self, method: str, path: str, **body: Any) -> Any:
        return await asyncio.to_thread(self.at_desk, method, path, **body)

    async def life(self, *, cut_at: int | None, visit: bool) -> bool:
        """One life of the process: settle what is open, perhaps serve one visit; true when power was cut."""
        self.line.powered = True
        clock = Clock(self._now())
        journal = Journal(self.folder / "journal.db", clock)
        assert (await journal.open()).broken == ""
        session = requests.Session()
        session.mount(URL, self.line)
        settings = load_settings("simulated").platform.model_copy(update={"url": URL})
        platform = Platform(settings, "WH-HC-0003", session=session, now=clock.now)
        outbox = Outbox(journal, MachineKey.load(self.folder / "machine.key"))
        refunds = Refunds(journal, platform, clock.monotonic)
        money = Money(journal, outbox, SimpleNamespace(holds=False), refunds)  # type: ignore[arg-type]  # never asked
        qr = QrPayments(journal, platform, clock)
        submissions = Submissions(journal, outbox, platform)
        Reports(outbox, platform, journal)
        current = [""]
        settler = Settler(journal, money, SimpleNamespace(), lambda: current[0], qr, refunds)  # type: ignore[arg-type]  # prints nothing
        dead = asyncio.Event()
        loop = asyncio.get_running_loop()
        writes = count(1)

        def hook(_: str) -> None:
            if cut_at is not None and next(writes) >= cut_at:
                self.line.powered = False
                loop.call_soon_threadsafe(dead.set)
                raise PowerCut

        journal.hook = hook

        async def main() -> None:
            if visit:
                current[0] = "v-1"
                await self._visit(platform, qr, money, submissions)
                current[0] = ""
                settler.poke()
            async with asyncio.timeout(4000):
                while await journal.open_intents() or await journal.rows():
                    await asyncio.sleep(1)

        work = asyncio.ensure_future(main())
        tasks = [asyncio.ensure_future(each) for each in (outbox.run(), settler.run(), dead.wait())]
        await asyncio.wait({work, tasks[-1]}, return_when=asyncio.FIRST_COMPLETED)
        cut = not self.line.powered
        if not cut:
            work.result()
        for task in (work, *tasks):
            task.cancel()
            with suppress(asyncio.CancelledError, PowerCut, Exception):
                await task
        journal.hook = None
        await journal.close()
        await platform.close()
        return cut

    async def _visit(self, platform: Platform, qr: QrPayments, money: Money, submissions: Submissions) -> None:
        """Prove, pay by phone, hand in: as the journey does."""
        session = await platform.open_session(new_id("ses"))
        consents = [await platform.consent(session, new_id("cns"), "service", ["card", "share"], "2026-11")]
        card = (WHO.name, WHO.number, "resident", WHO.valid_to)
        await platform.prove_card(session, new_id("prf"), *card, service="WH-PS-001")
        consents.append(await platform.consent(session, new_id("cns"), "face", ["face"], "2026-11"))
        await platform.prove_face(session, new_id("prf"), 0.6, "pass", "sface-1", consents[-1])
        if self.knobs:
            await self.desk("POST", "provider", **self.knobs)
        intent = new_id("qrp")
        order = await platform.create_order(session, "WH-PS-001", intent)
        if self.method == "shown":
            outcome = await qr.show(
                "v-1", intent, order, on_offer=self._phone, on_paying=lambda: None, cancel=asyncio.Event()
            )
        else:
            code = (await self.desk("POST", "phone/code", provider="wechat"))["code"]
            outcome = await qr.scan("v-1", intent, order, "wechat", code, on_paying=lambda: None)
        if not isinstance(outcome, Done):
            return
        body = {
            "session": session, "service": "WH-PS-001", "order": order.id, "consents": consents,
            "form": {"phone": WHO.phone, "receive_mode": "pickup", "region_reg": "371002"},
            "reviewed_digest": "a" * 64,
            "submitted_at": datetime.fromtimestamp(self._now(), WEIHAI).isoformat("T", "seconds"),
        }  # fmt: skip
        handed = await submissions.submit("v-1", new_id("sub"), body, charge=intent, wait_s=5)
        if not isinstance(handed, Done):
            await money.give_back(intent)

    def _phone(self, offer: Any) -> None:
        """The citizen's phone scans what the screen shows, three seconds later, power or not."""

        async def pay() -> None:
            await asyncio.sleep(3)
            await self.desk("POST", "phone/pay", code=offer.code)

        self.tasks.append(asyncio.ensure_future(pay()))


async def agree(town: Town, where: str) -> tuple[int, int]:
    """The promises, against the truth outside the terminal."""
    ledger, cases = await town.desk("GET", "payers"), await town.desk("GET", "cases")
    paid = int(ledger["paid_fen"])
    assert (paid, len(cases)) in {(FEE_FEN, 1), (0, 0)}, f"{where}: paid {paid} fen, {len(cases)} cases"
    assert len([e for e in ledger["items"] if e["kind"] == "payment"]) <= 1, where
    assert verify_file(town.folder / "journal.db").broken == "", where
    return paid, len(cases)


async def sweep(
    folder: Path, method: Method, second_cut: int | None, points: Iterable[int], **knobs: Any
) -> tuple[int, set[tuple[int, int]]]:
    """Cut at these points of the first life, perhaps the second too; how many points it has, and how it ended."""
    ends = set()
    for point in points:
        here = folder / f"{point}"
        here.mkdir()
        town = Town(here, method, **knobs)
        cut = await town.life(cut_at=point, visit=True)
        if cut:
            await asyncio.sleep(20)
            if second_cut is not None and await town.life(cut_at=second_cut, visit=False):
                await asyncio.sleep(5)
            assert not await town.life(cut_at=None, visit=False)
        await asyncio.gather(*town.tasks)
        ends.add(await agree(town, f"{method}, cut at {point}, then {second_cut}"))
        town.app.state.city.store.close()
        if not cut:
            return point - 1, ends
    raise AssertionError("the sweep does not end")


@pytest.fixture
def half(request: pytest.FixtureRequest) -> Iterable[int]:
    """Every other point without end, those that were left out the next day."""
    return count(1) if request.config.option.dense else count(1 + request.config.option.day % 2, 2)


@pytest.mark.parametrize("second_cut", [None, 2])
@pytest.mark.parametrize("method", ["shown", "scanned"])
def test_every_write_of_a_visit_paid_by_phone(
    tmp_path: Path, method: Method, second_cut: int | None, half: Iterable[int]
) -> None:
    points, ends = run_virtual(sweep(tmp_path, method, second_cut, count(1) if second_cut is None else half))
    assert points >= 10, points
    assert ends == {(FEE_FEN, 1), (0, 0)}


@pytest.mark.parametrize(
    "knobs", [{"paying_s": 12}, {"unknown_s": 40}, {"reversal_slow_s": 90, "never_pays": True}, {"refund_slow_s": 200}]
)
def test_every_write_with_a_slow_or_silent_service(tmp_path: Path, knobs: dict[str, Any], half: Iterable[int]) -> None:
    points, _ = run_virtual(sweep(tmp_path, "scanned", None, half, **knobs))
    assert points >= 10, points
