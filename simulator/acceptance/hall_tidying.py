"""A hall after a scenario: everybody goes, everything is taken away and mended, the terminal waits for somebody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from simulator.acceptance.words import MENDING
from simulator.hall import Hall

if TYPE_CHECKING:
    from simulator.acceptance.in_hall import HallTerminal

READY_S = 120.0


def tidied(terminal: HallTerminal) -> None:
    """Mend and take away; then `until_free`."""
    hall = terminal.hall
    hall.platform_faults()
    hall.disk_refuses, hall.ahead_s, hall.face, hall.code, hall.desk_has = 0, 0.0, "pass", "", ""
    terminal.desk("provider")
    terminal.desk("fee-changes", fen=0)
    terminal.desk("queries", answer="rule")
    terminal.desk("cabinet", cabinet="rule")
    for family in hall.devices:
        if not terminal.state(family)["plugged"]:
            terminal.plug(family, there=True)
        for verb, args in MENDING[family]:
            with suppress(ValueError):  # nothing of that kind was wrong
                terminal.act(family, verb, **args)
    while terminal.state("id-card-reader")["card"]:
        terminal.act("id-card-reader", "lift")
    for family, verb in (("receipt-printer", "tear_off"), ("licence-printer", "take")):
        with suppress(ValueError):  # nothing to take
            terminal.act(family, verb)
    if hall.life is None or hall.life.is_dead:
        terminal.power_on()
    if hall.life is not None:
        hall.life.panel = None  # a layout a page costs time, and who comes next may not listen


async def until_free(hall: Hall) -> None:
    """Returns when the terminal is on standby with all its devices. Raises `RuntimeError` after two minutes."""
    loop = asyncio.get_running_loop()
    until = loop.time() + READY_S
    while loop.time() < until:
        life = hall.life
        if life is None or life.is_dead:
            break
        usable = not any(life.devices.values())
        if usable and not life.visit and life.shown is not None and life.shown.page == "standby":
            return
        if life.shown is not None and life.visit:
            life.reply("leave")
        elif life.shown is not None and life.shown.page == "settled":
            life.reply("continue")
        await asyncio.sleep(1.0)
    raise RuntimeError("大厅没有恢复到待机")
