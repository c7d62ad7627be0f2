"""What the pad's one-byte codes mean: results, intermediate states, status bytes (PA00P015, chapters 8, 10, 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Who = Literal["citizen", "technician", "vendor"]


@dataclass(frozen=True, slots=True)
class ResultWord:
    """A result code in words. `cause` is a stable keyword, `who` can do something, `again` tells whether that helps."""

    cause: str
    sentence: str
    who: Who = "citizen"
    again: bool = False


RESULTS: Final[dict[int, ResultWord]] = {
    0x00: ResultWord("approved", "The transaction was approved."),
    # 01-63 come from the bank: its own response codes as two packed digits.
    0x02: ResultWord("call-bank", "The bank wants to be called before it approves."),
    0x03: ResultWord("merchant-unknown", "The bank does not know this merchant number.", "technician"),
    0x04: ResultWord("card-withheld", "The bank asks to keep this card."),
    0x05: ResultWord("declined", "The bank declined the payment.", again=True),
    0x12: ResultWord("transaction-invalid", "The bank does not allow this kind of transaction.", "technician"),
    0x13: ResultWord("amount-invalid", "The bank does not accept the amount.", "technician"),
    0x14: ResultWord("card-invalid", "The bank does not know this card."),
    0x30: ResultWord("protocol-error", "The bank could not read the pad's message.", "vendor"),
    0x33: ResultWord("card-expired", "The card has expired."),
    0x34: ResultWord("card-withheld", "The bank suspects fraud."),
    0x41: ResultWord("card-withheld", "The card was reported lost."),
    0x43: ResultWord("card-withheld", "The card was reported stolen."),
    0x51: ResultWord("insufficient", "The account does not hold enough.", again=True),
    0x54: ResultWord("card-expired", "The card has expired."),
    0x55: ResultWord("wrong-pin", "The PIN was wrong.", again=True),
    0x56: ResultWord("card-invalid", "The bank does not know this card."),
    0x57: ResultWord("not-permitted", "The card may not be used for this."),
    0x58: ResultWord("not-permitted", "The terminal may not do this transaction.", "technician"),
    0x61: ResultWord("over-limit", "The amount is above the card's limit."),
    0x62: ResultWord("card-restricted", "The card is restricted."),
    # 64-FF come from the pad itself.
    0x64: ResultWord("card-unreadable", "The card could not be read.", again=True),
    0x65: ResultWord("card-unreadable", "The card's data are incomplete.", again=True),
    0x66: ResultWord("processing-error", "The pad could not process the card.", "technician", again=True),
    0x67: ResultWord("not-permitted", "This function is not allowed for this card."),
    0x68: ResultWord("not-permitted", "This function is not allowed for this card."),
    0x6A: ResultWord("turnover-full", "The pad's turnover storage is full; run the end of day.", "technician"),
    0x6B: ResultWord("not-registered", "The pad does not know this terminal yet; registration is needed.", again=True),
    0x6C: ResultWord("cancelled", "The citizen pressed cancel, or did nothing for too long.", again=True),
    0x6E: ResultWord("card-restricted", "The card is on the block list."),
    0x6F: ResultWord("wrong-currency", "The pad does not take this currency.", "technician"),
    0x71: ResultWord("insufficient", "The card does not hold enough.", again=True),
    0x72: ResultWord("card-unreadable", "The chip could not be read.", again=True),
    0x73: ResultWord("card-invalid", "The card's data are wrong."),
    0x77: ResultWord("end-of-day-failed", "The end of day could not be done; run it again.", "technician", again=True),
    0x78: ResultWord("card-expired", "The card has expired."),
    0x79: ResultWord("card-invalid", "The card is not valid yet."),
    0x7A: ResultWord("card-unknown", "The pad does not know this card."),
    0x7B: ResultWord("fallback-refused", "The magnetic stripe may not stand in for the chip."),
    0x7C: ResultWord("fallback-refused", "The magnetic stripe may not stand in for the chip."),
    0x7D: ResultWord("no-bank", "The pad could not talk to the bank.", "technician", again=True),
    0x83: ResultWord("unsupported", "The pad does not have this function, or does not have it now.", "vendor"),
    0x85: ResultWord("keys-missing", "The pad has no keys; it must be loaded.", "vendor"),
    0x89: ResultWord("pin-pad-broken", "The PIN pad is broken.", "vendor"),
    0x9A: ResultWord("protocol-error", "The pad did not understand the message.", "vendor"),
    0x9B: ResultWord("no-bank", "The pad could not reach the bank.", "technician", again=True),
    0x9C: ResultWord("busy", "The pad is still at work.", "technician", again=True),
    0x9D: ResultWord("partial-issue", "Only a part is issued."),
    0xA0: ResultWord("receiver-not-ready", "The receiver is not ready.", "technician", again=True),
    0xA1: ResultWord("no-answer", "The far station does not answer.", "technician", again=True),
    0xA3: ResultWord("no-bank", "The pad has no connection.", "technician", again=True),
    0xB1: ResultWord("turnover-full", "The pad's storage is full; run the end of day.", "technician"),
    0xB2: ResultWord("journal-full", "The pad's journal is full; run the end of day.", "technician"),
    0xB4: ResultWord("already-reversed", "The payment was already reversed."),
    0xB5: ResultWord("reversal-not-possible", "The payment cannot be reversed any more; refund it.", "technician"),
    0xB7: ResultWord("reservation-wrong", "The reservation does not exist or the amount is too high.", "technician"),
    0xB8: ResultWord("reservations-open", "The pad lists its open reservations.", "technician"),
    0xBF: ResultWord("voltage", "The pad's supply voltage is too low.", "technician"),
    0xC0: ResultWord("lock-mechanism", "The pad's card lock is broken.", "vendor"),
    0xC1: ResultWord("lock-mechanism", "The pad is locked for service.", "technician"),
    0xC2: ResultWord("diagnosis-needed", "The pad wants a diagnosis call.", "technician", again=True),
    0xC3: ResultWord("over-limit", "The amount is above the pad's limit.", "technician"),
    0xC4: ResultWord("profile-invalid", "The pad's card profile is invalid; it must be updated.", "technician"),
    0xC5: ResultWord("not-permitted", "The pad does not take this kind of payment.", "technician"),
    0xC6: ResultWord("wrong-currency", "The pad does not take this currency.", "technician"),
    0xC8: ResultWord("amount-too-small", "The amount is below the pad's minimum.", "technician"),
    0xC9: ResultWord("over-limit", "The pad's largest amount is too small.", "technician"),
    0xCB: ResultWord("wrong-currency", "The pad does this in its own currency only.", "technician"),
    0xCD: ResultWord("not-permitted", "The pad does not pay out cash.", "technician"),
    0xCC: ResultWord("printer", "A printer is not ready.", "technician", again=True),
    0xD2: ResultWord("not-permitted", "This function is not allowed for this kind of card."),
    0xDC: ResultWord("card-left", "A card is in the slot.", again=True),
    0xDD: ResultWord("card-jammed", "The card cannot be moved.", "technician"),
    0xDE: ResultWord("card-jammed", "The card cannot be moved.", "technician"),
    0xDF: ResultWord("out-of-order", "The pad says that it is out of order.", "vendor"),
    0xE0: ResultWord("remote-maintenance", "The pad is being updated; wait.", "technician", again=True),
    0xE1: ResultWord("remote-maintenance", "The pad is being updated; wait.", "technician", again=True),
    0xE2: ResultWord("reader-broken", "The pad's card reader is broken.", "vendor"),
    0xE3: ResultWord("shutter-broken", "The pad's shutter is broken.", "vendor"),
    0xE4: ResultWord("activation-needed", "The pad must be activated.", "technician"),
    0xF0: ResultWord("end-of-day-needed", "The pad takes nothing until the end of day is done.", "technician"),
    0xF1: ResultWord("no-bank", "The pad could not do the payment offline.", "technician", again=True),
    0xF5: ResultWord("locked", "The pad is locked.", "technician"),
    0xF6: ResultWord("locked", "The pad is locked.", "technician"),
    0xFA: ResultWord("clearing-failed", "The pad could not hand in its offline payments.", "technician", again=True),
    0xFB: ResultWord("storage-damaged", "The pad's turnover storage is damaged.", "vendor"),
    0xFC: ResultWord("restarting", "The pad restarts or misses a part.", "technician", again=True),
    0xFD: ResultWord("speed-unsupported", "The pad does not have this speed.", "technician"),
    0xFE: ResultWord("register-unknown", "The pad does not know this cash register.", "technician"),
    0xFF: ResultWord("system-error", "The pad has an internal error.", "vendor", again=True),
}
_HOST = ResultWord("declined", "The bank declined the payment.", again=True)
_OTHER = ResultWord("pad-error", "The pad refused for a reason that is not in the standard.", "technician")

NOT_REGISTERED: Final = 0x6B
TIMED_OUT: Final = 0x6C
BUSY: Final = 0x9C
UNSUPPORTED: Final = 0x83
ALREADY_REVERSED: Final = 0xB4
NOT_REVERSIBLE: Final = 0xB5
RESERVATION_WRONG: Final = 0xB7
OPEN_RESERVATIONS: Final = 0xB8
PARTIAL_ISSUE: Final = 0x9D
PRINTER_NOT_READY: Final = 0xCC
CARD_LEFT: Final = 0xDC


def result_word(code: int) -> ResultWord:
    """`code` in words; every code has some."""
    return RESULTS.get(code) or (_HOST if 0x01 <= code <= 0x63 else _OTHER)


PROMPTS: Final[dict[int, str]] = {
    0x00: "confirm-amount",
    **dict.fromkeys((0x01, 0x02), "enter-pin"),
    0x03: "not-accepted",
    0x04: "online",
    0x05: "reversing",
    0x06: "wait",
    0x07: "not-accepted",
    **dict.fromkeys((0x08, 0x10), "card-unknown"),
    0x09: "card-expired",
    0x0A: "present-card",
    0x0B: "remove-card",
    0x0C: "card-unreadable",
    0x0D: "again",
    **dict.fromkeys((0x0E, 0x0F, 0x17), "wait"),
    **dict.fromkeys((0x12, 0x13), "not-possible"),
    0x14: "insufficient",
    0x15: "wrong-pin",
    0x16: "over-limit",
    0x18: "pin-blocked",
    0x19: "card-unreadable",
    0x1A: "wait",
    0x1B: "approved",
    0x1C: "approved",
    0x1D: "declined",
    **dict.fromkeys((0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B), "choose-on-pad"),
    0x2C: "choose-application",
    **dict.fromkeys((0xC7, 0xC8, 0xE0, 0xE1), "choose-on-pad"),
    **dict.fromkeys((0xC9, 0xCA, 0xD2, 0xD3), "wait"),
    **dict.fromkeys((0xCB, 0xE2), "not-possible"),
    0xFF: "wait",
    **dict.fromkeys((0xF1, 0xF3), "offline"),
    0xF2: "online",
}
"""04 FF codes as keywords a screen has a text for. 41-5D are 01-1D while the card should be taken out.

