"""Where setup reads and writes on an installed machine; a test has a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from config.load import load_settings
from config.settings import Settings
from kiosk.setup.machine_file import read_or_empty
from kiosk.setup.sockets import RULES, Asked, ask_tool

ETC: Final = Path("/etc/weihai-kiosk")
CREDENTIALS: Final = "/run/credentials/weihai-kiosk.service/secrets_"
"""Where LoadCredential=secrets:... of weihai-kiosk.service puts a file of the folder `secrets`."""


@dataclass(frozen=True, slots=True)
class Places:
    """Files of one machine."""

    profile: str = "/usr/share/weihai-kiosk/default.toml"
    etc: Path = ETC
    rules: Path = RULES
    tool: Asked = field(default=ask_tool)

    @property
    def site(self) -> Path:
        """Shared by the terminals of a hall."""
        return self.etc / "site.toml"

    @property
    def machine(self) -> Path:
        """What setup writes at its end."""
        return self.etc / "machine.toml"

    @property
    def part(self) -> Path:
        """What is not done yet."""
        return self.etc / "machine.part.toml"

    @property
    def secrets(self) -> Path:
        """Root's alone; the unit is handed copies."""
        return self.etc / "secrets"

    def lower(self) -> list[Path]:
        """Layers between the profile and `machine`."""
        return [self.site] if self.site.exists() else []

    def below(self) -> dict[str, Any]:
        """What site.toml says. Raises `SettingsError`."""
        return read_or_empty(self.site)

    def settings(self, layer: Path, *, for_root: bool = False) -> Settings:
        """With `layer` on top. `for_root`: certificates as root reads them. Raises `SettingsError`."""
        settings = load_settings(self.profile, [*self.lower(), layer])
        return _as_root_reads(settings, self.secrets) if for_root else settings


def _as_root_reads(settings: Settings, secrets: Path) -> Settings:
    """The unit's credentials exist only while it runs: here they are read where they come from."""
    changed = {
        name: secrets / str(path).removeprefix(CREDENTIALS)
        for name in ("ca", "client_certificate", "client_key")
        if (path := getattr(settings.platform, name)) is not None and str(path).startswith(CREDENTIALS)
    }
    return settings.model_copy(update={"platform": settings.platform.model_copy(update=changed)})


Say = Callable[[str], None]
