"""Paying by phone, refunds and the daily list: the part of the client that money uses. Errors as in `Platform`."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, cast
from urllib.parse import quote

from kiosk.platform.messages import ORDER_STATES, OrderState, PaymentOrder, payment_order
from kiosk.platform.reading import Members

RefundState = Literal["PROCESSING", "DONE", "REFUSED"]
_REFUND_STATES = frozenset({"PROCESSING", "DONE", "REFUSED"})
MOST_ORDERS = 2000


class Get(Protocol):
    """One GET."""

    def __call__(self, path: str) -> Awaitable[Any]:
        """The reply's JSON."""
        ...


class Post(Protocol):
    """One POST."""

    def __call__(self, path: str, body: Mapping[str, Any], *, key: str = "", session: str = "") -> Awaitable[Any]:
        """The reply's JSON."""
        ...


@dataclass(frozen=True, slots=True)
class OrderCode:
    """What the QR code on the screen holds, and until when it is good."""

    order: PaymentOrder
    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back under our refund number."""

    refund_no: str
    order: str
    fen: int
    state: RefundState


@dataclass(frozen=True, slots=True)
class SettledOrder:
    """One line of the platform's daily list."""

    id: str
    intent: str
    fen: int
    state: OrderState
    method: str


class Paying:
    """Calls of `Platform` that concern payments by phone, refunds and settlement."""

    def __init__(self, get: Get, post: Post) -> None:
        self._get = get
        self._post = post

    async def code(self, order: str, key: str) -> OrderCode:
        """A code to show for an order."""
        m = Members(await self._post(f"/payment-orders/{_part(order)}/code", {}, key=key), "OrderCode")
        return OrderCode(payment_order(m.members("order")), m.text("code", 200), m.time("expires_at"))

    async def scan(self, order: str, key: str, code: str) -> PaymentOrder:
        """Hand over the payer's own code. Anything but a certain error may have paid."""
        return _order(await self._post(f"/payment-orders/{_part(order)}/scan", {"code": code}, key=key))

    async def close(self, order: str, key: str) -> PaymentOrder:
        """End an order that is not paid."""
        return _order(await self._post(f"/payment-orders/{_part(order)}/close", {}, key=key))

    async def reverse(self, order: str, key: str) -> PaymentOrder:
        """Undo a scanned payment whatever became of it."""
        return _order(await self._post(f"/payment-orders/{_part(order)}/reversal", {}, key=key))

    async def refund(self, refund_no: str, order: str, fen: int, reason: str) -> Refund:
        """Give `fen` of a paid order back, under our refund number: again is safe."""
        body = {"order": order, "fen": fen, "reason": reason}
        return _refund(await self._post("/refunds", body, key=refund_no))

    async def refund_state(self, refund_no: str) -> Refund:
        """How a refund stands. Raises `Problem` "not-found" when the platform never had it."""
        return _refund(await self._get(f"/refunds/{_part(refund_no)}"))

    async def settlement(self, day: date) -> tuple[SettledOrder, ...]:
        """The platform's list of this terminal's orders of a day, as they stand now."""
        m = Members(await self._get(f"/settlements/{day.isoformat()}"), "SettlementList")
        return tuple(_settled(entry) for entry in m.objects("items", MOST_ORDERS))

    async def report_differences(
        self,
        day: date,
        key: str,
        *,
        pad_fen: int | None,
        journal_fen: int,
        items: Sequence[Mapping[str, str]],
    ) -> None:
        """What a comparison found: kind, order, here, there of each; references only."""
        body = {"pad_fen": pad_fen, "journal_fen": journal_fen, "items": [dict(item) for item in items]}
        await self._post(f"/settlements/{day.isoformat()}/differences", body, key=key)


def _order(reply: Any) -> PaymentOrder:
    return payment_order(Members(reply, "PaymentOrder"))


def _refund(reply: Any) -> Refund:
    m = Members(reply, "Refund")
    state = cast("RefundState", m.word("state", _REFUND_STATES))
    return Refund(m.id("refund_no"), m.id("order"), m.number("fen", 0, 10_000_000), state)


def _settled(m: Members) -> SettledOrder:
    state = cast("OrderState", m.word("state", ORDER_STATES))
    return SettledOrder(m.id("id"), m.id("intent"), m.number("fen", 0, 10_000_000), state, m.text("method", 20))


def _part(text: str) -> str:
    return quote(text, safe="")
