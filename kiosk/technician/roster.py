"""Who is a technician of this terminal: technicians.toml, kept by `kiosk technician`, read anew at every gesture.

Cards and PINs stand in it as digests under this machine's key: the file is worth nothing on another machine, and
says nothing to whoever reads it. The published test technicians (config/technicians-test.toml) are let in only where
the settings say so, which a real profile cannot.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config import DATA
from config.load import SettingsError, parse_toml
from kiosk.keys import MachineKey
from kiosk.owners import hand_over
from kiosk.technician.roles import Role

MOST: Final = 200
MOST_BYTES: Final = 256 << 10
PIN_DIGITS: Final = 6
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
_MEMORY: Final = 64 << 20
TEST_FILE: Final = DATA / "technicians-test.toml"
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,19}$")]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f\"\\]+$")]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class RosterError(Exception):
    """The roster cannot be used; the message says which file, what is wrong and what to do, and names nobody."""


class Pin(BaseModel):
    """A PIN as scrypt (RFC 7914) over its digest under the machine's key; salt and hash in hex."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    salt: Hex32
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]
    n: Annotated[int, Field(ge=2**14, le=2**16)] = SCRYPT_N
    r: Annotated[int, Field(ge=1, le=8)] = SCRYPT_R
    p: Annotated[int, Field(ge=1, le=4)] = SCRYPT_P


class Technician(BaseModel):
    """One technician. `card`: the keyed digest of the card's number. `name` is for lists, it goes nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    name: Name = Field(repr=False)
    role: Role
    card: Hex32
    locked: bool = False
    pin: Pin


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1, le=1)] = 1
    technician: Annotated[tuple[Technician, ...], Field(max_length=MOST)] = ()


class _Published(BaseModel):
    """One test technician: everything is in the open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    name: Name
    role: Role
    number: Annotated[str, Field(pattern=r"^[0-9]{17}[0-9X]$")]
    pin: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class _TestFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    technician: Annotated[tuple[_Published, ...], Field(max_length=10)]


@dataclass(frozen=True, slots=True)
class Known:
    """Who a card belongs to, as the door needs it: nobody's name."""

    id: str
    who: str
    """Keyed digest of the id: how the journal calls them."""
    role: Role
    locked: bool
    pin: Pin | None = field(repr=False)
    """None: a test technician."""
    published_pin: str = field(default="", repr=False)


def card_digest(key: MachineKey, number: str) -> str:
    """How a card stands in the roster."""
    return key.digest("technician-card", number.strip().upper())


def who_digest(key: MachineKey, technician: str) -> str:
    """How a technician stands in the journal."""
    return key.digest("technician", technician)


