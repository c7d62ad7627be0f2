"""A technician at the panel of a whole terminal: the real stage lays the pages out, fingers press what stands there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from config.load import load_settings
from kiosk.in_process.panel import Panel
from kiosk.in_process.terminal import entries
from screens.screen import PinPad, Screen
from screens.text import as_text
from simulator.hall import Hall

FIELD_PIN, SUPERVISOR_PIN = "402693", "857136"
READER = "id-card-reader"


class AtPanel:
    """What a technician does and sees in `hall`."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.panel: Panel = hall.life.set_up_panel(lambda said: None)
        self.seen: list[str] = []

    @property
    def screen(self) -> Screen:
        """The page at hand."""
        shown = self.hall.life.shown
        assert shown is not None
        screen: Screen = shown._screen
        return screen

    @property
    def text(self) -> str:
        """Its words."""
        return as_text(self.screen)

    async def page(self, *names: str, within_s: float = 120.0) -> Screen:
        """Wait until one of `names` is shown."""
        try:
            async with asyncio.timeout(within_s):
                while self.hall.life.shown is None or self.screen.page not in names:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{names} expected, this is:\n{self.text}") from None
        self.seen.append(self.screen.page)
        await asyncio.sleep(0.4)
        return self.screen

    async def press(self, key: str, value: str = "") -> None:
        """Press what stands on the panel with that reply, on whichever turn of the page it is."""
        for _ in range(6):
            for spot in self.panel.spots():
                if (spot.key, spot.value) == (key, value) or (spot.key == key and not value):
                    assert spot.enabled, f"{key} {value} cannot be pressed on\n{self.text}"
                    self.panel.touch(spot)
                    await asyncio.sleep(0.4)
                    return
            on = [s for s in self.panel.spots() if (s.key, s.value) == ("turn", "next") and s.enabled]
            if not on:
                break
            self.panel.touch(on[0])
            await asyncio.sleep(0.4)
        raise AssertionError(f"nothing replies {key} {value} on\n{self.text}")

    async def type(self, text: str) -> None:
        """Type on the keypad of the page."""
        for key in text:
            await self.press("key", key)

    async def gesture(self) -> None:
        """The corners, each touched within the edge of the glass."""
        wide, high = self.panel.size
        places = {
            "top-left": (9, 9), "top-right": (wide - 9, 9), "bottom-left": (9, high - 9),
            "bottom-right": (wide - 9, high - 9),
        }  # fmt: skip
        for corner in load_settings("simulated").technician.gesture:
            self.panel.finger(*places[corner])
            await asyncio.sleep(0.3)

    def lay(self, card: str) -> None:
        """A card on the reader."""
        self.hall.do(READER, "present", card=card)

    def lift(self) -> None:
        """Take it away."""
        self.hall.do(READER, "lift")

    async def pin(self, digits: str) -> None:
        """Type a PIN where its digits stand."""
        screen = await self.page("tech_pin")
        order = next(block.order for block in screen.blocks if isinstance(block, PinPad))
        for digit in digits:
            await self.press("pin", str(order.index(digit)))
        await self.press("next")

    async def come_in(self, card: str = "technician", pin: str = FIELD_PIN) -> Screen:
        """From standby to the overview, the card lifted again."""
        await self.page("standby", "closed")
        await self.gesture()
        await self.page("tech_door")
        self.lay(card)
        await self.pin(pin)
        self.lift()
        return await self.page("tech_readiness")

    async def leave(self) -> None:
        """Back to citizens."""
        await self.press("leave")
        await self.page("tech_leave")
        await self.press("rearm")
        await self.page("standby", "closed")

    def acts(self) -> list[tuple[str, str, str]]:
        """What is on record of the technicians: act, phase, outcome."""
        bodies = [json.loads(row["body"]) for row in entries(Path(self.hall.folder), "technician")]
        return [(body["act"], body["phase"], body["outcome"]) for body in bodies]

    def record(self, kind: str) -> list[dict[str, Any]]:
        """Bodies of the entries of one kind."""
        return [json.loads(row["body"]) for row in entries(Path(self.hall.folder), kind)]
