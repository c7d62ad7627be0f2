"""Submitting an application: once, whatever happens (P4). Printing is in `kiosk.prints`.

Intent and sealed outbox row in one transaction -> platform -> acceptance number and charge done, in one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drivers.outcome import Done, Outcome, Refused
from kiosk import holds
from kiosk.intents import Kind, State
from kiosk.journal import Journal, Row, Write
from kiosk.outbox import Outbox
from kiosk.platform.client import Platform
from kiosk.prints import Printed, Prints

__all__ = ["Accepted", "Printed", "Prints", "Submissions"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform has the application. `number` "" means: it is sealed here and goes out when the network is back."""

    intent: str
    number: str = ""
    promise_date: date | None = None


class Submissions:
    """Applications on their way to the platform."""

    def __init__(self, journal: Journal, outbox: Outbox, platform: Platform) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        outbox.topic("submit", self._deliver, self._refuse)

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
        return Done(Accepted(intent_id, str(intent.body.get("number", "")), accepted_by))

    async def _deliver(self, row: Row, body: Mapping[str, Any]) -> Callable[[Write], object]:
        """Ask first whether an earlier try arrived, then send."""
        acceptance = await self._platform.find_application(row.id) if row.tries else None
        if acceptance is None:
            acceptance = await self._platform.submit(
                str(body["session"]),
                row.id,
                str(body["service"]),
                dict(body["form"]),
                body["order"] or None,
                list(body["consents"]),
                str(body["reviewed_digest"]),
                submitted_at=str(body["submitted_at"]),
            )
        number, promise = acceptance.number, acceptance.promise_date

        def apply(write: Write) -> None:
            references = {"number": number, "promise_date": promise.isoformat() if promise else ""}
            write.move(row.id, State.DONE, references)
            if body["charge"]:
                holds.served(write, str(body["charge"]))

        return apply

    def _refuse(self, row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
        def apply(write: Write) -> None:
            write.move(row.id, State.REFUSED, {"cause": slug})
            if body["charge"]:
                holds.refused(write, str(body["charge"]))

        return apply
