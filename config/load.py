"""Settings in layers: profile < site < machine; all faults in one report."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import DATA
from config.ports import PortsError, in_force, read_ports
from config.settings import Settings

MAX_FILE_BYTES = 1 << 20


class SettingsError(Exception):
    """The settings cannot be used. The message lists every fault: file or key, what is wrong, what is expected."""


def load_settings(profile: str, layers: Iterable[Path] = (), overrides: Mapping[str, Any] | None = None) -> Settings:
    """Load profile `profile` (a name in config/profiles or a path), then each layer, then `overrides` (dotted keys),
    then the ports that a technician changed (`config.ports`).

    Raises `SettingsError` with all faults at once.
    """
    path = Path(profile) if profile.endswith(".toml") else DATA / "profiles" / f"{profile}.toml"
    tree: dict[str, Any] = {}
    for file in (path, *layers):
        tree = _merge(tree, read_toml(file))
    for dotted, value in (overrides or {}).items():
        branch = value
        for part in reversed(dotted.split(".")):
            branch = {part: branch}
        tree = _merge(tree, branch)
    tree = _with_ports(tree)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s) in the settings\n" + "\n".join(lines)) from error


def _with_ports(tree: dict[str, Any]) -> dict[str, Any]:
    folder, devices = tree.get("state_dir"), tree.get("devices")
    if not isinstance(folder, str | Path) or not isinstance(devices, dict):
        return tree  # the schema says what is wrong with them
    try:
        return _merge(tree, {"devices": in_force(read_ports(Path(folder)), devices)})
    except PortsError as error:
        raise SettingsError(str(error)) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read one TOML file. Raises `SettingsError` that names the file and the line."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SettingsError(f"{path}: larger than {MAX_FILE_BYTES} bytes; not a settings file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file; profiles are {_profiles()}") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error}") from error
    return parse_toml(data, path)


def parse_toml(data: bytes, where: Path | str) -> dict[str, Any]:
    """The TOML text `data`. Raises `SettingsError` that begins with `where`."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise SettingsError(f"{where}: nested too deeply; not a settings file") from None
    except ValueError as error:  # text that is not UTF-8, not TOML, or a number of thousands of digits
        raise SettingsError(f"{where}: {error}") from error


def _profiles() -> str:
    return ", ".join(sorted(p.stem for p in (DATA / "profiles").glob("*.toml")))


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(_without_options(old) if _other_driver(old, value) else old, value)
        else:
            merged[key] = value
    return merged


def _other_driver(below: dict[str, Any], above: dict[str, Any]) -> bool:
    """Whether a layer gives a device another driver: options of the one mean nothing to the other."""
    return "driver" in below and above.get("driver", below["driver"]) != below["driver"]


def _without_options(device: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in device.items() if key != "options"}
