"""What some applications do at a counter, in the transaction that accepts them: once, or the case is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from simulator.platform import bookings, deliveries, feedback
from simulator.platform.call import Call


def act(cx: sqlite3.Connection, call: Call, service: str, form: Mapping[str, str], number: str, citizen: str) -> None:
    """Book, order or note what `service` stands for; nothing for every other item. Raises `Refusal`."""
    match service:
        case "WH-GN-004":
            bookings.book(cx, call, form, number, citizen)
        case "WH-GN-012":
            deliveries.order(cx, call, form, number, citizen)
        case "WH-GN-015" | "WH-GN-024":
            feedback.take(cx, call, service, form, number)
