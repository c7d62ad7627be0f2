"""Scripted visits through real processes and real ports: every case of both services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.visit.cases import CASES
from simulator.visit.play import VisitOptions, play_visit

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180), pytest.mark.xdist_group("visits")]

PROMISES = {
    "declined": ("P1", "P6"),
    "paid-by-phone": ("P1", "P2", "P6"),
    "network-gone": ("P4", "P6"),
    "killed-after-payment": ("P1", "P2", "P6", "P9"),
    "receipt-paper-out": ("P7",),
    "licence-paper-out": ("P3", "P7"),
}
"""What each case holds up; the plain ones hold up P6: nothing of the citizen is left behind."""


def visits() -> list[Any]:
    return [
        pytest.param(*key, id="-".join(key), marks=[pytest.mark.promise(p) for p in PROMISES.get(key[1], ("P6",))])
        for key in CASES
    ]


def said(lines: list[str]) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize(("service", "case"), visits())
async def test_visit(service: str, case: str, tmp_path: Path) -> None:
    lines: list[str] = []
    differences = await play_visit(VisitOptions(service, tmp_path / "visit", case=case), lines.append)
    assert differences == [], said(lines)
    summary = json.loads((tmp_path / "visit/summary.json").read_text("utf-8"))
    assert summary["pages"]
    for page in summary["pages"]:
        assert (tmp_path / "visit" / page["file"]).read_bytes().startswith(b"\x89PNG"), page
    assert list((tmp_path / "visit").glob("journal*"))
    expected = CASES[service, case].expected
    assert (tmp_path / "visit/certificate.pdf").exists() == bool(expected.certificates)
    if expected.certificates:
        assert (tmp_path / "visit/certificate.pdf").read_bytes().startswith(b"%PDF")
    if expected.receipts:
        assert (tmp_path / "visit/receipt.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("service", ["WH-SI-001", "WH-PS-001"])
async def test_visit_in_english_with_a_rare_character(service: str, tmp_path: Path) -> None:
    lines: list[str] = []
    options = VisitOptions(service, tmp_path / "visit", citizen="citizen-07", language="en")
    assert await play_visit(options, lines.append) == [], said(lines)
    summary = json.loads((tmp_path / "visit/summary.json").read_text("utf-8"))
    assert {page["language"] for page in summary["pages"] if page["page"] == "finish"} == {"en"}
