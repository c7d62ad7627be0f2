"""The simulated UPS: mains that can be cut, a battery that drains by itself, told over NUT's protocol on a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from drivers.ups.frames import MAX_LINE
from simulator.device import SimDevice, UnknownVerb, told_version
from simulator.wire.nut import NutEnd

NAME = "ups"
FULL_RUNTIME_S = 600.0
CHARGE_S = 7200.0
LOW = 20.0
MOST_CLIENTS = 16


class UpsSim(SimDevice):
    """One UPS at `tcp://host:port`. `clock` gives seconds; it drains in `runtime_s` and is charged in two hours."""

    family = "ups"
    verbs = {  # noqa: RUF012 - a constant table, as in SimDevice
        "mains_off": "pull the plug of the UPS: it goes on battery",
        "mains_on": "mains are back: it charges again",
        "battery": "the battery holds so much: charge=35 (percent), runtime_s=120",
        "battery_low": "the battery is nearly empty (mains failed before)",
        "replace_battery": "the battery is worn out: on=true",
        "firmware": "another firmware: version=2.17",
        "silent": "no answer to anything: on=true",
        "stale": "the server has lost its UPS: on=true",
        "garbled": "answers that are none: on=true",
        "endless": "a list that does not end: on=true",
        "clear_faults": "end every fault of the line",
    }

    def __init__(self, address: str, clock: Callable[[], float], runtime_s: float = FULL_RUNTIME_S) -> None:
        super().__init__()
        self.address = address
        self.on_mains = True
        self.worn = False
        self.forced_low = False
        self.firmware = "2.16"
        self.end = NutEnd(NAME, self.variables)
        self._clock = clock
        self._full_s = runtime_s
        self._charge = 100.0
        self._at: float | None = None
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def link(self) -> str:
        """`name@host:port`, as `[power] ups` wants it."""
        parts = urlsplit(self.address)
        return f"{NAME}@{parts.hostname}:{parts.port}"

    async def plug(self) -> None:
        """The server listens."""
        if self._server is not None:
            return
        parts = urlsplit(self.address)
        self._server = await asyncio.start_server(self._serve, parts.hostname, parts.port or 0, limit=MAX_LINE)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = f"tcp://{host}:{port}"
        self.changed()

    async def unplug(self) -> None:
        """The server is gone, its connections too."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for writer in tuple(self._clients):
                writer.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await server.wait_closed()
            self.changed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            writer.close()
            return
        self._clients.add(writer)
        try:
            while True:
                line = await reader.readuntil(b"\n")
                self.tap("in", line)
                said = self.end.answer(line)
                if said == b"":
                    break
                if said is not None:
                    self.tap("out", said[:MAX_LINE])
                    writer.write(said)
                    await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone or talks nonsense: upsd hangs up too
        finally:
            self._clients.discard(writer)
            writer.close()

    # The battery

    @property
    def charge(self) -> float:
        """Percent, now."""
        now = self._clock()
        passed = now - (self._at if self._at is not None else now)
        self._at = now
        grown = passed * 100 / CHARGE_S if self.on_mains else -passed * 100 / self._full_s
        self._charge = max(0.0, min(100.0, self._charge + grown))
        return self._charge

    @property
    def is_low(self) -> bool:
        """What it says of itself on battery."""
        return not self.on_mains and (self.forced_low or self.charge <= LOW)

    def variables(self) -> dict[str, str]:
        """What NUT tells of it."""
        charge = self.charge
        charging, draining = ["CHRG"] * (charge < 100), ["LB"] * self.is_low
        words = ["OL", *charging] if self.on_mains else ["OB", "DISCHRG", *draining]
        return {
            "battery.charge": f"{charge:.0f}",
            "battery.charge.low": f"{LOW:.0f}",
            "battery.runtime": f"{charge * self._full_s / 100:.0f}",
            "device.type": "ups",
            "input.voltage": "230.0" if self.on_mains else "0.0",
            "ups.firmware": self.firmware,
            "ups.load": "18",
            "ups.mfr": "Simulated",
            "ups.model": "Battery 600",
            "ups.serial": "SIM-UPS-1",
            "ups.status": " ".join([*words, *["RB"] * self.worn]),
        }

    # Hands

    def state(self) -> dict[str, Any]:
        """As `SimDevice.state`."""
        told = self.variables()
        words = "on mains" if self.on_mains else "on battery" + ", nearly empty" * self.is_low
        return {
            "plugged": self._server is not None,
            "words": f"{words}, {told['battery.charge']} %" + (f"; line {self.end.spoil}" if self.end.spoil else ""),
            "on_mains": self.on_mains,
            "low": self.is_low,
            "charge": round(self.charge),
            "runtime_s": int(told["battery.runtime"]),
            "worn": self.worn,
            "faults": [self.end.spoil] if self.end.spoil else [],
        }

    def do(self, verb: str, **args: Any) -> Any:
        """As `SimDevice.do`. Raises `UnknownVerb`, `ValueError`."""
        if verb not in self.verbs:
            raise UnknownVerb(f"the UPS cannot {verb!r}; it can {', '.join(self.verbs)}")
        on = args.pop("on", True) not in (False, 0, "0", "false", "off", "no", "")
        if verb not in ("battery", "firmware") and args:
            raise ValueError(f"{verb}: unknown {', '.join(args)}; {self.verbs[verb]}")
        match verb:
            case "mains_off":
                self.charge  # noqa: B018 - what was charged until now counts
                self.on_mains = False
            case "mains_on":
                self.charge  # noqa: B018 - what was used until now counts
                self.on_mains, self.forced_low = True, False
            case "battery":
                self._battery(**args)
            case "firmware":
                self._set_firmware(**args)
            case "battery_low":
                if self.on_mains:
                    raise ValueError("battery_low: mains are on, so the battery is charged; do mains_off first")
                self.forced_low = True
            case "replace_battery":
                self.worn = on
            case "clear_faults":
                self.end.spoil = ""
            case "silent" | "stale" | "garbled" | "endless":
                self.end.spoil = verb if on else ""
        self.changed()
        return self.state()

    def _set_firmware(self, version: Any = "2.17", **more: Any) -> None:
        if more:
            raise ValueError(f"firmware: unknown {', '.join(more)}; {self.verbs['firmware']}")
        self.firmware = told_version(version)

    def _battery(self, charge: Any = None, runtime_s: Any = None, **more: Any) -> None:
        if more:
            raise ValueError(f"battery: unknown {', '.join(more)}; {self.verbs['battery']}")
        self.charge  # noqa: B018 - brings the count to now
        if charge is not None:
            if not 0 <= float(charge) <= 100:
                raise ValueError("battery: charge is 0 to 100")
            self._charge = float(charge)
        if runtime_s is not None:
            if not 1 <= float(runtime_s) <= 86400:
                raise ValueError("battery: runtime_s is 1 to 86400")
            self._full_s = float(runtime_s) * 100 / max(self._charge, 1.0)

    def decode(self, direction: str, data: bytes) -> str:
        """The text itself; nothing on this wire is personal."""
        del direction
        return data.decode("utf-8", "replace").strip().replace("\n", " | ")[:300]


def make(address: str, **options: Any) -> UpsSim:
    """A UPS at `tcp://host:port` (port 0: a free one). Option: runtime_s. Raises `ValueError` for any other."""
    if unknown := sorted(set(options) - {"runtime_s"}):
        raise ValueError(f"ups: unknown options {', '.join(unknown)}; there is runtime_s")
    return UpsSim(address, asyncio.get_running_loop().time, **options)
