"""Changing the roster: who was enrolled, locked, released, removed, each in the chain. Behind `kiosk technician`."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from config.settings import Settings
from drivers.errors import DeviceError
from drivers.families import CardReading
from kiosk.clock import Clock
from kiosk.devices import make_device
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.technician.door_book import DoorBook
from kiosk.technician.gate import ATTEMPTS, TRY
from kiosk.technician.joining import roster_of
from kiosk.technician.lockout import counted, read_attempt, row_of_failures, united
from kiosk.technician.roles import Role
from kiosk.technician.roster import Roster, RosterError, Technician, card_digest, hashed, who_digest

ENTRY: Final = "technician.roster"
"""Kind of the entry of a change of the roster: act, who (keyed digest), role."""
OPEN_S: Final = 30.0
CARD_S: Final = 60.0
SEEN_S: Final = 600.0
"""`seen`: a card that was laid on the reader at the door so long ago at most."""
Change = Literal["add", "lock", "unlock", "remove"]


class Enrolling:
    """The roster of one terminal, from the command line; the terminal may run beside it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = MachineKey.load(settings.state_dir / "machine.key")
        self.roster: Roster = roster_of(settings, self.key)

    async def change(self, what: Change, technician: Technician | str) -> None:
        """Do it and record it; recorded first, so that no change is without an entry.

        Raises `RosterError`, `JournalError`, `OSError`.
        """
        name = technician if isinstance(technician, str) else technician.id
        role = "" if isinstance(technician, str) else technician.role
        roster = self.roster.technicians()
        there = {each.id for each in roster}
        if (name in there) is (what == "add"):
            known = ", ".join(sorted(there)) or "nobody"
            raise RosterError(f"{name}: {'is there already' if what == 'add' else f'not on the roster ({known})'}")
        if isinstance(technician, Technician) and technician.card in {each.card for each in roster}:
            raise RosterError("this card belongs to a technician already")
        who = who_digest(self.key, name)
        journal, clock = await self._journal()
        try:
            await journal.write(lambda write: write.entry("", ENTRY, {"act": what, "who": who, "role": role}))
            if isinstance(technician, Technician):
                self.roster.add(technician)
            elif what == "remove":
                self.roster.remove(name)
            else:
                self.roster.change(name, locked=what == "lock")
                if what == "unlock":
                    body = {"result": "released", "reason": "", "who": who, "at": round(clock.timestamp(), 3)}
                    await journal.write(lambda write: write.entry("", TRY, body))
        finally:
            await journal.close()

    def made(self, name: str, called: str, role: Role, card: str, pin: str) -> Technician:
        """An entry of the roster. Raises `ValueError` (pydantic) for a member that is none."""
        return Technician(id=name, name=called, role=role, card=card, pin=hashed(self.key, pin))

    async def card_on_reader(self) -> str:
        """The digest of the card that is laid on the reader now. Raises `DeviceError`, `SettingsError`."""
        reader = make_device(self.settings, "id_card", CardReading)
        try:
            async with asyncio.timeout(OPEN_S):
                await reader.open()
            await reader.wait_for_card(CARD_S)
            return card_digest(self.key, (await reader.read_card()).number)
        except TimeoutError:
            raise DeviceError(f"the reader did not open within {OPEN_S:g} s") from None
        finally:
            await reader.close()

    async def card_seen(self) -> str:
        """The digest of the newest unknown card that was laid down at the running terminal's door.

        Raises `RosterError` when none was in the last ten minutes, `JournalError`.
        """
        journal, clock = await self._journal()
        try:
            told = await journal.recent_of_staff(TRY, ATTEMPTS)
        finally:
            await journal.close()
        for body in reversed(told):
            if body.get("reason") == "card-unknown" and clock.timestamp() - float(body["at"]) < SEEN_S:
                return str(body["who"])
        raise RosterError("no unknown card was laid down at the door within ten minutes; do that first")

    async def failures(self) -> dict[str, int]:
        """Technician -> wrong PINs since the last success. Raises `RosterError`, `JournalError`."""
        journal, clock = await self._journal()
        try:
            told = await journal.recent_of_staff(TRY, ATTEMPTS)
        finally:
            await journal.close()
        now = clock.timestamp()
        book = DoorBook(self.settings.state_dir, self.key)
        book.load(now)
        read = (each for each in map(read_attempt, told) if each is not None)
        attempts = [counted(each, now, now) for each in united(read, book.tries)]
        who = {each.id: who_digest(self.key, each.id) for each in self.roster.technicians()}
        return {name: len(row_of_failures(attempts, digest)) for name, digest in who.items()}

    async def _journal(self) -> tuple[Journal, Clock]:
        clock = Clock()
        journal = Journal(self.settings.state_dir / "journal.db", clock)
        await journal.open()
        return journal, clock
