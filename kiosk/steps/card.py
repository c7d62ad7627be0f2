"""Reading the card: placed, read, in date, proven to the platform; or no card at hand, and another way."""

from __future__ import annotations

import asyncio
from typing import Literal

from config.consents import consents
from config.identity import Need
from drivers.errors import DeviceError, MediaError, MediaRejected
from drivers.id_card.card import CardRead
from kiosk.identity.consenting import stopped
from kiosk.identity.masks import mask_name
from kiosk.identity.person import present
from kiosk.identity.standing import following
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import NotDone, Place, PlaceCard
from screens.screen import Reply, Screen

READ_S = 12.0
Way = Literal["done", "back", "other"]


class _Reading:
    """The card reader at work behind the page."""

    def __init__(self, case: Case, *, others: bool) -> None:
        self.case = case
        self.others = others
        self.state: PlaceCard = PlaceCard("waiting")
        self.trouble = ""

    def page(self, place: Place) -> Screen:
        trouble = self.case.say(f"card.{self.trouble}") if self.trouble else ""
        others = self.others and self.state.state != "reading"
        return pages.place_card(place, PlaceCard(self.state.state, trouble, others))

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
            raise Stop(NotDone("reader-fault", elsewhere=self.case.elsewhere())) from error

    async def identify(self) -> None:
        """Read, check the dates, decode the portrait, prove it to the platform."""
        case = self.case
        card = await self.card()
        check_dates(case, card)
        await self.prove(card)
        portrait = await asyncio.to_thread(case.tools.reader.portrait, card)
        case.visit.vault.put("card", card)
        case.visit.vault.put("portrait", portrait)
        await case.tools.journal.note(
            case.visit.id, "identified", {"subject": case.tools.key.digest("citizen", card.number), "kind": card.kind}
        )

    async def prove(self, card: CardRead) -> None:
        """Hand the card's proof to the platform. Raises `Stop`."""
        case = self.case
        try:
            person = await present(case)
            if not person.session:
                # The platform is away and opens the envelope later; it looks at name and number then.
                person.proven("card", "A2", case.tools.clock.monotonic(), mask_name(card.name))
                return
            proof = await case.tools.platform.prove_card(
                case.session,
                new_id("prf"),
                name=card.name,
                number=card.number,
                card_kind=card.kind,
                valid_to=card.valid_to,
                service=case.service.id,
            )
        except Problem as problem:
            if problem.slug == "session-expired" or problem.ours:
                raise await stopped(case, problem) from problem
            raise Stop(NotDone("card-refused", reference=problem.slug)) from problem
        except PlatformError as error:
            raise await stopped(case, error) from error
        person.proven("card", proof.level, case.tools.clock.monotonic(), proof.name_masked)


def check_dates(case: Case, card: CardRead) -> None:
    """Whether the card serves this item today, and its holder may act alone. Raises `Stop`."""
    today = case.tools.clock.platform_now().date()
    if card.valid_from > today:
        raise Stop(NotDone("card-refused"))
    expired = card.valid_to is not None and card.valid_to < today and case.visit.vault.get("card-source") != "platform"
    if expired and not case.service.allows_expired_card:
        raise Stop(NotDone("card-expired"))
    if age(card, case) < consents().child.under:
        raise Stop(NotDone("guardian", elsewhere=case.elsewhere()))


def age(card: CardRead, case: Case) -> int:
    """Whole years today."""
    today = case.tools.clock.platform_now().date()
    return today.year - card.birth.year - ((today.month, today.day) < (card.birth.month, card.birth.day))


async def by_card(case: Case) -> Way:
    """Ask for the card. `other`: it is not at hand."""
    visit = case.visit
    person = await present(case)
    here: set[Need] = {"platform", "id_card"}
    others = len(following(person.standing, "A2", here, without_card=case.service.without_card)) > 1
    reading = _Reading(case, others=others)
    result = await visit.during(reading.page, reading.identify(), seconds=visit.manners.card_s)
    if isinstance(result, Reply):
        return "other" if result.key == "no-card" else "back"
    return "done"
