"""Whole visits under virtual time: what the citizen sees, the city has, the bank took, the paper says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from citizens_hall import Hall

from drivers.outcome import Refused, Unknown
from kiosk.journal import JournalError, verify_file
from kiosk.platform.errors import Problem
from screens.screen import Money, Rows, Screen
from screens.text import as_text
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]


def play(folder: Path, story: Story) -> Hall:
    """Run one story in a fresh hall; afterwards nobody's data may be on the disk (P6)."""
    halls = []

    async def told() -> None:
        async with Hall(folder) as hall:
            halls.append(hall)
            await story(hall)

    run_virtual(told())
    left = b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())
    for citizen in CITIZENS.values():
        for personal in (citizen.name, citizen.number, citizen.phone, citizen.address, citizen.pan):
            assert personal.encode() not in left, f"{citizen.key}: personal data left in {folder}"
    assert verify_file(folder / "journal.db").broken == ""
    return halls[0]


async def kinds(hall: Hall) -> list[str]:
    """The kinds of all journal entries, oldest first."""
    return [e["kind"] for e in await hall.journal.entries(limit=5000)]


@pytest.mark.promise("P3")
@pytest.mark.promise("P6")
def test_a_certificate_from_card_to_paper(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("choose:kinds", "pension")
        await hall.press("next")
        await hall.page("review")
        await hall.press("confirm")
        await hall.page("finish")
        await hall.press("rate", "4")
        await hall.goodbye()
        assert len(hall.licences.pages) == 1
        assert hall.licences.pages[0].startswith(b"%PDF")
        assert [p["state"] for p in await hall.sim("prints")] == ["PRINTED"]
        assert [e["satisfaction"] for e in await hall.sim("evaluations")] == [4]
        seen = await kinds(hall)
        assert seen.index("print.minted") < seen.index("print.authorised") < seen.index("print.sent")
        assert seen.index("print.sent") < seen.index("print.done")
        told = await hall.sim("events")
        assert (told[0]["kind"], told[-1]["kind"]) == ("visit.opened", "visit.closed")
        assert len({event["id"] for event in told}) == len(told)

    hall = play(tmp_path, story)
    assert hall.display.wipes == 1
    assert hall.camera.wiped >= 1


FEE = {
    "en": ("ID card renewal fee", "NDRC Pricing [2003] No. 2322", [("Paid to", "Weihai Public Security Bureau")]),
    "ko": ("신분증 갱신 수수료", "발개가격[2003] 제2322호", [("받는 곳", "웨이하이시 공안국")]),
}
RECEIVED = {
    "zh": ("领取方式", "窗口自取"),
    "en": ("How to receive it", "Free courier to your home"),
    "ko": ("수령 방법", "무료 택배"),
}


def told_of_fee(review: Screen) -> tuple[str, str, list[tuple[str, str]]]:
    """What it is for, by which rule, and the lines under the amount."""
    at, money = next((n, block) for n, block in enumerate(review.blocks) if isinstance(block, Money))
    under = review.blocks[at + 1]
    assert isinstance(under, Rows)
    return money.title, money.basis, [(row.label, row.value) for row in under.rows]


@pytest.mark.promise("P1")
@pytest.mark.promise("P4")
@pytest.mark.parametrize("language", ["zh", "en", "ko"])
def test_a_renewal_is_paid_handed_in_and_receipted_once(tmp_path: Path, language: str) -> None:
    async def story(hall: Hall) -> None:
        await hall.page("standby")
        if language != "zh":
            await hall.press("start")
            await hall.page("home")
            await hall.press("language", language)
            assert hall.display.screen is not None
            assert hall.display.screen.language == language
            await hall.press("service", "WH-PS-001")
            await hall.page("guide")
            await hall.press("start")
            await hall.page("consent")
            await hall.press("agree")
            await hall.page("place_card")
            hall.reader_there.do("present", card="citizen-02")
            await hall.page("consent")
            await hall.press("agree")
            review = await hall.filled("WH-PS-001", phone="19906311074", receive_mode="courier")
            assert told_of_fee(review) == FEE[language]
            assert "人像照片" not in as_text(review), "the library's own name of a kind"
            await hall.press("confirm")
            await hall.page("pay")
        else:
            await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        finish = await hall.page("finish")
        assert finish.language == language
        rows = [(row.label, row.value) for block in finish.blocks if isinstance(block, Rows) for row in block.rows]
        assert RECEIVED[language] in rows, "how it comes is said again at the end"
        await hall.goodbye()
        assert hall.paid_fen() == 2000
        assert len(await hall.sim("cases")) == 1
        assert [o["state"] for o in await hall.sim("orders")] == ["PAID"]
        assert await hall.journal.open_intents() == []
        _, text = hall.receipts_there.artefact("receipt-1.txt")
        paper = text.decode()
        assert ("受理回执" if language == "zh" else "Receipt of acceptance") in paper
        assert "模拟" in paper
        assert CITIZENS["citizen-02"].number not in paper

    play(tmp_path, story)


def test_changing_language_in_mid_form_loses_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("form")
        await hall.type("1990631")
        await hall.press("choose:receive_mode", "pickup")
        before = await hall.page("form")
        await hall.press("language", "en")
        after = await hall.page("form")
        assert (before.language, after.language) == ("zh", "en")
        await hall.type("10")
        await hall.press("language", "ko")
        assert (await hall.page("form")).language == "ko"
        await hall.type("74")
        await hall.press("next")
        await hall.page("review")
        await hall.press("edit")
        await hall.page("form")
        await hall.press("next")
        await hall.page("review")
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")

    hall = play(tmp_path, story)
    assert hall.paid_fen() == 0


def test_a_wrong_phone_number_is_told_at_the_field(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("form")
        await hall.type("199")
        await hall.press("next")
        form = await hall.page("form")
        assert any(getattr(b, "error", "") for b in form.blocks)
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")

    play(tmp_path, story)


@pytest.mark.promise("P6")
@pytest.mark.parametrize("at", ["home", "guide", "consent", "place_card", "form", "review", "finish"])
def test_a_citizen_who_walks_away_is_asked_and_then_forgotten(tmp_path: Path, at: str) -> None:
    async def story(hall: Hall) -> None:
        await hall.page("standby")
        await hall.press("start")
        steps: list[tuple[str, str, str]] = [
            ("home", "service", "WH-SI-001"),
            ("guide", "start", ""),
            ("consent", "agree", ""),
            ("place_card", "", ""),
            ("form", "choose:kinds", "all"),
            ("review", "confirm", ""),
            ("finish", "", ""),
        ]
        for page, key, value in steps:
            await hall.page(page)
            if page == at:
                break
            if page == "place_card":
                hall.reader_there.do("present", card="citizen-11")
            else:
                await hall.press(key, value)
            if page == "form":
                await hall.press("next")
        await hall.page("still_there", within_s=200)
        hall.lift()
        await hall.page("standby", within_s=200)
        assert "visit.closed" in await kinds(hall)

    assert play(tmp_path, story).display.wipes == 1


@pytest.mark.promise("P5")
def test_a_card_left_behind_is_announced_and_recorded(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("leave")
        await hall.page("leave")
        await hall.page("standby", within_s=120)
        closed = [e for e in await hall.journal.entries(limit=999) if e["kind"] == "visit.closed"]
        assert '"left":"card"' in closed[-1]["body"]

    play(tmp_path, story)


def test_an_ended_card_serves_only_its_own_renewal(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001", "citizen-04")
        told = await hall.page("not_done")
        assert "有效期" in str(told)
        await hall.goodbye()
        await hall.renewal_to_pay("citizen-04")
        await hall.press("cancel")
        await hall.page("not_done")
        await hall.goodbye()

    hall = play(tmp_path, story)
    assert hall.paid_fen() == 0


@pytest.mark.promise("P2")
def test_declined_then_another_card_is_one_charge(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.renewal_to_pay()
        hall.pad_there.do("decline", code="05")
        told = await hall.page("not_done")
        assert "不会扣款" in str(told)
        await hall.press("again")
        await hall.page("pay")
        hall.pad_there.do("tap", card="citizen-03")
        await hall.page("finish")
        await hall.goodbye()
        assert hall.paid_fen() == 2000
        assert len(await hall.sim("cases")) == 1

    play(tmp_path, story)


@pytest.mark.promise("P1")
def test_a_refused_application_gives_the_money_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.renewal_to_pay()

        async def refuse(*_: object, **__: object) -> None:
            raise Problem("duplicate-application", 409, retryable=False)

        hall.platform.applying.submit = refuse  # type: ignore[assignment,method-assign]
        hall.pad_there.do("tap", card="citizen-02")
        told = await hall.page("not_done")
        assert "退" in str(told)
        await hall.goodbye()
        assert hall.paid_fen() == 0
        assert await hall.sim("cases") == []

    play(tmp_path, story)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("fault", [{"down": True}, {"drop_reply_after_commit": True}, {"status": 503}, {"half": True}])
def test_a_network_gone_at_submit_is_accepted_later_once(tmp_path: Path, fault: dict[str, object]) -> None:
    async def story(hall: Hall) -> None:
        await hall.renewal_to_pay()
        await hall.fault(**fault, area="applications")
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("finish", within_s=60)
        await hall.goodbye()
        await hall.fault()
        for _ in range(300):
            if not await hall.journal.rows():
                break
            await hall.page("standby", "settled")
            await hall.press("nothing")
        assert len(await hall.sim("cases")) == 1
        assert hall.paid_fen() == 2000
        assert await hall.journal.open_intents() == []

    play(tmp_path, story)


@pytest.mark.promise("P8")
def test_a_payment_that_nobody_knows_is_told_as_unknown_and_settled_later(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        for _ in range(100):
            if hall.paid_fen():
                break
            await hall.press("nothing")
        await hall.pad_there.unplug()
        told = await hall.page("not_done", "finish", within_s=120)
        if told.page == "not_done":
            assert "核对" in str(told) or "退" in str(told)
            assert hall.money.locked or hall.paid_fen() == 0
        await hall.pad_there.plug()
        await hall.goodbye()
        for _ in range(900):
            if not await hall.journal.open_intents():
                break
            await hall.press("nothing")
        assert await hall.journal.open_intents() == []
        assert (hall.paid_fen(), len(await hall.sim("cases"))) in {(0, 0), (2000, 1)}
        assert not hall.money.locked

    play(tmp_path, story)


def test_somebody_else_at_the_camera_may_use_the_equal_other_way(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.faces.bands = ["refuse"]
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("not_done")
        compared = [k for k in await kinds(hall) if k == "face.compared"]
        assert len(compared) == 3
        await hall.press("other-way")
        await hall.page("number_match")
        await hall.answer_match("confirm")
        await hall.page("form")
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")

    play(tmp_path, story)


@pytest.mark.promise("P3")
@pytest.mark.parametrize(
    ("answer", "state", "intent"),
    [
        (Refused("aborted", "the printer gave up"), "VOID", "print.refused"),
        (Unknown("job-forgotten", "nobody knows"), "UNCLEAR", "print.unclear"),
    ],
)
def test_a_print_that_failed_is_void_and_one_that_nobody_knows_is_used(
    tmp_path: Path, answer: Refused | Unknown, state: str, intent: str
) -> None:
    async def story(hall: Hall) -> None:
        hall.licences.answer = answer
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("choose:kinds", "all")
        await hall.press("next")
        await hall.page("review")
        await hall.press("confirm")
        await hall.page("not_done")
        await hall.goodbye()
        assert intent in await kinds(hall)
        assert [p["state"] for p in await hall.sim("prints")] == [state]

    play(tmp_path, story)


@pytest.mark.promise("P7")
def test_paper_out_withholds_what_needs_it_within_five_seconds(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.page("standby")
        renewal = hall.tools.catalogue.services["WH-PS-001"]
        certificate = hall.tools.catalogue.services["WH-SI-001"]
        hall.receipts_there.do("paper_out")
        for _ in range(25):
            if not hall.capability.of(renewal).available:
                break
            await hall.press("nothing")
        else:
            raise AssertionError("still offered after 5 s")
        assert hall.capability.of(renewal).reason == "reason.receipt_printer.paper-out"
        assert hall.capability.of(certificate).available
        await hall.press("start")
        home = await hall.page("home")
        assert "缺纸" in str(home)
        await hall.press("leave")
        await hall.page("standby")

    play(tmp_path, story)


@pytest.mark.promise("P1")
def test_a_program_error_apologises_and_the_next_citizen_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(hall: Hall) -> None:
        from kiosk.journeys import run as journeys

        async def broken(_: object) -> str:
            raise ZeroDivisionError("secret")

        await hall.renewal_to_pay()
        monkeypatch.setitem(journeys.STEPS, "submit", broken)  # type: ignore[arg-type]
        hall.pad_there.do("tap", card="citizen-02")
        told = await hall.page("not_done")
        assert "secret" not in str(told)
        assert "Traceback" not in str(told)
        await hall.goodbye()
        for _ in range(100):
            if not await hall.journal.open_intents():
                break
            await hall.press("nothing")
        assert hall.paid_fen() == 0
        monkeypatch.undo()
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")

    play(tmp_path, story)
    assert "program error" in caplog.text


@pytest.mark.promise("P7")
def test_bugs_and_a_full_disk_outside_a_visit_do_not_end_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(hall: Hall) -> None:
        from kiosk.offering.capability import Capability

        await hall.page("standby")

        def broken(_: object) -> int:
            raise ZeroDivisionError

        monkeypatch.setattr(Capability, "available", broken)
        await hall.page("closed")
        monkeypatch.undo()
        await hall.page("standby")

        async def full(*_: object) -> None:
            raise JournalError("no space left")

        monkeypatch.setattr(hall.journal, "open_intents", broken)
        monkeypatch.setattr(hall.journal, "rows", full)
        assert hall.terminal.settler is not None
        hall.terminal.settler.poke()
        hall.tools.outbox.poke()
        await hall.press("nothing")
        assert hall.money.locked
        monkeypatch.undo()
        hall.terminal.settler.poke()
        hall.tools.outbox.poke()
        await hall.press("nothing")
        assert not hall.money.locked
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")
        assert not any(task.done() for task in hall.tasks)

    play(tmp_path, story)
    assert "program error" in caplog.text
    assert "the journal cannot be written" in caplog.text
