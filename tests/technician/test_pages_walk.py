"""A technician at the panel, from the gesture back to service: every finger goes through the real stage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pages_hall import FIELD_PIN, SUPERVISOR_PIN, AtPanel
from work_hall import PAD, RECEIPTS, play, states, visit

from config.texts import LANGUAGES, texts
from kiosk.diagnostics.sections import NAMES
from kiosk.events import Who, events
from kiosk.intents import Kind, State
from kiosk.technician.device_tests.panel import grid
from kiosk.technician.roles import ROLES
from kiosk.technician.showing_pages import WARNED_S, typed
from kiosk.technician.showing_readiness import DRAWINGS, ICONS
from kiosk.technician.showing_supplies import KINDS
from kiosk.technician.showing_work import LINES
from kiosk.technician.work.closing import REASONS as CLOSINGS
from kiosk.technician.work.forms import WHYS
from kiosk.technician.work.left_behind import KEPT, RECEIVERS, SPOTS, THINGS
from kiosk.technician.work.open_acts import EVIDENCE
from kiosk.technician.work.profile_check import What
from kiosk.technician.work.reissue import REASONS as REISSUES
from screens.marks import Rect
from screens.models.technician import WorkField
from screens.screen import Cross, Picture, Rows
from screens.whole import cell_rect
from simulator.hall import Hall
from simulator.people import CITIZENS
from simulator.trade import PRINTED, Trade


async def sign(me: AtPanel) -> None:
    """Another person, a supervisor, lays their card and types their PIN."""
    await me.page("tech_door")
    me.lay("supervisor")
    await me.pin(SUPERVISOR_PIN)
    me.lift()
    await me.page("tech_outcome")


def test_gesture_card_pin_overview_details_test_and_back_to_citizens(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        await me.come_in()
        assert "一切正常" in me.text
        await me.press("language", "en")
        assert "All is well" in me.text
        await me.press("mode", "low")
        assert (me.screen.mode, me.screen.language) == ("low", "en")
        await me.press("section", "reader")
        await me.page("tech_section")
        await me.press("test", "reader")
        await me.page("tech_running")
        await me.press("stop")
        stopped = await me.page("tech_done")
        assert "not decided" in stopped.title
        await me.press("again")
        await me.page("tech_running")
        me.lay("citizen-01")
        await asyncio.sleep(4)
        me.lift()
        done = await me.page("tech_done")
        citizen = CITIZENS["citizen-01"]
        private = [row for block in done.blocks if isinstance(block, Rows) for row in block.rows if row.private]
        assert len(private) > 5
        said = repr(done) + json.dumps(me.record("device-test"), ensure_ascii=False) + repr(me.acts())
        assert citizen.name not in said
        assert citizen.number not in said
        assert all(row.value not in me.text for row in private if len(row.value) > 3)
        await me.press("home")
        await me.page("tech_readiness")
        await me.leave()
        assert me.acts() == 2 * [("test/reader", "begin", ""), ("test/reader", "end", "done")]
        assert [(body["what"], body.get("why", "")) for body in me.record("technician.session")] == [
            ("opened", ""),
            ("closed", "left"),
        ]
        assert hall.life.visit == ""

    play(tmp_path, story)


def test_a_jam_is_the_first_line_its_test_fails_with_the_cause_and_mended_it_is_well(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        hall.do(RECEIPTS, "paper_jam")
        await asyncio.sleep(15)
        first = await me.come_in()
        assert first.title == "凭条卡在出纸口后面"
        assert first.subtitle, "what to do stands under it"
        await me.press("section", "receipt-printer")
        detail = await me.page("tech_section")
        assert [b.kind for b in detail.blocks if isinstance(b, Picture)] == ["paper-path"]
        await me.press("test", "receipt-printer")
        await me.page("tech_done")
        assert "没有通过" in me.text
        hall.do(RECEIPTS, "clear_fault")
        await asyncio.sleep(15)
        await me.press("again")
        await me.page("tech_question")
        await me.press("no")
        await me.page("tech_done")
        assert "没有通过" in me.text
        await me.press("again")
        await me.page("tech_question")
        await me.press("yes")
        await me.page("tech_done")
        assert "通过" in me.text
        await me.press("section", "receipt-printer")
        await me.page("tech_section")
        await me.press("restart-device")
        await me.page("tech_form")
        await me.press("do")
        await me.page("tech_outcome")
        assert "已重新启动" in me.text
        await me.press("home")
        assert "一切正常" in (await me.page("tech_readiness")).title
        await me.leave()
        outcomes = [body["outcome"] for body in me.record("device-test") if body["step"] == "end"]
        assert outcomes == ["fail", "fail", "pass"]

    play(tmp_path, story)


class Hasty(Trade):
    """A hall whose sessions end soon."""

    @property
    def settings(self) -> Mapping[str, Any]:
        return {**super().settings, "technician.idle_s": 60.0}


def test_silence_is_asked_about_and_gives_the_terminal_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        await me.come_in()
        await me.page("tech_idle", within_s=400)
        await me.press("continue")
        await me.page("tech_readiness")
        await me.press("work")
        await me.page("tech_work")
        await me.page("tech_idle", within_s=400)
        await me.page("standby", within_s=WARNED_S + 10)
        assert me.record("technician.session")[-1]["why"] == "timeout"
        assert hall.life.visit == ""

    play(tmp_path, story, Hasty())


def test_the_glass_is_wiped_looked_at_and_a_dead_stripe_is_found(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        panel = hall.life.workshop.tools.settings.window.panel.panel()
        columns, rows = grid(panel)
        await me.come_in()

        async def touch(*, dead: frozenset[int] = frozenset()) -> str:
            await me.press("test", "screen")
            await me.page("tech_list")
            await me.press("record", "touch")
            for _ in range(5):
                cross = await me.page("tech_cross")
                x, y = next((b.x, b.y) for b in cross.blocks if isinstance(b, Cross))
                me.panel.finger(x, y)
                await asyncio.sleep(0.5)
            await me.page("tech_touch")
            whole = me.panel.size
            for cell in range(columns * rows):
                if cell not in dead:
                    me.panel.finger(*cell_rect(cell, columns, rows, Rect(0, 0, *whole)).centre)
                    await asyncio.sleep(0.05)
            await me.page("tech_done")
            text = me.text
            await me.press("home")
            await me.page("tech_readiness")
            return text

        assert "没有通过" not in await touch()
        assert "没有通过" in await touch(dead=frozenset(range(columns)))
        await me.press("test", "screen")
        await me.page("tech_list")
        await me.press("record", "pixels")
        for _ in range(6):
            await me.page("tech_pixels")
            me.panel.finger(500, 900)
            await asyncio.sleep(0.5)
        await me.page("tech_question")
        await me.press("yes")
        await me.page("tech_done")

    play(tmp_path, story)


def test_a_day_of_work_is_on_record_and_supervisors_acts_are_not_for_the_field(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        await me.come_in()

        async def work(key: str) -> None:
            await me.press("work")
            await me.page("tech_work")
            await me.press(key)

        async def home() -> None:
            await me.press("home")
            await me.page("tech_readiness")

        await work("refill")
        await me.page("tech_list")
        await me.press("record", "roll")
        await me.page("tech_form")
        await me.press("choose:whole", "no")
        await me.type("45")
        await me.press("do")
        await me.page("tech_outcome")
        assert "45 m" in me.text
        await home()

        await work("close")
        await me.page("tech_form")
        await me.press("choose:reason", "repair")
        await me.press("do")
        await me.page("tech_outcome")
        await me.press("back")
        await me.page("tech_work")
        await me.press("open")
        await me.page("tech_outcome")
        await home()

        await work("forgotten")
        await me.page("tech_list")
        await me.press("found")
        await me.page("tech_form")
        for field, value in (("kind", "id-card"), ("spot", "desk"), ("kept", "counter")):
            await me.press(f"choose:{field}", value)
        await me.press("do")
        await me.page("tech_outcome")
        await home()

        await work("forms-count")
        await me.page("tech_list")
        await me.press("record")
        await me.page("tech_list")
        await me.press("load")
        await me.page("tech_form")
        for field, value in (("first", "000101"), ("last", "000110"), ("count", "10")):
            await me.press("focus", field)
            await me.type(value)
        await me.press("do")
        await sign(me)
        assert "10" in me.text
        await me.press("back")
        await me.page("tech_list")
        assert "10" in me.text
        await me.press("record")
        await me.press("take-out")
        await me.page("tech_form")
        for field, value in (("first", "000103"), ("last", "000104")):
            await me.press("focus", field)
            await me.type(value)
        await me.press("choose:why", "damaged")
        await me.press("do")
        await sign(me)
        assert "2" in me.text
        await me.press("back")
        await me.page("tech_list")
        assert "8" in me.text
        await me.press("record")
        await me.press("count")
        await me.page("tech_form")
        await me.type("0")
        await me.press("choose:why", "not-found")
        await me.press("do")
        await sign(me)
        assert "000110" in me.text
        await home()

        for key in ("intents", "profile-check", "audit"):
            await work(key)
            await me.page("tech_list")
            await home()
        for key in ("bundle",):
            await work(key)
            await me.page("tech_form")
            await me.press("do")
            await me.page("tech_outcome")
            await home()
        await me.press("report")
        await me.page("tech_outcome")
        await home()
        await me.leave()
        done = {act for act, phase, outcome in me.acts() if phase == "end" and outcome == "done"}
        assert done == {"refill", "close", "open", "forgotten", "forms-count", "profile-check", "bundle", "report"}

    play(tmp_path, story)


def test_keypads_take_no_more_and_nothing_else_than_they_show() -> None:
    number = WorkField("count", "张数", most=3)
    assert typed("12", "3", number) == "123"
    assert typed("123", "4", number) == "123"
    assert [typed("1", key, number) for key in ("x", ".", "12", "", "٣", "\n")] == ["1"] * 6
    assert typed("1", ".", WorkField("amount", "金额", keypad="money")) == "1."
    assert typed("12", "backspace", number) == "1"
    assert typed("12", "clear", number) == ""


async def pay_and_lose_the_pad(hall: Hall) -> None:
    """The moment the bank has the money the pad is dead, and stays so."""

    async def pull() -> None:
        while not any(entry.moved_fen for entry in hall.bank):
            await asyncio.sleep(0.02)
        await hall.devices[PAD].unplug()

    hall.do(PAD, "keep_on_loss")
    hall.do(PAD, "lose_answer", when="before_status")
    pulled = asyncio.create_task(pull())
    await visit(hall)
    await pulled


@pytest.mark.promise("P8")
def test_a_supervisor_settles_by_the_slip_and_the_field_may_only_ask(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await pay_and_lose_the_pad(hall)
        me = AtPanel(hall)

        async def to_the_act(card: str, pin: str) -> None:
            await me.come_in(card, pin)
            await me.press("work")
            await me.page("tech_work")
            await me.press("intents")
            await me.page("tech_list")
            await me.press("record")
            await me.page("tech_list")

        await to_the_act("technician", FIELD_PIN)
        assert "付款 " in me.screen.title
        settle = next(spot for spot in me.panel.spots() if spot.key == "settle")
        assert not settle.enabled
        await me.press("ask")
        await me.page("tech_outcome")
        assert "还是不知道" in me.text
        await me.press("home")
        await me.page("tech_readiness")
        await me.leave()

        await to_the_act("supervisor", SUPERVISOR_PIN)
        await me.press("settle")
        await me.page("tech_form")
        await me.press("choose:evidence", "slip-approved")
        entry = next(entry for entry in hall.bank if entry.moved_fen)
        typed_in = (
            ("receipt-no", entry.receipt_no),
            ("trace", entry.trace),
            ("amount", f"{entry.moved_fen / 100:.2f}"),
        )
        for field, value in typed_in:
            await me.press("focus", field)
            await me.type(value)
        await me.press("do")
        await me.page("tech_outcome")
        assert "已按看到的记下" in me.text
        await me.press("home")
        await me.page("tech_readiness")
        await me.leave()
        assert ("intent-settle", "end", "done") in me.acts()
        assert states(hall, "charge") != [State.UNKNOWN]

    play(tmp_path, story)


@pytest.mark.promise("P3")
def test_a_supervisor_reissues_a_certificate_with_a_reason(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await visit(hall, PRINTED)
        me = AtPanel(hall)
        await me.come_in("supervisor", SUPERVISOR_PIN)
        await me.press("work")
        await me.page("tech_work")
        await me.press("reissue")
        await me.page("tech_list")
        await me.press("record")
        await me.page("tech_form")
        await me.press("choose:reason", "damaged")
        await me.press("do")
        await me.page("tech_outcome")
        assert "已作废" in me.text
        await me.press("home")
        await me.page("tech_readiness")
        await me.leave()
        assert len(states(hall, "print")) == 2

    play(tmp_path, story, Trade(forms=True))


def test_every_word_that_an_act_needs_is_there_in_every_language() -> None:
    """Keys that are put together: a missing one would be said as `other`, or end the session."""
    wanted = {
        "tech.closed-by": ("office", "technician", "both"),
        "tech.kind": tuple(Kind),
        "tech.evidence": {each for group in EVIDENCE.values() for each in group},
        "tech.fact": (
            "amount", "receipt-no", "trace", "last-receipt-before", "order", "provider", "service", "job", "pages",
            "forms", "cause", "same-visit",
        ),
        "tech.matters": ("ask-pad", "ask-platform", "ask-printer"),
        "tech.refill": (*KINDS, *(f"{kind}-how" for kind in KINDS), *(f"{kind}-note" for kind in KINDS)),
        "tech.forms.why": WHYS,
        "tech.left.thing": THINGS,
        "tech.left.spot": SPOTS,
        "tech.left.kept": KEPT,
        "tech.left.receiver": RECEIVERS,
        "tech.closing.reason": CLOSINGS,
        "tech.reissue.reason": REISSUES,
        "tech.profile": get_args(What),
        "tech.role": ROLES,
        "tech.work.line": [key for key, _ in LINES],
        "tech.work.note": [key for key, _ in LINES],
        "tech.who": get_args(Who),
        "tech.done": ("pass", "fail", "unknown"),
        "tech.burn": ("pass", "fail", "unknown", "todo", "running"),
    }  # fmt: skip
    for language in LANGUAGES:
        keys = texts(language).keys
        missing = {f"{group}.{name}" for group, names in wanted.items() for name in names} - keys
        assert missing == set(), language
    assert set(ICONS) == set(NAMES)
    assert {end for kinds in DRAWINGS for end in [kinds]} <= {id_.rpartition(".")[2] for id_ in events()} | {"several"}
