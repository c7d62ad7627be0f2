"""What each page needs to know: the journey fills one of these, a function in `screens.pages` turns it into a `Screen`.

Words that come from data (service names, fees, reasons) arrive here already in the citizen's language; words that
belong to the page itself come from `config.texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from screens.screen import Countdown, KeypadKind, Language, Mode, Tone

StepName = Literal["identify", "fill", "review", "pay", "fulfil", "collect"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom a page is drawn. `steps` and `current` make the step indicator; empty means none."""

    language: Language
    hall: str
    number: int
    help_phone: str
    simulated: bool
    mode: Mode = "standard"
    steps: tuple[StepName, ...] = ()
    current: StepName | None = None
    countdown: Countdown | None = None
    help: bool = False
    """The citizen asked for help: the page shows whom to call, and goes on."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service in a list. `kind` is the verb (apply, pay, verify, print, query); `reason` says why not."""

    id: str
    name: str
    kind: str
    fee: str
    minutes: int
    available: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of services (public security, tax, ...). `icon` is a Material Symbols name."""

    key: str
    name: str
    icon: str
    note: str
    count: int


@dataclass(frozen=True, slots=True)
class Standby:
    """Nobody is here: what works, what does not, how to start."""

    available: int
    limits: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """What can be done here. `limits` are sentences about what cannot, and where else."""

    fields: tuple[FieldLine, ...]
    popular: tuple[ServiceLine, ...]
    available: int
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPage:
    """All services of one field."""

    field: FieldLine
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The six elements of a service guide, and whether it can be started here now."""

    service: ServiceLine
    basis: str
    materials: tuple[str, ...]
    procedure: tuple[str, ...]
    fee: str
    fee_basis: str
    time_limit: str
    output: str
    authority: str
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What will be used and why; `face` makes the separate page for face comparison with its equal other way."""

    service: str
    purposes: tuple[tuple[str, str], ...]
    version: str
    face: bool = False


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """Waiting for the card, reading it, or asking to place it again (`trouble` is the sentence)."""

    state: Literal["waiting", "reading", "again", "lift"]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """Looking at the camera. `guidance` is a key of the texts: look, closer, further, light, one-person, mask,
    sunglasses, hold, checking."""

    guidance: str
    tone: Tone = "info"
    tries_left: int = 3
    retake: bool = False


@dataclass(frozen=True, slots=True)
class FaceChallenge:
    """One thing to do before the camera, number `at` of `of`. `step` is a key of the texts: front, act, wrong-way,
    return, done."""

    challenge: Literal["turn-left", "turn-right", "close-eyes"]
    step: str = "front"
    at: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class PhotoGuide:
    """Before an ID photo is taken: for which document, how large."""

    document: str
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class PhotoTaking:
    """Taking it. `guidance` is a key of the texts: what is to be mended, hold, checking."""

    document: str
    guidance: str = "look"
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """The equal other way: the citizen picks this number in the province's app on their own phone."""

    number: str
    state: Literal["waiting", "refused"] = "waiting"


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of the form. `options` (key to label) makes it a choice; `error` is a sentence at the field."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One line that was filled for the citizen: label, value (masked), and where it came from (card, share)."""

    label: str
    value: str
    source: Literal["card", "licence", "share", "typed", ""] = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The one form. `focus` is the field that the keypad types into; `keypad` None when it is a choice."""

    service: str
    known: tuple[Known, ...]
    fields: tuple[FormField, ...]
    focus: str
    keypad: KeypadKind | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What will be sent, the fee and its basis. `fee_fen` 0 says so in words."""

    service: str
    rows: tuple[Known, ...]
    fee_fen: int
    fee_basis: str
    prints: bool = False


