"""Serial-numbered forms in and out of the tray: counted by one person, signed by another (P3).

Three acts on the ledger (`printing.forms_stock`): a range comes in, forms go out with a reason, the tray is counted.
Whatever the count finds missing is named number by number; a difference without numbers is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from kiosk.printing.forms_stock import FormsStock, StockError
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.signing import Signed, needed

Why = Literal["damaged", "returned", "not-found", "test-print", "exchanged"]
WHYS: Final[tuple[Why, ...]] = get_args(Why)
MOST_OUT: Final = 200


@dataclass(frozen=True, slots=True)
class Shelved:
    """One kind of form as the ledger has it. `first` and `last` of the free ones, "" when there are none."""

    stock: str
    free: int
    first: str
    last: str
    used: int
    unclear: int
    spoiled: int


@dataclass(frozen=True, slots=True)
class Count:
    """What the ledger expected, what lay there, the numbers that went out with it."""

    stock: str
    expected: int
    found: int
    missing: tuple[str, ...]


async def shelved(stock: FormsStock) -> tuple[Shelved, ...]:
    """Every kind of form, by name. Raises `JournalError`."""
    await stock.refresh()
    return tuple(
        Shelved(
            name, len(shelf.free), shelf.free[0] if shelf.free else "", shelf.free[-1] if shelf.free else "",
            shelf.used, shelf.count("unclear"), shelf.count("spoiled"),
        )
        for name, shelf in sorted(stock.shelves.items())
    )  # fmt: skip


async def load(
    stock: FormsStock, name: str, first: str, last: str, count: int, *, who: str, signed: Signed | None
) -> int:
    """A range was put in, `count` forms by hand count. Raises `Refusal`: not signed by another, the count differs."""
    by = _other(who, signed)
    head, number = _split(first)
    head_last, number_last = _split(last)
    expected = int(number_last) - int(number) + 1
    if head != head_last or len(number) != len(number_last) or expected != count:
        raise Refusal("work.count-differs", f"{max(expected, 0)} / {count}")
    try:
        return await stock.load(
            name, head, int(number), int(number_last), width=len(number), who=who, signed=by.reference
        )
    except StockError as error:
        raise Refusal("work.stock", str(error)) from error


async def take_out(
    stock: FormsStock, name: str, serials: Sequence[str], why: Why, *, who: str, signed: Signed | None
) -> int:
    """Free forms leave the tray for good; returns how many. Raises `Refusal`, `JournalError`."""
    by = _other(who, signed)
    if why not in WHYS or not 1 <= len(serials) <= MOST_OUT:
        raise Refusal("work.not-understood", f"1-{MOST_OUT}")
    try:
        return await stock.take_out(name, serials, who=who, why=why, signed=by.reference)
    except StockError as error:
        raise Refusal("work.stock", str(error)) from error


async def counted(
    stock: FormsStock,
    name: str,
    count: int,
    *,
    first: str = "",
    last: str = "",
    absent: Sequence[str] = (),
    why: Why | None = None,
    who: str,
    signed: Signed | None,
) -> Count:
    """The tray was counted: `count` forms, `first` on top, `last` below, without those `absent` between them.

    What is missing goes out of the ledger with the reason `why`. Raises `Refusal`, `JournalError`.
    """
    by = _other(who, signed)
    if why is not None and why not in WHYS:
        raise Refusal("work.not-understood", "why")
    try:
        expected, missing = await stock.counted(
            name, count, first, last, absent, who=who, why=why or "", signed=by.reference
        )
    except StockError as error:
        raise Refusal("work.stock", str(error)) from error
    return Count(name, expected, count, missing)


def numbered(first: str, last: str) -> tuple[str, ...]:
    """The numbers from `first` to `last`, both included. Raises `Refusal`: no range, or more than `MOST_OUT`."""
    head, number = _split(first)
    head_last, number_last = _split(last)
    low, high = int(number), int(number_last)
    if head != head_last or len(number) != len(number_last) or not 0 <= high - low < MOST_OUT:
        raise Refusal("work.not-understood", f"{first[:16]} - {last[:16]}")
    return tuple(f"{head}{each:0{len(number)}d}" for each in range(low, high + 1))


def _other(who: str, signed: Signed | None) -> Signed:
    """The signature of somebody else than who counted."""
    by = needed(signed)
    if by.who == who:
        raise Refusal("work.signed-by-same")
    return by


def _split(serial: str) -> tuple[str, str]:
    head = serial.rstrip("0123456789")
    digits = serial[len(head) :]
    if not 4 <= len(digits) <= 12 or not serial.isascii():
        raise Refusal("work.not-understood", "serial")
    return head, digits
