"""Joins the fleet's parts to the terminal, where the settings ask for them; nothing of them is imported otherwise."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from config.settings import Settings

if TYPE_CHECKING:
    from kiosk.fleet.agent import Agent
    from kiosk.metrics.look import Look, Looking
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

PAUSE_AFTER_BUG_S: Final = 60.0


def is_wanted(settings: Settings) -> bool:
    """Whether anything here has work."""
    fleet = settings.fleet
    return bool(fleet.broker or fleet.metrics_file or fleet.metrics_port or fleet.traces)


async def keep_fleet(workshop: Workshop) -> None:
    """For ever: agent, metrics and traces, as far as the settings want them. A bug in them never ends the terminal."""
    if not is_wanted(workshop.tools.settings):
        return
    fleet = workshop.tools.settings.fleet
    works: list[Callable[[], Awaitable[None]]] = []
    if fleet.traces:
        from kiosk.tracing.export import keep_traces

        works.append(lambda: keep_traces(workshop.tools.settings))
    if fleet.broker or fleet.metrics_file or fleet.metrics_port:
        works += _watching(workshop)
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(_for_ever(work))


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("fleet: a program error; again in %g s", PAUSE_AFTER_BUG_S)
            await asyncio.sleep(PAUSE_AFTER_BUG_S)
        else:
            return


def _watching(workshop: Workshop) -> list[Callable[[], Awaitable[None]]]:
    """What looks at the terminal, by one pair of eyes."""
    from kiosk.metrics.look import Looking

    fleet = workshop.tools.settings.fleet
    looking = Looking(workshop)
    works: list[Callable[[], Awaitable[None]]] = [looking.watch_lag]
    look = looking.look
    if fleet.metrics_file or fleet.metrics_port:
        from kiosk.metrics.export import keep_metrics

        works.append(lambda: keep_metrics(fleet, look))
    if fleet.broker:
        agent = made_agent(workshop, looking, look)
        works.append(agent.run)
    return works


def made_agent(workshop: Workshop, looking: Looking, look: Callable[[], Awaitable[Look]]) -> Agent:
    """The agent with its orders, joined to the workshop's own."""
    from config.fleet_contract import Topics
    from kiosk.fleet import fleet_orders as orders_of
    from kiosk.fleet.agent import Agent
    from kiosk.fleet.backlog import Backlog
    from kiosk.fleet.command_keys import CommandKeys, KeysUnreadable
    from kiosk.fleet.orders import Orders

    tools, commands = workshop.tools, workshop.duties.commands
    settings, fleet, at = tools.settings, tools.settings.fleet, tools.settings.terminal
    keys = None
    try:
        keys = CommandKeys(fleet.command_keys, settings.state_dir)
    except KeysUnreadable as error:
        log.error("fleet: no orders are taken: %s", error)  # noqa: TRY400 - a file, not the program
    topics = Topics(at.division, at.id)
    session = secrets.token_hex(8)
    orders = Orders(at.id, keys, commands, tools.journal, tools.clock, topics.of("result"))
    backlog = Backlog(tools.journal, settings.state_dir, fleet.backlog, session, tools.clock)
    place = {"hall_zh": at.hall_zh, "hall_en": at.hall_en, "division": at.division}
    agent = Agent(
        fleet, topics, place, version("weihai-kiosk"), session, look, backlog, orders, tools.clock  # type: ignore[arg-type]  # the members of PlaceRow
    )  # fmt: skip
    looking.extra.append(agent.values)
    workshop.fleet = agent.fact

    def is_busy() -> bool:
        return bool(workshop.terminal.visit_id)

    def refresh() -> str:
        workshop.catalogue.poke()
        return f"looking for a catalogue newer than {workshop.terminal.capability.current().version}"

    orders_of.add_device_orders(commands, workshop.supervisors, is_busy)
    orders_of.add_drain(commands, is_busy, tools.journal)
    orders_of.add_short_orders(commands, refresh, agent.rebirth)
    orders_of.add_bundle(commands, lambda params: _bundle(workshop, params))
    if keys is not None:
        orders_of.add_rotate_key(commands, keys, lambda: orders.signer)
    return agent


async def _bundle(workshop: Workshop, params: Mapping[str, str]) -> str:
    """A support bundle in the state folder, and in the control room where the order has a ticket. Raises `CannotDo`."""
    from kiosk.duties.office_commands import CannotDo
    from kiosk.fleet.bundle_home import bring_home, ticket_of
    from kiosk.technician.work.bundle import export
    from kiosk.technician.work.refusal import Refusal

    tools = workshop.tools
    ticket = ticket_of(params, tools.settings.fleet, tools.clock)
    try:
        made = await export(workshop, "fleet")
    except Refusal as refusal:
        raise CannotDo(str(refusal)[:160]) from refusal
    except OSError as error:
        raise CannotDo(f"the bundle cannot be written: {error.strerror}") from error
    if ticket is None:
        return f"{made.path.name}, {made.size} bytes, in the folder bundles of the terminal's state"
    sha256 = await bring_home(made.path, ticket, tools.settings.fleet, tools.settings.terminal.id, tools.clock)
    await tools.journal.note("", "work.bundle-home", {"file": made.path.name, "bytes": made.size, "sha256": sha256})
    return f"{made.path.name}, {made.size} bytes, sha256 {sha256}, is in the control room"
