"""The list of work, and which act belongs to which line of it; what a role may not do stands there with the reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from kiosk.journal import JournalError
from kiosk.technician.showing_closing import Closing
from kiosk.technician.showing_machine import Machine
from kiosk.technician.showing_matters import Matters
from kiosk.technician.showing_reissue import Reissuing
from kiosk.technician.showing_supplies import SuppliesWork
from kiosk.technician.work.open_acts import open_acts
from screens.models import Place
from screens.models.technician import Work, WorkLine
from screens.pages.technician import tech_work
from screens.screen import Screen

if TYPE_CHECKING:
    from kiosk.technician.showing_pages import TechnicianPages

LINES: Final[tuple[tuple[str, str], ...]] = (
    ("refill", "receipt_long"),
    ("forms-count", "fact_check"),
    ("intents", "help"),
    ("reissue", "print"),
    ("forgotten", "contact_page"),
    ("close", "do_not_disturb_on"),
    ("open", "door_front"),
    ("restart-device", "refresh"),
    ("port", "build"),
    ("profile-check", "assignment"),
    ("burn-in", "sync"),
    ("bundle", "content_paste"),
    ("report", "print"),
    ("audit", "schedule"),
)
"""Act and icon, in the order of the page."""
Act = Callable[[str], Awaitable[None]]


class Working:
    """The acts of one session."""

    def __init__(self, pages: TechnicianPages) -> None:
        self._pages = pages
        self._session = pages.session
        supplies, matters, machine, closing = SuppliesWork(pages), Matters(pages), Machine(pages), Closing(pages)
        self._acts: Mapping[str, Act] = {
            "refill": supplies.refill,
            "forms-count": supplies.forms,
            "intents": matters.intents,
            "reissue": Reissuing(pages).begin,
            "forgotten": matters.forgotten,
            "close": closing.close,
            "open": closing.open,
            "restart-device": machine.restart,
            "port": machine.port,
            "profile-check": machine.profile,
            "bundle": machine.bundle,
            "report": machine.report,
            "audit": machine.audit,
        }
        self._open_acts = 0

    async def chosen(self) -> str:
        """Which act, or "back". Raises `Ended`."""
        try:
            self._open_acts = len(await open_acts(self._session.tools.journal))
        except JournalError:
            self._open_acts = 0
        return (await self._pages.ask(self._page)).key

    def _page(self, place: Place) -> Screen:
        orders = self._session.terminal.orders
        by = orders.closed_by
        words = orders.closed_words(place.language) or (self._pages.say(f"tech.closed-by.{by}") if by else "")
        hidden = {"close" if orders.here else "open"}
        lines = tuple(self._line(key, icon) for key, icon in LINES if key not in hidden)
        return tech_work(place, Work(lines, words))

    def _line(self, key: str, icon: str) -> WorkLine:
        say = self._pages.say
        note = say(f"tech.work.note.{key}")
        if key == "intents":
            note = say("tech.matters.count", count=self._open_acts) if self._open_acts else say("tech.list.none")
        allowed = self._session.may(key)
        there = self._session.workshop is not None or key == "audit"
        reason = "" if allowed else say("tech.work.not-yours")
        return WorkLine(key, say(f"tech.work.line.{key}"), icon, note if allowed else "", allowed and there, reason)

    async def begin(self, key: str, section: str = "") -> None:
        """Do an act, for a section of the report where it is one of several. Raises `Ended`."""
        act = self._acts.get(key)
        if act is not None:
            await act(section)
