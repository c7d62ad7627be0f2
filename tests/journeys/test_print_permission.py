"""Nothing is printed without its permission, on forms that are accounted for; checking a certificate at the camera."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from citizens_hall import FakeCamera, Hall
from typer.testing import CliRunner

from config.service import Words
from drivers.camera.codes import Code
from drivers.device import DeviceState, Status
from drivers.errors import LinkLost, NoMedia
from drivers.outcome import Done, Refused, Unknown
from kiosk.cli.commands import app
from kiosk.clock import Clock
from kiosk.intents import Kind, State
from kiosk.journal import Journal
from kiosk.printing.forms_stock import FormsStock, OutOfForms, StockError, spelt
from screens.screen import Result, Screen
from simulator.virtual_time import run_virtual

SERVICE = "WH-SI-001"
STOCK = "seal-paper"
CARD = "citizen-02"


class PickyPrinter:
    """Is not ready, or fails once the job is there."""

    def __init__(self, hall: Hall, *, ready: bool = True) -> None:
        self.inner, self.ready = hall.licences, ready

    async def check(self, pages: int = 1) -> None:
        if not self.ready:
            raise LinkLost("licence_printer: away")
        await self.inner.check(pages)


def desk(hall: Hall, path: str, **body: Any) -> Awaitable[Any]:
    return asyncio.to_thread(hall._at_desk, "POST", path, body)  # the harness has no other door for these


async def prove(hall: Hall) -> tuple[str, list[str]]:
    """A session of a citizen who has agreed, for prints without pages."""
    from simulator.people import CITIZENS

    who = CITIZENS[CARD]
    session = await hall.platform.open_session("ses-key-0001")
    await hall.platform.prove_card(
        session, "prf-key-0001", who.name, who.number, "resident", who.valid_to, service=SERVICE
    )
    return session, [await hall.platform.consent(session, "cns-key-0001", "service", ["card", "share"], "2026-11")]


def printing(hall: Hall, session: str, consents: list[str]) -> Callable[..., Awaitable[Any]]:
    """A print by the intent's id, as the step does it."""

    async def go(intent: str, **more: Any) -> Any:
        return await hall.tools.prints.print_document(
            "v-1", intent, session=session, service=SERVICE, params={"kinds": "all"}, consents=consents,
            on_progress=lambda _: None, **more,
        )  # fmt: skip

    return go


def scene(tmp_path: Path, work: Callable[[Hall, Callable[..., Awaitable[Any]]], Awaitable[None]]) -> None:
    async def main() -> None:
        async with Hall(tmp_path) as hall:
            session, consents = await prove(hall)
            await work(hall, printing(hall, session, consents))

    run_virtual(main())


async def outcomes(hall: Hall) -> list[tuple[str, str]]:
    await asyncio.sleep(5)
    return [(p["state"], p["evidence"].get("cause", "")) for p in await hall.sim("prints")]


@pytest.mark.promise("P3")
@pytest.mark.parametrize(
    ("flaw", "cause"),
    [
        ("expired", "token-expired"), ("early", "token-early"), ("other-terminal", "token-terminal"),
        ("other-intent", "token-intent"), ("other-service", "token-service"), ("other-document", "token-document"),
        ("over-copies", "token-copies"), ("bad-signature", "token-signature"), ("unsigned", "token-signature"),
        ("code-forged", "code-altered"), ("code-differs", "code-altered"), ("code-unknown-key", "code-unknown"),
    ],
)  # fmt: skip
def test_a_permission_that_does_not_permit_this_is_refused_recorded_and_reported(
    tmp_path: Path, flaw: str, cause: str
) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        await hall.tools.prints.stock.load(STOCK, "WH", 1, 9, width=7, who="tech-7")
        await desk(hall, "print-flaws", flaw=flaw)
        outcome = await go("prt-flawed-0001", form_stock=STOCK)
        assert isinstance(outcome, Refused)
        assert outcome.cause == cause
        intent = await hall.journal.intent("prt-flawed-0001")
        assert intent is not None
        assert (intent.state, intent.body["cause"]) == (State.REFUSED, cause)
        assert hall.licences.pages == []
        assert hall.tools.prints.stock.left(STOCK) == 9
        assert await outcomes(hall) == [("VOID", cause)]
        assert isinstance(await go("prt-good-00001"), Done)

    scene(tmp_path, work)


