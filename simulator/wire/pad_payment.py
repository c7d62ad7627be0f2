"""The pad's script for payments and refunds: card, PIN, bank, goods-issue handshake, receipts, storage."""

from __future__ import annotations

from drivers.payment_pad.frames import (
    PARTIAL_ISSUE,
    PRINTER_NOT_READY,
    RECEIPT_ID,
    Authorisation,
    PreAuthorisation,
    Refund,
    StatusInformation,
    find,
    positive,
)
from simulator.models.bank_ledger import Kind
from simulator.models.pad_terminal import BUSY, RIGHT_PIN, Act, Stored
from simulator.wire.pad_script import (
    LATIN,
    PRESENT,
    TIMED_OUT,
    Ask,
    AwaitLink,
    Cut,
    Pad,
    Pause,
    PowerCut,
    Say,
    Script,
    Want,
    complete,
    end,
    print_out,
    show,
    tell,
)

ENTER_PIN, WRONG_PIN, ONLINE = 0x02, 0x15, 0x04
DECLINED_PIN = 0x55


def payment(pad: Pad, command: Authorisation | Refund) -> Script:
    """06 01 and 06 31 (2.2.5 to 2.2.9)."""
    terminal = pad.terminal
    kind: Kind = "refund" if isinstance(command, Refund) else "payment"
    terminal.asked_fen = command.amount
    yield Say(positive())
    hold = isinstance(command, PreAuthorisation)
    _mirror(pad, command)
    if command.currency is not None and command.currency != terminal.currency:
        yield from end(pad, 0x6F)
        return
    pad.stage = "card"
    act = yield from _card(pad)
    if act is None or pad.aborted or act.kind not in ("tap", "insert"):
        yield from _stopped(pad, act)
        return
    pad.stage = "online"
    if act.kind == "insert" and not (yield from _pin(pad, kind, command.amount, act)):
        return
    yield from show(pad, ONLINE, "ASKING THE BANK")
    yield Pause(terminal.times.host_s + terminal.faults.slow_s)
    if terminal.faults.declines:
        code = terminal.faults.declines.popleft()
        terminal.decline(kind, command.amount, act.card, code)
        yield from _declined(pad, code)
        return
    tags = command.tags if isinstance(command, Authorisation) else None
    knows = terminal.faults.keep_on_loss or terminal.faults.receipt_ids
    receipt_id = knows and tags is not None and find(tags, RECEIPT_ID) is not None
    stored = terminal.approve(kind, command.amount, act.card, receipt_id=receipt_id, hold=hold)
    pad.stage = "decided"
    terminal.display = "APPROVED"
    yield from _settle(pad, command, stored)


def _mirror(pad: Pad, command: Authorisation | Refund) -> None:
    """Tag 1F1F (chapter 9): an ECR one receipt behind never heard of our last payment, which is then reversed."""
    terminal, last = pad.terminal, pad.terminal.last
    tags = command.tags if isinstance(command, Authorisation) else None
    known = find(tags, RECEIPT_ID) if tags is not None and terminal.faults.receipt_ids else None
    if not known or last is None or last.kind != "payment" or last.reversed or not known.hex().isdecimal():
        return
    if int(known.hex()) == int(last.info.receipt_no) - 1:
        terminal.forget(last)


def _card(pad: Pad) -> Ask:
    terminal = pad.terminal
    terminal.phase = "waiting"
    yield from show(pad, PRESENT, "PRESENT CARD")
    if terminal.auto is not None:
        key, after = terminal.auto
        act = yield Want(after)
        return act or Act("tap", key)
    act = yield Want(terminal.times.card_s)
    return act


def _pin(pad: Pad, kind: Kind, fen: int, act: Act) -> Ask:
    """True when the PIN was right; else the payment is over."""
    terminal = pad.terminal
    pins = [RIGHT_PIN if pin == "right" else pin for pin in act.pin.split("-then-")]
    for number, pin in enumerate(pins):
        pad.stage = "pin"
        terminal.phase = "pin"
        yield from show(pad, ENTER_PIN, "ENTER PIN")
        stop = yield Pause(terminal.times.pin_s, stoppable=True)
        if stop is not None or pad.aborted:
            yield from _stopped(pad, stop)
            return False
        pad.stage = "online"
        if pin == RIGHT_PIN:
            return True
        terminal.decline(kind, fen, act.card, DECLINED_PIN)
        yield from show(pad, WRONG_PIN, "WRONG PIN")
        if number == len(pins) - 1:
            yield from _declined(pad, DECLINED_PIN)
            return False
        yield from tell(pad, StatusInformation(DECLINED_PIN, terminal_id=terminal.terminal_id))
    return False


def _stopped(pad: Pad, act: Act | None) -> Script:
    """Cancel key, 06 B0, nobody came, or the ECR went away."""
    pad.terminal.phase = "ending"
    if act is not None and act.kind == "lost":
        yield Pause(pad.terminal.times.after_loss_s)
        return
    yield from _declined(pad, TIMED_OUT)


