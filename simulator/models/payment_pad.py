"""The simulated payment pad as people use it: cards to hold to it, faults to arm, its display and the bank's ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from drivers.payment_pad.frames import ApduReader, Deframer, FrameError, Token, decode_apdu, describe
from simulator.device import SimDevice, UnknownVerb, told_version
from simulator.models.pad_faults import ALIENS, Faults, arm, is_on, seconds_of, verbs
from simulator.models.pad_terminal import RIGHT_PIN, Act, Terminal, Times
from simulator.ports.serve import Port, Tap, make_port
from simulator.wire.endpoint import DeviceEnd
from simulator.wire.payment_pad import PadEnd

Join = Callable[[DeviceEnd, Tap], Port]
DEFAULT_CARD = "citizen-02"
_WORDS = {
    "idle": "ready",
    "booting": "starting",
    "waiting": "waits for a card: {amount}",
    "pin": "waits for the PIN: {amount}",
    "settling": "approved, waits for the terminal's word: {amount}",
    "ending": "ends",
}


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
        "power_cycle": "power goes and comes back",
        "lock_f0": "locked until the end of day: on=true",
        "status_code": "the status byte it reports: code=51 (00 ends it)",
        "mute": "updates itself so long after an end of day: seconds=5, how=E0 or FC, deaf=false",
        "wrong_protocol": f"answers in another protocol: times=1, what={', '.join(ALIENS)}",
        **verbs(),
        "firmware": "another software, told at the next status enquiry: version=SPECIMEN-PAD-1.1",
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
            "held_fen": t.ledger.held_fen,
            "holds": list(t.holds),
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
        if not arm(self.terminal.faults, name, args):
            getattr(self, f"_do_{name}")(**args)

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
        self.terminal.auto = (card, seconds_of(after))
        if self.terminal.phase == "waiting":
            self.terminal.acts.append(Act("tap", card))

    def _do_power_cycle(self) -> None:
        self.end.power_cycle(self.end.now)

    def _do_lock_f0(self, on: Any = True) -> None:
        self.terminal.locked = is_on(on)

    def _do_status_code(self, code: str = "00") -> None:
        number = int(str(code), 16)
        if not 0 <= number <= 0xFF:
            raise ValueError("status_code: code is 00 to FF, hexadecimal")
        self.terminal.faults.status_code = number

    def _do_firmware(self, version: str = "SPECIMEN-PAD-1.1") -> None:
        self.terminal.software = told_version(version)

    def _do_mute(self, seconds: Any = 5.0, how: str = "E0", deaf: Any = False) -> None:
        if str(how).upper() not in ("E0", "FC"):
            raise ValueError("mute: how is E0 (update) or FC (restart)")
        f = self.terminal.faults
        f.mute_s, f.mute_how, f.deaf = seconds_of(seconds), str(how).upper(), is_on(deaf)

    def _do_wrong_protocol(self, times: Any = 1, what: str = "other") -> None:
        if what not in ALIENS or not 0 <= int(times) <= 1000:
            raise ValueError(f"wrong_protocol: times is 0 to 1000, what is one of {', '.join(ALIENS)}")
        self.terminal.faults.wrong_protocol, self.terminal.faults.alien = int(times), what

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