@pytest.mark.promise("P3")
def test_a_permission_that_was_used_prints_nothing_more_and_its_print_stays_printed(tmp_path: Path) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        assert isinstance(await go("prt-first-0001"), Done)
        await desk(hall, "print-flaws", flaw="replayed")
        outcome = await go("prt-again-0001")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "token-replayed"
        assert len(hall.licences.pages) == 1
        states = dict(await outcomes(hall))
        assert states["PRINTED"] == "token-replayed"  # the report is kept with the print that used it
        first = await hall.journal.intent("prt-first-0001")
        assert first is not None
        assert first.state is State.DONE

    scene(tmp_path, work)


@pytest.mark.promise("P3")
def test_copies_are_as_many_as_were_permitted_each_on_its_own_form(tmp_path: Path) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        stock = hall.tools.prints.stock
        await stock.load(STOCK, "WH", 1, 4, width=7, who="tech-7")
        outcome = await go("prt-three-0001", copies=3, form_stock=STOCK)
        assert isinstance(outcome, Done)
        assert (outcome.value.pages, outcome.value.forms) == (3, ("WH0000001", "WH0000002", "WH0000003"))
        with pypdfium2.PdfDocument(hall.licences.pages[0]) as document:
            texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
        for number, text in enumerate(texts, 1):
            assert f"第1页，共1页第{number}份，共3份" in text
            assert f"用纸编号：WH000000{number}" in text
        assert (stock.left(STOCK), stock.shelves[STOCK].used) == (1, 3)
        await asyncio.sleep(5)
        (told,) = await hall.sim("prints")
        assert (told["pages"], told["evidence"]["forms"], told["evidence"]["copies"]) == (
            3,
            "WH0000001-WH0000003 (3)",
            "3",
        )
        with pytest.raises(ValueError, match="6 copies"):
            await go("prt-six-00001", copies=6)
        assert await hall.journal.intent("prt-six-00001") is None
        short = await go("prt-short-0001", copies=2, form_stock=STOCK)
        assert isinstance(short, Refused)
        assert short.cause == "form-stock"
        assert stock.left(STOCK) == 1

    scene(tmp_path, work)


@pytest.mark.parametrize(
    ("answer", "state", "left"),
    [(Refused("media-jam"), "spoiled", 8), (Unknown("time-out"), "unclear", 8), (None, "used", 8)],
)
def test_what_becomes_of_the_form_is_what_became_of_the_print(
    tmp_path: Path, answer: Any, state: str, left: int
) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        stock = hall.tools.prints.stock
        await stock.load(STOCK, "WH", 1, 9, width=7, who="tech-7")
        hall.licences.answer = answer
        await go("prt-fate-0001", form_stock=STOCK)
        shelf = stock.shelves[STOCK]
        assert stock.left(STOCK) == left
        assert (shelf.used, shelf.count("spoiled"), shelf.count("unclear"), shelf.count("reserved")) == (
            state == "used", state == "spoiled", state == "unclear", 0,
        )  # fmt: skip
        if state != "used":
            assert await stock.free(STOCK, "WH0000001", who="tech-7", why="found blank in the tray") == state
            assert (stock.left(STOCK), shelf.free[0]) == (9, "WH0000001")
            kinds = [e["kind"] for e in await hall.journal.entries() if e["kind"].startswith("stock.")]
            assert kinds == ["stock.loaded", "stock.reserved", f"stock.{state}", "stock.freed"]

    scene(tmp_path, work)


