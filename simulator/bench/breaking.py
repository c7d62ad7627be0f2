"""Prepared breakdowns at the bench: one at a time, on demand, and everything as it was when it ends."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.acceptance.words import MENDING
from simulator.breakdowns import ALL, BROKER, READER, RECEIPTS, Breakdown, named
from simulator.families import FAMILIES
from simulator.processes import program

if TYPE_CHECKING:
    from simulator.bench.bench import Bench

DIAGNOSE_S: Final = 30.0
MOST_TOLD: Final = 1_000_000
FULL_SPEED: Final = 115_200
Undo = Callable[[], Awaitable[object]]


class Breaking:
    """The bench's one breakdown, if any. Acts wait for each other."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._undo = AsyncExitStack()
        self._one = asyncio.Lock()
        self.now: Breakdown | None = None

    def state(self) -> dict[str, Any]:
        """For the page: what there is, and what is on."""
        return {
            "now": self.now.key if self.now else "",
            "all": [
                {"key": each.key, "name": each.name, "zh": each.zh, "event": each.event, "why_not": self.why_not(each)}
                for each in ALL
            ],
        }

    def why_not(self, breakdown: Breakdown) -> str:
        """Why it cannot be had here; "" when it can."""
        bench = self._bench
        if breakdown.where == "tls":
            return "the bench's platform speaks without TLS; tests/diagnostics/test_breakdowns.py plays it"
        if breakdown.where in ("clock", "disk", "certificate", "fleet") or breakdown.act == "swap":
            if bench.processes.get("terminal") is None:
                return "this bench was started without a terminal"
            if breakdown.where == "clock" and bench.clock is not None:
                return bench.clock.why_not
        if breakdown.where in ("platform", "line") and bench.platform is None:
            return "this bench was started without a platform"
        return ""

    async def strike(self, name: str) -> Breakdown:
        """Let it happen, instead of the one before. Raises `ValueError`, `RuntimeError`, `OSError`."""
        breakdown = named(name)
        if why := self.why_not(breakdown):
            raise RuntimeError(f"{breakdown.name}: {why}")
        async with self._one:
            await self._end()
            self.now = breakdown
            try:
                await self._break(breakdown)
            except BaseException:
                await self._end()
                raise
        return breakdown

    async def end(self) -> None:
        """Everything as it was. Raises `RuntimeError`, `OSError` when something cannot be put right."""
        async with self._one:
            await self._end()

    async def _end(self) -> None:
        undo, self._undo, self.now = self._undo, AsyncExitStack(), None
        await undo.aclose()

    def _then(self, undo: Undo) -> None:
        self._undo.push_async_callback(undo)

    async def _break(self, breakdown: Breakdown) -> None:
        bench, args = self._bench, dict(breakdown.args)
        match breakdown.where, breakdown.act:
            case "platform" | "line", _:
                desk = bench.platform
                assert desk is not None
                self._then(lambda: desk.post("faults", {}))
                await desk.post("faults", args)
            case "clock", _:
                clock = bench.clock
                assert clock is not None
                self._then(clock.right)
                await clock.jump(args["seconds"])
            case "disk", _:
                terminal = bench.processes["terminal"]
                self._then(self._disk_well)
                await terminal.refuse_disk()
            case "certificate", _:
                await self._again_with({}, {"platform": self._certificate(args["days"])})
            case "fleet", _:
                await self._again_with({}, {"fleet": {"broker": BROKER}})
            case "link", "swap":
                links = {family: bench.world.device(family).link for family in (READER, RECEIPTS)}
                swapped = {READER: links[RECEIPTS], RECEIPTS: links[READER]}
                await self._again_with({FAMILIES[name].section: {"link": url} for name, url in swapped.items()})
            case "link", "baud":
                await self._at_speed(args["baud"])
            case "link", "hold":
                await self._held()
            case family, verb:
                await self._device(family, verb, args)
        for each in breakdown.beside:
            await self._break(each)

    async def _device(self, family: str, verb: str, args: dict[str, Any]) -> None:
        world = self._bench.world

        async def mended() -> None:
            if not world.device(family).state()["plugged"]:
                await world.plug(family)
            further = (("temperature", {"c": 25}),) if family == "cabinet" else ()
            for mend, given in (*MENDING.get(family, ()), *further):
                with suppress(ValueError):  # nothing of that kind was wrong
                    world.do(family, mend, **given)
            if verb == "cover":  # whoever stood there does so again
                if world.presented:
                    world.do(family, world.scene)
                else:
                    world.device(family).do("nobody")

        self._then(mended)
        if verb == "unplug":
            await world.unplug(family)
        else:
            world.do(family, verb, **args)

    async def _at_speed(self, baud: int) -> None:
        """The reader forgets its speed, as one from another terminal; it is met anew."""
        world = self._bench.world
        device: Any = world.device(READER)

        async def right() -> None:
            await world.unplug(READER)
            device.sam.baud = FULL_SPEED
            await world.plug(READER)

        self._then(right)
        await world.unplug(READER)
        device.sam.baud = baud
        await world.plug(READER)

    async def _held(self) -> None:
        """Another program has the reader's port before the terminal comes back to it."""
        world = self._bench.world
        device: Any = world.device(READER)
        await world.unplug(READER)
        self._then(lambda: world.plug(READER))
        await world.plug(READER)
        port = Path(device.address.removeprefix("pty:"))
        held = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

        async def let_go() -> None:
            await world.unplug(READER)
            os.close(held)

        self._then(let_go)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _certificate(self, days: int) -> dict[str, str]:
        """The terminal's own certificate that ends in `days`, as settings of the platform."""
        assert self._bench.places is not None
        path = self._bench.places.state_dir.parent / "ending.pem"
        path.write_bytes(ending_certificate(days, datetime.now(UTC)))
        path.chmod(0o600)
        return {"client_certificate": str(path), "client_key": str(path)}

    async def _again_with(self, devices: dict[str, Any], further: dict[str, Any] | None = None) -> None:
        """The terminal starts again with other settings, and at the end with its own."""
        terminal = self._bench.processes["terminal"]

        async def start(devices: dict[str, Any], further: dict[str, Any]) -> None:
            self._bench.relead(devices, further)
            if terminal.running:
                await terminal.stop()
                await terminal.start()

        self._then(lambda: start({}, {}))
        await start(devices, further or {})

    async def _disk_well(self) -> None:
        terminal = self._bench.processes["terminal"]
        if terminal.disk_refuses:  # a terminal that was started again has a well disk
            await terminal.mend_disk()

    async def diagnosis(self, language: str = "en") -> dict[str, Any]:
        """What `kiosk diagnose --json` says of this bench's terminal. Raises `RuntimeError`."""
        machine = self._bench.facts.get("machine")
        if not machine:
            raise RuntimeError("this bench was started without a terminal")
        argv = [*program("kiosk"), "diagnose", "--json", "--language", language, "--machine", str(machine)]
        terminal = self._bench.processes.get("terminal")
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **(terminal.env if terminal else {})},  # one machine has one clock
        )
        try:
            async with asyncio.timeout(DIAGNOSE_S):
                told, _ = await child.communicate()
        except TimeoutError:
            raise RuntimeError(f"kiosk diagnose did not end within {DIAGNOSE_S:g} s") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        try:
            found = json.loads(told[:MOST_TOLD])
        except ValueError:
            raise RuntimeError("kiosk diagnose did not answer JSON") from None
        return dict(found)


def ending_certificate(days: int, now: datetime) -> bytes:
    """A terminal's certificate that ends `days` after `now`, and its key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.x509.oid import NameOID

    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WH-HC-0003")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    begun = builder.not_valid_before(now - timedelta(days=90)).not_valid_after(now + timedelta(days=days))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    made = begun.sign(key, None)
    pem = serialization.Encoding.PEM
    return made.public_bytes(pem) + key.private_bytes(pem, form, plain)
