"""Power: the UPS, asked through NUT where the machine has one, else by the cabinet's board; else there is none."""

from __future__ import annotations

from drivers.cabinet.driver import Cabinet
from kiosk.health.nut import NutAddress, UpsUnheard, ask
from kiosk.technician.device_tests.declared import NotFitted, Run, TestResult, figures


async def test_power(run: Run) -> TestResult:
    """Mains are there, the battery is charged and not worn out. Nothing is switched."""
    run.tell("asking-ups")
    if where := run.ground.settings.power.ups:
        return await _by_nut(run, NutAddress.of(where))
    cabinet = run.ground.devices.get("cabinet")
    if not isinstance(cabinet, Cabinet) or cabinet.state.ups is None:
        raise NotFitted("ups")
    ups = cabinet.state.ups
    away = ups.engaged or ups.powering
    measured = figures(mains="no" if away else "yes", battery_low="yes" if ups.low else "no")
    if ups.low:
        return run.ended("fail", "cabinet.battery-low", "", *measured, cause="battery-low")
    if away:
        return run.ended("fail", "cabinet.on-battery", "", *measured, cause="on-battery")
    return run.passed(*measured)


async def _by_nut(run: Run, address: NutAddress) -> TestResult:
    try:
        seen = await ask(address)
    except UpsUnheard as error:
        return run.ended("fail", "test.ups-silent", "", cause="no-answer", said=str(error))
    known = {"charge": seen.charge, "runtime_min": seen.runtime_s, "load": seen.load}
    numbers = {
        name: round(value / 60 if name == "runtime_min" else value)
        for name, value in known.items()
        if value is not None
    }
    measured = figures(mains="no" if seen.on_battery else "yes", **numbers)
    if seen.low:
        return run.ended("fail", "cabinet.battery-low", "", *measured, cause="battery-low")
    if seen.on_battery:
        return run.ended("fail", "cabinet.on-battery", "", *measured, cause="on-battery")
    if seen.worn:
        return run.ended("fail", "test.ups-worn", "", *measured, cause="worn")
    return run.passed(*measured)