def test_a_print_that_was_void_before_anything_was_sent_gives_its_form_back(tmp_path: Path) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        stock = hall.tools.prints.stock
        await stock.load(STOCK, "WH", 1, 9, width=7, who="tech-7")
        hall.tools.prints._printer = PickyPrinter(hall, ready=False)
        outcome = await go("prt-away-0001", form_stock=STOCK)
        assert isinstance(outcome, Refused)
        assert (stock.left(STOCK), stock.shelves[STOCK].free[0]) == (9, "WH0000001")
        assert (await hall.journal.last("stock.freed") or ("", {}))[1]["who"] == "terminal"

    scene(tmp_path, work)


@pytest.mark.promise("P3")
def test_after_a_power_cut_the_form_of_a_print_that_nobody_knows_is_unclear(tmp_path: Path) -> None:
    async def work(hall: Hall, go: Callable[..., Awaitable[Any]]) -> None:
        stock = hall.tools.prints.stock
        await stock.load(STOCK, "WH", 1, 9, width=7, who="tech-7")

        def cut(write: Any) -> None:
            write.mint("prt-cut-00001", Kind.PRINT, "v-2", {"service": SERVICE})
            forms = stock.reserve(write, "v-2", STOCK, 1, "prt-cut-00001")
            write.move("prt-cut-00001", State.AUTHORISED, {"jti": "prt-x1", "stock": STOCK, "forms": list(forms)})
            write.move("prt-cut-00001", State.SENT, {"job": 5, "printer": "urn:uuid:0", "up_time": 7})

        await hall.journal.write(cut)
        with pytest.raises(StockError, match="under way"):
            await stock.free(STOCK, "WH0000001", who="tech-7", why="it lies there")
        intent = await hall.journal.intent("prt-cut-00001")
        assert intent is not None

        async def forgotten(*_: Any, **__: Any) -> None:
            return None

        hall.tools.prints._printer = SimpleNamespace(status=Status(DeviceState.ONLINE), find_job=forgotten)
        assert isinstance(await hall.tools.prints.resolve(intent), Unknown)
        assert stock.shelves[STOCK].count("unclear") == 1
        assert (
            await FormsStock(hall.journal).free(STOCK, "WH0000001", who="tech-7", why="blank, in the tray") == "unclear"
        )

    scene(tmp_path, work)


# The ledger


def ledger(tmp_path: Path, work: Callable[[Journal], Awaitable[None]]) -> None:
    async def main() -> None:
        journal = Journal(tmp_path / "journal.db", Clock())
        await journal.open()
        await work(journal)
        assert (await journal.verify()).broken == ""
        await journal.close()

    asyncio.run(main())


def test_a_number_is_loaded_once_whatever_its_prefix_is_called(tmp_path: Path) -> None:
    async def work(journal: Journal) -> None:
        stock = FormsStock(journal)
        assert await stock.load(STOCK, "WH2026", 1, 50, width=4, who="tech-7") == 50
        for prefix, first, last, width in (("WH2026", 50, 60, 4), ("WH202", 60050, 60060, 5), ("WH2026", 0, 1, 4)):
            with pytest.raises(StockError, match="loaded before"):
                await FormsStock(journal).load(STOCK, prefix, first, last, width=width, who="tech-7")
        assert await stock.load(STOCK, "WH2026", 51, 60, width=4, who="tech-7") == 10
        assert await stock.load("other-paper", "WH2026", 1, 50, width=4, who="tech-7") == 50

    ledger(tmp_path, work)


