"""`kiosk technician`: who may come in at this terminal's hidden door (docs/technician-door.md)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from kiosk.technician.enrolling import Enrolling

technician_app = typer.Typer(no_args_is_help=True, help="Who may come in at the hidden door. Also while it runs.")

Profile = Annotated[str, typer.Option(help="Device profile: a name in config/profiles or a TOML file.")]
Layers = Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")]
Who = Annotated[str, typer.Argument(help="A short id: small letters, digits, hyphens; 2 to 20 of them.")]
T = TypeVar("T")


@technician_app.command()
def add(
    who: Who,
    name: Annotated[str, typer.Option(help="The name, for `list` alone: it goes into no record.")],
    role: Annotated[str, typer.Option(help="field or supervisor.")] = "field",
    seen: Annotated[bool, typer.Option("--seen", help="The unknown card last laid down at the door.")] = False,
    card: Annotated[str, typer.Option(help="The card's keyed digest (32 hex digits) as the journal has it.")] = "",
    profile: Profile = "simulated",
    machine: Layers = None,
) -> None:
    """Enrol a technician: the card is read from the reader (the terminal must not run), or --seen; the PIN is asked."""
    from kiosk.technician.roles import ROLES
    from kiosk.technician.roster import weak

    if role not in ROLES:
        _end(f"--role {role}: expected {' or '.join(ROLES)}")
    if card and not re.fullmatch(r"[0-9a-f]{32}", card, re.ASCII):
        _end("--card: expected 32 hexadecimal digits")
    enrolling = _enrolling(profile, machine)
    if not card:
        if not seen:
            typer.echo("Lay the card on the reader.")
        card = _done(enrolling.card_seen() if seen else enrolling.card_on_reader())
    pin = typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    if why := weak(pin):
        _end(f"PIN: {why}")
    from pydantic import ValidationError

    try:
        made = enrolling.made(who, name, "supervisor" if role == "supervisor" else "field", card, pin)
    except ValidationError as error:
        _end("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)))
    _done(enrolling.change("add", made))
    typer.echo(f"{who}: enrolled as {role}; tell them to come in once while you stand there")


@technician_app.command("list")
def list_(profile: Profile = "simulated", machine: Layers = None) -> None:
    """Everybody on the roster: id, role, whether locked, wrong PINs since the last success, name."""
    from kiosk.technician.roster import RosterError

    enrolling = _enrolling(profile, machine)
    failures = _done(enrolling.failures())
    try:
        there = enrolling.roster.technicians()
    except RosterError as error:
        _end(str(error))
    for each in there:
        state = "locked" if each.locked else "may come in"
        typer.echo(f"{each.id:20} {each.role:10} {state:11} {failures.get(each.id, 0):3} wrong  {each.name}")
    if not there:
        typer.echo(f"{enrolling.roster.path}: nobody; `kiosk technician add` enrols somebody")
    if enrolling.settings.technician.test_roster:
        typer.echo("the published test technicians may come in too (technician.test_roster)")


@technician_app.command()
def lock(who: Who, profile: Profile = "simulated", machine: Layers = None) -> None:
    """Let somebody in no more, from the next card on; the entry stays."""
    _done(_enrolling(profile, machine).change("lock", who))
    typer.echo(f"{who}: locked")


@technician_app.command()
def unlock(who: Who, profile: Profile = "simulated", machine: Layers = None) -> None:
    """Let somebody in again, and forget wrong PINs: theirs, and those that shut the door."""
    _done(_enrolling(profile, machine).change("unlock", who))
    typer.echo(f"{who}: may come in")


@technician_app.command()
def remove(who: Who, profile: Profile = "simulated", machine: Layers = None) -> None:
    """Strike somebody off the roster."""
    _done(_enrolling(profile, machine).change("remove", who))
    typer.echo(f"{who}: removed")


@technician_app.command()
def code(
    renew: Annotated[bool, typer.Option("--renew", help="Make another secret: codes given out open nothing.")] = False,
    profile: Profile = "simulated",
    machine: Layers = None,
) -> None:
    """Whether codes of twelve digits are set up here. The office makes them; exit code 1 when it cannot yet."""
    from kiosk.technician.code_secret import CodeSecret

    enrolling = _enrolling(profile, machine)
    settings = enrolling.settings
    secret = CodeSecret(settings.state_dir, enrolling.key, settings.platform)
    try:
        kept = secret.renew() if renew else secret.load()
    except OSError as error:
        _end(f"{secret.path}: {error.strerror}")
    typer.echo(f"secret {kept.id[:8]}{', new: restart the terminal so that it tells the platform' if renew else ''}")
    if not secret():
        why = "is told when the terminal runs" if settings.platform.sealing_key else "has no sealing key (settings)"
        typer.echo(f"the platform does not know it yet: it {why}; codes to scan work without it")
        raise typer.Exit(1)
    typer.echo("the platform knows it: typed codes work")


def _enrolling(profile: str, layers: list[Path] | None) -> Enrolling:
    from config.load import SettingsError, load_settings
    from kiosk.technician.enrolling import Enrolling

    try:
        return Enrolling(load_settings(profile, layers or []))
    except (SettingsError, OSError, ValueError) as error:
        _end(str(error))


def _done(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; what can be wrong ends the command with its sentence."""
    from config.load import SettingsError
    from drivers.errors import DeviceError
    from kiosk.journal import JournalError
    from kiosk.technician.roster import RosterError

    try:
        return asyncio.run(work)
    except (RosterError, JournalError, SettingsError, DeviceError, OSError) as error:
        _end(str(error))


def _end(words: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    typer.echo(words, err=True)
    raise typer.Exit(2)
