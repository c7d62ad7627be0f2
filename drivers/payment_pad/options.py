"""A pad's options in a profile, checked once: `currency`, `password`, `config`, `vending`, ... with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from drivers.payment_pad.frames import CURRENCIES
from drivers.payment_pad.host import Dialect, Timers
from drivers.payment_pad.payment import Patience

_KNOWN = frozenset(
    (
        *("currency", "password", "config", "vending", "receipt_id", "closes_day", "transport", "t3_s", "t4_s"),
        *("settlement", "booking", "message_ids", "partial_issue", "charset", "aborts", "prints", "last_only"),
        "self_test",
    )
)
SETTLEMENTS = ("authorise", "preauthorise")
BOOKINGS = ("total", "unused")
CHARSETS = {"cp437": "cp437", "latin-1": "latin-1", "utf-8": "utf-8"}


@dataclass(frozen=True, slots=True)
class PadOptions:
    """`currency` ISO number; `config` the registration byte (BE: the kiosk prints, the pad has no keys of its own).

    `vending` bounds the goods-issue handshake (BMP 01 and 02); `receipt_id` mirrors tag 1F1F; `closes_day` says that
    the pad runs its end of day by itself, so an empty pad proves nothing.

    `holds`: payments are held (06 22) and booked or freed later; `booking` says with which command, 06 24 telling the
    `total` or 06 23 telling the `unused` part. Dialects: `message_ids` asks for numbered messages (tag 1F73);
    `partial_issue` the pad knows 84 9D (card complete and Hobex do not); `charset` of texts that do not name theirs
    (card complete sends latin-1); `aborts` the pad knows 06 B0 (Global Payments does not); `prints` we take receipt
    lines, else 84 CC; `last_only` the pad reverses only its last payment (PAX A80); `self_test` a technician's test may
    say 06 79 (false for a pad that restarts on it).
    """

    currency: int
    transport: str
    config: int = 0xBE
    password: str = field(default="000000", repr=False)
    vending: bool = True
    receipt_id: bool = False
    closes_day: bool = False
    holds: bool = False
    booking: str = "total"
    partial_issue: bool = False
    last_only: bool = False
    self_test: bool = True
    dialect: Dialect = field(default_factory=Dialect)
    timers: Timers = field(default_factory=Timers)
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def of(cls, name: str, link_url: str, options: Mapping[str, Any]) -> PadOptions:
        """Raises `ValueError` that names the option and what it may be."""
        where = f"devices.{name}.options"
        if unknown := sorted(set(options) - _KNOWN):
            raise ValueError(f"{where}: unknown {unknown}; known are {sorted(_KNOWN)}")
        currency = str(options.get("currency", "CNY"))
        if currency not in CURRENCIES:
            raise ValueError(f"{where}.currency: {currency!r} is none of {sorted(CURRENCIES)}")
        password = str(options.get("password", "000000"))
        if len(password) != 6 or not password.isdecimal():
            raise ValueError(f"{where}.password: six decimal digits are needed")
        serial = urlsplit(link_url).scheme == "serial"
        transport = str(options.get("transport", "serial" if serial else "tcp"))
        if transport not in ("tcp", "serial"):
            raise ValueError(f"{where}.transport: {transport!r} is neither tcp nor serial")
        return cls(
            currency=CURRENCIES[currency],
            transport=transport,
            config=_config(where, options.get("config", 0xBE)),
            password=password,
            vending=_flag(where, options, "vending", default=True),
            receipt_id=_flag(where, options, "receipt_id", default=False),
            closes_day=_flag(where, options, "closes_day", default=False),
            holds=_one_of(where, options, "settlement", SETTLEMENTS) == "preauthorise",
            booking=_one_of(where, options, "booking", BOOKINGS),
            partial_issue=_flag(where, options, "partial_issue", default=False),
            last_only=_flag(where, options, "last_only", default=False),
            self_test=_flag(where, options, "self_test", default=True),
            dialect=Dialect(
                charset=CHARSETS[_one_of(where, options, "charset", tuple(CHARSETS))],
                aborts=_flag(where, options, "aborts", default=True),
                prints=_flag(where, options, "prints", default=True),
                message_ids=_flag(where, options, "message_ids", default=False),
            ),
            timers=Timers(_seconds(where, options, "t3_s", 5.0), _seconds(where, options, "t4_s", 180.0)),
        )


def _config(where: str, value: Any) -> int:
    try:
        number = int(value, 16) if isinstance(value, str) else int(value)
    except ValueError:
        number = -1
    if not 0 <= number <= 0xFF:
        raise ValueError(f"{where}.config: {value!r} is no byte; write it like 'BE'")
    return number


def _flag(where: str, options: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = options.get(key, default)
    if not isinstance(value, bool):
        raise ValueError(f"{where}.{key}: {value!r} is neither true nor false")  # noqa: TRY004 - a setting's value, not a program's type
    return value


def _one_of(where: str, options: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    """The first of `allowed` is the default."""
    value = str(options.get(key, allowed[0]))
    if value not in allowed:
        raise ValueError(f"{where}.{key}: {value!r} is none of {', '.join(allowed)}")
    return value


def _seconds(where: str, options: Mapping[str, Any], key: str, default: float) -> float:
    value = options.get(key, default)
    if not isinstance(value, (int, float)) or not 0.1 <= value <= 600:
        raise ValueError(f"{where}.{key}: {value!r} is not 0.1 to 600 seconds")
    return float(value)
