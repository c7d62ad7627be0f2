"""Families, the world, the machine layer: what a terminal is told about where its devices are."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from bench_support import Doorbell

from config.load import load_settings, read_toml
from simulator.families import FAMILIES, Lease, UnknownFamily, family, is_free
from simulator.machine_layer import to_toml, write_machine_layer
from simulator.standalone import arguments, obey
from simulator.world import World, ephemeral_addresses


def test_families_are_named_as_people_and_as_settings_name_them() -> None:
    assert family("payment-pad") is family("payment_pad")
    assert family("id_card").name == "id-card-reader"
    with pytest.raises(UnknownFamily, match="payment-pad"):
        family("toaster")


def test_every_section_of_the_simulated_profile_has_a_family() -> None:
    tree = read_toml(Path(__file__).parents[2] / "config/profiles/simulated.toml")
    assert {f.section for f in FAMILIES.values()} == set(tree["devices"])
    for entry in FAMILIES.values():
        where = entry.address.removeprefix("pty:").removeprefix("tcp://").removeprefix("http://")
        assert where in tree["devices"][entry.section]["link"], entry.name


_plain = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(blacklist_categories=["Cs"])),
)
_keys = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)


@settings(deadline=None)  # the machine may be busy; what is written does not depend on it
@given(
    st.recursive(
        st.dictionaries(_keys, _plain | st.lists(_plain, max_size=3), max_size=4),
        lambda inner: st.dictionaries(_keys, _plain | inner, max_size=3),
        max_leaves=12,
    )
)
def test_what_the_writer_writes_tomllib_reads(tree: dict[str, object]) -> None:
    import tomllib

    assert tomllib.loads(to_toml(tree)) == tree


def test_the_machine_layer_is_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "machine.toml"
    write_machine_layer(path, {"window": {"mirror_token": "secret"}})
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(TypeError, match="bytes"):
        write_machine_layer(path, {"a": b"x"})
    assert read_toml(path) == {"window": {"mirror_token": "secret"}}


async def test_links_round_trip_through_the_settings(tmp_path: Path) -> None:
    links = {
        "id-card-reader": "serial:///tmp/x/reader?baud=115200",
        "receipt-printer": "serial:///tmp/x/receipt?baud=115200",
        "licence-printer": "ipp://127.0.0.1:4631/ipp/print",
        "payment-pad": "tcp://127.0.0.1:4007",
        "camera": "http://127.0.0.1:4780/face.mjpg",
    }
    world = World({name: Doorbell(name, link) for name, link in links.items()})
    await world.start()
    key = "ab" * 32
    path = tmp_path / "machine.toml"
    world.write_machine_layer(
        path, {"state_dir": str(tmp_path), "platform": {"url": "http://127.0.0.1:4700", "public_key": key}}
    )
    settings = load_settings("simulated", [path])
    for name, link in links.items():
        assert settings.devices[FAMILIES[name].section].link == link  # type: ignore[index]  # the section is a Literal
    assert settings.devices["payment_pad"].driver == "zvt"
    assert settings.platform.public_key == key
    await world.stop()


async def test_a_device_that_cannot_start_is_missing_and_the_others_go_on() -> None:
    class Broken(Doorbell):
        async def plug(self) -> None:
            raise OSError("no such port")

    world = World({"camera": Broken(), "payment-pad": Doorbell("payment-pad")})
    await world.start(families=())
    state = world.state()["camera"]
    assert (state["missing"], state["plugged"], state["words"]) == (True, False, "OSError: no such port")
    assert world.state()["payment-pad"]["plugged"] is True
    assert list(world.machine_layer()["devices"]) == ["payment_pad"]
    await world.stop()


async def test_changes_and_crossings_are_told_and_numbered() -> None:
    world = World({"camera": Doorbell()})
    changed: list[str] = []
    world.device_watchers.append(changed.append)
    await world.start(families=())
    world.do("camera", "ring", times=3)
    world.do("camera", "ring")
    assert changed == ["camera", "camera"]
    first, second = world.wire_since(0)
    assert (first.hex, first.length, first.direction) == ("07 07 07", 3, "in")
    assert world.wire_since(first.seq) == [second]
    assert world.wire_since(0, "payment-pad") == []
    await world.unplug("camera")
    assert changed == ["camera"] * 3
    await world.stop()


async def test_crossings_from_a_devices_own_thread_arrive_in_the_loop() -> None:
    import threading

    world = World({"camera": Doorbell()})
    seen: list[int] = []
    world.wire_watchers.append(lambda line: seen.append(threading.get_ident()))
    await world.start(families=())
    await asyncio.to_thread(world.devices["camera"].tap, "out", b"x")
    await asyncio.sleep(0)
    assert seen == [threading.get_ident()]
    await world.stop()


async def test_who_puts_a_card_down_stands_before_the_camera() -> None:
    world = World(
        {"id-card-reader": Doorbell("id-card-reader"), "camera": Doorbell(), "payment-pad": Doorbell("payment-pad")}
    )
    await world.start(families=())
    world.do("id-card-reader", "present", citizen="citizen-07")
    assert world.state()["camera"]["citizen"] == "citizen-07"
    assert world.presented == "citizen-07"
    await world.stop()


def test_a_taken_port_is_replaced() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert not is_free(address)
        world = World()
        assert world._address("payment-pad", address) != address


def test_a_pty_path_belongs_to_one_world(tmp_path: Path) -> None:
    address = f"pty:{tmp_path / 'reader'}"
    lease = Lease(address)
    with pytest.raises(OSError):
        Lease(address)
    lease.end()
    Lease(address).end()


def test_ephemeral_addresses_are_all_different(tmp_path: Path) -> None:
    found = ephemeral_addresses(tmp_path)
    assert set(found) == set(FAMILIES)
    assert len(set(found.values())) == len(FAMILIES)


async def test_lines_typed_at_a_device() -> None:
    bell = Doorbell()
    assert await obey(bell, "ring times=2\n") == "2"
    assert await obey(bell, "show face=citizen-03") == "2"
    assert bell.citizen == "citizen-03"
    assert '"rings": 2' in await obey(bell, "state")
    assert "Press the button" in await obey(bell, "verbs")
    assert "no verb 'dance'" in await obey(bell, "dance")
    assert await obey(bell, "explode") == "explode: a doorbell does not explode"
    assert "not understood" in await obey(bell, 'ring "')
    assert await obey(bell, "   ") == ""
    assert "07 07" in await obey(bell, "wire 5")
    with pytest.raises(ValueError, match="key=value"):
        arguments(bell, "ring", ["a", "b"])


async def test_a_line_can_save_what_the_device_made(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    assert "4 bytes" in await obey(Doorbell(), f"save note.txt {path}")
    assert path.read_bytes() == b"ding"
    assert "no 'nothing.png'" in await obey(Doorbell(), f"save nothing.png {path}")
