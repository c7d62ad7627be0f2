"""`[remote]`: the socket of `kiosk ctl`, on this machine only (docs/remote.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class RemoteSettings(BaseModel):
    """Who may ask at all is the kernel's word (SO_PEERCRED); who may act needs a one-time code beside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    socket: Path | None = None
    """Left out: `ctl.sock` in `state_dir`."""
    uids: Annotated[tuple[Annotated[int, Field(ge=0, le=0x7FFFFFFF)], ...], Field(max_length=8)] = ()
    """Users who may ask beside root and the terminal's own."""
    clients: Annotated[int, Field(ge=1, le=16)] = 4
    """So many at once."""

    def path(self, state_dir: Path) -> Path:
        """Where the socket is."""
        return self.socket or state_dir / "ctl.sock"
