"""How a technician's pages are shown: their header, their languages, and the way back to service when nobody is there.

Home and leave raise `Ended`, as in a citizen's visit; here home is the overview, and leave asks before it goes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, TypeVar, cast

from config.texts import texts
from drivers.errors import DeviceError
from kiosk.journal import JournalError
from kiosk.technician.session import NotAllowed
from kiosk.technician.work.refusal import Refusal
from kiosk.visits.visit import Build, Ended
from screens.models import Place
from screens.models.technician import Fact, TechIdle, TestRunning, WorkDone, WorkField, WorkForm, WorkList
from screens.pages.technician import tech_idle
from screens.pages.technician_tests import tech_running
from screens.pages.technician_work import tech_form, tech_list, tech_outcome
from screens.screen import Language, Mode, Reply, Screen

if TYPE_CHECKING:
    from kiosk.technician.audit import Figures
    from kiosk.technician.session import Session
    from kiosk.visits.visit import Visit

log = logging.getLogger(__name__)
T = TypeVar("T")
WARNED_S: Final = 30.0
"""So long before the session ends by silence it is asked about."""
LEAST_S: Final = 10.0
MODES: Final = ("standard", "low")
MOST_TYPED: Final = 20


class TechnicianPages:
    """The pages of one session at the panel. `visit` shows them; nothing here knows what they are about."""

    def __init__(self, session: Session, visit: Visit) -> None:
        self.session = session
        self.visit = visit
        if visit.place.mode not in MODES:
            visit.place = replace(visit.place, mode="standard")

    @property
    def language(self) -> Language:
        """The reader's."""
        return self.visit.language

    def say(self, key: str, **values: object) -> str:
        """Words in the reader's language."""
        return texts(self.language).t(key, **values)

    def here(self, place: Place) -> Place:
        """`place` with what the header of a technician says."""
        terminal = self.session.tools.settings.terminal.id
        role = texts(place.language).t(f"tech.role.{self.session.role}")
        return replace(place, work=f"{terminal} · {version('weihai-kiosk')} · {role}", voice="", help=False)

    def worked(self, build: Build) -> Build:
        """`build` with the technician's header."""
        return lambda place: build(self.here(place))

    async def ask(self, build: Build) -> Reply:
        """What was chosen on a page. Raises `Ended` on home, leave, or silence after a warning."""
        while True:
            quiet = max(LEAST_S, self.session.idle_s - WARNED_S) / self.visit.patience
            reply = await self.visit.show_for(self.worked(build), quiet)
            self.session.touched()
            if reply is None:
                await self._warned()
            elif reply.key in ("home", "leave"):
                raise Ended(reply.key)
            elif not self._common(reply):
                return reply

    async def _warned(self) -> None:
        """Ask whether anybody is there; raises `Ended` when not."""
        ends = asyncio.get_running_loop().time() + WARNED_S
        idle = TechIdle(round(WARNED_S))
        while True:
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                raise Ended("timeout")
            reply = await self.visit.show_for(self.worked(lambda p: tech_idle(p, idle)), left / self.visit.patience)
            if reply is None:
                raise Ended("timeout")
            if reply.key == "leave":
                raise Ended("leave")
            if not self._common(reply):
                return

    def _common(self, reply: Reply) -> bool:
        """Language and reach, on every page."""
        place = self.visit.place
        if reply.key == "language" and reply.value in ("zh", "en", "ko"):
            self.visit.place = replace(place, language=cast("Language", reply.value))
            return True
        if reply.key == "mode" and reply.value in MODES:
            self.visit.place = replace(
                place, mode="standard" if reply.value == place.mode else cast("Mode", reply.value)
            )
            return True
        return False

    async def during(self, build: Build, work: Awaitable[T], heard: Callable[[Reply], None]) -> T:
        """Show a page while `work` runs to its end; every reply but language, reach and turn goes to `heard`."""

        def keep(reply: Reply) -> bool:
            self.session.touched()
            if reply.key in ("language", "mode", "turn"):
                return False
            heard(reply)
            return True

        async def awaited() -> T:
            return await work

        result = await self.visit.during(self.worked(build), awaited(), on_reply=keep)
        assert not isinstance(result, Reply), "all replies are heard"
        return result

    # Acts

    async def done(
        self, act: str, doing: str, work: Callable[[], Awaitable[T]], figures: Callable[[T], Figures] | None = None
    ) -> T | None:
        """Do an act, audited, behind a page that says so; None when it was refused, which a page has told.

        Raises `Ended`.
        """
        running = TestRunning(doing, self.say("tech.run.starting"), stoppable=False)
        try:
            return await self.during(
                lambda p: tech_running(p, running), self.session.run(act, work, figures), lambda _: None
            )
        except Refusal as refusal:
            await self.told(doing, refusal.sentence(self.language), "fail", remedy=refusal.remedy(self.language))
        except NotAllowed:
            await self.told(doing, self.say("tech.done.not-allowed"), "fail", remedy=self.say("tech.work.not-yours"))
        except DeviceError:
            log.warning("technician: %s: the device did not do it", act, exc_info=True)
            await self.told(doing, self.say("tech.act.device"), "fail", remedy=self.say("tech.act.device-remedy"))
        except (JournalError, OSError):
            await self.told(doing, self.say("tech.act.disk"), "fail", remedy=self.say("tech.act.disk-remedy"))
        return None

    async def told(
        self, title: str, sentence: str, outcome: str = "pass", *, known: tuple[Fact, ...] = (), remedy: str = ""
    ) -> None:
        """Say what became of something, until it was read. Raises `Ended`."""
        model = WorkDone(title, sentence, outcome, known, remedy)  # type: ignore[arg-type]  # one of the three outcomes
        await self.ask(lambda p: tech_outcome(p, model))

    async def listed(self, model: Callable[[], WorkList]) -> Reply:
        """Which entry or act of a list; `model` is asked anew for each language. Raises `Ended`."""
        return await self.ask(lambda p: tech_list(p, model()))

    async def form(self, make: Callable[[dict[str, str]], WorkForm]) -> dict[str, str] | None:
        """Fill a form in: field -> value; None: back. `make` gets what is filled in so far. Raises `Ended`.

        The first field that is open is the one typed into, unless another was touched.
        """
        values: dict[str, str] = {}
        focus = ""

        def shown() -> WorkForm:
            model = make(values)
            filled = tuple(replace(f, value=values.get(f.key, "")) for f in model.fields)
            at = focus if any(f.key == focus for f in filled) else _first_open(filled)
            whole = model.complete and all(values.get(f.key) for f in model.fields)
            return replace(model, fields=filled, focus=at, complete=whole)

        def page(place: Place) -> Screen:
            return tech_form(place, shown())

        while True:
            reply = await self.ask(page)
            model = shown()
            if reply.key == "back":
                return None
            if reply.key == "do" and model.complete:
                return {f.key: values[f.key] for f in model.fields}
            if reply.key == "focus":
                focus = reply.value
            elif reply.key.startswith("choose:"):
                key = reply.key.partition(":")[2]
                if any(f.key == key and reply.value in {o.key for o in f.options} for f in model.fields):
                    values[key], focus = reply.value, ""
            elif reply.key == "key":
                field = next((f for f in model.fields if f.key == model.focus and not f.options), None)
                if field is not None:
                    values[field.key] = typed(values.get(field.key, ""), reply.value, field)
                    focus = field.key


KEYS: Final = {"digits": "0123456789", "money": "0123456789."}
"""What a keypad of numbers can type, whoever says that it did."""


def typed(before: str, key: str, field: WorkField) -> str:
    """What stands in a field after `key`; never longer than the field."""
    if key == "clear":
        return ""
    if key == "backspace":
        return before[:-1]
    taken = key in KEYS.get(field.keypad, key) and len(key) == 1 and key.isascii() and key.isprintable()
    if taken and len(before) < min(field.most, MOST_TYPED):
        return before + key
    return before


def _first_open(fields: tuple[WorkField, ...]) -> str:
    open_ = (f.key for f in fields if not f.value)
    return next(open_, next((f.key for f in fields if not f.options), ""))
