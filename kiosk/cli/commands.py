"""`kiosk`: run the terminal, look into its journal, draw its pages."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.catalogue import catalogue_app
from kiosk.cli.certificate import certificate_app, stock_app
from kiosk.cli.ctl import ctl_app
from kiosk.cli.device_tests import device_tests_page, run_device_tests
from kiosk.cli.diagnose import diagnose, events_page, fleet_page, told
from kiosk.cli.find import find
from kiosk.cli.fleet import fleet_app
from kiosk.cli.journal import journal_app
from kiosk.cli.money import app as money_app
from kiosk.cli.setup import setup
from kiosk.cli.speak import speak
from kiosk.cli.supervise import quality, supervise
from kiosk.cli.technician import technician_app
from kiosk.cli.technician_work import support_bundle
from kiosk.cli.updates import updates_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The 24-hour government terminal.")
app.add_typer(journal_app, name="journal")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(money_app, name="money")
app.add_typer(fleet_app, name="fleet")
devices_app = typer.Typer(no_args_is_help=True, help="What is plugged in, and which drivers there are.")
app.add_typer(devices_app, name="devices")
docs_app = typer.Typer(no_args_is_help=True, help="Pages that are drawn from the program's tables.")
app.add_typer(docs_app, name="docs")
app.add_typer(certificate_app, name="certificate")
app.add_typer(stock_app, name="stock")
app.add_typer(updates_app, name="updates")
app.add_typer(technician_app, name="technician")
app.add_typer(ctl_app, name="ctl")
app.command()(find)
app.command()(speak)
app.command()(diagnose)
app.command()(setup)
app.command("support-bundle")(support_bundle)
docs_app.command("events")(events_page)
docs_app.command("device-tests")(device_tests_page)
docs_app.command("fleet")(fleet_page)
app.command()(supervise)
app.command()(quality)
app.command("test-device")(run_device_tests)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"weihai-kiosk {version('weihai-kiosk')}")
        raise typer.Exit


@app.callback()
def terminal(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """The 24-hour government terminal."""
    import os
    import sys

    from kiosk.installed import defaults, layers_of

    context.default_map = defaults(context.command, *layers_of(os.environ, sys.argv[1:]))


@app.command("out-of-service")
def out_of_service(
    profile: Annotated[str, typer.Option(help="As for `kiosk run`; read without care.")] = "simulated",
    machine: Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")] = None,
) -> None:
    """Show the page of a terminal that is given up, until SIGTERM (weihai-kiosk-out-of-service.service)."""
    from kiosk.out_of_service import main

    raise typer.Exit(main(["--profile", profile, *(f"--machine={layer}" for layer in machine or [])]))


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
    from kiosk.journald import log_to_journal_or_stderr

    log_to_journal_or_stderr(logging.INFO if verbose else logging.WARNING)
    # It logs an error for every malformed frame; the cabinet's driver says once what that means.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
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
    """Draw every page in every language, mode and orientation to PNG, with contact sheets (two processes)."""
    from screens.gallery import write_gallery

    written = write_gallery(out)
    typer.echo(f"{len(written)} pictures in {out}")


@docs_app.command("state-machines")
def state_machines(
    out: Annotated[Path | None, typer.Option(help="Where to; the screen without it.")] = None,
) -> None:
    """The states that payments, submissions and prints go through, as Markdown with diagrams."""
    from kiosk.state_machines import page

    told(page(), out)


@devices_app.command()
def scan(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Write a layer for `kiosk run --machine` there.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to listen for printers.", min=0.1, max=60)] = 3.0,
    ask: Annotated[bool, typer.Option(help="Ask the devices who they are; nothing is changed by that.")] = True,
    profile: Annotated[str, typer.Option(help="Compare with this profile.")] = "",
    machine: Layers = None,
) -> None:
    """Find devices. Exit code 1 when something is in the way: a port that is held, another device than expected."""
    import asyncio
    from datetime import datetime

    from config.load import SettingsError, load_settings
    from kiosk.installed import named_by_caller
    from kiosk.trying.scan import faults_of, find_devices, finding_lines, write_profile

    settings = None
    try:
        settings = load_settings(profile, machine or []) if profile else None
    except SettingsError as error:
        typer.echo(str(error), err=True)
        if named_by_caller(ctx, "profile", "machine"):
            raise typer.Exit(2) from error
        typer.echo("the devices are compared with no profile; `kiosk setup` makes one", err=True)
    try:
        findings = asyncio.run(find_devices(seconds, probe=ask))
        if out:
            write_profile(out, findings, datetime.now().astimezone())
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for line in finding_lines(findings):
        typer.echo(line)
    faults = faults_of(findings, settings)
    for fault in faults:
        typer.echo(f"{fault.cause}: {fault.sentence} ({fault.who})")
    if faults:
        raise typer.Exit(1)


@app.command()
def supplies(
    profile: Profile = "simulated",
    machine: Layers = None,
    new_roll: Annotated[bool, typer.Option("--new-roll", help="A new roll was put in: count from 0.")] = False,
    metres: Annotated[int, typer.Option(help="Its length, when it is not the usual one.", min=0, max=1000)] = 0,
) -> None:
    """How much receipt paper was printed and is left. Also while the terminal runs."""
    from config.load import SettingsError, load_settings
    from kiosk.printing.supplies import show_supplies

    try:
        lines = show_supplies(load_settings(profile, machine or []), new_roll=new_roll, metres=metres)
    except (SettingsError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for line in lines:
        typer.echo(line)


@devices_app.command()
def drivers() -> None:
    """The drivers that are installed, and the packages that bring them."""
    from drivers.registry import known

    for each in known():
        typer.echo(f"{each.name:28} {each.package:24} {each.target}")


@app.command()
def trace(
    where: Annotated[Path, typer.Argument(help="A recording: the folder `trace_dir` of the profile, or one file.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what crosses from now on.")] = False,
    device: Annotated[str, typer.Option(help="Only this device.")] = "",
) -> None:
    """What crossed the wires, in words."""
    from config.recording import RecordingError
    from kiosk.trying.trace import TraceWords, records

    words = TraceWords(device)
    try:
        for record in records(where, follow=follow):
            if line := words.line(record):
                typer.echo(line)
    except (RecordingError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        return


@app.command("try")
def try_one(
    family: Annotated[str, typer.Argument(help="id-card-reader, receipt-printer, licence-printer, payment-pad, ...")],
    verb: Annotated[str, typer.Argument(help="status, or what the family can do; a wrong one lists them.")],
    link: Annotated[str, typer.Option(help="serial:///dev/ttyUSB0, tcp://host:20007, ipp://host/ipp/print, ...")],
    option: Annotated[list[str] | None, typer.Option(help="An option of the driver, key=value.")] = None,
    driver: Annotated[str, typer.Option(help="Another driver than the usual one.")] = "",
    seconds: Annotated[float, typer.Option(help="How long a person has.", min=0.1, max=600)] = 20.0,
    show: Annotated[bool, typer.Option("--show", help="Show personal data as they are.")] = False,
    amount: Annotated[str, typer.Option(help="For pay and reverse: 0.01")] = "",
    receipt: Annotated[str, typer.Option(help="For reverse: the receipt number.")] = "",
    yes_take_money: Annotated[bool, typer.Option("--yes-take-money", help="For pay: move real money.")] = False,
    record: Annotated[Path, typer.Option(help="Where payments are noted.")] = Path("kiosk-try-payments.jsonl"),
    trace_to: Annotated[Path | None, typer.Option("--trace", help="Record the wire in this folder.")] = None,
) -> None:
    """Drive one device without the terminal. Exit codes: 0 done, 1 not done, 2 wrong use, 3 nobody can say."""
    import asyncio

    from kiosk.trying.device import WRONG_USE, Wish, options_of, try_device
    from kiosk.trying.pay import fen_of

    try:
        fen = fen_of(amount) if amount else None
        given = options_of(option or [])
        wish = Wish(link, given, driver, seconds, show, fen, yes_take_money, receipt, record, trace_to)
        code = asyncio.run(try_device(family, verb, wish, typer.echo))
    except (ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)
