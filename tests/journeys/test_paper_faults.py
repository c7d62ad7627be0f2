"""Every fault of paper, cover, cutter, jam, toner and power, before, during and after a print, on both printers:
what the journal, the screen, the platform and the simulated paper say agree, then and later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from paper_hall import PaperHall, play, priced

from drivers.device import Supply

Act = Callable[[PaperHall], object]

PRINTED, REFUSED, UNCLEAR = "printed", "refused", "unclear"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a hand does, what undoes it, and the truth for each time at which it happens."""

    name: str
    break_it: Act
    mend: Act
    before: str
    during: str
    mended: str = PRINTED
    """During the print, and mended 12 s later."""

    def __str__(self) -> str:
        return self.name


def licence(verb: str, **args: object) -> Act:
    return lambda hall: hall.licences_there.do(verb, **args)


def power_back(*, keep: bool) -> Act:
    """The current is back, and the sheet that the cut left in the path is taken out."""

    def act(hall: PaperHall) -> None:
        hall.licences_there.do("power_on", keep=keep)
        hall.licences_there.do("clear_jam")

    return act


def cable(there: bool) -> Act:
    return lambda hall: setattr(hall.carrier, "cable", there)


def receipt(verb: str, **args: object) -> Act:
    return lambda hall: hall.receipts_there.do(verb, **args)


LICENCE = (
    Fault("paper-out", licence("paper_out"), licence("load_paper"), REFUSED, REFUSED),
    Fault("paper-low", licence("load_paper", sheets=5), licence("load_paper"), PRINTED, PRINTED),
    Fault("cover", licence("cover_open"), licence("cover_close"), REFUSED, REFUSED),
    Fault("jam", licence("jam"), licence("clear_jam"), REFUSED, REFUSED),
    Fault("toner-out", licence("toner_out"), licence("new_toner"), REFUSED, REFUSED),
    Fault("toner-low", licence("toner_low"), licence("new_toner"), PRINTED, PRINTED),
    Fault("paused", licence("stop"), licence("resume"), REFUSED, REFUSED),
    Fault("network", cable(False), cable(True), REFUSED, UNCLEAR),
    Fault("power-queue-lost", licence("power_cut"), power_back(keep=False), REFUSED, UNCLEAR, UNCLEAR),
    Fault("power-queue-kept", licence("power_cut"), power_back(keep=True), REFUSED, UNCLEAR, UNCLEAR),
)

RECEIPT = (
    Fault("paper-out", receipt("paper_out"), receipt("new_roll"), REFUSED, UNCLEAR),
    Fault("near-end", receipt("near_end"), receipt("new_roll"), PRINTED, PRINTED),
    Fault("cover", receipt("cover_open"), receipt("cover_close"), REFUSED, UNCLEAR),
    Fault("cutter", receipt("cutter_jam"), receipt("clear_fault"), REFUSED, UNCLEAR),
    Fault("cutter-at-cut", receipt("cutter_jam", at="cut"), receipt("clear_fault"), UNCLEAR, UNCLEAR),
    Fault("jam", receipt("paper_jam"), receipt("clear_fault"), REFUSED, UNCLEAR),
    Fault("electronics", receipt("unrecoverable"), receipt("clear_fault"), REFUSED, UNCLEAR),
    Fault("power", receipt("power_off"), receipt("power_on"), REFUSED, UNCLEAR),
    Fault("silent", receipt("silent"), receipt("silent", on=False), REFUSED, UNCLEAR),
)

CERTIFICATE_WORDS = {
    PRINTED: "请取走",
    REFUSED: "证明没有打印出来",
    UNCLEAR: "证明有没有打印完还不清楚",
}
ENDS = {PRINTED: "print.done", REFUSED: "print.refused", UNCLEAR: "print.unclear"}
STATES = {PRINTED: "PRINTED", REFUSED: "VOID", UNCLEAR: "UNCLEAR"}
SHEETS = {PRINTED: {1}, REFUSED: {0}, UNCLEAR: {0, 1}}


async def certificate_verdict(hall: PaperHall, before: int = 0) -> str:
    """What the screen tells of the certificate; journal, platform and paper must say the same."""
    await hall.page("finish", "not_done", within_s=300)
    told = hall.told()
    said = [verdict for verdict, words in CERTIFICATE_WORDS.items() if words in told]
    assert len(said) == 1, told
    (verdict,) = said
    ended = await hall.entries("print.done", "print.refused", "print.unclear")
    assert ended[before:] == [ENDS[verdict]]
    async with asyncio.timeout(60):
        while [p["state"] for p in await hall.sim("prints")][before:] != [STATES[verdict]]:
            await asyncio.sleep(0.5)
    assert len(hall.licences_there.engine.tray_out) in SHEETS[verdict]
    if verdict == UNCLEAR:
        assert "交给窗口" in told, "the citizen is told where to go"
    if verdict == REFUSED:
        assert "没有收您的钱" in told
    return verdict


