"""The cabinet driver against the simulated board under virtual time: sensors, events, lights, faults, reconnecting."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from cabinet_support import open_stand, stand, supervised, virtually

from config.cabinet_map import SLOTS
from drivers.cabinet.driver import REST_AFTER_S, CabinetState
from drivers.cabinet.frames import DARK, Framing, Lit
from drivers.cabinet.state import DoorOpened, Doors, Proximity, Sensor, Ups
from drivers.device import DeviceState
from drivers.errors import (
    DeviceError,
    DeviceFault,
    LinkLost,
    LinkRefused,
    NoAnswer,
    ProtocolError,
    Unsupported,
    WrongDevice,
)
from simulator.device import UnknownVerb
from simulator.virtual_time import run_virtual

FRAMINGS: list[Framing] = ["rtu", "tcp"]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_sensor_is_heard_within_half_a_second(framing: Framing) -> None:
    async def main() -> None:
        async with open_stand(framing) as s:
            assert s.cabinet.status.device is DeviceState.ONLINE
            assert s.cabinet.status.usable
            assert s.names == []
            assert s.cabinet.state == CabinetState(
                Doors.CLOSED,
                Sensor.OFF,
                Proximity.NOT_PRESENT,
                Sensor.OFF,
                Sensor.OFF,
                Sensor.ON,
                31.5,
                Ups(),
                Proximity.NOT_PRESENT,
            )
            assert await s.act("headset") == ["HeadsetIn"]
            assert s.cabinet.state.enhanced_audio is Proximity.PRESENT
            assert await s.act("headset", on=False) == ["HeadsetOut"]
            assert await s.act("open_door") == ["DoorOpened"]
            assert s.cabinet.state.cabinet_doors is Doors.OPEN
            assert [w.cause for w in s.cabinet.status.warnings] == ["door-open"]
            assert s.cabinet.status.usable
            assert await s.act("close_door") == ["DoorClosed"]
            assert s.cabinet.status.warnings == ()
            assert await s.act("tilt") == ["Tilted"]
            assert await s.act("tilt", on=False) == ["Levelled"]
            assert await s.act("presence") == ["PersonCame"]
            assert s.cabinet.state.proximity_sensor is Proximity.PRESENT
            assert await s.act("presence", on=False) == ["PersonLeft"]
            assert await s.act("key", seconds=0.2) == ["KeyPressed", "KeyReleased"]
            assert await s.act("key", hold=True) == ["KeyPressed"]
            assert s.cabinet.state.operator_call_button_sensor is Sensor.ON
            assert await s.act("key", hold=False) == ["KeyReleased"]
            assert await s.act("fan", on=False) == ["FanStopped"]
            assert await s.act("fan") == ["FanTurns"]

    run_virtual(main())


@virtually
async def test_the_ups_tells_engaged_low_and_recovered() -> None:
    async with open_stand() as s:
        with pytest.raises(ValueError, match="mains are on"):
            s.sim.do("ups_low")
        assert await s.act("ups_engage") == ["UpsEngaged"]
        assert s.cabinet.state.ups == Ups(engaged=True, powering=True)
        assert await s.act("ups_low") == ["UpsLow"]
        assert [w.cause for w in s.cabinet.status.warnings] == ["on-battery", "battery-low"]
        assert await s.act("ups_recover") == ["UpsRecovered"]
        assert s.cabinet.state.ups == Ups(recovered=True)


@virtually
async def test_a_board_with_one_mains_contact_tells_the_same() -> None:
    """ "Engaged" and "recovered" are derived where the board has no contact for them."""
    async with open_stand(board="relays") as s:
        assert s.cabinet.state.temperature_c is None
        assert s.cabinet.state.heat_sensor is Sensor.NOT_AVAILABLE
        assert await s.act("ups_engage") == ["UpsEngaged"]
        assert s.cabinet.state.ups == Ups(engaged=True, powering=True)
        assert await s.act("ups_recover") == ["UpsRecovered"]
        await asyncio.sleep(5)
        assert s.cabinet.state.ups == Ups(recovered=True)
        assert await s.act("ups_engage") == ["UpsEngaged"]
        assert s.cabinet.state.ups == Ups(engaged=True, powering=True)


@virtually
async def test_heat_has_two_limits() -> None:
    async with open_stand() as s:
        for celsius, names, hot in [
            (59.9, [], Sensor.OFF),
            (60.0, ["Overheated"], Sensor.ON),
            (56.0, [], Sensor.ON),
            (55.0, ["Cooled"], Sensor.OFF),
            (-12.3, [], Sensor.OFF),
        ]:
            s.sim.do("temperature", c=celsius)
            await asyncio.sleep(1.2)
            assert (s.names, s.cabinet.state.heat_sensor) == (names, hot)
            assert s.cabinet.state.temperature_c == celsius


@virtually
async def test_events_carry_the_loops_time_and_listeners_are_kept_apart() -> None:
    async with open_stand() as s:
        seen: list[object] = []

        def broken(event: object) -> None:
            raise RuntimeError("a listener's own trouble")

        stop_broken = s.cabinet.watch_events(broken)
        stop = s.cabinet.watch_events(seen.append)
        before = asyncio.get_running_loop().time()
        await s.act("open_door")
        (event,) = seen
        assert isinstance(event, DoorOpened)
        assert before < event.at <= before + 0.5
        stop()
        stop()
        stop_broken()
        assert await s.act("close_door") == ["DoorClosed"]
        assert len(seen) == 1


@pytest.mark.parametrize("framing", FRAMINGS)
def test_lights_show_what_is_wished(framing: Framing) -> None:
    async def main() -> None:
        async with open_stand(framing) as s:
            assert set(s.cabinet.slots) == set(SLOTS)
            for slot in SLOTS:
                for pattern in ("steady", "slow", "quick"):
                    await s.cabinet.light(slot, pattern, "red")
                    assert s.sim.board.lights()[slot] == Lit(pattern, "red")
                await s.cabinet.light(slot, "off")
                assert s.sim.board.lights()[slot] == DARK
            await s.cabinet.light("camera", "steady")
            await s.cabinet.light("payment-pad", "slow")
            lights = s.sim.state()["lights"]
            assert lights["camera"] == {"pattern": "steady", "colour": "white"}
            assert lights["payment-pad"] == {"pattern": "slow", "colour": "green"}
            assert lights["id-card-reader"] == {"pattern": "off", "colour": None}
            assert "camera white steady, payment-pad green slow" in s.sim.state()["words"]
            await s.cabinet.lights_off()
            assert set(s.sim.board.lights().values()) == {DARK}

    run_virtual(main())


@virtually
async def test_a_light_that_is_not_there_changes_nothing() -> None:
    async with open_stand(board="relays") as s:
        with pytest.raises(Unsupported, match="cannot show red, only green"):
            await s.cabinet.show({"camera": Lit("steady"), "payment-pad": Lit("steady", "red")})
        assert set(s.sim.board.lights().values()) == {DARK}
    table = {"sentence": "no lights", "inputs": {"door": {"kind": "discrete", "address": 0}}}
    bare = stand()
    cabinet = type(bare.cabinet)("bare", "memory://cabinet", {"map": table})
    with pytest.raises(Unsupported, match="no guide light at camera"):
        await cabinet.light("camera", "steady")


@virtually
async def test_lamps_are_blinked_by_the_terminal_at_their_pace() -> None:
    async with open_stand(board="relays") as s:
        loop = asyncio.get_running_loop()
        for pattern, hertz in (("slow", 1.0), ("quick", 2.5)):
            await s.cabinet.light("id-card-reader", pattern, "red")  # type: ignore[arg-type]  # both are patterns
            changes, last, until = 0, DARK, loop.time() + 10
            while loop.time() < until:
                await asyncio.sleep(0.01)
                now = s.sim.board.lights()["id-card-reader"]
                changes += now != last
                last = now
            assert changes / 2 / 10 == pytest.approx(hertz, rel=0.1)
        await s.cabinet.light("id-card-reader", "steady")
        await asyncio.sleep(0.3)
        assert s.sim.board.lights()["id-card-reader"] == Lit("steady", "green")
        assert await s.act("open_door") == ["DoorOpened"]


@virtually
async def test_a_board_that_lost_its_lights_gets_them_again() -> None:
    async with open_stand() as s:
        await s.cabinet.light("camera", "steady")
        s.sim.do("restart")
        assert s.sim.board.lights()["camera"] == DARK
        await asyncio.sleep(1.2)
        assert s.sim.board.lights()["camera"] == Lit("steady", "white")


@virtually
async def test_a_terminal_that_ends_leaves_no_light_on_and_one_that_starts_finds_its_wishes() -> None:
    async with open_stand() as s:
        await s.cabinet.light("camera", "steady")
        await s.cabinet.close()
        assert set(s.sim.board.lights().values()) == {DARK}
        assert s.cabinet.state == CabinetState()
        with pytest.raises(LinkLost):
            await s.cabinet.light("payment-pad", "slow")
        await s.cabinet.open()
        assert s.sim.board.lights()["camera"] == Lit("steady", "white")
        assert s.sim.board.lights()["payment-pad"] == Lit("slow", "green")
        assert s.cabinet.lights["payment-pad"] == Lit("slow")


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("fault", ["silent", "garbled", "truncated", "wrong_unit", "noise", "slow"])
def test_a_passing_fault_loses_no_event_and_no_light(framing: Framing, fault: str) -> None:
    async def main() -> None:
        async with open_stand(framing) as s:
            s.sim.do(fault, times=1, **({"seconds": 0.5} if fault == "slow" else {}))
            s.sim.do("open_door")
            await asyncio.sleep(1.0)
            assert s.names == ["DoorOpened"]
            s.sim.do(fault, times=1)
            await s.cabinet.light("camera", "quick")
            assert s.sim.board.lights()["camera"] == Lit("quick", "white")
            assert s.cabinet.counters.failures == 0
            assert s.cabinet.counters.retries == (0 if fault in ("noise",) else 1 if fault == "slow" else 2)
            assert await s.cabinet.poll() == s.cabinet.status

    run_virtual(main())


LASTING: list[tuple[str, dict[str, object], type[DeviceError], DeviceState]] = [
    ("silent", {}, NoAnswer, DeviceState.OFFLINE),
    ("garbled", {}, ProtocolError, DeviceState.HARDWARE_ERROR),
    ("wrong_unit", {"unit": 3}, WrongDevice, DeviceState.HARDWARE_ERROR),
    ("exception", {"code": 4}, DeviceFault, DeviceState.HARDWARE_ERROR),
    ("exception", {"code": 2}, WrongDevice, DeviceState.HARDWARE_ERROR),
    ("exception", {"code": 11}, NoAnswer, DeviceState.OFFLINE),
]


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize(("fault", "args", "error", "state"), LASTING)
def test_a_lasting_fault_is_named_within_five_seconds_and_mended_when_it_ends(
    framing: Framing, fault: str, args: dict[str, object], error: type[DeviceError], state: DeviceState
) -> None:
    async def main() -> None:
        s = stand(framing)
        await s.sim.plug()
        async with supervised(s):
            await asyncio.sleep(1)
            assert s.cabinet.status.usable
            await s.cabinet.light("camera", "steady")
            s.sim.do(fault, times="always", **args)
            await asyncio.sleep(5)
            assert s.cabinet.status.fault is not None
            assert (s.cabinet.status.device, s.cabinet.status.fault.cause) == (state, error.cause)
            assert s.cabinet.counters.failures > 0
            s.sim.do("open_door")
            s.sim.do("clear_faults")
            await asyncio.sleep(40)
            assert s.cabinet.status.usable
            assert s.names == ["DoorOpened"]
            assert s.sim.board.lights()["camera"] == Lit("steady", "white")
        assert s.sim.board.lights()["camera"] == DARK
        await s.sim.unplug()

    run_virtual(main())


@pytest.mark.parametrize(("fault", "args", "error", "state"), LASTING)
def test_a_cabinet_that_cannot_be_opened_says_why(
    fault: str, args: dict[str, object], error: type[DeviceError], state: DeviceState
) -> None:
    async def main() -> None:
        s = stand("rtu")
        with pytest.raises(LinkRefused):
            await s.cabinet.open()
        await s.sim.plug()
        s.sim.do(fault, times="always", **args)
        with pytest.raises(error) as caught:
            await s.cabinet.open()
        assert type(caught.value) is error
        with pytest.raises(LinkLost):
            await s.cabinet.poll()
        s.sim.do("clear_faults")
        await s.cabinet.open()
        assert (await s.cabinet.poll()).usable
        await s.cabinet.close()
        await s.sim.unplug()

    run_virtual(main())


@virtually
async def test_another_board_on_the_port_is_a_wrong_device() -> None:
    s = stand()
    await s.sim.plug()
    cabinet = s.sim.board.cabinet
    assert cabinet.board.identity is not None
    other = cabinet.board.identity.model_copy(update={"value": 7})
    s.sim.board.cabinet = cabinet.model_copy(update={"board": cabinet.board.model_copy(update={"identity": other})})
    with pytest.raises(WrongDevice, match="calls itself 7 and not 19202"):
        await s.cabinet.open()
    await s.sim.unplug()


@virtually
async def test_what_happened_while_the_board_was_away_is_told_when_it_is_back() -> None:
    s = stand()
    s.sim.do("open_door")
    await s.sim.plug()
    async with supervised(s):
        await asyncio.sleep(0.5)
        assert s.names == ["DoorOpened"]
        await s.sim.unplug()
        await asyncio.sleep(5)
        assert s.cabinet.status.device is DeviceState.OFFLINE
        assert s.cabinet.state == CabinetState()
        s.sim.do("close_door")
        s.sim.do("ups_engage")
        assert s.names == []
        await s.sim.plug()
        await asyncio.sleep(40)
        assert s.names == ["UpsEngaged", "DoorClosed"]
    await s.sim.unplug()


@virtually
async def test_lights_and_looks_share_the_wire_without_mixing_answers() -> None:
    async with open_stand("rtu", poll_s=0.05) as s:
        async with asyncio.TaskGroup() as group:
            for n, slot in enumerate(SLOTS * 4):
                group.create_task(s.cabinet.light(slot, ("off", "steady", "slow", "quick")[n // len(SLOTS)]))
        assert {lit.pattern for lit in s.sim.board.lights().values()} == {"quick"}
        assert (s.cabinet.counters.failures, s.cabinet.counters.retries) == (0, 0)
        assert s.cabinet.counters.operations == 20


@virtually
async def test_a_light_that_was_given_up_is_lit_by_the_next_look() -> None:
    async with open_stand() as s:
        s.sim.do("slow", seconds=0.2, times=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await s.cabinet.light("camera", "steady")
        await asyncio.sleep(1)
        assert s.sim.board.lights()["camera"] == Lit("steady", "white")
        assert s.cabinet.counters.failures == 0


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    s = stand()
    for verb, args, said in [
        ("fly", {}, "cannot 'fly'"),
        ("temperature", {"c": 500}, "-40 to 120"),
        ("temperature", {}, "so many degrees"),
        ("silent", {"times": 0}, "times is 1 to 1000"),
        ("exception", {"code": 0}, "code is 1 to 255"),
        ("key", {"seconds": 0}, "seconds is 0.05 to 60"),
        ("open_door", {"wide": 1}, "open the cabinet"),
    ]:
        with pytest.raises(ValueError, match=said):
            s.sim.do(verb, **args)
    with pytest.raises(UnknownVerb):
        s.sim.do("fly")


@virtually
async def test_the_bench_sees_words_and_changes() -> None:
    async with open_stand("rtu") as s:
        changes: list[object] = []
        s.sim.watchers.append(changes.append)
        await s.act("presence")
        assert len(changes) == 1
        await s.cabinet.light("camera", "steady")
        assert len(changes) == 2
        said = [(crossing.direction, crossing.words) for crossing in s.sim.wire]
        assert ("in", "read discrete 0 to 11") in said
        assert ("in", "set holding 2: 1 7") in said
        assert ("out", "2 of holding 2 on are set") in said
        await asyncio.sleep(2)
        before = len(s.sim.wire)
        await asyncio.sleep(30)
        assert len(s.sim.wire) == before
        assert s.sim.decode("out", b"\x01\x02") == "a part of a frame"


@virtually
async def test_with_nobody_there_it_is_asked_less_often_and_a_door_is_still_told_within_a_second() -> None:
    async with open_stand("rtu", rest_poll_s=0.6) as s:
        await asyncio.sleep(REST_AFTER_S + 5)
        before = s.cabinet.counters.bytes_out
        await asyncio.sleep(6)
        rested = s.cabinet.counters.bytes_out - before
        s.sim.do("open_door")
        await asyncio.sleep(1.0)
        assert s.names == ["DoorOpened"]
        before = s.cabinet.counters.bytes_out
        await asyncio.sleep(6)
        assert 0 < 2 * rested < s.cabinet.counters.bytes_out - before
