"""Every knob of the simulated pad, armed through `do`, and what a payment then comes to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.device import DeviceState
from drivers.errors import DeviceError, WrongDevice
from drivers.outcome import Done, Refused, Unknown
from drivers.payment_pad.frames import RECEIPT_ID, Apdu, ApduReader, Authorisation, Registration, positive, tag
from simulator.models.pad_faults import CHOICES, NUMBERS, SECONDS, SWITCHES
from simulator.models.pad_terminal import Terminal
from simulator.models.payment_pad import PaymentPad as SimulatedPad
from simulator.wire.payment_pad import PadEnd


@dataclass(frozen=True)
class Knob:
    """A knob and what one payment, tapped, comes to; `truth` after asking when it is not the first word."""

    verb: str
    args: Mapping[str, Any] = field(default_factory=dict)
    first: str = "Done"
    cause: str = ""
    truth: str = ""
    serial: bool = True
    tcp: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    slack_s: float = 60.0


HELD = {"settlement": "preauthorise"}
NUMBERED = {"message_ids": True}
BOTH = pytest.mark.parametrize("transport", ["tcp", "serial"])
TABLE = (
    Knob("unsolicited_status"),
    Knob("completion_length", {"length": 0}),
    Knob("completion_length", {"length": 1}),
    Knob("completion_length", {"length": 2}),
    Knob("decline_ending", {"how": "abort"}),
    Knob("byte_by_byte"),
    Knob("segment", {"size": 1024}),
    Knob("segment", {"size": 3}),
    Knob("idle_close", {"seconds": 1.5}),
    Knob("late_approval"),
    Knob("no_abort"),
    Knob("double_status"),
    Knob("repeat_message", {"times": 2}),
    Knob("repeat_message", {"times": 20}, options=NUMBERED),
    Knob("no_message_ids", options=NUMBERED),
    Knob("receipt_ids", options={"receipt_id": True}),
    Knob("repeat_after_cut"),
    Knob("keep_on_loss"),
    Knob("lengthless_totals"),
    Knob("latin1", options={"charset": "latin-1"}),
    Knob("last_only", options={"last_only": True}),
    Knob("t4_minutes", {"minutes": 5}),
    Knob("nak", {"times": 2}, tcp=False),
    Knob("nak", {"times": 3}, tcp=False),
    Knob("nak", {"times": 1000}, "Refused", tcp=False),
    Knob("bad_crc", {"times": 2}, tcp=False),
    Knob("lost_ack", {"times": 3}, tcp=False),
    Knob("stall", {"times": 2}, tcp=False),
    Knob("slow", {"seconds": 100}),
    Knob("slow", {"seconds": 300}, "Unknown", "silent", "Refused", slack_s=400),
    Knob("slow_answer", {"seconds": 3}),
    Knob("lose_answer", {"when": "before_status"}, "Unknown", "link-lost", "Refused"),
    Knob("lose_answer", {"when": "before_ack"}, "Unknown", "link-lost", "Refused"),
    Knob("lose_answer", {"when": "after_ack"}, "Unknown", "link-lost", "Done"),
    Knob("lose_answer", {"when": "ack"}, "Unknown", "no-end", "Refused"),
    Knob("power_cut", {"when": "before_ack"}, "Unknown", "link-lost", "Refused"),
    Knob("power_cut", {"when": "after_ack"}, "Unknown", "link-lost", "Done"),
    Knob("no_completion", {"times": 1}, "Unknown", "no-end", "Done"),
    Knob("other_amount", {"times": 1}, "Refused", "amount-differs"),
    Knob("less", {"fen": 1}, "Refused", "amount-differs"),
    Knob("less", {"fen": 1}, "Refused", "amount-differs", options=HELD),
    Knob("keep_refused_hold", options=HELD),
    Knob("no_hold_list", options=HELD),
    Knob("no_holds", {}, "Refused", "unsupported", options=HELD),
    Knob("no_part"),
    Knob("ignore_part"),
    Knob("busy", {}, "Refused", "busy"),
    Knob("lock_f0", {}, "Refused", "end-of-day-needed"),
    Knob("status_code", {"code": "51"}),
    Knob("status_code", {"code": "62"}),
    Knob("status_code", {"code": "C2"}),
    Knob("status_code", {"code": "DC"}, "Refused", "card-left"),
    Knob("status_code", {"code": "E0"}, "Refused", "remote-maintenance"),
    Knob("status_code", {"code": "DF"}, "Refused", "out-of-order"),
    Knob("end_of_day_fails"),
    Knob("self_test_fails"),
    Knob("no_self_test"),
    Knob("mute", {"seconds": 5}),
    Knob("wrong_protocol", {"times": 1000, "what": "other"}, "Refused", "wrong-device"),
    Knob("wrong_protocol", {"times": 1000, "what": "tls"}, "Refused", "wrong-device"),
    Knob("wrong_protocol", {"times": 1000, "what": "banner"}, "Refused", "wrong-device"),
    Knob("wrong_protocol", {"times": 1000, "what": "http"}, "Refused", "wrong-device"),
    Knob("silent", {}, "Refused", "no-answer"),
    Knob("prints", options={"prints": False}, first="Refused", cause="reversed"),
)
CASES = [(knob, transport) for knob in TABLE for transport in ("tcp", "serial") if getattr(knob, transport)]


def _name(value: Any) -> str:
    if isinstance(value, Knob):
        args = ",".join(f"{k}={v}" for k, v in value.args.items())
        return f"{value.verb}({args}){'+' + ','.join(value.options) if value.options else ''}"
    return str(value)


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P8")
@pytest.mark.parametrize(("knob", "transport"), CASES, ids=_name)
def test_what_a_payment_comes_to(knob: Knob, transport: str) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("auto", after=0.2)
        mark = await desk.pad.mark()
        if knob.verb != "prints":
            desk.simulated.do(knob.verb, **knob.args)
        outcome = await desk.pay()
        assert type(outcome).__name__ == knob.first, outcome
        if knob.cause and not (knob.cause == "wrong-device" and transport == "serial"):
            assert getattr(outcome, "cause", "") in _causes(knob.cause), outcome
        if isinstance(outcome, Unknown):
            outcome = await desk.pad.resolve(FEN, mark, "order-1", deadline_s=knob.slack_s)
            assert type(outcome).__name__ == knob.truth, outcome
        desk.simulated.do("clear_faults")
        await asyncio.sleep(knob.slack_s)
        ledger = desk.simulated.terminal.ledger
        desk.simulated.state()
        taken = ledger.balance_fen + ledger.held_fen
        assert taken == (FEN if isinstance(outcome, Done) else 0)
        # The pad serves on, and says the same of its last transaction.
        if knob.verb not in ("no_holds", "prints"):
            assert isinstance(await desk.pay(FEN + 1), Done)

    on_desk(run, transport, **knob.options)


def _causes(cause: str) -> tuple[str, ...]:
    """The leaf of the error tree, or the pad's own word."""
    return {
        "wrong-device": ("wrong-device", "protocol-error", "protocol", "no-answer", "link-lost"),
        "protocol-error": ("protocol-error", "protocol"),
        "reversed": ("reversed",),
    }.get(cause, (cause,))


