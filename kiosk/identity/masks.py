"""What others may see of a citizen: names, numbers, phones and addresses masked (domain rules of desensitisation)."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """Keep the first character of two; first and last of more; counts code points."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """A citizen number on a screen: 3 + * + 4."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(phone: str) -> str:
    """A phone number: 3 + 4* + 4."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 11 else "*" * len(phone)


def mask_address(address: str) -> str:
    """An address up to its street: digits and what follows are dropped."""
    for i, char in enumerate(address):
        if char.isdigit():
            return address[:i] + "***"
    return address
