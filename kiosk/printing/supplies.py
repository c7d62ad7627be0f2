"""Paper that is nearly used up is heard of before a citizen feels it: metres counted, low supplies told once.

The count is a file beside the journal, so that it survives restarts and power cuts; `kiosk supplies` shows it and
`kiosk supplies --new-roll` starts it anew, also while the terminal runs. What a device warns of (paper, toner) and
what the count says goes into the journal and, through the outbox, to the platform's events: once for each time it
becomes low.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from drivers.device import Device, Status, Supply
from drivers.families import ReceiptPrinting
from kiosk.clock import WEIHAI, Clock
from kiosk.devices import make_device
from kiosk.duties.outbox import Outbox
from kiosk.journal import Journal, JournalError, Write
from kiosk.owners import hand_over

log = logging.getLogger(__name__)

FILE = "supplies.json"
MAX_BYTES = 16_384
MAX_MM = 10**9
LOW_SHARE = 0.1
LOW_LEAST_MM = 5_000
"""A tenth of the roll, and never less than five metres: some twenty-five receipts before the end."""
MAX_PENDING = 32


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll that is in: millimetres printed since it was put in, its length when it is not the usual one, told."""

    mm: int = 0
    roll_mm: int = 0
    since: str = ""
    told: tuple[str, ...] = ()
    was_low: bool = False

    def left_mm(self, usual_mm: int) -> int:
        """Millimetres that should be left; 0 when more was printed than the roll has."""
        return max((self.roll_mm or usual_mm) - self.mm, 0)

    def is_low(self, usual_mm: int) -> bool:
        """True when a new roll should be had ready."""
        return self.left_mm(usual_mm) < max((self.roll_mm or usual_mm) * LOW_SHARE, LOW_LEAST_MM)


