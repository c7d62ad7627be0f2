"""What is kept of a test: for a failure the screen, the wire and the journal in a folder; for the report all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.acceptance.masking import masked
from simulator.acceptance.running import Running, journal_tail, spoken_of

OUT = "build/kiosk-failures"
SHOWN_LINES = 15
MOST_ERROR = 4000


def keep(item: pytest.Item, report: pytest.TestReport, running: Running) -> None:
    """Write the folder of a failure, say where it is, and hand the data on to the report."""
    config, scene = item.config, running.scene
    status = "skipped" if report.skipped else report.outcome
    before = report.longrepr
    if report.failed and running.steps:
        report.longrepr = _told(running, before)
    if report.failed and scene.is_open:
        folder = Path(str(config.getoption("--kiosk-out") or config.rootpath / OUT)) / _file_name(item.name)
        try:
            lines = _write(folder, running)
        except Exception as error:  # noqa: BLE001 - whatever broke the terminal must not hide why the test failed
            lines = [f"没有留下屏幕、通讯、流水：{type(error).__name__}: {error}"]
        report.sections.append(("kiosk", "\n".join(lines)))
    if report.failed:
        report.kiosk_again = _again(item, running)  # type: ignore[attr-defined]  # carried from workers with the report
    if running.wants_pictures:
        why = _why_skipped(report)
        if report.failed:
            why = _message(before) if running.steps else report.longreprtext
        data = running.as_data(status, report.duration, why[-MOST_ERROR:])
        report.kiosk = json.dumps(data, ensure_ascii=False)  # type: ignore[attr-defined]  # as above


def _message(longrepr: object) -> str:
    """What went wrong, without the lines of Python around it."""
    crash = getattr(longrepr, "reprcrash", None)
    return str(longrepr) if crash is None else f"{crash.message}\n{crash.path}:{crash.lineno}"


def _told(running: Running, longrepr: object) -> str:
    """The steps with how each went, then what the last one found: a feature file has no lines of Python to show."""
    signs = {"passed": "✓", "failed": "✗", "unknown": "✗ 没有这个步骤："}
    lines = [f"  {signs.get(step.status, '-')} {step.line}  ({step.seconds:.2f} 秒)" for step in running.steps]
    return "\n".join([f"{running.file}：{running.scenario}", *lines, "", _message(longrepr)])


def _why_skipped(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if report.skipped and isinstance(report.longrepr, tuple) else ""


def _again(item: pytest.Item, running: Running) -> str:
    """The command that plays the test again."""
    seed, bench = item.config.getoption("--seed"), item.config.getoption("--bench")
    real = f" --bench {str(bench).partition('?')[0]} --token ..." if bench else ""
    return f'pytest "{item.nodeid}" --seed {seed} --kiosk-fresh{real}'


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")[:80] or "test"


def _write(folder: Path, running: Running) -> list[str]:
    """The files of a failure; the lines that are printed with it."""
    terminal, scene = running.scene.terminal, running.scene
    folder.mkdir(parents=True, exist_ok=True)
    text = masked(terminal.see().text)
    wire = [masked(line) for line in spoken_of(terminal.wire(scene.stood.wire))]
    journal = [masked(line) for line in journal_tail(scene)]
    (folder / "screen.txt").write_text(text + "\n", "utf-8")
    (folder / "wire.txt").write_text("\n".join(wire) + "\n", "utf-8")
    (folder / "journal.txt").write_text("\n".join(journal) + "\n", "utf-8")
    if picture := terminal.picture():
        (folder / "screen.png").write_bytes(picture)
    return [
        f"屏幕、通讯、流水在 {folder}", "屏幕：", text, f"流水最后 {SHOWN_LINES} 条：", *journal[-SHOWN_LINES:],
        f"通讯最后 {SHOWN_LINES} 行：", *wire[-SHOWN_LINES:],
    ]  # fmt: skip
