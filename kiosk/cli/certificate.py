"""`kiosk certificate` and `kiosk stock`: check a certificate's code, keep the ledger of serial-numbered forms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.printing.forms_stock import FormsStock

certificate_app = typer.Typer(no_args_is_help=True, help="Whether a certificate's code is true.")
stock_app = typer.Typer(no_args_is_help=True, help="Serial-numbered forms: load, show, free. Also while it runs.")

Profile = Annotated[str, typer.Option(help="Device profile: a name in config/profiles or a TOML file.")]
Layers = Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")]
Who = Annotated[str, typer.Option(help="Your name or staff number, for the record.")]
T = TypeVar("T")
STATES = ("reserved", "spoiled", "unclear")


@certificate_app.command()
def verify(
    payload: Annotated[str, typer.Argument(help="What the QR code says.")],
    profile: Profile = "simulated",
    machine: Layers = None,
) -> None:
    """Check a code without a network, against the issuers' keys and the kept list. Exit code 1 unless it is valid."""
    from config.issuer_keys import load_issuer_keys
    from kiosk.clock import WEIHAI
    from kiosk.printing.certificate_check import check
    from kiosk.printing.status_list import StatusLists

    settings = _settings(profile, machine)
    now = datetime.now(WEIHAI)
    status = StatusLists(settings.state_dir, settings.platform.public_key).kept()
    keys = load_issuer_keys(settings.certificates.issuer_keys, simulated=settings.simulated)
    verdict = check(payload, keys, status, now.date())
    typer.echo(f"{verdict.state}{f' ({verdict.reason})' if verdict.reason else ''}")
    if verdict.code and verdict.issuer:
        code = verdict.code
        typer.echo(f"document    {code.document}")
        typer.echo(f"identifier  {code.identifier}")
        typer.echo(f"holder      {code.holder}")
        typer.echo(f"issuer      {verdict.issuer.en}, key {code.key} ({code.algorithm})")
        typer.echo(f"issued      {code.issued_on}, valid until {code.valid_until or 'further notice'}")
        typer.echo(f"void list   {f'as of {verdict.as_of:%Y-%m-%d %H:%M%z}' if verdict.as_of else 'none: not checked'}")
    if verdict.state != "valid":
        raise typer.Exit(1)


@stock_app.command()
def load(
    stock: Annotated[str, typer.Argument(help="The kind of form, as in the catalogue's form_stock.")],
    first: Annotated[int, typer.Option(help="First number.", min=0)],
    last: Annotated[int, typer.Option(help="Last number.", min=0)],
    who: Who,
    prefix: Annotated[str, typer.Option(help="What stands before the number.")] = "",
    width: Annotated[int, typer.Option(help="Digits of the number.", min=4, max=12)] = 7,
    profile: Profile = "simulated",
    machine: Layers = None,
) -> None:
    """A range of forms was put into the tray, the lowest number on top."""

    async def work(ledger: FormsStock) -> int:
        return await ledger.load(stock, prefix, first, last, width=width, who=who)

    count = _with_ledger(_settings(profile, machine), work)
    typer.echo(f"{stock}: {count} forms loaded")


@stock_app.command()
def free(
    stock: Annotated[str, typer.Argument(help="The kind of form.")],
    serial: Annotated[str, typer.Argument(help="The number on the form.")],
    who: Who,
    why: Annotated[str, typer.Option(help="Why it can be used after all, for the record.")],
    profile: Profile = "simulated",
    machine: Layers = None,
) -> None:
    """A form that was unclear or spoiled is blank and back on top of the tray."""

    async def work(ledger: FormsStock) -> str:
        return await ledger.free(stock, serial, who=who, why=why)

    was = _with_ledger(_settings(profile, machine), work)
    typer.echo(f"{stock} {serial}: was {was}, is free")


@stock_app.command()
def show(profile: Profile = "simulated", machine: Layers = None) -> None:
    """Every kind of form: free, the next number, used, and those that a person must look at."""

    async def work(ledger: FormsStock) -> None:
        await ledger.refresh()
        if not ledger.shelves:
            typer.echo("no forms were ever loaded; `kiosk stock load` records a range")
        for name, shelf in sorted(ledger.shelves.items()):
            counts = ", ".join(f"{shelf.count(state)} {state}" for state in STATES)
            following = f", next {shelf.free[0]}" if shelf.free else ""
            typer.echo(f"{name}: {len(shelf.free)} free{following}, {shelf.used} used, {counts}")
            for serial, (state, intent) in sorted(shelf.held.items()):
                typer.echo(f"  {serial}  {state:9} {intent}")

    _with_ledger(_settings(profile, machine), work)


def _settings(profile: str, layers: list[Path] | None) -> Settings:
    from config.load import SettingsError, load_settings

    try:
        return load_settings(profile, layers or [])
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _with_ledger(settings: Settings, work: Callable[[FormsStock], Awaitable[T]]) -> T:
    """Do `work` on the terminal's own journal; two processes may write it, one transaction at a time."""
    from kiosk.clock import Clock
    from kiosk.journal import Journal, JournalError
    from kiosk.printing.forms_stock import FormsStock, StockError

    async def run() -> T:
        journal = Journal(settings.state_dir / "journal.db", Clock())
        await journal.open()
        try:
            return await work(FormsStock(journal))
        finally:
            await journal.close()

    try:
        return asyncio.run(run())
    except (StockError, JournalError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