class SupplyStore:
    """The file. Reading never raises: what cannot be read is put aside and counted from 0 again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> dict[str, Roll]:
        """The roll of every device, by the device's name."""
        try:
            with self.path.open("rb") as file:
                return _rolls(file.read(MAX_BYTES + 1))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
            log.warning("%s: %s: put aside, paper is counted from 0", self.path, error)
            with suppress(OSError):
                self.path.replace(self.path.with_suffix(".bad"))
            return {}

    def update(self, name: str, change: Callable[[Roll], Roll]) -> Roll:
        """Change one device's roll; whole or not at all. Raises `OSError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            rolls = self.read()
            rolls[name] = change(rolls.get(name, Roll()))
            fresh = self.path.with_suffix(".new")
            with fresh.open("w", encoding="utf-8") as file:
                hand_over(file.fileno(), self.path.parent)
                json.dump({key: asdict(roll) for key, roll in rolls.items()}, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
            return rolls[name]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Against `kiosk supplies` beside a running terminal; a change takes milliseconds."""
        with self.path.with_suffix(".lock").open("w") as lock:
            hand_over(lock.fileno(), self.path.parent)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _rolls(data: bytes) -> dict[str, Roll]:
    """Raises `ValueError`, `AttributeError` or `TypeError` for anything but what `update` writes."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    return {str(name): _roll(row) for name, row in json.loads(data).items()}


def _roll(row: dict[str, object]) -> Roll:
    given = {field.name: row[field.name] for field in fields(Roll) if field.name in row}
    told = given.pop("told", ())
    roll = replace(Roll(), **given, told=tuple(str(cause) for cause in told))  # type: ignore[arg-type, attr-defined]  # checked next
    if not (type(roll.mm) is int and type(roll.roll_mm) is int and min(roll.mm, roll.roll_mm) >= 0):
        raise ValueError("mm and roll_mm are whole millimetres")
    if not (isinstance(roll.since, str) and isinstance(roll.was_low, bool)):
        raise ValueError("since is a text, was_low true or false")  # noqa: TRY004 - as above
    return replace(roll, mm=min(roll.mm, MAX_MM), told=roll.told[:8])


def fresh_roll(now: str, metres: int = 0) -> Roll:
    """A roll that was just put in; `metres` when it is not the usual length."""
    return Roll(roll_mm=metres * 1000, since=now)


class Supplies:
    """Counts the receipt printer's paper and tells what runs low. Nothing here ever fails a visit."""

    def __init__(self, store: SupplyStore, printer: ReceiptPrinting, journal: Journal, outbox: Outbox, clock: Clock):
        self._store = store
        self._printer = printer
        self._journal = journal
        self._outbox = outbox
        self._clock = clock
        self._lock = asyncio.Lock()
        self._pending: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up the count; from here on the printer's paper is counted."""
        self._printer.on_paper = self.used
        await self._change(self._printer.name, lambda roll: roll if roll.since else replace(roll, since=self._now()))

    async def used(self, mm: int) -> None:
        """`mm` of paper went out. Never raises."""
        await self._change(self._printer.name, lambda roll: replace(roll, mm=min(roll.mm + mm, MAX_MM)))

    async def new_roll(self, metres: int = 0) -> tuple[Roll, Roll]:
        """A person put a roll in (`metres`: not of the usual length): the one before, and this. Raises `OSError`."""
        async with self._lock:
            before = (await self._read()).get(self._printer.name, Roll())
            roll = await self._update(self._printer.name, lambda _: fresh_roll(self._now(), metres))
        if roll is None:
            raise OSError(f"{self._store.path}: cannot be written; the new roll is not counted")
        return before, roll

    def seen(self, device: Device, status: Status) -> None:
        """A watcher of devices: what is low now and was not told yet is told, in a task of its own."""
        if len(self._pending) < MAX_PENDING:
            task = asyncio.get_running_loop().create_task(self._look(device, status))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def close(self) -> None:
        """Let what is being told be told."""
        if self._pending:
            await asyncio.wait(set(self._pending), timeout=5)

    async def _look(self, device: Device, status: Status) -> None:
        async with self._lock:
            await self._tell(device, status)

    async def _tell(self, device: Device, status: Status) -> None:
        low = {warning.cause for warning in status.warnings if warning.cause.endswith("-low")}
        if status.paper is Supply.OUT:
            low.add("paper-out")
        before = (await self._read()).get(device.name, Roll())
        if device is self._printer:
            counted = any(w.cause == "paper-low" and w.code == "count" for w in status.warnings)
            sensed = status.paper is Supply.OUT or (status.paper is Supply.LOW and not counted)
            if before.was_low and (status.paper is Supply.FULL or counted):
                # What the sensor called low or out is full: somebody put in a roll, and told nobody.
                await self._update(device.name, lambda _: fresh_roll(self._now()))
                return
            if sensed and not before.was_low:
                await self._update(device.name, lambda roll: replace(roll, was_low=True))
        if not status.usable and not low:
            return
        fresh = sorted(low - set(before.told))
        if fresh:
            await self._report(device, fresh)
        if set(before.told) != low:
            await self._update(device.name, lambda roll: replace(roll, told=tuple(sorted(low))))

    async def _report(self, device: Device, causes: list[str]) -> None:
        """Into the journal and the outbox in one transaction; the platform has it when the network does."""
        number = f"s-{secrets.token_hex(8)}"

        def work(write: Write) -> None:
            for cause in causes:
                write.entry(number, f"supply.{cause}", {"device": device.name})
            self._outbox.post(write, "events", number, f"events-{number}", {"visit": number})

        try:
            await self._journal.write(work)
        except JournalError as error:
            # A fault of the disk, not of the program: no stack trace.
            log.error("supplies: %s of %s not journalled: %s", ", ".join(causes), device.name, error)  # noqa: TRY400
            return
        log.warning("device %s: %s", device.name, ", ".join(causes))
        self._outbox.poke()

    async def _change(self, name: str, change: Callable[[Roll], Roll]) -> None:
        async with self._lock:
            await self._update(name, change)

    async def _update(self, name: str, change: Callable[[Roll], Roll]) -> Roll | None:
        """None when the file cannot be written: that costs the count, never a receipt."""
        try:
            roll = await asyncio.get_running_loop().run_in_executor(None, self._store.update, name, change)
        except OSError as error:
            log.warning("supplies: %s: %s", self._store.path, error)
            return None
        if name == self._printer.name:
            self._printer.counted_low = roll.is_low(self._printer.roll_m * 1000)
        return roll

    async def _read(self) -> dict[str, Roll]:
        return await asyncio.get_running_loop().run_in_executor(None, self._store.read)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")


def supply_lines(rolls: dict[str, Roll], usual_m: dict[str, int]) -> list[str]:
    """What `kiosk supplies` says, a line for each printer whose paper is counted."""
    lines = []
    for name, metres in usual_m.items():
        roll = rolls.get(name, Roll())
        whole = (roll.roll_mm or metres * 1000) / 1000
        since = f" since {roll.since}" if roll.since else ""
        low = "; have a new roll ready" if roll.is_low(metres * 1000) else ""
        left = roll.left_mm(metres * 1000) / 1000
        lines.append(f"{name}: {roll.mm / 1000:.1f} m printed{since}, about {left:.1f} m of {whole:g} m left{low}")
    return lines


def show_supplies(settings: Settings, *, new_roll: bool, metres: int) -> list[str]:
    """`kiosk supplies`; with `new_roll` the count begins anew first. Raises `OSError`, `ValueError`."""
    if metres and not new_roll:
        raise ValueError("--metres is the length of a new roll: give it together with --new-roll")
    if "receipt_printer" not in settings.devices:
        raise ValueError("this profile has no receipt printer")
    store = SupplyStore(settings.state_dir)
    if new_roll:
        now = datetime.now(WEIHAI).isoformat(timespec="seconds")
        store.update("receipt_printer", lambda _: fresh_roll(now, metres))
    printer = make_device(settings, "receipt_printer", ReceiptPrinting)
    return supply_lines(store.read(), {printer.name: printer.roll_m})
