"""A fee in words, before anybody knows the amount: as the catalogue tells it (R45)."""

from __future__ import annotations

from typing import Final

from config.service_fee import Fee
from config.texts import texts
from screens.screen import Language

_CERTAIN: Final = frozenset({"fixed", "bill", "formula", "chosen", "sum", "table"})


def certainly_costs(fee: Fee) -> bool:
    """Whether nobody gets it for nothing but by a reduction; a local price may be 0, a condition may not hold."""
    return fee.type in _CERTAIN and fee.when is None


def fee_line(fee: Fee, language: Language) -> str:
    """The fee in one short phrase, for lists: "免费", "20.00 元", "15.00–240.00 元", "以账单为准"."""
    say = texts(language).t
    if fee.type == "free":
        return say("fee.free")
    if fee.type == "fixed":
        return say("fee.yuan", yuan=yuan(fee.fen))
    if fee.rows:
        least, most = min(row.fen for row in fee.rows), max(row.fen for row in fee.rows)
        if least == most:
            return say("fee.yuan", yuan=yuan(least))
        return say("fees.range", least=yuan(least), most=yuan(most))
    if fee.when is not None:
        return say("fees.sometimes")
    return say(f"fees.type.{fee.type}")


def fee_rows(fee: Fee, language: Language) -> tuple[tuple[str, str], ...]:
    """The fee in full, for the guide: each row of its table, or how it is worked out."""
    say = texts(language).t
    if fee.rows:
        return tuple((row.label.get(language), say("fee.yuan", yuan=yuan(row.fen))) for row in fee.rows)
    if fee.rule is not None:
        return ((say("fees.rule"), fee.rule.get(language)),)
    return ()


def yuan(fen: int) -> str:
    """Fen as yuan with two places."""
    return f"{fen // 100}.{fen % 100:02d}"
