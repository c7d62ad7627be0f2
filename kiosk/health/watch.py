"""`Health`: looks at the terminal, applies the rules, says what it does in chain and log, and what others may know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from config.health_rules import PARTS, Measure, Part, health_rules
from drivers.rhythm import beat
from kiosk.diagnostics.facts import HealthFact, PartFact, PowerFact
from kiosk.diagnostics.ground import certificates_of, free_mb
from kiosk.events import LEVELS, events, log_line
from kiosk.health.judging import Bounds, Judge, Restart, Verdict
from kiosk.health.measuring import Busy, LoopLag, ProcessMeter, days_left
from kiosk.health.night import LOOK_S as NIGHT_LOOK_S
from kiosk.health.night import Night
from kiosk.health.nut import NutAddress, UpsUnheard, ask
from kiosk.health.power import Phase, PowerNow, PowerPhases, power_now
from kiosk.health.restarting import BeginAnew, RestartBook, begin_anew
from kiosk.health.switching_off import stay_on, switch_off
from kiosk.journal import JournalError

if TYPE_CHECKING:
    from drivers.camera.documents import DocumentEngine
    from drivers.camera.faces import FaceEngine
    from drivers.camera.texts import TextEngine
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

LOOK_S: Final = 4.0
UNMEASURED_S: Final = 10.0
SLOW_LOOKS: Final = 900
"""Looks between two readings of certificates: an hour."""
HURRY_S: Final = 15.0
ON_BATTERY_S: Final = 1.0


@dataclass(slots=True)
class _PartKnown:
    state: Literal["ok", "attention", "fault"] = "ok"
    since: datetime | None = None
    restarts: int = 0


class Health:
    """One a terminal. `run` for ever; raises `BeginAnew` through the core's task group when a rule asks for that.

    `meter` None: nothing of the process is measured (where simulated days pass in seconds).
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        meter: ProcessMeter | None = None,
        off: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._workshop = workshop
        self._settings = workshop.tools.settings
        self._meter = meter
        self._off = off or (switch_off if self._settings.power.switch_off else stay_on)
        self._book = RestartBook(self._settings.state_dir)
        rules = health_rules()
        self._judge = Judge(rules, Bounds(rules.bounds, self._book.read()))
        self._busy = Busy()
        self._parts: dict[Part, _PartKnown] = {part: _PartKnown() for part in PARTS}
        self._looks = 0
        self._days: float | None = None
        self._address = NutAddress.of(self._settings.power.ups) if self._settings.power.ups else None
        self.lag = LoopLag()
        self.verdict = Verdict({})
        self.power = PowerNow()
        self.phases = PowerPhases(self._settings.power)
        self.power_since: datetime | None = None
        self.night = Night(self._settings.night, self._settings.screen, lambda: workshop.supervisors)
        self.further: Callable[[], Mapping[str, str]] = dict
        """What else closes the terminal: an update whose files are being exchanged."""
        workshop.terminal.capability.withheld = lambda: {**self.verdict.withheld, **self.further()}
        workshop.terminal.stirred = self.night.stirred

    @property
    def loop_beat(self) -> float:
        """The loop's clock at its last turn."""
        return self.lag.beat

    @property
    def is_busy(self) -> bool:
        """Somebody is here: a citizen, or a technician at work."""
        terminal = self._workshop.terminal
        door = terminal.technician
        return bool(terminal.visit_id) or (door is not None and door.session is not None)

    async def run(self) -> None:
        """Watch for ever."""
        async with asyncio.TaskGroup() as group:
            if self._meter is not None:
                group.create_task(self.lag.run())
            group.create_task(self._looking())
            group.create_task(self._minding_power())
            group.create_task(self._sleeping())

    # The rules

    async def _looking(self) -> None:
        while True:
            await self.look()
            await beat(LOOK_S if self._meter is not None else UNMEASURED_S)

    async def look(self) -> None:
        """One look; does what follows from it. Raises `BeginAnew`."""
        tools = self._workshop.tools
        now, wall = asyncio.get_running_loop().time(), tools.clock.timestamp()
        measures, subject = await self._measures(now)
        before = self.verdict.withheld
        subjects: dict[Measure, str] = {"device.busy_s": subject, "technician.act_s": subject}
        verdict = self._judge.look(measures, now, wall, idle=not self.is_busy, subjects=subjects)
        self.verdict = verdict
        for rule, value in verdict.begun:
            event = events()[rule.event]
            what = f"{subject or rule.part} {value:.0f}".strip()
            if rule.part != "power":  # the power has said it itself
                log.log(LEVELS[event.severity], log_line(event, subject, what))
            await self._note("health.broken", {"rule": rule.id, "value": round(value, 1)})
        for rule in verdict.ended:
            log.info("health: %s is over", rule.id)
            await self._note("health.mended", {"rule": rule.id})
        self._keep_parts(verdict)
        if verdict.withheld != before:
            self._workshop.terminal.poke()
        for restart in verdict.restarts:
            await self._restart(restart)

    async def _measures(self, now: float) -> tuple[dict[Measure, float], str]:
        workshop, clock = self._workshop, self._workshop.tools.clock
        busy, who = self._busy.longest((each.device for each in workshop.supervisors), now)
        found: dict[Measure, float] = {
            "device.busy_s": busy,
            "loop.lag_s": self.lag.take(),
            "clock.off_s": abs((clock.platform_now() - clock.now()).total_seconds()),
            "power.shed": float(self.phases.phase in (Phase.SHED, Phase.CLOSING, Phase.OFF)),
            "power.closing": float(self.phases.phase in (Phase.CLOSING, Phase.OFF)),
        }
        if (door := workshop.terminal.technician) is not None:
            found["technician.act_s"] = door.ending.stands_s
        if self._looks % SLOW_LOOKS == 0:
            self._days = days_left(await asyncio.to_thread(certificates_of, self._settings), clock.now())
        self._looks += 1
        if self._days is not None:
            found["certificates.days"] = self._days
        if self._meter is not None:
            found |= dict(self._meter.measures(now))
            try:
                found["disk.free_mb"] = float(free_mb(self._settings.state_dir))
            except OSError:
                log.debug("the disk's room is not known; the journal's watch says why")
        if (heat := self._board_heat()) is not None:
            found["temperature.c"] = max(heat, found.get("temperature.c", heat))
        return found, who

    def _board_heat(self) -> float | None:
        """What a cabinet's board feels, degrees; None where there is none that answers."""
        boards = (each.device for each in self._workshop.supervisors if each.device.family == "cabinet")
        state = next((getattr(board, "state", None) for board in boards if board.status.usable), None)
        heat: float | None = getattr(state, "temperature_c", None)
        return heat

    def _keep_parts(self, verdict: Verdict) -> None:
        now = self._workshop.tools.clock.now()
        for part, known in self._parts.items():
            broken = verdict.of(part)
            severe = any(rule.withhold or rule.restart for rule in broken)
            state: Literal["ok", "attention", "fault"] = "fault" if severe else "attention" if broken else "ok"
            if state != known.state:
                known.state, known.since = state, now

    async def _restart(self, restart: Restart) -> None:
        if not self._settings.health.restarts:
            log.warning("health: %s would be begun anew (%s); restarts are off", restart.rung, restart.rule.id)
            return
        self._parts[restart.rule.part].restarts += 1
        told = {"rung": restart.rung, "rule": restart.rule.id, "part": restart.subject[:40]}
        await self._note("health.restart", told)
        await asyncio.to_thread(self._book.write, self._judge.bounds.done)
        workshop = self._workshop
        await begin_anew(restart, workshop.supervisors, engines_of(workshop))

    # Power

    async def _minding_power(self) -> None:
        while True:
            await self.mind_power()
            calm = self.phases.phase is Phase.MAINS and not self.power.trouble
            await beat(self._settings.power.poll_s if calm else ON_BATTERY_S)

    async def mind_power(self) -> None:
        """One look at the power; does what the phase asks for."""
        reading, trouble = None, ""
        if self._address is not None:
            try:
                reading = await ask(self._address)
            except UpsUnheard as error:
                trouble = str(error)
        if trouble and not self.power.trouble:
            log.warning("power: %s", trouble)
        devices = [each.device for each in self._workshop.supervisors]
        self.power = power_now(reading, trouble, devices)
        busy = self.is_busy
        went = self.phases.step(self.power, asyncio.get_running_loop().time(), busy=busy)
        if went is not None:
            await self._went(went)
        if self.phases.phase is Phase.CLOSING and busy:
            self._workshop.terminal.hurry(HURRY_S)

    async def _went(self, phase: Phase) -> None:
        self.power_since = self._workshop.tools.clock.now()
        event = events()[_SAID[phase]]
        charge = f"{self.power.charge:.0f} %" if self.power.charge is not None else "-"
        log.log(LEVELS[event.severity], log_line(event, "", charge))
        await self._note(
            f"power.{phase}", {"charge": round(self.power.charge) if self.power.charge is not None else -1}
        )
        await self.look()  # what is withheld now, at once
        if phase is Phase.OFF:
            await self._off()

    # Night

    async def _sleeping(self) -> None:
        while True:
            tools = self._workshop.tools
            self.night.look(tools.clock.now(), asyncio.get_running_loop().time(), busy=self.is_busy)
            await beat(NIGHT_LOOK_S)

    # What others may know

    def fact(self) -> HealthFact:
        """For the readiness report, the fleet and the technician's page."""
        parts = tuple(PartFact(part, each.state, each.since, each.restarts) for part, each in self._parts.items())
        rules = tuple(rule.id for rule, _ in self.verdict.broken.values())
        beat = None if self._meter is None else self._meter.screen_beat()
        silent = None if beat is None else max(0.0, asyncio.get_running_loop().time() - beat)
        return HealthFact(parts, rules, silent, self.night.asleep)

    def power_fact(self) -> PowerFact:
        """How the power is."""
        p = self.power
        return PowerFact(
            p.source, str(self.phases.phase), p.on_battery, p.charge, p.runtime_s, p.worn, p.model, p.trouble[:300],
            self.power_since, bool(self._address), p.serial, p.firmware,
        )  # fmt: skip

    async def _note(self, kind: str, body: Mapping[str, object]) -> None:
        try:
            await self._workshop.tools.journal.note("", kind, body)
        except JournalError as error:
            log.warning("%s could not be journalled: %s", kind, error)


_SAID: Final[Mapping[Phase, str]] = {
    Phase.MAINS: "power.back",
    Phase.BATTERY: "cabinet.on-battery",
    Phase.SHED: "power.on-battery",
    Phase.CLOSING: "power.switching-off",
    Phase.OFF: "power.switching-off",
}


def engines_of(workshop: Workshop) -> tuple[FaceEngine, DocumentEngine, TextEngine]:
    """The processes that judge pictures."""
    return workshop.tools.faces, workshop.tools.documents, workshop.tools.texts


def make_meter(workshop: Workshop, screen_beat: Callable[[], float | None]) -> ProcessMeter:
    """Of this process and the processes of its engines."""

    def pids() -> list[int]:
        workers = [getattr(engine, "worker", None) for engine in engines_of(workshop)]
        return [pid for worker in workers if (pid := getattr(worker, "pid", None))]

    return ProcessMeter(pids, screen_beat)


__all__ = ["BeginAnew", "Health", "make_meter"]
