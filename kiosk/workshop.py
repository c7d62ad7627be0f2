"""Everything that the terminal is made of, made once and joined; imported after the first paint."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import requests

from config import DATA
from config.catalogue import Catalogue, load_catalogue
from config.issuer_keys import load_issuer_keys
from config.settings import Settings
from drivers.absent import is_absent
from drivers.camera.documents import DocumentEngine
from drivers.camera.faces import FaceEngine
from drivers.camera.texts import TextEngine
from drivers.device import Device, Status
from drivers.families import CardPaying, CardReading, CodeReading, Guiding, LicencePrinting, ReceiptPrinting, Seeing
from drivers.supervisor import Supervisor
from kiosk.catalogue.following import followed
from kiosk.catalogue.reference_data import ReferenceData
from kiosk.catalogue.sync import CatalogueSync
from kiosk.clock import Clock
from kiosk.device_key import DeviceKeyFile
from kiosk.devices import fitted, make_device, make_or_absent, recorded, supervised
from kiosk.diagnostics.facts import FleetFact
from kiosk.diagnostics.left_behind import tell_left_behind
from kiosk.duties.fulfilment import Prints, Submissions
from kiosk.duties.office_commands import Commands
from kiosk.duties.outbox import Outbox
from kiosk.duties.platform import Duties
from kiosk.duties.reports import Reports
from kiosk.duties.sealed_sheets import SealedSheets
from kiosk.events import fault_line
from kiosk.health.watch import Health
from kiosk.journal import Journal, JournalError
from kiosk.keys import MachineKey
from kiosk.money.charging import Money
from kiosk.money.payment_ways import PaymentWays
from kiosk.money.qr_payment import QrPayments
from kiosk.money.refunds import Refunds
from kiosk.money.settlement import Settlement
from kiosk.offering.capability import Capability, Network, Surroundings
from kiosk.offering.fitted import Fitted
from kiosk.platform.client import Platform
from kiosk.printing.supplies import Supplies, SupplyStore
from kiosk.recovery import Settler
from kiosk.supervision.device_faults import DeviceFaults
from kiosk.supervision.storage_watch import StorageWatch
from kiosk.technician.joining import join_technicians
from kiosk.technician.work.closing import LocalClosing
from kiosk.terminal import Terminal
from kiosk.visits.case import Tools
from kiosk.visits.guidance import GuideLights, LitDisplay
from kiosk.visits.headset import follow_headset
from kiosk.visits.visit import Display, Replies

log = logging.getLogger(__name__)
D = TypeVar("D", bound=Device)


def _given(given: Mapping[str, Device] | None, kind: type[D]) -> D | None:
    """The device of that kind which the caller brings, if any (`kiosk.in_process.terminal`)."""
    device = (given or {}).get(kind.family)
    return device if isinstance(device, kind) else None


def made_platform(
    settings: Settings, clock: Clock, machine: MachineKey, session: requests.Session | None = None
) -> Platform:
    """The client of the platform with this terminal's own key. Raises `OSError` when the key cannot be kept."""
    file = DeviceKeyFile(settings.state_dir, machine, settings.platform.signature)
    return Platform(
        settings.platform,
        settings.terminal.id,
        session=session,
        now=clock.platform_now,
        heard=clock.heard,
        key=file.load(),
        keep=file.keep,
    )


async def _opened(journal: Journal) -> None:
    """Open the journal. A disk that refuses only takes away what needs it: `StorageWatch` goes on trying."""
    try:
        verdict = await journal.open()
    except JournalError:
        log.exception("journal: the terminal starts without it and takes no money")
        return
    await journal.note("", "boot", {"entries": verdict.entries, "broken": verdict.broken})
    if verdict.broken:
        log.error("journal: %s (%s)", verdict.broken, journal.quarantined or journal.path)


@dataclass(frozen=True, slots=True)
class Engines:
    """What judges pictures: faces, pages, texts; each a process of its own that starts when it is asked."""

    faces: FaceEngine
    documents: DocumentEngine
    texts: TextEngine


