"""What a simulated citizen answers to a field of a form: a right value for every type, made by rule from the field."""

from __future__ import annotations

from collections.abc import Sequence

from config.service_form import FormFieldSpec
from simulator.people import CITIZENS, id_check

NUMBER = "37100219900307501"
COMPANY = "91371000MA3C1D2E18"
BANK_CARD = "6212260405014627955"
PHONE = "13806310000"
WORDS = {"zh": "威海", "en": "Weihai", "ko": "Weihai"}
_DIGITS = "20260311"


def answer_for(spec: FormFieldSpec, options: Sequence[str] = (), *, turn: int = 0) -> str:
    """A right value; `options` are the keys that can be chosen, `turn` picks another one of them."""
    if options:
        return options[turn % len(options)]
    if spec.type == "plate":
        return f"鲁K{turn % 100_000:05d}"
    if spec.type in _FIXED:
        return _FIXED[spec.type]
    match spec.type:
        case "int" | "decimal":
            return str(max(spec.least or 1, 1))
        case "money":
            least = max(spec.least or 1, 1)
            return f"{least + 100 + turn}.5" if spec.most is None else str(min(spec.most, least + 10 + turn % 80))
        case "digits":
            length = spec.lengths[0] if spec.lengths else min(spec.max_length, 10)
            return numbered(turn).rjust(length, "8")[-length:]
        case "list":
            return "\n".join(WORDS["zh"] + mark for mark in "甲乙丙丁"[: max(1, spec.least or 1)])
        case _:
            return WORDS["zh"][: spec.max_length]


def numbered(turn: int) -> str:
    """A number of its own for every turn; its last two digits are none of those by which the city tells QA's cases."""
    return f"{turn % 1_000_000}{10 + turn % 90}"


_FIXED = {
    "phone": PHONE,
    "idno": NUMBER + id_check(NUMBER),
    "uscc": COMPANY,
    "date": _DIGITS,
    "month": _DIGITS[:6],
    "year": _DIGITS[:4],
    "range": "202601-202610",
    "region": "371002",
    "bool": "yes",
    "vin": "LSVNV2182E2100001",
    "bankcard": BANK_CARD,
    "pin6": "135790",
    "addr": "威海市环翠区文化中路58号",
    "scan": "AISD-0000-0000",
}
__all__ = ["CITIZENS", "answer_for"]
