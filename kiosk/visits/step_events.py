"""The trace of a journey (全程留痕): an event when each step begins and ends, with its outcome and the pages shown.

| outcome   | the step                                                    |
|-----------|-------------------------------------------------------------|
| next, back | went on, or one back                                       |
| stopped   | ended the journey with a page that says why (`cause`)       |
| home, leave, timeout, ... | was left by the citizen in this way         |
| error     | failed by a program error                                   |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kiosk.journal import JournalError
from kiosk.tracing.spans import Span, span
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.visit import Ended

BEGAN, ENDED = "step.began", "step.ended"
JOURNEY = "journey.began"


class StepEvents:
    """Writes the events of one journey. What a cut power or a refusing disk ends has no second event: that is true."""

    def __init__(self, case: Case) -> None:
        self._case = case

    async def journey(self) -> None:
        """The journey begins; the pages so far led to it."""
        await self._note(JOURNEY, {"pages": self._case.visit.take_trail()})

    async def step(self, name: str, step: Callable[[Case], Awaitable[Move]]) -> Move:
        """Run a step between its two events."""
        with span("step", step=name, service=self._case.service.id) as spanned:
            return await self._step(name, step, spanned)

    async def _step(self, name: str, step: Callable[[Case], Awaitable[Move]], spanned: Span) -> Move:
        await self._note(BEGAN, {"step": name})
        cause = ""
        try:
            outcome: str = await step(self._case)
        except Stop as stop:
            spanned.told("outcome", "stopped")
            await self._ended(name, "stopped", stop.model.cause)
            raise
        except Ended as ended:
            spanned.told("outcome", ended.how)
            await self._ended(name, ended.how, cause)
            raise
        except JournalError:
            raise
        except Exception as error:
            spanned.told("outcome", "error")
            await self._ended(name, "error", type(error).__name__)
            raise
        spanned.told("outcome", outcome)
        await self._ended(name, outcome, cause)
        return "back" if outcome == "back" else "next"

    async def _ended(self, name: str, outcome: str, cause: str) -> None:
        case = self._case
        body: dict[str, Any] = {"step": name, "outcome": outcome, "cause": cause, "pages": case.visit.take_trail()}
        if case.accepted and case.accepted.number:
            body["case"] = case.accepted.number
        await self._note(ENDED, body)

    async def _note(self, kind: str, body: dict[str, Any]) -> None:
        case = self._case
        told = {"service": case.service.id, "device": case.tools.settings.terminal.id, **body}
        await case.tools.journal.note(case.visit.id, kind, told)
