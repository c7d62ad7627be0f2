"""The schema of what a service costs. Amounts are integer fen; what this file cannot know is the platform's to say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.service_form import FormFieldSpec, ShownIf, values_of
from config.service_words import Key, Part, Words

Fen = Annotated[int, Field(ge=0, le=10_000_000)]
_NO_FEE = Words(zh="不收费", en="No fee", ko="무료")
_NOBODY = Words(zh="—", en="—")


class FeeRow(Part):
    """One row of a price table; `when` names the answer that selects it, without it the platform selects."""

    label: Words
    fen: Fen
    when: ShownIf | None = None


class Surcharge(Part):
    """What is added for each day after the deadline, in thousandths of the amount, up to `cap_percent` of it."""

    permille_a_day: Annotated[int, Field(ge=1, le=100)]
    cap_percent: Annotated[int, Field(ge=1, le=100)]


class Fee(Part):
    """What it costs and on which basis.

    free     nothing
    fixed    `fen`
    table    a row of `rows`; without rows the platform's price table `price`
    formula  computed by the platform; `rule` says how, in words
    bill     the platform's bill says
    local    the price `price` of this site's table; `fen` until the platform gives it
    chosen   the citizen chooses: yuan, the value of the form field `field`
    sum      what the parts of a bundle cost
    """

    type: Literal["free", "fixed", "table", "formula", "bill", "local", "chosen", "sum"]
    source: Literal["free", "published_or_bill", "verify_locally"] | None = None
    """Whether the amount is published or on a bill, or has to be verified with the site before opening."""
    fen: Fen = 0
    rows: Annotated[tuple[FeeRow, ...], Field(max_length=20)] = ()
    rule: Words | None = None
    price: Key | None = None
    field: Key | None = None
    when: ShownIf | None = None
    """Costs something only with this answer."""
    surcharge: Surcharge | None = None
    title: Words = _NO_FEE
    basis: Words = _NO_FEE
    payee: Words = _NOBODY

    @property
    def amount_from(self) -> Literal["data", "platform"]:
        """Whether the amount follows from the catalogue and the form, or only the platform can say it."""
        if self.type in ("free", "fixed", "chosen"):
            return "data"
        return "data" if self.rows and all(row.when for row in self.rows) else "platform"


def fee_faults(fee: Fee, form: tuple[FormFieldSpec, ...]) -> list[str]:
    """What contradicts itself in a fee: `fee.key: what is wrong`."""
    faults: list[str] = []
    by_key = {spec.key: spec for spec in form}
    if fee.type == "fixed" and (fee.fen == 0 or fee.payee.zh == "—"):
        faults.append("fee: a fixed fee has fen above 0, title, basis and payee")
    elif fee.type not in ("free", "fixed") and (fee.payee.zh == "—" or fee.title == _NO_FEE):
        faults.append(f"fee: a fee of type {fee.type} has title, basis and payee")
    if fee.type == "free" and fee.fen:
        faults.append("fee.fen: a free service costs 0 fen")
    elif fee.fen and fee.type not in ("fixed", "local"):
        faults.append(f"fee.fen: goes together with type fixed or local, not {fee.type}")
    if fee.type == "table" and not fee.rows and not fee.price:
        faults.append("fee.rows: a table has rows here, or names the platform's table in 'price'")
    if fee.rows and fee.type != "table":
        faults.append(f"fee.rows: go together with type table, not {fee.type}")
    if fee.type == "local" and not fee.price:
        faults.append("fee.price: a local fee names its row of the site's price table")
    if fee.type == "formula" and fee.rule is None:
        faults.append("fee.rule: a formula is told in words")
    if (fee.type == "chosen") != (fee.field is not None) and fee.type != "bill":
        faults.append("fee.field: goes together with type chosen")
    if fee.field is not None and (fee.field not in by_key or by_key[fee.field].type not in ("enum", "money", "int")):
        faults.append(f"fee.field: no enum, money or int field {fee.field!r} in this form")
    if fee.source is not None and fee.type != "sum" and (fee.source == "free") != (fee.type == "free"):
        faults.append(f"fee.source: {fee.source!r} does not go together with type {fee.type}")
    for at, condition in [("when", fee.when), *((f"rows.{i}.when", row.when) for i, row in enumerate(fee.rows))]:
        if condition and condition.field not in by_key:
            faults.append(f"fee.{at}.field: no field {condition.field!r} in this form")
        elif condition and condition.equals not in values_of(by_key[condition.field]):
            faults.append(f"fee.{at}.equals: {condition.equals!r} is no option of {condition.field}")
    return faults
