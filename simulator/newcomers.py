"""Citizens that QA makes up: a card of one's own in the tray, with the face of an invented citizen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.people import CITIZENS, Citizen, id_check

AREA, ISSUER, ADDRESS = "371002", "威海市公安局环翠分局", "山东省威海市环翠区自备路1号"
MOST = 40
FIRST, LAST = date(1900, 1, 1), date(2100, 1, 1)


class Newcomer(BaseModel):
    """What stands on the card. `like`: whose face it is. `valid_to` None is 长期. The number is made from the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=r"^own-[0-9]{2}$")] = "own-01"
    name: Annotated[str, Field(min_length=1, max_length=15)]
    sex: Literal["1", "2"] = "1"
    birth: date
    valid_from: date
    valid_to: date | None = None
    like: Annotated[str, Field(pattern=r"^citizen-[0-9]{2}$")] = "citizen-01"

    @model_validator(mode="after")
    def _possible(self) -> Newcomer:
        if self.like not in CITIZENS:
            raise ValueError(f"like: there is no {self.like}")
        if not FIRST <= self.birth <= self.valid_from <= (self.valid_to or LAST) <= LAST:
            raise ValueError("birth, valid_from and valid_to follow each other between 1900 and 2100")
        if self.name.strip() != self.name or not self.name.isprintable():
            raise ValueError("name: printable characters without spaces around them")
        return self

    @property
    def citizen(self) -> Citizen:
        """The person: number with a right check digit (GB 11643), phone and bank card of nobody."""
        face = CITIZENS[self.like]
        index = int(self.key.removeprefix("own-"))
        first17 = f"{AREA}{self.birth:%Y%m%d}{500 + index * 2 + (1 if self.sex == '1' else 0)}"
        pan = f"629998{index:09d}"
        return Citizen(
            key=self.key, face=face.face, name=self.name, sex=self.sex, ethnicity="01", birth=self.birth,
            number=first17 + id_check(first17), address=ADDRESS, issuer=ISSUER, valid_from=self.valid_from,
            valid_to=self.valid_to, phone=f"1990632{index:04d}", pan=pan + _luhn(pan), remark="made here",
        )  # fmt: skip


def _luhn(first: str) -> str:
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(reversed(first)))
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def free_key() -> str:
    """A key that no citizen has. Raises `ValueError` when there are `MOST` already."""
    taken = {key for key in CITIZENS if key.startswith("own-")}
    if len(taken) >= MOST:
        raise ValueError(f"there are {MOST} cards of your own already; throw one away first")
    return next(key for key in (f"own-{n:02d}" for n in range(1, MOST + 1)) if key not in taken)


def admit(newcomer: Newcomer) -> Citizen:
    """Let them be one of the citizens of this process; a second one with the same key replaces the first."""
    citizen = CITIZENS[newcomer.key] = newcomer.citizen
    return citizen


def dismiss(key: str) -> None:
    """Throw the card away. Raises `KeyError` for a key that is not one's own."""
    if not key.startswith("own-") or key not in CITIZENS:
        raise KeyError(f"{key!r} is no card of your own")
    del CITIZENS[key]
