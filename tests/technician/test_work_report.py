"""The readiness report on paper: the sections of `kiosk diagnose`, through the printer's real protocol."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from work_hall import LICENCES, WHO, bodies, play, workshop

from config.load import load_settings
from drivers.device import Supply
from kiosk.clock import WEIHAI
from kiosk.diagnostics.facts import CertificateFact, DeviceFact, Facts, HouseFact, PlatformFact, StorageFact
from kiosk.diagnostics.ranking import WELL, report
from kiosk.diagnostics.sections import NAMES
from kiosk.events import Language
from kiosk.printing.readiness_sheet import readiness_sheet
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.report import print_report, put_out
from simulator.families import make
from simulator.hall import Hall

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=WEIHAI)


def letters(text: str) -> str:
    """Without what a line's end changes: spaces and hyphens."""
    return "".join(each for each in text if each.isalnum())


def broken_terminal() -> Facts:
    """Everything that can be wrong at once, as a long report."""
    roles = ("id_card", "camera", "document_camera", "code_camera", "barcode", "receipt_printer", "licence_printer")
    devices = [DeviceFact(role, role.replace("document_", ""), False, "offline", "no-answer") for role in roles]
    devices.append(DeviceFact("payment_pad", "payment_pad", False, "offline", "port-busy", "held by another program"))
    devices.append(DeviceFact("cabinet", "cabinet", False, "noDevice", "no-link"))
    return Facts(
        NOW, "WH-HC-0003", "0.10.0", True, tuple(devices), PlatformFact("certificate"), 4000.0,
        StorageFact("no space", "broken chain", 1, 400, 9999),
        (CertificateFact("terminal", NOW + timedelta(days=1)),), HouseFact("", False, False),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en", "ko"])
def test_the_paper_says_what_the_screen_says_in_each_language(language: Language) -> None:
    sections = report(broken_terminal(), {})
    pdf, pages = readiness_sheet(broken_terminal(), sections, load_settings("simulated"), language)
    assert 1 <= pages <= 2
    with pypdfium2.PdfDocument(pdf) as opened:
        text = letters("".join(page.get_textpage().get_text_range() for page in opened))
    for section in sections:
        assert letters(NAMES[section.id][language]) in text
        for trouble in section.troubles:
            assert letters(trouble.sentence(language)) in text
            assert letters(trouble.remedy(language)) in text


def test_a_terminal_that_is_well_says_so_on_one_page() -> None:
    facts = Facts(NOW, "WH-HC-0003", "0.10.0", True, (DeviceFact("id_card", "id_card", True, "online"),))
    pdf, pages = readiness_sheet(facts, (), load_settings("simulated"), "en")
    assert pages == 1
    with pypdfium2.PdfDocument(pdf) as opened:
        assert WELL["en"].split(":")[0] in opened[0].get_textpage().get_text_range()


def test_printed_through_the_terminals_own_printer_and_refused_without_paper(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        here = workshop(hall)
        assert await print_report(here, WHO, "zh") == 1
        assert list(hall.sheets.values()) == [1]
        assert next(iter(hall.sheets)).startswith("readiness-")
        hall.do(LICENCES, "paper_out")
        await asyncio.sleep(10)
        assert here.tools.licence_printer.status.paper is Supply.OUT
        with pytest.raises(Refusal, match="not printed") as refused:
            await print_report(here, WHO, "zh")
        assert refused.value.remedy("zh")
        assert list(hall.sheets.values()) == [1]

    hall = play(tmp_path, story)
    assert len(bodies(hall, "work.report")) == 1
    # It is no controlled document: no permission, no intent.
    assert bodies(hall, "print.minted") == []


def three_pages() -> bytes:
    with pypdfium2.PdfDocument.new() as made, io.BytesIO() as kept:
        for _ in range(3):
            made.new_page(595, 842)
        made.save(kept)
        return kept.getvalue()


def test_a_report_that_is_cut_off_does_not_come_out_before_a_citizen(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.do(LICENCES, "slow", seconds=20.0)
        printing = asyncio.create_task(put_out(workshop(hall).tools.licence_printer, three_pages(), 3))
        async with asyncio.timeout(60):
            while not any(job.document for job in hall.licences.engine.jobs.values()):
                await asyncio.sleep(0.1)
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
        await asyncio.sleep(300)
        assert list(hall.sheets.values()) == [1]  # the one that was in the paper path

    play(tmp_path, story)


def test_by_the_command_over_real_ipp_and_the_paper_can_be_looked_at(tmp_path: Path) -> None:
    from kiosk.cli.technician_work import print_readiness

    async def printed() -> tuple[tuple[int, str], list[int]]:
        printer: Any = make("licence-printer", "tcp://127.0.0.1:0")
        await printer.plug()
        try:
            link = {"devices.licence_printer.link": printer.link}
            settings = load_settings("simulated", (), {**link, "state_dir": str(tmp_path)})
            facts = broken_terminal()
            done = await asyncio.to_thread(print_readiness, settings, facts, report(facts, {}), "en")
            return done, [job.impressions for job in printer.engine.jobs.values()]
        finally:
            await printer.unplug()

    (pages, why), impressions = asyncio.run(printed())
    assert why == ""
    assert impressions == [pages]
