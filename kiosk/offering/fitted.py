"""What a terminal with these devices can ever do: judged from the profile, not from how a device is today.

| without                    | what needs it                                                                        |
|----------------------------|--------------------------------------------------------------------------------------|
| ID-card reader             | goes on by phone (the terminal shows its code, `config/identity.toml`), with network  |
| face camera                | goes on: the officer and the phone are as good; a photo cannot be taken               |
| receipt printer            | goes on: the receipt is a code on the screen; what gives nothing but a slip cannot    |
| licence printer            | cannot; answers are read on the screen                                                |
| payment pad                | goes on by phone where `payments.ways` has one; else nothing with a fee can           |
| any camera over the desk   | cannot scan; any eye or reader for codes: cannot check a certificate                  |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.identity import Need
from config.service import Service
from config.settings import Settings
from kiosk.identity.standing import Standing, need_of, reaches

EYES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "photo": ("camera",),
        "scan": ("document_camera", "camera"),
        "copy": ("document_camera", "camera"),
        "verify": ("code_camera", "camera", "barcode"),
    }
)
"""Steps that look at something -> places of the profile of which one is enough."""
BY_PHONE: Final[frozenset[Need]] = frozenset({"platform"})
"""What is left for proving somebody where the reader is missing."""
MAIN: Final = ("id_card", "camera", "receipt_printer", "licence_printer", "payment_pad")
"""The devices that a terminal has where nothing is left out."""
LASTING: Final = frozenset({"limit.no-reader", "limit.no-receipt", "limit.no-paper"})
"""What is different here for good: told by the guide, not on every line of every list."""
_INSTEAD: Final[Mapping[str, str]] = MappingProxyType(
    {"receipt_printer": "limit.no-receipt", "licence_printer": "limit.no-paper"}
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The places of the profile that are filled; `pays`: whether a fee can be taken in any way."""

    roles: frozenset[str]
    pays: bool

    @classmethod
    def of(cls, settings: Settings, *, pays: bool) -> Fitted:
        """As the profile says."""
        return cls(frozenset(map(str, settings.devices)), pays)

    @property
    def whole(self) -> bool:
        """Whether none of the main devices is missing."""
        return self.roles >= {*MAIN}

    def has(self, family: str) -> bool:
        """Whether there is one of that family's own place."""
        return family in self.roles

    def lacks(self, service: Service) -> str:
        """The family for want of which `service` can never be done here, "" none."""
        if not self.pays and "pay" in service.steps:
            return "payment_pad"
        for family in service.needs:
            if not self._does_without(service, family):
                return family
        return ""

    def by_phone(self, service: Service) -> bool:
        """Whether who stands here is known by the phone alone, because no card can be read."""
        return "identify" in service.steps and not self.has("id_card")

    def instead(self, service: Service) -> str:
        """What is done differently here for want of a device that helps, as a text key; "" nothing."""
        if self.by_phone(service):
            return "limit.no-reader"
        return next((words for f, words in _INSTEAD.items() if f in service.uses and not self.has(f)), "")

    def judged_by(self, service: Service) -> tuple[str, ...]:
        """The families of `service.needs` whose device is here, and whose state therefore decides today."""
        return tuple(family for family in service.needs if self.has(family))

    def only_reads_codes(self, service: Service) -> bool:
        """Whether the codes that `service` looks at are read by the reader of codes alone: no camera is here."""
        return "verify" in service.steps and not any(map(self.has, EYES["verify"][:2])) and self.has("barcode")

    def _does_without(self, service: Service, family: str) -> bool:
        if family == "payment_pad":
            return True  # `pays` has said what there is to say
        if family == "id_card" and self.by_phone(service):
            need = max(need_of(service, organisation=False), need_of(service, organisation=True))
            return reaches(Standing(), need, BY_PHONE, without_card=service.without_card)
        if family == "camera":
            return self._sees(service)
        if family == "receipt_printer" and service.kind != "print":
            return True  # what proves it is a code on the screen
        return self.has(family)

    def _sees(self, service: Service) -> bool:
        """Whether each step that looks has an eye. Signing in needs none: the phone looks at our code."""
        wanted = [eyes for step, eyes in EYES.items() if step in service.steps]
        if "session" in service.outputs:
            return True
        return all(any(map(self.has, eyes)) for eyes in wanted) if wanted else self.has("camera")
