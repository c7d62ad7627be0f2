"""`[fleet]`: the broker that watches over the terminals, metrics for Prometheus, traces. All is off by default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

PublicKey = Annotated[str, Field(pattern=r"^([0-9a-f]{64}|[0-9a-f]{128})$")]


class FleetSettings(BaseModel):
    """Left out, nothing of it is imported and nothing is opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    broker: Annotated[str, Field(max_length=200, pattern=r"^(mqtts?://[^\s/@]{1,150})?$")] = ""
    """`mqtts://host:8883`; `mqtt://` (no TLS) only to this machine, or in a simulated profile."""
    user: Annotated[str, Field(max_length=60)] = ""
    """Where the broker asks for a name; with certificates the certificate is the name."""
    password_file: Path | None = None
    ca: Path | None = None
    """Certificates (PEM) of who may vouch for the broker; left out: the machine's own."""
    client_certificate: Path | None = None
    client_key: Path | None = None
    command_keys: Annotated[tuple[PublicKey, ...], Field(max_length=2)] = ()
    """Public keys (hex; Ed25519 64 digits, SM2 128) that sign orders; two while one replaces another."""
    data_every_s: Annotated[float, Field(ge=5, le=3600)] = 60.0
    """How often changes are told; also the heartbeat."""
    backlog: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    """So many entries of the journal may wait before telemetry among the oldest is no longer told."""
    room: Annotated[str, Field(max_length=200, pattern=r"^(https?://[^\s/@]{1,150})?$")] = ""
    """`https://control-room.example`: where a support bundle goes when an order brings a ticket for it."""
    metrics_file: Path | None = None
    """Metrics for node_exporter's textfile collector (`*.prom`), written whole each time."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Metrics for Prometheus at 127.0.0.1; 0: none."""
    traces: Annotated[str, Field(max_length=200, pattern=r"^(https?://[^\s@]{1,180})?$")] = ""
    """OTLP over HTTP: `https://collector:4318/v1/traces`. Needs `weihai-kiosk[tracing]`."""

    @model_validator(mode="after")
    def _together(self) -> FleetSettings:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key belong together")
        if self.metrics_file is not None and self.metrics_file.suffix != ".prom":
            raise ValueError("metrics_file: node_exporter reads only files that end with .prom")
        if self.broker:
            try:
                port = urlsplit(self.broker).port
            except ValueError as error:
                raise ValueError(f"broker: {error}") from error
            if port == 0:
                raise ValueError("broker: port 0 is none")
        try:
            _ = urlsplit(self.room).port
        except ValueError as error:
            raise ValueError(f"room: {error}") from error
        return self

    @property
    def address(self) -> tuple[str, int, bool]:
        """Host, port and whether TLS is spoken."""
        parts = urlsplit(self.broker)
        tls = parts.scheme == "mqtts"
        return parts.hostname or "", parts.port or (8883 if tls else 1883), tls
