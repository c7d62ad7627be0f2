"""A receipt over a real pseudo terminal and over TCP: the operating system's edges."""

import asyncio

import pytest

from drivers.outcome import Done
from drivers.receipt_printer.driver import ReceiptPrinter
from kiosk.printing.receipts import compose
from simulator.models.receipt_printer import make

VALUES = {
    "acceptance_no": "WH371002-20251121-00123",
    "service": "社会保障卡申领",
    "name": "张㛃",
    "time": "2025-11-21T14:03:07+08:00",
    "amount_fen": "1200",
    "progress_url": "https://example.org/p/1",
    "terminal": "WH-HC-0003",
    "hall": "环翠区政务服务中心",
    "help_phone": "0631-12345",
}


@pytest.mark.parametrize("profile", ["chinese-80mm", "epson-80mm", "chinese-58mm"])
@pytest.mark.parametrize("port", ["pty", "tcp"])
async def test_a_receipt_over_a_real_port(tmp_path, port, profile):
    sim = make(str(tmp_path / "receipt") if port == "pty" else "tcp://127.0.0.1:0", profile=profile, speed_mm_s=1000)
    await sim.plug()
    printer = ReceiptPrinter("receipt_printer", sim.link, {"profile": profile})
    try:
        await printer.open()
        assert printer.status.usable
        assert printer.status.model == f"{sim.profile.maker} {sim.profile.model}"
        document = compose("acceptance", VALUES, simulated=True, language="zh")
        outcome = await printer.print_document(document)
        assert isinstance(outcome, Done)
        assert "受理编号" in sim.state()["last_receipt"]
        sim.do("cover_open")
        status = await printer.poll()
        assert status.fault is not None
        assert status.fault.cause == "cover-open"
        sim.do("cover_close")
        assert (await printer.poll()).usable
    finally:
        await printer.close()
        await sim.unplug()
        await asyncio.sleep(0)
