"""Signing what was reviewed (手写签名): with the finger; or, as an equal way, with the card, or before an officer.

Nobody has to be able to write: a cross is a signature, and who cannot make one confirms with the card that lies on the
reader or asks for an officer. Whoever listens is asked for the card first. The strokes are in the vault until the
application is handed in or the visit is over.
"""

from __future__ import annotations

from drivers.errors import DeviceError, MediaError
from drivers.id_card.card import CardRead
from kiosk.materials import papers, signature
from kiosk.steps.officer import by_officer
from kiosk.visits.case import Case, Move, Stop
from screens import ink, pages
from screens.ink import InkStroke
from screens.models import NotDone, Place, PlaceCard, Sign, SignOther
from screens.screen import Reply, Screen

READ_S = 12.0
WAIT_S = 60.0


async def sign(case: Case) -> Move:
    """Until it is signed, in one of the ways; nothing where this application is not signed here."""
    if not papers.is_signed(case):
        return "next"
    case.visit.at("review")
    wanted = "other" if case.visit.place.voice == "on" else "hand"
    while True:
        if wanted == "hand":
            done = await _by_hand(case)
        else:
            done = await _otherwise(case)
        if done in ("hand", "other"):
            wanted = done
        elif done == "back":
            return "back"
        else:
            return "next"


class _Pad:
    """What is written on the pad, and what is said of it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.strokes: list[InkStroke] = []
        self.heard = 0
        self.error = ""

    def page(self, place: Place) -> Screen:
        name = self.case.service.name.get(place.language)
        return pages.sign(place, Sign(name, tuple(self.strokes), self.heard, self.error))

    def take(self, reply: Reply) -> None:
        self.error = ""
        known = ink.read(reply.value) if reply.key == "stroke" else None
        if known is not None:
            self.heard = max(self.heard, known[0])
            self.strokes = list(signature.kept([*self.strokes, known[1]]))
        elif reply.key == "undo" and self.strokes:
            self.strokes.pop()
        elif reply.key == "again":
            self.strokes.clear()

    def signed(self) -> bool:
        """Whether it is a signature; else the page says what is missing."""
        fault = signature.fault(self.strokes)
        self.error = self.case.say(f"signing.fault.{fault}") if fault else ""
        return not fault


async def _by_hand(case: Case) -> str:
    """done, back, or other: another way is wanted."""
    pad, fresh = _Pad(case), True
    try:
        while True:
            reply = await case.visit.ask(pad.page, seconds=case.visit.manners.form_s, fresh=fresh)
            fresh = False
            if reply.key in ("back", "other"):
                return reply.key
            if reply.key != "done":
                pad.take(reply)
            elif pad.signed():
                papers.signed_by(case, "handwritten", tuple(pad.strokes))
                await _noted(case, "handwritten", len(pad.strokes))
                return "done"
    finally:
        pad.strokes.clear()


async def _otherwise(case: Case) -> str:
    """done, back, or hand: they would rather write."""
    trouble = ""
    while True:
        carded = case.visit.vault.get("card") is not None and case.tools.reader.status.usable

        def build(place: Place, carded: bool = carded, trouble: str = trouble) -> Screen:
            name = case.service.name.get(place.language)
            return pages.sign_other(place, SignOther(name, carded, bool(case.session), trouble, case.elsewhere()))

        reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
        trouble = ""
        if reply.key in ("back", "hand"):
            return reply.key
        if reply.key == "card" and carded:
            if not (trouble := await _by_card(case)):
                return "done"
        elif reply.key == "officer" and case.session:
            if await by_officer(case) == "done":
                papers.signed_by(case, "officer-witnessed", ())
                await _noted(case, "officer-witnessed", 0)
                return "done"
        elif reply.key == "counter":
            raise Stop(NotDone("sign-elsewhere", elsewhere=case.elsewhere(people=True)))


async def _by_card(case: Case) -> str:
    """ "" when the same card was laid down; else what was wrong, as a sentence."""

    async def reading() -> CardRead | None:
        reader = case.tools.reader
        try:
            await reader.wait_for_card(deadline_s=WAIT_S)
            return await reader.read_card(deadline_s=READ_S)
        except (MediaError, DeviceError):
            return None

    read = await case.visit.during(
        lambda p: pages.place_card(p, PlaceCard("waiting")), reading(), seconds=case.visit.manners.card_s
    )
    if isinstance(read, Reply):
        return case.say("signing.card.none")
    if read is None:
        return case.say("signing.card.unread")
    if read.number != case.card.number:
        return case.say("signing.card.other")
    papers.signed_by(case, "card-confirmed", ())
    await _noted(case, "card-confirmed", 0)
    return ""


async def _noted(case: Case, method: str, strokes: int) -> None:
    """The journal has the way and the document, never a stroke."""
    document, _ = case.visit.vault.get("signed")
    body = {"method": method, "strokes": strokes, "document": document}
    await case.tools.journal.note(case.visit.id, "signed", body)
