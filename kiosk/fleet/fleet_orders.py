"""The orders that come with the fleet, beside those of the office: each bounded, and harmless when cut short."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from kiosk.duties.office_commands import CannotDo, Commands
from kiosk.duties.service_orders import USUAL_DRAIN_MIN, drain, drain_minutes, restart_device
from kiosk.fleet.command_keys import CommandKeys
from kiosk.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.supervisor import Supervisor


def add_device_orders(commands: Commands, supervisors: Sequence[Supervisor], is_busy: Callable[[], bool]) -> None:
    """`restart-device` (device: id of its section, docs/fleet.md)."""

    async def restart(params: Mapping[str, str]) -> str:
        return await restart_device(supervisors, params.get("device", ""), is_busy)

    commands.add("restart-device", restart)


def add_drain(commands: Commands, is_busy: Callable[[], bool], journal: Journal) -> None:
    """`drain` (minutes; zh, en): closed at once for who comes, done when the visit has ended and money is settled."""

    async def drained(params: Mapping[str, str]) -> str:
        minutes = drain_minutes(params.get("minutes", str(USUAL_DRAIN_MIN)))
        return await drain(lambda: commands.close(params), is_busy, journal, minutes)

    commands.add("drain", drained)


def add_rotate_key(commands: Commands, keys: CommandKeys, signer: Callable[[], str]) -> None:
    """`rotate-key`: `key` (hex) may order from now on beside the one that signed this; `retire` (id) may no more."""

    async def rotate(params: Mapping[str, str]) -> str:
        key, retire = params.get("key", ""), params.get("retire", "")
        if bool(key) == bool(retire):
            raise CannotDo("give key (a public key, hex) or retire (a key's id)")
        try:
            if key:
                return f"{await asyncio.to_thread(keys.add, key, signer())} may order from now on"
            await asyncio.to_thread(keys.retire, retire, signer())
        except ValueError as error:
            raise CannotDo(f"{'key' if key else 'retire'}: {error}"[:120]) from error
        except OSError as error:
            raise CannotDo(f"{keys.path.name} cannot be written: {error.strerror}; nothing was changed") from error
        return f"{retire} orders no more"

    commands.add("rotate-key", rotate)


def add_short_orders(commands: Commands, refresh: Callable[[], str], rebirth: Callable[[], None]) -> None:
    """`refresh-catalogue` and `rebirth`."""

    async def refreshed(_: Mapping[str, str]) -> str:
        return refresh()

    async def reborn(_: Mapping[str, str]) -> str:
        rebirth()
        return "told"

    commands.add("refresh-catalogue", refreshed)
    commands.add("rebirth", reborn)


def add_bundle(commands: Commands, collect: Callable[[Mapping[str, str]], Awaitable[str]]) -> None:
    """`collect-bundle` (ticket, most, until): `collect` makes one, and brings it home where there is a ticket."""
    commands.add("collect-bundle", collect)
