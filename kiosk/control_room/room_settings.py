"""Settings of the control room: one TOML file, or environment variables `KIOSK_CONTROL_ROOM_<NAME>` over it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

PREFIX: Final = "KIOSK_CONTROL_ROOM_"
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class RoomSettings(BaseModel):
    """Defaults are those of a control room on one machine, behind a reverse proxy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    broker: Annotated[str, Field(pattern=r"^mqtts?://[^\s/@]{1,150}$")] = "mqtt://127.0.0.1:1883"
    """`mqtts://host:8883`, or `mqtt://` to this machine."""
    user: Annotated[str, Field(max_length=60)] = ""
    password_file: Path | None = None
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    client: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] = "kiosk-control-room"
    """Name at the broker: it keeps what this client has not confirmed."""
    share: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,40}$")] = ""
    """Share events with other rooms of this group (MQTT 5 shared subscription); each needs a `client` of its own."""
    database: Annotated[str, Field(min_length=1, max_length=500, repr=False)] = "dbname=kiosk_control_room"
    """libpq connection string; a password belongs into ~/.pgpass."""
    listen: Annotated[str, Field(pattern=r"^[^\s/]{1,100}:\d{1,5}$")] = "127.0.0.1:8090"
    hosts: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,120}$")], ...], Field(max_length=10)] = ()
    """Names under which the reverse proxy offers the page, beside this machine's own."""
    token: Annotated[str, Field(max_length=200, repr=False)] = ""
    """Whoever comes needs it (`?token=` once, or `Authorization: Bearer`); left out only on loopback."""
    silent_after_s: Annotated[int, Field(ge=90, le=3600)] = 300
    """A terminal that is connected and has said nothing for so long is shown as silent."""
    keep_days: Annotated[int, Field(ge=31, le=3650)] = 400
    """Events, ratings and availability are kept so long."""

    bundles: Path | None = None
    """Folder of this service alone for support bundles that terminals bring; left out: none are taken."""
    bundles_each: Annotated[int, Field(ge=1, le=50)] = 5
    """Bundles that are kept of a terminal."""
    bundles_days: Annotated[int, Field(ge=1, le=365)] = 30
    user_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,60}$")] = ""
    """Header in which the reverse proxy says who is signed in; it must replace one that comes from outside."""

    @model_validator(mode="after")
    def _together(self) -> RoomSettings:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key belong together")
        host, port = self.address
        if not 0 <= port <= 65535:
            raise ValueError(f"listen: {port} is no port")
        if host not in LOOPBACK and len(self.token) < 24:
            raise ValueError("listen: other machines may reach that address; set a token of 24 characters or more")
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the page."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def load(path: Path | None, environment: Mapping[str, str] | None = None) -> RoomSettings:
    """File, then environment. Raises `OSError`, `tomllib.TOMLDecodeError`, `pydantic.ValidationError`."""
    read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    given = os.environ if environment is None else environment
    for name in RoomSettings.model_fields:
        value = given.get(PREFIX + name.upper())
        if value is not None:
            read[name] = [each for each in value.split(",") if each] if name == "hosts" else value
    return RoomSettings.model_validate(read)
