"""The pad's end of the wire: runs one script at a time over TCP or serial lines, and spoils what is armed."""

from __future__ import annotations

from collections import deque
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
    Line,
    LineFailed,
    LogOff,
    NumberedLine,
    ReadCard,
    Refund,
    Registration,
    Reset,
    SelfTest,
    SetClock,
    StatusEnquiry,
    decode_command,
    is_positive,
    issued_part,
    negative,
    positive,
    refusal,
)
from simulator.models.pad_faults import ALIENS
from simulator.models.pad_terminal import Act, Terminal
from simulator.wire import pad_script as script
from simulator.wire.pad_commands import HOLDS, SCRIPTS
from simulator.wire.pad_line import NakingLine, RepeatingTcp
from simulator.wire.pad_spoiling import Spoiler

NOT_REGISTERED = 0x6B
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
        self.part_fen: int | None = None
        """The amount of the answer 84 9D heard last."""
        self._line = self._fresh_line()
        self._script: script.Script | None = None
        self._op: script.Op | None = None
        self._due: float | None = None
        self._started = False
        self._owed: deque[script.Say | None] = deque(maxlen=64)
        self._spoiler = Spoiler(terminal, transport)
        self._heard_at = 0.0
        self._wish = self._dark = False

    def _fresh_line(self) -> NumberedLine:
        inner: Line = NakingLine(self.terminal) if self.transport == "serial" else RepeatingTcp(self.terminal)
        return NumberedLine(inner, host=False, willing=lambda: not self.terminal.faults.no_message_ids)

    # -- DeviceEnd ---------------------------------------------------------------------------------------------------

    def connected(self, now: float) -> bytes:
        """The ECR is there; an approval that was never acknowledged may be said again."""
        self._advance(now)
        self._line = self._fresh_line()
        self._owed.clear()
        self._spoiler.clear()
        self.linked, self._heard_at, self._wish = True, now, False
        if isinstance(self._op, script.AwaitLink):
            self._step(True)
        return self._emit()

    def disconnected(self, now: float) -> None:
        """The ECR is gone: who waits for its answer waits in vain, who waits for a person stops."""
        self._advance(now)
        self.linked = False
        self._owed.clear()
        self._spoiler.clear()
        if isinstance(self._op, script.Say):
            self._step(None)
        elif isinstance(self._op, script.Want) or (isinstance(self._op, script.Pause) and self._op.stoppable):
            self._step(Act("lost"))

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the ECR."""
        self._advance(now)
        self._heard_at = now
        if self.terminal.faults.silent or now < max(self.terminal.boot_until, self.terminal.deaf_until):
            return b""
        if self.terminal.faults.wrong_protocol:
            self.terminal.faults.wrong_protocol -= 1
            return ALIENS[self.terminal.faults.alien]
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
        times.append(self._spoiler.wake_at)
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
        self._spoiler.clear()
        self._line = self._fresh_line()
        self._wish, self.linked = True, False
        self.terminal.boot(now)

    def _power_cut(self) -> None:
        """A script ordered it: done once the script is no longer running."""
        if self._dark:
            self._dark = False
            self.power_cycle(self.now)

    def advance(self, now: float) -> None:
        """Let what was due happen, also while nobody is connected."""
        self._advance(now)

    # -- the script --------------------------------------------------------------------------------------------------

    def _advance(self, now: float) -> None:
        while self._due is not None and self._due <= now:
            self.now = max(self.now, self._due)
            self._due = None
            self._step(False if isinstance(self._op, script.AwaitLink) else None)
            self._power_cut()
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
        answer_s = self.terminal.faults.slow_answer_s or self.terminal.times.answer_s
        self._op, self._due = script.Pause(0), self.now + answer_s

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
                    armed = self.terminal.faults.repeated
                    if self.linked:
                        self._line.send(self.now, unit)
                    if armed > self.terminal.faults.repeated and answer_s is not None and not self._line.active:
                        self._owed.append(None)  # said twice: answered twice
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
                case script.PowerCut():
                    self._started, self._due = False, None
                    self._dark = True
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
            try:
                self.part_fen = issued_part(unit)
            except FrameError:
                self.part_fen = None
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
        if self._script is None or self.stage not in ("card", "pin") or self.terminal.faults.no_abort:
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
            made = SCRIPTS.get(type(command))
            lacking = HOLDS * t.faults.no_holds + (SelfTest,) * t.faults.no_self_test
            if made is None or isinstance(command, lacking):
                self._line.send(self.now, negative(UNSUPPORTED))
            else:
                self._begin(made(self, command))

    # -- what leaves -------------------------------------------------------------------------------------------------

    def _emit(self) -> bytes:
        self._power_cut()
        data = self._line.out()
        if self.terminal.faults.silent or not (self.linked or self._wish):
            self._spoiler.clear()
            return b""
        return self._spoiler.spoil(self.now, data)
