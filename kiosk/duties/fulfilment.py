"""Submitting an application: once, whatever happens (P4). Printing is in `kiosk.printing.prints`.

Intent and sealed outbox row in one transaction -> platform -> acceptance number and charge done, in one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from drivers.outcome import Done, Outcome, Refused
from kiosk.duties.outbox import Outbox
from kiosk.duties.queued import too_old, upload_sealed
from kiosk.duties.sealed_sheets import SealedSheets
from kiosk.intents import Kind, State
from kiosk.journal import Journal, Row, Write
from kiosk.money import holds
from kiosk.platform.case_parts import CasePart, kept_parts
from kiosk.platform.client import Platform
from kiosk.printing.prints import Printed, Prints

__all__ = ["Accepted", "Printed", "Prints", "Submissions"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform has the application. `number` "" means: it is sealed here and goes out when the network is back."""

    intent: str
    number: str = ""
    promise_date: date | None = None
    parts: tuple[CasePart, ...] = ()
    """Of a bundle (一件事)."""
    local: str = ""
    """Received and not accepted: this terminal's own number, for an application that waits for the network."""


class Submissions:
    """Applications on their way to the platform."""

    def __init__(
        self, journal: Journal, outbox: Outbox, platform: Platform, sheets: SealedSheets | None = None
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._sheets = sheets
        outbox.topic("submit", self._deliver, self._refuse)
        outbox.topic("sealed", self._deliver_sealed, self._refuse_sealed)

    async def tidy(self) -> None:
        """At start: sealed sheets that no row names were left by a power cut between the two."""
        if self._sheets is not None:
            waiting = {row.id for row in await self._journal.rows() if row.topic == "sealed"}
            self._sheets.forget_others(waiting)

    async def queue(
        self, visit: str, intent_id: str, body: Mapping[str, Any], sealed: Sequence[bytes]
    ) -> Outcome[Accepted]:
        """Keep an application that was sealed to the platform (`kiosk.duties.queued`). Raises `NoRoom`."""
        assert self._sheets is not None  # `may_wait` asks for a sealing key, which only a whole terminal has
        names = await asyncio.to_thread(self._sheets.keep, intent_id, sealed)

        def post(write: Write) -> None:
            write.mint(intent_id, Kind.SUBMIT, visit, {"charge": "", "service": body["service"]})
            self._outbox.post(write, "sealed", visit, intent_id, {**body, "sheets": list(names)})

        await self._journal.write(post)
        self._outbox.poke()
        return Done(Accepted(intent_id, local=intent_id[-8:].upper()))

    async def submit(
        self, visit: str, intent_id: str, body: Mapping[str, Any], *, charge: str, wait_s: float
    ) -> Outcome[Accepted]:
        """Hand over `body` (the arguments of `Platform.submit`) for good, and wait `wait_s` for the number.

        Done without a number: accepted later, exactly once. Refused: the platform said no; the charge is owed back.
        """
        fate = self._outbox.expect(intent_id)

        def post(write: Write) -> None:
            write.mint(intent_id, Kind.SUBMIT, visit, {"charge": charge, "service": body["service"]})
            self._outbox.post(write, "submit", visit, intent_id, {**body, "charge": charge})

        await self._journal.write(post)
        self._outbox.poke()
        try:
            async with asyncio.timeout(wait_s):
                await asyncio.shield(fate)
        except TimeoutError:
            return Done(Accepted(intent_id))
        intent = await self._journal.intent(intent_id)
        assert intent is not None
        if intent.state is State.REFUSED:
            return Refused(str(intent.body.get("cause", "refused")))
        promise = intent.body.get("promise_date")
        accepted_by = date.fromisoformat(promise) if promise else None
        return Done(Accepted(intent_id, str(intent.body.get("number", "")), accepted_by, kept_parts(intent.body)))

    async def _deliver(self, row: Row, body: Mapping[str, Any]) -> Callable[[Write], object]:
        """Ask first whether an earlier try arrived, then send."""
        acceptance = await self._platform.find_application(row.id) if row.tries else None
        if acceptance is None:
            application = {
                "service": str(body["service"]),
                "form": dict(body["form"]),
                "order": body["order"] or None,
                "consents": list(body["consents"]),
                "reviewed_digest": str(body["reviewed_digest"]),
                "submitted_at": str(body["submitted_at"]),
                **{name: body[name] for name in ("draft", "materials", "signatures") if name in body},
            }
            acceptance = await self._platform.applying.submit(str(body["session"]), row.id, application)
        if list(acceptance.archive) != list(body.get("archive", acceptance.archive)):
            log.error("submit %s: the archive of the case is not what was sent", row.id)
        number, promise = acceptance.number, acceptance.promise_date

        def apply(write: Write) -> None:
            references = {"number": number, "promise_date": promise.isoformat() if promise else ""}
            parts = {"parts": [part.reference() for part in acceptance.parts]} if acceptance.parts else {}
            write.move(row.id, State.DONE, {**references, **parts})
            if body["charge"]:
                holds.served(write, str(body["charge"]))

        return apply

    def _refuse(self, row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
        def apply(write: Write) -> None:
            write.move(row.id, State.REFUSED, {"cause": slug})
            if body["charge"]:
                holds.refused(write, str(body["charge"]))

        return apply

    async def _deliver_sealed(self, row: Row, body: Mapping[str, Any]) -> Callable[[Write], object]:
        """Sheets first, then the envelope. Too old: the envelope alone, so that the person is told."""
        assert self._sheets is not None
        late = too_old(str(body["sealed_at"]), self._platform.now())
        if late:  # whether the platform can be reached or not
            await asyncio.to_thread(self._sheets.forget, list(body["sheets"]))
        acceptance = await self._platform.find_application(row.id) if row.tries else None
        if acceptance is None:
            uploads: list[str] = []
            if not late:
                for at, (name, meta) in enumerate(zip(body["sheets"], body["metas"], strict=True)):
                    data = await asyncio.to_thread(self._sheets.read, str(name))
                    uploads.append(await upload_sealed(self._platform.applying, row.id, at, dict(meta), data))
            outer = {name: body[name] for name in ("service", "algorithm", "ephemeral", "sealed", "sealed_at")}
            acceptance = await self._platform.applying.submit_sealed(row.id, {**outer, "uploads": uploads})
        number, promise, sheets = acceptance.number, acceptance.promise_date, self._sheets

        def apply(write: Write) -> None:
            # Once the platform has it the sheets are of no use, whether this transaction is committed or not.
            sheets.forget(body["sheets"])
            write.move(row.id, State.DONE, {"number": number, "promise_date": promise.isoformat() if promise else ""})

        return apply

    def _refuse_sealed(self, row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
        sheets = self._sheets

        def apply(write: Write) -> None:
            if sheets is not None:
                sheets.forget(body["sheets"])
            write.move(row.id, State.REFUSED, {"cause": slug})
            write.entry(row.visit, "submission.not-accepted", {"intent": row.id, "cause": slug})

        return apply