def test_every_verb_of_the_tables_is_in_the_table_here() -> None:
    """A knob that is added without an expectation is found here."""
    known = set(SWITCHES) | set(NUMBERS) | set(SECONDS) | set(CHOICES)
    assert known <= {knob.verb for knob in TABLE} | {"decline_ending"}
    for verb in SimulatedPad.verbs:
        assert verb in known | {
            *("tap", "insert", "cancel_key", "cancel", "decline", "auto", "power_cycle", "lock_f0", "status_code"),
            *("mute", "wrong_protocol", "firmware", "clear_faults"),
        }


@pytest.mark.parametrize("verb", sorted({*SWITCHES, *NUMBERS, *SECONDS, *CHOICES}))
def test_a_knob_is_armed_shown_and_ended(verb: str) -> None:
    simulated = SimulatedPad("memory://pad", transport="tcp")
    with pytest.raises(ValueError, match=verb):
        simulated.do(verb, nonsense=1)
    if verb in NUMBERS:
        _, arg, _, most, _, _ = NUMBERS[verb]
        with pytest.raises(ValueError, match=arg):
            simulated.do(verb, **{arg: most + 1})
    if verb in CHOICES:
        with pytest.raises(ValueError, match="one of"):
            simulated.do(verb, **{CHOICES[verb][1]: "never"})
    if verb in SECONDS:
        with pytest.raises(ValueError, match="seconds"):
            simulated.do(verb, seconds=-1)
    if verb != "decline_ending":  # its default is how pads end a decline anyway
        assert simulated.do(verb)["faults"]
    simulated.do("clear_faults")
    assert simulated.state()["faults"] == []


