"""`kiosk journal`: look into the journal, hand a piece of it over, accept what was put aside."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

journal_app = typer.Typer(no_args_is_help=True, help="Look into the journal, hand a piece over. The terminal may run.")
File = Annotated[Path, typer.Argument(help="The journal: journal.db in the profile's state_dir.")]
LAST = 2**63 - 1


def _wrong(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise _wrong(ValueError(f"--day {text!r}: write it as 2026-11-21")) from error


@journal_app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A journal, or a file that `kiosk journal export` wrote.")],
) -> None:
    """Walk the hash chain of FILE. Exit codes: 0 whole, 1 broken, 2 not readable."""
    from kiosk.journal import JournalError, verify_file
    from kiosk.journal.segment import is_segment, verify_segment

    try:
        if is_segment(file):
            found = verify_segment(file)
            typer.echo(f"{file}: entries {found.first} to {found.last}, {found.broken or 'the chain is whole'}")
            typer.echo(f"start {found.start}\nend   {found.end}")
            broken = found.broken
        else:
            verdict = verify_file(file)
            typer.echo(f"{file}: {verdict.entries} entries, {verdict.broken or 'the chain is whole'}")
            typer.echo(f"end   {verdict.head}")
            broken = verdict.broken
    except JournalError as error:
        raise _wrong(error) from error
    if broken:
        raise typer.Exit(1)


@journal_app.command()
def show(
    file: File,
    after: Annotated[int, typer.Option(help="Only entries after this number.", min=0)] = 0,
    last: Annotated[int, typer.Option(help="Only the last so many.", min=0)] = 0,
    visit: Annotated[str, typer.Option(help="Only this visit.")] = "",
    kind: Annotated[str, typer.Option(help="Only kinds that begin so: charge., clock.jumped")] = "",
) -> None:
    """Print the entries of FILE, one a line."""
    from kiosk.journal import JournalError
    from kiosk.journal.listing import Wanted, listed

    try:
        for seq, at, of, what, body in listed(file, Wanted(after, last, visit, kind)):
            typer.echo(f"{seq:6} {at} {of or '-':18} {what:20} {body}")
    except JournalError as error:
        raise _wrong(error) from error


@journal_app.command()
def export(
    file: File,
    out: Annotated[Path | None, typer.Option(help="Where to; the screen without it. Never overwrites.")] = None,
    first: Annotated[int, typer.Option("--from", help="The first entry's number.", min=1)] = 1,
    last: Annotated[int, typer.Option("--to", help="The last entry's number.", min=1)] = LAST,
    day: Annotated[str, typer.Option(help="All that was written on this day: 2026-11-21")] = "",
) -> None:
    """Write entries with their hashes as JSON Lines; `kiosk journal verify` checks the file anywhere."""
    from kiosk.journal import JournalError
    from kiosk.journal.segment import Range, write_segment

    wanted = Range(first, last, _day(day))
    try:
        if out is None:
            write_segment(file, wanted, sys.stdout)
            return
        with out.open("x", encoding="utf-8") as to:
            done = write_segment(file, wanted, to)
    except (JournalError, OSError) as error:
        raise _wrong(error) from error
    typer.echo(f"{out}: entries {done.first} to {done.last}\nstart {done.start}\nend   {done.end}")


@journal_app.command("accept-quarantine")
def accept_quarantine(
    file: File,
    by: Annotated[str, typer.Option(help="Your staff number; it goes into the journal.")],
) -> None:
    """Accept a journal that was put aside, or a break in the chain, so that money can move again. Audited."""
    from kiosk.clock import WEIHAI
    from kiosk.journal import JournalError
    from kiosk.journal.acceptance import accept

    try:
        done = accept(file, by, datetime.now(WEIHAI))
    except JournalError as error:
        raise _wrong(error) from error
    for line in done or ["nothing waits to be accepted"]:
        typer.echo(line)
    if not done:
        raise typer.Exit(1)
