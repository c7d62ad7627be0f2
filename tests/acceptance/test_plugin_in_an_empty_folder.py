"""QA writes a test in an empty folder; it runs, and when it fails it says what there was to see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from simulator.acceptance.terminals import Terminals

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
WRONG = """
def test_wrong(terminal):
    terminal.touch("点这里开始")
    terminal.shows("首页")
    terminal.step("他切换成“English”")
    assert "没有的话" in terminal.text


def test_step_that_nobody_knows(terminal):
    terminal.step("他飞走了")
"""
FEATURE = """
# language: zh-CN
功能: 试一试
  场景: 写错的步骤
    假如 一台空闲的自助机
    当 他飞走了

  场景: 写错的词
    假如 “凭条打印机”出现“没有的故障”
"""
TWICE = """
# language: zh-CN
功能: 两次
  场景: 同名
    假如 一台空闲的自助机
  场景: 同名
    假如 一台空闲的自助机
"""
PLAIN = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "--continue-on-collection-errors")


def _of_the_guide(language: str) -> str:
    """The guide's example in `language`, word for word."""
    guide = (ROOT / "docs/qa-guide.md").read_text("utf-8")
    return guide.split(f"```{language}\n")[1].split("```")[0]


def test_the_guides_examples_and_mistakes_in_an_empty_folder(pytester: pytest.Pytester) -> None:
    (pytester.path / "test_guide.py").write_text(_of_the_guide("python"), "utf-8")
    (pytester.path / "mine.feature").write_text(_of_the_guide("gherkin"), "utf-8")
    (pytester.path / "wrong.feature").write_text(FEATURE, "utf-8")
    (pytester.path / "test_mine.py").write_text(WRONG, "utf-8")
    (pytester.path / "twice.feature").write_text(TWICE, "utf-8")
    result = pytester.runpytest_subprocess("--kiosk-report", "out/report.html", "--seed", "5", *PLAIN, timeout=110)
    result.assert_outcomes(passed=3, failed=5, errors=1)
    text = result.stdout.str()
    assert "--seed 5 --kiosk-fresh" in text
    assert "test_mine.py::test_wrong" in text
    assert "✗ 没有这个步骤： 当 他飞走了" in text
    assert "没有叫“没有的故障”" in text
    assert "屏幕上没有“碳粉”" in text
    assert "有没有重名的" in text, "a name that stands twice must not lose a scenario in silence"
    kept = pytester.path / "build/kiosk-failures/test_wrong"
    assert (kept / "screen.png").read_bytes().startswith(b"\x89PNG")
    assert "[中文]" in (kept / "screen.txt").read_text("utf-8")
    assert "visit.opened" in (kept / "journal.txt").read_text("utf-8")
    assert (kept / "wire.txt").exists()
    page = (pytester.path / "out/report.html").read_text("utf-8")
    assert "3 通过" in page
    assert "data:image/jpeg;base64," in page


def test_a_seed_must_be_a_number() -> None:
    class Config:
        def getoption(self, name: str) -> str:
            return "abc" if name == "--seed" else ""

    with pytest.raises(pytest.UsageError, match="at most 9 digits, or random"):
        Terminals.of(cast("pytest.Config", Config()))


def test_who_does_not_use_it_pays_nothing() -> None:
    code = (
        "import sys, simulator.acceptance.pytest_plugin\n"
        "heavy = [m for m in ('numpy', 'fastapi', 'pygame', 'simulator.hall', 'pytest_bdd', 'requests')"
        " if m in sys.modules]\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