def test_a_pad_mute_after_the_end_of_the_day_is_waited_for() -> None:
    """E0 (update) and FC (restart): BZ, SMART. `deaf`: it answers nobody and forgets its registration."""
    for how in ("E0", "FC"):

        async def run(desk: Desk, how: str = how) -> None:
            assert isinstance(await desk.pay_with("tap"), Done)
            desk.simulated.do("mute", seconds=20, how=how, deaf=True)
            done = await desk.pad.end_of_day()
            assert isinstance(done, Done)
            assert done.value.then == how
            status = await desk.pad.poll()
            assert status.device is DeviceState.BUSY
            assert status.fault is not None
            assert status.fault.cause == "remote-maintenance"
            await asyncio.sleep(25)
            assert (await desk.pad.poll()).usable
            assert isinstance(await desk.pay_with("tap"), Done)

        on_desk(run)


def test_a_pad_mute_for_longer_than_an_update_takes_is_a_fault() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("mute", seconds=20, deaf=True)
        assert isinstance(await desk.pad.end_of_day(), Done)
        desk.simulated.do("silent")
        await asyncio.sleep(1000)
        with pytest.raises(DeviceError):
            await desk.pad.poll()

    on_desk(run)


@pytest.mark.parametrize("what", ["other", "tls", "banner", "http"])
def test_what_answers_but_is_no_pad_is_named(what: str) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("wrong_protocol", times=100, what=what)
        await desk.pad.close()
        with pytest.raises(WrongDevice, match="no ZVT pad"):
            await desk.pad.open()

    on_desk(run)


@BOTH
def test_messages_said_twice_are_done_once(transport: str) -> None:
    """Tag 1F73: a number that comes again is answered again, and neither printed nor recorded twice."""

    async def run(desk: Desk) -> None:
        desk.simulated.do("repeat_message", times=100)
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Done)
        assert len(desk.journal.approvals) == 1
        assert len([line for line in outcome.value.receipt_lines if line.startswith("PAYMENT")]) == 1
        line: Any = desk.pad._wire.talk.ecr.line
        assert line.repeated > 4
        assert desk.charges == [(FEN, "booked")]

    on_desk(run, transport, message_ids=True)


def test_numbers_are_on_only_when_both_sides_know_them() -> None:
    async def run(desk: Desk) -> None:
        line: Any = desk.pad._wire.talk.ecr.line
        assert line.active
        assert isinstance(await desk.pay_with("tap"), Done)
        desk.simulated.do("no_message_ids")
        await desk.pad.close()
        await desk.pad.open()
        line = desk.pad._wire.talk.ecr.line
        assert not line.active
        assert isinstance(await desk.pay_with("tap"), Done)

    on_desk(run, message_ids=True)


