"""`kiosk catalogue`: what the service catalogue contains and what it lacks. Reads files; changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from config import DATA

catalogue_app = typer.Typer(no_args_is_help=True, help="The service catalogue: what is in it, what it lacks.")


@catalogue_app.callback()
def _group() -> None:
    """Without it a group of one command would have no name for it."""


@catalogue_app.command()
def lint(
    folder: Annotated[Path, typer.Argument(help="A folder of *.toml files.")] = DATA / "services",
    totals: Annotated[bool, typer.Option("--totals", help="Only the totals.")] = False,
) -> None:
    """A line an item: fields, materials, level, offline class, missing elements. Exit code 1: an element is missing;
    2: the catalogue cannot be used, and why."""
    from config.catalogue import CatalogueError, load_catalogue
    from config.catalogue_lint import lacks, lint_lines
    from config.catalogue_lint import totals as total_lines

    try:
        catalogue = load_catalogue(folder)
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for line in total_lines(catalogue) if totals else lint_lines(catalogue):
        typer.echo(line)
    if any(lacks(service) for service in catalogue.services.values()):
        raise typer.Exit(1)
