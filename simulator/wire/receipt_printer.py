"""The printer's end of the wire: real-time commands at once, all others through a receive buffer at printing speed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from config.receipt_printers import PrinterProfile
from drivers.receipt_printer.frames import (
    XOFF,
    XON,
    Command,
    CommandParser,
    Condition,
    Item,
    Malformed,
    RealTimeScanner,
    asb_block,
    cleared_reply,
    full_status,
    mark_reply,
    sensor_reply,
    status_byte,
    text_reply,
    watched,
)
from simulator.models.receipt_mechanism import Mechanism
from simulator.models.receipt_paper import DOTS_PER_MM
from simulator.models.receipt_typesetter import Typesetter

CUTS = ("GS V", "ESC i", "ESC m")
CUT_S = 0.35
FIRMWARE = "1.06"
SERIAL = "SIM0000001"
MODEL_ID, TYPE_ID, VERSION_ID = 0x20, 0x02, 0x01
STORE_STEP = 64
_TICK = 1e-6


@dataclass(frozen=True, slots=True)
class Tuning:
    """How fast and how large: print speed in mm/s, receive buffer in bytes, XON/XOFF when it fills."""

    speed_mm_s: float = 150.0
    buffer_bytes: int = 1 << 20
    flow: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.speed_mm_s <= 1000:
            raise ValueError(f"print speed {self.speed_mm_s} mm/s: 1 to 1000")
        if not 256 <= self.buffer_bytes <= 1 << 24:
            raise ValueError(f"receive buffer of {self.buffer_bytes} bytes: 256 to {1 << 24}")


class ReceiptPrinterEnd:
    """A `DeviceEnd`. `lost_bytes` counts what came while the buffer was full; `jobs_done` the end marks sent."""

    def __init__(self, profile: PrinterProfile, mechanism: Mechanism, setter: Typesetter, tuning: Tuning) -> None:
        self.profile = profile
        self.mechanism = mechanism
        self.setter = setter
        self.tuning = tuning
        self.lost_bytes = 0
        self.jobs_done = 0
        self.firmware = FIRMWARE
        """What it tells at GS I 65; "": like many plain printers it tells neither this nor a serial number."""
        self._parser = CommandParser()
        self._scanner = RealTimeScanner()
        self._queue: deque[tuple[Item, int]] = deque()
        self._queued = 0
        self._busy_until = 0.0
        self._ready_since: float | None = None
        self._groups = 0
        self._told: Condition | None = None
        self._stopped = False
        self._hang_up = False

    # --- DeviceEnd --------------------------------------------------------------------------------------------

    def connected(self, now: float) -> bytes:
        """A printer says nothing when the host comes."""
        return b""

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the host, in any pieces."""
        if not self.mechanism.powered:
            return b""
        out, at = b"", 0
        for end, command in self._scanner.feed(data):
            self._store(data[at : max(end, at)])
            at = max(end, at)
            out += self._real_time(command)
        self._store(data[at:])
        return self._said(out + self._run(now))

    def wake(self, now: float) -> bytes:
        """Time has come, or a person did something."""
        if not self.mechanism.powered:
            return b""
        return self._said(self._run(now))

    @property
    def wake_at(self) -> float | None:
        """When the line that is being printed is done."""
        return self._busy_until if self._queue and self.mechanism.can_print else None

    @property
    def hang_up(self) -> bool:
        """True once after the power went."""
        wish, self._hang_up = self._hang_up, False
        return wish

    # --- power ------------------------------------------------------------------------------------------------

    def power(self, on: bool, *, drop_line: bool = False) -> None:
        """Switch: everything held, every mode and recoverable errors are gone; `drop_line` for a network printer."""
        self.mechanism.powered = on
        self._clear()
        self.setter.reset()
        self.mechanism.recover()
        self._groups, self._told, self._stopped = 0, None, False
        self._scanner = RealTimeScanner()
        self._hang_up = drop_line and not on

    @property
    def holding(self) -> int:
        """Bytes received and not yet carried out."""
        return self._queued

    # --- inside -----------------------------------------------------------------------------------------------

    def _said(self, data: bytes) -> bytes:
        return b"" if self.mechanism.silent else data + self._flow()

    def _store(self, data: bytes) -> None:
        """Into the receive buffer, a little at a time: what does not fit is lost."""
        for at in range(0, len(data), STORE_STEP):
            piece = data[at : at + STORE_STEP]
            if len(piece) > self.tuning.buffer_bytes - self._queued:
                self.lost_bytes += len(piece)
                continue
            for item in self._parser.feed(piece):
                size = 2 if isinstance(item, Malformed) else len(item.data) + (4 if isinstance(item, Command) else 0)
                self._queue.append((item, size))
                self._queued += size

    def _flow(self) -> bytes:
        if not self.tuning.flow:
            return b""
        full = self._queued > self.tuning.buffer_bytes * 3 // 4
        empty = self._queued < self.tuning.buffer_bytes // 2
        if full and not self._stopped:
            self._stopped = True
            return bytes((XOFF,))
        if empty and self._stopped:
            self._stopped = False
            return bytes((XON,))
        return b""

    def _run(self, now: float) -> bytes:
        """Carry out what time allows; then report changed conditions."""
        out = b""
        if not self.mechanism.can_print or not self._queue:
            self._ready_since = None
        elif self._ready_since is None:
            self._ready_since = now
            self._busy_until = max(self._busy_until, now)
        while self._queue and self.mechanism.can_print and self._busy_until <= now + _TICK:
            item, size = self._queue[0]
            if isinstance(item, Command) and item.name in CUTS and self.mechanism.cutter_blocked:
                self.mechanism.cutter_error = True
                break
            self._queue.popleft()
            self._queued -= size
            self._busy_until += self.setter.execute(item) / DOTS_PER_MM / self.tuning.speed_mm_s
            if isinstance(item, Command):
                if item.name in CUTS:
                    self._busy_until += CUT_S
                    if self.mechanism.presenter is not None:
                        self.mechanism.presenter.cut()
                out += self._answer(item)
        return out + self._changes()

    def _changes(self) -> bytes:
        """The automatic status, when a condition of an enabled group differs from what was told."""
        conditions = self.mechanism.conditions
        mask = watched(self._groups)
        if not mask or (self._told is not None and self._told & mask == conditions & mask):
            return b""
        self._told = conditions
        return asb_block(conditions)

    def _answer(self, command: Command) -> bytes:
        """Queued questions; they are answered when everything before them is printed."""
        match command:
            case Command("GS a", (groups,)):
                self._groups, self._told = groups, None
            case Command("ESC @"):
                self._groups = 0
            case Command("GS r", (1 | 49,)) | Command("ESC v"):
                self.jobs_done += 1
                return sensor_reply(bool(self.mechanism.conditions & Condition.NEAR_END))
            case Command("GS r", (2 | 50,)):
                return b"\x00"
            case Command("GS e") if self.mechanism.presenter is not None:
                near_end = Condition.NEAR_END in self.mechanism.conditions
                return self.mechanism.presenter.act(command, near_end=near_end)
            case Command("GS I", (n,)):
                return self._identity(n)
            case Command("GS ( H", _, data) if self.profile.end_mark == "gs-paren-h" and data[:2] == b"00":
                self.jobs_done += 1
                return mark_reply(data[2:6])
        return b""

    def _identity(self, n: int) -> bytes:
        singles = {1: MODEL_ID, 49: MODEL_ID, 2: TYPE_ID, 50: TYPE_ID, 3: VERSION_ID, 51: VERSION_ID}
        if n in singles:
            return bytes((singles[n],))
        texts = {66: self.profile.maker, 67: self.profile.model, 69: "CHINA GB2312"}
        if self.firmware:
            texts |= {65: self.firmware, 68: SERIAL}
        return text_reply(texts[n]) if n in texts else b""

    def _real_time(self, command: Command) -> bytes:
        match command:
            case Command("DLE EOT", (n,)) if 1 <= n <= 4:
                return bytes((status_byte(n, self.mechanism.conditions),))
            case Command("DLE EOT", (20,)) if self.profile.has_presenter:
                spooling = Condition.SPOOLING if self._queue else Condition(0)
                return full_status(self.mechanism.conditions | spooling)
            case Command("DLE ENQ", (1,)):
                self.mechanism.recover()
            case Command("DLE ENQ", (2,)) if Condition.OFFLINE in self.mechanism.conditions:
                self._clear()
                self.mechanism.recover()
            case Command("DLE DC4", args) if args[0] == 8 and self.profile.clear == "dle-dc4-8":
                self._clear()
                self.mechanism.recover()
                return cleared_reply()
        return b""

    def _clear(self) -> None:
        """Both buffers: what was received, and the line that was being set."""
        self._queue.clear()
        self._queued = 0
        self._parser.reset()
        self.setter.drop_line()
