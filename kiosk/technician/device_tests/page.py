"""docs/device-tests.md, drawn from the tables: which tests there are, what they say and measure, what passes."""

from __future__ import annotations

from typing import Final

from config.device_tests import Measure, device_tests
from kiosk.diagnostics.sections import NAMES
from kiosk.technician.device_tests.declared import DeviceTest
from kiosk.technician.device_tests.table import TESTS

COMMAND: Final = "kiosk docs device-tests --out docs/device-tests.md"
HEAD: Final = f"""# Tests of devices

Drawn from `kiosk/technician/device_tests/table.py` and `config/device_tests.toml` by `{COMMAND}`.

A technician runs them from the pages of the terminal; while no terminal runs,
`kiosk test-device all|TEST|SECTION|PLACE [--json] [--unattended]` does. Exit codes: 0 passed, 1 one failed, 2 wrong
use, 3 none failed and one is not known. `--rounds N` makes a burn-in of what needs no hands; `--paper` lets it print,
and how much paper and how many pages it takes is said before it begins.

Every run is on record: begin and end, outcome, event, figures (journal entries `device-test`), and the newest pass and
fail of its section in `kiosk diagnose`. Nothing of a card, a face or a code that helped is in the record, and no case,
payment, ticket or evaluation comes of it. The payment pad is only asked: status (05 01),
self-test (06 79; option `self_test = false` of a pad that restarts on it) and diagnosis (06 70).
A test that is stopped, or that takes longer than it may, leaves its device fit for service: a page is called off at the
printer, lights are as they were, pictures are wiped.

*A person* is what has to be done by hand first. Where somebody is there, tests of printers, lights, sensors, colours
and sound also ask at the end whether it was so; unattended the device's own word counts.
"""


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD, "| test | section | a person | uses up | at most |", "|---|---|---|---|---|"]
    for test in TESTS:
        name = f"`{test.id}`: {test.name('en')} / {test.name('zh')}"
        hands = device_tests().say[test.begins].en if test.begins else "-"
        lines.append(f"| {name} | {NAMES[test.section]['en']} | {hands} | {_used(test)} | {test.deadline_s:g} s |")
    lines += ["", "## What passes", "", "| figure | passes | otherwise |", "|---|---|---|"]
    for id_, measure in device_tests().measure.items():
        if measure.below or measure.above:
            events = ", ".join(f"`{event}`" for event in dict.fromkeys((measure.below, measure.above)) if event)
            lines.append(f"| `{id_}`: {measure.en} / {measure.zh} | {_range(measure)} | {events} |")
    return "\n".join([*lines, ""])


def _used(test: DeviceTest) -> str:
    used = [f"{test.paper_mm} mm of receipt paper"] if test.paper_mm else []
    used += [f"{test.pages} page"] if test.pages else []
    return ", ".join(used) or "-"


def _range(measure: Measure) -> str:
    unit = f" {measure.unit}" if measure.unit else ""
    if measure.low is None:
        return f"up to {measure.high:g}{unit}"
    return f"from {measure.low:g}{unit}" if measure.high is None else f"{measure.low:g} to {measure.high:g}{unit}"
