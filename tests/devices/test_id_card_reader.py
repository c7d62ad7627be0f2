"""The ID-card driver against the simulated reader: under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any

import pytest

from drivers.device import DeviceState, Media
from drivers.errors import (
    DeviceError,
    DeviceFault,
    LinkError,
    LinkLost,
    MediaRejected,
    MediaUnreadable,
    NoAnswer,
    NoMedia,
    ProtocolError,
    Unsupported,
    WrongDevice,
)
from drivers.id_card.driver import IdCardReader
from drivers.id_card.frames import CardKind
from drivers.id_card.portrait import portrait_decoder
from drivers.links.memory import MemoryPort
from drivers.supervisor import Rhythm, Supervisor
from simulator.models.chip_card import chip_card
from simulator.models.id_card_reader import IdCardReader as SimulatedReader
from simulator.people import CITIZENS
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

SAM = "05.03-20200101-0001234567-1234567890"


def in_memory(**physics: Any) -> SimulatedReader:
    """A simulated reader at memory://id-card."""
    return SimulatedReader(
        "memory://id-card", join=lambda end, tap: MemoryWire(end, MemoryPort("id-card"), tap), **physics
    )


@asynccontextmanager
async def both(**physics: Any) -> AsyncIterator[tuple[IdCardReader, SimulatedReader]]:
    """An opened driver and its simulated reader, joined by memory."""
    sim = in_memory(**physics)
    await sim.plug()
    reader = IdCardReader("id_card", "memory://id-card", {"portrait": "standin"})
    try:
        await reader.open()
        yield reader, sim
    finally:
        await reader.close()
        await sim.unplug()


