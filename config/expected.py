"""`[devices.X.expects]`: what a device has to say of itself, and which firmware is not to be in it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Firmware = Annotated[str, Field(max_length=60)]
Unfit = Literal["", "refused", "too-old"]
_NUMBERS = re.compile(r"[0-9]{1,18}")


class Expected(BaseModel):
    """What a technician's profile check compares; `kiosk diagnose` tells a firmware that must not be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, Field(max_length=80)] = ""
    """Words that must occur in maker and model, as `kiosk diagnose` shows them."""
    serial: Annotated[str, Field(max_length=60)] = ""
    firmware_min: Annotated[str, Field(max_length=60, pattern=r"^$|[0-9]")] = ""
    """The oldest that will do: its numbers are compared one by one, so 1.10 is newer than 1.9."""
    firmware_refused: Annotated[tuple[Firmware, ...], Field(max_length=20)] = ()
    """Known to be bad; `*` stands for anything: `["1.06", "2.0*"]`."""

    def unfit(self, firmware: str) -> Unfit:
        """Why `firmware` is not to be in this device; "" it may, or the device does not tell it."""
        if not firmware:
            return ""
        if any(fnmatchcase(firmware.casefold(), bad.casefold()) for bad in self.firmware_refused):
            return "refused"
        return "too-old" if self.firmware_min and numbers(firmware) < numbers(self.firmware_min) else ""


def numbers(version: str) -> tuple[int, ...]:
    """The numbers in a version, in their order; words around them (V, build, a product's name) say nothing of age."""
    return tuple(int(number) for number in _NUMBERS.findall(version))
