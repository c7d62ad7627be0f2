"""`kiosk support-bundle`: what the vendor may see; and the paper of `kiosk diagnose --print`."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from kiosk.diagnostics.facts import Facts
    from kiosk.diagnostics.sections import Section
    from kiosk.events import Language

UNIT: Final = "weihai-kiosk"
JOURNALD_S: Final = 15.0
LINES: Final = 3000


def support_bundle(
    out: Annotated[Path, typer.Argument(help="The zip that is written; it must not be there yet.")],
    profile: Annotated[str, typer.Option(help="Device profile: a name or a TOML file.")] = "simulated",
    machine: Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")] = None,
    log: Annotated[Path | None, typer.Option(help="A log file, where systemd's journal has none.")] = None,
) -> None:
    """Pack readiness, versions, settings, log, trace and the journal's head for the vendor. No personal data: what is
    written is scanned, and nothing is written when anything is found. Also while the terminal runs."""
    from config.load import SettingsError, load_settings
    from kiosk.diagnostics.gather import facts_of
    from kiosk.diagnostics.history import History
    from kiosk.diagnostics.ranking import report
    from kiosk.technician.work.bundle import gathered, written
    from kiosk.technician.work.refusal import Refusal

    try:
        settings = load_settings(profile, machine or [])
        lines = log_lines(log)
    except (SettingsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    history = History(settings.state_dir)
    facts = asyncio.run(facts_of(settings, history))
    parts = gathered(settings, facts, report(facts, history.past(facts.at)), lines)
    try:
        bundle = written(out, parts, facts.terminal, facts.at)
    except FileExistsError as error:
        typer.echo(f"{out}: is there already; give another name", err=True)
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"{out}: {error.strerror}", err=True)
        raise typer.Exit(2) from error
    except Refusal as refusal:
        typer.echo(f"{refusal}: {refusal.remedy('en')}", err=True)
        raise typer.Exit(1) from refusal
    for name, size, left_out in bundle.parts:
        withheld = f", {left_out} lines left out" if left_out else ""
        typer.echo(f"  {name:16} {size:9} bytes{withheld}")
    typer.echo(f"{bundle.path}: {bundle.size} bytes, scanned, nothing personal in it")


def log_lines(file: Path | None) -> list[str]:
    """The end of the log: of `file`, else of systemd's journal; [] where there is neither. Raises `OSError`."""
    if file is not None:
        with file.open("rb") as opened:
            opened.seek(max(file.stat().st_size - LINES * 400, 0))
            return opened.read(LINES * 400).decode(errors="replace").splitlines()[-LINES:]
    command = ["journalctl", f"--unit={UNIT}", f"--lines={LINES}", "--output=cat", "--no-pager", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=JOURNALD_S, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.decode(errors="replace").splitlines()[-LINES:]


def print_readiness(
    settings: Settings, facts: Facts, sections: Sequence[Section], language: Language
) -> tuple[int, str]:
    """Print the report on the profile's licence printer: (pages, "") or (0, why not)."""
    from drivers.families import LicencePrinting
    from kiosk.devices import make_device
    from kiosk.printing.guide_sheet import SheetError
    from kiosk.printing.readiness_sheet import readiness_sheet
    from kiosk.technician.work.refusal import Refusal
    from kiosk.technician.work.report import put_out

    async def work() -> tuple[int, str]:
        printer = make_device(settings, "licence_printer", LicencePrinting)
        try:
            pdf, pages = await asyncio.to_thread(readiness_sheet, facts, sections, settings, language)
            await printer.open()
            await put_out(printer, pdf, pages)
        except Refusal as refusal:
            return 0, f"{refusal}: {refusal.remedy('en')}"
        finally:
            await printer.close()
        return pages, ""

    from config.load import SettingsError
    from drivers.errors import DeviceError

    try:
        return asyncio.run(work())
    except (SheetError, SettingsError, DeviceError, OSError, sqlite3.Error) as error:
        return 0, str(error)
