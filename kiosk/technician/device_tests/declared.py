"""What a test of a device is: how it is declared, what it may use, what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from config.device_tests import Measure, device_tests
from config.panel import Panel
from config.settings import Settings
from drivers.device import Device
from drivers.errors import DeviceError
from kiosk.diagnostics.sections import NAMES
from kiosk.events import Language, device_event, events

if TYPE_CHECKING:
    from kiosk.platform.client import Platform
    from kiosk.technician.device_tests.places import Finding

D = TypeVar("D", bound=Device)
Outcome = Literal["pass", "fail", "unknown"]
Value = float | int | str
Side = Literal["left", "right", "both"]
ANSWER_S: Final = 60.0
"""How long a person has to answer a question."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: a number in the unit of its measure, or a word (a key of `word`, or as the device says it)."""

    id: str
    value: Value

    @property
    def measure(self) -> Measure:
        """Its entry in config/device_tests.toml."""
        return device_tests().measure[self.id]

    def label(self, language: Language) -> str:
        """What it is called."""
        return self.measure.told(language)

    def told(self, language: Language) -> str:
        """The value with its unit."""
        if isinstance(self.value, str):
            known = device_tests().word.get(self.value)
            return known.told(language) if known else self.value
        unit = self.measure.unit
        return f"{self.value:g}{'' if unit in ('', '%') else ' '}{unit}"

    @property
    def event(self) -> str:
        """The event of a value outside what passes, "" inside."""
        if isinstance(self.value, str):
            return ""
        measure = self.measure
        if measure.low is not None and self.value < measure.low:
            return measure.below
        return measure.above if measure.high is not None and self.value > measure.high else ""

    @property
    def shares(self) -> tuple[float, float, float] | None:
        """Value, lowest and highest that pass as shares of a bar, 0 to 1; None: this is no bar."""
        measure = self.measure
        if measure.most is None or isinstance(self.value, str):
            return None
        low, high = measure.low or 0.0, measure.most if measure.high is None else measure.high
        value, low, high = (min(max(each / measure.most, 0.0), 1.0) for each in (self.value, low, high))
        return value, low, high


Figures = tuple[Figure, ...]


def figures(**values: Value) -> Figures:
    """`read_ms=12` as the figure `read-ms`."""
    return tuple(Figure(name.replace("_", "-"), value) for name, value in values.items())


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a test ended: the event is the sentence. `shown` is for the eyes of who stands there, never recorded."""

    __test__ = False  # not a case for pytest

    test: str
    section: str
    outcome: Outcome
    event: str
    what: str = ""
    cause: str = ""
    figures: Figures = ()
    said: str = ""
    """The device's own words."""
    shown: tuple[str, ...] = field(default=(), repr=False)

    def sentence(self, language: Language) -> str:
        """What is the matter."""
        return events()[self.event].sentence(language, NAMES[self.section][language], self.what)

    def remedy(self, language: Language) -> str:
        """What to do next."""
        return events()[self.event].remedy(language)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a test does now: `doing` is a key of `say`. `preview`: the role of the camera whose live picture helps."""

    doing: str
    figures: Figures = ()
    fraction: float | None = None
    preview: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """What the person does or sees now."""
        return device_tests().say[self.doing].told(language, **self.values)


class Operator(Protocol):
    """The person at the test, or nobody."""

    @property
    def present(self) -> bool:
        """Whether a person is there who can lay cards and answer."""
        ...

    def tell(self, progress: Progress) -> None:
        """Show what is done now; returns at once."""
        ...

    async def ask(self, question: str, seconds: float) -> bool | None:
        """A yes-or-no question (a key of `ask`); None: nobody answered within `seconds`."""
        ...


class Surface(Protocol):
    """The panel under the technician's finger. Every wait ends after `seconds`."""

    @property
    def panel(self) -> Panel:
        """Its pixels and millimetres."""
        ...

    async def crosses(self, spots: Sequence[tuple[int, int]], seconds: float) -> Sequence[tuple[int, int] | None]:
        """A cross at each pixel, one after another: where the finger came down; None: nobody touched it."""
        ...

    async def wipe(self, columns: int, rows: int, seconds: float) -> frozenset[int]:
        """A grid to be wiped: the cells (reading order, from 0) that felt the finger."""
        ...

    async def colours(self, colours: Sequence[str], seconds: float) -> int:
        """The whole panel in one colour ("#rrggbb") after another, on by a touch: how many were looked at."""
        ...

    async def code(self, payload: str) -> None:
        """Show a code to hold before a reader, beside what `tell` says, until the test ends."""
        ...


