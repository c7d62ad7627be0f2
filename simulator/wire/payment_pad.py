"""The pad's end of the wire: runs one script at a time over TCP or serial lines, and spoils what is armed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from drivers.payment_pad.frames import (
    BUSY,
    UNSUPPORTED,
    AbortCommand,
    Apdu,
    Authorisation,
    Command,
    Completion,
    Diagnosis,
    EndOfDay,
    FrameError,
    Initialisation,
    Line,
    LineFailed,
    LogOff,
    PartialReversal,
    ReadCard,
    Refund,
    Registration,
    RepeatReceipt,
    Reset,
    Reversal,
    SelfTest,
    SetClock,
    StatusEnquiry,
    TcpLine,
    TurnoverTotals,
    decode_command,
    is_positive,
    negative,
    positive,
    refusal,
)
from simulator.models.pad_terminal import Act, Terminal
from simulator.wire import pad_payment
from simulator.wire import pad_script as script
from simulator.wire.pad_line import NakingLine

ALIEN = bytes.fromhex("150369")
"""What another protocol was seen to answer on a pad's port."""
NOT_REGISTERED = 0x6B
CHUNK_S = 0.001
MAX_QUEUED = 1 << 16
_LOCKED_ALLOWED = (Registration, StatusEnquiry, LogOff, ReadCard, AbortCommand, EndOfDay, Diagnosis, SetClock)


