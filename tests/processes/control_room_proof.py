"""What the terminals said against what the control room wrote: every number once, in order, money to the last fen."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import psycopg
from control_room_stand import Stand

from simulator.fleet.fleet import Fleet


async def until(true: Callable[[], bool], within_s: float) -> None:
    """Ask in a thread until it is so. Raises `AssertionError`."""
    end = time.monotonic() + within_s
    while not await asyncio.to_thread(_is_so, true):
        assert time.monotonic() < end, "it did not become so"
        await asyncio.sleep(0.1)


def _is_so(true: Callable[[], bool]) -> bool:
    try:
        return true()
    except (KeyError, TypeError):  # the control room is not there at the moment
        return False


async def compared(fleet: Fleet, stand: Stand, within_s: float = 60, *, in_order: bool = True) -> dict[str, Any]:
    """Wait until the database has what the broker acknowledged, then compare all of it; how much that was.

    Not `in_order`: a broker lost what it had, and a hole is filled when a room has seen it, after what lay beyond it.
    """
    books = fleet.books()  # what is said from here on is not asked for
    said = {(name, book["chain"]): book["last_n"] for name, book in books.items() if book["last_n"]}
    end = time.monotonic() + within_s
    while True:
        found = await asyncio.to_thread(_written, stand)
        if all(found.get(key, 0) >= last for key, last in said.items()):
            try:
                return await asyncio.to_thread(_judged, books, stand, in_order)
            except AssertionError:
                if in_order or time.monotonic() >= end:
                    raise
        assert time.monotonic() < end, _short(said, found)
        await asyncio.sleep(0.2)


def _written(stand: Stand) -> dict[tuple[str, str], int]:
    rows = stand.database.ask("SELECT terminal, chain, max(n) FROM event GROUP BY terminal, chain")
    return {(terminal, chain): last for terminal, chain, last in rows}


def _short(said: dict[tuple[str, str], int], found: dict[tuple[str, str], int]) -> str:
    behind = [key[0] for key, last in said.items() if found.get(key, 0) < last]
    return f"{len(behind)} terminals are not written to their end, for example {behind[:3]}"


def _judged(books: dict[str, dict[str, Any]], stand: Stand, in_order: bool) -> dict[str, Any]:
    """Contiguous numbers and the digest of all money, up to where each book stood. Raises `AssertionError`."""
    with psycopg.connect(stand.database.dsn) as cx:
        rows = cx.execute(
            "SELECT terminal, chain, n, class, id, heard_at FROM event ORDER BY terminal, chain, n"
        ).fetchall()
    by: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        by.setdefault((row[0], row[1]), []).append(row)
    events, money, swapped = 0, 0, 0
    for name, book in books.items():
        mine = [row for row in by.get((name, book["chain"]), []) if row[2] <= book["last_n"]]
        numbers = [row[2] for row in mine]
        missing = book["last_n"] - len(numbers)
        assert missing == book["dropped"], f"{name}: {missing} of {book['last_n']} events are not there"
        digest = hashlib.sha256()
        paid = [row for row in mine if row[3] == "money"]
        for row in paid:
            digest.update(f"{row[2]} money {row[4]}\n".encode())
        assert len(paid) == book["money"], f"{name}: money is missing"
        assert not paid or digest.hexdigest() == book["digest"], f"{name}: money is not what it was"
        swapped += sum(later[5] < earlier[5] for earlier, later in pairwise(mine))
        events += len(mine)
        money += len(paid)
    assert swapped == 0 or not in_order, f"{swapped} events came before the one that was said before them"
    return {"events": events, "money": money, "missing": 0, "out_of_order": swapped}