def virtually(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test under virtual time."""

    def run() -> None:
        run_virtual(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@virtually
async def test_open_says_who_is_there_even_while_the_sam_still_tests_itself() -> None:
    async with both() as (reader, _):
        assert reader.status.device is DeviceState.ONLINE
        assert reader.status.serial == SAM
        assert asyncio.get_running_loop().time() >= 2.0
        assert (await reader.poll()).media is Media.NOT_PRESENT


@virtually
async def test_every_card_of_the_city_reads_as_it_was_made() -> None:
    async with both() as (reader, sim):
        for key, citizen in CITIZENS.items():
            sim.do("present", card=key)
            await reader.wait_for_card(1.0)
            card = await reader.read_card()
            assert (card.kind, card.name, card.number) == (CardKind.RESIDENT, citizen.name, citizen.number)
            assert (card.birth, card.address, card.issuer) == (citizen.birth, citizen.address, citizen.issuer)
            assert (card.sex_code, card.ethnicity_code) == (citizen.sex, citizen.ethnicity)
            assert (card.valid_from, card.valid_to) == (citizen.valid_from, citizen.valid_to)
            assert card.sex == {"1": "男", "2": "女"}[citizen.sex]
            assert reader.status.media is Media.PRESENT
            picture = reader.portrait(card)
            assert picture is not None
            assert picture.shape == (126, 102, 3)
            sim.do("lift")
            assert await reader.wait_removed(1.0)
        assert reader.counters.operations == len(CITIZENS)
        assert reader.counters.failures == 0


@virtually
async def test_the_other_kinds_of_cards() -> None:
    async with both() as (reader, sim):
        cards = {}
        for key in ("permit-hk", "foreign-2017", "foreign-2023", "moved"):
            sim.do("present", card=key)
            cards[key] = await reader.read_card()
            sim.do("lift")
        permit, old, new = cards["permit-hk"], cards["foreign-2017"], cards["foreign-2023"]
        assert (permit.kind, permit.pass_number, permit.issues) == (CardKind.PERMIT, "H00000001", "01")
        assert (permit.ethnicity_code, permit.ethnicity) == ("", "")
        assert (old.kind, old.nationality, old.authority) == (CardKind.FOREIGN_2017, "CAN", "1500")
        assert old.valid_to == date(2025, 10, 24)
        assert (new.kind, new.old_number, new.address) == (CardKind.FOREIGN_2023, "PAK310080010103", "")
        assert cards["moved"].additional_address == "山东省威海市环翠区样例大道9号"
        assert permit.additional_address == ""


@virtually
async def test_the_states_are_told_and_nothing_personal_is() -> None:
    async with both() as (reader, sim):
        citizen = CITIZENS["citizen-07"]
        sim.do("present", card="citizen-07")
        sim.do("bad_checksum", at="read")
        states: list[str] = []
        card = await reader.read_card(on_state=states.append)
        assert states == ["finding", "selecting", "reading", "again", "selecting", "reading"]
        said = repr(card) + str(sim.state()) + "".join(crossing.words for crossing in sim.wire)
        for secret in (citizen.name, citizen.number, citizen.address, citizen.number[6:14]):
            assert secret not in said
        assert "text and photo (masked)" in said
        assert "read text and photo" in said
        assert sim.state()["citizen"] == "citizen-07"


@virtually
async def test_wait_for_card_sees_it_soon_and_gives_up_in_time() -> None:
    async with both() as (reader, sim):
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(NoMedia, match="no card within 2 s"):
            await reader.wait_for_card(2.0)
        assert 1.5 <= loop.time() - started <= 2.2
        loop.call_later(1.0, lambda: sim.do("present", card="citizen-02"))
        started = loop.time()
        await reader.wait_for_card(30.0)
        assert loop.time() - started <= 1.5
        assert await reader.card_present()
        assert not await reader.wait_removed(1.0)
        loop.call_later(1.0, lambda: sim.do("lift"))
        assert await reader.wait_removed(5.0)
        assert not await reader.find()


@virtually
async def test_a_reader_that_wants_the_card_lifted_first() -> None:
    async with both(require_removal=True) as (reader, sim):
        sim.do("present", card="citizen-01")
        await reader.read_card()
        assert not await reader.find()
        assert await reader.card_present()
        assert (await reader.poll()).media is Media.PRESENT
        with pytest.raises(MediaUnreadable, match="has not been lifted") as caught:
            await reader.read_card()
        assert caught.value.code == "lift"
        assert await reader.card_present()
        sim.do("lift")
        assert not await reader.card_present()
        assert (await reader.poll()).media is Media.NOT_PRESENT
        sim.do("present", card="citizen-01")
        assert await reader.find()
        await reader.read_card()


@pytest.mark.parametrize(
    ("verb", "args", "error", "code"),
    [
        ("lift", {}, NoMedia, "80"),
        ("pull_mid_read", {}, MediaUnreadable, "41"),
        ("status", {"code": "41", "times": "always"}, MediaUnreadable, "41"),
        ("status", {"code": 0x32, "times": "always"}, MediaRejected, "32"),
        ("status", {"code": "33"}, MediaRejected, "33"),
        ("status", {"code": "40"}, MediaRejected, "40"),
        ("status", {"code": "21"}, Unsupported, "21"),
        ("status", {"code": "66"}, DeviceFault, "66"),
        ("self_test_fault", {}, DeviceFault, "60"),
        ("silent", {"times": "always"}, NoAnswer, ""),
        ("silent", {"times": "always", "at": "read"}, NoAnswer, ""),
        ("bad_checksum", {"times": "always"}, ProtocolError, ""),
        ("truncated", {"times": "always", "at": "read"}, ProtocolError, ""),
    ],
)
def test_faults_come_out_under_their_names(
    verb: str, args: dict[str, Any], error: type[DeviceError], code: str
) -> None:
    async def main() -> None:
        async with both() as (reader, sim):
            sim.do("present", card="citizen-00")
            sim.do(verb, **args)
            with pytest.raises(error) as caught:
                await reader.read_card(deadline_s=10.0)
            assert type(caught.value) is error
            assert caught.value.code == code
            assert "citizen" not in str(caught.value)
            assert reader.counters.failures == 1
            sim.do("clear_faults")
            if sim.state()["card"] is None:
                sim.do("present", card="citizen-00")
            await asyncio.sleep(1.0)
            card = await reader.read_card()
            assert card.number == CITIZENS["citizen-00"].number

    run_virtual(main())


@pytest.mark.parametrize(("key", "code"), [("forged", "32"), ("void", "33")])
def test_cards_that_are_refused(key: str, code: str) -> None:
    async def main() -> None:
        async with both() as (reader, sim):
            sim.do("present", card=key)
            with pytest.raises(MediaRejected) as caught:
                await reader.read_card()
            assert caught.value.code == code
            assert (await reader.poll()).media is Media.PRESENT

    run_virtual(main())


@virtually
async def test_content_that_breaks_the_rules_is_refused_without_being_quoted() -> None:
    from dataclasses import replace

    good = chip_card("citizen-05")
    number = CITIZENS["citizen-05"].number
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    bad_number = good.text.replace(number.encode("utf-16-le"), wrong.encode("utf-16-le"))
    unknown_type = good.text[:248] + "K".encode("utf-16-le") + good.text[250:]
    async with both() as (reader, sim):
        for text, why in ((bad_number, "check character"), (unknown_type, "type U")):
            sim.sam.present(replace(good, text=text))
            with pytest.raises(MediaRejected, match=why) as caught:
                await reader.read_card()
            assert caught.value.code == "content"
            assert wrong not in str(caught.value)
            sim.do("lift")
        sim.sam.present(replace(good, text=good.text[:100]))
        with pytest.raises(MediaRejected, match="100 bytes"):
            await reader.read_card()


@virtually
async def test_a_cancelled_read_leaves_a_reader_that_works() -> None:
    async with both() as (reader, sim):
        sim.do("present", card="citizen-03")
        for delay in (0.01, 0.1, 0.4, 0.7):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(delay):
                    await reader.read_card()
            assert (await reader.poll()).device is DeviceState.ONLINE
            assert (await reader.read_card()).number == CITIZENS["citizen-03"].number
        with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
            await reader.read_card(deadline_s=0.3)


@virtually
async def test_polls_and_a_visit_share_the_reader() -> None:
    async with both() as (reader, sim):
        supervisor = asyncio.create_task(Supervisor(reader, Rhythm(poll_s=0.2), seed=1).run())
        await asyncio.sleep(3)
        loop = asyncio.get_running_loop()
        for _ in range(5):
            loop.call_later(0.35, lambda: sim.do("present", card="citizen-11"))
            await reader.wait_for_card(5)
            await reader.read_card()
            loop.call_later(0.35, lambda: sim.do("lift"))
            assert await reader.wait_removed(5)
        assert reader.status.usable
        supervisor.cancel()
        with pytest.raises(asyncio.CancelledError):
            await supervisor


@virtually
async def test_unplugged_mid_read_and_back_under_a_supervisor() -> None:
    sim = in_memory()
    await sim.plug()
    reader = IdCardReader("id_card", "memory://id-card")
    supervisor = asyncio.create_task(Supervisor(reader, seed=1).run())
    await asyncio.sleep(5)
    assert reader.status.usable
    sim.do("present", card="citizen-04")
    asyncio.get_running_loop().call_later(0.5, lambda: asyncio.ensure_future(sim.unplug()))
    with pytest.raises(LinkLost):
        await reader.read_card()
    with pytest.raises(DeviceError):
        await reader.find()
    await asyncio.sleep(10)
    assert not reader.status.usable
    assert reader.status.fault is not None
    await sim.plug()
    await asyncio.sleep(40)
    assert reader.status.usable
    assert reader.status.media is Media.PRESENT
    assert (await reader.read_card()).number == CITIZENS["citizen-04"].number
    supervisor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await supervisor
    with pytest.raises(LinkLost, match="not connected"):
        await reader.find()
    await sim.unplug()


@virtually
async def test_a_dead_line_and_a_wrong_device() -> None:
    for answer, error in ((b"", NoAnswer), (b"HTTP/1.1 400 Bad Request\r\n\r\n", WrongDevice)):
        port = MemoryPort("other")

        async def other(port: MemoryPort = port, answer: bytes = answer) -> None:
            with suppress(LinkLost):
                while await port.read():
                    if answer:
                        port.write(answer)

        task = asyncio.create_task(other())
        reader = IdCardReader("id_card", "memory://other")
        with pytest.raises(error, match=r"memory://other"):
            await reader.open()
        await task
        port.unplug()
    with pytest.raises(LinkError):
        await reader.open()


def test_options_are_checked() -> None:
    for options, why in (
        ({"portrait": "wlt"}, "unknown decoder"),
        ({"colour": 1}, "unknown; there are"),
        ({"fingerprints": "yes"}, "must be a bool"),
    ):
        with pytest.raises(ValueError, match=why):
            IdCardReader("id_card", "memory://x", options)
    assert portrait_decoder("none")(chip_card("citizen-00").photo) is None
