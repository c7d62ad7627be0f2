"""Acts that are not settled: what the machine knows of each, who can still be asked, what a person may testify.

Nothing is decided here. `ask` puts the machine's own question once more (`kiosk.recovery`); `settling` takes a
person's evidence, and only where the machine was asked and could not say (P8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from kiosk.intents import HAVE, IN_DOUBT, OWED, PAYMENTS, Intent, Kind, State
from kiosk.money.refunds import CLERK
from kiosk.printing.forms_stock import spelt
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.journal import Journal
    from kiosk.workshop import Workshop

Asked = Literal["pad", "platform", "printer", "nobody"]
Evidence = Literal["slip-approved", "slip-declined", "not-on-pad", "all-out", "none-out", "some-out"]
_PAY: Final[tuple[Evidence, ...]] = ("slip-approved", "slip-declined", "not-on-pad")
_PRINT: Final[tuple[Evidence, ...]] = ("all-out", "none-out", "some-out")
EVIDENCE: Final[Mapping[tuple[Kind, State], tuple[Evidence, ...]]] = MappingProxyType(
    {
        (Kind.CHARGE, State.MINTED): _PAY,
        (Kind.CHARGE, State.APPROVED): _PAY,
        (Kind.CHARGE, State.UNKNOWN): _PAY,
        (Kind.PRINT, State.AUTHORISED): ("none-out",),
        (Kind.PRINT, State.SENT): _PRINT,
    }
)
"""What a person can see with their own eyes. Payments by phone and submissions: only the platform knows."""


@dataclass(frozen=True, slots=True)
class OpenAct:
    """One act that is not settled. `facts` are (name, value) in the order of what a person looks for first."""

    id: str
    kind: Kind
    state: State
    at: str
    visit: str
    says: str
    """Id of the event that says how it stands."""
    asks: Asked
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...] = ()
    fen: int = 0

    @property
    def reference(self) -> str:
        """What the citizen has on paper."""
        return self.id[-8:].upper()


async def open_acts(journal: Journal, current_visit: str = "") -> tuple[OpenAct, ...]:
    """Everything that is not settled and belongs to no visit under way, oldest first. Raises `JournalError`."""
    intents = await journal.open_intents()
    return tuple([await described(journal, each) for each in intents if each.visit != current_visit or not each.visit])


async def described(journal: Journal, intent: Intent) -> OpenAct:
    """What the machine knows of one act."""
    siblings = [i for i in await journal.visit_intents(intent.visit) if i.id != intent.id]
    also = ", ".join(f"{i.kind} {i.state}" for i in siblings)
    facts = tuple((name, value) for name, value in (*_facts(intent), ("same-visit", also)) if value)
    evidence = EVIDENCE.get((intent.kind, intent.state), ())
    fen = int(intent.body.get("fen", 0))
    return OpenAct(
        intent.id,
        intent.kind,
        intent.state,
        intent.at,
        intent.visit,
        _says(intent),
        _asks(intent),
        facts,
        evidence,
        fen,
    )


async def ask(workshop: Workshop, intent_id: str) -> OpenAct | None:
    """Ask the device or the platform once more; the act as it stands now, None when it is settled.

    Raises `Refusal` for an act of the visit under way, or one that there is not; `JournalError`.
    """
    async with workshop.settler.alone:
        return await asked(workshop, intent_id)


async def asked(workshop: Workshop, intent_id: str) -> OpenAct | None:
    """As `ask`, for who holds the settler's `alone` already."""
    journal = workshop.tools.journal
    intent = await journal.intent(intent_id)
    if intent is None:
        raise Refusal("work.no-such-act", intent_id[-8:].upper())
    if intent.open:
        if intent.visit and intent.visit == workshop.terminal.visit_id:
            raise Refusal("work.visit-under-way")
        if intent.kind is Kind.SUBMIT:
            workshop.outbox.poke()
        await workshop.settler.ask(intent)
        intent = await journal.intent(intent_id)
        assert intent is not None
    return await described(journal, intent) if intent.open else None


def _asks(intent: Intent) -> Asked:
    if intent.kind in (Kind.QR, Kind.SUBMIT):
        return "platform"
    if intent.kind is Kind.PRINT:
        return "platform" if intent.state is State.MINTED else "printer"
    if intent.body.get("way") or intent.state is State.REFUNDING:
        return "platform"
    return "pad"


def _says(intent: Intent) -> str:
    if intent.kind in PAYMENTS:
        if intent.body.get("way") == CLERK:
            return "intent.at-the-counter"
        if intent.state in IN_DOUBT:
            return "intent.payment-in-doubt"
        if intent.state in OWED or intent.state is State.CLOSED:
            return "intent.money-owed"
        return "intent.money-kept" if intent.state in HAVE else "intent.payment-in-doubt"
    return "intent.not-delivered" if intent.kind is Kind.SUBMIT else "intent.print-in-doubt"


def _facts(intent: Intent) -> list[tuple[str, str]]:
    body = intent.body
    mark: Mapping[str, Any] = body.get("mark") or {}
    fen = int(body.get("fen", 0))
    return [
        ("amount", f"{fen / 100:.2f}" if fen else ""),
        ("receipt-no", _text(body.get("receipt_no"))),
        ("trace", _text(body.get("trace"))),
        ("last-receipt-before", _text(mark.get("receipt_no"))),
        ("order", _text(body.get("order"))[-8:].upper()),
        ("provider", _text(body.get("provider"))),
        ("service", _text(body.get("service"))),
        ("job", _text(body.get("job"))),
        ("pages", _text(body.get("pages"))),
        ("forms", spelt([str(serial) for serial in body.get("forms", ())])),
        ("cause", _text(body.get("cause"))),
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)[:60]
