"""One citizen's time at the terminal: showing pages, waiting for replies, countdown, language, leaving.

A journey says what to show and what it waits for; this room knows the manners: every page counts down visibly, warns
before it ends, can be left, and can change language and mode without losing anything.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from config.settings import Manners
from kiosk.visits.refused_codes import RefusedCodes
from kiosk.visits.showing import Display, Ended, Lead, Nowhere, Replies
from kiosk.visits.vault import Vault
from screens import pages
from screens.models import Place, StepName, StillThere
from screens.modes import MODES
from screens.screen import Countdown, Language, Reply, Screen

if TYPE_CHECKING:
    from kiosk.identity.person import Person

__all__ = ["Build", "Display", "Ended", "Lead", "Replies", "Visit"]

T = TypeVar("T")
Build = Callable[[Place], Screen]

STILL_THERE_S = 30
UNMASKED_S = 8.0
"""So long what the citizen asked to see stays whole (times patience); then it is masked again."""
BESIDE = frozenset({"somebody", "headset", "curtain"})
"""Replies that no page waits for."""
MAX_STAYS = 120
"""So often one page's time begins afresh by itself; a key that hangs does not keep a visit open for ever."""
MAX_TRAIL = 60
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")


class Visit:
    """Pages and replies of one citizen. `id` is random and says nothing about the citizen."""

    def __init__(self, display: Display, replies: Replies, place: Place, manners: Manners) -> None:
        self.id = f"v-{secrets.token_hex(8)}"
        self.display = display
        self.replies = replies
        self.place = place
        self.manners = manners
        self.vault = Vault()
        self.person: Person | None = None
        """Who stands here, once a session was opened; kept from journey to journey."""
        self.refused = RefusedCodes()
        self.lead: Lead | None = None
        """Where the journey that has just ended leads on to."""
        self.aside: Callable[[], Coroutine[Any, Any, bool]] | None = None
        """What was agreed to, for a look beside the page that asks (`kiosk.steps.agreed`)."""
        self._asked: Build | None = None
        """The page that waits for a choice, where looking at something else in between loses nothing."""
        self._build: Build | None = None
        self._deadline: float | None = None
        self._total = 0.0
        self._timer: asyncio.Timeout | None = None
        self._mask_at: float | None = None
        self._since: float | None = None
        self._stoppable = False
        self._trail: deque[str] = deque(maxlen=MAX_TRAIL)
        self._stays = 0

    def detach(self) -> None:
        """Whoever still holds this visit shows and hears nothing any more: the panel is somebody else's."""
        self.display, self.replies = Nowhere(), Replies()

    def renew_vault(self) -> None:
        """A fresh, empty vault for the next journey of the same visit."""
        self.vault = Vault()

    def take_trail(self) -> list[str]:
        """The names of the pages that were shown since this was asked last, in their order; the newest when many."""
        trail = list(self._trail)
        self._trail.clear()
        return trail

    @property
    def language(self) -> Language:
        """The language of the moment."""
        return self.place.language

    @property
    def patience(self) -> float:
        """How much longer everything waits: twice with large type, in low reach, or for who listens."""
        quick = self.place.mode in ("standard", "contrast") and self.place.voice != "on"
        return 1.0 if quick else 2.0

    def at(self, current: StepName | None) -> None:
        """Which step the indicator marks from now on."""
        self.place = replace(self.place, current=current)

    def refresh(self) -> None:
        """Draw the present page again from its model."""
        if self._build is None:
            return
        countdown = Countdown(self._deadline, self._total) if self._deadline is not None else None
        agreed = self._build is self._asked and self.aside is not None
        seen = replace(self.place, unmasked=self._mask_at is not None, since=self._since, stoppable=self._stoppable)
        screen = self._build(replace(seen, countdown=countdown, agreed=agreed))
        if not self._trail or self._trail[-1] != screen.page:
            self._trail.append(screen.page)
        self.display.show(screen)

    def show(self, build: Build) -> None:
        """Show a page that waits for nothing."""
        self._begin(build)
        self.refresh()

    def _begin(self, build: Build, *, works: bool = True, stoppable: bool = False) -> None:
        """A page of its own: nothing stays unmasked, and what is under way (`works`) begins now."""
        self._build, self._deadline, self._mask_at = build, None, None
        self._since = asyncio.get_running_loop().time() if works else None
        self._stoppable = stoppable

    async def ask(self, build: Build, *, seconds: float, fresh: bool = True) -> Reply:
        """Show a page and return what the citizen chose. Raises `Ended` on home, leave, or silence.

        Not `fresh`: it is the page of before, and what was done on it meanwhile counts.
        """
        self._begin(build, works=False)
        self._asked = build
        if fresh:
            self.replies.clear()
        self._restart(seconds)
        while True:
            self.refresh()
            reply = await self._next()
            if reply is None:
                await self._still_there(build)
                self._restart(seconds)
            elif reply.key == "agreed" and self.aside is not None:
                if await self._beside(self.aside):
                    return Reply("back")
                self._begin(build, works=False)
                self._asked = build
                self._restart(seconds)
            elif not self._common(reply):
                self._mask_at = None
                return reply
            else:
                self._restart(seconds)

    async def _beside(self, aside: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        """What was agreed to, beside the page that waits; true when something was taken back that it may show."""
        self.aside = None
        try:
            return await aside()
        finally:
            self.aside = aside

    async def during(
        self,
        build: Build,
        work: Coroutine[Any, Any, T],
        *,
        seconds: float | None = None,
        on_reply: Callable[[Reply], bool] | None = None,
    ) -> T | Reply:
        """Show a page while `work` runs; returns its result, or the reply that ended it (`work` is then cancelled).

        `on_reply` may consume a reply (true) and keep `work` running: where an act is irreversible it consumes all.
        Raises `Ended` on home or leave, and on silence when `seconds` is given.
        """
        self._begin(build, stoppable=on_reply is None)
        self.replies.clear()
        if seconds is not None:
            self._restart(seconds)
        self.refresh()
        task = asyncio.ensure_future(work)
        try:
            while True:
                reader = asyncio.ensure_future(self._next())
                await asyncio.wait({task, reader}, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    reader.cancel()
                    return task.result()
                reply = reader.result()
                if reply is None:
                    await self._still_there(build)
                    self._restart(seconds or self.manners.idle_s)
                elif on_reply and on_reply(reply):
                    pass
                elif not self._common(reply):
                    return reply
                if seconds is not None:
                    self._restart(seconds)
                self.refresh()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def complete(
        self, build: Build, work: Coroutine[Any, Any, T], on_reply: Callable[[Reply], None] | None = None
    ) -> T:
        """Show a page while `work`, which cannot be left half done, runs to its end.

        Language, mode and help are heard as always; everything else only reaches `on_reply`.
        """

        def keep(reply: Reply) -> bool:
            if reply.key in ("language", "mode", "help", "voice", "turn"):
                return False
            if on_reply:
                on_reply(reply)
            return True

        result = await self.during(build, work, on_reply=keep)
        assert not isinstance(result, Reply)
        return result

    async def show_for(self, build: Build, seconds: float) -> Reply | None:
        """Show a page for at most `seconds`; the reply that ended it, or None. Home and leave are replies here."""
        self._begin(build, works=False)
        self.replies.clear()
        while True:
            self._restart(seconds)
            self.refresh()
            reply = await self._next()
            if reply is None or reply.key != "turn":
                return reply

    def hurry(self, seconds: float) -> None:
        """Let the page that waits end in `seconds` (times patience) at the latest: its citizen seems to leave."""
        if self._deadline is not None:
            until = asyncio.get_running_loop().time() + seconds * self.patience
            if until < self._deadline:
                self._deadline, self._total = until, seconds * self.patience
                if self._timer is not None:
                    self._timer.reschedule(self._wakes())
                self.refresh()

    def _restart(self, seconds: float) -> None:
        self._stays = 0
        self._total = seconds * self.patience
        self._deadline = asyncio.get_running_loop().time() + self._total

    async def _next(self) -> Reply | None:
        """The next reply; None when the page's time is over. Who is here only in so far as they go over the page with
        keys, or are being told something (`somebody`), has the page's time afresh, `MAX_STAYS` times."""
        while True:
            try:
                async with asyncio.timeout_at(self._wakes()) as self._timer:
                    if (reply := await self.replies.get()).key not in BESIDE:
                        return reply
                    self._beside_the_page(reply)
            except TimeoutError:
                if self._mask_at is None or (self._deadline is not None and self._deadline <= self._mask_at):
                    return None
                self._mask_at = None
                self.refresh()
            finally:
                self._timer = None

    def _beside_the_page(self, reply: Reply) -> None:
        """What no page answers: somebody is here, a headset came or went, the panel is to be covered or seen again."""
        if reply.key == "headset" and self.place.voice:
            there = reply.value == "in"
            self.place = replace(self.place, headset=there, curtain=False, voice="on" if there else "off")
        elif reply.key == "curtain":
            self.place = replace(self.place, curtain=reply.value == "on")
        until = asyncio.get_running_loop().time() + self._total
        if self._deadline is not None and until > self._deadline and self._stays < MAX_STAYS:
            self._stays += 1
            self._deadline = until
        self.refresh()

    def _wakes(self) -> float | None:
        """When the page at hand ends, or is masked again, whichever comes first."""
        return min((at for at in (self._deadline, self._mask_at) if at is not None), default=None)

    def _common(self, reply: Reply) -> bool:
        """What every page answers alike; true when the page goes on."""
        if reply.key in ("home", "leave"):
            raise Ended(reply.key)
        if reply.key == "language" and reply.value in LANGUAGES:
            self.place = replace(self.place, language=reply.value)
            return True
        if reply.key == "mode" and reply.value in MODES:
            mode = "standard" if reply.value == self.place.mode else reply.value
            self.place = replace(self.place, mode=mode)
            return True
        if reply.key == "help":
            self.place = replace(self.place, help=not self.place.help)
            return True
        if reply.key == "turn":
            return True
        if reply.key == "unmask":
            shows = reply.value == "on"
            now = asyncio.get_running_loop().time()
            self._mask_at = now + UNMASKED_S * self.patience if shows else None
            return True
        if reply.key == "voice" and reply.value in ("on", "off") and self.place.voice:
            self.place = replace(self.place, voice="on" if reply.value == "on" else "off")
            return True
        return False

    async def _still_there(self, build: Build) -> None:
        """Ask whether anyone is there; raises `Ended("timeout")` when nobody answers."""
        seconds = STILL_THERE_S
        told = round(seconds * self.patience)
        since, stoppable = self._since, self._stoppable
        reply = await self.show_for(lambda p: pages.still_there(p, StillThere(told)), seconds)
        self._build, self._since, self._stoppable = build, since, stoppable
        if reply is None:
            raise Ended("timeout")
        if reply.key in ("leave", "home"):
            raise Ended(reply.key)
