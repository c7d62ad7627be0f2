"""The report and what is kept of a failure: masked, bounded, in one file that fetches nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.acceptance import report
from simulator.acceptance.masking import masked
from simulator.acceptance.pictures import small
from simulator.acceptance.terminals import Terminals
from simulator.people import CITIZENS


def a_run(**more: Any) -> dict[str, Any]:
    usual = {
        "node": "a.feature::test_一", "file": "a.feature", "feature": "缴费", "scenario": "用<银行卡>", "tags": ["P2"],
        "status": "passed", "seconds": 1.5, "error": "", "seed": 7, "where": "hall", "text": "屏幕", "wire": ["一行"],
        "journal": ["一条"], "papers": [], "pictures": [],
        "steps": [
            {"line": "当 他点“甲”", "began": 0.0, "status": "passed", "seconds": 0.1, "page": "首页", "picture": -1}
        ],
    }  # fmt: skip
    return usual | more


@pytest.mark.promise("P6")
@pytest.mark.parametrize("key", ["citizen-02", "citizen-07", "citizen-14"])
def test_nothing_of_a_citizen_is_left_when_masked(key: str) -> None:
    c = CITIZENS[key]
    text = masked(f"{c.name} {c.number} {c.phone} {c.pan} {c.address} PIN 1234 密码：135790")
    for word in (c.name, c.number, c.phone, c.pan, c.address, "1234 ", "135790"):
        assert word not in text


def test_numbers_of_cases_and_money_stay_readable() -> None:
    assert masked("受理编号 3710002611230001，20.00 元") == "受理编号 3710002611230001，20.00 元"


def test_one_file_that_fetches_and_executes_nothing(tmp_path: Path) -> None:
    runs = [a_run(), a_run(status="failed", error="<script>alert(1)</script>", scenario="坏的")]
    report.write_report(tmp_path / "deep/r.html", [json.dumps(run) for run in runs], "7")
    text = (tmp_path / "deep/r.html").read_text("utf-8")
    assert "<script" not in text
    assert "用&lt;银行卡&gt;" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "1 通过" in text
    assert "1 失败" in text
    assert "prefers-color-scheme: dark" in text
    assert "--seed 7" in text


def test_a_report_has_a_bound_and_keeps_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_BYTES", 60_000)
    fine = a_run(pictures=["A" * 40_000], papers=[0])
    bad = a_run(status="failed", pictures=["B" * 40_000], papers=[0])
    text = report.page([fine, bad], "1")
    assert len(text) < 60_000
    assert "BBBB" in text
    assert "AAAA" not in text


def test_what_is_no_picture_is_left_out() -> None:
    assert small(b"") == b""
    assert small(b"no picture") == b""


def test_a_test_has_the_same_seed_wherever_it_lies_and_another_with_another_seed() -> None:
    one, other = Terminals(seed=1), Terminals(seed=2)
    assert one.seed_for("tests/features/a.feature::x") == one.seed_for("a.feature::x")
    assert one.seed_for("a.feature::x") != one.seed_for("a.feature::y")
    assert one.seed_for("a.feature::x") != other.seed_for("a.feature::x")
