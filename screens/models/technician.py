"""What the technician's pages need to know. Every string is in the reader's language already; nothing is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.screen import KeypadKind, PictureKind

CheckState = Literal["ok", "attention", "fault", "unknown", "absent"]
TestOutcome = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value."""

    label: str
    value: str
    private: bool = False
    """For the eyes of who stands there: no mirror and no voice tells it."""


@dataclass(frozen=True, slots=True)
class TechDoor:
    """Who comes in: card on the reader, or a code. `refused` and `locked_until` ("21:05") say why not.

    `without_card`: the reader does not work, so that only a code is left.
    """

    refused: str = ""
    locked_until: str = ""
    without_card: bool = False


@dataclass(frozen=True, slots=True)
class TechCode:
    """A one-time code being typed; `value` is grouped as shown. `scans`: it may be held up to the code reader too."""

    value: str = ""
    error: str = ""
    complete: bool = False
    scans: bool = False


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One section in one line. `word` names the state; `remedy` is the next act, "" where none is wanted."""

    id: str
    name: str
    icon: str
    state: CheckState
    word: str
    sentence: str
    remedy: str = ""
    test: bool = True
    """There is a test for it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole terminal: worst first. `first` is the root cause and `first_remedy` the next act; "": all is well."""

    lines: tuple[CheckLine, ...]
    first: str = ""
    first_remedy: str = ""
    first_id: str = ""
    first_state: CheckState = "ok"
    services: int = 0
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One bar of the small chart: what stands under it, its share of the highest (0..1), and the figure said."""

    label: str
    share: float
    told: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class WorkLine:
    """Something that can be done. Not `enabled`: `reason` says why."""

    key: str
    label: str
    icon: str = "build"
    note: str = ""
    enabled: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SectionDetail:
    """One section whole: what is wrong with it, who mends it, what to do, what is on record."""

    line: CheckLine
    who: str = ""
    said: str = ""
    """The device's own words."""
    drawing: PictureKind | None = None
    others: tuple[str, ...] = ()
    """Further troubles, a sentence each."""
    facts: tuple[Fact, ...] = ()
    trend: tuple[TrendPoint, ...] = ()
    trend_title: str = ""
    acts: tuple[WorkLine, ...] = ()
    """What can be done here beside the test: restart, refill, port."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A measure as a bar: `share` 0..1, good from `low` to `high` (shares too)."""

    label: str
    value: str
    share: float
    low: float = 0.0
    high: float = 1.0

    @property
    def good(self) -> bool:
        """Whether it lies where it should."""
        return self.low <= self.share <= self.high


@dataclass(frozen=True, slots=True)
class TestRunning:
    """A test under way. `fraction` None: it is not known how far; `preview`: the camera's picture is shown."""

    __test__ = False  # not a case for pytest

    name: str
    doing: str
    figures: tuple[Fact, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    fraction: float | None = None
    preview: bool = False
    qr: str = ""
    """A code to hold before the reader, shown on the page."""
    stoppable: bool = True


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """A person decides: was it as it should be?"""

    __test__ = False

    name: str
    question: str
    hint: str = ""
    drawing: PictureKind | None = None
    qr: str = ""
    """A code to hold before the reader, shown on the page."""


@dataclass(frozen=True, slots=True)
class TestDone:
    """How a test ended. `figures` are what was measured."""

    __test__ = False

    name: str
    outcome: TestOutcome
    sentence: str
    remedy: str = ""
    figures: tuple[Fact, ...] = ()
    section: str = ""
    """Whose details can be opened from here."""


@dataclass(frozen=True, slots=True)
class TestTally:
    """One line of several tests: `state` of the last run."""

    __test__ = False

    name: str
    state: Literal["todo", "running", "pass", "fail", "unknown"]
    runs: int = 0
    fails: int = 0
    p95: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BurnIn:
    """Many tests, once or again and again, with live counts; `over` when it has ended."""

    title: str
    lines: tuple[TestTally, ...]
    elapsed: str
    left: str = ""
    paper: str = ""
    """How much paper it takes, said before it begins."""
    over: bool = False
    troubles: tuple[tuple[str, str], ...] = ()
    """What was found: the sentence, and what to do."""


@dataclass(frozen=True, slots=True)
class TouchGrid:
    """The panel to be wiped, cell by cell. `wiped` are numbers of cells in reading order; `heard` the last stroke."""

    columns: int
    rows: int
    wiped: frozenset[int]
    heard: int = 0
    seconds: int = 30
    """So long after the last touch it ends."""
    told: str = ""


@dataclass(frozen=True, slots=True)
class TouchCross:
    """A cross to touch, at a pixel of the panel, `at` of `of`; `heard` is the last touch taken."""

    x: int
    y: int
    at: int
    of: int
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Pixels:
    """The whole panel in one colour ("#rrggbb"), `at` of `of`."""

    colour: str
    at: int
    of: int


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do beside the tests. `state`: "" open for citizens, else why it is closed."""

    lines: tuple[WorkLine, ...]
    closed: str = ""


@dataclass(frozen=True, slots=True)
class WorkOption:
    """One answer of a choice."""

    key: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkField:
    """One thing that an act wants to know: a number (`keypad`), or one of `options`. `value` is the option's key."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    options: tuple[WorkOption, ...] = ()
    keypad: KeypadKind = "digits"
    most: int = 12
    """Characters at most."""


@dataclass(frozen=True, slots=True)
class WorkForm:
    """An act before it is done: what is known, what is asked, what will happen. `focus` is the field typed into."""

    title: str
    subtitle: str = ""
    known: tuple[Fact, ...] = ()
    notice: str = ""
    notice_detail: str = ""
    warning: str = ""
    fields: tuple[WorkField, ...] = ()
    focus: str = ""
    do: str = ""
    """The word on the button that does it; "": nothing is done here."""
    complete: bool = True
    danger: bool = False
    drawing: PictureKind | None = None


@dataclass(frozen=True, slots=True)
class WorkRecord:
    """One entry of a list. Not `opens`: it is only to be read."""

    key: str
    title: str
    note: str = ""
    icon: str = "description"
    opens: bool = True


@dataclass(frozen=True, slots=True)
class WorkList:
    """Entries to read or to open: open intents, forgotten documents, ports, the audit. `none` is said when empty."""

    title: str
    subtitle: str = ""
    records: tuple[WorkRecord, ...] = ()
    none: str = ""
    acts: tuple[WorkLine, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class WorkDone:
    """An act that has ended: what became of it, and what is on record."""

    title: str
    sentence: str
    outcome: TestOutcome = "pass"
    known: tuple[Fact, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class TechLeave:
    """Leaving: `holding` are things that keep citizens from being served when the terminal goes back."""

    services: int
    holding: tuple[str, ...] = ()
    closed: str = ""


@dataclass(frozen=True, slots=True)
class TechIdle:
    """Nothing was touched for a while."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Maintenance:
    """For citizens, while a technician comes or is here: `elsewhere` is the next place to go."""

    elsewhere: str = ""
    soon: bool = False
    """A visit under way ends first."""
    ending: bool = False
    """The technician has left, and a device has not come to rest."""
