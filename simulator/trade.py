"""How a hall does its business where it differs from the usual: a pad that holds, certificates that cost, forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.catalogue import Catalogue, Service, catalogue_from

APPLIED, PRINTED, CHECKED = "WH-PS-001", "WH-SI-001", "WH-GN-008"
"""The services that simulated citizens come for: an application with a fee, a certificate, checking a certificate."""
STOCK = "certificate-form"
FORMS_A_RANGE = 12


@dataclass(frozen=True, slots=True)
class Trade:
    """`pad_holds`: money is held first, booked or freed later; `prints_cost`: the certificate has the application's
    fee; `forms`: it is printed on numbered forms, of which a technician loads `FORMS_A_RANGE` at a time."""

    pad_holds: bool = False
    prints_cost: bool = False
    forms: bool = False

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the terminal's settings say differently (dotted keys)."""
        return {"devices.payment_pad.options.settlement": "preauthorise"} if self.pad_holds else {}

    def catalogue(self, usual: Catalogue) -> Catalogue:
        """The services of this hall and its city, from the `usual` ones."""
        service = usual.services[PRINTED]
        changes: dict[str, Any] = {"form_stock": STOCK} if self.forms else {}
        if self.prints_cost:
            at = service.steps.index("print")
            changes |= {"steps": (*service.steps[:at], "pay", *service.steps[at:]), "fee": usual.services[APPLIED].fee}
            changes["needs"] = (*service.needs, "payment_pad")
        if not changes:
            return usual
        changed = Service.model_construct(**{**dict(service), **changes})
        versions = (changed if version.id == PRINTED else version for version in usual.versions)
        return catalogue_from(usual.fields, versions)


TRADES = (Trade(), Trade(pad_holds=True), Trade(prints_cost=True), Trade(True, True, True))
"""What the epochs of a soak take turns with."""