FF has its text in tag 24 only; that is written for a merchant, and never shown (SMART).
"""


def prompt_word(code: int) -> str:
    """The keyword of intermediate status `code`; what has none of its own is `wait`."""
    if 0x41 <= code <= 0x5D:
        return "remove-card"
    return PROMPTS.get(code, "wait")


def prompt_reason(code: int) -> str:
    """As `prompt_word`, of 41-5D what happened besides: `declined` and the card is to be taken."""
    return PROMPTS.get(code - 0x40 if 0x41 <= code <= 0x5D else code, "wait")


CURES: Final[dict[int, str]] = {0x51: "initialise", 0x62: "set-clock", 0xC2: "diagnose"}
"""Status bytes of 05 01 that the kiosk cures itself. None of these moves money.

B1 and F0 would be cured by 06 50; but an end of day wipes what 06 20 and 06 30 need to settle a payment whose outcome
is not known, so it is left to whoever has made sure that there is none.
"""
STATUS_WORDS: Final[dict[int, ResultWord]] = {
    0x00: ResultWord("ready", "The pad is ready."),
    0x51: ResultWord("initialisation-needed", "The pad must be initialised.", "technician", again=True),
    0x62: ResultWord("clock-wrong", "The pad's date or time is wrong.", "technician", again=True),
}


def status_word(code: int) -> ResultWord:
    """A status byte in words: its own words where they differ from those of the result code."""
    return STATUS_WORDS.get(code) or result_word(code)
