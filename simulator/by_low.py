"""A citizen who reaches only the lowest 55 % of the panel (`kiosk-sim run-all --by low`), from standby to goodbye.

They switch to low reach on standby; from then on every touch goes through the panel's own hit-test, and what stands
higher cannot be touched: that is an error of the terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from config.service import Service
from simulator.customer import Customer, Errand, Refusal
from simulator.hall import Hall
from simulator.people import Citizen

REACH_FROM = 0.45
"""Nothing above this share of the panel's height is reached."""
SETTLES_S = 0.3
MOST_TURNS = 45
MODES = ("low", "low-elder", "low-contrast")


class Spot(Protocol):
    """One thing on the panel that can be touched."""

    key: str
    value: str
    top: float
    enabled: bool


class Panel(Protocol):
    """The laid out panel of a terminal (`kiosk.in_process.panel`)."""

    def spots(self) -> tuple[Any, ...]:
        """What can be touched on the turn of the page that is shown."""
        ...

    def touch(self, spot: Any) -> None:
        """A finger there."""
        ...


class LowCustomer(Customer):
    """One citizen in a wheelchair before the terminal of `hall`."""

    def __init__(
        self,
        hall: Hall,
        errand: Errand,
        service: Service,
        citizen: Citizen,
        panel: Panel,
        turn: int = 0,
        refusal: Refusal = "",
        answers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(hall, errand, service, citizen, turn, refusal, answers)
        self.panel = panel
        self.mode = MODES[turn % len(MODES)]
        self.touches = 0
        self._page = ""

    async def _step(self, shown: Any) -> bool:
        if shown.page != self._page:
            self._page = shown.page
            await asyncio.sleep(SETTLES_S)
        if not await super()._step(shown):
            return False
        return not self.went.wrong

    def press(self, key: str, value: str) -> None:
        """Touch it where it stands, turning the page to it; what stands too high cannot be touched."""
        life = self.hall.life
        if life is None or life.is_dead or life.shown is None:
            return
        if (key, value) == ("start", "") and life.shown.page == "standby":
            key, value = "mode", "low"
        drawn = value if key == "stroke" else ""
        spot = self._found(key, "" if drawn else value)
        if spot is None:
            if not self.went.wrong and key != "leave":
                self.went.wrong = f"page {life.shown.page} offers no {key} {value} to a finger: {self._there()}"
            return
        if spot.top < REACH_FROM:
            self.went.wrong = f"page {life.shown.page}: {key} {value} stands at {spot.top:.0%} of the height, too high"
            return
        self.touches += 1
        if drawn:
            super().press(key, drawn)
            return
        self.panel.touch(spot)

    def _found(self, key: str, value: str) -> Any:
        for way in ("next", "back"):
            for _ in range(MOST_TURNS):
                spots = self.panel.spots()
                for spot in spots:
                    if spot.enabled and spot.key == key and value in ("", spot.value):
                        return spot
                turn = next((s for s in spots if s.enabled and (s.key, s.value) == ("turn", way)), None)
                if turn is None:
                    break
                if turn.top < REACH_FROM:
                    self.went.wrong = f"page {self._page}: the way to its other turns stands too high"
                    return None
                self.panel.touch(turn)
        return None

    def _there(self) -> str:
        return ", ".join(f"{s.key} {s.value}".strip() for s in self.panel.spots())[:300]

    # What cannot be touched in one go

    async def _at_home(self, shown: Any, offers: dict[str, list[str]]) -> None:
        if "went" in self._done:
            self.press("leave", "")
        elif shown.mode != self.mode:
            self.press("mode", self.mode)
        elif self.errand.item in offers.get("service", []):
            self._done.add("went")
            self.press("service", self.errand.item)
        elif self.service.field.key in offers.get("field", []):
            self.press("field", self.service.field.key)
        else:
            self.press("more", "")

    async def _at_fields(self, shown: Any, offers: dict[str, list[str]]) -> None:
        self.press("field", self.service.field.key)

    async def _at_field_page(self, shown: Any, offers: dict[str, list[str]]) -> None:
        self._done.add("went")
        self.press("service", self.errand.item)
