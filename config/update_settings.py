"""`[updates]`: where new versions of the program come from, whose signature is believed, when they are taken."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

HourOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class UpdateSettings(BaseModel):
    """Without `url` nothing is asked for and nothing is installed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(max_length=200, pattern=r"^(https?://[^\s?#]+)?$")] = ""
    """A folder on a web server: `CHANNEL.json` and the files that it names."""
    public_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64}|[0-9a-f]{128})?$")] = ""
    """Key (hex; Ed25519 64 digits, SM2 128) that signs manifests; kept apart from the platform's."""
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "stable"
    ring: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,30}$")] = ""
    """The name of a ring that this terminal belongs to beside its share by number (`pilot`)."""
    method: Literal["auto", "rauc", "package", "none"] = "auto"
    """auto: RAUC where its service is there, else the Debian package."""
    every_s: Annotated[float, Field(ge=60, le=86400)] = 3600.0
    window_from: HourOfDay = "01:00"
    """HH:MM, the terminal's zone: new versions are taken between these hours. The same hour twice: at any time."""
    window_to: HourOfDay = "05:00"
    quiet_s: Annotated[float, Field(ge=10, le=3600)] = 300.0
    """So long nobody must have been here."""
    ready_min: Annotated[float, Field(ge=0.1, le=120)] = 10.0
    """So long a new version has to be well without a break before it is kept. Minutes."""
    within_min: Annotated[float, Field(ge=1, le=240)] = 45.0
    """A new version that was not kept after so long is taken back. Minutes."""
    outer_min: Annotated[float, Field(ge=1, le=1440)] = 240.0
    """While only the platform, the network or mains keep a new version from being well it stays on trial, so long at
    most. Minutes since it was installed."""
    least_kib_s: Annotated[float, Field(ge=1, le=100_000)] = 16.0
    """A server that sends less over a minute is left, and asked again later from where it was. KiB/s; the whole file
    may take as long as it takes at this pace."""

    @model_validator(mode="after")
    def _believed(self) -> Self:
        if self.url and not self.public_key:
            raise ValueError("url without public_key: nobody could say whether a manifest is genuine")
        if self.ready_min >= self.within_min:
            raise ValueError("ready_min is shorter than within_min")
        if self.outer_min < self.within_min:
            raise ValueError("outer_min is not shorter than within_min")
        return self
