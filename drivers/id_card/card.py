"""What one card said, in one shape for all four kinds. It never shows itself in a log or a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from drivers.id_card.frames import (
    CardKind,
    Foreign2017,
    Foreign2023,
    Permit,
    Resident,
    TextBlock,
    check_citizen_number,
    check_foreign_2017_number,
    check_foreign_2023_number,
    ethnicity_name,
    kind_of,
    old_foreign_number,
    sex_name,
)


@dataclass(frozen=True, slots=True, repr=False)
class CardRead:
    """A card as read. `valid_to` None is 长期; text that this kind of card does not carry is empty.

    `additional_address` is the last one that was written to the card after it was made, empty when there is none.
    `photo` is the blob of the chip (`drivers.id_card.portrait` decodes it). Expired cards are read like any other:
    whether a card serves today is the journey's question.
    """

    kind: CardKind
    name: str
    sex_code: str
    sex: str
    birth: date
    number: str
    valid_from: date
    valid_to: date | None
    photo: bytes
    ethnicity_code: str = ""
    ethnicity: str = ""
    address: str = ""
    issuer: str = ""
    additional_address: str = ""
    name_en: str = ""
    nationality: str = ""
    pass_number: str = ""
    issues: str = ""
    version: str = ""
    authority: str = ""
    renewals: str = ""
    old_number: str | None = None
    fingerprints: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"<CardRead {self.kind.value}: personal data withheld>"


def card_read(
    text: TextBlock, photo: bytes, *, additional_address: str = "", fingerprints: tuple[bytes, ...] = ()
) -> CardRead:
    """The card that was read. Raises `NumberError` when its number breaks the rule of its kind.

    Births in the future are not looked for: the number is signed by its issuer, our clock is not.
    """
    if isinstance(text, Foreign2017):
        check_foreign_2017_number(text.number)
    elif isinstance(text, Foreign2023):
        check_foreign_2023_number(text.number)
    else:
        check_citizen_number(text.number)
    extra: dict[str, Any]
    if isinstance(text, Resident):
        extra = {
            "ethnicity_code": text.ethnicity,
            "ethnicity": ethnicity_name(text.ethnicity),
            "address": text.address,
            "issuer": text.issuer,
        }
    elif isinstance(text, Permit):
        extra = {
            "address": text.address,
            "issuer": text.issuer,
            "pass_number": text.pass_number,
            "issues": text.issues,
        }
    elif isinstance(text, Foreign2017):
        extra = {"version": text.version, "authority": text.authority}
    else:
        extra = {
            "renewals": text.renewals,
            "old_number": old_foreign_number(text.number, text.nationality, text.link),
        }
    if isinstance(text, (Foreign2017, Foreign2023)):
        extra |= {"name_en": text.name_en, "nationality": text.nationality}
    return CardRead(
        kind=kind_of(text),
        name=text.name,
        sex_code=text.sex,
        sex=sex_name(text.sex),
        birth=text.birth,
        number=text.number,
        valid_from=text.valid_from,
        valid_to=text.valid_to,
        photo=photo,
        additional_address=additional_address,
        fingerprints=fingerprints,
        **extra,
    )
