"""Tests at the panel: one, all that need no hands, or again and again; each is audited and can be stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from config.settings import Settings
from kiosk.devices import fitted, role_of
from kiosk.diagnostics.history import History
from kiosk.diagnostics.sections import NAMES
from kiosk.events import events
from kiosk.technician.device_tests.burn_in import Counts, Plan, Tally, burn_in, cheap
from kiosk.technician.device_tests.declared import DeviceTest, Ground, Sounding, TestResult
from kiosk.technician.device_tests.grounds import Speakers, from_workshop, voice_of
from kiosk.technician.device_tests.running import Record, run_test
from kiosk.technician.device_tests.table import tests_for, tests_of
from kiosk.technician.session import NotAllowed
from kiosk.technician.showing_person import Person, fact
from kiosk.technician.showing_readiness import begun
from screens.models import Place
from screens.models.technician import (
    BurnIn,
    Fact,
    TestDone,
    TestTally,
    WorkField,
    WorkForm,
    WorkList,
    WorkOption,
    WorkRecord,
)
from screens.pages.technician_tests import tech_burn_in, tech_done
from screens.screen import Language, Reply, Screen

if TYPE_CHECKING:
    from drivers.device import Device
    from kiosk.technician.audit import Figures
    from kiosk.technician.showing_pages import TechnicianPages

MINUTES: Final = ("10", "60", "180")
"""To choose from for a burn-in: a session lasts four hours at the most, unless the settings say otherwise."""
MOST_ROUNDS: Final = 5_000


class Testing:
    """The tests of one session."""

    __test__ = False  # not a case for pytest

    def __init__(self, pages: TechnicianPages) -> None:
        self._pages = pages
        self._session = pages.session
        settings = self._session.tools.settings
        self._record = Record(self._session.tools.journal, History(settings.state_dir))

    async def section(self, id_: str) -> str:
        """Test a section, where it has several tests one of them; a section to open next, "" none. Raises `Ended`."""
        tests = tests_for(id_, self._session.tools.settings)
        if len(tests) == 1:
            return await self.one(tests[0])
        while tests:
            reply = await self._pages.listed(lambda: self._choices(id_, tests))
            chosen = next((test for test in tests if test.id == reply.value), None)
            if reply.key == "back":
                return ""
            if chosen is not None and (opens := await self.one(chosen)):
                return opens
        return ""

    def _choices(self, id_: str, tests: tuple[DeviceTest, ...]) -> WorkList:
        language = self._pages.language
        records = tuple(WorkRecord(test.id, begun(test.name(language)), icon="task_alt") for test in tests)
        return WorkList(begun(NAMES[id_][language]), records=records)

    async def one(self, test: DeviceTest) -> str:
        """Run a test as often as it is asked for; the section to open next, "" none. Raises `Ended`."""
        while True:
            try:
                result = await self._run(test)
            except NotAllowed:
                await self._pages.told(
                    test.name(self._pages.language), self._pages.say("tech.done.not-allowed"), "fail",
                    remedy=self._pages.say("tech.work.not-yours"),
                )  # fmt: skip
                return ""

            def page(place: Place, result: TestResult = result) -> Screen:
                return tech_done(place, self._model(test, result, place))

            reply = await self._pages.ask(page)
            if reply.key == "section":
                return reply.value
            if reply.key == "back":
                return ""

    async def _run(self, test: DeviceTest) -> TestResult:
        devices = self._devices()
        person = Person(self._pages, test, devices)
        voice = _Voice(self._session.tools.settings) if test.id == "sound" else None
        ground = self._ground(person, devices, voice.speakers if voice else None)
        try:
            return await self._pages.during(
                person.build,
                self._session.run(
                    f"test/{test.id}", lambda: run_test(test, ground, self._record, person.stop), _on_record
                ),
                person.heard,
            )
        finally:
            await person.over()
            if voice is not None:
                await asyncio.to_thread(voice.close)

    def _devices(self) -> dict[str, Device]:
        session = self._session
        if session.workshop is not None:
            return {role_of(each.device): each.device for each in session.workshop.supervisors}
        tools = session.tools
        there = (tools.reader, tools.camera, tools.receipt_printer, tools.licence_printer, tools.pad)
        return {role_of(device): device for device in fitted(there)}

    def _ground(self, person: Person, devices: dict[str, Device], sound: Sounding | None) -> Ground:
        session, tools = self._session, self._session.tools
        surface = person if session.source == "panel" else None  # from afar nobody can touch the glass or look at it
        if session.workshop is not None:
            return from_workshop(session.workshop, person, self._pages.language, surface, sound)
        return Ground(
            tools.settings, devices, person, self._pages.language, surface, sound, tools.platform, wall=tools.clock.now
        )

    def _model(self, test: DeviceTest, result: TestResult, place: Place) -> TestDone:
        language = place.language
        figures = [fact(each, language) for each in result.figures]
        figures += [line for each in result.shown if (line := self._shown(each))]
        remedy = "" if result.outcome == "pass" else result.remedy(language)
        return TestDone(
            begun(test.name(language)),
            result.outcome,
            begun(result.sentence(language)),
            begun(remedy),
            tuple(figures),
            test.section,
        )

    def _shown(self, said: str) -> Fact | None:
        """What was read, masked as the test masks it; codes of codes are left out."""
        name, colon, value = said.partition(": ")
        if not colon:
            return Fact(self._pages.say("tech.card.other"), said, private=True)
        return None if name.endswith("_code") else Fact(self._pages.say(f"tech.card.{name}"), value, private=True)

    # Many

    async def all(self) -> None:
        """Every test that needs neither hands nor paper, once. Raises `Ended`."""
        plan = Plan(cheap(tests_of(self._session.tools.settings)), 1)
        await self._burn(plan, loop=False)

    async def again_and_again(self) -> None:
        """For minutes or hours, with or without paper. Raises `Ended`."""
        tests = tests_of(self._session.tools.settings)
        alone = tuple(test for test in tests if not test.hands)
        filled = await self._pages.form(lambda _: self._wishes(alone))
        if filled is None:
            return
        chosen = alone if filled["paper"] == "yes" else cheap(alone)
        rounds = 10 if filled["paper"] == "yes" else MOST_ROUNDS
        await self._burn(Plan(chosen, rounds, int(filled["minutes"]) * 60.0), loop=True)

    def _wishes(self, tests: tuple[DeviceTest, ...]) -> WorkForm:
        say = self._pages.say
        paper = sum(test.paper_mm for test in tests) * 10 / 1000
        pages = sum(test.pages for test in tests) * 10
        minutes = tuple(WorkOption(key, say(f"tech.burn.minutes.m{key}")) for key in MINUTES)
        papers = (
            WorkOption("no", say("tech.burn.no-paper")),
            WorkOption("yes", say("tech.burn.with-paper", metres=f"{paper:.1f}", pages=pages)),
        )
        return WorkForm(
            say("tech.work.line.burn-in"),
            say("tech.work.note.burn-in"),
            fields=(
                WorkField("minutes", say("tech.burn.how-long"), options=minutes),
                WorkField("paper", say("tech.burn.paper"), options=papers),
            ),
            do=say("tech.burn.begin"),
        )

    async def _burn(self, plan: Plan, *, loop: bool) -> None:
        """Run a plan with its counts on the page, then leave them there. Raises `Ended`."""
        while True:
            shown = _Live(self._pages, plan, loop=loop)
            ground = self._ground(Person(self._pages, plan.tests[0], {}), self._devices(), None)
            counts = await self._pages.during(
                shown.page,
                self._session.run(
                    "burn-in",
                    lambda shown=shown, ground=ground: burn_in(plan, ground, shown.tell, self._record, shown.stop),  # type: ignore[misc]  # bound at once
                    _totals,
                ),
                shown.heard,
            )
            shown.over = counts
            if (await self._pages.ask(shown.page)).key == "back":
                return


class _Live:
    """The counts of a burn-in on the page."""

    def __init__(self, pages: TechnicianPages, plan: Plan, *, loop: bool) -> None:
        self.stop = asyncio.Event()
        self.over: Counts | None = None
        self._pages = pages
        self._plan = plan
        self._loop = loop
        self._counts: Counts | None = None
        self._began = asyncio.get_running_loop().time()

    def tell(self, counts: Counts) -> None:
        """They have changed."""
        self._counts = counts
        self._pages.visit.refresh()

    def heard(self, reply: Reply) -> None:
        """Stop is the only thing to be said."""
        if reply.key == "stop":
            self.stop.set()

    def page(self, place: Place) -> Screen:
        """The page at this moment."""
        counts = self.over or self._counts
        now = self.over.now if self.over else asyncio.get_running_loop().time()
        tallies = counts.tallies if counts else tuple(Tally(test) for test in self._plan.tests)
        running = (
            next((t for t in tallies if t.runs < (counts.round if counts else 1)), None) if not self.over else None
        )
        elapsed = now - self._began
        left = max(0.0, self._plan.seconds - elapsed) if self._loop and not self.over else 0.0
        title = self._pages.say("tech.work.line.burn-in" if self._loop else "tech.burn.all")
        paper = self._paper(place)
        lines = tuple(self._line(tally, place, running=tally is running) for tally in tallies)
        found = tuple(_trouble(tally, place.language) for tally in tallies if tally.why)
        model = BurnIn(title, lines, clock(elapsed), clock(left) if left else "", paper, bool(self.over), found)
        return tech_burn_in(place, model)

    def _paper(self, place: Place) -> str:
        del place
        if not (self._plan.paper_mm or self._plan.pages):
            return ""
        metres = f"{self._plan.paper_mm / 1000:.1f}"
        return self._pages.say("tech.burn.with-paper", metres=metres, pages=self._plan.pages)

    def _line(self, tally: Tally, place: Place, *, running: bool) -> TestTally:
        state = "running" if running else tally.last or "todo"
        p95 = f"{tally.p95_s:.1f} s" if tally.p95_s is not None else ""
        return TestTally(begun(tally.test.name(place.language)), state, tally.runs, tally.fails, p95)


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d} h" if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"


class _Voice:
    """Card and voice of one test of the sound; the terminal's own are silent on pages of technicians."""

    def __init__(self, settings: Settings) -> None:
        self._player = voice_of(settings)
        self.speakers = Speakers(self._player)

    def close(self) -> None:
        """Nothing sounds any more. Blocking."""
        self._player.close()


def _trouble(tally: Tally, language: Language) -> tuple[str, str]:
    """What the newest failure was; of many runs no figure is kept, so its place in the sentence stays empty."""
    event = events()[tally.why]
    sentence = event.sentence(language, NAMES[tally.test.section][language])
    for empty in (" ()", "()", "（）"):
        sentence = sentence.removesuffix(empty)
    return begun(sentence), begun(event.remedy(language))


def _on_record(result: TestResult) -> Figures:
    return {"outcome": result.outcome, "event": result.event}


def _totals(counts: Counts) -> Figures:
    return {"rounds": counts.round, "fails": counts.fails, "ended": counts.ended}
