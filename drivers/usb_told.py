"""What a USB device tells of itself in its descriptors: release number and serial number (USB 2.0, 9.6.1).

The kernel keeps both under /sys: nothing crosses the cable, and a device that sleeps is not woken.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.told import printable

SYS: Final = Path("/sys/class")
CLASS_OF: Final = (("/dev/video", "video4linux"), ("/dev/input/event", "input"), ("/dev/ttyACM", "tty"))
"""Nodes that the device itself has. Behind /dev/ttyUSB* there is an adapter, whose numbers would be taken for the
device's."""
MOST_UP: Final = 8
BCD: Final = 4
MOST_READ: Final = 256


@dataclass(frozen=True, slots=True)
class UsbTold:
    """Empty where there is nothing told."""

    serial: str = ""
    release: str = ""


def usb_told(link: str, sys: Path = SYS) -> UsbTold:
    """The device behind `link` (a path under /dev, or a link URL of one); empty for every other link. Never raises."""
    path = os.path.realpath(link.split("://", 1)[-1].split("?", 1)[0])
    kind = next((kind for start, kind in CLASS_OF if path.startswith(start)), "")
    if not kind:
        return UsbTold()
    folder = (sys / kind / Path(path).name / "device").resolve()
    for each in (folder, *folder.parents[:MOST_UP]):
        if release := _read(each / "bcdDevice"):
            return UsbTold(printable(_read(each / "serial")), _as_version(release))
    return UsbTold()


def _as_version(bcd: str) -> str:
    """`0412` as lsusb writes it: 4.12."""
    if len(bcd) != BCD or not bcd.isdecimal():
        return printable(bcd)
    return f"{int(bcd[:2])}.{bcd[2:]}"


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_READ).strip()
    except OSError:
        return ""
