"""What is known of a test while it runs, for its report: steps with their times, pictures, what is there at the end."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.acceptance.scene import Scene

MOST_PICTURES = 6
MOST_WIRE = 250
MOST_JOURNAL = 60
MOST_PAPERS = 3
POLLS_KNOWN = 6
"""So many lines of a device are remembered: what is among them is said again, not news."""
_COUNTED = re.compile(r"\d+")
MOST_PNG = 2 * 1024 * 1024


@dataclass(slots=True)
class Told:
    """One step: its line, when it began, how it went, how long it took (seconds), where the terminal stood then."""

    line: str
    began: float = 0.0
    status: str = ""
    seconds: float = 0.0
    page: str = ""
    picture: int = -1


@dataclass
class Running:
    """One test. `pictures` and papers are JPEG as base64 text."""

    scene: Scene
    node: str = ""
    wants_pictures: bool = False
    file: str = ""
    feature: str = ""
    scenario: str = ""
    tags: list[str] = field(default_factory=list)
    steps: list[Told] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    _shown: str = ""

    def ended(self, status: str) -> None:
        """The step that began last is over."""
        step = self.steps[-1]
        step.status, step.seconds = status, time.perf_counter() - step.began
        if self.scene.is_open:
            page = self.scene.terminal.see()
            step.page = page.title
            if self.wants_pictures and page.text != self._shown and len(self.pictures) < MOST_PICTURES:
                self._shown = page.text
                step.picture = self.keep(self.scene.terminal.picture())

    def keep(self, png: bytes) -> int:
        """Keep a picture; its number, -1 when there is none."""
        from simulator.acceptance.pictures import small

        jpeg = small(png)
        if not jpeg:
            return -1
        self.pictures.append(base64.b64encode(jpeg).decode("ascii"))
        return len(self.pictures) - 1

    def as_data(self, status: str, seconds: float, error: str) -> dict[str, Any]:
        """Everything as JSON data, with what is there at the end; personal data masked."""
        from simulator.acceptance.masking import masked

        scene = self.scene
        data: dict[str, Any] = {
            "node": self.node, "file": self.file, "feature": self.feature, "scenario": self.scenario or self.node,
            "tags": self.tags, "status": status, "seconds": seconds, "error": masked(error),
            "seed": scene.seed, "where": scene.where, "steps": [asdict(step) for step in self.steps],
            "text": "", "wire": [], "journal": [], "papers": [], "pictures": self.pictures,
        }  # fmt: skip
        if not scene.is_open:
            return data
        terminal = scene.terminal
        if status == "failed" and self.wants_pictures:
            data["last"] = self.keep(terminal.picture())
        data["text"] = masked(terminal.see().text)
        data["wire"] = [masked(line) for line in spoken_of(terminal.wire(scene.stood.wire))[-MOST_WIRE:]]
        data["journal"] = [masked(line) for line in journal_tail(scene)]
        if self.wants_pictures:
            data["papers"] = [index for index in (self.keep(png) for png in papers(scene)) if index >= 0]
        return data


def journal_tail(scene: Scene) -> list[str]:
    """The end of the terminal's journal, a line an entry; a sentence where it cannot be had."""
    from simulator.acceptance.terminal import NotHere

    try:
        entries = scene.terminal.journal(scene.stood.entries)[-MOST_JOURNAL:]
    except NotHere as error:
        return [str(error)]
    return [f"{entry.visit or '-':20} {entry.kind:24} {entry.body}" for entry in entries]


def spoken_of(lines: list[str]) -> list[str]:
    """The wire without the printer's polls, a line every two seconds in which nothing happens."""
    return [
        line for line in lines if "Get-Printer-Attributes" not in line and not line.endswith("printer state 3 none")
    ]


def papers(scene: Scene) -> list[bytes]:
    """What came out of the printers since the scenario began, as PNG, the newest last."""
    from simulator.acceptance.steps.paper_seen import receipts, sheets

    terminal = scene.terminal
    count = receipts(scene)
    last = int(terminal.state("receipt-printer").get("receipts", 0))
    names = [("receipt-printer", f"receipt-{n}.png") for n in range(last - count + 1, last + 1)][-MOST_PAPERS:]
    names += [("licence-printer", "last.png")] * bool(sheets(scene))
    made = [terminal.artefact(family, name) for family, name in names]
    return [png for png in made if png and len(png) <= MOST_PNG]
