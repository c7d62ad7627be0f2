"""A supervisor settles what no machine can tell, by what can be seen: a slip, a sheet in the tray (P1, P2, P3, P8).

| evidence      | what is seen                                 | the act becomes                               |
|---------------|----------------------------------------------|-----------------------------------------------|
| slip-approved | the pad's slip of this amount, its numbers   | charged (held), then served or given back     |
| slip-declined | the pad's slip says declined                 | refused                                       |
| not-on-pad    | the pad's list of today has no such payment  | refused                                       |
| all-out       | every sheet came out and can be read         | done                                          |
| none-out      | no sheet came out                            | refused: money back, forms spoiled till freed |
| some-out      | some did, or nobody can tell                 | unclear                                       |

The device is asked first, here and now: what it says counts, and the evidence is not taken. What was seen goes into
the chain in the transaction that moves the act.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from drivers.outcome import Done, Outcome, Refused, Unknown
from kiosk.intents import Intent, Kind, State, WrongTransition
from kiosk.printing.prints import Printed
from kiosk.technician.work.open_acts import EVIDENCE, Evidence, asked
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.signing import Signed, needed

if TYPE_CHECKING:
    from kiosk.journal import Write
    from kiosk.workshop import Workshop

CAUSE: Final = "evidence"
_NUMBER: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed on the pad's slip. `fen` as typed by the person, in the smallest unit."""

    receipt_no: str
    trace: str
    fen: int


async def settle(
    workshop: Workshop,
    intent_id: str,
    evidence: Evidence,
    *,
    who: str,
    signed: Signed | None,
    slip: Slip | None = None,
    pages: int = 0,
) -> State:
    """Take a person's evidence for an act; returns where it stands then. `pages`: sheets that lie there (all-out).

    Raises `Refusal`: not signed, the machine answered meanwhile, no evidence fits, the slip belongs to another
    payment. `JournalError`: nothing was changed.
    """
    by = needed(signed)
    async with workshop.settler.alone:
        state = await _settled(workshop, intent_id, evidence, who, by, slip, pages)
    workshop.settler.poke()
    workshop.outbox.poke()
    return state


async def _settled(
    workshop: Workshop, intent_id: str, evidence: Evidence, who: str, by: Signed, slip: Slip | None, pages: int
) -> State:
    if await asked(workshop, intent_id) is None:
        raise Refusal("work.answered", intent_id[-8:].upper())
    intent = await workshop.tools.journal.intent(intent_id)
    assert intent is not None
    if evidence not in EVIDENCE.get((intent.kind, intent.state), ()):
        raise Refusal("work.no-evidence", f"{intent.kind} {intent.state}")
    seen = {"evidence": evidence, "by": who, "signed": by.reference}
    try:
        if intent.kind is Kind.CHARGE:
            await _pay(workshop, intent, evidence, seen, slip)
        else:
            await _print(workshop, intent, evidence, seen, pages)
    except WrongTransition as error:
        raise Refusal("work.answered", intent_id[-8:].upper()) from error
    now = await workshop.tools.journal.intent(intent_id)
    assert now is not None
    return now.state


async def _pay(workshop: Workshop, intent: Intent, evidence: Evidence, seen: dict[str, str], slip: Slip | None) -> None:
    money, pad, outbox = workshop.tools.money, workshop.tools.pad, workshop.outbox
    order = str(intent.body["order"])
    if evidence != "slip-approved":

        def declined(write: Write) -> None:
            write.move(intent.id, State.REFUSED, {"cause": CAUSE, **seen})
            money.report(write, intent, order, "FAILED", None)

        await workshop.tools.journal.write(declined)
        return
    told = _checked(intent, slip)

    def approved(write: Write) -> None:
        same = write.intents_with(Kind.CHARGE, "receipt_no", told.receipt_no)
        others = [write.intent(each) for each in same if each != intent.id]
        if any(other is not None and other.body.get("trace") == told.trace for other in others):
            raise Refusal("work.slip-of-another", told.receipt_no)
        references = {"receipt_no": told.receipt_no, "trace": told.trace}
        write.move(intent.id, State.HELD if pad.holds else State.CHARGED, {**references, **seen})
        body = {"order": order, "state": "PAID", "fen": intent.body["fen"], **references, "card": ""}
        outbox.post(write, "payment-outcome", intent.visit, f"{intent.id}:PAID", body)

    await workshop.tools.journal.write(approved)


def _checked(intent: Intent, slip: Slip | None) -> Slip:
    """The slip, which must be of this payment as far as numbers can tell."""
    if slip is None or not (_NUMBER.fullmatch(slip.receipt_no) and _NUMBER.fullmatch(slip.trace)):
        raise Refusal("work.not-understood", "receipt no, trace")
    mark: dict[str, Any] = dict(intent.body.get("mark") or {})
    known = (str(intent.body.get("receipt_no", "")), str(intent.body.get("trace", "")))
    before = (str(mark.get("receipt_no", "")), str(mark.get("trace", "")))
    given = (slip.receipt_no, slip.trace)
    if (
        slip.fen != int(intent.body["fen"])
        or _plain(given) == _plain(before)
        or (known[0] and _plain(known) != _plain(given))
    ):
        raise Refusal("work.slip-of-another", slip.receipt_no)
    # As the pad writes them: it is asked to undo a payment by exactly this number.
    return Slip(slip.receipt_no.zfill(len(before[0]) or 4), slip.trace.zfill(len(before[1]) or 6), slip.fen)


def _plain(numbers: tuple[str, str]) -> tuple[str, str]:
    return numbers[0].lstrip("0"), numbers[1].lstrip("0")


async def _print(workshop: Workshop, intent: Intent, evidence: Evidence, seen: dict[str, str], pages: int) -> None:
    expected = int(intent.body.get("pages", 1))
    outcome: Outcome[Any]
    if evidence == "all-out":
        if pages != expected:
            raise Refusal("work.pages-differ", f"{pages} / {expected}")
        forms = tuple(str(serial) for serial in intent.body.get("forms", ()))
        outcome = Done(Printed(intent.id, pages, "", forms))
    elif evidence == "none-out":
        outcome = Refused(CAUSE)
    else:
        outcome = Unknown(CAUSE)
    copies = int(intent.body.get("copies", 1))
    await workshop.tools.prints.conclude(intent.id, str(intent.body["jti"]), outcome, copies=copies, seen=seen)