@dataclass(slots=True)
class Workshop:
    """The made things. `open` makes them; leaving its context closes what holds files, ports or processes."""

    tools: Tools
    network: Network
    outbox: Outbox
    settler: Settler
    terminal: Terminal
    supervisors: list[Supervisor]
    storage: StorageWatch
    settlement: Settlement
    catalogue: CatalogueSync
    duties: Duties
    device_faults: DeviceFaults
    supplies: Supplies
    closing: LocalClosing
    health: Health | None = None
    """Its watch over itself; made by `kiosk.app.work`."""
    fleet: Callable[[], FleetFact] | None = None
    """What the agent knows of its broker; None while there is no agent."""

    @staticmethod
    @asynccontextmanager
    async def open(
        settings: Settings,
        display: Display,
        replies: Replies,
        *,
        platform: Platform | None = None,
        clock: Clock | None = None,
        given: Mapping[str, Device] | None = None,
        engines: Engines | None = None,
        catalogue: Catalogue | None = None,
    ) -> AsyncIterator[Workshop]:
        """Make everything but what is `given` (family -> device); `catalogue` None: the one of `config/services`.

        Raises `SettingsError`, `OSError` when the ground itself is not there; nothing stays open then.
        """
        async with AsyncExitStack() as stack:
            clock = clock or Clock()
            yield await _made(stack, settings, display, replies, platform, clock, given, engines, catalogue)


async def _made(
    stack: AsyncExitStack,
    settings: Settings,
    display: Display,
    replies: Replies,
    platform: Platform | None,
    clock: Clock,
    given: Mapping[str, Device] | None,
    engines: Engines | None,
    catalogue: Catalogue | None,
) -> Workshop:
    """Everything, each thing that holds files, ports or processes closed by `stack`."""
    catalogue = catalogue or load_catalogue(DATA / "services")
    key = MachineKey.load(settings.state_dir / "machine.key")
    journal = Journal(settings.state_dir / "journal.db", clock)
    stack.push_async_callback(journal.close)
    await _opened(journal)
    platform = platform or made_platform(settings, clock, key)
    stack.push_async_callback(platform.close)
    reader = make_or_absent(settings, "id_card", CardReading)
    pad = make_or_absent(settings, "payment_pad", CardPaying)
    receipts = make_or_absent(settings, "receipt_printer", ReceiptPrinting)
    licences = _given(given, LicencePrinting) or make_or_absent(settings, "licence_printer", LicencePrinting)
    camera = _given(given, Seeing) or make_or_absent(settings, "camera", Seeing)
    desk = make_device(settings, "document_camera", Seeing) if "document_camera" in settings.devices else None
    code_camera = make_device(settings, "code_camera", Seeing) if "code_camera" in settings.devices else None
    cabinet = make_device(settings, "cabinet", Guiding) if "cabinet" in settings.devices else None
    code_reader = make_device(settings, "barcode", CodeReading) if "barcode" in settings.devices else None
    engines = engines or Engines(FaceEngine(matcher=settings.face.matcher), DocumentEngine(), TextEngine())
    for engine in (engines.faces, engines.documents, engines.texts):
        stack.push_async_callback(engine.close)
    outbox = Outbox(journal, key)
    refunds = Refunds(journal, platform, clock.monotonic)
    money = Money(journal, outbox, pad, refunds)
    qr = QrPayments(journal, platform, clock)
    submissions = Submissions(journal, outbox, platform, SealedSheets(settings.state_dir))
    with suppress(JournalError):  # a journal that cannot be read is said elsewhere; nothing is deleted then
        await submissions.tidy()
    certificates = settings.certificates
    prints = Prints(
        journal,
        outbox,
        platform,
        licences,
        settings.terminal.id,
        settings.simulated,
        keys=load_issuer_keys(certificates.issuer_keys, simulated=settings.simulated),
        code_prefix=certificates.code_prefix,
    )
    Reports(outbox, platform, journal)
    network = Network()
    ways = PaymentWays(settings.payments.ways, money, qr, pad, code_camera or camera, lambda: network.online)
    ways.code_reader = code_reader
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
        engines.faces,
        qr,
        ways,
        code_reader,
        engines.documents,
        engines.texts,
        desk,
        code_camera,
    )
    devices = fitted((reader, pad, receipts, licences, camera))
    devices += [device for device in (cabinet, code_reader) if device]
    capability = Capability(catalogue, {device.family: device for device in devices}, money, network)
    sync = followed(settings, catalogue, clock, journal, platform)
    capability.current, capability.now = sync.editions.now, clock.now
    capability.around = Surroundings.of(settings)
    capability.fitted = Fitted.of(settings, pays=bool(ways.offered))
    capability.calendar = sync.working_days
    capability.heard_at = lambda: sync.editions.confirmed_at
    capability.kept = ReferenceData(settings.state_dir, settings.platform.public_key).has_all
    capability.areas_down = network.areas_down = platform.areas_down
    eyes = [(step, eye) for step, eye in (("scan", desk), ("verify", code_camera)) if eye]
    capability.eyes = dict(eyes)
    devices += [eye for _, eye in eyes]
    capability.ways = ways
    capability.forms_left = prints.stock.left
    follow_headset(cabinet, display)
    lights = GuideLights(cabinet)
    terminal = Terminal(tools, capability, LitDisplay(display, lights), replies, lights)
    settler = Settler(journal, money, prints, lambda: terminal.visit_id, qr, refunds)
    settler.watchers.append(terminal.settlement)
    terminal.settler = settler
    money.locked = qr.locked = settler.hold = journal.hold
    capability.storage = lambda: journal.trouble

    def storage_changed(hold: str) -> None:
        settler.hold = hold
        money.locked = hold or money.locked
        qr.locked = hold or qr.locked
        settler.poke()
        outbox.poke()
        terminal.poke()

    storage = StorageWatch(journal, storage_changed)

    def noticed(device: Device, status: Status) -> None:
        if status.fault is None:
            log.info("device %s: %s", device.name, status.device)
        else:
            log.log(*fault_line(device.family, device.name, status.fault))
        settler.poke()
        terminal.poke()

    supplies = Supplies(SupplyStore(settings.state_dir), receipts, journal, outbox, clock)
    stack.push_async_callback(supplies.close)
    if not is_absent(receipts):
        await supplies.start()
    for device in devices:
        device.watch(noticed)
        device.watch(supplies.seen)
    recorder = recorded(settings, devices)
    if recorder is not None:
        stack.callback(recorder.close)
    day_end = settings.payments.day_end
    settlement = Settlement(journal, outbox, platform, pad, clock, lambda: terminal.visit_id, day_end=day_end)
    supervisors = supervised(settings, devices)
    duties, faults, closing = _office(settings, tools, capability, terminal, devices, sync)
    with suppress(JournalError):  # a journal that cannot be read serves nothing that needs a closed door
        await closing.recall()
    await tell_left_behind(settings, journal, prints.stock)
    door = join_technicians(terminal)
    await door.recall()
    made = Workshop(
        tools, network, outbox, settler, terminal, supervisors, storage, settlement, sync, duties, faults, supplies,
        closing,
    )  # fmt: skip
    door.workshop = made
    return made


