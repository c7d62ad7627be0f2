"""Verbs of `kiosk try` for the payment pad. A payment is real: it needs `--yes-take-money` and leaves a record."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from drivers.families import CardPaying
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark
from kiosk.technician.device_tests.pad import OK, rung
from kiosk.trying.device import DONE, NOT_DONE, UNKNOWN, Say, Verb, Wish, WrongUse

MOST_FEN: Final = 1000


def fen_of(text: str) -> int:
    """`0.01` as 1. Raises `WrongUse` for what is no amount, or is above what a try may take."""
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        raise WrongUse(f"--amount {text!r}: write it like 0.01") from None
    if fen != fen.to_integral_value() or not 1 <= fen <= MOST_FEN:
        raise WrongUse(f"--amount {text}: 0.01 to {MOST_FEN / 100:.2f}, at most two places")
    return int(fen)


def _consented(wish: Wish) -> None:
    if wish.fen is None:
        raise WrongUse("say how much: --amount 0.01")
    if not wish.yes_take_money:
        raise WrongUse("this moves real money: repeat the command with --yes-take-money")


def _reversible(wish: Wish) -> None:
    if not wish.receipt:
        raise WrongUse("say which payment: --receipt, the number that `pay` or `last` showed")
    _consented(wish)


def note(path: Path, **what: Any) -> None:
    """Append one line and wait until the disk has it. Raises `OSError`."""
    line = json.dumps({"at": datetime.now().astimezone().isoformat(timespec="milliseconds"), **what}) + "\n"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, line.encode())
        os.fsync(fd)
    finally:
        os.close(fd)


async def _pay(pad: CardPaying, wish: Wish, say: Say) -> int:
    fen = wish.fen
    assert fen is not None
    order = f"try-{secrets.token_hex(4)}"
    before = await pad.mark()
    note(wish.record, order=order, fen=fen, state="intent", before=before.receipt_no)

    async def durable(approval: Approval) -> None:
        note(wish.record, order=order, fen=fen, state="approved", **approval.evidence())

    say(f"hold a card to the pad: {fen / 100:.2f}; recorded in {wish.record} as {order}")
    outcome = await pad.authorise(
        fen, order=order, on_prompt=lambda word: say(f"  {word}"), before_ack=durable, deadline_s=wish.seconds
    )
    return await _ended(pad, wish, say, order, before, outcome)


async def _ended(
    pad: CardPaying, wish: Wish, say: Say, order: str, before: ReceiptMark, outcome: Outcome[Approval]
) -> int:
    assert wish.fen is not None
    if isinstance(outcome, Unknown):
        say(f"unknown: {outcome.cause}: {outcome.sentence}; the pad is asked what became of it")
        outcome = await pad.resolve(wish.fen, before, order, wish.seconds)
    match outcome:
        case Done(approval):
            note(wish.record, order=order, fen=wish.fen, state="taken", **approval.evidence())
            say(f"taken: {approval.fen / 100:.2f}, card {approval.masked_card or '-'}, receipt {approval.receipt_no}")
            say(f"to give it back: reverse --receipt {approval.receipt_no} --amount {approval.fen / 100:.2f}")
            return DONE
        case Refused():
            note(wish.record, order=order, fen=wish.fen, state="not taken", cause=outcome.cause)
            say(f"not taken: {outcome.cause}: {outcome.sentence}")
            return NOT_DONE
        case Unknown():
            note(wish.record, order=order, fen=wish.fen, state="unknown", cause=outcome.cause)
            say(f"still unknown: {outcome.cause}: {outcome.sentence}; look into the pad's own journal for {order}")
            return UNKNOWN


async def _reverse(pad: CardPaying, wish: Wish, say: Say) -> int:
    assert wish.fen is not None
    note(wish.record, fen=wish.fen, state="reversal intent", receipt_no=wish.receipt)
    outcome = await pad.reverse(wish.receipt, wish.fen)
    match outcome:
        case Done(reversal):
            note(wish.record, fen=wish.fen, state="reversed", receipt_no=wish.receipt)
            say(f"given back: {reversal.fen / 100:.2f}{', it already was' if reversal.already else ''}")
            return DONE
        case Refused():
            say(f"not given back: {outcome.cause}: {outcome.sentence}")
            return NOT_DONE
        case Unknown():
            say(f"unknown: {outcome.cause}: {outcome.sentence}; give the same command again")
            return UNKNOWN


async def _diagnose(pad: CardPaying, wish: Wish, say: Say) -> int:
    status, word, seconds = await rung(pad)
    say(f"status {'-' if status.code is None else f'{status.code:02X}'}, software {status.software or '-'}")
    say(f"the pad rang its host: {word}, in {seconds:.1f} s")
    return DONE if word == OK else NOT_DONE


async def _last(pad: CardPaying, wish: Wish, say: Say) -> int:
    approval = await pad.last_transaction(wish.seconds)
    if approval is None:
        say("the pad has no payment")
        return NOT_DONE
    say(f"{approval.fen / 100:.2f}, receipt {approval.receipt_no}, trace {approval.trace}, at {approval.time}")
    return DONE


PAD: Final[Mapping[str, Verb]] = {
    "diagnose": Verb("let the pad ring its host; never a transaction", _diagnose),
    "last": Verb("the last payment", _last),
    "pay": Verb("take --amount from a card, with --yes-take-money", _pay, check=_consented),
    "reverse": Verb("give back --receipt of --amount, with --yes-take-money", _reverse, check=_reversible),
}
