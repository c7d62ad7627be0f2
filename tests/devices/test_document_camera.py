"""The simulated cameras' verbs over HTTP: a desk and what lies on it, people who act; each camera in its own role."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from config import DATA
from config.catalogue import load_catalogue
from config.load import load_settings
from config.settings import DeviceSettings
from drivers.camera.document import find_page
from drivers.camera.driver import Camera
from drivers.device import DeviceState, Status
from drivers.families import Seeing
from kiosk.devices import make_device, role_of, supervised
from kiosk.offering.capability import Capability, Network
from kiosk.visits.case import Tools
from simulator.device import UnknownVerb
from simulator.families import make as make_named
from simulator.models.camera import CameraSim
from simulator.models.document_camera import DocumentCameraSim, make
from simulator.world import World


@pytest.fixture
async def desk() -> AsyncIterator[DocumentCameraSim]:
    sim = make("http://127.0.0.1:0/desk.mjpg")
    assert isinstance(sim, DocumentCameraSim)
    await sim.plug()
    yield sim
    await sim.unplug()


async def until(true: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.03)


async def test_what_is_laid_on_the_desk_comes_through_the_driver(desk: DocumentCameraSim) -> None:
    camera = Camera("document_camera", desk.link, {"mirror": False})
    try:
        await camera.open()
        assert "1920x1440" in camera.status.model
        empty = (await camera.frames(1, within_s=5))[0]
        assert find_page(empty.pixels) is None
        state = desk.do("lay", kind="passport", holder="citizen-02")
        assert (state["scene"], state["holder"], state["desk"]) == ("passport", "citizen-02", "dark")
        await asyncio.to_thread(desk.wait_drawn)
        await asyncio.sleep(0.5)
        frame = (await camera.frames(1, within_s=5))[0]
        page = find_page(frame.pixels)
        truth = desk.truth()
        assert page is not None
        assert truth.corners is not None
        assert np.abs(np.asarray(page.corners) - np.array(truth.corners)).max() < 8
        assert len(truth.zone) == 2
    finally:
        await camera.close()


async def test_pages_turn_and_flaws_come_and_go(desk: DocumentCameraSim) -> None:
    with pytest.raises(ValueError, match="nothing lies there"):
        desk.do("turn_page")
    desk.do("lay", kind="a4")
    await asyncio.to_thread(desk.wait_drawn)
    desk.do("turn_page")
    await asyncio.to_thread(desk.wait_drawn)
    assert "turning" in desk.truth().flaws
    await until(lambda: not desk.truth().flaws, 5)
    assert desk.state()["page"] == 2
    for verb, flaw in (("hand", "hand"), ("glare", "glare"), ("blur", "blur"), ("dark", "dark")):
        desk.do(verb)
        await asyncio.to_thread(desk.wait_drawn)
        assert flaw in desk.truth().flaws
    for verb, args in (("skew", {"degrees": 40}), ("shift", {"right": 150}), ("desk", {"desk": "wood"})):
        assert desk.do(verb, **args)["words"]
    desk.do("tidy")
    desk.do("clear")
    await asyncio.to_thread(desk.wait_drawn)
    assert desk.truth().corners is None
    assert desk.artefact("now.jpg")[1][:2] == b"\xff\xd8"
    for verb, args in (("lay", {"kind": "pizza"}), ("blur", {"pixels": 99}), ("lay", {}), ("stale", {"seconds": 99})):
        with pytest.raises(ValueError):
            desk.do(verb, **args)
    with pytest.raises(UnknownVerb):
        desk.do("explode")
    with pytest.raises(ValueError, match="options"):
        make("http://127.0.0.1:0/x", colour="red")


async def test_acts_are_drawn_as_they_happen_and_what_stays_is_a_loop() -> None:
    sim = make_named("camera", "http://127.0.0.1:0/face.mjpg")
    assert isinstance(sim, CameraSim)
    with pytest.raises(ValueError, match="nobody stands there"):
        sim.do("turn", side="left")
    sim.do("show", face="citizen-02")
    still = sim.jpeg_at(100.0)
    for verb, args, stays in (
        ("turn", {"side": "left", "seconds": 0.2}, "citizen"),
        ("blink", {}, "citizen"),
        ("close_eyes", {"seconds": 0.2}, "citizen"),
        ("look_away", {"seconds": 0.2}, "citizen"),
        ("obey", {"challenge": "turn-right"}, "citizen"),
        ("disobey", {"challenge": "close-eyes"}, "citizen"),
        ("join", {"other": "citizen-05", "seconds": 0.4}, "two"),
        ("leave", {"seconds": 0.4}, "nobody"),
        ("approach", {"face": "citizen-09", "seconds": 0.4}, "citizen"),
    ):
        state = sim.do(verb, **args)
        assert state["act"]
        assert state["scene"] == stays
        now = time.monotonic()
        pictures = {sim.jpeg_at(now + i / 12) for i in range(6)}
        assert len(pictures) == 6
        assert still not in pictures
        sim.jpeg_at(now + 30)
        assert sim.state()["act"] == ""
    for verb, args in (
        ("obey", {"challenge": "sing"}),
        ("turn", {"side": "up"}),
        ("turn", {"side": "left", "face": "x"}),
    ):
        with pytest.raises(ValueError):
            sim.do(verb, **args)


async def test_who_puts_a_card_down_has_own_papers(desk: DocumentCameraSim) -> None:
    world = World({"document-camera": desk})
    world.presented = "citizen-11"
    assert world.do("document-camera", "lay", kind="id-front")["holder"] == "citizen-11"


def test_a_terminal_with_one_camera_uses_it_for_all_and_one_with_three_has_three() -> None:
    settings = load_settings("simulated")
    eye = settings.devices["camera"]
    further = {
        "document_camera": eye,
        "code_camera": DeviceSettings(driver="opencv", link="/dev/video7", rhythm=eye.rhythm),
    }
    settings = settings.model_copy(update={"devices": {"camera": eye, **further}})
    made = [make_device(settings, role, Seeing) for role in ("camera", "document_camera", "code_camera")]
    assert [device.name for device in made] == ["camera", "document_camera", "code_camera"]
    assert {device.family for device in made} == {"camera"}
    assert [role_of(device) for device in made] == list(settings.devices)
    assert len(supervised(settings, made)) == 3


@pytest.mark.promise("P7")
def test_a_desk_camera_that_fails_withholds_scanning_alone_and_the_other_way_round() -> None:
    eye, desk = Camera("camera", "/dev/video0", {}), Camera("document_camera", "/dev/video1", {})
    catalogue = load_catalogue(DATA / "services")
    looking = next(s for s in catalogue.services.values() if "verify" in s.steps)
    scanning = looking.model_copy(update={"steps": ("scan", "review", "submit")})
    money: Any = SimpleNamespace(locked="")
    capability = Capability(catalogue, {"camera": eye}, money, Network())
    capability.eyes = {"scan": desk}
    well = Status(DeviceState.ONLINE)
    eye.set_status(well)
    desk.set_status(Status(DeviceState.OFFLINE))
    assert capability.of(looking).available
    assert capability.of(scanning).reason == "reason.camera.fault"
    desk.set_status(well)
    eye.set_status(Status(DeviceState.OFFLINE))
    assert capability.of(scanning).available
    assert not capability.of(looking).available


@pytest.mark.promise("P6")
def test_when_a_citizen_leaves_every_camera_forgets() -> None:
    wiped: list[str] = []
    eyes = {
        name: SimpleNamespace(wipe=lambda name=name: wiped.append(name))
        for name in ("camera", "document_camera", "code_camera")
    }
    tools: Any = SimpleNamespace(**eyes)
    Tools.wipe_eyes(tools)
    assert sorted(wiped) == sorted(eyes)
    tools.code_camera = None
    Tools.wipe_eyes(tools)
    assert wiped.count("camera") == 2