def test_a_reservation_that_is_undone_leaves_the_form_where_it_was(tmp_path: Path) -> None:
    async def work(journal: Journal) -> None:
        stock = FormsStock(journal)
        await stock.load(STOCK, "", 1, 3, width=4, who="tech-7")

        def undone(write: Any) -> None:
            assert stock.reserve(write, "", STOCK, 2, "prt-1") == ("0001", "0002")
            raise RuntimeError("the disk is full")

        with pytest.raises(RuntimeError):
            await journal.write(undone)
        assert await journal.write(lambda w: stock.reserve(w, "", STOCK, 2, "prt-2")) == ("0001", "0002")
        with pytest.raises(OutOfForms, match="1 free forms, 2 are needed"):
            await journal.write(lambda w: stock.reserve(w, "", STOCK, 2, "prt-3"))
        other = FormsStock(journal)
        await other.refresh()
        assert (other.left(STOCK), other.shelves[STOCK].count("reserved")) == (1, 2)

    ledger(tmp_path, work)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stock": "Seal Paper"}, "stock:"), ({"who": "x"}, "who:"), ({"who": "x\n" * 5}, "who:"),
        ({"prefix": "wh"}, "prefix:"), ({"prefix": "W" * 13}, "prefix:"), ({"first": 9, "last": 3}, "range:"),
        ({"last": 5001}, "at most 5000"), ({"width": 3}, "range:"), ({"last": 10**8}, "range:"),
    ],
)  # fmt: skip
def test_a_range_that_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    async def work(journal: Journal) -> None:
        given = {"stock": STOCK, "prefix": "WH", "first": 1, "last": 9, "width": 7, "who": "tech-7", **change}
        stock = given.pop("stock")
        with pytest.raises(StockError, match=says):
            await FormsStock(journal).load(stock, given.pop("prefix"), given.pop("first"), given.pop("last"), **given)
        assert await journal.entries() == []

    ledger(tmp_path, work)


def test_serials_in_few_words() -> None:
    assert [spelt(()), spelt(("A1",)), spelt(("A1", "A2"))] == ["", "A1", "A1-A2 (2)"]


def test_the_commands_load_show_and_free(tmp_path: Path) -> None:
    layer = tmp_path / "machine.toml"
    layer.write_text(f'state_dir = "{tmp_path}"\n', encoding="utf-8")

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["stock", *words, "--machine", str(layer)])

    assert "kiosk stock load" in run("show").output
    loading = ("load", STOCK, "--prefix", "WH", "--first", "1", "--last", "500", "--who", "tech-7")
    assert run(*loading).output == "seal-paper: 500 forms loaded\n"
    again = run(*loading)
    assert again.exit_code == 2
    assert "loaded before" in again.output
    assert "500 free, next WH0000001, 0 used, 0 reserved, 0 spoiled, 0 unclear" in run("show").output
    nothing = run("free", STOCK, "WH0000001", "--who", "tech-7", "--why", "blank")
    assert nothing.exit_code == 2
    assert "nothing to free" in nothing.output


def test_a_service_whose_forms_are_used_up_is_not_offered_and_says_so(tmp_path: Path) -> None:
    async def main() -> None:
        async with Hall(tmp_path) as hall:
            service = hall.tools.catalogue.services[SERVICE].model_copy(update={"form_stock": STOCK})
            assert hall.capability.of(service).reason == "reason.form-stock"
            hall.capability.forms_left = hall.tools.prints.stock.left
            await hall.tools.prints.stock.load(STOCK, "WH", 1, 1, width=7, who="tech-7")
            assert hall.capability.of(service).available

    run_virtual(main())


# Checking a certificate


