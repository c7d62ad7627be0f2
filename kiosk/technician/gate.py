"""Who is right: cards, PINs and codes against roster, keys and lock-out.

Every failure is in the journal and in the door's book before anybody learns of it, and a PIN's try before it is looked
at: a plug that is pulled in between buys no further try. What either of them says counts, so that a journal that was
put aside, or whose disk refuses, forgets neither the lock-out nor a code that was used.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from config.settings import Settings
from kiosk.clock import WEIHAI, Clock
from kiosk.events import LEVELS, events, log_line
from kiosk.journal import Journal, JournalError
from kiosk.keys import MachineKey
from kiosk.technician.codes import LONGEST_S, CodeRefused, Grant, Purpose, read_token, read_typed
from kiosk.technician.door import Admitted, Reason, Shut
from kiosk.technician.door_book import BookFull, DoorBook
from kiosk.technician.lockout import Attempt, Result, Rules, counted, read_attempt, shut_until, united
from kiosk.technician.roster import Known, Roster, RosterError, card_digest, pin_right

log = logging.getLogger(__name__)

TRY: Final = "technician.try"
"""Kind of the entry of a try: tried, opened, released; reason, who, at. The lock-out is made of these."""
DOOR: Final = "technician.door"
"""Kind of the entry of everything else at the door: result (refused, away, card-left), reason, who, at."""
CODE: Final = "technician.code"
"""Kind of the entry of a code that was used: nonce, role, purpose."""
LOST: Final = "technician.book-lost"
"""Kind of the entry of a book that cannot be believed, and the event of it: cause."""
REFUSED: Final = "technician.book-refused"
ATTEMPTS: Final = 1000
CODES: Final = 1000
KEEP_S: Final = 5.0
"""The disk has so long to take the book."""
TYPED: Final = "typed-code"
"""Who types a code, as the lock-out calls them: nobody knows before it is right."""


def clock_time(at: float) -> str:
    """Seconds since 1970 as people here read them."""
    return datetime.fromtimestamp(at, WEIHAI).strftime("%H:%M")


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
        self._book = DoorBook(settings.state_dir, key)
        self._book.load(self._started, journal_aside=bool(journal.hold))
        self._writing: asyncio.Task[None] | None = None
        self.refused = ""
        """Why the disk does not take the book; "" when it does."""
        self._one = asyncio.Lock()

    def _now(self) -> float:
        return self._clock.platform_now().timestamp()

    async def recall(self) -> None:
        """After a start: a book that cannot be believed is told and begun anew; the first takes the journal over."""
        book = self._book
        if book.lost:
            event, until = events()[LOST], self._lost_at() + self._rules.door_delay_s
            line = log_line(event, what=clock_time(until))
            log.log(LEVELS[event.severity], "%s | %s: %s", line, book.path, book.lost)
            await self._write(LOST, {"cause": book.lost, "at": book.lost_at})
        elif book.is_new:
            for each in await self._told(CODE, CODES):
                at, nonce = each.get("at"), each.get("nonce")
                if isinstance(at, int | float) and isinstance(nonce, str):
                    book.used(nonce, at + LONGEST_S, self._now())
        else:
            return
        await self._keep(await self._attempts())

    async def locked_until(self, who: str = "") -> float:
        """Until when nobody, or `who`, is let in: seconds since 1970, 0.0 when open."""
        shut = await self.shut(who)
        return shut.until if shut is not None else 0.0

    async def shut(self, who: str = "") -> Shut | None:
        """Why nobody, or `who`, is let in, and until when; None when open."""
        attempts, now = self._counted(await self._attempts()), self._now()
        until = shut_until(attempts, who, self._rules, now)
        since = self._lost_at()
        released = any(each.result == "released" and each.at >= since for each in attempts)
        if since and not released and (lost := since + self._rules.door_delay_s) > max(now, until):
            return Shut("book-lost", lost)
        return Shut("locked" if who else "door-locked", until) if until else None

    def lost_until(self) -> str:
        """Until when the door is shut because its book was lost, as HH:MM; "" when it is not. Who was released is not
        looked at."""
        until = self._lost_at() + self._rules.door_delay_s
        return clock_time(until) if self._book.lost_at and until > self._now() else ""

    def _lost_at(self) -> float:
        """When the book was lost; a clock that was set back since makes it the start of this program."""
        at, now = self._book.lost_at, self._now()
        return at if at <= now else min(self._started, now)

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
        """Once only, over restarts: in book and journal before the door opens. Raises `Shut`."""
        book, now = self._book, self._now()
        if (since := self._lost_at()) and grant.issued_at <= since:
            await self.note("refused", "code-void")
            raise Shut("code-void")
        try:
            told = {str(body.get("nonce")) for body in await self._journal.recent_of_staff(CODE, CODES)}
            if grant.nonce in told or book.was_used(grant.nonce):
                await self.note("refused", "code-used")
                raise Shut("code-used")
            book.used(grant.nonce, grant.expires_at, now)
            if not await self._keep(await self._attempts()):
                book.take_back(grant.nonce)
                await self.note("refused", "not-recorded")
                raise Shut("not-recorded")
            body = {"nonce": grant.nonce, "role": grant.role, "purpose": grant.purpose, "at": round(now, 3)}
            await self._journal.write(lambda write: write.entry("", CODE, body))
        except (JournalError, BookFull) as error:
            log.warning("technicians: a code cannot be recorded, so it opens nothing: %s", error)
            book.take_back(grant.nonce)
            await self._keep(())
            raise Shut("not-recorded") from None
        return Admitted(self._key.digest("technician-code", grant.nonce), grant.role, "code")

    async def _refused(self, error: CodeRefused, who: str) -> Shut:
        await self.note("refused", error.reason, who)
        return Shut(error.reason, await self.locked_until(who))

    # Tries

    async def _must_be_open(self, who: str) -> None:
        shut = await self.shut(who)
        if shut is not None:
            await self.note("refused", shut.reason if shut.reason == "book-lost" else "locked", who)
            raise shut

    async def _tried(self, who: str, reason: str) -> None:
        await self._attempt(who, "tried", reason)

    async def _opened(self, who: str) -> None:
        await self._attempt(who, "opened", "")

    async def _attempt(self, who: str, result: Result, reason: str) -> None:
        # Rounded down: what lies in the future counts as if the clock had been set back.
        attempt = Attempt(math.floor(self._now() * 1000) / 1000, who, result)
        body = {"result": result, "reason": reason, "who": who, "at": attempt.at}
        self._book.tried(attempt)
        await self._keep(await self._attempts())
        try:
            await self._journal.write(lambda write: write.entry("", TRY, body))
        except JournalError:
            # The disk may be why the technician came: the door still opens, and this try still counts.
            await self._write(TRY, body)

    async def _attempts(self) -> list[Attempt]:
        """What journal and book say, as it was written."""
        read = (read_attempt(body) for body in await self._told(TRY, ATTEMPTS))
        return united((each for each in read if each is not None), self._book.tries)

    def _counted(self, attempts: Iterable[Attempt]) -> list[Attempt]:
        now = self._now()
        return sorted((counted(each, now, self._started) for each in attempts), key=lambda each: each.at)

    async def _told(self, kind: str, most: int) -> list[dict[str, object]]:
        try:
            return await self._journal.recent_of_staff(kind, most)
        except JournalError:
            return []  # the book knows

    async def _keep(self, attempts: Iterable[Attempt]) -> bool:
        """Put the book on disk; false when the disk does not take it. What is in memory counts either way."""
        self._book.learn(attempts)
        why = "the disk is still busy with the last one"
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(asyncio.to_thread(self._book.write, self._book.text()))
            self._writing.add_done_callback(lambda task: task.cancelled() or task.exception())
            await asyncio.wait({self._writing}, timeout=KEEP_S)
        if self._writing.done():
            error = self._writing.exception()
            if error is None:
                self.refused = ""
                return True
            if not isinstance(error, OSError):
                raise error
            why = str(error.strerror)
        if not self.refused:
            event = events()[REFUSED]
            log.log(LEVELS[event.severity], "%s | %s", log_line(event, what=why), self._book.path)
        self.refused = why
        return False

    async def _write(self, kind: str, body: dict[str, object]) -> None:
        try:
            await self._journal.note("", kind, body)
        except JournalError as error:
            log.warning("technicians: an entry of the door is lost: %s", error)
