"""Values that commands share: passwords, receipt numbers, amounts, currencies."""

from __future__ import annotations

from typing import Final, TypeAlias

from drivers.payment_pad.frames import tlv
from drivers.payment_pad.frames.apdu import FrameError
from drivers.payment_pad.frames.bmp import bcd, digits, unbcd

CURRENCIES: Final = {"CNY": 156, "EUR": 978, "USD": 840, "HKD": 344}
"""ISO 4217 numbers."""
OPEN_LIST: Final = "FFFF"
"""Receipt number that asks for the list of open pre-authorisations."""
Password: TypeAlias = str


def password_bytes(text: Password) -> bytes:
    """Three bytes. Raises `FrameError`."""
    if len(text) != 6 or not text.isdecimal():
        raise FrameError("a pad's password is six decimal digits")
    return bytes.fromhex(text)


def take_password(data: bytes) -> tuple[Password, bytes]:
    """The password in front and what follows it. Raises `FrameError`."""
    if len(data) < 3:
        raise FrameError("no room for the password of three bytes")
    return digits(data[:3]), data[3:]


def receipt_bytes(number: str) -> bytes:
    """BMP 87 of a receipt number, four digits or `FFFF`. Raises `FrameError`."""
    if number == OPEN_LIST:
        return b"\xff\xff"
    if len(number) != 4 or not number.isdecimal():
        raise FrameError("a receipt number is four decimal digits")
    return bytes.fromhex(number)


def receipt_text(data: bytes | None) -> str:
    """BMP 87 as digits, or `FFFF`. Raises `FrameError` when it is missing."""
    if data is None:
        raise FrameError("field 87, the receipt number, is missing")
    return OPEN_LIST if data == b"\xff\xff" else digits(data)


def amount_of(found: dict[int, bytes]) -> int:
    """BMP 04. Raises `FrameError` when it is missing."""
    if 0x04 not in found:
        raise FrameError("field 04, the amount, is missing")
    return unbcd(found[0x04])


def one_byte(number: int | None) -> bytes | None:
    """A one-byte field, None for none."""
    return None if number is None else bytes((number,))


def byte_of(found: dict[int, bytes], number: int) -> int | None:
    """The value of a one-byte field, None when absent."""
    return found[number][0] if number in found else None


def currency_bytes(number: int | None) -> bytes | None:
    """BMP 49, None for none."""
    return None if number is None else bcd(number, 2)


def currency_of(found: dict[int, bytes]) -> int | None:
    """The ISO number of BMP 49, None when absent."""
    return unbcd(found[0x49]) if 0x49 in found else None


def container_of(tags: bytes | None) -> bytes | None:
    """BMP 06 around `tags`, None for none."""
    return None if tags is None else tlv.container(tags)
