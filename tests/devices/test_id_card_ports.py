"""The ID-card driver against the simulated reader over a real pty and over TCP."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from drivers.errors import (
    LinkError,
    LinkLost,
    MediaUnreadable,
)
from drivers.id_card.driver import IdCardReader
from simulator.models.id_card_reader import make
from simulator.people import CITIZENS

SAM = "05.03-20200101-0001234567-1234567890"


async def test_over_a_real_pty_at_the_lines_own_speed(tmp_path: Path) -> None:
    """Find, read, pull, unplug, plug again; and the read takes the RF time plus 1295 bytes at 115200 baud."""
    sim = make(f"pty:{tmp_path}/id-card-reader", self_test_s=0.0, read_s=(0.1, 0.1))
    await sim.plug()
    reader = IdCardReader("id_card", sim.link, {"additional_address": False, "portrait": "standin"})
    try:
        await reader.open()
        assert reader.status.serial == SAM
        sim.do("present", card="citizen-10")
        await reader.wait_for_card(2)
        started = time.perf_counter()
        card = await reader.read_card()
        took = time.perf_counter() - started
        assert card.number == CITIZENS["citizen-10"].number
        wire = (10 * 3 + 15 + 19 + 1295) * 10 / 115200
        assert took >= 0.1 + wire - 3 * 10 * 10 / 115200  # requests are not paced: the host's own adapter does that
        assert took < 0.1 + wire + 0.6
        sim.do("pull_mid_read")
        with pytest.raises(MediaUnreadable):
            await reader.read_card()
        assert not await reader.card_present()
        await sim.unplug()
        with pytest.raises(LinkLost):
            await reader.find()
        with pytest.raises(LinkError):
            await reader.open()
        await sim.plug()
        await reader.open()
        sim.do("present", card="citizen-12")
        assert (await reader.read_card()).number == CITIZENS["citizen-12"].number
    finally:
        await reader.close()
        await sim.unplug()


async def test_a_reader_left_at_another_speed_is_found_by_probing(tmp_path: Path) -> None:
    sim = make(f"pty:{tmp_path}/id-card-reader", self_test_s=0.0, read_s=(0.05, 0.05))
    sim.sam.baud = 57600
    await sim.plug()
    reader = IdCardReader("id_card", sim.link)
    try:
        await reader.open()
        assert reader.status.serial == SAM
        assert [warning.cause for warning in reader.status.warnings] == ["slow-line"]
        sim.do("present", card="citizen-13")
        assert (await reader.read_card()).number == CITIZENS["citizen-13"].number
    finally:
        await reader.close()
        await sim.unplug()


async def test_over_tcp() -> None:
    sim = make("tcp://127.0.0.1:0", self_test_s=0.0, read_s=(0.01, 0.02))
    await sim.plug()
    reader = IdCardReader("id_card", sim.link)
    try:
        assert not sim.link.endswith(":0")
        await reader.open()
        sim.do("present", card="foreign-2023")
        await reader.wait_for_card(2)
        assert (await reader.read_card()).nationality == "PAK"
        sim.do("junk_prefix", times=3)
        sim.do("stray_byte", times=3)
        assert (await reader.read_card()).nationality == "PAK"
        await sim.unplug()
        with pytest.raises(LinkError):
            await reader.read_card()
        await reader.close()
        await sim.plug()
        await reader.open()
        assert (await reader.read_card()).nationality == "PAK"
    finally:
        await reader.close()
        await sim.unplug()
