"""Guide lights lead the citizen's hand: which slot shows what while which page is on the screen.

Lights are a courtesy. A page never waits for them, and no fault of the cabinet reaches a journey.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Protocol

from config.cabinet_map import Slot
from drivers.cabinet.frames import DARK, Lit
from drivers.errors import DeviceError
from screens.screen import Screen

log = logging.getLogger(__name__)

DEADLINE_S: Final = 1.0

PAGES: Final[Mapping[str, Mapping[Slot, Lit]]] = {
    "place_card": {"id-card-reader": Lit("slow")},
    "tech_door": {"id-card-reader": Lit("slow")},
    "face": {"camera": Lit("steady")},
    "face_challenge": {"camera": Lit("steady")},
    "photo": {"camera": Lit("steady")},
    "pay": {"payment-pad": Lit("slow")},
    "pay_scan": {"camera": Lit("slow")},
    "show_code": {"camera": Lit("slow")},
    "phone_code": {"camera": Lit("slow")},
    "receipt": {"receipt-printer": Lit("quick"), "licence-printer": Lit("quick")},
    "finish": {"receipt-printer": Lit("quick"), "licence-printer": Lit("quick")},
    "card_left": {"id-card-reader": Lit("quick")},
}
"""Page -> what is lit; every other slot is dark, and so is every slot on a page that is not here.

`card_left` is the page `leave` while the card still lies on the reader.
"""


class Lights(Protocol):
    """What guidance needs of a cabinet."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots that have a light."""
        ...

    async def show(self, wishes: Mapping[Slot, Lit]) -> None:
        """Show all of them at once. Raises `DeviceError`."""
        ...


class GuideLights:
    """Follows the pages. At most one page waits to be shown: the newest. Without a cabinet it does nothing."""

    def __init__(self, cabinet: Lights | None, deadline_s: float = DEADLINE_S) -> None:
        self.page = ""
        self._cabinet = cabinet
        self._deadline_s = deadline_s
        self._waiting: Mapping[Slot, Lit] | None = None
        self._last: Mapping[Slot, Lit] | None = None
        self._worker: asyncio.Task[None] | None = None

    async def show(self, page: str) -> None:
        """Light what belongs to `page`; returns at once and never raises."""
        self.lead(page)

    def lead(self, page: str) -> None:
        """As `show`, for callers that cannot await. Must be called on the loop's thread."""
        self.page = page
        if self._cabinet is None:
            return
        lit = PAGES.get(page, {})
        wishes = {slot: lit.get(slot, DARK) for slot in self._cabinet.slots}
        if wishes == self._last:
            return
        self._waiting = self._last = wishes
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work(self._cabinet), name="guide lights")

    async def settle(self) -> None:
        """Return when nothing waits to be shown any more; at the end of a terminal's day, and in tests."""
        if self._worker is not None:
            await asyncio.wait({self._worker})

    async def _work(self, cabinet: Lights) -> None:
        """Show what waits until nothing does; what cannot be shown in time is left to the cabinet's own keeping."""
        while self._waiting is not None:
            wishes, self._waiting = self._waiting, None
            try:
                async with asyncio.timeout(self._deadline_s):
                    await cabinet.show(wishes)
            except (DeviceError, TimeoutError) as error:
                log.info("guide lights: %s", error or "the cabinet did not answer in time")
            except Exception:
                log.exception("guide lights failed by a program error")


class Shows(Protocol):
    """The display behind the lights."""

    def show(self, screen: Screen) -> None:
        """Show this page."""
        ...

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """The live camera picture."""
        ...

    def wipe(self) -> object:
        """Forget the visit."""
        ...


class LitDisplay:
    """A display whose pages the guide lights follow; the goodbye is lit by the terminal, which knows of the card."""

    def __init__(self, display: Shows, lights: GuideLights) -> None:
        self._display = display
        self._lights = lights

    def show(self, screen: Screen) -> None:
        """Show this page and light its slots."""
        self._display.show(screen)
        if screen.page != "leave":
            self._lights.lead(screen.page)

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """The live camera picture; the lights stay."""
        self._display.preview(rgb, width, height)

    def wipe(self) -> None:
        """Forget the visit; dark."""
        self._display.wipe()
        self._lights.lead("")