class Sounding(Protocol):
    """The sound card and the voice."""

    async def tone(self, side: Side, hz: int, seconds: float, volume: float) -> bool:
        """Sound a tone; false: there is no card that took it."""
        ...

    async def speak(self, language: Language, sentence: str) -> bool:
        """Speak a sentence; false: it cannot be heard."""
        ...


class NotFitted(Exception):
    """This terminal has no such device."""


@dataclass(slots=True)
class Ground:
    """What tests use. Without `surface` or `sound` the tests of panel and sound cannot run here."""

    settings: Settings
    devices: Mapping[str, Device]
    """By their place in the profile."""
    operator: Operator
    language: Language = "zh"
    surface: Surface | None = None
    sound: Sounding | None = None
    platform: Platform | None = None
    """The client of the running terminal; None: asked without a key."""
    skew_s: Callable[[], float] | None = None
    """Our clock minus the platform's, as last heard."""
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Places for which the profile makes no device -> why."""
    wall: Callable[[], datetime] = lambda: datetime.now().astimezone()
    finding: Mapping[str, Finding] = field(default_factory=dict)
    """Place of a camera -> who finds there what its picture is judged by; without it, the area where it is expected."""
    jobs: list[int] = field(default_factory=list)
    """Print jobs of the test under way, to be called off when it is stopped."""

    def device(self, role: str, kind: type[D]) -> D:
        """The device at that place. Raises `NotFitted`."""
        device = self.devices.get(role)
        if not isinstance(device, kind):
            raise NotFitted(role)
        return device


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a test: what it may use, and how it says what came out."""

    test: DeviceTest
    ground: Ground

    @property
    def operator(self) -> Operator:
        """Who stands there."""
        return self.ground.operator

    def tell(self, doing: str, *measured: Figure, preview: str = "", **values: Value) -> None:
        """What is done now."""
        self.operator.tell(Progress(doing, tuple(measured), preview=preview, values=values))

    async def asked(self, question: str, ended: TestResult, refuted: str = "test.not-confirmed") -> TestResult:
        """`ended` if a person says that it is so; with nobody there the device's word stands, and says so."""
        if not self.operator.present:
            return replace(ended, event="test.passed-unseen") if ended.outcome == "pass" else ended
        answer = await self.operator.ask(question, ANSWER_S)
        if answer is None:
            return replace(ended, outcome="unknown", event="test.nobody-answered")
        return ended if answer else replace(ended, outcome="fail", event=refuted, cause="not-confirmed")

    def passed(self, *measured: Figure, shown: tuple[str, ...] = ()) -> TestResult:
        """Passed, unless a figure lies outside what passes: the first that does is the reason."""
        for each in measured:
            if each.event:
                what = each.told("en")
                return self.ended("fail", each.event, what, *measured, cause=each.id, shown=shown)
        return self.ended("pass", "test.passed", "", *measured, shown=shown)

    def ended(
        self, outcome: Outcome, event: str, what: str = "", *measured: Figure, cause: str = "", said: str = "",
        shown: tuple[str, ...] = (),
    ) -> TestResult:  # fmt: skip
        """Another end."""
        return TestResult(
            self.test.id, self.test.section, outcome, event, what, cause, tuple(measured), said[:300], shown
        )

    def broken(self, family: str, cause: str, said: str, *measured: Figure, unknown: bool = False) -> TestResult:
        """The device could not: its cause is the event."""
        event = device_event(family, cause).id
        what = "" if event.endswith("paper-low") else cause
        return self.ended("unknown" if unknown else "fail", event, what, *measured, cause=cause, said=said)

    def fault(self, family: str, error: DeviceError, *measured: Figure) -> TestResult:
        """As `broken`, of an error; its `code` is the device's own keyword where it says more than the class."""
        return self.broken(family, error.cause, str(error), *measured)


Body = Callable[[Run], Awaitable[TestResult]]
Leave = Callable[[Ground], Awaitable[None]]


async def nothing(ground: Ground) -> None:
    """Nothing is to be put right afterwards."""
    del ground


@dataclass(frozen=True, slots=True)
class DeviceTest:
    """One test. `begins` (a key of `say`) is what a person does first; "" nothing. `role`: its place in the profile.

    `deadline_s` bounds the whole of it, people included; `paper_mm` and `pages` are what one run uses up. `leave` is
    done after every end, under its own deadline, so that the device can serve.
    """

    id: str
    section: str
    run: Body
    role: str = ""
    family: str = ""
    begins: str = ""
    deadline_s: float = 60.0
    hands: bool = False
    """A person must do something: it is no part of a burn-in."""
    panel: bool = False
    """Only on the panel itself."""
    paper_mm: int = 0
    pages: int = 0
    leave: Leave = nothing

    def name(self, language: Language) -> str:
        """What it is called."""
        return device_tests().name[self.id].told(language)
