"""`kiosk-control-room` (also `python -m kiosk.control_room`): the service, its halves, its database."""

from __future__ import annotations

import asyncio
import logging
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Keeps what the terminals say and shows it. Settings: TOML, or KIOSK_CONTROL_ROOM_* (docs/control-room.md).",
)  # fmt: skip
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML)")]


@app.command()
def run(
    config: Config = None,
    ingest: Annotated[bool, typer.Option(help="Listen to the broker and write.")] = True,
    page: Annotated[bool, typer.Option(help="Show the page.")] = True,
) -> None:
    """Start the service; Ctrl-C or SIGTERM ends it after the batch that is being written."""
    from kiosk.control_room.room_settings import RoomSettings
    from kiosk.control_room.run import Room

    settings = _settings(config)
    assert isinstance(settings, RoomSettings)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    if page:
        typer.echo(f"Control room: http://{settings.listen}/")
    raise typer.Exit(asyncio.run(Room(settings, ingest=ingest, page=page).run()))


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the database to the newest schema and end (`run` does it too)."""
    import psycopg

    from kiosk.control_room.migrations import SchemaTooNew
    from kiosk.control_room.migrations import migrate as take
    from kiosk.control_room.room_settings import RoomSettings

    settings = _settings(config)
    assert isinstance(settings, RoomSettings)
    try:
        with psycopg.connect(settings.database, connect_timeout=10, autocommit=True) as cx:
            taken = take(cx)
    except (psycopg.Error, SchemaTooNew) as error:
        raise _fail(f"the database: {type(error).__name__}: {error}".strip()) from None
    typer.echo(f"steps taken: {', '.join(map(str, taken)) or 'none; it was the newest'}")


@app.command()
def ticket(
    terminal: Annotated[str, typer.Argument(help="WH-HC-0003")],
    config: Config = None,
    minutes: Annotated[int, typer.Option(help="How long it is good.", min=1, max=1440)] = 60,
    mib: Annotated[int, typer.Option(help="How large the bundle may be.", min=1, max=16)] = 16,
) -> None:
    """Draw a ticket with which a terminal may bring one support bundle; prints the params of the order."""
    import getpass
    import os
    from datetime import UTC, datetime

    import psycopg

    from kiosk.control_room.bundles import Bundles
    from kiosk.control_room.room_settings import RoomSettings

    settings = _settings(config)
    assert isinstance(settings, RoomSettings)
    if settings.bundles is None:
        raise _fail("bundles: no folder is set, so none are taken")
    try:
        taken = Bundles(settings.bundles, settings.database, settings.bundles_each, settings.bundles_days)
        who = os.environ.get("SUDO_USER") or getpass.getuser()
        token, until = taken.issue(terminal, mib << 20, minutes, who[:80], datetime.now(UTC))
    except (ValueError, OSError) as error:
        raise _fail(str(error)) from None
    except psycopg.Error as error:
        raise _fail(f"the database: {type(error).__name__}") from None
    typer.echo(f"--param ticket={token} --param most={mib << 20} --param until={until.isoformat(timespec='seconds')}")


def _settings(config: Path | None) -> object:
    from kiosk.control_room.room_settings import load

    try:
        return load(config)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors(include_input=False)
        ]
        raise _fail("; ".join(faults)) from None
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise _fail(f"{config}: {error}") from None


def _fail(message: str) -> typer.Exit:
    typer.echo(f"kiosk-control-room: {message}", err=True)
    return typer.Exit(2)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
