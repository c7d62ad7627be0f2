"""`kiosk-sim up`: platform, devices and bench, then the terminal; and `kiosk-sim world`: devices and bench alone."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import tempfile
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.bench.app import Bench, make_app
from simulator.bench.calling import forget_card, write_card
from simulator.bench.live_books import Places
from simulator.bench.platform_desk import PlatformDesk
from simulator.bench.serve import listen, serving
from simulator.families import LOOPBACK, free_port, is_free
from simulator.machine_layer import merged, write_machine_layer
from simulator.models import ups
from simulator.network import Network
from simulator.platform.signing import PUBLIC_KEY
from simulator.processes import Process, program
from simulator.standalone import until_signal
from simulator.world import World, ephemeral_addresses

PLATFORM_PORT = 18700
MIRROR_PORT = 18790
UPS_PORT = 13493
PLATFORM_START_S = 20.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What was asked for on the command line."""

    out: Path = Path("build/run")
    port: int = 8080
    ephemeral: bool = False
    terminal: bool = True
    platform: bool = True
    browser: bool = False
    profile: str = "simulated"


def platform_process(out: Path, port: int) -> Process:
    """The platform as a process of its own, with its data in `out`."""
    argv = [*program("kiosk-sim"), "platform", "--listen", f"{LOOPBACK}:{port}", "--db", str(out / "platform.sqlite")]
    return Process("platform", argv, out / "platform.log")


def terminal_process(out: Path, machine: Path, headless: bool, profile: str = "simulated") -> Process:
    """The terminal as a process of its own, led by the machine layer `machine`."""
    argv = [*program("kiosk"), "run", "--profile", profile, "--machine", str(machine)]
    return Process("terminal", [*argv, "--headless"] if headless else argv, out / "terminal.log")


def has_display() -> bool:
    """Whether a window can be opened."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def surroundings(state_dir: Path, platform_url: str, mirror: str, mirror_token: str) -> dict[str, Any]:
    """The tables of a machine layer beside the devices: state, platform, mirror."""
    return {
        "state_dir": str(state_dir.absolute()),
        "platform": {"url": platform_url, "public_key": PUBLIC_KEY},
        "window": {"mirror": mirror, "mirror_token": mirror_token},
    }


async def platform_ready(desk: PlatformDesk, process: Process, deadline_s: float = PLATFORM_START_S) -> None:
    """Wait until the platform answers. Raises `RuntimeError` with the end of its log."""
    loop = asyncio.get_running_loop()
    until = loop.time() + deadline_s
    while loop.time() < until and process.running:
        try:
            await desk.get("faults")
        except RuntimeError:
            await asyncio.sleep(0.1)
            continue
        return
    raise RuntimeError(f"the platform at {desk.url} does not answer\n{process.tail()}")


async def run_up(options: UpOptions, say: Say) -> int:
    """Run everything until a signal comes. 0 when it ended cleanly, 1 when it could not start."""
    out = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="kiosk-sim-")) if options.ephemeral else None
    try:
        return await _run(options, out, scratch or out, say)
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)


async def _run(options: UpOptions, out: Path, kept: Path, say: Say) -> int:
    platform_port = free_port()
    mirror = f"{LOOPBACK}:{_port(MIRROR_PORT, options.ephemeral)}"
    mirror_token = secrets.token_urlsafe(16)
    world = World()
    desk = PlatformDesk(f"http://{LOOPBACK}:{platform_port}")
    platform = platform_process(kept, platform_port) if options.platform else None
    headless = not has_display()
    machine = out / "machine.toml"
    terminal = terminal_process(out, machine, headless, options.profile) if options.terminal else None
    children = [p for p in (platform, terminal) if p]
    bench = Bench(
        world,
        secrets.token_urlsafe(16),
        mirror=f"ws://{mirror}/?token={mirror_token}",
        platform=desk if platform else None,
        processes=children,
        facts={"profile": options.profile, "window": "headless" if headless else "window", "machine": str(machine)},
        places=Places(kept / "state", kept / "platform.sqlite", out / "terminal.log") if terminal else None,
    )
    ended = asyncio.create_task(until_signal())
    try:
        if platform:
            await platform.start()
        if platform:
            world.devices["network"] = Network(desk.url, LOOPBACK, _port(PLATFORM_PORT, options.ephemeral))
        world.devices["ups"] = ups.make(f"tcp://{LOOPBACK}:{_port(UPS_PORT, options.ephemeral)}")
        await world.start(ephemeral_addresses(kept / "dev") if options.ephemeral else None)
        for family, why in world.missing.items():
            say(f"  {family}: not there, {why}")
        async with serving(make_app(bench), listen(0 if options.ephemeral else options.port)) as address:
            if platform:
                await platform_ready(desk, platform)
            tables = surroundings(kept / "state", desk.url, mirror, mirror_token)

            def lead(devices: dict[str, Any], further: dict[str, Any]) -> None:
                own = merged(tables, world.machine_layer())
                write_machine_layer(machine, merged(own, {"devices": devices, **further}))

            bench.relead = lead
            lead({}, {})
            if terminal:
                await terminal.start()
            write_card(out, address, bench.token)
            _introduce(bench, address, children, machine, say)
            if options.browser:
                webbrowser.open(f"{address}/?token={bench.token}")
            await ended
    except RuntimeError as error:
        say(str(error))
        return 1
    finally:
        ended.cancel()
        forget_card(out, bench.token)
        for child in reversed(children):
            await child.stop()
        await world.stop()
    return 0


def _port(usual: int, ephemeral: bool) -> int:
    return usual if not ephemeral and is_free(f"tcp://{LOOPBACK}:{usual}") else free_port()


def _introduce(bench: Bench, address: str, children: list[Process], machine: Path, say: Say) -> None:
    for child in children:
        say(f"  {child.name:9} {child.state()['words']}, log {child.log}")
    for family, device in bench.world.devices.items():
        say(f"  {family:16} {device.link}")
    say(f"  settings  {machine}")
    say(f"\nBench: {address}/?token={bench.token}\n\nCtrl-C ends everything.")


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """What `kiosk-sim world` was asked for."""

    out: Path
    port: int = 0
    ephemeral: bool = False
    control: bool = True
    platform_url: str = ""
    mirror_url: str = ""


async def run_world(options: WorldOptions, say: Say) -> int:
    """Devices, and with `control` the bench, until a signal comes; one JSON line says where everything is."""
    world = World()
    ended = asyncio.create_task(until_signal())
    if options.platform_url:
        world.devices["network"] = Network(options.platform_url)
    try:
        await world.start(ephemeral_addresses(options.out / "dev") if options.ephemeral else None)
        ready = {"machine_layer": world.machine_layer(), "missing": world.missing}
        if not options.control:
            say(json.dumps({"ready": True, **ready}))
            await ended
            return 0
        desk = PlatformDesk(options.platform_url) if options.platform_url else None
        bench = Bench(world, secrets.token_urlsafe(16), mirror=options.mirror_url, platform=desk)
        async with serving(make_app(bench), listen(options.port)) as address:
            say(json.dumps({"ready": True, "bench": address, "token": bench.token, **ready}))
            await ended
    except RuntimeError as error:
        say(str(error))
        return 1
    finally:
        ended.cancel()
        await world.stop()
    return 0