@dataclass(frozen=True, slots=True)
class Pay:
    """Paying at the pad. `prompt` is a key of the texts: present-card, enter-pin, remove-card, online, wait, again."""

    title: str
    basis: str
    payee: str
    fen: int
    prompt: str = "present-card"
    can_cancel: bool = True
    last: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What has to be paid: title, basis, payee (words of the service), fen."""

    title: str
    basis: str
    payee: str
    fen: int


@dataclass(frozen=True, slots=True)
class PayWay:
    """One way to pay: shown (their phone scans us), card, scanned (we scan theirs). `reason`: why not now."""

    key: Literal["shown", "card", "scanned"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayMethod:
    """Choosing how to pay."""

    due: Due
    ways: tuple[PayWay, ...]


@dataclass(frozen=True, slots=True)
class PayCode:
    """Our code for their phone. `services` are the names of the apps that can scan it."""

    due: Due
    payload: str
    services: str
    can_cancel: bool = True


@dataclass(frozen=True, slots=True)
class PayScan:
    """Waiting for their code at the camera. `trouble` is a key of the texts: not-a-code, not-read."""

    due: Due
    trouble: str = ""
    told: str = ""
    """What was held up instead, and what is needed: a whole sentence, said in place of `trouble`'s."""


@dataclass(frozen=True, slots=True)
class PayPhone:
    """Their phone has it: waiting for a password there, or for the payer's service to say what became of it."""

    due: Due
    state: Literal["paying", "asking"] = "paying"
    service: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """Something takes a while: `what` is a key of the texts (submitting, printing, settling, refunding, querying)."""

    what: str
    fraction: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt: being printed, to be taken, as a QR code to scan away (no printer), or so because the paper may
    not be whole (unclear)."""

    state: Literal["printing", "take", "qr", "unclear"]
    payload: str = ""
    again: bool = False
    """The printer could print it now."""


@dataclass(frozen=True, slots=True)
class Take:
    """One thing to take away, or already taken: card, receipt, certificate, progress code."""

    what: Literal["card", "receipt", "certificate", "code"]
    state: Literal["waiting", "taken", "failed", "unclear"]


@dataclass(frozen=True, slots=True)
class Finish:
    """It is done: the numbers to remember, what to take, the rating beside it (0 = not rated)."""

    rows: tuple[Known, ...]
    takes: tuple[Take, ...]
    rated: int = 0
    later: bool = False


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Waiting for a certificate's code at the camera. `guidance` is a key of the texts."""

    guidance: Literal["look", "closer"]
    told: str = ""
    """What was held up instead, and what is needed: a whole sentence, said in place of `guidance`'s."""


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What can be said of a certificate's code; `reason` is a key of the texts. `rows` is what the code says, masked.

    `as_of`: the time of the list of void certificates ("" there is none), `old` when it is older than it should be.
    """

    state: Literal["valid", "void", "altered", "unknown", "expired"]
    reason: str = ""
    rows: tuple[Known, ...] = ()
    as_of: str = ""
    old: bool = False


@dataclass(frozen=True, slots=True)
class ScanPage:
    """A page on the desk. `side` names it where it has a name; `of` 0: as many as there are. `guidance` is a key of
    the texts: place, ready, or flaw and its reason."""

    document: str
    side: str
    page: int
    of: int
    guidance: str = "place"
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class ScanKept:
    """What was scanned so far, to look at. `more`: another page can follow; `can_finish`: all needed are in."""

    document: str
    count: int
    of: int
    more: bool
    can_finish: bool


@dataclass(frozen=True, slots=True)
class ScanRead:
    """What a sheet says against the card, masked."""

    document: str
    rows: tuple[Known, ...]
    verdict: Literal["same", "near", "other", "unread"]


@dataclass(frozen=True, slots=True)
class Leave:
    """Goodbye: what still lies there (card, receipt, certificate)."""

    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was not done. `cause` is a key of the texts; `money` says what became of it: none, refunded, owed, unknown."""

    cause: str
    money: Literal["none", "not-charged", "refunded", "owed", "unknown"] = "none"
    reference: str = ""
    can_retry: bool = False
    other_way: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Shown after a restart: what became of the visit that the power cut ended. No personal data."""

    rows: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class StillThere:
    """The citizen has been quiet: continue or leave, `seconds` to answer."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Out of service: why, what to do, where else."""

    reason: str
    elsewhere: str = ""
