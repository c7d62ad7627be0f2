"""`kiosk money`: what is owed to citizens, and how the days' books compare. Reads the journal; changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.intents import IN_DOUBT, OWED, PAYMENTS, State
from kiosk.money.settlement_marks import COMPARED, DIFFERENCE, POSTPONED

app = typer.Typer(no_args_is_help=True, help="What is owed, and how the books compare; changes nothing.")

WORDS = {
    State.OWED: "owed, not given back yet",
    State.REVERSING: "being reversed",
    State.REFUNDING: "being refunded by the platform",
    State.RELEASING: "held, being released",
    State.LAPSED: "service given, nothing held any more: look at the acquirer's list",
}
DOUBT = "nobody knows yet whether it was charged: asked again and again"
CLERK = "a reversal without an answer, too late to ask: refund it at the counter, the platform tells this terminal"
MOST = 1000

File = Annotated[Path, typer.Argument(help="The journal: journal.db in the terminal's state folder.")]
Day = Annotated[str, typer.Option(help="Only this day, YYYY-MM-DD.")]


def _rows(file: Path, query: str, given: tuple[object, ...]) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            return db.execute(query, given).fetchall()
    except sqlite3.Error as error:
        typer.echo(f"{file}: {error}; give the terminal's journal.db", err=True)
        raise typer.Exit(2) from error


def owed_lines(file: Path) -> list[str]:
    """A line for each payment that is not settled: since when, how much, which way, its reference, where it stands."""
    states = sorted(OWED | IN_DOUBT | {State.LAPSED})
    kinds, marks = sorted(PAYMENTS), ",".join("?" * len(states))
    query = f"SELECT id, kind, state, body, at FROM intent WHERE kind IN (?, ?) AND state IN ({marks}) ORDER BY at"  # noqa: S608 - question marks
    lines = []
    for _, kind, state, text, at in _rows(file, f"{query} LIMIT {MOST}", (*kinds, *states)):
        body = json.loads(text)
        words = CLERK if body.get("way") == "clerk" else WORDS.get(State(state), DOUBT)
        how = "card" if kind == "charge" else str(body.get("provider") or "phone")
        cause = f" ({body['cause']})" if body.get("cause") else ""
        order = str(body.get("order", ""))
        lines.append(f"{at[:16]}  {body['fen'] / 100:9.2f} yuan  {how:9} {order[-8:].upper():8}  {words}{cause}")
    return lines


def day_lines(file: Path, day: str) -> tuple[list[str], int]:
    """What the comparisons found, and how many differences there are in all."""
    query = "SELECT kind, body FROM entry WHERE kind IN (?, ?, ?) ORDER BY seq DESC LIMIT ?"
    lines, differences = [], 0
    for kind, text in reversed(_rows(file, query, (COMPARED, DIFFERENCE, POSTPONED, MOST))):
        body = json.loads(text)
        if day and body["day"] != day:
            continue
        if kind == COMPARED:
            pad = "no total" if body["pad_fen"] is None else f"{body['pad_fen'] / 100:.2f}"
            count = f"{body['differences']} difference(s)"
            lines.append(f"{body['day']}  {body['payments']} payment(s), {body['journal_fen'] / 100:.2f} yuan taken, "
                         f"pad {pad}: {count}")  # fmt: skip
        elif kind == DIFFERENCE:
            differences += 1
            here, there = body["here"] or "nothing", body["there"] or "nothing"
            lines.append(f"{body['day']}  {body['kind']:10} {body['order'] or '-'}: here {here}, there {there}")
        else:
            lines.append(f"{body['day']}  postponed: {body['why']}")
    return lines, differences


@app.command()
def owed(file: File) -> None:
    """Payments that are not settled: owed to a citizen, or in doubt. Exit code 1 when there are any."""
    lines = owed_lines(file)
    typer.echo("\n".join(lines) if lines else "nothing is owed, nothing is in doubt")
    if lines:
        raise typer.Exit(1)


@app.command()
def reconcile(file: File, day: Day = "") -> None:
    """How the days' books compare: journal, pad, platform. Exit code 1 when they differ."""
    lines, differences = day_lines(file, day)
    typer.echo("\n".join(lines) if lines else "no day has been compared yet")
    if differences:
        raise typer.Exit(1)