class CodeCamera(FakeCamera):
    """Sees the codes that are held up, one after the other; then nothing."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.texts = list(texts)
        self.broken = False

    async def read_code(self, expect: Collection[str], deadline_s: float, cancel: Any = None) -> Code | None:
        """The next code after a moment, or nothing until the deadline."""
        assert set(expect) == {"qr"}
        if self.broken:
            raise LinkLost("camera: away")
        if self.texts:
            await asyncio.sleep(1)
            return Code(self.texts.pop(0), "qr", (0, 0, 10, 10), "zxing")
        await asyncio.sleep(deadline_s)
        raise NoMedia("camera: no code")


async def to_camera(hall: Hall) -> None:
    await hall.page("standby")
    await hall.press("start")
    await hall.page("home")
    await hall.press("service", "WH-GN-008")
    await hall.page("guide")
    await hall.press("start")


def title(screen: Screen) -> str:
    return next(b.text for b in screen.blocks if isinstance(b, Result))


def test_a_citizen_checks_certificates_with_and_without_a_network(tmp_path: Path) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        hall.camera = CodeCamera()
        async with hall:
            session, consents = await prove(hall)
            permission = await hall.platform.authorise_print(
                session, "prt-a-00001", SERVICE, {"kinds": "all"}, consents
            )
            code = permission.document.qr
            hall.camera.texts = [code, "https://check.elsewhere.example/1", code[:-4], code, code]
            await to_camera(hall)
            shown = await hall.page("code_verdict")
            assert title(shown) == "核验通过"
            assert permission.document.identifier in str(shown)
            assert permission.document.holder_name not in str(shown)
            assert "社会保险个人参保证明" in str(shown)
            assert "作废名单更新到 2026-11-21" in str(shown)
            await hall.press("language", "en")
            assert title(await hall.page("code_verdict")) == "The certificate is genuine"
            await hall.press("language", "zh")
            for expected in ("认不出这个二维码", "二维码被改动过，不能相信"):
                await hall.press("again")
                await asyncio.sleep(3)
                assert title(await hall.page("code_verdict")) == expected
            await desk(hall, "void-certificates", identifier=permission.document.identifier, reason="replaced")
            await asyncio.sleep(60)
            await hall.press("again")
            await asyncio.sleep(3)
            assert title(await hall.page("code_verdict")) == "核验通过"  # the list is younger than 15 min
            await hall.press("leave")
            await hall.page("standby")
            notes = [e for e in await hall.journal.entries() if e["kind"] == "certificate.checked"]
            assert len(notes) == 4
            assert all(permission.document.identifier not in str(note) for note in notes)
            await asyncio.sleep(900)
            await to_camera(hall)
            shown = await hall.page("code_verdict")
            assert title(shown) == "这份证照已经作废"
            assert "已经换发了新的" in str(shown)
            assert hall.camera.wiped > 4
            await hall.fault(down=True)
            hall.camera.texts = [code]
            await hall.press("again")
            await asyncio.sleep(5)
            assert title(await hall.page("code_verdict")) == "这份证照已经作废"  # from the kept list
            await hall.press("home")

    run_virtual(main())


def test_a_code_that_does_not_come_is_asked_for_again_and_the_page_ends_by_itself(tmp_path: Path) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        hall.camera = CodeCamera()
        async with hall:
            await to_camera(hall)
            await hall.page("show_code")
            await asyncio.sleep(14)
            assert "请靠近一点" in str(hall.display.screen)
            await hall.page("still_there", within_s=200)
            await hall.page("standby", within_s=200)

    run_virtual(main())


def test_another_code_is_named_and_the_page_goes_on_waiting(tmp_path: Path) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        hall.camera = CodeCamera("https://qr.alipay.com/bax", "134567890123456789", "https://elsewhere.example/1")
        async with hall:
            await to_camera(hall)
            shown = [str(await hall.page("show_code"))]
            for _ in range(40):
                await asyncio.sleep(0.1)
                shown.append(str(hall.display.screen))
            assert any("这是收款码，本机不打开它；这里要的是证照上的二维码" in page for page in shown)
            assert any("这是付款码，这里要的是证照上的二维码" in page for page in shown)
            assert all("134567890123456789" not in page and "bax" not in page for page in shown)
            assert title(await hall.page("code_verdict")) == "认不出这个二维码"
            assert len([e for e in await hall.journal.entries() if e["kind"] == "certificate.checked"]) == 1

    run_virtual(main())


def test_a_camera_that_fails_is_said_to_have_failed(tmp_path: Path) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        hall.camera = CodeCamera()
        hall.camera.broken = True
        async with hall:
            await to_camera(hall)
            assert "摄像头现在用不了" in str(await hall.page("not_done"))
            await hall.press("leave")
            await hall.page("standby")

    run_virtual(main())


def test_the_words_of_the_service_are_there_in_both_languages() -> None:
    from config.catalogue import load_catalogue

    service = load_catalogue().services["WH-GN-008"]
    assert isinstance(service.name, Words)
    assert (service.name.zh, service.offline, service.needs) == ("电子证照真伪核验（扫码）", "yes", ("camera",))
