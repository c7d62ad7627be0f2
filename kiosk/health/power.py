"""Mains and battery: from the moment that mains fail to the machine switched off in order, as a table. Pure.

| phase   | what is done                                             | goes on                                 |
|---------|----------------------------------------------------------|-----------------------------------------|
| mains   | nothing                                                  | on battery: battery                     |
| battery | it is said; everything is served                         | after `shed_s`: shed                    |
| shed    | nothing irreversible begins; what began goes on          | battery low: closing                    |
| closing | nobody new is served; who is here has `finish_s` to end  | nobody here, or time over: off          |
| off     | the machine is switched off                              | the process ends                        |
| any     | mains back for `steady_s` (`off`: and the machine still  | mains                                   |
|         | on for `STILL_ON_S`: nobody let it be switched off)      |                                         |

A low battery goes to `closing` from every phase but mains. When mains come back while the machine goes down it still
goes down: half a shutdown is worse than a whole one, and it starts again by itself (docs/running-on.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config.running import PowerSettings
from drivers.device import Device
from drivers.ups.frames import UpsReading

UNHEARD_S: Final = 60.0
"""A UPS that was on battery and has not been heard for so long counts as low: its server may have died with it."""
STILL_ON_S: Final = 120.0


class Phase(StrEnum):
    """Where the terminal stands between mains and off."""

    MAINS = "mains"
    BATTERY = "battery"
    SHED = "shed"
    CLOSING = "closing"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PowerNow:
    """What is known of the power. `source`: "ups", "cabinet", or "" when nothing tells of it."""

    source: str = ""
    on_battery: bool = False
    low: bool = False
    charge: float | None = None
    runtime_s: float | None = None
    worn: bool = False
    model: str = ""
    trouble: str = ""
    """Why the UPS cannot be asked."""
    serial: str = ""
    firmware: str = ""


def power_now(reading: UpsReading | None, trouble: str, devices: Iterable[Device]) -> PowerNow:
    """One picture of the UPS's own word, and of what a cabinet's board tells; the worse of both counts."""
    causes = {warning.cause for device in devices if device.family == "cabinet" for warning in device.status.warnings}
    by_board, low = "on-battery" in causes or "battery-low" in causes, "battery-low" in causes
    if reading is None:
        has_board = any(device.family == "cabinet" and device.status.usable for device in devices)
        return PowerNow("cabinet" if has_board else "", by_board, low, trouble=trouble)
    return PowerNow(
        "ups",
        reading.on_battery or by_board,
        reading.low or low,
        reading.charge,
        reading.runtime_s,
        reading.worn,
        reading.model,
        trouble,
        reading.serial,
        reading.firmware,
    )


class PowerPhases:
    """Follows the table. Times are the loop's seconds."""

    def __init__(self, settings: PowerSettings) -> None:
        self.settings = settings
        self.phase = Phase.MAINS
        self.since = 0.0
        self._steady_since: float | None = None
        self._heard_at: float | None = None

    def step(self, power: PowerNow, now: float, *, busy: bool) -> Phase | None:
        """The new phase when it changes, else None. `busy`: somebody is served, or an act is under way."""
        went = self._next(power, now, busy=busy)
        if went is None or went is self.phase:
            return None
        self.phase, self.since = went, now
        return went

    def _next(self, power: PowerNow, now: float, *, busy: bool) -> Phase | None:
        if power.source and not power.trouble:
            self._heard_at = now
        if self.phase is Phase.OFF and now - self.since < STILL_ON_S:
            return None
        if self._is_well(power, now):
            self._steady_since = now if self._steady_since is None else self._steady_since
            return Phase.MAINS if now - self._steady_since >= self.settings.steady_s else None
        if not power.on_battery and not power.trouble:
            return None
        self._steady_since = None
        if self.phase is Phase.MAINS:
            return Phase.BATTERY if power.on_battery else None
        if self.phase is Phase.OFF:
            return None
        if self.phase is Phase.CLOSING:
            over = now - self.since >= self.settings.finish_s
            return Phase.OFF if over or not busy else None
        if self._is_low(power, now):
            return Phase.CLOSING
        if self.phase is Phase.BATTERY and now - self.since >= self.settings.shed_s:
            return Phase.SHED
        return None

    def _is_well(self, power: PowerNow, now: float) -> bool:
        if self.phase is Phase.MAINS or power.on_battery:
            return False
        return bool(power.source) and not power.trouble

    def _is_low(self, power: PowerNow, now: float) -> bool:
        s = self.settings
        if self._heard_at is not None and now - self._heard_at >= UNHEARD_S:
            return True
        return (
            power.low
            or (power.charge is not None and power.charge <= s.low_charge)
            or (power.runtime_s is not None and power.runtime_s <= s.low_runtime_s)
        )
