"""Commands of `kiosk-sim` that run whole terminals in virtual time: days of visits, rest, every cut, every item."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    typer.echo(line)


def fail(message: str) -> typer.Exit:
    """What ends the command, after saying why."""
    typer.echo(f"kiosk-sim: {message}", err=True)
    return typer.Exit(2)


def soak(
    visits: Annotated[int, typer.Option(help="How many citizens come", min=1, max=10_000_000)] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed, the same day")] = 1,
    faults: Annotated[str, typer.Option(help="all, none, or kinds with commas: reader,pad,platform,power,...")] = "all",
    first: Annotated[int, typer.Option("--from", help="Number of the first visit", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="How many processes at once", min=1, max=64)] = 1,
    state: Annotated[Path | None, typer.Option(help="Where journals are written while it runs")] = None,
) -> None:
    """Thousands of random visits under virtual time with every fault; non-zero when a promise was broken."""
    from simulator.mishaps import UnknownKind
    from simulator.soak import SoakOptions
    from simulator.soak import soak as play
    from simulator.terminals import NoTerminal

    try:
        broken = play(SoakOptions(visits, seed, faults, first, jobs, state), say)
    except (UnknownKind, NoTerminal) as error:
        raise fail(str(error)) from None
    raise typer.Exit(1 if broken else 0)


def rest(
    days: Annotated[float, typer.Option(help="How long nobody comes", min=0.01, max=1000)] = 14.0,
    state: Annotated[Path | None, typer.Option(help="Where the journal is written while it runs")] = None,
) -> None:
    """A terminal at rest for weeks under virtual time; non-zero when anything grew."""
    from simulator.rest import rest as play
    from simulator.terminals import NoTerminal

    try:
        grown = play(days, say, state)
    except NoTerminal as error:
        raise fail(str(error)) from None
    for line in grown:
        say(f"GROWN {line}")
    raise typer.Exit(1 if grown else 0)


def crash_sweep(
    journey: Annotated[list[str] | None, typer.Option(help="Only these; may be given several times")] = None,
    point: Annotated[str, typer.Option(help="Only here: journal:7, pad:3:2, receipts:1:0, licences:4:0")] = "",
    second: Annotated[int, typer.Option(help="With --point: cut again at this write after the start", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Which points, when --share is less than 1")] = 1,
    share: Annotated[float, typer.Option(help="Share of the points", min=0.0, max=1.0)] = 1.0,
    dense: Annotated[bool, typer.Option(help="At the pad after every byte")] = False,
    jobs: Annotated[int, typer.Option(help="How many processes at once", min=1, max=64)] = 1,
) -> None:
    """Pull the plug at every write and every wire's byte of every journey; non-zero when a promise was broken."""
    from simulator.crash_sweep import SweepOptions
    from simulator.crash_sweep import crash_sweep as sweep
    from simulator.terminals import NoTerminal

    try:
        broken = sweep(SweepOptions(tuple(journey or ()), point, second, seed, share, dense, jobs), say)
    except (ValueError, NoTerminal) as error:
        raise fail(str(error)) from None
    raise typer.Exit(1 if broken else 0)


def run_all_command(
    item: Annotated[list[str] | None, typer.Option(help="Only this item; may be given again.")] = None,
    language: Annotated[str, typer.Option(help="zh, en or ko; zh and en when left out.")] = "",
    end: Annotated[str, typer.Option(help="done or refused; both when left out.")] = "",
    jobs: Annotated[int, typer.Option(help="Processes; 0 is one for each processor.", min=0, max=64)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of everything that is left to chance.", min=0)] = 1,
    by: Annotated[
        str, typer.Option(help="ear: by keypad and speech alone; low: only touches in the lowest 55 % of the panel.")
    ] = "",
) -> None:
    """Every item of the catalogue to its end on the simulated terminal, in virtual time: in Chinese and English, for
    oneself and for an organisation, with the happy end and with a refusal. Exit code 1 when one ends otherwise."""
    import os
    import time
    from typing import cast

    from config.catalogue import load_catalogue
    from config.texts import LANGUAGES
    from simulator.run_all import By, errands_of, run_all, table

    catalogue = load_catalogue()
    if language and language not in LANGUAGES:
        raise fail(f"no language {language!r}: there are {', '.join(LANGUAGES)}")
    if by not in ("", "ear", "low"):
        raise fail(f"--by {by!r} is neither ear nor low")
    if unknown := [each for each in item or () if each not in catalogue.services]:
        raise fail(f"no item {', '.join(unknown)} in the catalogue")
    began = time.monotonic()
    languages = (language,) if language else ("zh", "en")
    ends = (end,) if end else ("done",) if by else ("done", "refused")
    errands = tuple(errands_of(catalogue, item or (), languages, ends))
    way = cast("By", by)
    run = run_all(errands, jobs or os.cpu_count() or 1, seed, say, way)
    for line in table(run, catalogue):
        say(line)
    for error in run.errors:
        say(f"the terminal ended by {error}")
    say(f"{time.monotonic() - began:.1f} s")
    raise typer.Exit(1 if run.wrong or run.errors else 0)
