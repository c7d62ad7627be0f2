"""Done: the numbers to remember, what to take, the rating that may be skipped, and what it was given for.

| what was done | what the page names                                                    |
|---------------|------------------------------------------------------------------------|
| query, verify | the item                                                               |
| pay           | the amount and the way                                                 |
| print         | pages and identifier                                                   |
| apply         | the number, the promised day, how the result comes; or a reference     |
| bundle        | that, and each part with its state, its day and its own number         |

A rating is never there before a hand touched it. A bad one is asked for its reason, which may be skipped too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal, Never

from config.evaluation import evaluation
from config.texts import texts
from drivers.absent import is_absent
from drivers.errors import DeviceError
from kiosk.duties import ratings
from kiosk.money.payment_ways import phone_service
from kiosk.platform.case_parts import CasePart
from kiosk.platform.cases import RatingGiven
from kiosk.visits.case import Case, Move
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import Finish, Known, Place, RatingTags, Take
from screens.screen import Reply, Screen

CARD_POLL_S = 1.0
RECEIVES = "receive_mode"
"""The field of the catalogue that says how the result is received."""
RECEIPT_TAKES: Mapping[str, Literal["waiting", "taken", "unclear"]] = {
    "out": "waiting",
    "taken": "taken",
    "unclear": "unclear",
}
STARS = ("1", "2", "3", "4", "5")


class _Finish:
    """What the last page knows; the card's presence is watched behind it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.carded = "identify" in case.service.steps and not is_absent(case.tools.reader)
        self.card_there = self.carded
        self.rated = 0
        self.tags: frozenset[str] = frozenset()
        self.tagged = False

    def page(self, place: Place) -> Screen:
        case = self.case
        takes = [Take("card", "waiting" if self.card_there else "taken")] if self.carded else []
        if case.printed:
            takes.append(Take("certificate", "waiting"))
        if case.receipt_fate:
            takes.append(Take("receipt", RECEIPT_TAKES.get(case.receipt_fate, "failed")))
        parts = case.accepted.parts if case.accepted else ()
        model = Finish(
            tuple(self.rows()),
            tuple(takes),
            self.rated,
            case.accepted is not None and not case.accepted.number,
            tuple(self._part(part) for part in parts),
            any(part.state == "REFUSED" for part in parts),
            sum(part.back_fen for part in parts),
            rates=not case.visit.vault.get("not-rated-here", False),
            tagged=self.tagged,
        )
        return pages.finish(place, model)

    def rows(self) -> list[Known]:
        """Numbers, dates and money; nothing personal."""
        from kiosk.steps.receipt import _grouped

        case = self.case
        rows = [Known(case.say("finish.service"), case.service.name.get(case.visit.language))]
        if case.accepted:
            if case.accepted.number:
                rows.append(Known(case.say("finish.number"), _grouped(case.accepted.number)))
            else:
                rows.append(Known(case.say("finish.reference"), case.accepted.intent[-8:].upper()))
            if case.accepted.promise_date and not case.accepted.parts:
                day = case.accepted.promise_date
                month = texts(case.visit.language).month(day.month)
                rows.append(
                    Known(
                        case.say("finish.promise"),
                        case.say("finish.promise-by", month=month, day=day.day, days=case.service.working_days),
                    )
                )
        if case.accepted:
            rows += self._how_received()
        if case.charge:
            amount = f"{case.charge.fen // 100}.{case.charge.fen % 100:02d}"
            tail, service = case.visit.vault.get("card-tail", ""), phone_service(case)
            paid = (
                case.say("finish.paid-phone", yuan=amount, service=service)
                if service
                else case.say("finish.paid-card", yuan=amount, tail=tail)
            )
            rows.append(Known(case.say("finish.paid"), paid))
        if case.printed:
            rows.append(Known(case.say("finish.pages"), str(case.printed.pages)))
            rows.append(Known(case.say("finish.identifier"), case.printed.identifier))
        return rows + list(case.visit.vault.get("finish-rows", []))

    def _how_received(self) -> list[Known]:
        """At the counter or by post, as was chosen: what the citizen wonders about on the way home."""
        case, language = self.case, self.case.visit.language
        return [
            Known(spec.label.get(language), option.label.get(language))
            for spec in case.service.form
            if spec.key == RECEIVES
            for option in spec.options
            if option.key == case.form.get(RECEIVES)
        ]

    def _part(self, part: CasePart) -> Known:
        case = self.case
        service = case.tools.catalogue.services.get(part.service)
        name = service.name.get(case.visit.language) if service else part.service
        state, day = case.say(f"case.state-{part.state}"), part.promise_date
        month = texts(case.visit.language).month(day.month)
        key = "bundle.over" if part.state in ("REFUSED", "DONE", "WAITING") else "bundle.part"
        by = case.say("case.day", month=month, day=day.day)
        return Known(name, case.say(key, state=state, by=by, no=part.number[-2:]))

    def tags_page(self, place: Place) -> Screen:
        """What the rating was given for."""
        tags = tuple((tag.code, tag.get(place.language)) for tag in evaluation().of(self.rated))
        return pages.rating_tags(place, RatingTags(self.rated, tags, self.tags))

    async def watch_card(self) -> Never:
        """Tell at once when the card is lifted."""
        reader = self.case.tools.reader
        while self.card_there:
            try:
                self.card_there = await reader.card_present()
            except DeviceError:
                self.card_there = False
            if not self.card_there:
                self.case.visit.refresh()
            await asyncio.sleep(CARD_POLL_S)
        while True:
            await asyncio.Event().wait()  # the page stays until it is left

    def take(self, reply: Reply) -> bool:
        """A good rating keeps the page open; the last one touched counts when the page closes."""
        if reply.key == "rate" and reply.value in STARS:
            if int(reply.value) != self.rated:
                self.tags, self.tagged = frozenset(), False
            self.rated = int(reply.value)
            return self.rated > ratings.bad_up_to()
        return False

    def take_tag(self, reply: Reply) -> bool:
        """A tag is chosen, or not any more."""
        if reply.key == "tag" and reply.value in {tag.code for tag in evaluation().of(self.rated)}:
            self.tags = self.tags ^ {reply.value}
            return True
        return False


async def finish(case: Case) -> Move:
    """Show what was done. Returns when the citizen goes; the rating, if any, goes to the outbox. Raises `Ended`: home,
    for another errand in the same visit."""
    visit = case.visit
    visit.at("collect")
    model = _Finish(case)
    if not visit.vault.get("not-rated-here", False):
        await ratings.offered(case)
    seconds = visit.manners.result_s
    try:
        while True:
            reply = await visit.during(model.page, model.watch_card(), seconds=seconds, on_reply=model.take)
            if reply.key == "again":
                raise Ended("home")
            if reply.key not in ("rate", "why") or not model.rated:
                break
            reply = await visit.during(model.tags_page, model.watch_card(), seconds=seconds, on_reply=model.take_tag)
            model.tagged = True
            if reply.key == "skip":
                model.tags = frozenset()
    finally:
        if model.rated:
            await _send(case, model)
    return "next"


async def _send(case: Case, model: _Finish) -> None:
    known = [tag.code for tag in evaluation().of(model.rated)]
    given = RatingGiven(
        ratings.subject(case),
        case.service.id,
        model.rated,
        tuple(code for code in known if code in model.tags),
        assessed_at=case.tools.clock.platform_now().isoformat(timespec="seconds"),
    )
    await ratings.post(case, given)