def _office(
    settings: Settings,
    tools: Tools,
    capability: Capability,
    terminal: Terminal,
    devices: list[Device],
    sync: CatalogueSync,
) -> tuple[Duties, DeviceFaults, LocalClosing]:
    """What the terminal owes the platform, whom it obeys, and who else may close it."""
    commands = Commands(tools.journal, tools.outbox, tools.platform, tools.clock, terminal.orders)

    def closed_or_opened() -> None:
        capability.closed_reason = terminal.orders.closed_reason
        terminal.poke()

    async def refresh(_: Mapping[str, str]) -> str:
        sync.poke()
        return f"looking for a catalogue newer than {capability.current().version}"

    commands.changed = closed_or_opened
    commands.add("refresh", refresh)
    faults = DeviceFaults(tools.journal, tools.outbox, tools.platform, tools.clock)
    for device in devices:
        device.watch(faults.seen)

    def stock() -> Mapping[str, int]:
        names = {s.form_stock for s in capability.current().services.values() if s.form_stock}
        return {name: capability.forms_left(name) for name in sorted(names)}

    duties = Duties(
        settings,
        tools.platform,
        commands,
        capability,
        devices,
        tools.journal,
        tools.clock,
        is_busy=lambda: bool(terminal.visit_id),
        stock=stock,
    )
    terminal.nearby = lambda: duties.nearby
    duties.area_back = tools.outbox.poke
    return duties, faults, LocalClosing(tools.journal, terminal.orders, closed_or_opened, settings.terminal.help_phone)
