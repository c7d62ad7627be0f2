"""`[health]`, `[power]`, `[night]`: how the terminal looks after itself; the rules are in health.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=3600)]
UPS = r"^([A-Za-z0-9._-]{0,40}@[A-Za-z0-9.-]{1,80}(:\d{1,5})?)?$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HealthSettings(_Part):
    """The watch over the terminal's own parts."""

    restarts: bool = True
    """Parts that hang are begun anew; off, it is only said."""


class PowerSettings(_Part):
    """The UPS and what is done when mains fail. Times in seconds, charges in percent."""

    ups: Annotated[str, Field(pattern=UPS)] = ""
    """`name@host` of Network UPS Tools; "" none (a cabinet's board may still tell of one)."""
    poll_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    shed_s: Seconds = 30.0
    """So long on battery before nothing irreversible begins any more: most cuts are shorter."""
    low_charge: Annotated[float, Field(ge=5, le=95)] = 35.0
    """At this charge, or with `low_runtime_s` left, or when the UPS says so, the machine is switched off in order."""
    low_runtime_s: Annotated[float, Field(ge=60, le=3600)] = 180.0
    finish_s: Annotated[float, Field(ge=5, le=600)] = 60.0
    """The longest that the citizen at the terminal has then to end what is under way."""
    steady_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    """So long mains must be back before they are believed."""
    switch_off: bool = False
    """Whether the machine may really be switched off (the installed package sets it)."""


class NightSettings(_Part):
    """Devices asleep while nobody is near, in the hours in which standby is dimmed (`[screen]`)."""

    sleep: bool = True
    after_s: Annotated[float, Field(ge=10, le=3600)] = 120.0
    """So long nobody must have been here."""
    poll_s: Annotated[float, Field(ge=2, le=60)] = 20.0
    """How often a sleeping device is asked; a visit wakes all of them at once."""
