"""Money that a pad only holds: taken when the service was given, freed when it was not; journalled before each act.

held -> booking -> charged (service still to come) or done (given); held -> releasing -> reversed
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from drivers.errors import DeviceError
from drivers.families import CardPaying
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Reversal
from kiosk.intents import Intent, State
from kiosk.journal import Journal, Write

log = logging.getLogger(__name__)


def served(write: Write, charge: str) -> None:
    """Inside `write`: the service was given for this charge. What is held is booked next, by whoever settles."""
    intent = write.intent(charge)
    if intent is None or intent.state is State.DONE:
        return
    held = intent.state in (State.HELD, State.BOOKING)
    write.move(charge, State.BOOKING if held else State.DONE, {"served": True} if held else None)


def refused(write: Write, charge: str) -> None:
    """Inside `write`: the service will not be given; the money goes back. A service that was given stays given: who
    asks may have looked before it was."""
    intent = write.intent(charge)
    if intent is None:
        return
    if intent.state is State.HELD:
        write.move(charge, State.RELEASING)
    elif intent.state is State.BOOKING and not intent.body.get("served"):
        write.move(charge, State.BOOKING, {"unserved": True})
    elif intent.state is State.CHARGED:
        write.move(charge, State.OWED)


class Holds:
    """Books and releases. `given_back` journals the end of a release with its report."""

    def __init__(self, journal: Journal, pad: CardPaying, given_back: Callable[[Intent], Awaitable[None]]) -> None:
        self._journal = journal
        self._pad = pad
        self._given_back = given_back

    async def keep(self, charge: str) -> None:
        """The service is as good as given (sealed in the outbox): what is held is taken."""
        intent = await self._journal.intent(charge)
        if intent is not None and intent.state is State.HELD:
            await self.book(await self._journal.move(charge, State.BOOKING))

    async def book(self, intent: Intent) -> bool:
        """One try to take what is held, in state booking; true when that is settled."""
        fen = int(intent.body["fen"])
        outcome = await self._asked(self._pad.book(str(intent.body["receipt_no"]), fen, fen))
        if isinstance(outcome, Refused) and await self._gone(intent):
            return await self._lapsed(intent, outcome.cause)
        if not isinstance(outcome, Done):
            log.warning("charge %s: not booked yet (%s)", intent.id, outcome.cause)
            return False

        def booked(write: Write) -> None:
            now = write.intent(intent.id)
            assert now is not None
            unserved, given = now.body.get("unserved"), now.body.get("served")
            write.move(intent.id, State.OWED if unserved else State.DONE if given else State.CHARGED)

        await self._journal.write(booked)
        return True

    async def release(self, intent: Intent) -> bool:
        """One try to free what is held; true when it is free."""
        if intent.state is State.HELD:
            intent = await self._journal.move(intent.id, State.RELEASING)
        outcome = await self._asked(self._pad.release(str(intent.body["receipt_no"])))
        if not isinstance(outcome, Done) and not await self._gone(intent):
            log.warning("charge %s: not released yet (%s)", intent.id, outcome.cause)
            return False
        await self._given_back(intent)
        return True

    async def _asked(self, act: Awaitable[Outcome[Reversal]]) -> Outcome[Reversal]:
        try:
            return await act
        except DeviceError as error:
            return Unknown(error.cause, str(error))

    async def _gone(self, intent: Intent) -> bool:
        """True only when the pad lists its holds and this one is not among them."""
        try:
            return str(intent.body["receipt_no"]) not in await self._pad.open_holds()
        except DeviceError:
            return False

    async def _lapsed(self, intent: Intent, cause: str) -> bool:
        """Nothing is held any more. It was booked by an earlier try without an answer, or it lapsed: a person looks."""
        log.error("charge %s: nothing is held any more (%s); look at the settlement", intent.id, cause)
        await self._journal.move(intent.id, State.LAPSED, cause=cause)
        return True