@pytest.mark.promise("P1")
@pytest.mark.parametrize(
    ("knob", "first", "charged"), [("", "Done", 1000), ("no_part", "Refused", 0), ("ignore_part", "Unknown", FEN)]
)
def test_a_part_issued_is_the_part_charged(knob: str, first: str, charged: int) -> None:
    """84 9D, and pads that do not know it (card complete, Hobex)."""

    async def run(desk: Desk) -> None:
        if knob:
            desk.simulated.do(knob)

        async def part(approval: object) -> int:
            return 1000

        acting = asyncio.create_task(desk.person("tap"))
        outcome = await desk.pad.authorise(FEN, order="o", on_prompt=desk.prompts.append, before_ack=part)
        await acting
        assert type(outcome).__name__ == first, outcome
        if isinstance(outcome, Done):
            assert outcome.value.fen == 1000
        assert sum(fen for fen, _ in desk.charges) == charged
        assert any("84 9D" in words for words in desk.said())

    on_desk(run, partial_issue=True)


@pytest.mark.parametrize("options", [{}, HELD, {"partial_issue": True, **HELD}])
def test_a_part_that_the_profile_does_not_allow_takes_nothing(options: dict[str, Any]) -> None:
    async def run(desk: Desk) -> None:
        async def part(approval: object) -> int:
            return 1000

        acting = asyncio.create_task(desk.person("tap"))
        outcome = await desk.pad.authorise(FEN, order="o", on_prompt=desk.prompts.append, before_ack=part)
        await acting
        assert isinstance(outcome, Refused)
        assert outcome.cause == "part-not-possible"
        assert desk.simulated.terminal.ledger.held_fen == 0
        assert desk.charges == []

    on_desk(run, **options)


def test_a_kiosk_without_printer_refuses_lines_and_the_pad_takes_the_payment_back() -> None:
    async def run(desk: Desk) -> None:
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert "84 CC refused: printer" in desk.said()
        assert desk.charges == []

    on_desk(run, prints=False)


def test_a_pad_that_prints_by_itself_needs_none_of_our_lines() -> None:
    async def run(desk: Desk) -> None:
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Done)
        assert outcome.value.receipt_lines == ()

    on_desk(run, prints=False, config="BC")


@pytest.mark.parametrize(("charset", "right"), [("latin-1", True), ("cp437", False)])
@pytest.mark.parametrize("config", ["BE", "3E"])
def test_receipts_in_the_character_set_of_the_profile(charset: str, right: bool, config: str) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("latin1")
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Done)
        assert outcome.value.receipt_lines[-1].endswith("- Ä") is right

    on_desk(run, charset=charset, config=config)


def test_a_pad_that_knows_no_abort_is_let_run_out() -> None:
    """Global Payments: 06 B0 does not exist. The citizen's cancel waits for the pad's own time-out."""

    async def run(desk: Desk) -> None:
        desk.simulated.do("no_abort")
        cancel = asyncio.Event()
        asyncio.get_running_loop().call_later(2.0, cancel.set)
        outcome = await desk.pay(cancel=cancel)
        assert isinstance(outcome, Refused)
        assert "06 B0 abort" not in desk.said()
        assert desk.charges == []

    on_desk(run, aborts=False)


def test_only_the_last_payment_is_reversed_by_a_pad_that_can_no_more() -> None:
    """PT#24: PAX A80. The older one is not even asked for, with the profile's word."""
    for told in (False, True):

        async def run(desk: Desk, told: bool = told) -> None:
            desk.simulated.do("last_only")
            for fen in (FEN, FEN + 1):
                assert isinstance(await desk.pay_with("tap", fen), Done)
            older = await desk.pad.reverse("0001", FEN)
            assert isinstance(older, Refused)
            assert older.cause == "reversal-not-possible"
            assert (not any(words.startswith("06 30") for words in desk.said())) is told
            for already in (False, True):
                last = await desk.pad.reverse("0002", FEN + 1)
                assert isinstance(last, Done)
                assert last.value.already is already
            assert desk.charges == [(FEN, "booked")]
            # After a restart, a payment or a reversal of the same amount cannot be told apart: nobody guesses.
            desk.pad._wire.reversing.clear()
            unclear = await desk.pad.reverse("0001", FEN + 1)
            assert isinstance(unclear, Unknown if told else Refused)

        on_desk(run, last_only=told)