class PadEnd:
    """A `DeviceEnd`. The terminal's person acts are seen at `wake`."""

    def __init__(self, terminal: Terminal, transport: str = "tcp") -> None:
        self.terminal = terminal
        self.transport = transport
        self.registration = Registration(0x86)
        self.linked = False
        self.aborted = False
        self.stage = "idle"
        self.now = 0.0
        self._line: Line = self._fresh_line()
        self._script: script.Script | None = None
        self._op: script.Op | None = None
        self._due: float | None = None
        self._started = False
        self._owed: deque[script.Say | None] = deque(maxlen=64)
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._heard_at = 0.0
        self._wish = False

    def _fresh_line(self) -> Line:
        return NakingLine(self.terminal) if self.transport == "serial" else TcpLine()

    # -- DeviceEnd ---------------------------------------------------------------------------------------------------

    def connected(self, now: float) -> bytes:
        """The ECR is there; an approval that was never acknowledged may be said again."""
        self._advance(now)
        self._line = self._fresh_line()
        self._owed.clear()
        self._chunks.clear()
        self.linked, self._heard_at, self._wish = True, now, False
        if isinstance(self._op, script.AwaitLink):
            self._step(True)
        return self._emit()

    def disconnected(self, now: float) -> None:
        """The ECR is gone: who waits for its answer waits in vain, who waits for a person stops."""
        self._advance(now)
        self.linked = False
        self._owed.clear()
        self._chunks.clear()
        if isinstance(self._op, script.Say):
            self._step(None)
        elif isinstance(self._op, script.Want) or (isinstance(self._op, script.Pause) and self._op.stoppable):
            self._step(Act("lost"))

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the ECR."""
        self._advance(now)
        self._heard_at = now
        if self.terminal.faults.silent or now < self.terminal.boot_until:
            return b""
        if self.terminal.faults.wrong_protocol:
            self.terminal.faults.wrong_protocol -= 1
            return ALIEN
        try:
            for unit in self._line.receive(now, data):
                self._hear(unit)
        except LineFailed:
            self._wish = True
        return self._emit()

    def wake(self, now: float) -> bytes:
        """A timer, or a person."""
        self._advance(now)
        if isinstance(self._op, script.Want) and self.terminal.acts:
            self._step(self.terminal.acts.popleft())
        elif isinstance(self._op, script.Pause) and self._op.stoppable and self.terminal.acts:
            act = self.terminal.acts.popleft()
            if act.kind == "cancel":
                self._step(act)
        idle = self.terminal.faults.idle_close_s
        if idle and self.linked and self._script is None and now >= self._heard_at + idle:
            self._wish = True
            self._heard_at = now
        return self._emit()

    @property
    def wake_at(self) -> float | None:
        """The nearest of script, line, chunk and idle timers."""
        times = [self._due, self._line.wake_at if self.linked else None]
        times.append(self._chunks[0][0] if self._chunks else None)
        if self.terminal.faults.idle_close_s and self.linked and self._script is None:
            times.append(self._heard_at + self.terminal.faults.idle_close_s)
        return min((t for t in times if t is not None), default=None)

    @property
    def hang_up(self) -> bool:
        """Reading it clears the wish."""
        wish, self._wish = self._wish, False
        return wish

    def power_cycle(self, now: float) -> None:
        """Power goes and comes: the script is gone, the storage stays."""
        self._advance(now)
        if self._script is not None:
            self._script.close()
        self._script = self._op = self._due = None
        self._started = False
        self.stage = "idle"
        self._chunks.clear()
        self._line = self._fresh_line()
        self._wish, self.linked = True, False
        self.terminal.boot(now)

    def advance(self, now: float) -> None:
        """Let what was due happen, also while nobody is connected."""
        self._advance(now)

    # -- the script --------------------------------------------------------------------------------------------------

    def _advance(self, now: float) -> None:
        while self._due is not None and self._due <= now:
            self.now = max(self.now, self._due)
            self._due = None
            self._step(False if isinstance(self._op, script.AwaitLink) else None)
        self.now = max(self.now, now)
        if self.linked and self._line.wake_at is not None and self._line.wake_at <= now:
            try:
                self._line.wake(now)
            except LineFailed:
                self._wish = True
        if self._script is None and self.terminal.phase == "booting" and now >= self.terminal.boot_until:
            self.terminal.phase, self.terminal.display = "idle", "READY"

    def _begin(self, new: script.Script) -> None:
        self._script, self.aborted, self.stage = new, False, "running"
        self.terminal.acts.clear()
        self._started = False
        self._op, self._due = script.Pause(0), self.now + self.terminal.times.answer_s

    def _step(self, value: Any) -> None:
        """Run the script on with `value` until it waits."""
        assert self._script is not None
        while True:
            try:
                op = self._script.send(value if self._started else None)
            except StopIteration:
                self._finish()
                return
            self._started = True
            self._op, self._due = op, None
            match op:
                case script.Say(unit, answer_s):
                    if self.linked:
                        self._line.send(self.now, unit)
                    if answer_s is None or not self.linked:
                        value = None
                        continue
                    self._owed.append(op)
                    self._due = self.now + answer_s
                case script.Pause(seconds, stoppable):
                    if stoppable and self.aborted:
                        value = Act("abort")
                        continue
                    self._due = self.now + seconds
                case script.Want(seconds):
                    if self.aborted or not self.linked or self.terminal.acts:
                        value = self._act_at_once()
                        continue
                    self._due = self.now + seconds
                case script.AwaitLink(seconds):
                    if self.linked:
                        value = True
                        continue
                    self._due = self.now + seconds
                case script.Cut():
                    self._wish, self.linked, value = True, False, None
                    continue
            return

    def _act_at_once(self) -> Act:
        if self.aborted:
            return Act("abort")
        return self.terminal.acts.popleft() if self.linked else Act("lost")

    def _finish(self) -> None:
        self._script = self._op = self._due = None
        self._started = False
        self.stage = "idle"
        t = self.terminal
        t.phase, t.display, t.asked_fen = "idle", "READY", 0

    # -- what the ECR says -------------------------------------------------------------------------------------------

    def _hear(self, unit: Apdu) -> None:
        code = 0 if is_positive(unit) else refusal(unit)
        if code is not None:
            self._answered(code)
            return
        try:
            command = decode_command(unit)
        except FrameError:
            self._line.send(self.now, negative(UNSUPPORTED))
            return
        if isinstance(command, AbortCommand):
            self._abort()
        elif self._script is not None:
            self._busy(command)
        elif command is None:
            self._line.send(self.now, negative(UNSUPPORTED))
        else:
            self._command(command)

    def _answered(self, code: int) -> None:
        said = self._owed.popleft() if self._owed else None
        op = self._op
        if said is None or not isinstance(op, script.Say) or said.unit != op.unit:
            return
        if said is not op and op in self._owed:
            self._owed.remove(op)
        self._step(code)

    def _abort(self) -> None:
        if self._script is None or self.stage not in ("card", "pin"):
            self._line.send(self.now, negative(UNSUPPORTED))
            return
        self._line.send(self.now, positive())
        if self.terminal.faults.late_approval:
            return
        self.aborted = True
        op = self._op
        if isinstance(op, script.Want) or (isinstance(op, script.Pause) and op.stoppable):
            self._step(Act("abort"))

    def _busy(self, command: Command | None) -> None:
        """Only a status enquiry is answered with more than a no; its completion is owed an answer of its own."""
        if isinstance(command, StatusEnquiry) and not isinstance(self._op, script.Say):
            self._line.send(self.now, positive())
            self._line.send(self.now, Completion(status=BUSY, bare=True).apdu())
            self._owed.append(None)
        else:
            self._line.send(self.now, negative(BUSY))

    def _command(self, command: Command) -> None:
        t, code = self.terminal, self.terminal.status_code(self.now)
        if isinstance(command, Reset | LogOff):
            self._line.send(self.now, positive())
            t.registered = t.registered and not isinstance(command, LogOff)
        elif not t.registered and not isinstance(command, Registration | StatusEnquiry):
            self._line.send(self.now, negative(NOT_REGISTERED))
        elif code == BUSY and not isinstance(command, StatusEnquiry):
            self._line.send(self.now, negative(BUSY))
        elif code and not isinstance(command, _LOCKED_ALLOWED):
            money = isinstance(command, Authorisation | Refund)
            self._begin(script.refuse(self, code, with_status=money))
        else:
            made = _SCRIPTS.get(type(command))
            if made is None:
                self._line.send(self.now, negative(UNSUPPORTED))
            else:
                self._begin(made(self, command))

    # -- what leaves -------------------------------------------------------------------------------------------------

    def _emit(self) -> bytes:
        data = self._line.out()
        faults = self.terminal.faults
        if faults.silent or not (self.linked or self._wish):
            self._chunks.clear()
            return b""
        if faults.bad_crcs and self.transport == "serial" and len(data) > 4:
            faults.bad_crcs -= 1
            data = data[:-1] + bytes((data[-1] ^ 0xFF,))
        size = 1 if faults.byte_by_byte else faults.segment
        if size and data:
            at = self._chunks[-1][0] if self._chunks else self.now
            for i in range(0, len(data), size):
                if len(self._chunks) < MAX_QUEUED:
                    at += CHUNK_S
                    self._chunks.append((at, data[i : i + size]))
            data = b""
        out = bytearray()
        while self._chunks and self._chunks[0][0] <= self.now:
            out += self._chunks.popleft()[1]
        return bytes(out) + data


_SCRIPTS: dict[type, Callable[[PadEnd, Any], script.Script]] = {
    Registration: script.register,
    StatusEnquiry: lambda pad, _: script.enquiry(pad, pad.terminal.status_code(pad.now)),
    Authorisation: pad_payment.payment,
    Refund: pad_payment.payment,
    Reversal: script.reversal,
    RepeatReceipt: lambda pad, _: script.repeat(pad),
    EndOfDay: lambda pad, _: script.end_of_day(pad),
    TurnoverTotals: lambda pad, _: script.totals(pad),
    ReadCard: script.read_card,
    Diagnosis: lambda pad, _: script.chore(pad, 1.0, (0xC2, 0x62)),
    SelfTest: lambda pad, _: script.chore(pad, 1.0),
    Initialisation: lambda pad, _: script.chore(pad, 1.0, (0x51,)),
    SetClock: lambda pad, _: script.chore(pad, 0.1, (0x62,)),
    PartialReversal: lambda pad, _: script.open_reservations(pad),
}
"""Commands this pad knows; pre-authorisations (06 22, 06 24, 06 25) it refuses with 84 83, as many pads do."""
