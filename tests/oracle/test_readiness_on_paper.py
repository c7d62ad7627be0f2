"""The readiness report on a printer that is not ours: CUPS' ippeveprinter takes it over IPP, as the one it was sent."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from ipp_support import LOADED, eve_at

from config.load import load_settings
from drivers.licence_printer.driver import LicencePrinter
from kiosk.clock import WEIHAI
from kiosk.diagnostics.facts import DeviceFact, Facts
from kiosk.diagnostics.ranking import first_line, report
from kiosk.events import Language
from kiosk.printing.readiness_sheet import readiness_sheet
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.report import put_out

pytestmark = pytest.mark.oracle
JAMMED = DeviceFact("receipt_printer", "receipt_printer", False, "hardwareError", "paper-jammed", "paper jam")


def letters(text: str) -> str:
    """Without what a line's end changes."""
    return "".join(each for each in text if each.isalnum())


async def test_the_report_goes_over_ipp_in_each_language_and_an_empty_tray_is_told(tmp_path: Path) -> None:
    facts = Facts(datetime(2026, 11, 22, 3, 12, tzinfo=WEIHAI), "WH-HC-0003", "0.10.0", True, (JAMMED,))
    sections, settings = report(facts, {}), load_settings("simulated")
    languages: tuple[Language, ...] = ("zh", "en", "ko")
    sheets = [readiness_sheet(facts, sections, settings, language) for language in languages]
    async with eve_at(tmp_path) as eve:
        printer = LicencePrinter("licence_printer", eve.link, {"poll_s": 0.05})
        await printer.open()
        try:
            with pytest.raises(Refusal) as refused:
                await put_out(printer, *sheets[0])
            assert refused.value.remedy("zh")
            assert eve.documents() == []
            await eve.web(LOADED)
            eve.script("echo 'ATTR: job-impressions-completed=1' >&2")
            for pdf, pages in sheets:
                await put_out(printer, pdf, pages)
            printed = eve.documents()
        finally:
            await printer.close()
    assert printed == [pdf for pdf, _ in sheets]
    for pdf, language in zip(printed, languages, strict=True):
        with pypdfium2.PdfDocument(pdf) as opened:
            text = letters("".join(page.get_textpage().get_text_range() for page in opened))
        cause, _, remedy = first_line(sections, language).partition(": ")
        assert letters(cause) in text
        assert letters(remedy) in text
