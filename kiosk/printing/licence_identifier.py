"""Electronic licence identifiers (GB/T 36904-2018): `root.type.issuer.serial.version.check`, check by MOD 37,36."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOT = "1.2.156.3005.2"
MAX_LENGTH = 120
_FORM = re.compile(
    re.escape(ROOT)
    + r"\.(?P<type>[0-9A-Z]{21})\.(?P<issuer>[0-9A-Z]{6,18})\.(?P<serial>[0-9A-Z]{1,64})"
    + r"\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])"
)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class IdentifierError(ValueError):
    """Not a licence identifier; says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """One checked identifier. `type` is 18 characters of the defining body and 3 of the kind of licence."""

    type: str
    issuer: str
    serial: str
    version: str
    check: str

    def __str__(self) -> str:
        return ".".join((ROOT, self.type, self.issuer, self.serial, self.version, self.check))


def check_character(body: str) -> str:
    """The check character of `body`: type, issuer, serial and version without dots (ISO/IEC 7064 MOD 37,36)."""
    carry = 36
    for character in body:
        value = _DIGITS.find(character)
        if value < 0 or len(character) != 1:
            raise IdentifierError("a licence identifier has digits and capital letters only")
        carry = (carry + value) % 36 or 36
        carry = carry * 2 % 37
    return _DIGITS[(37 - carry) % 36]


def parse_identifier(text: str) -> LicenceIdentifier:
    """The identifier in `text`. Raises `IdentifierError` for a wrong form or check character."""
    found = _FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise IdentifierError(f"a licence identifier is {ROOT}.TYPE.ISSUER.SERIAL.VERSION.CHECK")
    parts = found.groupdict()
    if check_character(parts["type"] + parts["issuer"] + parts["serial"] + parts["version"]) != parts["check"]:
        raise IdentifierError("the check character of the licence identifier is wrong")
    return LicenceIdentifier(**parts)


def make_identifier(type_code: str, issuer: str, serial: str, version: str = "001") -> LicenceIdentifier:
    """An identifier with its check character. Raises `IdentifierError` when a part has a wrong form."""
    check = check_character(type_code + issuer + serial + version)
    return parse_identifier(".".join((ROOT, type_code, issuer, serial, version, check)))
