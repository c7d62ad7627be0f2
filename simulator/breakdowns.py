"""Breakdowns, prepared: how each comes, and the event that is its true cause (config/events.toml).

`simulator.striking` lets them happen in a hall, `simulator.bench.breaking` at the bench. Of those with a `stage`
"before" is there when the terminal is switched on, "ports" is about a real port or a real network, "held" about
another program on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

READER, RECEIPTS, LICENCES = "id-card-reader", "receipt-printer", "licence-printer"
PAD, CABINET = "payment-pad", "cabinet"

Stage = Literal["hall", "before", "held", "ports"]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One breakdown: `act` on `where` with `args`; `event` is what a technician should read first."""

    name: str
    zh: str
    where: str
    act: str
    event: str
    args: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage = "hall"
    beside: tuple[Breakdown, ...] = ()
    """Symptoms and trifles that come with it and must not be named first."""

    @property
    def key(self) -> str:
        """Its name for a command line: `paper-jammed-behind-the-presenter`."""
        return "-".join(re.findall(r"[a-z0-9]+", self.name.replace("'s", "s").lower()))


def _b(
    name: str, zh: str, where: str, act: str, event: str, *beside: Breakdown, stage: Stage = "hall", **args: Any
) -> Breakdown:
    return Breakdown(name, zh, where, act, event, MappingProxyType(args), stage, beside)


TONER = _b("toner low", "碳粉不多", LICENCES, "toner_low", "device.licence-printer.toner-low")
NEAR_END = _b("receipt paper low", "凭条纸快用完", RECEIPTS, "near_end", "device.receipt-printer.paper-low")
NO_READER = _b("reader unplugged", "读卡器被拔掉", READER, "unplug", "device.any.unplugged")
NO_PAD = _b("pad unplugged", "刷卡机被拔掉", PAD, "unplug", "device.any.unplugged")
NO_LICENCES = _b("licence printer unplugged", "证照打印机被拔掉", LICENCES, "unplug", "device.any.unplugged")
NO_NETWORK = _b("no network", "没有网络", "platform", "faults", "platform.unreachable", down=True)

BREAKDOWNS: Final[tuple[Breakdown, ...]] = (
    _b(
        "paper jammed behind the presenter", "出纸口后面卡纸",
        RECEIPTS, "paper_jam", "device.receipt-printer.paper-jammed", TONER,
    ),
    _b("cutter jammed", "切刀卡住", RECEIPTS, "cutter_jam", "device.receipt-printer.cutter", TONER),
    _b("receipt printer's cover open", "凭条打印机开着盖", RECEIPTS, "cover_open", "device.receipt-printer.cover-open"),
    _b("receipt paper at its end", "凭条纸用完", RECEIPTS, "paper_out", "device.receipt-printer.paper-out", TONER),
    _b(
        "reader at the wrong speed", "读卡器速率不对",
        "link", "baud", "device.id-card.slow-line", stage="ports", baud=9600,
    ),
    _b("reader silent", "读卡器不回答", READER, "silent", "device.any.no-answer", TONER, times="always"),
    _b("pad locked until end of day", "刷卡机没有日结，锁住了", PAD, "lock_f0", "device.payment-pad.day-end", TONER),
    _b(
        "terminal's certificate expiring", "本机证书快到期",
        "certificate", "ends", "certificate.ending", stage="before", days=6,
    ),
    _b("platform's certificate expired", "平台证书已过期", "tls", "expired", "platform.certificate"),
    _b("clock off, the platform refuses", "时钟不准，平台不收", "clock", "jump", "time.off", TONER, seconds=5400),
    _b("disk full", "磁盘满了", "disk", "refuse", "storage.refuses", TONER, writes=-1),
    _b("camera covered", "镜头被挡住", "camera", "cover", "device.camera.dark", TONER),
    TONER,
    _b(
        "port held by another program", "端口被别的程序占用",
        "link", "hold", "device.any.port-busy", TONER, stage="held", family="id_card",
    ),
    _b("platform slow", "平台很慢", "line", "slow", "platform.slow", stage="ports", slow_s=2.3),
    _b("network cable out", "网线掉了", "platform", "faults", "platform.unreachable", TONER, down=True),
    _b("two devices swapped", "两个设备插反了", "link", "swap", "device.any.several", stage="before"),
    _b(
        "mains off, UPS on battery", "停电，UPS 供电",
        CABINET, "ups_engage", "cabinet.on-battery", NO_READER, NO_NETWORK,
    ),
    _b("cabinet's door open", "机柜门开着", CABINET, "open_door", "cabinet.door-open", TONER),
    _b("licence printer jammed", "证照打印机卡纸", LICENCES, "jam", "device.licence-printer.paper-jammed", TONER),
)  # fmt: skip
FURTHER: Final[tuple[Breakdown, ...]] = (
    _b("hall's switch dead", "交换机坏了", "platform", "faults", "network.hall", NO_LICENCES, NO_PAD, TONER, down=True),
    _b("power strip off", "插线板断电", RECEIPTS, "unplug", "device.any.strip", NO_READER, NO_PAD, TONER),
    _b(
        "platform fails behind a well network", "网络通，平台故障",
        "platform", "faults", "platform.ill", TONER, NEAR_END, status=503,
    ),
    _b(
        "reader fails its own test", "读卡器自检不过",
        READER, "self_test_fault", "device.any.broken", TONER, NEAR_END, on=True,
    ),
    _b(
        "reader's cable damaged", "读卡器数据线坏了",
        READER, "bad_checksum", "device.any.damaged-line", TONER, times="always",
    ),
    _b("fan stands still", "风扇停转，机柜过热", CABINET, "temperature", "cabinet.hot", TONER, NEAR_END, c=70),
)  # fmt: skip
"""Written by somebody who had not read the ranking, to measure it (docs/breakdowns.md)."""
BROKER: Final = "mqtt://127.0.0.1:1"
"""Where no broker is: nothing listens on port 1 (tcpmux, RFC 1078)."""
SINCE: Final[tuple[Breakdown, ...]] = (
    _b("fleet's broker gone", "运维中心连不上", "fleet", "away", "fleet.unreachable", stage="before"),
)
"""Written since with a section of their own."""
ALL: Final = (*BREAKDOWNS, *FURTHER, *SINCE)


def named(name: str) -> Breakdown:
    """The breakdown of that name, in either language or as on a command line. Raises `ValueError`, which lists all."""
    wanted = name.strip()
    for each in ALL:
        if wanted in (each.name, each.zh, each.key):
            return each
    raise ValueError(f"no breakdown {wanted[:60]!r}; there are {', '.join(each.key for each in ALL)}")
