"""Twenty breakdowns of a hall, prepared: how each comes, and the event that is its true cause (config/events.toml).

`strike` lets those happen that a hall can have. Those with a `stage` need more than one: "before" is there when the
terminal is switched on, "ports" is about a real port or a real network, "held" about another program on this machine.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

import requests
from requests.adapters import BaseAdapter

from simulator.hall import URL, Hall
from simulator.mishaps import CABINET, LICENCES, PAD, READER, RECEIPTS

Stage = Literal["hall", "before", "held", "ports"]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One breakdown: `act` on `where` with `args`; `event` is what a technician should read first."""

    name: str
    where: str
    act: str
    event: str
    args: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage = "hall"
    beside: tuple[Breakdown, ...] = ()
    """Symptoms and trifles that come with it and must not be named first."""


def _b(
    name: str, where: str, act: str, event: str, *beside: Breakdown, stage: Stage = "hall", **args: Any
) -> Breakdown:
    return Breakdown(name, where, act, event, MappingProxyType(args), stage, beside)


TONER = _b("toner low", LICENCES, "toner_low", "device.licence-printer.toner-low")
NO_READER = _b("reader unplugged", READER, "unplug", "device.any.unplugged")
NO_NETWORK = _b("no network", "platform", "faults", "platform.unreachable", down=True)

BREAKDOWNS: Final[tuple[Breakdown, ...]] = (
    _b("paper jammed behind the presenter", RECEIPTS, "paper_jam", "device.receipt-printer.paper-jammed", TONER),
    _b("cutter jammed", RECEIPTS, "cutter_jam", "device.receipt-printer.cutter", TONER),
    _b("receipt printer's cover open", RECEIPTS, "cover_open", "device.receipt-printer.cover-open"),
    _b("receipt paper at its end", RECEIPTS, "paper_out", "device.receipt-printer.paper-out", TONER),
    _b("reader at the wrong speed", "link", "baud", "device.id-card.slow-line", stage="ports", baud=9600),
    _b("reader silent", READER, "silent", "device.any.no-answer", TONER, times="always"),
    _b("pad locked until end of day", PAD, "lock_f0", "device.payment-pad.day-end", TONER),
    _b("terminal's certificate expiring", "certificate", "ends", "certificate.ending", stage="before", days=6),
    _b("platform's certificate expired", "tls", "expired", "platform.certificate"),
    _b("clock off, the platform refuses", "clock", "jump", "time.off", TONER, seconds=5400),
    _b("disk full", "disk", "refuse", "storage.refuses", TONER, writes=-1),
    _b("camera covered", "camera", "cover", "device.camera.dark", TONER),
    _b("toner low", LICENCES, "toner_low", "device.licence-printer.toner-low"),
    _b("port held by another program", "link", "hold", "device.any.port-busy", TONER, stage="held", family="id_card"),
    _b("platform slow", "line", "slow", "platform.slow", stage="ports", slow_s=2.3),
    _b("network cable out", "platform", "faults", "platform.unreachable", TONER, down=True),
    _b("two devices swapped", "link", "swap", "device.any.several", stage="before"),
    _b("mains off, UPS on battery", CABINET, "ups_engage", "cabinet.on-battery", NO_READER, NO_NETWORK),
    _b("cabinet's door open", CABINET, "open_door", "cabinet.door-open", TONER),
    _b("licence printer jammed", LICENCES, "jam", "device.licence-printer.paper-jammed", TONER),
)  # fmt: skip


class ExpiredTls(BaseAdapter):
    """A line whose far end shows a certificate that has ended."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises `SSLError`, as urllib3 does."""
        del args, kwargs
        told = ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired")
        raise requests.exceptions.SSLError(told, request=request)

    def close(self) -> None:
        """Nothing is open."""


async def strike(hall: Hall, breakdown: Breakdown) -> None:
    """Let it happen to a hall whose terminal runs, its company too. What is `before` is prepared by who opens it."""
    args = dict(breakdown.args)
    match breakdown.where, breakdown.act:
        case "link" | "certificate" | "line", _:
            pass  # prepared by who opened the hall
        case "tls", _:
            hall.session.mount(URL, ExpiredTls())
        case "clock", _:
            hall.ahead_s += args["seconds"]
        case "disk", _:
            hall.disk_refuses = args["writes"]
        case "camera", _:
            hall.face = "covered"
        case "platform", _:
            hall.platform_faults(**args)
        case where, "unplug":
            await hall.devices[where].unplug()
        case where, verb:
            hall.do(where, verb, **args)
    for each in breakdown.beside:
        await strike(hall, each)
