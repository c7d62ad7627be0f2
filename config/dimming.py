"""`[screen]`: when standby is dimmed, how far, and whether it moves against burn-in."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

HourOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ScreenSettings(BaseModel):
    """The standby page at rest. The same hour twice: it is never dimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dim_from: HourOfDay = "22:00"
    """HH:MM, the terminal's zone."""
    dim_to: HourOfDay = "06:00"
    dim_level: Annotated[float, Field(ge=0.2, le=1)] = 0.55
    """Share of the full brightness; never so dark that the terminal seems to be off."""
    shift: bool = True
    """Move the picture by a few pixels each minute."""
