"""`[technician]`: the hidden gesture, who may come in, how guessing is slowed down, when a session ends by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Corner = Literal["top-left", "top-right", "bottom-right", "bottom-left"]
Delay = Annotated[int, Field(ge=0, le=86_400)]


class TechnicianSettings(BaseModel):
    """Nothing in here opens the door: it needs a roster, or a code that the platform signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gesture: Annotated[tuple[Corner, ...], Field(min_length=6, max_length=12)] = (
        "top-left",
        "top-left",
        "bottom-right",
        "bottom-left",
        "bottom-left",
        "top-right",
    )
    """Corners of the panel, touched in this order on standby or on the closed page."""
    gesture_s: Annotated[float, Field(ge=2, le=20)] = 8.0
    """Within so many seconds from the first to the last."""
    gesture_rest_s: Annotated[float, Field(ge=0, le=30)] = 4.0
    """After a wrong corner nothing is taken for so long, and nothing shows it."""
    roster: Path | None = None
    """The file of the technicians (`kiosk technician`); left out: technicians.toml in `state_dir`."""
    test_roster: bool = False
    """Let the published test technicians in (docs/technician-door.md); simulated profiles only."""
    card_s: Annotated[float, Field(ge=15, le=300)] = 60.0
    """How long the door waits for a card, a PIN or a code."""
    delays_s: Annotated[tuple[Delay, ...], Field(min_length=2, max_length=12)] = (0, 0, 60, 300, 900, 3600)
    """After the first, second, ... wrong PIN of one technician in a row: locked for so long; then the last for ever."""
    door_tries: Annotated[int, Field(ge=3, le=100)] = 10
    """After so many failures of anybody within an hour the whole door is shut."""
    door_delay_s: Annotated[int, Field(ge=60, le=86_400)] = 900
    idle_s: Annotated[float, Field(ge=30, le=3600)] = 300.0
    """A session in which nobody does anything ends after so long; a test or an act that runs is not cut short."""
    longest_s: Annotated[float, Field(ge=600, le=86_400)] = 14_400.0
    """The longest session, whatever is done in it."""
    act_end_s: Annotated[float, Field(ge=10, le=900)] = 90.0
    """So long an act may go on after its session before the terminal closes; citizens wait meanwhile."""
    handover_s: Annotated[float, Field(ge=10, le=3600)] = 900.0
    """How long somebody from afar waits for the visit under way to end."""
    hurry_s: Annotated[float, Field(ge=20, le=600)] = 60.0
    """Meanwhile a page at which nobody does anything asks after so long whether somebody is there."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if list(self.delays_s) != sorted(self.delays_s) or self.delays_s[-1] < 60:
            raise ValueError("delays_s: each at least as long as the one before, the last at least 60 s")
        if len(set(self.gesture)) < 3:
            raise ValueError("gesture: at least three different corners, or a child finds it")
        if self.longest_s < self.idle_s:
            raise ValueError("longest_s is shorter than idle_s")
        return self
