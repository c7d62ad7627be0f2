"""`kiosk diagnose`: what is broken, why, who mends it and how; `kiosk docs events`: the catalogue as a page."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Annotated, Literal

import typer


def diagnose(
    profile: Annotated[str, typer.Option(help="Device profile: a name or a TOML file.")] = "simulated",
    machine: Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: an object with `sections`.")] = False,
    language: Annotated[Literal["zh", "en", "ko"], typer.Option("--language", help="Of the words.")] = "en",
    on_paper: Annotated[bool, typer.Option("--print", help="Print it on the licence printer too.")] = False,
) -> None:
    """What is broken: the first line is the true cause and what to do. Exit codes: 0 well, 1 attention, 2 fault.

    The running terminal tells it itself; while none runs every device is opened, looked at and closed.
    """
    from config.load import SettingsError, load_settings
    from kiosk.diagnostics.gather import facts_of
    from kiosk.diagnostics.history import History
    from kiosk.diagnostics.ranking import exit_code, first_line, report
    from kiosk.diagnostics.show import as_json as told
    from kiosk.diagnostics.show import table

    try:
        settings = load_settings(profile, machine or [])
    except SettingsError as error:
        _unusable(str(error), language, as_json=as_json)
        raise typer.Exit(2) from error
    history = History(settings.state_dir)
    facts = asyncio.run(facts_of(settings, history))
    sections = report(facts, history.past(facts.at))
    if not facts.running:
        try:
            history.keep(facts)
        except (OSError, sqlite3.Error) as error:
            typer.echo(f"{history.path}: {error}; this look is not on record", err=True)
    if as_json:
        typer.echo(json.dumps(told(facts, sections, language), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console

        typer.echo(first_line(sections, language))
        typer.echo(f"{facts.terminal} {facts.version} {facts.at.isoformat(timespec='seconds')}")
        Console(highlight=False).print(table(sections, language))
    if on_paper:
        from kiosk.cli.technician_work import print_readiness

        pages, why = print_readiness(settings, facts, sections, language)
        typer.echo(f"printed: {pages} page(s)" if pages else f"not printed: {why}", err=True)
    raise typer.Exit(exit_code(sections))


def _unusable(words: str, language: Literal["zh", "en", "ko"], *, as_json: bool) -> None:
    """The settings themselves are what is wrong: that is the first line, and all that can be said."""
    from kiosk.diagnostics.show import SCHEMA
    from kiosk.events import events

    event = events()["settings.unusable"]
    first = f"{event.sentence(language, what=' '.join(words.split()))}: {event.remedy(language)}"
    if as_json:
        report = {"schema": SCHEMA, "first": first, "event": event.id, "exit_code": 2, "said": words, "sections": []}
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        typer.echo(first)
        typer.echo(words)


def events_page(
    out: Annotated[Path | None, typer.Option(help="Where to; the screen without it.")] = None,
) -> None:
    """The catalogue of events, as Markdown."""
    from kiosk.events import page

    told(page(), out)


def fleet_page(
    out: Annotated[Path | None, typer.Option(help="Where to; the screen without it.")] = None,
) -> None:
    """What terminals tell the fleet, which orders they take, every metric: as Markdown."""
    from kiosk.fleet.page import page

    told(page(), out)


def told(page: str, out: Path | None) -> None:
    """A page of the documentation, into a file or to the screen."""
    if out is None:
        typer.echo(page, nl=False)
    else:
        out.write_text(page, encoding="utf-8")
