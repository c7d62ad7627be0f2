"""Check digits of the codes that services and licences carry: social credit code, item code, e-licence identifier."""

from __future__ import annotations

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: 31 characters, without I, O, S, V, Z."""
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""GB/T 36904: all 36; the two tables differ."""
LICENCE_ROOT = "1.2.156.3005.2."


def uscc_check(first17: str) -> str:
    """Check character of a unified social credit code (GB 32100-2015). Raises `ValueError` for other characters."""
    if len(first17) != 17 or any(c not in _USCC for c in first17):
        raise ValueError("expected 17 characters of the GB 32100 alphabet")
    return _USCC[-sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(first17)) % 31]


def uscc_valid(code: str) -> bool:
    """True for a well-formed unified social credit code with a right check character."""
    return len(code) == 18 and all(c in _USCC for c in code) and uscc_check(code[:17]) == code[17]


def item_code_fault(code: str) -> str:
    """What is wrong with an implementation code (31) or handling-item code (33) of GB/T 39554.1; "" when right."""
    if len(code) not in (31, 33):
        return f"has {len(code)} characters; GB/T 39554.1 codes have 31 or 33"
    if not uscc_valid(code[:18]):
        return "its first 18 characters are not a social credit code with a right check character (GB 32100)"
    if code[18] not in "1234567":
        return f"its level digit is {code[18]!r}; expected 1 to 7 (GB/T 39046 A.2)"
    if not code[19:].isascii() or not code[19:].isdigit():
        return "characters 20 and later must be digits"
    return ""


def licence_check(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36 check character of digits and capitals."""
    p = 36
    for char in text:
        p = (p + _BASE36.index(char)) % 36 or 36
        p = 2 * p % 37
    return _BASE36[(37 - p) % 36]


def licence_identifier(kind: str, issuer: str, serial: str, version: int) -> str:
    """A whole e-licence identifier (GB/T 36904): `kind` is 21 characters, `issuer` 18, `serial` 7 to 32."""
    parts = (kind, issuer, serial, f"{version:03d}")
    return f"{LICENCE_ROOT}{'.'.join(parts)}.{licence_check(''.join(parts))}"


def licence_identifier_valid(identifier: str) -> bool:
    """True when the identifier has the root, five parts and a right check character."""
    if not identifier.startswith(LICENCE_ROOT) or len(identifier) > 120:
        return False
    parts = identifier.removeprefix(LICENCE_ROOT).split(".")
    body = "".join(parts[:-1])
    whole = len(parts) == 5 and len(parts[0]) == 21 and len(parts[3]) == 3 and len(parts[4]) == 1
    return whole and bool(body) and all(c in _BASE36 for c in body) and licence_check(body) == parts[4]
