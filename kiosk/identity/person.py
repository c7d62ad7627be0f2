"""Who stands here in this visit: the session at the platform, what is proven in it, and the data that proved it.

It outlives a journey, so that the next matter of the same visit need not ask again (for `fresh_s` of identity.toml);
it ends with the visit, when the citizen says that somebody else goes on, or when the phone signs out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from config.identity import ProofKey, ladder
from kiosk.identity.standing import Standing
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.vault import Vault

if TYPE_CHECKING:
    from config.service import Level
    from kiosk.visits.case import Case, Tools
    from kiosk.visits.visit import Visit

KEPT: Final = ("card", "portrait", "live", "card-source")
"""What goes along into the next journey's vault; everything else dies with its journey."""


@dataclass(slots=True)
class Person:
    """One session, "" when it began without the platform, for an item that may wait. `at` is the monotonic time of the
    last proof; `acts`: for an organisation, at the platform."""

    session: str
    standing: Standing = field(default_factory=Standing)
    at: float = 0.0
    name_masked: str = field(default="", repr=False)
    acts: bool = False
    must_live: bool = False
    """An application that waits for the network needs the session: the platform ends it by itself later."""
    moved: bool = False
    """It goes on on the phone: it is not ours to end any more."""
    vault: Vault = field(default_factory=Vault, repr=False)

    def fresh(self, now: float) -> bool:
        """Whether what was proven still counts for a further matter."""
        return self.standing.level == "A0" or now - self.at < ladder().fresh_s

    def proven(self, proof: ProofKey, level: Level, now: float, name_masked: str = "") -> None:
        """One more proof, at the level that the platform says."""
        self.standing = self.standing.after(proof, level)
        self.at = now
        self.name_masked = name_masked or self.name_masked
        if proof == "agency":
            self.acts = level == "A4"

    def keep(self, vault: Vault) -> None:
        """Take over from a journey's vault what the next journey may use."""
        for name in KEPT:
            if (value := vault.get(name)) is not None:
                self.vault.put(name, value)

    def lend(self, vault: Vault) -> None:
        """Give a journey's vault what was kept."""
        for name in KEPT:
            if (value := self.vault.get(name)) is not None:
                vault.put(name, value)


async def present(case: Case) -> Person:
    """The visit's person, with an open session. Raises `PlatformError`: there is none, and the item needs one."""
    person = case.visit.person
    if person is None:
        try:
            session = await case.tools.platform.open_session(new_id("ses"))
        except PlatformError as error:
            if isinstance(error, Problem) or not waits(case):
                raise
            session = ""
        person = case.visit.person = Person(session)
    case.session = person.session
    return person


def waits(case: Case) -> bool:
    """Whether this item may be begun without the platform: what is handed in waits, sealed (`kiosk.duties.queued`)."""
    service = case.service
    sealing = case.tools.settings.platform.sealing_key
    return service.offline == "queue" and service.fee.type == "free" and bool(sealing) and not case.as_organisation


async def resume(case: Case) -> None:
    """What was proven earlier in this visit serves this journey too, unless it is too long ago."""
    person = case.visit.person
    if person is None:
        return
    if not person.session or person.moved or not person.fresh(case.tools.clock.monotonic()):
        await forget(case.visit, case.tools)
        case.session = ""
        return
    case.session = person.session
    person.standing = person.standing.as_person()
    person.lend(case.visit.vault)


async def forget(visit: Visit, tools: Tools) -> None:
    """Nobody is known here any more, at the platform neither; when it cannot be told, its own expiry does it."""
    person, visit.person = visit.person, None
    if person is None:
        return
    person.vault.close()
    if person.must_live or person.moved or not person.session:
        return
    with suppress(PlatformError):
        await tools.platform.close_session(person.session)


async def after_journey(case: Case) -> None:
    """At a journey's end: keep what is proven for the next one; a session in which nothing was proven is ended."""
    person = case.visit.person
    case.visit.aside = None
    if person is None:
        return
    if case.accepted is not None and not case.accepted.number:
        person.must_live = True
    if person.standing.level == "A0" or person.moved:
        await forget(case.visit, case.tools)
    elif not case.visit.vault.closed:
        person.keep(case.visit.vault)


def known(case: Case) -> dict[str, Any]:
    """For a page: the masked name of whoever is proven already, "" when nobody is."""
    person = case.visit.person
    there = person is not None and person.standing.level > "A0"
    return {"name": person.name_masked if person is not None and there else ""}