def hashed(key: MachineKey, pin: str) -> Pin:
    """A PIN as it is kept; takes about 0.1 s."""
    salt = secrets.token_bytes(16)
    made = _scrypt(key, pin, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    return Pin(salt=salt.hex(), hash=made.hex())


def _scrypt(key: MachineKey, pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    said = key.digest("technician-pin", pin).encode()
    return hashlib.scrypt(said, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def pin_right(key: MachineKey, known: Known, pin: str) -> bool:
    """Whether `pin` is theirs. Takes about 0.1 s: call it off the loop."""
    if known.pin is None:
        return bool(known.published_pin) and hmac.compare_digest(pin, known.published_pin)
    kept = known.pin
    made = _scrypt(key, pin, bytes.fromhex(kept.salt), kept.n, kept.r, kept.p)
    return hmac.compare_digest(made.hex(), kept.hash)


def weak(pin: str) -> str:
    """Why nobody should have this PIN, "" when it will do."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdecimal()):
        return f"a PIN has {PIN_DIGITS} digits"
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return "digits in a row, or all the same, are what is tried first"
    if len(set(pin)) < 3:
        return "at least three different digits"
    if pin in {each.pin for each in _test_technicians()}:
        return "this one is published as a test technician's"
    return ""


class Roster:
    """The file in `path`. `test`: the published technicians are let in beside it."""

    def __init__(self, path: Path, key: MachineKey, *, test: bool = False) -> None:
        self.path = path
        self.key = key
        self._test = test

    def find(self, number: str) -> Known | None:
        """Whose card has this number; reads the file anew. Raises `RosterError`."""
        wanted = card_digest(self.key, number)
        for each in self.technicians():
            if hmac.compare_digest(each.card, wanted):
                return Known(each.id, who_digest(self.key, each.id), each.role, each.locked, each.pin)
        for shown in _test_technicians() if self._test else ():
            if hmac.compare_digest(card_digest(self.key, shown.number), wanted):
                return Known(shown.id, who_digest(self.key, shown.id), shown.role, False, None, shown.pin)
        return None

    def technicians(self) -> tuple[Technician, ...]:
        """Everybody in the file, () when there is none. Raises `RosterError`: then nobody is let in."""
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise RosterError(f"{self.path}: {error.strerror}; it belongs to the terminal's user") from error
        if mode & 0o077:
            raise RosterError(f"{self.path}: others may read or write it; chmod 600 {self.path}")
        if len(data) > MOST_BYTES:
            raise RosterError(f"{self.path}: larger than {MOST_BYTES} bytes; not a roster")
        return self._checked(data)

    def _checked(self, data: bytes) -> tuple[Technician, ...]:
        try:
            read = _File.model_validate(parse_toml(data, self.path))
        except SettingsError as error:
            raise RosterError(str(error)) from None
        except ValidationError as error:
            # Without the input: a name or a digest must not stand in a log.
            lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
            raise RosterError(f"{self.path}: {'; '.join(lines[:5])}") from None
        for what, values in (
            ("id", [t.id for t in read.technician]),
            ("card", [t.card for t in read.technician]),
        ):
            if len(set(values)) != len(values):
                raise RosterError(f"{self.path}: the same {what} stands there twice; `kiosk technician remove` one")
        if not self._test:
            shown = {card_digest(self.key, each.number) for each in _test_technicians()}
            if any(each.card in shown for each in read.technician):
                raise RosterError(f"{self.path}: holds a published test technician's card; remove that one")
        return read.technician

    # For the command line

    def add(self, technician: Technician) -> None:
        """One more. Raises `RosterError` for an id or a card that is there, `OSError`."""
        there = self.technicians()
        if len(there) >= MOST:
            raise RosterError(f"{self.path}: {MOST} technicians are there; remove some")
        if any(each.id == technician.id for each in there):
            raise RosterError(f"{technician.id}: is there already; remove it first")
        if any(each.card == technician.card for each in there):
            raise RosterError("this card belongs to a technician already")
        self._write((*there, technician))

    def change(self, technician: str, *, locked: bool) -> None:
        """Lock one, or unlock. Raises `RosterError` when nobody is called so, `OSError`."""
        there = self.technicians()
        self._must_be_there(technician, there)
        self._write(t.model_copy(update={"locked": locked}) if t.id == technician else t for t in there)

    def remove(self, technician: str) -> None:
        """One less. Raises `RosterError` when nobody is called so, `OSError`."""
        there = self.technicians()
        self._must_be_there(technician, there)
        self._write(t for t in there if t.id != technician)

    def _must_be_there(self, technician: str, there: Iterable[Technician]) -> None:
        if technician not in {each.id for each in there}:
            known = ", ".join(each.id for each in there) or "nobody"
            raise RosterError(f"{technician}: not in {self.path} (there is {known})")

    def _write(self, technicians: Iterable[Technician]) -> None:
        """Whole or not at all, mode 0600, synced; owned by whoever owns the folder."""
        text = ["# Technicians of this terminal. Changed by `kiosk technician` only.\nversion = 1\n"]
        text += [_entry(each) for each in technicians]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            hand_over(fd, self.path.parent)
            os.write(fd, "\n".join(text).encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.replace(self.path)
        _sync(self.path.parent)


def _entry(each: Technician) -> str:
    pin = each.pin
    return (
        f'[[technician]]\nid = "{each.id}"\nname = "{each.name}"\nrole = "{each.role}"\ncard = "{each.card}"\n'
        f"locked = {str(each.locked).lower()}\n"
        f'pin = {{ salt = "{pin.salt}", hash = "{pin.hash}", n = {pin.n}, r = {pin.r}, p = {pin.p} }}\n'
    )


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _test_technicians() -> tuple[_Published, ...]:
    read = _TestFile.model_validate(parse_toml(TEST_FILE.read_bytes(), TEST_FILE))
    return read.technician
