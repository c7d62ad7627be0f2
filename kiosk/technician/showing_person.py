"""The person at a test, and the panel under their finger: what `kiosk.technician.device_tests` asks for, on pages.

While a test runs one page is up; replies come to `heard`. Every wait ends, by its own time or by the test's deadline.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from config.device_tests import device_tests
from config.panel import Panel
from drivers.errors import DeviceError
from drivers.families import Seeing
from kiosk.steps.previewed import PREVIEW_HZ, PREVIEW_SIZE
from kiosk.technician.device_tests.declared import DeviceTest, Figure, Progress
from kiosk.technician.showing_readiness import begun
from screens.ink import InkStroke
from screens.ink import read as read_stroke
from screens.models import Place
from screens.models.technician import (
    Fact,
    Gauge,
    Pixels,
    TestQuestion,
    TestRunning,
    TouchCross,
    TouchGrid,
)
from screens.pages.technician_tests import (
    tech_cross,
    tech_pixels,
    tech_question,
    tech_running,
    tech_touch,
)
from screens.screen import Language, Reply, Screen
from screens.whole import cells_under, touched_at

if TYPE_CHECKING:
    from drivers.device import Device
    from kiosk.technician.showing_pages import TechnicianPages

QUIET_S: Final = 12.0
"""So long after the last touch the wiping is over."""
MOST_HEARD: Final = 256
QUESTIONS: Final = {"ticket-whole": "paper-path", "page-straight": "sheet-path"}
"""Question -> the drawing that goes with it."""


class Person:
    """One test at the panel: its operator and its surface."""

    def __init__(self, pages: TechnicianPages, test: DeviceTest, devices: dict[str, Device]) -> None:
        self.stop = asyncio.Event()
        self._pages = pages
        self._test = test
        self._devices = devices
        self._progress: Progress | None = Progress(test.begins) if test.begins else None
        self._qr = ""
        self._page: Callable[[Place], Screen] = self._running
        self._replies: deque[Reply] = deque(maxlen=MOST_HEARD)
        self._came = asyncio.Event()
        self._camera = ""
        self._showing: asyncio.Task[None] | None = None

    def build(self, place: Place) -> Screen:
        """The page at hand."""
        return self._page(place)

    def heard(self, reply: Reply) -> None:
        """What was done on it."""
        if reply.key in ("stop", "back"):
            self.stop.set()
        self._replies.append(reply)
        self._came.set()

    async def over(self) -> None:
        """The test has ended: no picture of anybody stays."""
        await self._look_through("")

    # The operator

    @property
    def present(self) -> bool:
        """Somebody stands there."""
        return True

    def tell(self, progress: Progress) -> None:
        """Show what is done now."""
        self._progress = progress
        if progress.preview != self._camera:
            self._begin_looking(progress.preview)
        self._page = self._running
        self._pages.visit.refresh()

    async def ask(self, question: str, seconds: float) -> bool | None:
        """A question with yes and no; None: not answered, or it cannot be told."""

        def page(place: Place) -> Screen:
            said = device_tests().ask[question].told(place.language)
            drawing = QUESTIONS.get(question)
            name = begun(self._test.name(place.language))
            return tech_question(place, TestQuestion(name, said, drawing=drawing))  # type: ignore[arg-type]  # of QUESTIONS

        reply = await self._wait(page, ("yes", "no", "unsure", "back"), seconds)
        self._page = self._running
        self._pages.visit.refresh()
        return None if reply is None or reply.key in ("unsure", "back") else reply.key == "yes"

    # The surface

    @property
    def panel(self) -> Panel:
        """Its pixels and millimetres."""
        return self._pages.session.tools.settings.window.panel.panel()

    async def crosses(self, spots: Sequence[tuple[int, int]], seconds: float) -> Sequence[tuple[int, int] | None]:
        """Where the finger came down for each; after one that nobody touched the others are not asked for."""
        found: list[tuple[int, int] | None] = []
        ends, last = self._now() + seconds, 0
        for at, (x, y) in enumerate(spots, 1):
            cross = TouchCross(x, y, at, len(spots), last)
            stroke = await self._stroke(lambda p, cross=cross: tech_cross(p, cross), ends - self._now())  # type: ignore[misc]  # bound at once
            if stroke is None:
                found += [None] * (len(spots) - len(found))
                break
            last = stroke[0]
            found.append(touched_at(stroke[1], self.panel.size))
        self._page = self._running
        return found

    async def wipe(self, columns: int, rows: int, seconds: float) -> frozenset[int]:
        """The cells that felt the finger; over when all have, or `QUIET_S` after the last touch."""
        wiped: frozenset[int] = frozenset()
        ends, last = self._now() + seconds, 0
        while len(wiped) < columns * rows:
            grid = TouchGrid(columns, rows, wiped, last, round(QUIET_S))
            left = min(ends - self._now(), QUIET_S)
            stroke = await self._stroke(lambda p, grid=grid: tech_touch(p, grid), left)  # type: ignore[misc]  # bound at once
            if stroke is None:
                break
            last = stroke[0]
            wiped |= cells_under(stroke[1], columns, rows, self.panel.size)
        self._page = self._running
        return wiped

    async def colours(self, colours: Sequence[str], seconds: float) -> int:
        """How many of the colours were looked at."""
        ends = self._now() + seconds
        for at, colour in enumerate(colours, 1):
            model = Pixels(colour, at, len(colours))
            reply = await self._wait(lambda p, m=model: tech_pixels(p, m), ("next",), ends - self._now())  # type: ignore[misc]  # bound at once
            if reply is None:
                return at - 1
        self._page = self._running
        self._pages.visit.refresh()
        return len(colours)

    async def code(self, payload: str) -> None:
        """Show a code until the test ends."""
        self._qr = payload
        self._pages.visit.refresh()

    # Pages

    def _running(self, place: Place) -> Screen:
        language, told = place.language, self._progress
        doing = begun(told.words(language)) if told is not None else self._pages.say("tech.run.starting")
        model = TestRunning(
            begun(self._test.name(language)),
            doing,
            tuple(fact(each, language) for each in told.figures if each.shares is None) if told else (),
            tuple(gauge for each in told.figures if (gauge := _gauge(each, language))) if told else (),
            told.fraction if told else None,
            bool(self._camera),
            self._qr,
        )
        return tech_running(place, model)

    async def _stroke(self, page: Callable[[Place], Screen], seconds: float) -> tuple[int, InkStroke] | None:
        """The next stroke on the glass, with its number."""
        ends = self._now() + seconds
        while (reply := await self._wait(page, ("stroke",), ends - self._now())) is not None:
            if (stroke := read_stroke(reply.value)) is not None:
                return stroke
        return None

    async def _wait(self, page: Callable[[Place], Screen], keys: tuple[str, ...], seconds: float) -> Reply | None:
        """Show `page` and return the first reply of `keys`; None after `seconds`, or when the test is stopped."""
        self._page = page
        self._replies.clear()
        self._pages.visit.refresh()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                while not (self.stop.is_set() and "back" not in keys):
                    while self._replies:
                        reply = self._replies.popleft()
                        if reply.key in keys:
                            return reply
                    self._came.clear()
                    await self._came.wait()
        return None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # The live picture: on the page only, which no mirror copies

    def _begin_looking(self, role: str) -> None:
        if self._showing is not None:
            self._showing.cancel()
            self._pages.visit.display.preview(None, 0, 0)
        self._camera, self._showing = role, None
        camera = self._devices.get(role)
        if role and isinstance(camera, Seeing):
            self._showing = asyncio.create_task(self._pictures(camera), name="technician's preview")
        elif role:
            self._camera = ""

    async def _look_through(self, role: str) -> None:
        showing = self._showing
        self._begin_looking(role)
        if showing is not None:
            await asyncio.gather(showing, return_exceptions=True)

    async def _pictures(self, camera: Seeing) -> None:
        """A camera that fails is the test's to tell, not the preview's."""
        while True:
            with suppress(DeviceError):
                picture = await camera.preview(PREVIEW_SIZE)
                if picture is not None:
                    self._pages.visit.display.preview(picture, *PREVIEW_SIZE)
            await asyncio.sleep(1 / PREVIEW_HZ)


def fact(figure: Figure, language: Language) -> Fact:
    """A figure as a line."""
    return Fact(figure.label(language), figure.told(language))


def _gauge(figure: Figure, language: Language) -> Gauge | None:
    shares = figure.shares
    if shares is None:
        return None
    return Gauge(figure.label(language), figure.told(language), *shares)
