"""The world around one terminal: five devices at their addresses, what a person does to them, what is seen of them."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.device import Crossing, SimDevice
from simulator.families import FAMILIES, Lease, free_port, is_free, is_tcp, make
from simulator.machine_layer import merged, write_machine_layer
from simulator.people import CITIZENS

WIRE_KEPT = 5000
HEX_SHOWN = 64
BANK_CARD = ("tap", "insert", "decline")
SCENES = ("show", "someone_else", "two", "photo", "dark", "nobody")
"""Camera verbs that say who stands there; the last one done is done again with the next citizen."""


@dataclass(frozen=True, slots=True)
class WireLine:
    """One crossing as the bench shows it: the first bytes in hex, how many there were, what they say."""

    seq: int
    at: float
    device: str
    direction: str
    hex: str
    length: int
    words: str

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


class World:
    """All devices of one terminal. Lives in one event loop; `device_watchers`, `wire_watchers` and `act_watchers`
    (family, verb, arguments; after it was done) are called in it."""

    def __init__(self, devices: Mapping[str, SimDevice] | None = None) -> None:
        self.devices: dict[str, SimDevice] = dict(devices or {})
        self.missing: dict[str, str] = {}
        self.wire: deque[WireLine] = deque(maxlen=WIRE_KEPT)
        self.device_watchers: list[Callable[[str], None]] = []
        self.wire_watchers: list[Callable[[WireLine], None]] = []
        self.act_watchers: list[Callable[[str, str, Mapping[str, Any]], None]] = []
        self.presented: str | None = None
        self.scene = "show"
        self._seq = 0
        self._leases: list[Lease] = []
        self._addresses: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self, addresses: Mapping[str, str] | None = None, families: Iterable[str] = FAMILIES) -> None:
        """Make and plug every device: at `addresses[family]`, else where the simulated profile expects it.

        An address that is taken is replaced by a free one; `machine_layer` says which. A device that cannot start
        is noted in `missing` with the reason, and the others go on.
        """
        self._loop = asyncio.get_running_loop()
        for name in families:
            if name not in self.devices:
                try:
                    self._addresses[name] = self._address(name, (addresses or {}).get(name))
                    self.devices[name] = make(name, self._addresses[name])
                except (ImportError, AttributeError, OSError, ValueError) as error:
                    self.missing[name] = f"{type(error).__name__}: {error}"
        for name, device in list(self.devices.items()):
            try:
                await self._join(device)
            except (OSError, ValueError) as error:
                self.missing[name] = f"{type(error).__name__}: {error}"

    async def _join(self, device: SimDevice) -> None:
        device.watchers.append(self._note_change)
        device.wire_watchers.append(self._note_crossing)
        await device.plug()

    async def refit(self, name: str, **options: Any) -> SimDevice:
        """Another device of the same family at the same address. Raises `KeyError`, `ValueError`, `OSError`."""
        old = self.device(name)
        if name not in self._addresses:
            raise KeyError(f"{name} was not made here: it cannot be exchanged")
        new = make(name, self._addresses[name], **options)
        await old.unplug()
        old.watchers.clear()
        old.wire_watchers.clear()
        self.devices[name] = new
        await self._join(new)
        self._note_change(new)
        return new

    def _address(self, name: str, asked: str | None) -> str:
        address = asked or FAMILIES[name].address
        if is_tcp(address):
            return address if is_free(address) else FAMILIES[name].at_port(free_port())
        try:
            self._leases.append(Lease(address))
        except OSError:
            address = f"pty:{tempfile.mkdtemp(prefix='kiosk-sim-')}/{name}"
            self._leases.append(Lease(address))
        return address

    async def stop(self) -> None:
        """Unplug everything."""
        for device in self.devices.values():
            await device.unplug()
        for lease in self._leases:
            lease.end()
        self._leases.clear()

    def device(self, name: str) -> SimDevice:
        """The device of family `name`. Raises `KeyError` with a sentence."""
        if name in self.devices:
            return self.devices[name]
        why = self.missing.get(name, f"there are {', '.join(self.devices) or 'none'}")
        raise KeyError(f"no device {name!r}: {why}")

    def do(self, name: str, verb: str, **args: Any) -> Any:
        """Act on a device as a person would. Who puts a card down also stands before the camera, bank card in hand."""
        result = self._do(name, verb, args)
        self._acted(name, verb, args)
        return result

    def _do(self, name: str, verb: str, args: dict[str, Any]) -> Any:
        device = self.device(name)
        if name == "camera" and verb in SCENES:
            result = device.do(verb, **(args or self._faces(verb)))
            self.scene = verb
            return result
        if name == "payment-pad" and verb in BANK_CARD and self.presented:
            args.setdefault("card", self.presented)
        if name == "document-camera" and verb == "lay" and self.presented:
            args.setdefault("holder", self.presented)
        result = device.do(verb, **args)
        if name == "id-card-reader" and verb == "present":
            self.presented = device.state().get("citizen")
            camera = self.devices.get("camera")
            if camera and self.presented and self.scene in camera.verbs:
                camera.do(self.scene, **self._faces(self.scene))
        return result

    def _faces(self, scene: str) -> dict[str, str]:
        """Who is in the picture when nobody says so: the citizen whose card was presented last, and the next one."""
        keys = list(CITIZENS)
        holder = self.presented or keys[0]
        if scene == "nobody":
            return {}
        other = {"other": keys[(keys.index(holder) + 1) % len(keys)]} if scene == "two" else {}
        return {"face": holder, **other}

    async def plug(self, name: str) -> None:
        """Put the plug in."""
        await self.device(name).plug()
        self._note_change(self.device(name))
        self._acted(name, "plug", {})

    async def unplug(self, name: str) -> None:
        """Pull the plug."""
        await self.device(name).unplug()
        self._note_change(self.device(name))
        self._acted(name, "unplug", {})

    def _acted(self, name: str, verb: str, args: Mapping[str, Any]) -> None:
        for watcher in self.act_watchers:
            watcher(name, verb, args)

    def state(self) -> dict[str, Any]:
        """Every device's state by family; a device that could not start says why in `words`."""
        states: dict[str, Any] = {name: device.state() for name, device in self.devices.items()}
        if "camera" in states:
            states["camera"] = {**states["camera"], "staged": self.scene}
        for name, why in self.missing.items():
            states[name] = {**states.get(name, {}), "plugged": False, "missing": True, "words": why}
        return states

    def machine_layer(self) -> dict[str, Any]:
        """The settings that lead a terminal here: `devices.<section>.link`, and `platform.url` over our network."""
        links = {
            FAMILIES[name].section: {"link": device.link}
            for name, device in self.devices.items()
            if name in FAMILIES and name not in self.missing
        }
        network, ups = self.devices.get("network"), self.devices.get("ups")
        tables = {"platform": {"url": network.link}} if network else {}
        return {"devices": links, **tables, **({"power": {"ups": ups.link}} if ups else {})}

    def write_machine_layer(self, path: Path, further: Mapping[str, Any] | None = None) -> None:
        """Write `machine_layer` with the tables of `further` (platform, window, ...) to `path`."""
        write_machine_layer(path, merged(further or {}, self.machine_layer()))

    def wire_since(self, seq: int, device: str | None = None) -> list[WireLine]:
        """Crossings after number `seq`, oldest first, of one device or of all."""
        return [line for line in self.wire if line.seq > seq and (device is None or line.device == device)]

    def _note_change(self, device: SimDevice) -> None:
        for watcher in self.device_watchers:
            self._in_loop(watcher, device.family)

    def _note_crossing(self, crossing: Crossing) -> None:
        self._in_loop(self._record, crossing)

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        """Devices may speak from threads of their own (HTTP); watchers may not be called there."""
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if self._loop is None or here is self._loop:
            call(*args)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _record(self, crossing: Crossing) -> None:
        self.note(crossing.device, crossing.direction, crossing.data, crossing.words, crossing.at)

    def note(self, device: str, direction: str, data: bytes, words: str, at: float) -> None:
        """Add a line to the wire record (the platform's and the terminal's lines come this way too)."""
        self._seq += 1
        shown = data[:HEX_SHOWN].hex(" ").upper() + (" …" if len(data) > HEX_SHOWN else "")
        if device == "network":
            shown = ""  # text: the words are the line itself
        line = WireLine(self._seq, at, device, direction, shown, len(data), words)
        self.wire.append(line)
        for watcher in self.wire_watchers:
            watcher(line)


def ephemeral_addresses(folder: Path) -> dict[str, str]:
    """Addresses that no other world uses: free ports, ptys under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        f.name: f.at_port(free_port()) if f.on_tcp else f"pty:{folder.absolute() / f.name}" for f in FAMILIES.values()
    }
