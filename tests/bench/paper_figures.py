"""The paper rows of `make bench`: a receipt against python-escpos alone, a certificate cold and warm.

python tests/bench/paper_figures.py                  print the rows alone
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

from reader_figures import Row


def rows() -> Iterator[Row]:
    """All rows; a few seconds."""
    yield receipt()
    yield certificate()


def receipt() -> Row:
    """An acceptance receipt encoded, against python-escpos alone encoding the same words and QR code."""
    from config.receipt_printers import receipt_printer
    from drivers.receipt_printer.document import Line, Pair, Qr
    from drivers.receipt_printer.encoder import ReceiptEncoder
    from drivers.receipt_printer.escpos_library import dummy
    from kiosk.receipts import compose

    values = {
        "acceptance_no": "3710 0226 1121 0047",
        "service": "居民身份证到期换领",
        "name": "张㛃",
        "promise_date": "2026-12-18",
        "amount_fen": "2000",
        "method": "银行卡尾号 0025",
        "payment_no": "7B9B21BB",
        "hall": "环翠区政务服务中心",
        "terminal": "WH-HC-0003",
        "time": "2026-11-21T20:14:00+08:00",
        "help_phone": "0631-12345",
        "progress_url": "WHA1.3710022611210047",
    }
    document = compose("acceptance", values, simulated=True, language="zh")
    profile = receipt_printer("chinese-80mm")
    encoder = ReceiptEncoder(profile)

    def plain() -> None:
        printer = dummy(profile.escpos_profile)
        for part in document.parts:
            if isinstance(part, Line):
                printer.text(part.text + "\n")
            elif isinstance(part, Pair):
                printer.text(f"{part.left} {part.right}\n")
            elif isinstance(part, Qr):
                printer.qr(part.payload, native=False, size=part.module)
        printer.cut()

    ours = _median(lambda: encoder.encode(document, b"0001"), 30)
    peer = _median(plain, 30)
    return Row(
        "receipt encoded", f"{ours * 1000:.2f} ms", f"python-escpos alone {peer * 1000:.2f} ms", f"{ours / peer:.2f}"
    )


def certificate() -> Row:
    """A certificate typeset: the first one of a process, and the following."""
    from kiosk.certificate import render
    from kiosk.certificate_data import CertificateData

    data = CertificateData(
        template="insured-status",
        identifier="1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
        title="社会保险个人参保证明",
        holder_name="张某荣",
        holder_number_masked="371002********5015",
        statement="在我市参加社会保险，截至二〇二六年十一月，参保情况如下：",
        columns=("险种", "参保状态", "起始年月", "累计月数"),
        rows=(("企业职工基本养老保险", "参保缴费", "2012-07", "173"), ("失业保险", "参保缴费", "2012-07", "173")),
        issuer="威海市社会保险服务中心",
        issued_on=date(2026, 11, 21),
        purpose="求职",
        valid_until=date(2027, 2, 21),
        qr="WHC1.bench",
        serial="20260100001",
    )

    def draw() -> None:
        render(data, specimen=True, terminal_id="WH-HC-0003")

    began = time.perf_counter()
    draw()
    cold = time.perf_counter() - began
    warm = _median(draw, 10)
    return Row(
        "certificate typeset (PDF/A)",
        f"{warm * 1000:.0f} ms",
        f"the first of a process {cold * 1000:.0f} ms",
        f"{warm / cold:.2f}",
    )


def _median(work: Callable[[], object], times: int) -> float:
    work()
    samples = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        samples.append(time.perf_counter() - began)
    return statistics.median(samples)


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write("  ".join(row) + "\n")
