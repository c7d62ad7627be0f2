"""The same feature files at a running bench, in real time: real processes, real ports, the screen that people see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_S = 90.0
SCENARIOS = (
    "tests/features/print.feature::test_打印参保证明",
    "tests/features/breakdowns.feature::test_插线板断电_插回去以后一切正常",
)

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240), pytest.mark.xdist_group("visits")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[str]:
    """`kiosk-sim up` on free ports; its address with the token."""
    log = tmp_path / "up.log"
    program = [
        str(Path(sys.executable).with_name("kiosk-sim")),
        "up",
        "--ephemeral",
        "--port",
        "0",
        "--out",
        str(tmp_path / "up"),
    ]
    quiet = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    with log.open("wb") as out:
        up = subprocess.Popen(program, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=quiet)
    try:
        until = time.monotonic() + START_S
        while "Bench: " not in (words := log.read_text("utf-8")):
            assert up.poll() is None, words
            assert time.monotonic() < until, words
            time.sleep(0.2)
        yield words.partition("Bench: ")[2].split()[0]
    finally:
        up.send_signal(signal.SIGTERM)
        try:
            up.wait(30)
        except subprocess.TimeoutExpired:
            up.kill()
            up.wait(10)


def test_scenarios_of_the_virtual_hall_run_at_the_bench(bench: str, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:schemathesis",
        "-p",
        "no:hypothesispytest",
        "-q",
        "--timeout",
        "150",
    ]
    done = subprocess.run(
        [*command, *SCENARIOS, "--bench", bench, "--kiosk-report", str(report)],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    page = report.read_text("utf-8")
    assert "2 通过" in page
    assert "试验台（真实时间）" in page
    assert "data:image/jpeg;base64," in page
    assert bench.partition("token=")[2] not in page, "the token belongs in no report"
