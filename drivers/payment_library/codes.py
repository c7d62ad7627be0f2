"""The bank's response codes (ISO 8583, field 39) in the words that journeys know from every pad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.outcome import Refused


@dataclass(frozen=True, slots=True)
class Word:
    """A stable cause, a sentence for a technician, and whether trying again can help."""

    cause: str
    sentence: str
    again: bool = False


CODES: Final[Mapping[str, Word]] = {
    "01": Word("call-bank", "The bank wants to be called before it approves."),
    "03": Word("merchant-unknown", "The bank does not know this merchant number."),
    "04": Word("card-withheld", "The bank asks to keep this card."),
    "05": Word("declined", "The bank declined the payment.", again=True),
    "12": Word("transaction-invalid", "The bank does not allow this kind of transaction."),
    "13": Word("amount-invalid", "The bank does not accept the amount."),
    "14": Word("card-invalid", "The bank does not know this card."),
    "25": Word("no-original", "The bank does not know the transaction that is meant."),
    "30": Word("protocol-error", "The bank could not read the message."),
    "41": Word("card-withheld", "The card was reported lost."),
    "43": Word("card-withheld", "The card was reported stolen."),
    "51": Word("insufficient", "The account does not hold enough.", again=True),
    "54": Word("card-expired", "The card has expired."),
    "55": Word("wrong-pin", "The PIN was wrong.", again=True),
    "57": Word("not-permitted", "The card may not be used for this."),
    "58": Word("not-permitted", "The terminal may not do this transaction."),
    "61": Word("over-limit", "The amount is above the card's limit."),
    "62": Word("card-restricted", "The card is restricted."),
    "75": Word("wrong-pin", "The PIN was wrong too often."),
    "91": Word("no-bank", "The bank does not answer.", again=True),
    "96": Word("no-bank", "The bank's system is out of order.", again=True),
    "97": Word("not-registered", "The bank does not know this terminal."),
    "A0": Word("keys-missing", "The pad's keys are wrong: sign in again."),
}


def refused(code: str) -> Refused:
    """The refusal that a code is; an unknown one is a decline with its code."""
    word = CODES.get(code, Word("declined", "The bank refused.", again=True))
    return Refused(word.cause, word.sentence, code, word.again)