def _declined(pad: Pad, code: int) -> Script:
    terminal = pad.terminal
    terminal.phase, terminal.display = "ending", "DECLINED"
    if terminal.faults.decline_ending != "bare":
        yield from tell(pad, StatusInformation(code, terminal_id=terminal.terminal_id))
    if terminal.faults.decline_ending == "completion":
        yield from complete(pad)
    else:
        yield from end(pad, code)


def _settle(pad: Pad, command: Authorisation | Refund, stored: Stored) -> Script:
    """The goods-issue handshake, then receipts, then storage; else the auto-reversal (2.2.8)."""
    terminal = pad.terminal
    terminal.phase = "settling"
    if terminal.faults.lose == "before_status":
        terminal.faults.lose = ""
        yield Cut()
    if not (yield from _acknowledged(pad, command, stored)):
        return
    if terminal.faults.power_cut == "after_ack":
        terminal.faults.power_cut = ""
        terminal.book(stored)
        yield PowerCut()
    if terminal.faults.double_status:
        yield Say(stored.info.apdu(), terminal.times.ack_s)
    printed = (yield from print_out(pad, _receipt(stored))) if pad.registration.config & 0x02 else 0
    if printed is None:
        yield from _lost(pad, stored)
        return
    if printed:
        # 84 CC: nobody prints the receipt that the cardholder must be given, so there is no payment (2.2.8).
        terminal.undo(stored)
        yield from tell(pad, StatusInformation(PRINTER_NOT_READY, terminal_id=terminal.terminal_id))
        yield from end(pad, PRINTER_NOT_READY)
        return
    terminal.book(stored)
    if terminal.faults.lose == "after_ack":
        terminal.faults.lose = ""
        yield Cut()
    terminal.phase = "ending"
    if terminal.faults.no_completion:
        terminal.faults.no_completion -= 1
        return
    yield from complete(pad)


def _acknowledged(pad: Pad, command: Authorisation | Refund, stored: Stored) -> Ask:
    terminal = pad.terminal
    bound = command if isinstance(command, Authorisation) else None
    issue_s = bound.timeout_s if bound and bound.timeout_s else terminal.times.issue_s
    most = (bound.max_statuses if bound and bound.max_statuses is not None else 3) + 1
    # Some pads repeat within milliseconds unless BMP 01 was sent.
    repeat_s = terminal.times.repeat_s if bound and bound.timeout_s else 0.005
    postponed = 0
    while True:
        lose, unit = terminal.faults.lose == "before_ack", stored.info.apdu()
        if terminal.faults.power_cut == "before_ack":
            terminal.faults.power_cut = ""
            yield Say(unit, issue_s)
            yield PowerCut()
        if terminal.faults.lose == "ack":
            terminal.faults.lose = ""
            yield Say(unit)
            yield Pause(issue_s)
            yield from _lost(pad, stored)
            return False
        if lose:
            terminal.faults.lose = ""
            yield Say(unit)
            yield Cut()
            answer = None
        else:
            answer = yield Say(unit, issue_s)
        if answer == 0:
            return True
        part = pad.part_fen
        if answer == PARTIAL_ISSUE and part and not terminal.faults.no_part and not stored.hold:
            if not terminal.faults.ignore_part:
                terminal.issue_part(stored, min(part, stored.entry.fen))
            return True
        if answer == BUSY and postponed < most:
            postponed += 1
            yield Pause(repeat_s)
        elif answer is None and not pad.linked and terminal.faults.repeat_after_cut:
            if not (yield AwaitLink(issue_s)):
                yield from _lost(pad, stored)
                return False
        elif answer is None:
            yield from _lost(pad, stored)
            return False
        else:
            if terminal.faults.keep_refused_hold and stored.hold:
                terminal.book(stored)
            else:
                terminal.undo(stored)
            if answer == BUSY:
                yield from tell(pad, StatusInformation(TIMED_OUT, terminal_id=terminal.terminal_id))
            yield from end(pad, TIMED_OUT)
            return False


def _lost(pad: Pad, stored: Stored) -> Script:
    """No answer, or no link. 2.2.8 reverses; with tag 1F1F in use (chapter 9, newer) the payment stands."""
    terminal = pad.terminal
    if terminal.faults.keep_on_loss:
        terminal.book(stored)
        yield Pause(terminal.times.after_loss_s)
        return
    yield Pause(terminal.times.after_loss_s + terminal.times.host_s)
    terminal.undo(stored)
    yield from tell(pad, StatusInformation(TIMED_OUT, terminal_id=terminal.terminal_id))
    yield from end(pad, TIMED_OUT)


def _receipt(stored: Stored) -> list[str]:
    i = stored.info
    kind = "REFUND" if stored.kind == "refund" else "PAYMENT"
    kind = "RESERVATION" if stored.hold else kind
    lines = [f"{kind} (SPECIMEN)", f"CNY {stored.entry.fen / 100:.2f}", f"CARD {i.card}", f"RECEIPT {i.receipt_no}"]
    return [*lines, LATIN]
