"""Everything that the terminal is made of, made once and joined; imported after the first paint."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from config import DATA
from config.catalogue import load_catalogue
from config.settings import Settings
from drivers.camera.faces import FaceEngine
from drivers.device import Device, Status
from drivers.families import CardPaying, CardReading, Guiding, LicencePrinting, ReceiptPrinting, Seeing
from drivers.supervisor import Supervisor
from kiosk.capability import Capability, Network
from kiosk.case import Tools
from kiosk.clock import Clock
from kiosk.devices import make_device, recorded, supervised
from kiosk.fulfilment import Prints, Submissions
from kiosk.guidance import GuideLights, LitDisplay
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.money import Money
from kiosk.outbox import Outbox
from kiosk.platform.client import Platform
from kiosk.recovery import Settler
from kiosk.reports import Reports
from kiosk.terminal import Terminal
from kiosk.visit import Display, Replies

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Workshop:
    """The made things. `open` makes them; leaving its context closes what holds files, ports or processes."""

    tools: Tools
    network: Network
    outbox: Outbox
    settler: Settler
    terminal: Terminal
    supervisors: list[Supervisor]

    @staticmethod
    @asynccontextmanager
    async def open(
        settings: Settings,
        display: Display,
        replies: Replies,
        *,
        platform: Platform | None = None,
        clock: Clock | None = None,
    ) -> AsyncIterator[Workshop]:
        """Make everything. Raises `JournalError`, `SettingsError`, `OSError` when the ground itself is not there."""
        clock = clock or Clock()
        catalogue = load_catalogue(DATA / "services")
        key = MachineKey.load(settings.state_dir / "machine.key")
        journal = Journal(settings.state_dir / "journal.db", clock)
        verdict = await journal.open()
        await journal.note("", "boot", {"entries": verdict.entries, "broken": verdict.broken})
        if verdict.broken:
            log.error("journal: %s (%s)", verdict.broken, journal.quarantined or journal.path)
        platform = platform or Platform(settings.platform, settings.terminal.id, now=clock.now)
        reader = make_device(settings, "id_card", CardReading)
        pad = make_device(settings, "payment_pad", CardPaying)
        receipts = make_device(settings, "receipt_printer", ReceiptPrinting)
        licences = make_device(settings, "licence_printer", LicencePrinting)
        camera = make_device(settings, "camera", Seeing)
        cabinet = make_device(settings, "cabinet", Guiding) if "cabinet" in settings.devices else None
        faces = FaceEngine()
        outbox = Outbox(journal, key)
        money = Money(journal, outbox, pad)
        submissions = Submissions(journal, outbox, platform)
        prints = Prints(journal, outbox, platform, licences, settings.terminal.id, settings.simulated)
        Reports(outbox, platform, journal)
        tools = Tools(
            settings,
            catalogue,
            clock,
            journal,
            key,
            outbox,
            money,
            submissions,
            prints,
            platform,
            reader,
            pad,
            receipts,
            licences,
            camera,
            faces,
        )
        devices: list[Device] = [reader, pad, receipts, licences, camera, *([cabinet] if cabinet else [])]
        network = Network()
        capability = Capability(catalogue, {device.family: device for device in devices}, money, network)
        lights = GuideLights(cabinet)
        terminal = Terminal(tools, capability, LitDisplay(display, lights), replies, lights)
        settler = Settler(journal, money, prints, lambda: terminal.visit_id)
        settler.watchers.append(terminal.settlement)
        terminal.settler = settler
        if verdict.broken:
            money.locked = "the journal's chain is broken; a technician must look at it"
            settler.hold = money.locked

        def noticed(device: Device, status: Status) -> None:
            log.info("device %s: %s %s", device.name, status.device, status.fault.cause if status.fault else "")
            settler.poke()

        for device in devices:
            device.watch(noticed)
        recorder = recorded(settings, devices)
        try:
            yield Workshop(tools, network, outbox, settler, terminal, supervised(settings, devices))
        finally:
            if recorder is not None:
                recorder.close()
            await faces.close()
            await platform.close()
            await journal.close()
