"""The families of simulated devices: name on the command line -> module, settings section, where it listens.

Modules are imported when first asked for, so that `kiosk-sim device payment-pad` does not load a camera.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from simulator.device import SimDevice

LOOPBACK = "127.0.0.1"
PORTS = range(21_000, 32_000)
"""Below those that systems give to outgoing connections (Linux: ip_local_port_range, 32768 to 60999)."""


class UnknownFamily(ValueError):
    """No such family of devices; the message lists those that exist."""


@dataclass(frozen=True, slots=True)
class Family:
    """One family: `section` is its key under `devices` in the settings, `address` what profile simulated expects."""

    name: str
    section: str
    module: str
    address: str
    words: str

    def at_port(self, port: int) -> str:
        """The address with another TCP port. Only for families that listen on one."""
        parts = urlsplit(self.address)
        return parts._replace(netloc=f"{parts.hostname}:{port}").geturl()

    @property
    def on_tcp(self) -> bool:
        """Whether `address` is a TCP port (else a pty)."""
        return is_tcp(self.address)


def is_tcp(address: str) -> bool:
    """Whether the address names a TCP port; otherwise it is the path of a pty."""
    return not address.startswith("pty:") and "://" in address


FAMILIES: dict[str, Family] = {
    f.name: f
    for f in (
        Family(
            "id-card-reader",
            "id_card",
            "simulator.models.id_card_reader",
            "pty:/tmp/kiosk-sim/id-card-reader",
            "ID-card reader (SAM protocol, serial or TCP)",
        ),
        Family(
            "receipt-printer",
            "receipt_printer",
            "simulator.models.receipt_printer",
            "pty:/tmp/kiosk-sim/receipt-printer",
            "80 mm receipt printer (ESC/POS, serial or TCP)",
        ),
        Family(
            "licence-printer",
            "licence_printer",
            "simulator.models.licence_printer",
            "tcp://127.0.0.1:18631",
            "A4 licence printer (IPP)",
        ),
        Family(
            "payment-pad",
            "payment_pad",
            "simulator.models.payment_pad",
            "tcp://127.0.0.1:20007",
            "Payment pad (ZVT over TCP)",
        ),
        Family(
            "camera",
            "camera",
            "simulator.models.camera",
            "http://127.0.0.1:18780/face.mjpg",
            "Face camera (MJPEG over HTTP)",
        ),
        Family(
            "document-camera",
            "document_camera",
            "simulator.models.document_camera",
            "http://127.0.0.1:18781/desk.mjpg",
            "Document camera over the desk (MJPEG over HTTP)",
        ),
        Family(
            "cabinet",
            "cabinet",
            "simulator.models.cabinet",
            "pty:/tmp/kiosk-sim/cabinet",
            "Cabinet: guide lights, door, presence, UPS (Modbus RTU or TCP)",
        ),
        Family(
            "code-reader",
            "barcode",
            "simulator.models.code_reader",
            "pty:/tmp/kiosk-sim/code-reader",
            "Code reader (serial, or a keyboard wedge at fifo:PATH)",
        ),
    )
}
"""All families by name, in the order in which people see them."""


def family(name: str) -> Family:
    """The family called `name`; underscores and the settings' section name are understood too."""
    wanted = name.strip().lower().replace("_", "-")
    for entry in FAMILIES.values():
        if wanted in (entry.name, entry.section.replace("_", "-")):
            return entry
    raise UnknownFamily(f"no device family {name!r}; there are {', '.join(FAMILIES)}")


def make(name: str, address: str | None = None, **options: Any) -> SimDevice:
    """A simulated device of family `name` at `address` (default: where the simulated profile looks for it)."""
    entry = family(name)
    device: SimDevice = import_module(entry.module).make(address or entry.address, **options)
    return device


class Lease:
    """The right to make a pty at a path: a locked file beside it. Raises `OSError` when somebody else holds it."""

    def __init__(self, address: str) -> None:
        path = Path(address.removeprefix("pty:"))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise

    def end(self) -> None:
        """Give the path back."""
        os.close(self._fd)


def is_free(address: str) -> bool:
    """Whether something could listen at this TCP address now."""
    parts = urlsplit(address)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((parts.hostname or LOOPBACK, parts.port or 0))
        except OSError:
            return False
    return True


def free_port(host: str = LOOPBACK) -> int:
    """A port that nobody has at this moment, and that no outgoing connection is given before it is listened at."""
    for port in secrets.SystemRandom().sample(PORTS, 100):
        with socket.socket() as held:
            try:
                held.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"none of 100 ports of {host} between {PORTS.start} and {PORTS.stop - 1} is free")
