"""The network: the way to the platform hop by hop; and the platform: a signed question, its clock, its areas."""

from __future__ import annotations

import asyncio

from kiosk.diagnostics.asking import ask_plainly, trouble_of
from kiosk.diagnostics.house_sections import PLATFORM_EVENTS
from kiosk.platform.errors import PlatformError
from kiosk.technician.device_tests.declared import Figures, Run, TestResult, figures
from kiosk.technician.device_tests.hops import Path, walked


async def test_network(run: Run) -> TestResult:
    """Every hop to the platform answers; the first that does not is the cause."""
    run.tell("walking")
    path = await walked(run.ground.settings.platform, lambda path: run.tell("walking", *measured(path)))
    broken = path.broken
    if broken is not None:
        return run.ended("fail", broken.event, broken.what, *measured(path), cause=broken.name, said=broken.told)
    return run.passed(*measured(path))


def measured(path: Path) -> Figures:
    """Milliseconds of each hop, days of the platform's certificate."""
    told = figures(**{f"hop_{hop.name}": round(hop.ms, 1) for hop in path.hops if not hop.event})
    return told if path.days is None else (*told, *figures(certificate_days=path.days))


async def test_platform(run: Run) -> TestResult:
    """A question signed with this terminal's key is answered; clocks agree; no area is away.

    Without a running terminal it is asked without the key: whether it is reached, and its clock.
    """
    run.tell("asking-platform")
    ground = run.ground
    if ground.platform is None:
        return await _plainly(run)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await ground.platform.health()
        took_s = loop.time() - began
        # An area that was away is asked again: what is told is how it is now.
        await ground.platform.look_again()
    except PlatformError as error:
        kind = trouble_of(error)
        event = "time.off" if kind == "clock" else PLATFORM_EVENTS[kind]
        return run.ended("fail", event, type(error).__name__, cause=kind)
    down = sorted(ground.platform.areas_down())
    enrolled = "yes" if ground.platform.connection.key.enrolled_as else "no"
    told = figures(health_ms=round(took_s * 1000, 1), signed="yes", enrolled=enrolled, areas_down=len(down))
    if ground.skew_s is not None:
        told = (*told, *figures(skew_s=abs(round(ground.skew_s(), 1))))
    if down:
        return run.ended("fail", "platform.area-down", ", ".join(down[:6]), *told, cause="area-down")
    return run.passed(*told)


async def _plainly(run: Run) -> TestResult:
    fact, skew = await asyncio.get_running_loop().run_in_executor(None, ask_plainly, run.ground.settings.platform)
    if fact.trouble:
        return run.ended("fail", PLATFORM_EVENTS[fact.trouble], fact.said, cause=fact.trouble)
    told = figures(health_ms=float(fact.took_ms), signed="no")
    return run.passed(*told) if skew is None else run.passed(*told, *figures(skew_s=abs(round(skew, 1))))
