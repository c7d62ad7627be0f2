"""Ports that a technician changed on the spot: `ports.toml` in the state folder, above the profile and its layers.

    [devices.id_card]
    link = "serial:///dev/serial/by-id/usb-1a86-if00?baud=115200"
    instead_of = "serial:///dev/ttyS1?baud=115200"

`instead_of` is the link that the profile had then: when the profile says something newer, the change is over.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE: Final = "ports.toml"
MOST_BYTES: Final = 16_384
Link = Annotated[str, Field(min_length=3, max_length=300, pattern=r"^[a-z]+:[!-~]*$")]


class PortsError(ValueError):
    """The file cannot be used; says which, what is wrong, what to do."""


class Port(BaseModel):
    """One device's link, and the one of the profile that it stands in for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    link: Link
    instead_of: Link


class Ports(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    devices: Annotated[dict[str, Port], Field(max_length=20)] = {}


def read_ports(folder: Path) -> dict[str, Port]:
    """By place in the profile; empty without the file. Raises `PortsError`."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PortsError(f"{path}: {error.strerror}; mend its rights or remove it") from error
    try:
        return Ports.model_validate(_table(data)).devices
    except ValidationError as error:
        first = error.errors()[0]
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise PortsError(f"{path}: {words}; remove it to go back to the profile's ports") from error
    except (ValueError, RecursionError) as error:
        raise PortsError(f"{path}: {error}; remove it to go back to the profile's ports") from error


def _table(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES} bytes")
    return tomllib.loads(data.decode())


def write_port(folder: Path, role: str, port: Port | None) -> None:
    """Set one device's port, or (None) go back to the profile's; whole or not at all.

    Raises as `read_ports`, `OSError`.
    """
    ports = read_ports(folder)
    if port is None:
        ports.pop(role, None)
    else:
        ports[role] = port
    lines = ["# Written by the terminal when a technician changed a port; remove it to go back to the profile's."]
    for name, each in sorted(ports.items()):
        lines += ["", f"[devices.{name}]", f"link = {json.dumps(each.link)}"]
        lines += [f"instead_of = {json.dumps(each.instead_of)}"]
    path = folder / FILE
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    inside = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(inside)
    finally:
        os.close(inside)


def in_force(ports: Mapping[str, Port], devices: Mapping[str, Any]) -> dict[str, Any]:
    """The layer over a profile's `devices` table: only changes of what the profile still says."""
    return {
        role: {"link": port.link}
        for role, port in ports.items()
        if isinstance(devices.get(role), dict) and devices[role].get("link") == port.instead_of
    }
