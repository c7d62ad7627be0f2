"""Host and device end of the reader under every fault of the line and of the card, alone, together, and at any moment.

Each sweep is a seed; a failure names it, and `KIOSK_SEED=... pytest` runs that one alone.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from drivers.id_card.frames import Command, ReadParts, join_read
from drivers.id_card.host import FIND, PRESENCE, STATUS, Failed, Finished, Why, identify, reading
from simulator.models.chip_card import ChipCard
from simulator.models.sam import ALWAYS, State, StatusFault
from simulator.wire.id_card_reader import LINE_FAULTS, LineFault
from tests.protocol.sam_line import PLAIN, Line

COMMANDS = (Command.FIND, Command.SELECT, Command.READ, Command.ADDRESS, Command.STATUS)
CODES = (
    0x10,
    0x11,
    0x21,
    0x23,
    0x24,
    0x31,
    0x32,
    0x33,
    0x37,
    0x3F,
    0x40,
    0x41,
    0x47,
    0x60,
    0x66,
    0x80,
    0x81,
    0x91,
    0xEE,
)
BOUND_S = 45.0
"""Four rounds of find, select and read, each of them waited for to the end."""
ONE = replace(PLAIN, key="one", text=b"1" * 256, photo=b"1" * 1024, address=b"1" * 70)
TWO = replace(PLAIN, key="two", text=b"2" * 256, photo=b"2" * 1024, address=b"2" * 70)
SEEDS = [int(os.environ["KIOSK_SEED"])] if "KIOSK_SEED" in os.environ else range(400)


def whole(done: Finished, *cards: ChipCard) -> ChipCard:
    """Which of `cards` was read; its address too when there is one: nothing of one card beside another's."""
    read = done.replies.get(Command.READ) or done.replies[Command.READ_ALL]
    every = Command.READ_ALL in done.replies
    for card in cards:
        if read.data == join_read(
            ReadParts(card.text, card.photo, card.fingerprints if every else b""), fingerprints=every
        ):
            address = done.replies.get(Command.ADDRESS)
            assert address is None or address.data in (b"", card.address)
            return card
    raise AssertionError("what was read is no card that lay there")


@pytest.mark.parametrize("kind", LINE_FAULTS)
@pytest.mark.parametrize("other", LINE_FAULTS)
def test_two_faults_at_once(kind: str, other: str) -> None:
    line = Line(card=ONE)
    line.end.faults += [LineFault(kind, 2, (Command.SELECT, Command.READ)), LineFault(other, 2, None)]
    done = line.run(reading())
    assert isinstance(done, Finished)
    assert whole(done, ONE) is ONE
    assert line.now < BOUND_S


@pytest.mark.parametrize("kind", LINE_FAULTS)
def test_what_is_not_said_cannot_be_damaged(kind: str) -> None:
    line = Line(card=ONE)
    line.end.faults += [LineFault("silent", 1, None), LineFault(kind, 1, None)]
    assert isinstance(line.run(reading()), Finished)


@pytest.mark.parametrize("kind", LINE_FAULTS)
def test_a_fault_of_the_line_that_stays_has_a_name_or_does_no_harm(kind: str) -> None:
    line = Line(card=ONE)
    line.end.faults.append(LineFault(kind, ALWAYS, None))
    end = line.run(reading())
    assert line.now < BOUND_S
    if kind in ("junk_prefix", "stray_byte", "false_start", "twice"):
        assert isinstance(end, Finished)
        assert whole(end, ONE) is ONE
    else:
        assert isinstance(end, Failed)
        # A late answer is taken for the next question's: what is then wrong is what the line says, not that it is dead.
        named = {"silent": {Why.NO_ANSWER}, "late": {Why.NO_ANSWER, Why.GARBLED, Why.UNREADABLE}}
        assert end.why in named.get(kind, {Why.GARBLED})


@pytest.mark.parametrize("delay", [0.05, 0.29, 0.31, 0.9, 1.1, 1.9, 2.5, 3.4, 7.0, 20.0])
@pytest.mark.parametrize("at", [Command.FIND, Command.SELECT, Command.READ, Command.ADDRESS])
def test_one_late_answer_is_never_taken_for_another(delay: float, at: Command) -> None:
    line = Line(card=ONE)
    line.end.faults.append(LineFault("late", 1, (at,), delay))
    end = line.run(reading())
    assert line.now < BOUND_S
    if isinstance(end, Finished):
        assert whole(end, ONE) is ONE
    else:
        assert delay > 3
        assert end.why is Why.NO_ANSWER
    line.now += 25.0
    line.end.wake(line.now)
    again = line.run(reading())
    assert isinstance(again, Finished)
    assert whole(again, ONE) is ONE


def test_an_answer_that_comes_twice_is_no_answer_to_the_next_question() -> None:
    for at in (Command.FIND, Command.SELECT, Command.READ):
        line = Line(card=ONE)
        line.end.faults.append(LineFault("twice", ALWAYS, (at,)))
        done = line.run(reading(fingerprints=True))
        assert isinstance(done, Finished)
        assert whole(done, ONE) is ONE
        assert line.host.retries == 0


