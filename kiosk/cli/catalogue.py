"""`kiosk catalogue`: what the service catalogue contains, what it lacks, what differs. Reads files; changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config import DATA

if TYPE_CHECKING:
    from config.catalogue import Catalogue

catalogue_app = typer.Typer(no_args_is_help=True, help="The service catalogue: what is in it, what it lacks.")


@catalogue_app.command()
def lint(
    folder: Annotated[Path, typer.Argument(help="A folder of *.toml files.")] = DATA / "services",
    totals: Annotated[bool, typer.Option("--totals", help="Only the totals.")] = False,
) -> None:
    """A line an item: fields, materials, level, offline class, missing elements. Exit code 1: an element is missing;
    2: the catalogue cannot be used, and why."""
    from config.catalogue_lint import lacks, lint_lines
    from config.catalogue_lint import totals as total_lines
    from config.home import HomeError, home_page, unknown_items

    catalogue = _loaded(folder)
    for line in total_lines(catalogue) if totals else lint_lines(catalogue):
        typer.echo(line)
    try:
        unknown = unknown_items(home_page(), catalogue.services)
    except HomeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if unknown:
        typer.echo(f"home.toml: popular: not in this catalogue: {', '.join(unknown)}")
    if any(lacks(service) for service in catalogue.services.values()):
        raise typer.Exit(1)


@catalogue_app.command()
def show(
    item: Annotated[str, typer.Argument(metavar="ID", help="An id (WH-PS-001) or a code of 31 or 33 characters.")],
    folder: Annotated[Path, typer.Option(help="Another folder of *.toml files.")] = DATA / "services",
    english: Annotated[bool, typer.Option("--en", help="In English.")] = False,
) -> None:
    """One item with everything: guide elements, form, materials, fee, needs. Exit code 1: there is no such item."""
    from config.catalogue_show import show_lines

    catalogue = _loaded(folder)
    service = next((s for s in catalogue.services.values() if item in (s.id, s.code)), None)
    if service is None:
        typer.echo(f"no item {item!r} in {folder}; `kiosk find` searches by words", err=True)
        raise typer.Exit(1)
    for line in show_lines(service, catalogue, "en" if english else "zh"):
        typer.echo(line)


@catalogue_app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A folder of *.toml files.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another one.")] = DATA / "services",
) -> None:
    """What was added, taken away and changed from A to B, member by member. Exit codes: 0 the same, 1 different."""
    from config.catalogue_show import diff_lines

    lines = list(diff_lines(_loaded(before), _loaded(after)))
    for line in lines:
        typer.echo(line)
    if lines:
        raise typer.Exit(1)


def _loaded(folder: Path) -> Catalogue:
    from config.catalogue import CatalogueError, load_catalogue

    try:
        return load_catalogue(folder)
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
