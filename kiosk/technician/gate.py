"""Who is right: cards, PINs and codes against roster, keys and lock-out.

Every failure is in the journal before anybody learns of it, and a PIN's try before it is looked at: a plug that is
pulled in between buys no further try. What the journal says counts; nothing else is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from config.settings import Settings
from kiosk.clock import Clock
from kiosk.journal import Journal, JournalError
from kiosk.keys import MachineKey
from kiosk.technician.codes import CodeRefused, Grant, Purpose, read_token, read_typed
from kiosk.technician.door import Admitted, Reason, Shut
from kiosk.technician.lockout import Attempt, Result, Rules, read_attempt, shut_until
from kiosk.technician.roster import Known, Roster, RosterError, card_digest, pin_right

log = logging.getLogger(__name__)

TRY: Final = "technician.try"
"""Kind of the entry of a try: tried, opened, released; reason, who, at. The lock-out is made of these."""
DOOR: Final = "technician.door"
"""Kind of the entry of everything else at the door: result (refused, away, card-left), reason, who, at."""
CODE: Final = "technician.code"
"""Kind of the entry of a code that was used: nonce, role, purpose."""
ATTEMPTS: Final = 1000
CODES: Final = 1000
TYPED: Final = "typed-code"
"""Who types a code, as the lock-out calls them: nobody knows before it is right."""


class Gate:
    """One terminal's. `secret` gives the secret of typed codes, b"" while there is none."""

    def __init__(
        self,
        settings: Settings,
        roster: Roster,
        journal: Journal,
        key: MachineKey,
        clock: Clock,
        secret: Callable[[], bytes] = bytes,
    ) -> None:
        self.settings = settings
        self.roster = roster
        self._journal = journal
        self._key = key
        self._clock = clock
        self._secret = secret
        rules = settings.technician
        self._rules = Rules(rules.delays_s, rules.door_tries, rules.door_delay_s)
        self._started = self._now()
        self._unwritten: deque[Attempt] = deque(maxlen=ATTEMPTS)
        """Tries that the disk did not take; they count until this program ends."""
        self._one = asyncio.Lock()

    def _now(self) -> float:
        return self._clock.platform_now().timestamp()

    async def locked_until(self, who: str = "") -> float:
        """Until when nobody, or `who`, is let in: seconds since 1970, 0.0 when open."""
        return shut_until(await self._attempts(), who, self._rules, self._now())

    async def note(self, result: str, reason: Reason | str = "", who: str = "") -> None:
        """Record something that is no try: a refusal, somebody who went away."""
        await self._write(DOOR, {"result": result, "reason": reason, "who": who, "at": round(self._now(), 3)})

    # A card and its PIN

    async def card(self, number: str) -> Known:
        """Whose card this is. Raises `Shut`: unknown, locked, or no roster; all on record."""
        async with self._one:
            await self._must_be_open("")
            try:
                known = await asyncio.to_thread(self.roster.find, number)
            except RosterError as error:
                log.error("technicians: %s", error)  # noqa: TRY400 - a sentence for who keeps the file
                await self.note("refused", "roster-bad")
                raise Shut("roster-bad") from None
            if known is None:
                who = card_digest(self._key, number)
                await self._tried(who, "card-unknown")
                raise Shut("card-unknown", await self.locked_until())
            if known.locked:
                await self.note("refused", "technician-locked", known.who)
                raise Shut("technician-locked")
            await self._must_be_open(known.who)
            return known

    async def pin(self, known: Known, pin: str) -> Admitted:
        """Whether that is their PIN; about 0.1 s. Raises `Shut`, with the time of the lock where there is one."""
        async with self._one:
            await self._must_be_open(known.who)
            await self._tried(known.who, "pin")
            if await asyncio.to_thread(pin_right, self._key, known, pin):
                await self._opened(known.who)
                return Admitted(known.who, known.role, "card")
            until = await self.locked_until(known.who)
            await self.note("refused", "pin-wrong", known.who)
            raise Shut("pin-wrong", until)

    # A code

    async def typed(self, digits: str, purpose: Purpose) -> Admitted:
        """Twelve digits. Raises `Shut`. A slip of the finger (the check digit) is no guess."""
        async with self._one:
            await self._must_be_open(TYPED)
            try:
                grant = read_typed(digits, self._secret(), self.settings.terminal.id, self._now(), purpose)
            except CodeRefused as error:
                if error.reason in ("code-wrong", "code-purpose"):
                    await self._tried(TYPED, error.reason)
                raise await self._refused(error, TYPED) from None
            admitted = await self._spend(grant)
            await self._opened(TYPED)
            return admitted

    async def scanned(self, text: str, purpose: Purpose) -> Admitted:
        """A code that the platform signed; a locked door takes it, since nobody can guess one. Raises `Shut`."""
        async with self._one:
            key = self.settings.platform.public_key
            try:
                grant = read_token(text, key, self.settings.terminal.id, self._now(), purpose)
            except CodeRefused as error:
                raise await self._refused(error, "") from None
            return await self._spend(grant)

    async def _spend(self, grant: Grant) -> Admitted:
        """Once only, over restarts: the nonce is on disk before the door opens. Raises `Shut`."""
        try:
            used = {str(body.get("nonce")) for body in await self._journal.recent_of_staff(CODE, CODES)}
            if grant.nonce in used:
                await self.note("refused", "code-used")
                raise Shut("code-used")
            body = {"nonce": grant.nonce, "role": grant.role, "purpose": grant.purpose, "at": round(self._now(), 3)}
            await self._journal.write(lambda write: write.entry("", CODE, body))
        except JournalError as error:
            log.warning("technicians: a code cannot be recorded, so it opens nothing: %s", error)
            raise Shut("not-recorded") from None
        return Admitted(self._key.digest("technician-code", grant.nonce), grant.role, "code")

    async def _refused(self, error: CodeRefused, who: str) -> Shut:
        await self.note("refused", error.reason, who)
        return Shut(error.reason, await self.locked_until(who))

    # Tries

    async def _must_be_open(self, who: str) -> None:
        until = await self.locked_until(who)
        if until:
            await self.note("refused", "locked", who)
            raise Shut("locked" if who else "door-locked", until)

    async def _tried(self, who: str, reason: str) -> None:
        await self._attempt(who, "tried", reason)

    async def _opened(self, who: str) -> None:
        await self._attempt(who, "opened", "")

    async def _attempt(self, who: str, result: Result, reason: str) -> None:
        attempt = Attempt(round(self._now(), 3), who, result)
        body = {"result": result, "reason": reason, "who": who, "at": attempt.at}
        try:
            await self._journal.write(lambda write: write.entry("", TRY, body))
        except JournalError:
            # The disk may be why the technician came: the door still opens, and this try still counts.
            self._unwritten.append(attempt)
            await self._write(TRY, body)

    async def _attempts(self) -> list[Attempt]:
        now = self._now()
        try:
            told = await self._journal.recent_of_staff(TRY, ATTEMPTS)
        except JournalError:
            told = []
        kept = [each for each in (read_attempt(body, now, self._started) for body in told) if each is not None]
        there = set(kept)
        return sorted([*kept, *(each for each in self._unwritten if each not in there)], key=lambda each: each.at)

    async def _write(self, kind: str, body: dict[str, object]) -> None:
        try:
            await self._journal.note("", kind, body)
        except JournalError as error:
            log.warning("technicians: an entry of the door is lost: %s", error)