async def no_surprise(hall: PaperHall, verdict: str) -> None:
    """Nothing comes out of the mended printer by itself; after a print that failed the next is whole and alone."""
    there = hall.licences_there
    await hall.goodbye()
    async with asyncio.timeout(120):
        while not hall.licences.status.usable:
            await asyncio.sleep(0.5)
    kept = len(there.engine.tray_out)
    await asyncio.sleep(45)
    assert len(there.engine.tray_out) == kept, "a sheet came out when nobody waited for it"
    assert kept in SHEETS[verdict]
    assert all(job.over for job in there.engine.jobs.values())
    if verdict == PRINTED:
        return
    await hall.certificate_to_review()
    await hall.press("confirm")
    there.do("take")
    assert await certificate_verdict(hall, before=1) == PRINTED


@pytest.mark.promise("P3")
@pytest.mark.promise("P8")
@pytest.mark.parametrize("fault", LICENCE, ids=str)
def test_certificate_fault_before(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.certificate_to_review()
        fault.break_it(hall)
        await hall.press("confirm")
        verdict = await certificate_verdict(hall)
        assert verdict == fault.before
        fault.mend(hall)
        await no_surprise(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P3")
@pytest.mark.promise("P8")
@pytest.mark.parametrize("fault", LICENCE, ids=str)
def test_certificate_fault_during_that_nobody_mends(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.certificate_to_review()
        await hall.press("confirm")
        await printing(hall)
        broken_at = asyncio.get_running_loop().time()
        fault.break_it(hall)
        if fault.during != PRINTED:
            async with asyncio.timeout(6):
                while "打印机停下来了" not in hall.told():
                    await asyncio.sleep(0.1)
        verdict = await certificate_verdict(hall)
        assert verdict == fault.during
        assert asyncio.get_running_loop().time() - broken_at < 75, "a citizen waits a minute, not three"
        fault.mend(hall)
        await no_surprise(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P3")
@pytest.mark.parametrize("fault", LICENCE, ids=str)
def test_certificate_fault_during_that_is_mended(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.certificate_to_review()
        await hall.press("confirm")
        await printing(hall)
        fault.break_it(hall)
        await asyncio.sleep(12)
        fault.mend(hall)
        verdict = await certificate_verdict(hall)
        assert verdict == fault.mended
        await no_surprise(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P3")
@pytest.mark.parametrize("fault", LICENCE, ids=str)
def test_certificate_fault_after(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.certificate_to_review()
        await hall.press("confirm")
        verdict = await certificate_verdict(hall)
        fault.break_it(hall)
        await asyncio.sleep(10)
        assert await certificate_verdict(hall) == verdict == PRINTED, "what came out stays out"
        status = hall.licences.status
        if fault.before == REFUSED:
            assert not status.usable
            service = hall.tools.catalogue.services["WH-SI-001"]
            assert not hall.capability.of(service).available, "nothing is offered that cannot be printed (P7)"
        else:
            assert status.usable
            assert Supply.LOW in (status.paper, status.toner)
        fault.mend(hall)
        await no_surprise(hall, verdict)

    play(tmp_path, story)


async def printing(hall: PaperHall) -> None:
    """Wait until a sheet is under way."""
    engine = hall.licences_there.engine
    async with asyncio.timeout(60):
        while (job := engine.current()) is None or job.page_done is None:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)


# Receipts

TITLE, END = "受理回执", "不具效力"
RECEIPT_NOTES = {PRINTED: "receipt.printed", REFUSED: "receipt.failed", UNCLEAR: "receipt.unclear"}
RECEIPT_WORDS = {REFUSED: "现在打不了纸质凭条", UNCLEAR: "凭条可能没有打完整"}
TAKES = {PRINTED: "凭条", REFUSED: "没有打印，请记下编号", UNCLEAR: "可能没打完整，请记下编号"}


def pieces(hall: PaperHall) -> tuple[int, int]:
    """How many receipts begin on the paper, and how many are whole."""
    texts = hall.receipts()
    assert all(text.count(TITLE) <= 1 for text in texts), "two citizens' receipts on one piece"
    whole = [t for t in texts if TITLE in t and END in t.partition(TITLE)[2]]
    return sum(TITLE in text for text in texts), len(whole)


async def receipt_verdict(hall: PaperHall, before: int = 0) -> str:
    """What the screens told of the receipt; the journal and the paper must say the same."""
    async with asyncio.timeout(300):
        while True:
            screen = await hall.page("receipt", "finish")
            told = hall.told()
            if screen.page == "finish" or any(words in told for words in RECEIPT_WORDS.values()):
                break
            hall.display.changed.clear()
            await hall.display.changed.wait()
    verdict = next((v for v, words in RECEIPT_WORDS.items() if words in told), PRINTED)
    notes = await hall.entries("receipt.printed", "receipt.failed", "receipt.unclear")
    assert notes[before:] == [RECEIPT_NOTES[verdict]]
    if verdict != PRINTED:
        assert "WHA1." in str(screen), "the code stands in for the paper"
        await hall.press("continue")
        await hall.page("finish")
    assert TAKES[verdict] in hall.told()
    return verdict


def agrees(hall: PaperHall, verdict: str, begun: int, whole: int) -> bool:
    if verdict == PRINTED:
        return (begun, whole) == (1, 1)
    return (begun, whole) == (0, 0) if verdict == REFUSED else begun <= 1


async def no_old_receipt(hall: PaperHall, verdict: str) -> None:
    """Mended, the printer brings nothing more of the old receipt; after a failed one the next citizen gets his own."""
    await hall.goodbye()
    async with asyncio.timeout(120):
        while not hall.tools.receipt_printer.status.usable:
            await asyncio.sleep(0.5)
    await asyncio.sleep(30)
    begun, whole = pieces(hall)
    assert agrees(hall, verdict, begun, whole), hall.receipts()
    if verdict == PRINTED:
        return
    await hall.renewal_to_pay("citizen-03")
    hall.pad_there.do("tap", card="citizen-03")
    assert await receipt_verdict(hall, before=1) == PRINTED
    assert pieces(hall) == (begun + 1, whole + 1)
    assert len(await hall.sim("cases")) == 2, "whatever the paper does, the application is in, once"


@pytest.mark.promise("P8")
@pytest.mark.parametrize("fault", RECEIPT, ids=str)
def test_receipt_fault_before(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.renewal_to_pay()
        fault.break_it(hall)
        hall.pad_there.do("tap", card="citizen-02")
        verdict = await receipt_verdict(hall)
        assert verdict == fault.before
        assert hall.paid_fen() == 2000
        assert agrees(hall, verdict, *pieces(hall))
        fault.mend(hall)
        await no_old_receipt(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("fault", RECEIPT, ids=str)
def test_receipt_fault_during(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("receipt")
        async with asyncio.timeout(30):
            while TITLE not in hall.receipts_there.paper.current_text():
                await asyncio.sleep(0.1)
        fault.break_it(hall)
        verdict = await receipt_verdict(hall)
        assert verdict == fault.during
        assert agrees(hall, verdict, *pieces(hall))
        fault.mend(hall)
        await no_old_receipt(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("fault", RECEIPT, ids=str)
def test_receipt_fault_after(tmp_path: Path, fault: Fault) -> None:
    async def story(hall: PaperHall) -> None:
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        verdict = await receipt_verdict(hall)
        assert verdict == PRINTED
        fault.break_it(hall)
        await asyncio.sleep(10)
        assert agrees(hall, verdict, *pieces(hall))
        status = hall.tools.receipt_printer.status
        if fault.before == REFUSED:
            assert not status.usable
        elif fault.name == "near-end":
            assert status.paper is Supply.LOW, "the technician hears of it before a citizen feels it"
        fault.mend(hall)
        await no_old_receipt(hall, verdict)

    play(tmp_path, story)


@pytest.mark.promise("P1")
def test_a_printer_that_cannot_print_is_found_out_before_the_fee(tmp_path: Path) -> None:
    """The last poll said that all is well; the printer itself is asked again before money moves."""

    async def story(hall: PaperHall) -> None:
        priced(hall)
        await hall.certificate_to_review()
        hall.licences_there.do("cover_open")
        await hall.press("confirm")
        await hall.page("not_done")
        told = hall.told()
        assert "证明打印机现在不能用" in told
        assert "没有办成，不会扣款" in told
        assert hall.paid_fen() == 0
        assert await hall.entries("charge.", "print.") == ["print.not-ready"]
        assert await hall.sim("orders") == []

    play(tmp_path, story)
