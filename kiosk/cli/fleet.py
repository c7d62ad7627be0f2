"""`kiosk fleet`: a key that signs orders, and a signed order for any MQTT client to publish; for the office's desk."""

from __future__ import annotations

import base64
import json
import logging
import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

fleet_app = typer.Typer(no_args_is_help=True, help="Keys and signed orders for terminals (docs/fleet.md).")


@fleet_app.command("key")
def make_key(
    out: Annotated[Path, typer.Argument(help="Where the private key goes; it must not exist yet.")],
) -> None:
    """Make a key (Ed25519) that signs orders; prints the public key for `fleet.command_keys`, and its id."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from config.signatures import key_id

    key = Ed25519PrivateKey.generate()
    try:
        fd = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        typer.echo(f"{out}: {error.strerror}", err=True)
        raise typer.Exit(2) from error
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    public = key.public_key().public_bytes_raw()
    typer.echo(f"public {public.hex()}\nid     {key_id(public)}")


@fleet_app.command("order")
def sign_order(
    name: Annotated[str, typer.Argument(help="refresh-catalogue, close, open, drain, restart-device, ...")],
    terminal: Annotated[str, typer.Option(help="WH-HC-0003")],
    key: Annotated[Path, typer.Option(help="The private key of `kiosk fleet key`.")],
    param: Annotated[list[str] | None, typer.Option(help="name=value")] = None,
    minutes: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=1440)] = 10,
) -> None:
    """Print a signed order, for `mosquitto_pub -s -t kiosk/v1/<site>/<terminal>/command`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from config.fleet_contract import VERSION
    from config.signatures import key_id
    from kiosk.fleet.messages import TooLarge, Unreadable, payload, read_envelope

    now = datetime.now().astimezone()
    body = {
        "v": VERSION, "id": str(uuid.uuid4()), "terminal": terminal, "name": name,
        "params": dict(each.partition("=")[::2] for each in param or []),
        "issued_at": now.isoformat(timespec="seconds"),
        "expires_at": (now + timedelta(minutes=minutes)).isoformat(timespec="seconds"),
    }  # fmt: skip
    try:
        octets = payload(body)
        read_envelope(octets)
        signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.read_text(encoding="ascii").strip()[:100]))
    except (OSError, ValueError, TooLarge, Unreadable) as error:
        typer.echo(f"not signed: {error}", err=True)
        raise typer.Exit(2) from error
    public = signer.public_key().public_bytes_raw()
    signed = {
        "envelope": base64.b64encode(octets).decode(), "signature": signer.sign(octets).hex(), "key": key_id(public),
    }  # fmt: skip
    typer.echo(json.dumps(signed))


@fleet_app.command("given-up")
def given_up(
    profile: Annotated[
        str, typer.Option(help="Device profile: a name in config/profiles or a TOML file.")
    ] = "simulated",
    machine: Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")] = None,
) -> None:
    """Tell the broker that the terminal is not started again (weihai-kiosk-given-up.service); 1: could not be told."""
    import asyncio

    from config.load import SettingsError, load_settings
    from kiosk.fleet.given_up import tell
    from kiosk.journald import log_to_journal_or_stderr

    log_to_journal_or_stderr(logging.WARNING)
    try:
        settings = load_settings(profile, machine or [])
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(0 if asyncio.run(tell(settings)) else 1)
