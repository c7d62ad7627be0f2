"""`kiosk updates`: where an update stands, root's side of it, and signing a manifest at the publisher's desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from config.settings import Settings

updates_app = typer.Typer(no_args_is_help=True, help="New versions of the program (docs/updates.md).")
Profile = Annotated[str, typer.Option(help="Device profile: a name or a TOML file.")]
Layers = Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")]


def _settings(profile: str, machine: list[Path] | None) -> Settings:
    from config.load import SettingsError, load_settings

    try:
        return load_settings(profile, machine or [])
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@updates_app.command()
def status(profile: Profile = "simulated", machine: Layers = None) -> None:
    """Where the last update stands, as JSON. Exit code 1 when it failed or was taken back."""
    from dataclasses import asdict

    from kiosk.updates.state import StateFile

    state = StateFile(_settings(profile, machine).state_dir).read()
    typer.echo(json.dumps(asdict(state), ensure_ascii=False, indent=1))
    raise typer.Exit(int(state.phase in ("failed", "rolled-back", "rolling-back", "set-aside")))


@updates_app.command()
def apply(profile: Profile = "simulated", machine: Layers = None) -> None:
    """Follow the order that the terminal left; for root, begun by weihai-kiosk-update.path."""
    from kiosk.updates.applying import apply_once
    from kiosk.updates.state import FOLDER

    settings = _settings(profile, machine)
    if why := apply_once(settings.updates, settings.state_dir / FOLDER):
        typer.echo(why, err=True)
        raise typer.Exit(1)


@updates_app.command()
def seed(file: Annotated[Path | None, typer.Argument(help="The package; without it, packed again.")] = None) -> None:
    """Keep the package that is installed now as the way back; for root. The package does it when it is installed."""
    import asyncio

    from config.update_settings import UpdateSettings
    from kiosk.updates.applying import Applier
    from kiosk.updates.installer import CannotInstall

    try:  # before `kiosk setup` there are no settings, and none is needed
        said = asyncio.run(Applier(UpdateSettings(), Path("/nonexistent")).seed(file))
    except (CannotInstall, OSError) as error:
        typer.echo(f"not kept: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(said)


@updates_app.command()
def sign(
    manifest: Annotated[Path, typer.Argument(help="The manifest as JSON, without sizes, hashes and signature.")],
    key: Annotated[Path, typer.Option(help="Ed25519 private key: 64 hex digits in a file of its owner's alone.")],
    out: Annotated[Path, typer.Option(help="The folder of the web server; the files of the manifest lie there.")],
) -> None:
    """Complete a manifest with the sizes and hashes of its files, sign it, and put CHANNEL.json beside them."""
    from kiosk.updates.signing import CannotSign, signed_manifest

    try:
        name, data = signed_manifest(manifest, key, out)
    except CannotSign as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    fresh = out / f"{name}.new"
    fresh.write_bytes(data)
    fresh.replace(out / name)
    typer.echo(f"{out / name}: {len(data)} bytes")
