"""The cabinet: guide lights one by one, door, tilt, presence, temperature; its lights are afterwards as they were."""

from __future__ import annotations

import asyncio
from typing import Final

from drivers.cabinet.driver import Cabinet
from drivers.cabinet.frames import DARK, Lit
from drivers.cabinet.state import CabinetState
from drivers.families import Guiding
from kiosk.technician.device_tests.declared import Figures, Run, TestResult, figures

LIGHT_S: Final = 1.2


async def test_lights(run: Run) -> TestResult:
    """Each guide light in its turn; a person says whether all were seen."""
    cabinet = run.ground.device("cabinet", Guiding)
    slots = cabinet.slots
    before = dict(cabinet.lights) if isinstance(cabinet, Cabinet) else {}
    dark = dict.fromkeys(slots, DARK)
    try:
        for number, slot in enumerate(slots, 1):
            run.tell("one-light", at=number, of=len(slots))
            await cabinet.show({**dark, slot: Lit("steady")})
            await asyncio.sleep(LIGHT_S)
    finally:
        await cabinet.show({**dark, **before})
    return await run.asked("all-lights", run.passed(*figures(lights=len(slots))), "cabinet.light-dark")


async def test_sensors(run: Run) -> TestResult:
    """What the sensors say now. The door stands open while somebody works inside: that is no fault of the sensor."""
    cabinet = run.ground.device("cabinet", Cabinet)
    run.tell("reading-sensors")
    await cabinet.poll()
    measured = sensed(cabinet.state)
    run.tell("reading-sensors", *measured)
    for warning in cabinet.status.warnings:
        if warning.cause in ("hot", "fan-stopped", "tilted", "emergency-key"):
            return run.broken(cabinet.family, warning.cause, warning.sentence, *measured)
    return await run.asked("sensors-right", run.passed(*measured))


def sensed(state: CabinetState) -> Figures:
    """What the board says, in words; a sensor that is not there is left out."""
    words = {
        "door": state.cabinet_doors.value,
        "tilt": state.tamper_sensor.value,
        "presence": state.proximity_sensor.value,
        "fan": state.fan.value,
        "key": state.operator_call_button_sensor.value,
        "headset": state.enhanced_audio.value,
    }
    told = figures(**{name: f"{name}-{word.lower()}" for name, word in words.items() if word != "notAvailable"})
    return told if state.temperature_c is None else (*told, *figures(celsius=round(state.temperature_c, 1)))
