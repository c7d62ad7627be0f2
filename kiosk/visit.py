"""One citizen's time at the terminal: showing pages, waiting for replies, countdown, language, leaving.

A journey says what to show and what it waits for; this room knows the manners: every page counts down visibly, warns
before it ends, can be left, and can change language and mode without losing anything.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from config.settings import Manners
from kiosk.vault import Vault
from screens import pages
from screens.models import Place, StepName, StillThere
from screens.modes import MODES
from screens.screen import Countdown, Language, Reply, Screen

if TYPE_CHECKING:
    from kiosk.person import Person

T = TypeVar("T")
Build = Callable[[Place], Screen]

STILL_THERE_S = 30
MAX_REPLIES = 64
MAX_TRAIL = 60
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")


class Display(Protocol):
    """Where pages appear: the stage, or a test."""

    def show(self, screen: Screen) -> None:
        """Show this page now; the newest wins."""
        ...

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """The live camera picture for a page with a preview; None takes it away."""
        ...

    def wipe(self) -> object:
        """Forget every text and picture of the visit."""
        ...


class Ended(Exception):
    """The visit or the journey ends here. `how` is home, leave or timeout."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass(frozen=True, slots=True)
class Lead:
    """One journey leads on to another of the same visit: which, and what it fills in (references, nothing personal)."""

    service: str
    values: Mapping[str, str]


class Replies:
    """What the citizen did, from the stage's thread to the loop; bounded, the oldest are dropped."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Reply] = asyncio.Queue(MAX_REPLIES)

    def put(self, reply: Reply) -> None:
        """Add one; call it on the loop's thread."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(reply)

    async def get(self) -> Reply:
        """The next one."""
        return await self._queue.get()

    def clear(self) -> None:
        """Forget touches meant for an earlier page."""
        while not self._queue.empty():
            self._queue.get_nowait()


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
        self._trail: deque[str] = deque(maxlen=MAX_TRAIL)

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
        """How much longer everything waits: twice with large type or in low reach."""
        return 1.0 if self.place.mode in ("standard", "contrast") else 2.0

    def at(self, current: StepName | None) -> None:
        """Which step the indicator marks from now on."""
        self.place = replace(self.place, current=current)

    def refresh(self) -> None:
        """Draw the present page again from its model."""
        if self._build is None:
            return
        countdown = Countdown(self._deadline, self._total) if self._deadline is not None else None
        agreed = self._build is self._asked and self.aside is not None
        screen = self._build(replace(self.place, countdown=countdown, agreed=agreed))
        if not self._trail or self._trail[-1] != screen.page:
            self._trail.append(screen.page)
        self.display.show(screen)

    def show(self, build: Build) -> None:
        """Show a page that waits for nothing."""
        self._build, self._deadline = build, None
        self.refresh()

    async def ask(self, build: Build, *, seconds: float) -> Reply:
        """Show a page and return what the citizen chose. Raises `Ended` on home, leave, or silence."""
        self._build = self._asked = build
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
                self._build = self._asked = build
                self._restart(seconds)
            elif not self._common(reply):
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
        self._build = build
        self.replies.clear()
        self._deadline = None
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
            if reply.key in ("language", "mode", "help", "voice"):
                return False
            if on_reply:
                on_reply(reply)
            return True

        result = await self.during(build, work, on_reply=keep)
        assert not isinstance(result, Reply)
        return result

    async def show_for(self, build: Build, seconds: float) -> Reply | None:
        """Show a page for at most `seconds`; the reply that ended it, or None. Home and leave are replies here."""
        self._build = build
        self.replies.clear()
        self._restart(seconds)
        self.refresh()
        return await self._next()

    def hurry(self, seconds: float) -> None:
        """Let the page that waits end in `seconds` (times patience) at the latest: its citizen seems to leave."""
        if self._deadline is not None:
            until = asyncio.get_running_loop().time() + seconds * self.patience
            if until < self._deadline:
                self._deadline, self._total = until, seconds * self.patience
                if self._timer is not None:
                    self._timer.reschedule(until)
                self.refresh()

    def _restart(self, seconds: float) -> None:
        self._total = seconds * self.patience
        self._deadline = asyncio.get_running_loop().time() + self._total

    async def _next(self) -> Reply | None:
        if self._deadline is None:
            return await self.replies.get()
        try:
            async with asyncio.timeout_at(self._deadline) as self._timer:
                return await self.replies.get()
        except TimeoutError:
            return None
        finally:
            self._timer = None

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
        if reply.key == "voice" and reply.value in ("on", "off") and self.place.voice:
            self.place = replace(self.place, voice="on" if reply.value == "on" else "off")
            return True
        return False

    async def _still_there(self, build: Build) -> None:
        """Ask whether anyone is there; raises `Ended("timeout")` when nobody answers."""
        seconds = STILL_THERE_S
        reply = await self.show_for(lambda p: pages.still_there(p, StillThere(seconds)), seconds)
        self._build = build
        if reply is None:
            raise Ended("timeout")
        if reply.key in ("leave", "home"):
            raise Ended(reply.key)
