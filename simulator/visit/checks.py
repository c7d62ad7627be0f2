"""What is true after a visit: platform, bank ledger, papers, traces of the person; compared with what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from simulator.people import Citizen
from simulator.visit.script import Expected

MAX_FILE = 64 * 1024 * 1024
TRACES = ("Traceback (most recent call last)", 'File "/')


@dataclass(frozen=True, slots=True)
class Found:
    """The world after the visit, in the words of `Expected`."""

    cases: int
    ledger_fen: int
    phone_fen: int
    orders: tuple[str, ...]
    prints: tuple[str, ...]
    receipts: int
    certificates: int
    ratings: int


def found(overview: dict[str, Any], ledger_fen: int, phone_fen: int, receipts: int, certificates: int) -> Found:
    """From the platform's lists, the ledgers of pad and phones, and the papers."""
    return Found(
        cases=len(overview.get("cases", [])),
        ledger_fen=ledger_fen,
        phone_fen=phone_fen,
        orders=tuple(str(o.get("state", "")) for o in overview.get("orders", [])),
        prints=tuple(str(p.get("state", "")) for p in overview.get("prints", [])),
        receipts=receipts,
        certificates=certificates,
        ratings=len(overview.get("evaluations", [])),
    )


def differences(expected: Expected, seen: Found) -> list[str]:
    """Sentences for everything that differs; none when it is as expected, or as right in another way."""
    first = _compare(expected, seen)
    if not first or any(not _compare(other, seen) for other in expected.either):
        return []
    return first


def _compare(expected: Expected, seen: Found) -> list[str]:
    return [
        f"{f.name}: expected {wanted!r}, found {getattr(seen, f.name)!r}"
        for f in fields(expected)
        if f.name != "either" and (wanted := getattr(expected, f.name)) is not None and wanted != getattr(seen, f.name)
    ]


def stack_traces(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Places (name, text) where lines of a stack trace can be read."""
    return [f"{name}: a stack trace can be read there" for name, text in texts if any(t in text for t in TRACES)]


def traces_of(citizen: Citizen, folder: Path) -> list[str]:
    """Files of the terminal's state in which the citizen's name, number, phone or card number can be read."""
    wanted = {
        "name": citizen.name.encode(),
        "number": citizen.number.encode(),
        "phone": citizen.phone.encode(),
        "bank card": citizen.pan.encode(),
    }
    left: list[str] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        with path.open("rb") as file:
            data = file.read(MAX_FILE)
        left.extend(f"{path.name}: the citizen's {what} can be read" for what, value in wanted.items() if value in data)
    return left


def unmarked(receipt: str, certificate: bytes) -> list[str]:
    """Papers of a simulated profile that do not say so. Empty ones (nothing was printed) are not looked at."""
    wrong = []
    if receipt and "模拟" not in receipt:
        wrong.append("the receipt does not say 模拟")
    if certificate:
        text = pdf_text(certificate)
        wrong.extend(f"the certificate does not say {mark}" for mark in ("样张", "SPECIMEN") if mark not in text)
    return wrong


def pdf_text(data: bytes) -> str:
    """The text of all pages, without white space (a watermark's letters may stand apart)."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()
