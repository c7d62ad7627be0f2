"""The simulated payment pad as people use it: cards to hold to it, faults to arm, its display and the bank's ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from drivers.payment_pad.frames import ApduReader, Deframer, FrameError, Token, decode_apdu, describe
from simulator.device import SimDevice, UnknownVerb
from simulator.models.pad_terminal import RIGHT_PIN, Act, Faults, Terminal, Times
from simulator.ports.serve import Port, Tap, make_port
from simulator.wire.endpoint import DeviceEnd
from simulator.wire.payment_pad import PadEnd

Join = Callable[[DeviceEnd, Tap], Port]
DEFAULT_CARD = "citizen-02"
LOSE = ("before_status", "before_ack", "after_ack")
ENDINGS = ("abort", "completion", "bare")
_WORDS = {
    "idle": "ready",
    "booting": "starting",
    "waiting": "waits for a card: {amount}",
    "pin": "waits for the PIN: {amount}",
    "settling": "approved, waits for the terminal's word: {amount}",
    "ending": "ends",
}
_SWITCHES = {
    "busy": "says that it is still at work (9C)",
    "silent": "says nothing at all",
    "unsolicited_status": "says an approved status without amount in registration and status enquiry",
    "byte_by_byte": "sends single bytes",
    "late_approval": "accepts an abort and approves nevertheless",
    "repeat_after_cut": "says an unacknowledged approval again after a reconnect",
    "keep_on_loss": "keeps a payment over a lost link (tag 1F1F)",
    "lengthless_totals": "forgets the length byte of the end-of-day status",
    "end_of_day_fails": "the end of day fails (77), then F0",
    "double_status": "says an acknowledged approval twice",
}
_NAMES = {"unsolicited_status": "unsolicited"}
_NUMBERS = {
    "no_completion": ("no_completion", 1000, "never ends the next payments: times=1"),
    "wrong_protocol": ("wrong_protocol", 1000, "answers in another protocol: times=1"),
    "nak": ("naks", 1000, "refuses good frames (serial): times=2"),
    "bad_crc": ("bad_crcs", 1000, "damages its next frames (serial): times=1"),
    "other_amount": ("other_amount", 100000, "approves so many fen more: times=1"),
}


def _switch(value: Any) -> bool:
    return value not in (False, 0, "0", "false", "off", "no", "")


def _seconds(value: Any, most: float = 600.0) -> float:
    seconds = float(value)
    if not 0 <= seconds <= most:
        raise ValueError(f"seconds are 0 to {most:g}")
    return seconds


class PaymentPad(SimDevice):
    """One pad at one address. `transport` is `tcp` or `serial`; `join` makes its port (tests: a memory wire)."""

    family = "payment-pad"
    verbs = {  # noqa: RUF012 - a constant table of the class
        "tap": f"hold a card to it: card={DEFAULT_CARD}",
        "insert": f"put a card in and type: card={DEFAULT_CARD}, pin={RIGHT_PIN}, wrong, or wrong-then-right",
        "cancel_key": "press the red key",
        "cancel": "press the red key",
        "decline": f"the bank declines: code=05, card={DEFAULT_CARD} is tapped when the pad waits",
        "auto": f"every payment is tapped by itself: card={DEFAULT_CARD} or none, after=0.5 seconds",
        "lose_answer": f"the link breaks at the approval: when={', '.join(LOSE)}",
        "power_cycle": "power goes and comes back",
        "lock_f0": "locked until the end of day: on=true",
        "status_code": "the status byte it reports: code=51 (00 ends it)",
        "slow": "the bank takes longer: seconds=5",
        "decline_ending": f"how a declined payment ends: how={', '.join(ENDINGS)}",
        "completion_length": "length of its completions: length=0, 1, 2",
        "segment": "sends pieces of so many bytes: size=1024 (0 ends it)",
        "idle_close": "closes an idle connection: seconds=1.5 (0 ends it)",
        "mute": "is mute so long after an end of day (E0): seconds=5",
        **{name: f"{words}: on=true" for name, words in _SWITCHES.items()},
        **{name: words for name, (_, _, words) in _NUMBERS.items()},
        "clear_faults": "end every fault",
    }

    def __init__(
        self,
        address: str,
        *,
        transport: str = "",
        times: Times | None = None,
        join: Join | None = None,
        terminal: Terminal | None = None,
    ) -> None:
        super().__init__()
        self.address = address
        self.transport = transport or ("tcp" if address.startswith("tcp://") else "serial")
        self.terminal = terminal or Terminal(times)
        self.end = PadEnd(self.terminal, self.transport)
        self._join = join or self._make_port
        self._port: Port | None = None
        self._clock: asyncio.Task[None] | None = None
        self._seen: tuple[Any, ...] = ()

    def _make_port(self, end: DeviceEnd, tap: Tap) -> Port:
        return make_port(end, self.address, tap)

    @property
    def link(self) -> str:
        """The link URL for the profile."""
        if self.address.startswith("tcp://"):
            return self._port.address if self._port and hasattr(self._port, "address") else self.address
        return f"serial://{self.address.removeprefix('pty:')}?baud=9600&stopbits=2"

    async def plug(self) -> None:
        """Power and line come."""
        if self._port is None:
            port = self._join(self.end, self.tap)
            await port.plug()
            self._port = port
            if self.address.startswith("tcp://"):
                self.address = port.address
            self._clock = asyncio.get_running_loop().create_task(self._watch())
            self.changed()

    async def unplug(self) -> None:
        """Line and power go: what was not stored is reversed (or kept, with 1F1F)."""
        port, self._port = self._port, None
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.wait({self._clock})
            self._clock = None
        if port is not None:
            self.end.power_cycle(asyncio.get_running_loop().time())
            await port.unplug()
            self.changed()

    async def _watch(self) -> None:
        """Time passes for the pad also while nobody is connected, and who watches hears of a new state."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.1 if self.watchers else 5.0)
            self.end.advance(loop.time())
            seen = (
                self.terminal.phase,
                self.terminal.display,
                self.terminal.asked_fen,
                len(self.terminal.ledger.entries),
            )
            if seen != self._seen:
                self._seen = seen
                self.changed()

    def ledger(self) -> list[dict[str, Any]]:
        """What the bank knows, oldest first; cards masked."""
        self._sync()
        return self.terminal.ledger.rows()

    def state(self) -> dict[str, Any]:
        """As `SimDevice.state`, with phase, amount asked, display, ledger, what all cardholders paid, armed faults."""
        self._sync()
        t = self.terminal
        amount = f"CNY {t.asked_fen / 100:.2f}"
        words = _WORDS.get(t.phase, t.phase).format(amount=amount)
        if t.phase == "idle" and (code := t.status_code(self.end.now)):
            words = f"locked: status {code:02X}"
        return {
            "plugged": self._port is not None,
            "phase": t.phase,
            "waiting": t.phase == "waiting",
            "amount_fen": t.asked_fen or None,
            "display": t.display,
            "balance_fen": t.ledger.balance_fen,
            "ledger": t.ledger.rows(),
            "receipt_no": f"{t.receipt:04d}",
            "auto": t.auto[0] if t.auto else None,
            "faults": self._armed(),
            "words": words if self._port else "unplugged",
        }

    def _armed(self) -> list[str]:
        f, blank = self.terminal.faults, Faults()
        armed = [f"decline {code:02X}" for code in f.declines] + ["lock_f0"] * self.terminal.locked
        armed += [f"lose_answer {f.lose}"] if f.lose else []
        names = [n for n in Faults.__slots__ if n not in ("declines", "lose") and getattr(f, n) != getattr(blank, n)]
        return armed + names

    def _sync(self) -> None:
        try:
            self.end.advance(asyncio.get_running_loop().time())
        except RuntimeError:
            return  # looked at from outside the loop: as last seen

    def do(self, verb: str, **args: Any) -> Any:
        """As `SimDevice.do`."""
        name = verb.replace("-", "_")
        if name not in self.verbs:
            raise UnknownVerb(f"the payment pad cannot {verb!r}; it can {', '.join(self.verbs)}")
        self._sync()
        try:
            self._do(name, args)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}; {self.verbs[name]}") from error
        if self._port:
            self._port.touch()
        self.changed()
        return self.state()

    def _do(self, name: str, args: dict[str, Any]) -> None:
        if name in _SWITCHES:
            setattr(self.terminal.faults, _NAMES.get(name, name), _switch(args.pop("on", True)))
        elif name in _NUMBERS:
            field, most, _ = _NUMBERS[name]
            times = int(args.pop("times", 1))
            if not 0 <= times <= most:
                raise ValueError(f"{name}: times is 0 to {most}")
            setattr(self.terminal.faults, field, times)
        else:
            getattr(self, f"_do_{name}")(**args)
            return
        if args:
            raise ValueError(f"{name}: unknown {sorted(args)}; {self.verbs[name]}")

    def _act(self, act: Act) -> None:
        if self.terminal.phase not in ("waiting", "pin"):
            raise ValueError("the pad waits for nobody now: no payment is under way")
        self.terminal.acts.append(act)

    def _do_tap(self, card: str = DEFAULT_CARD) -> None:
        self.terminal.card(card)
        self._act(Act("tap", card))

    def _do_insert(self, card: str = DEFAULT_CARD, pin: str = RIGHT_PIN) -> None:
        self.terminal.card(card)
        self._act(Act("insert", card, str(pin)))

    def _do_cancel_key(self) -> None:
        self._act(Act("cancel"))

    def _do_cancel(self) -> None:
        self._act(Act("cancel"))

    def _do_decline(self, code: str = "05", card: str = DEFAULT_CARD) -> None:
        number = int(str(code), 16)
        if not 0x01 <= number <= 0xFF:
            raise ValueError("decline: code is 01 to FF, hexadecimal")
        self.terminal.card(card)
        self.terminal.faults.declines.append(number)
        if self.terminal.phase == "waiting":
            self.terminal.acts.append(Act("tap", card))

    def _do_auto(self, card: str | None = DEFAULT_CARD, after: Any = 0.5) -> None:
        if card in (None, "", "none"):
            self.terminal.auto = None
            return
        assert card is not None
        self.terminal.card(card)
        self.terminal.auto = (card, _seconds(after))
        if self.terminal.phase == "waiting":
            self.terminal.acts.append(Act("tap", card))

    def _do_lose_answer(self, when: str = "before_ack") -> None:
        if when not in LOSE:
            raise ValueError(f"lose_answer: when is one of {', '.join(LOSE)}")
        self.terminal.faults.lose = when

    def _do_power_cycle(self) -> None:
        self.end.power_cycle(self.end.now)

    def _do_lock_f0(self, on: Any = True) -> None:
        self.terminal.locked = _switch(on)

    def _do_status_code(self, code: str = "00") -> None:
        number = int(str(code), 16)
        if not 0 <= number <= 0xFF:
            raise ValueError("status_code: code is 00 to FF, hexadecimal")
        self.terminal.faults.status_code = number

    def _do_slow(self, seconds: Any = 5.0) -> None:
        self.terminal.faults.slow_s = _seconds(seconds)

    def _do_decline_ending(self, how: str = "abort") -> None:
        if how not in ENDINGS:
            raise ValueError(f"decline_ending: how is one of {', '.join(ENDINGS)}")
        self.terminal.faults.decline_ending = how  # type: ignore[assignment]  # one of ENDINGS, as the literal says

    def _do_completion_length(self, length: Any = 0) -> None:
        if int(length) not in (0, 1, 2):
            raise ValueError("completion_length: length is 0, 1 or 2")
        self.terminal.faults.completion_length = int(length)

    def _do_segment(self, size: Any = 1024) -> None:
        if not 0 <= int(size) <= 4096:
            raise ValueError("segment: size is 0 to 4096 bytes")
        self.terminal.faults.segment = int(size)

    def _do_idle_close(self, seconds: Any = 1.5) -> None:
        self.terminal.faults.idle_close_s = _seconds(seconds)

    def _do_mute(self, seconds: Any = 5.0) -> None:
        self.terminal.faults.mute_s = _seconds(seconds)

    def _do_clear_faults(self) -> None:
        self.terminal.faults = Faults()
        self.terminal.locked = False

    def decode(self, direction: str, data: bytes) -> str:
        """APDUs in words; card numbers masked, passwords and printed text left out."""
        if self.transport != "serial":
            reader = ApduReader()
            try:
                words = [describe(unit) for unit in reader.feed(data)]
            except FrameError as error:
                return str(error)
            return "; ".join(words + (["a part"] if reader.partial else []))
        words = []
        deframer = Deframer()
        for token in deframer.feed(data):
            if isinstance(token, Token):
                words.append(token.name)
            else:
                words.append(_one(token))
        return "; ".join(words + (["a part"] if deframer.inside else []))


def _one(body: bytes) -> str:
    try:
        return describe(decode_apdu(body))
    except FrameError as error:
        return str(error)


def make(address: str, **options: Any) -> PaymentPad:
    """A pad at `tcp://host:port` (bare APDUs) or at the path of a pty (DLE frames)."""
    return PaymentPad(address, **options)
