"""Reading the card: placed, read, in date, proven to the platform."""

from __future__ import annotations

import asyncio
from typing import Literal

from drivers.errors import DeviceError, MediaError, MediaRejected
from drivers.id_card.driver import CardRead
from kiosk.case import Case, Move, Stop
from kiosk.money import new_id
from kiosk.platform.errors import PlatformError, Problem
from screens import pages
from screens.models import NotDone, Place, PlaceCard
from screens.screen import Reply, Screen

READ_S = 12.0


class _Reading:
    """The card reader at work behind the page."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.state: PlaceCard = PlaceCard("waiting")
        self.trouble = ""

    def page(self, place: Place) -> Screen:
        trouble = self.case.say(f"card.{self.trouble}") if self.trouble else ""
        return pages.place_card(place, PlaceCard(self.state.state, trouble))

    def now(self, state: Literal["waiting", "reading", "again"], trouble: str = "") -> None:
        self.state, self.trouble = PlaceCard(state), trouble
        self.case.visit.refresh()

    async def card(self) -> CardRead:
        """Wait for a card that can be read; raises `Stop` when the reader fails."""
        reader = self.case.tools.reader
        try:
            while True:
                await reader.wait_for_card(deadline_s=3600)
                self.now("reading", "")
                try:
                    return await reader.read_card(deadline_s=READ_S)
                except MediaError as error:
                    self.now("again", "rejected" if isinstance(error, MediaRejected) else "unreadable")
                    await reader.wait_removed(deadline_s=60)
        except DeviceError as error:
            raise Stop(NotDone("reader-fault", elsewhere=self.case.say("elsewhere.near"))) from error

    async def identify(self) -> None:
        """Read, check the dates, decode the portrait, prove it to the platform."""
        case = self.case
        card = await self.card()
        today = case.tools.clock.platform_now().date()
        if card.valid_from > today:
            raise Stop(NotDone("card-refused"))
        expired = card.valid_to is not None and card.valid_to < today
        if expired and not case.service.allows_expired_card:
            raise Stop(NotDone("card-expired"))
        await self.prove(card)
        portrait = await asyncio.to_thread(case.tools.reader.portrait, card)
        case.visit.vault.put("card", card)
        case.visit.vault.put("portrait", portrait)
        await case.tools.journal.note(
            case.visit.id, "identified", {"subject": case.tools.key.digest("citizen", card.number), "kind": card.kind}
        )

    async def prove(self, card: CardRead) -> None:
        """Hand the card's proof to the platform. Raises `Stop`."""
        try:
            await self.case.tools.platform.prove_card(
                self.case.session,
                new_id("prf"),
                name=card.name,
                number=card.number,
                card_kind=card.kind,
                valid_to=card.valid_to,
                service=self.case.service.id,
            )
        except Problem as problem:
            raise Stop(NotDone("card-refused", reference=problem.slug)) from problem
        except PlatformError as error:
            raise Stop(NotDone("network", can_retry=True)) from error


async def identify(case: Case) -> Move:
    """Ask for the card; a citizen already identified in this visit goes straight on."""
    case.visit.at("identify")
    if case.visit.vault.get("card") is not None:
        return "next"
    reading = _Reading(case)
    result = await case.visit.during(reading.page, reading.identify(), seconds=case.visit.manners.card_s)
    return "back" if isinstance(result, Reply) else "next"