def test_a_pad_that_forgot_its_registration_is_registered_again() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.terminal.registered = False
        assert (await desk.pad.mark()).empty
        desk.simulated.terminal.registered = False
        refused = await desk.pay()
        assert isinstance(refused, Refused)
        assert refused.cause == "not-registered"
        assert isinstance(await desk.pay_with("tap"), Done)

    on_desk(run)


def test_a_card_is_read_without_a_payment() -> None:
    """06 C0: the status ends it, no completion follows; the next command finds the wire clean."""

    async def run(desk: Desk) -> None:
        acting = asyncio.create_task(desk.person("tap", card="citizen-07"))
        seen = await desk.pad.read_card(10)
        await acting
        assert isinstance(seen, Done)
        assert seen.value.masked_card.startswith("****")
        nobody = await desk.pad.read_card(3)
        assert isinstance(nobody, Refused)
        assert nobody.cause == "cancelled"
        assert (await desk.pad.poll()).usable
        assert desk.simulated.ledger() == []
        with pytest.raises(ValueError, match="1 and 99"):
            await desk.pad.read_card(0)

    on_desk(run)


def test_nothing_that_looks_after_the_pad_starts_a_transaction() -> None:
    async def run(desk: Desk) -> None:
        assert await desk.pad.diagnose() == "ok"
        assert await desk.pad.set_clock() == "ok"
        for code in ("51", "62", "C2", "DC", "F0", "9C"):
            desk.simulated.do("status_code", code=code)
            await desk.pad.poll()
            await desk.pad.close()
            await desk.pad.open()
        desk.simulated.do("status_code", code="00")
        await desk.pad.pad_status()
        await desk.pad.open_holds()
        assert not {words[:5] for words in desk.said()} & {
            "06 01",
            "06 22",
            "06 31",
            "06 30",
            "06 50",
            "06 24",
            "06 23",
        } - {"06 23"}
        assert desk.simulated.ledger() == []

    on_desk(run)


def _ecr(end: PadEnd, unit: Apdu, now: float) -> float:
    """Say `unit` and acknowledge whatever comes; the time when the pad is idle again."""
    reader = ApduReader()
    heard = reader.feed(end.receive(now, unit.encode()))
    for _ in range(200):
        while heard:
            one = heard.pop(0)
            if one.control >> 8 not in (0x80, 0x84):
                heard += reader.feed(end.receive(now, positive().encode()))
        if end.stage == "idle":
            return now
        now += 0.05
        heard += reader.feed(end.wake(now))
    raise AssertionError("the pad never ended")


@pytest.mark.parametrize(
    ("known", "receipts", "paid"), [("000001", 2, 2), ("000000", 1, 1), ("", 2, 2), ("004711", 2, 2)]
)
def test_tag_1f1f_mirrored_by_another_terminal(known: str, receipts: int, paid: int) -> None:
    """Chapter 9: equal is in sync; one behind reverses the last in silence and reuses its number; empty is new."""
    terminal = Terminal()
    terminal.faults.receipt_ids = True
    terminal.auto = ("citizen-02", 0.1)
    end = PadEnd(terminal)
    end.connected(0.0)
    now = _ecr(end, Registration(0x8E, 156, tags=b"").apdu(), 0.0)
    now = _ecr(end, Authorisation(FEN, 156, tags=tag(RECEIPT_ID, b"")).apdu(), now)
    assert terminal.last is not None
    assert terminal.last.info.receipt_id == "000001"
    _ecr(end, Authorisation(FEN, 156, tags=tag(RECEIPT_ID, bytes.fromhex(known))).apdu(), now)
    assert terminal.receipt == receipts
    assert terminal.ledger.balance_fen == paid * FEN
