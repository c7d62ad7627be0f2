"""What can be seen without touching anything: how the terminal is, its readiness, its log. Nothing personal."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, get_args

from kiosk.clock import WEIHAI
from kiosk.diagnostics.facts import Facts, to_json
from kiosk.diagnostics.gather import cards_of, facts_now
from kiosk.diagnostics.history import History
from kiosk.diagnostics.ranking import report
from kiosk.diagnostics.show import as_json
from kiosk.duties.service_orders import section_of
from kiosk.events import Language
from kiosk.journal import JournalError
from kiosk.log_tail import TAIL, LogTail
from kiosk.metrics.look import mode_of
from kiosk.remote.lines import Args, Refused
from kiosk.technician.entry import AT_THE_DOOR

if TYPE_CHECKING:
    from kiosk.remote.sign_in import SignIn
    from kiosk.remote.wires import Wires
    from kiosk.terminal import Terminal
    from kiosk.workshop import Workshop
    from screens.screen import Screen

LEVELS: Final = ("info", "warning", "error")
_RANKS: Final = {"DEBUG": 0, "INFO": 0, "WARNING": 1, "ERROR": 2, "CRITICAL": 2}
MOST_LINES: Final = 1000
MOST_MINUTES: Final = 7 * 24 * 60


def here(terminal: Terminal) -> str:
    """Who has the terminal: nobody, citizen, door, technician (at the panel), remote."""
    session = terminal.technician.session if terminal.technician is not None else None
    if session is not None:
        return "technician" if session.source == "panel" else "remote"
    if terminal.visit_id == AT_THE_DOOR:
        return "door"
    return "citizen" if terminal.visit_id else "nobody"


async def status(
    workshop: Workshop, signed: SignIn, wires: Wires, began: float, screen: Screen | None
) -> dict[str, Any]:
    """One look, without asking any device."""
    tools, terminal = workshop.tools, workshop.terminal
    try:
        unsettled: int | None = len(await tools.journal.open_intents())
        waiting: int | None = len(await tools.journal.rows(1000))
    except JournalError:
        unsettled = waiting = None
    session = signed.session
    devices = [each.device for each in workshop.supervisors]
    return {
        "terminal": tools.settings.terminal.id,
        "version": version("weihai-kiosk"),
        "simulated": tools.settings.simulated,
        "at": tools.clock.now().isoformat(timespec="seconds"),
        "up_s": round(asyncio.get_running_loop().time() - began),
        "mode": mode_of(workshop),
        "here": here(terminal),
        "page": screen.page if screen is not None else "",
        "closed_by": terminal.orders.closed_by,
        "services": terminal.capability.available(),
        "platform": workshop.network.state,
        "unsettled": unsettled,
        "waiting_to_be_sent": waiting,
        "signed_in": session.role if session is not None else "",
        "at_work": signed.far is not None,
        "recorded": [each["device"] for each in wires.states() if each["state"] == "on"],
        "devices": {
            section_of(each): {
                "state": str(device.status.device),
                "cause": device.status.fault.cause if device.status.fault is not None else "",
            }
            for each, device in zip(workshop.supervisors, devices, strict=True)
        },
    }


async def diagnose(workshop: Workshop, language: Language) -> dict[str, Any]:
    """The readiness report of this moment, as `kiosk diagnose --json` tells it."""
    now = await _looked(workshop)
    past = await asyncio.to_thread(History(workshop.tools.settings.state_dir).past, now.at)
    return as_json(now, report(now, past), language)


async def facts(workshop: Workshop) -> str:
    """What the report is made of, as `kiosk.diagnostics.facts.from_json` reads it."""
    return to_json(await _looked(workshop)).decode()


async def _looked(workshop: Workshop) -> Facts:
    tools = workshop.tools
    return await facts_now(workshop, await cards_of(tools.settings, tools.clock.now()))


def logs(args: Args, tail: LogTail = TAIL, now: datetime | None = None) -> list[str]:
    """The end of the log: `lines`, `level` and worse, `contains`, `minutes`. Raises `Refused`."""
    most = args.number("lines", 50, 1, MOST_LINES)
    least = LEVELS.index(args.text("level", "info", of=LEVELS))
    contains = args.text("contains", most=60).casefold()
    minutes = args.number("minutes", 0, 0, MOST_MINUTES)
    args.done()
    since = (now or datetime.now(WEIHAI)) - timedelta(minutes=minutes) if minutes else None
    found = []
    for line in tail.lines():
        at, _, rest = line.partition(" ")
        level = rest.partition(" ")[0]
        if _RANKS.get(level, 0) < least or (contains and contains not in line.casefold()):
            continue
        if since is not None and datetime.fromisoformat(at) < since:
            continue
        found.append(line)
    return found[-most:]


def language_of(args: Args) -> Language:
    """`language`, English where nothing is said. Raises `Refused`."""
    there = get_args(Language)
    told = args.text("language", "en", of=there)
    for each in there:
        if each == told:
            language: Language = each
            return language
    raise Refused("not-understood", f"language: one of {', '.join(there)}")