@pytest.mark.parametrize("step", range(60))
def test_pulled_at_any_moment(step: int) -> None:
    """Every 25 ms of a read: the whole card or none of it, and never another name than unreadable or no card."""
    line = Line(card=ONE)
    line.at(step * 0.025, line.sam.lift)
    end = line.run(reading())
    if isinstance(end, Finished):
        assert whole(end, ONE) is ONE
        assert line.sam.state is State.NO_CARD or line.now <= step * 0.025
    else:
        assert end.why in (Why.UNREADABLE, Why.NO_CARD)
        assert line.now < 8
    assert isinstance(line.run(STATUS), Finished)


@pytest.mark.parametrize("step", range(60))
def test_swapped_for_another_card_at_any_moment(step: int) -> None:
    def swap() -> None:
        line.sam.lift()
        line.sam.present(TWO)

    line = Line(card=ONE)
    line.at(step * 0.025, swap)
    done = line.run(reading())
    if isinstance(done, Failed):  # taken away while it was looked for: there was no card, and the next look finds one
        assert done.why is Why.NO_CARD
        assert step <= 2
        done = line.run(reading())
    assert isinstance(done, Finished)
    assert whole(done, ONE, TWO)


@pytest.mark.parametrize("step", range(0, 60, 3))
def test_two_cards_in_the_field(step: int) -> None:
    line = Line(card=ONE)
    line.at(step * 0.025, lambda: line.sam.present_second(TWO))
    end = line.run(reading())
    if isinstance(end, Finished):
        assert whole(end, ONE) is ONE
    else:
        assert end.why is (Why.NO_CARD if step == 0 else Why.UNREADABLE)
        assert line.now < 8
    line.hands.clear()
    if line.sam.second is None:
        line.sam.present_second(TWO)
    stuck = line.run(reading())
    assert isinstance(stuck, Failed)
    assert (stuck.why, stuck.sw3) == (Why.UNREADABLE, 0x81)
    line.sam.lift()
    done = line.run(reading())
    assert isinstance(done, Finished)
    assert whole(done, ONE) is ONE


def test_a_card_laid_down_during_the_last_try_is_read_by_the_next_job() -> None:
    line = Line(card=None)
    assert isinstance(line.run(FIND), Failed)
    line.sam.present(TWO)
    done = line.run(reading())
    assert isinstance(done, Finished)
    assert whole(done, TWO) is TWO


@pytest.mark.parametrize("seed", SEEDS)
def test_any_faults_together(seed: int) -> None:
    """Random faults, hands and jobs: each job ends in time, what is read is a card that lay there, the reader heals."""
    print(f"KIOSK_SEED={seed}")
    dice = random.Random(seed)
    line = Line(
        card=dice.choice((ONE, TWO, None)), pieces=dice.choice((0, 0, 1, 3, 64)), require_removal=dice.random() < 0.3
    )
    line.host.baud = dice.choice((115200, 9600))
    for _ in range(dice.randint(1, 4)):
        for _ in range(dice.randint(0, 3)):
            _trouble(line, dice)
        job = dice.choice((reading(), reading(fingerprints=True, body=True), FIND, PRESENCE, STATUS, identify(3)))
        began = line.now
        end = line.run(job)
        assert line.now - began < BOUND_S
        if isinstance(end, Finished) and not {Command.READ, Command.READ_ALL}.isdisjoint(end.replies):
            whole(end, ONE, TWO)
    line.end.faults.clear()
    line.sam.status_faults.clear()
    line.sam.self_test_failed = line.sam.pull_armed = False
    line.hands.clear()
    line.now += 61.0
    line.end.wake(line.now)
    while line.sam.card:
        line.sam.lift()
    line.sam.present(ONE)
    done = line.run(reading())
    assert isinstance(done, Finished), f"does not heal; KIOSK_SEED={seed}"
    assert whole(done, ONE) is ONE


def _trouble(line: Line, dice: random.Random) -> None:
    """One fault or one act of a hand."""
    at = dice.choice((None, *((command,) for command in COMMANDS)))
    times = dice.choice((1, 1, 2, 5, ALWAYS))
    match dice.randrange(5):
        case 0 | 1:
            kind = dice.choice(list(LINE_FAULTS))
            line.end.faults.append(LineFault(kind, times, at, dice.uniform(0.01, 5)))
        case 2:
            line.sam.status_faults.append(StatusFault(dice.choice(CODES), times, at))
        case 3:
            line.sam.pull_armed = True
        case _:
            line.at(line.now + dice.uniform(0, 4), lambda: _hand(line, dice))


def _hand(line: Line, dice: random.Random) -> None:
    act = dice.choice(("lay", "lift", "second", "restart"))
    if act == "restart":
        line.end.power_off()
        line.sam.power_on(line.now)
    elif act == "lift" and line.sam.card:
        line.sam.lift()
    elif act == "lay" and not line.sam.card:
        line.sam.present(dice.choice((ONE, TWO)))
    elif act == "second" and line.sam.card and not line.sam.second:
        line.sam.present_second(TWO)
