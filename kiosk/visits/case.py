"""One journey under way: the service, the visit, what has been proven and agreed to, and the tools it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from config.catalogue import Catalogue, Service
from config.settings import Settings
from config.texts import texts
from drivers.camera.documents import DocumentEngine
from drivers.camera.faces import FaceEngine
from drivers.camera.texts import TextEngine
from drivers.families import CardPaying, CardReading, CodeReading, LicencePrinting, ReceiptPrinting, Seeing
from drivers.id_card.card import CardRead
from kiosk.clock import Clock
from kiosk.duties.fulfilment import Accepted, Printed, Prints, Submissions
from kiosk.duties.outbox import Outbox
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.materials.scanned import Materials
from kiosk.materials.uploads import Uploads
from kiosk.money.charging import Charge, Money
from kiosk.money.payment_ways import PaymentWays
from kiosk.money.qr_payment import QrPayments
from kiosk.offering.places import at_counter, nearest
from kiosk.platform.client import Platform
from kiosk.platform.identity import Agency
from kiosk.visits.visit import Visit
from screens.models import NotDone

Move: TypeAlias = Literal["next", "back"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What journeys may use. Made once by the composition root."""

    settings: Settings
    catalogue: Catalogue
    clock: Clock
    journal: Journal
    key: MachineKey
    outbox: Outbox
    money: Money
    submissions: Submissions
    prints: Prints
    platform: Platform
    reader: CardReading
    pad: CardPaying
    receipt_printer: ReceiptPrinting
    licence_printer: LicencePrinting
    camera: Seeing
    faces: FaceEngine
    qr: QrPayments | None = None
    """Payments by phone; None where the terminal takes cards only."""
    ways: PaymentWays | None = None
    code_reader: CodeReading | None = None
    """A reader of codes beside the camera, where the terminal has one."""
    documents: DocumentEngine = field(default_factory=DocumentEngine)
    texts: TextEngine = field(default_factory=TextEngine)
    document_camera: Seeing | None = None
    """The camera over the desk; None: `camera` sees the desk too."""
    code_camera: Seeing | None = None
    """The camera that codes are held up to; None: `camera` reads codes too."""

    @property
    def code_eye(self) -> Seeing:
        """The camera that codes are held up to."""
        return self.code_camera or self.camera

    def wipe_eyes(self) -> None:
        """No camera keeps a picture."""
        for eye in filter(None, (self.camera, self.document_camera, self.code_camera)):
            eye.wipe()


class Stop(Exception):
    """The journey ends here without its result; `model` is what the citizen is told."""

    def __init__(self, model: NotDone) -> None:
        super().__init__(model.cause)
        self.model = model


@dataclass(slots=True)
class Case:
    """What this journey knows. Personal data is in `visit.vault` only; here are references and results."""

    visit: Visit
    service: Service
    tools: Tools
    session: str = ""
    consents: list[str] = field(default_factory=list)
    granted: dict[str, str] = field(default_factory=dict)
    """What was agreed to in this journey (config/consents.toml) and under which consent id."""
    as_organisation: bool | None = None
    """Whether this is done for an organisation; None before that was asked."""
    acting_for: Agency | None = None
    """The organisation this is done for, by the platform's word; None: the citizen's own matter, or not chosen yet."""
    uploads: Uploads | None = None
    """Sheets on their way to the platform; None while there are none."""
    order: str = ""
    charge: Charge | None = None
    accepted: Accepted | None = None
    printed: Printed | None = None
    receipt_fate: Literal["", "out", "taken", "left", "failed", "unclear"] = ""
    """out: printed, and nobody can see whether it was taken; left: nobody took it, so it was pulled back in."""

    @property
    def card(self) -> CardRead:
        """The card that was read in this visit. Raises `KeyError` before that."""
        card = self.visit.vault.get("card")
        if card is None:
            raise KeyError("no card was read in this visit")
        assert isinstance(card, CardRead)
        return card

    def consent_for(self, key: str) -> str:
        """The consent id for a source (licence, share, portrait, agency, ...); "" when it was not given: do without."""
        return self.granted.get(key, "")

    @property
    def materials(self) -> Materials:
        """What was scanned in this journey; the pictures are in the vault."""
        return Materials(self.visit.vault, self.tools.key)

    @property
    def form(self) -> dict[str, str]:
        """What was filled in, by field key (a copy)."""
        return dict(self.visit.vault.get("form", {}))

    def keep_form(self, values: Mapping[str, str]) -> None:
        """Keep what was filled in."""
        self.visit.vault.put("form", dict(values))

    @property
    def profile(self) -> dict[str, Any]:
        """What the platform filled in, with sources."""
        return dict(self.visit.vault.get("profile", {}))

    def elsewhere(self, *, people: bool = False) -> str:
        """Where else this can be done (`kiosk.offering.places`); with `people` the counter alone."""
        place = at_counter if people else nearest
        return place(self.tools.settings, self.visit.language)

    def say(self, key: str, **values: object) -> str:
        """A sentence in the language of the moment."""
        return texts(self.visit.language).t(key, **values)
