"""`kiosk`: run the terminal, look into its journal, draw its pages."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The 24-hour government terminal.")
journal_app = typer.Typer(no_args_is_help=True, help="Look into the journal; changes nothing.")
app.add_typer(journal_app, name="journal")

Profile = Annotated[str, typer.Option(help="Device profile: a name in config/profiles or a TOML file.")]
Layers = Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")]


@app.command()
def run(
    profile: Profile = "simulated",
    machine: Layers = None,
    headless: Annotated[bool, typer.Option("--headless", help="Draw without a window.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what the devices do.")] = False,
) -> None:
    """Run the terminal until SIGTERM, Ctrl-C or the window is closed."""
    from config.load import SettingsError, load_settings

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    overrides = {"window.headless": True} if headless else {}
    try:
        settings = load_settings(profile, machine or [], overrides)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    from kiosk.app import run as run_terminal

    raise typer.Exit(run_terminal(settings))


@app.command()
def screens(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("build/screens"),
) -> None:
    """Draw every page in every language and mode to PNG, and a contact sheet."""
    from screens.gallery import write_gallery

    written = write_gallery(out)
    typer.echo(f"{len(written)} pictures in {out}")


@journal_app.command()
def verify(file: Path) -> None:
    """Walk the hash chain of FILE."""
    from kiosk.journal import JournalError, verify_file

    try:
        verdict = verify_file(file)
    except JournalError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(f"{file}: {verdict.entries} entries, {verdict.broken or 'the chain is whole'}")
    if verdict.broken:
        raise typer.Exit(1)


@journal_app.command()
def show(file: Path) -> None:
    """Print the entries of FILE, one a line."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        for seq, at, visit, kind, body in db.execute("SELECT seq,at,visit,kind,body FROM entry ORDER BY seq"):
            typer.echo(f"{seq:6} {at} {visit or '-':18} {kind:20} {body}")


def main() -> None:
    """Entry point of the console script."""
    app()
