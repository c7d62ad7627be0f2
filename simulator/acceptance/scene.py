"""One scenario: the terminal, the citizen who came, what they want, and how everything stood when they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from random import Random
from typing import Any, Literal

from config.catalogue import Catalogue, Service, load_catalogue
from simulator.acceptance.hands import Hands
from simulator.acceptance.terminal import NotHere, Terminal
from simulator.people import CITIZENS, Citizen

USUAL = "citizen-02"


@cache
def _catalogue() -> Catalogue:
    """Read once a process: it takes half a second."""
    return load_catalogue()


@dataclass(frozen=True, slots=True)
class Setting:
    """What kind of terminal a scenario needs. `opens` None: any time will do."""

    ways: tuple[str, ...] = ("card",)
    equipment: tuple[str, ...] = ()
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """How much there was of everything when the scenario began."""

    bank_fen: int = 0
    phone_fen: int = 0
    payments: int = 0
    receipts: int = 0
    sheets: int = 0
    cases: int = 0
    orders: int = 0
    prints: int = 0
    evaluations: int = 0
    heard: int = 0
    wire: int = 0
    entries: int = 0


@dataclass
class Scene:
    """What the steps act on. The terminal is opened by the first step that needs it."""

    opening: Callable[[Setting], Terminal]
    seed: int = 0
    where: Literal["hall", "bench"] = "hall"
    setting: Setting = field(default_factory=Setting)
    citizen: Citizen = field(default_factory=lambda: CITIZENS[USUAL])
    service: Service | None = None
    stood: Stood = field(default_factory=Stood)
    case: str = ""
    """The number of the case that the citizen brought along."""
    _terminal: Terminal | None = None
    _hands: Hands | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The services that are offered."""
        return _catalogue()

    @property
    def terminal(self) -> Terminal:
        """The terminal, opened when first asked for."""
        if self._terminal is None:
            self._terminal = self.opening(self.setting)
            self.stood = standing(self._terminal)
        return self._terminal

    @property
    def is_open(self) -> bool:
        """Whether a terminal was asked for."""
        return self._terminal is not None

    @property
    def hands(self) -> Hands:
        """The citizen's hands."""
        if self._hands is None:
            self._hands = Hands(self, Random(self.seed))
        return self._hands

    def stands_now(self) -> None:
        """Count from here on."""
        self.stood = standing(self.terminal)

    def last_case(self) -> Mapping[str, Any]:
        """The case that was handed in last, else the one brought along. Raises `AssertionError`."""
        cases = self.terminal.records("cases")
        mine = cases[self.stood.cases :] or [case for case in cases if case["number"] == self.case]
        if not mine:
            raise AssertionError("市平台没有他的办件")
        return mine[-1]

    def came(self, citizen: Citizen) -> None:
        """Somebody else stands there."""
        self.citizen = citizen

    def service_called(self, name: str) -> Service:
        """The service of that name or number. Raises `ValueError`."""
        services = self.catalogue.services
        found = services.get(name) or next((s for s in services.values() if s.name.zh == name), None)
        if found is None:
            near = [s.name.zh for s in services.values() if name in s.name.zh][:5]
            raise ValueError(f"没有叫“{name}”的事项" + (f"；相近的有：{'、'.join(near)}" if near else ""))
        return found

    def wants(self, name: str) -> Service:
        """The service of that name or number; from now on what the citizen came for. Raises `ValueError`."""
        self.service = self.service_called(name)
        self.hands.begin(self.service)
        return self.service


def standing(terminal: Terminal) -> Stood:
    """How much there is of everything now."""
    pad, paper = terminal.state("payment-pad"), terminal.state("receipt-printer")
    payments = sum(entry["kind"] == "payment" for entry in pad.get("ledger", ()))
    kinds = ("cases", "orders", "prints", "evaluations")
    cases, orders, prints, evaluations = (len(terminal.records(kind)) for kind in kinds)
    return Stood(
        int(pad.get("balance_fen", 0)),
        terminal.phone_fen(),
        payments,
        int(paper.get("receipts", 0)),
        int(terminal.state("licence-printer").get("pages_printed", 0)),
        cases,
        orders,
        prints,
        evaluations,
        len(terminal.heard()),
        terminal.wire_count(),
        _entries(terminal),
    )


def _entries(terminal: Terminal) -> int:
    try:
        return terminal.journal_count()
    except NotHere:
        return 0
