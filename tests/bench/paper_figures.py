"""The paper rows of `make bench`: a receipt against python-escpos alone, a certificate against reportlab, the way to
the first byte on the wire, memory.

python tests/bench/paper_figures.py                  print the rows alone
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from paper_peers import escpos_alone, reportlab_certificate, truetype, words_of
from paper_wire import certificate_first_byte, receipt_first_byte
from reader_figures import Row

ROOT = Path(__file__).parents[2]
PROFILE = "chinese-80mm"
PEAKS = ("receipt", "escpos", "certificate", "reportlab")


def rows() -> Iterator[Row]:
    """All rows; some ten seconds."""
    yield receipt()
    yield certificate()
    yield receipt_first_byte(receipt_document())
    yield certificate_first_byte(typeset())
    peaks = {name: peak(name) for name in PEAKS}
    yield memory("memory for the first receipt of a process", peaks["receipt"], "python-escpos alone", peaks["escpos"])
    yield memory("memory for the first certificate of a process", peaks["certificate"], "reportlab", peaks["reportlab"])


def receipt_document() -> Any:
    """An acceptance receipt with everything on it."""
    from kiosk.printing.receipts import compose

    values = {
        "acceptance_no": "3710 0226 1121 0047",
        "service": "居民身份证到期换领",
        "name": "张伟",
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
    return compose("acceptance", values, simulated=True, language="zh")


def receipt() -> Row:
    """An acceptance receipt encoded, against python-escpos alone encoding the same words and QR code."""
    from config.receipt_printers import receipt_printer
    from drivers.receipt_printer.encoder import ReceiptEncoder

    document, profile = receipt_document(), receipt_printer(PROFILE)
    encoder = ReceiptEncoder(profile)
    ours = _median(lambda: encoder.encode(document, b"0001"), 50)
    peer = _median(lambda: escpos_alone(document, profile), 50)
    return Row(
        "receipt encoded", f"{ours * 1000:.2f} ms", f"python-escpos alone {peer * 1000:.2f} ms", f"{ours / peer:.2f}"
    )


def certificate_document() -> Any:
    """A certificate of one page with a table."""
    from kiosk.printing.certificate_data import CertificateData

    return CertificateData(
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


def typeset() -> bytes:
    """The certificate as a PDF by our own way."""
    from kiosk.printing.certificate import render

    made: bytes = render(certificate_document(), specimen=True, terminal_id="WH-HC-0003").pdf
    return made


def certificate() -> Row:
    """A certificate typeset to PDF/A-2b with its checks, against reportlab setting the same words to a plain PDF."""
    document = certificate_document()
    font = truetype(words_of(document))
    began = time.perf_counter()
    typeset()
    first = time.perf_counter() - began
    ours, peer = _median(typeset, 20), _median(lambda: reportlab_certificate(document, font), 20)
    return Row(
        f"certificate typeset, PDF/A-2b (the first of a process {first * 1000:.0f} ms)",
        f"{ours * 1000:.1f} ms",
        f"reportlab, plain PDF, font cut down before {peer * 1000:.1f} ms",
        f"{ours / peer:.2f}",
    )


def memory(what: str, ours: float, name: str, peer: float) -> Row:
    """One row of two peaks in MiB."""
    return Row(what, f"{ours:.1f} MiB", f"{name} {peer:.1f} MiB", f"{ours / peer:.2f}")


def peak(name: str) -> float:
    """MiB that a fresh process grows by, at its peak, to do `name` once, its imports included."""
    with tempfile.NamedTemporaryFile() as font:
        if name == "reportlab":
            font.write(truetype(words_of(certificate_document())))
            font.flush()
        command = [sys.executable, __file__, "--peak", name, font.name]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return float(ran.stdout)


def _grown(name: str, font: bytes) -> float:
    """As `peak`, in this process. What is the input of the work is made before."""
    from config.receipt_printers import receipt_printer
    from drivers.receipt_printer.encoder import ReceiptEncoder

    profile, work = receipt_printer(PROFILE), {}
    if name in ("receipt", "escpos"):
        document = receipt_document()
        work["receipt"] = lambda: ReceiptEncoder(profile).encode(document, b"0001")
        work["escpos"] = lambda: escpos_alone(document, profile)
    else:
        document = certificate_document()
        work["certificate"] = typeset
        work["reportlab"] = lambda: reportlab_certificate(document, font)
    # 5 sets the peak back to what is resident now (Linux, proc(5)).
    Path("/proc/self/clear_refs").write_text("5")
    before = _status_kib("VmRSS")
    work[name]()
    return (_status_kib("VmHWM") - before) / 1024


def _status_kib(key: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise KeyError(key)


def _median(work: Callable[[], object], times: int) -> float:
    work()
    samples = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        samples.append(time.perf_counter() - began)
    return statistics.median(samples)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        sys.stdout.write(f"{_grown(sys.argv[2], Path(sys.argv[3]).read_bytes()):.3f}\n")
    else:
        for row in rows():
            sys.stdout.write("  ".join(row) + "\n")
