"""The claim table: what a port, an announcement or a USB device probably is, and which drivers to ask (claims.toml)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from config import DATA
from config.load import SettingsError, read_toml
from config.settings import Section

DriverName = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_-]+$")]


class Claim(Section):
    """One claim; exactly one of `usb`, `port`, `mdns`, `video` says what it stands on."""

    words: str
    drivers: Annotated[tuple[DriverName, ...], Field(min_length=1)]
    usb: Annotated[str, Field(pattern=r"^([0-9a-f]{4}:[0-9a-f]{4})?$")] = ""
    port: str = ""
    mdns: str = ""
    video: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(map(bool, (self.usb, self.port, self.mdns, self.video))) != 1:
            raise ValueError("a claim stands on exactly one of usb, port, mdns, video")
        return self

    def fits(self, *, kind: str, path: str, usb: str, service: str) -> bool:
        """Whether the claim stands on such a candidate."""
        if self.usb:
            return usb == self.usb
        if self.port:
            return kind == "serial" and not usb and fnmatchcase(path, self.port)
        if self.mdns:
            return kind == "mdns" and service == self.mdns
        return kind == "video"


class Claims(Section):
    """The table, and how each driver is reached."""

    links: dict[DriverName, str]
    claim: tuple[Claim, ...]

    def of(self, *, kind: str, path: str, usb: str = "", service: str = "") -> Claim | None:
        """The first claim on such a candidate."""
        return next((c for c in self.claim if c.fits(kind=kind, path=path, usb=usb, service=service)), None)


def load_claims(path: Path = DATA / "claims.toml") -> Claims:
    """The claims in `path`. Raises `SettingsError` with all faults."""
    try:
        return Claims.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'claims'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error
