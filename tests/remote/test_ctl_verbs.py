"""`kiosk ctl` at a whole terminal in virtual time: signing in, the pages as text, acts, and what is withheld."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from far_hall import OTHER, Afar
from pages_hall import AtPanel
from work_hall import play, visit, workshop

from kiosk.remote.discretion import must_be_told
from kiosk.remote.lines import Refused
from screens.screen import Screen
from screens.shot import Shot
from simulator.hall import Hall
from simulator.people import CITIZENS
from simulator.trade import APPLIED


def walk(folder: Path, story: Callable[[Afar], Awaitable[None]]) -> Hall:
    async def told(hall: Hall) -> None:
        me = Afar(hall)
        try:
            await story(me)
        finally:
            await me.over()

    return play(folder, told)


def test_looking_needs_no_code_acting_does_and_both_are_in_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.remote.verbs.SEEN_S", 60.0)

    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        for _ in range(5):
            told = await me.ask("status")
        assert (told["mode"], told["here"], told["page"]) == ("open", "nobody", "standby")
        assert set(told["devices"]) >= {"reader", "pad", "receipt-printer"}
        assert {"reader", "platform"} <= {s["id"] for s in (await me.ask("diagnose"))["sections"]}
        assert "24 小时" in (await me.ask("screen"))["text"]
        assert (await me.ask("screen"))["answers"] == []
        for verb in ("press", "type", "work", "capture", "restart-device", "drain", "close", "open", "sign-out"):
            assert (await me.no(verb)).code == "not-signed-in", verb
        assert (await me.no("trace", device="reader", switch="on")).code == "not-signed-in"
        assert (await me.no("shell")).code == "not-understood"
        assert (await me.no("logs", path="/etc/passwd")).code == "not-understood"
        assert "one of" in str(await me.no("trace", device="../../x"))
        await me.verbs.stranger(OTHER)
        seen = [(b["verb"], b["uid"], b["count"]) for b in me.record("remote.looked")]
        assert seen == [(v, 0, 1) for v in ("status", "diagnose", "screen", "trace", "logs")]
        await asyncio.sleep(61)
        await me.ask("status")
        assert me.record("remote.looked")[-1]["count"] == 5
        assert [b["uid"] for b in me.record("remote.stranger")] == [1000]
        assert me.acts() == []

    walk(tmp_path, story)


def test_codes_roles_and_users(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        assert (await me.no("sign-in", code=await me.code("field", "panel"))).code == "shut"
        assert (await me.no("sign-in", code="1234")).code == "shut"
        code = await me.code("field")
        assert (await me.ask("sign-in", code=code))["role"] == "field"
        assert (await me.no("sign-in", code=await me.code())).code == "busy"
        assert (await me.no("close", OTHER)).code == "not-signed-in"
        assert (await me.no("capture")).code == "not-allowed"
        assert (await me.no("press", key="back")).code == "refused"
        await me.ask("sign-out")
        assert "used" in str(await me.no("sign-in", code=code)) or "once" in str(await me.no("sign-in", code=code))
        assert me.acts() == [("look", "done", "done"), ("capture", "done", "refused")]
        assert [b["what"] for b in me.record("technician.session")] == ["opened", "closed"]
        assert code not in json.dumps(me.record("technician", "technician.session", "technician.door"))

    walk(tmp_path, story)


def test_acts_beside_citizens(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in()
        assert await me.ask("restart-device", device="reader") == {"said": "reader: online"}
        assert "device: one of" in str(await me.no("restart-device", device="teapot"))
        await me.ask("close", reason="cleaning")
        await asyncio.sleep(3)
        assert "正在清洁" in (await me.ask("screen"))["text"]
        assert (await me.ask("status"))["closed_by"] == "technician"
        assert await me.ask("open") == {"said": "open", "closed_by": ""}
        assert (await me.no("close", reason="lunch")).code == "not-understood"
        assert "nobody is here" in (await me.ask("drain", minutes=1))["said"]
        await me.ask("open")
        assert await me.ask("trace", device="reader", switch="on", minutes=1) == {"said": "reader: recorded for 1 min"}
        await asyncio.sleep(5)
        assert (await me.ask("status"))["recorded"] == ["reader"]
        lines = (await me.ask("trace", device="reader", lines=4))["lines"]
        assert len(lines) == 4
        assert all("id_card" in line for line in lines)
        await asyncio.sleep(60)
        assert (await me.ask("status"))["recorded"] == []
        assert (await me.ask("trace", device="reader"))["lines"]
        assert "nothing is recorded" in str(await me.no("trace", device="pad"))
        both = await asyncio.gather(*(me.ask("trace", device="pad", switch="on", minutes=n) for n in (1, 2)))
        assert sorted(str(each["said"]) for each in both)[0] == "pad: recorded already"
        await me.ask("trace", device="pad", switch="off")
        assert me.hall.life.workshop.tools.pad.tap is None
        done = [(act, outcome) for act, phase, outcome in me.acts() if phase == "end"]
        assert done == [
            ("restart-device", "done"), ("restart-device", "CannotDo"), ("close", "done"), ("open", "done"),
            ("drain", "done"), ("open", "done"), *[("trace", "done")] * 4,
        ]  # fmt: skip

    walk(tmp_path, story)


def test_the_technicians_pages_as_text_from_work_to_a_test_and_out(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in()
        page = await me.ask("work", language="en")
        assert page["page"] == "tech_readiness"
        assert "Maintenance" in page["text"]
        assert (await me.ask("screen", panel=True))["page"] == "maintenance"
        assert (await me.ask("screen", OTHER))["page"] == "maintenance"
        assert (await me.ask("status"))["here"] == "remote"
        await me.press("test", "pad")
        await asyncio.sleep(10)
        assert "passed" in (await me.ask("screen"))["title"]
        await me.press("home")
        await me.press("test", "screen")
        assert "at the panel itself" in (await me.press("record", "touch"))["text"]
        await me.press("home")
        refused = await me.no("press", key="shell")
        assert (refused.code, "section" in refused.remedy) == ("refused", True)
        assert "several" in str(await me.no("press", key="section"))
        await me.press("work")
        await me.press("refill")
        page = await me.press("record", "new-roll") if _can(await me.ask("screen"), "record", "new-roll") else page
        assert (await me.no("type", text="rm -rf /")).code == "refused"
        await me.press("home")
        await me.press("leave")
        assert (await me.press("rearm"))["page"] == ""
        assert (await me.ask("screen"))["page"] == "standby"
        assert (await me.ask("status"))["signed_in"] == "supervisor"
        await me.ask("sign-out")
        assert ("test/pad", "end", "done") in me.acts()
        assert [b["what"] for b in me.record("technician.session")] == ["opened", "opened", "closed", "closed"]
        assert len({b["who"] for b in me.record("technician.session")}) == 1

    walk(tmp_path, story)


def _can(page: dict[str, Any], key: str, value: str) -> bool:
    return any((each["key"], each["value"]) == (key, value) for each in page["answers"])


@pytest.mark.promise("P6")
def test_a_citizens_visit_is_told_to_nobody_and_ends_before_work_begins(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in()
        citizen = CITIZENS["citizen-09"]
        here = asyncio.create_task(visit(me.hall, APPLIED))
        told: list[str] = []
        withheld = 0
        work: asyncio.Task[dict[str, Any]] | None = None
        while not here.done():
            await asyncio.sleep(0.5)
            asked = await asyncio.gather(me.ask("screen"), me.ask("status"), return_exceptions=True)
            withheld += isinstance(asked[0], Refused) and asked[0].code == "withheld"
            told.append(
                json.dumps([repr(each) if isinstance(each, Refused) else each for each in asked], ensure_ascii=False)
            )
            if withheld == 3:
                assert "visit is under way" in str(await me.no("restart-device", device="reader"))
                gone = asyncio.create_task(me.ask("work"))
                await asyncio.sleep(1)
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
            if withheld == 6 and work is None:
                work = asyncio.create_task(me.ask("work"))
            assert work is None or here.done() or not work.done()
        assert withheld > 10
        said = "".join(told)
        assert '"home"' in said
        assert citizen.name not in said
        assert citizen.number not in said
        assert work is not None
        assert (await work)["page"] == "tech_readiness"
        assert (await here).finished

    walk(tmp_path, story)


def test_a_drain_waits_for_the_visit_and_who_goes_away_leaves_it_closed(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in("field")
        me.hall.life.reply("start")
        await asyncio.sleep(2)
        assert "after 1 min a visit is under way" in str(await me.no("drain", minutes=1))
        gone = asyncio.create_task(me.ask("drain"))
        await asyncio.sleep(2)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert ("drain", "end", "stopped") in me.acts()
        drained = asyncio.create_task(me.ask("drain"))
        await asyncio.sleep(2)
        assert not drained.done()
        me.hall.life.reply("leave")
        assert "nobody is here" in (await drained)["said"]
        assert (await me.ask("status"))["closed_by"] == "technician"

    walk(tmp_path, story)


@pytest.mark.parametrize("page", ["tech_door", "tech_code", "tech_pin", "pin_entry"])
def test_nobody_far_away_reads_along_while_a_supervisor_countersigns(page: str) -> None:
    """The session at the panel is open meanwhile, and what is typed of a code stands on the page."""
    at_work = SimpleNamespace(visit_id="t-1", technician=SimpleNamespace(session=object()))
    with pytest.raises(Refused) as refused:
        must_be_told(at_work, Screen(page, "", ()))  # type: ignore[arg-type]  # all that is asked of a terminal
    assert refused.value.code == "withheld"


def test_one_at_a_time_with_the_panel_and_silence_ends_it(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        at = AtPanel(me.hall)
        await me.sign_in()
        await at.page("standby")
        await at.gesture()
        await at.page("tech_door")
        assert (await me.no("screen")).code == "withheld"
        at.lay("technician")
        await at.pin("402693")
        at.lift()
        await at.page("tech_readiness")
        assert (await me.ask("screen"))["page"] == "tech_readiness"
        assert (await me.no("close")).code == "busy"
        assert (await me.no("work")).code == "busy"
        await me.ask("sign-out")
        assert (await me.no("sign-in", code=await me.code())).code == "busy"
        await at.leave()
        gate = at.hall.life.workshop.terminal.technician.gate
        rules = gate.settings.technician.model_copy(update={"idle_s": 50.0})
        gate.settings = gate.settings.model_copy(update={"technician": rules})
        await me.sign_in()
        assert (await me.ask("work"))["page"] == "tech_readiness"
        await asyncio.sleep(60)
        assert me.signed.far is None
        await asyncio.sleep(55)
        assert (await me.ask("status"))["signed_in"] == ""
        assert (await me.ask("screen"))["page"] == "standby"
        assert [b["why"] for b in me.record("technician.session") if b["what"] == "closed"][-2:] == [
            "timeout",
            "timeout",
        ]

    walk(tmp_path, story)


def test_a_picture_is_taken_once_judged_twice_and_of_no_citizen(tmp_path: Path) -> None:
    pygame = pytest.importorskip("pygame")

    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        standby = me.panel.screen
        taken: list[Future[Shot]] = []

        def ask() -> Future[Shot]:
            taken.append(Future())
            taken[-1].set_result(Shot(standby, pygame.Surface((40, 60))))
            return taken[-1]

        me.panel.shots.ask = ask
        await me.sign_in()
        told = await me.ask("capture")
        assert len(told["png"]) > 50
        assert len(told["sha256"]) == 64
        assert any(b["figures"].get("sha256") == told["sha256"] for b in me.record("technician"))
        here = asyncio.create_task(visit(me.hall, APPLIED))
        while not workshop(me.hall).terminal.knows_somebody:
            await asyncio.sleep(0.2)
        before = len(taken)
        assert (await me.no("capture")).code == "withheld"
        assert len(taken) == before
        await here

    walk(tmp_path, story)
