"""One technician at work: what they may do, every act in the audit, a time-out that nobody can forget.

The open state lives in this object only: whatever ends the program, the next start is a terminal for citizens.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from kiosk.events import long_act
from kiosk.technician.audit import Audit, Figures
from kiosk.technician.roles import AT_THE_PANEL, UNCUT, Role, kind_of, may

if TYPE_CHECKING:
    from kiosk.terminal import Terminal
    from kiosk.visits.case import Tools
    from kiosk.visits.visit import Visit
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)
T = TypeVar("T")
Source = Literal["panel", "remote"]
How = Literal["card", "code"]
"""Card and PIN, or a one-time code."""


class NotAllowed(Exception):
    """The role of this session may not do this act, or the session is over."""


class Session:
    """Made by `kiosk.technician.entry` when the door opened; `terminal` has tools, display, replies, capability.

    `who` is a keyed digest. `workshop` has supervisors, settler, supplies and so on; None in halls without one.
    """

    def __init__(
        self,
        terminal: Terminal,
        *,
        who: str,
        role: Role,
        how: How,
        source: Source,
        idle_s: float,
        longest_s: float,
        workshop: Workshop | None = None,
        visit: Visit | None = None,
    ) -> None:
        self.id = f"t-{secrets.token_hex(8)}"
        self.terminal = terminal
        self.workshop = workshop
        self.visit = visit
        """Pages, countdown, language and mode, as at the door; None where nobody looks at pages."""
        self.who = who
        self.role: Role = role
        self.how: How = how
        self.source: Source = source
        self.idle_s = idle_s
        self.ended = asyncio.Event()
        """Set once, by `leave` or by the time-out."""
        self.why = ""
        """How it ended: left, timeout, limit, error, stopped."""
        self._audit = Audit(terminal.tools.journal, self.id, who, role)
        self._now = asyncio.get_running_loop().time
        self._until = self._now() + longest_s
        self._quiet_since = self._now()
        self._under_way: dict[asyncio.Future[Any], str] = {}
        self._timer: asyncio.Timeout | None = None

    @property
    def tools(self) -> Tools:
        """Journal, devices, platform, settings, clock."""
        return self.terminal.tools

    @property
    def ends_at(self) -> float:
        """Loop time at which it ends unless somebody does something (or an act runs)."""
        quiet = self._until if self._under_way else self._quiet_since + self.idle_s
        return min(quiet, self._until)

    @property
    def is_open(self) -> bool:
        """Whether acts are taken."""
        return not self.ended.is_set()

    def touched(self) -> None:
        """Somebody is here: the time-out begins afresh. Pages call it at every reply."""
        self._quiet_since = self._now()

    def may(self, act: str) -> bool:
        """Whether this role may do `act` here (`kiosk.technician.roles`)."""
        return may(self.role, act) and not (self.source == "remote" and act in AT_THE_PANEL)

    async def run(self, act: str, work: Callable[[], Awaitable[T]], figures: Callable[[T], Figures] | None = None) -> T:
        """Do `work()` as `act` ("refill", "test/id_card"): begin and end with outcome and figures in chain and log.

        Raises `NotAllowed` (recorded) before anything is done, and whatever `work` raises (recorded by its kind).
        """
        if not self.is_open or not self.may(act):
            await self._audit.act(act, "done", "refused" if self.is_open else "too-late")
            raise NotAllowed(f"{act}: not for the role {self.role}" if self.is_open else f"{act}: the session is over")
        # A task of its own: whoever asked may go away, and the session knows until when it goes on.
        task = asyncio.create_task(self._done(act, work, figures), name=f"technician: {act}")
        self._under_way[task] = act
        task.add_done_callback(self._is_over)
        try:
            return await (asyncio.shield(task) if kind_of(act) in UNCUT else task)
        except asyncio.CancelledError:
            asked = asyncio.current_task()
            if task.cancelled() and asked is not None and not asked.cancelling():
                raise NotAllowed(f"{act}: the session is over") from None
            raise

    async def _done(self, act: str, work: Callable[[], Awaitable[T]], figures: Callable[[T], Figures] | None) -> T:
        await self._audit.act(act, "begin")
        try:
            with long_act(f"technician.{act}"):
                result = await work()
        except BaseException as error:
            stopped = isinstance(error, asyncio.CancelledError)
            await self._audit.act(act, "end", "stopped" if stopped else type(error).__name__)
            raise
        await self._audit.act(act, "end", "done", figures(result) if figures else None)
        return result

    def _is_over(self, task: asyncio.Future[Any]) -> None:
        self._under_way.pop(task, None)
        if not task.cancelled():
            task.exception()  # whoever asked has it, unless they went away; it is on record
        self.touched()
        if self._timer is not None and not self._timer.expired():
            self._timer.reschedule(self.ends_at)

    @property
    def under_way(self) -> tuple[asyncio.Future[Any], ...]:
        """The acts that go on."""
        return tuple(self._under_way)

    def act_of(self, part: asyncio.Future[Any]) -> str:
        """What is called so, "" when it is none of this session's acts."""
        return self._under_way.get(part, "")

    def stop_acts(self) -> None:
        """Cancel what may be cut."""
        for task, act in tuple(self._under_way.items()):
            if kind_of(act) not in UNCUT:
                task.cancel()

    async def note(self, act: str, outcome: str = "done", figures: Figures | None = None) -> None:
        """Record an act that takes no time. Raises `NotAllowed`."""
        if not self.may(act):
            await self._audit.act(act, "done", "refused")
            raise NotAllowed(f"{act}: not for the role {self.role}")
        await self._audit.act(act, "done", outcome, figures)

    def leave(self, why: str = "left") -> None:
        """End the session; kiosk mode is armed again by whoever opened it."""
        if not self.ended.is_set():
            self.why = why
            self.ended.set()

    # For `entry` alone

    async def opened(self) -> None:
        """Record that it began."""
        await self._audit.session("opened", how=self.how, source=self.source)

    async def closed(self) -> None:
        """Record that it is over."""
        await self._audit.session("closed", why=self.why or "error", source=self.source)

    async def watch(self) -> None:
        """Return when it is over: left, silent for `idle_s`, or as long as one may last (`entry` cancels its work)."""
        while not self.ended.is_set():
            try:
                async with asyncio.timeout_at(self.ends_at) as self._timer:
                    await self.ended.wait()
            except TimeoutError:
                now = self._now()
                if now >= self._until:
                    self.leave("limit")
                elif now >= self.ends_at:
                    self.leave("timeout")
            finally:
                self._timer = None
