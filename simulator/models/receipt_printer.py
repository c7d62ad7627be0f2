"""The simulated receipt printer: a paper roll, a cover, a cutter and a plug that people and scripts can touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.frames import ReceiptWords
from simulator.device import SimDevice, UnknownVerb, told_version
from simulator.models.receipt_mechanism import NEAR_END_M, Mechanism
from simulator.models.receipt_paper import Paper, Receipt, png
from simulator.models.receipt_presenter import Presenter
from simulator.models.receipt_typesetter import Typesetter
from simulator.ports.serve import make_port
from simulator.wire.receipt_printer import ReceiptPrinterEnd, Tuning

ROLL_M = 80.0
MAX_ROLL_M = 500.0


class SimReceiptPrinter(SimDevice):
    """One receipt printer of `profile`. Artefacts: `paper.png`, `receipt-N.png`, `receipt-N.txt`."""

    family = "receipt-printer"
    verbs = {  # noqa: RUF012 - a constant table of the class
        "tear_off": "take the paper that hangs out, or pull the ticket out of the presenter's exit",
        "presenter_jam": "jam the ticket in the presenter (printers with a presenter)",
        "retracting": "the printer's menu: pulling tickets back allowed (on=true|false)",
        "voltage": "supply voltage too low (on=true|false)",
        "new_roll": "put in a new roll (metres=80)",
        "near_end": "use the roll up to the near-end sensor (metres=3)",
        "paper_out": "use up the roll",
        "cover_open": "open the cover",
        "cover_close": "close the cover",
        "cutter_jam": "block the cutter (at=now: error at once; at=cut: error at the next cut)",
        "paper_jam": "block the paper path",
        "head_hot": "heat the print head until it stops (on=true|false)",
        "unrecoverable": "break the electronics",
        "clear_fault": "take out scraps, let the head cool, repair and restart the electronics",
        "silent": "answer nothing, print on (on=true|false)",
        "hold": "take everything, print nothing, report nothing (on=true|false)",
        "firmware": "another firmware, told at the next opening: version=1.07; empty: it tells none, and no number",
        "power_off": "switch off",
        "power_on": "switch on",
    }

    def __init__(self, address: str, profile: str, tuning: Tuning, metres: float) -> None:
        super().__init__()
        if not 0 <= metres <= MAX_ROLL_M:
            raise ValueError(f"roll of {metres} m: 0 to {MAX_ROLL_M:g}")
        self.profile = receipt_printer(profile)
        self.paper = Paper(self.profile.dots, metres)
        self.mechanism = Mechanism(self.paper, self.profile.near_end_sensor)
        if self.profile.has_presenter:
            self.mechanism.presenter = Presenter(self.paper)
        self.setter = Typesetter(self.profile, self.paper)
        self.end = ReceiptPrinterEnd(self.profile, self.mechanism, self.setter, tuning)
        self.port = make_port(self.end, address, self.tap)
        self._words = ReceiptWords()
        self._acts: dict[str, Callable[..., Any]] = {
            "tear_off": self._tear_off,
            "presenter_jam": self._presenter_jam,
            "retracting": lambda on=True: setattr(self._presenter, "retracting", _on(on)),
            "voltage": lambda on=True: self._switch("low_voltage", on),
            "new_roll": self._new_roll,
            "near_end": self._near_end,
            "paper_out": lambda: setattr(self.paper, "left_m", 0.0),
            "cover_open": lambda: self._cover(is_open=True),
            "cover_close": lambda: self._cover(is_open=False),
            "cutter_jam": self._cutter_jam,
            "paper_jam": self._paper_jam,
            "head_hot": lambda on=True: self._switch("head_hot", on),
            "unrecoverable": lambda: setattr(self.mechanism, "broken", True),
            "clear_fault": self._clear_fault,
            "silent": lambda on=True: self._switch("silent", on),
            "hold": lambda on=True: self._switch("held", on),
            "firmware": lambda version="1.07": setattr(self.end, "firmware", told_version(version)),
            "power_off": lambda: self.end.power(False, drop_line=self.port.address.startswith("tcp:")),
            "power_on": lambda: self.end.power(True),
        }

    @property
    def link(self) -> str:
        """The link URL for a profile."""
        if self.port.address.startswith("tcp://"):
            return self.port.address
        return f"serial://{self.port.address.removeprefix('pty:')}?baud=115200"

    async def plug(self) -> None:
        """Make the port exist."""
        await self.port.plug()
        self.changed()

    async def unplug(self) -> None:
        """Take the cable away."""
        await self.port.unplug()
        self.changed()

    def do(self, verb: str, **args: Any) -> Any:
        """Do what `verbs` names. Raises `UnknownVerb`, `ValueError` for a wrong argument."""
        act = self._acts.get(verb)
        if act is None:
            raise UnknownVerb(f"receipt printer: no verb {verb!r}; it knows {', '.join(self.verbs)}")
        try:
            result = act(**args)
        except TypeError as error:
            raise ValueError(f"receipt printer, {verb}: {error}; usage: {self.verbs[verb]}") from error
        self.port.touch()
        self.changed()
        return result

    def state(self) -> dict[str, Any]:
        """What a person before the printer sees."""
        presenter = self.mechanism.presenter
        last = self.paper.receipts[-1] if self.paper.receipts else None
        return {
            "plugged": self.port.plugged,
            "powered": self.mechanism.powered,
            "words": self.mechanism.words(),
            "profile": self.profile.name,
            "paper_m": round(self.paper.left_m, 3),
            "printed_m": round(self.paper.used_m, 3),
            "has_presenter": presenter is not None,
            "paper_low": self.paper.left_m < NEAR_END_M,
            "cover_open": self.mechanism.cover_open,
            "conditions": [(c.name or "").lower() for c in self.mechanism.conditions],
            "receipts": self.paper.count,
            "hanging": len(self.paper.hanging),
            "ticket_in_exit": presenter is not None and presenter.ticket,
            "retracted": len(presenter.retracted) if presenter else 0,
            "pushed_out": presenter.pushed_out if presenter else 0,
            "holding_bytes": self.end.holding,
            "lost_bytes": self.end.lost_bytes,
            "last_receipt": last.text if last else "",
            "printing": self.paper.current_text(),
            "notes": list(self.setter.tally.notes),
        }

    def artefact(self, name: str) -> tuple[str, bytes]:
        """`paper.png`: what hangs out; `receipt-N.png`, `receipt-N.txt`: a printed piece. Raises `KeyError`."""
        if name == "paper.png":
            return "image/png", png(self.paper.picture())
        stem, _, kind = name.partition(".")
        receipt = self._receipt(stem)
        if receipt is not None and kind == "png":
            return "image/png", receipt.png()
        if receipt is not None and kind == "txt":
            return "text/plain; charset=utf-8", receipt.text.encode()
        kept = [r.number for r in self.paper.receipts]
        raise KeyError(f"{self.family} has no {name!r}; there is paper.png and receipt-N.png, .txt for N in {kept}")

    def decode(self, direction: str, data: bytes) -> str:
        """What crossed the wire, in words."""
        return self._words.to_printer(data) if direction == "in" else self._words.to_host(data)

    def _receipt(self, stem: str) -> Receipt | None:
        return next((r for r in self.paper.receipts if f"receipt-{r.number}" == stem), None)

    def _new_roll(self, metres: float = ROLL_M) -> None:
        if not 0 < float(metres) <= MAX_ROLL_M:
            raise ValueError(f"receipt printer, new_roll: {metres} m; a roll has 0 to {MAX_ROLL_M:g} m")
        self.paper.new_roll(float(metres))

    def _near_end(self, metres: float = 3.0) -> None:
        if not 0 < float(metres) < NEAR_END_M:
            raise ValueError(f"receipt printer, near_end: {metres} m; the sensor works below {NEAR_END_M:g} m")
        self.paper.left_m = float(metres)

    def _cover(self, *, is_open: bool) -> None:
        self.mechanism.cover_open = is_open
        if not is_open:
            self.mechanism.recover()

    def _cutter_jam(self, at: str = "now") -> None:
        if at not in ("now", "cut"):
            raise ValueError(f"receipt printer, cutter_jam: at={at!r}; now or cut")
        self.mechanism.cutter_blocked = True
        self.mechanism.cutter_error = self.mechanism.cutter_error or at == "now"

    def _paper_jam(self) -> None:
        self.mechanism.path_blocked = self.mechanism.jam_error = True

    @property
    def _presenter(self) -> Presenter:
        if self.mechanism.presenter is None:
            raise ValueError(f"receipt printer {self.profile.name}: it has no presenter")
        return self.mechanism.presenter

    def _tear_off(self) -> int:
        if self.mechanism.presenter is not None and self.mechanism.presenter.jammed:
            raise ValueError("receipt printer, tear_off: the ticket is jammed; clear_fault takes it out")
        return self.paper.tear_off()

    def _presenter_jam(self) -> None:
        self._presenter.jammed = True
        self._paper_jam()

    def _clear_fault(self) -> None:
        mechanism = self.mechanism
        mechanism.low_voltage = False
        if mechanism.presenter is not None and mechanism.presenter.jammed:
            mechanism.presenter.jammed = False
            self.paper.tear_off()
        mechanism.cutter_blocked = mechanism.path_blocked = mechanism.head_hot = False
        if mechanism.broken:
            mechanism.broken = False
            self.end.power(True)

    def _switch(self, attribute: str, on: object) -> None:
        setattr(self.mechanism, attribute, _on(on))


def _on(on: object) -> bool:
    if isinstance(on, str):
        if on.lower() not in ("true", "false", "on", "off", "1", "0"):
            raise ValueError(f"receipt printer: on={on!r}; true or false")
        return on.lower() in ("true", "on", "1")
    return bool(on)


def make(address: str, **options: Any) -> SimReceiptPrinter:
    """A printer at `address`. Options: profile, speed_mm_s, metres, buffer_bytes, flow ("xonxoff" or "none")."""
    given = dict(options)
    profile = str(given.pop("profile", "chinese-80mm"))
    metres = float(given.pop("metres", ROLL_M))
    flow = str(given.pop("flow", "none"))
    if flow not in ("none", "xonxoff"):
        raise ValueError(f"receipt printer: flow={flow!r}; none or xonxoff")
    tuning = Tuning(
        float(given.pop("speed_mm_s", 150.0)), int(given.pop("buffer_bytes", Tuning().buffer_bytes)), flow == "xonxoff"
    )
    if given:
        known = "profile, speed_mm_s, metres, buffer_bytes, flow"
        raise ValueError(f"receipt printer: unknown options {sorted(given)}; it knows {known}")
    return SimReceiptPrinter(address, profile, tuning, metres)
