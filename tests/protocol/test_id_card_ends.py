"""Host end against device end, both pure: time is a number, the line is a variable."""

from __future__ import annotations

import pytest

from drivers.id_card.frames import Command, Reply, Request, encode_reply, encode_request, parse_address
from drivers.id_card.host import (
    FIND,
    PRESENCE,
    STATUS,
    Failed,
    Finished,
    Job,
    SamHost,
    Send,
    Why,
    reading,
)
from drivers.id_card.host import identify as identify_job
from simulator.models.chip_card import chip_card
from simulator.models.sam import ALWAYS, Sam, State, StatusFault
from simulator.wire.id_card_reader import LINE_FAULTS, LineFault, SamEnd
from tests.protocol.sam_line import PLAIN, QUICK, Line


@pytest.mark.parametrize("pieces", [0, 1, 7])
def test_a_read_in_any_pieces(pieces: int) -> None:
    line = Line(pieces=pieces)
    done = line.run(reading())
    assert isinstance(done, Finished)
    assert list(done.replies) == [Command.FIND, Command.SELECT, Command.READ, Command.ADDRESS]
    assert len(done.replies[Command.READ].data) == 1284
    assert done.replies[Command.ADDRESS].sw3 == 0x91
    assert 0.6 <= line.now <= 1.4


def test_fingerprints_and_the_old_sam_that_has_none() -> None:
    done = Line().run(reading(fingerprints=True, address=False, body=True))
    assert isinstance(done, Finished)
    assert len(done.replies[Command.READ_ALL].data) == 6 + 256 + 1024 + 1024
    assert len(done.replies[Command.CARD_NUMBER].data) == 28
    line = Line(fingerprints=False)
    done = line.run(reading(fingerprints=True))
    assert isinstance(done, Finished)
    assert Command.READ_ALL not in done.replies
    assert len(done.replies[Command.READ].data) == 1284
    assert line.host.retries == 0


def test_the_last_address_of_one_who_moved() -> None:
    done = Line(card=chip_card("moved")).run(reading())
    assert isinstance(done, Finished)
    assert parse_address(done.replies[Command.ADDRESS].data).endswith("样例大道9号")


@pytest.mark.parametrize("kind", LINE_FAULTS)
@pytest.mark.parametrize("at", [Command.FIND, Command.SELECT, Command.READ, Command.ADDRESS])
@pytest.mark.parametrize("times", [1, 2])
def test_a_read_outlives_every_fault_of_the_line(kind: str, at: Command, times: int) -> None:
    line = Line()
    line.end.faults.append(LineFault(kind, times, (at,)))
    done = line.run(reading())
    assert isinstance(done, Finished)
    assert len(done.replies[Command.READ].data) == 1284
    patient = kind == "late" and at in (Command.READ, Command.ADDRESS)
    harmless = kind in ("junk_prefix", "stray_byte", "false_start", "twice") or patient
    assert [fault.times for fault in line.end.faults] == ([times - 1] if harmless and times > 1 else [])
    assert (line.host.retries == 0) == harmless


@pytest.mark.parametrize("kind", ["silent", "bad_checksum", "truncated", "odd_frame"])
def test_a_line_that_stays_broken_ends_the_job(kind: str) -> None:
    line = Line()
    line.end.faults.append(LineFault(kind, ALWAYS, None))
    for job in (STATUS, FIND, PRESENCE, identify_job(3), reading()):
        failed = line.run(job)
        assert isinstance(failed, Failed)
        assert failed.why is (Why.NO_ANSWER if kind == "silent" else Why.GARBLED)
    line.end.faults.clear()
    assert isinstance(line.run(STATUS), Finished)


@pytest.mark.parametrize("code", [0x31, 0x32, 0x41, 0x47, 0x81, 0x24, 0x3F, 0x10, 0x11, 0xEE])
@pytest.mark.parametrize("at", [Command.SELECT, Command.READ])
def test_status_bytes_that_are_tried_again(code: int, at: Command) -> None:
    line = Line()
    line.sam.status_faults.append(StatusFault(code, 1, (at,)))
    assert isinstance(line.run(reading()), Finished)
    assert line.host.retries == 1
    resent = Command.FIND not in line.started()
    assert resent == (code in (0x10, 0x11))


@pytest.mark.parametrize(
    ("code", "why", "finds"),
    [
        (0x31, Why.UNREADABLE, 4),
        (0x32, Why.REJECTED, 4),
        (0x41, Why.UNREADABLE, 4),
        (0x47, Why.UNREADABLE, 4),
        (0x33, Why.REJECTED, 1),
        (0x40, Why.REJECTED, 1),
        (0x21, Why.UNSUPPORTED, 1),
        (0x23, Why.FAULT, 1),
        (0x60, Why.FAULT, 1),
        (0x66, Why.FAULT, 1),
    ],
)
def test_status_bytes_that_stay(code: int, why: Why, finds: int) -> None:
    line = Line()
    line.sam.status_faults.append(StatusFault(code, ALWAYS, (Command.READ,)))
    failed = line.run(reading())
    assert failed == Failed(why, Command.READ, code)
    assert 1 + line.started().count(Command.FIND) == finds
    assert failed.code == f"{code:02X}"


def test_no_card_is_said_at_once_and_a_card_pulled_mid_read_is_unreadable() -> None:
    line = Line(card=None)
    failed = line.run(reading())
    assert failed == Failed(Why.NO_CARD, Command.FIND, 0x80)
    assert line.now < 0.2
    line.sam.present(PLAIN)
    line.sam.pull_armed = True
    failed = line.run(reading())
    assert failed == Failed(Why.UNREADABLE, Command.READ, 0x41)
    assert line.sam.state is State.NO_CARD


def test_a_late_answer_to_an_earlier_question_is_ignored() -> None:
    line = Line()
    late = encode_reply(Reply(0x90)) + encode_reply(Reply(0x9F, bytes(4))) + encode_reply(Reply(0x80))
    host = SamHost()
    host.request(0.0, identify_job(1))
    events = host.receive(0.1, encode_reply(Reply(0x80)) + encode_reply(Reply(0x9F, bytes(4))))
    assert not any(isinstance(event, (Finished, Failed, Send)) for event in events)
    line.bend = lambda data: late[:11] + data
    done = line.run(FIND)
    assert isinstance(done, Finished)
    assert done.replies[Command.FIND].sw3 == 0x9F


def test_what_the_card_said_is_kept_for_the_technician() -> None:
    host = SamHost()
    host.request(0.0, FIND)
    failed = host.receive(0.1, encode_reply(Reply(0x40, b"", 0x6A, 0x82)))[0]
    assert failed == Failed(Why.REJECTED, Command.FIND, 0x40, 0x6A82)
    assert isinstance(failed, Failed)
    assert failed.words == "find a card: unrecognised type of card (the card said 6A82)"


def test_strays_do_not_shorten_the_wait_for_a_slow_read() -> None:
    host = SamHost()
    host.request(0.0, reading(address=False))
    host.receive(0.1, encode_reply(Reply(0x9F, bytes(4))))
    host.receive(0.2, encode_reply(Reply(0x90, bytes(8))))
    host.receive(0.3, encode_reply(Reply(0x9F, bytes(4))))  # a stray while the card is read
    assert host.wake_at == pytest.approx(3.2)
    events = host.receive(3.1, encode_reply(Reply(0x90, bytes.fromhex("01000400") + bytes(1280))))
    assert isinstance(events[-1], Finished)


def test_a_line_that_never_falls_silent_does_not_hold_off_the_time_out() -> None:
    host = SamHost()
    host.request(0.0, STATUS)
    now, over = 0.0, []
    while not over:
        now += 0.01
        assert now < 5.0
        over = [event for event in host.receive(now, b"\x55") if isinstance(event, Failed)]
    assert over == [Failed(Why.NO_ANSWER, Command.STATUS)]
    assert host.noise > 90


def test_time_outs_grow_with_a_slow_line() -> None:
    for baud, expected in ((115200, 3.0), (9600, 4.236)):
        host = SamHost(baud)
        host.request(0.0, Job("read", (Command.READ,)))
        assert host.wake_at == pytest.approx(expected, abs=0.01)


def test_every_job_ends_whatever_the_device_says() -> None:
    """A device that answers each request with any status byte, with any of the sizes that a command can have."""
    for job in (STATUS, FIND, PRESENCE, reading(fingerprints=True, body=True)):
        for code in range(256):
            for size in (0, 4, 16, 70):
                host = SamHost()
                host.request(0.0, job)
                now, over = 0.0, False
                while not over:
                    now = min(host.wake_at or now, now + 0.05)
                    assert now < 60
                    events = host.receive(now, encode_reply(Reply(code, bytes(size))))
                    over = any(isinstance(event, (Finished, Failed)) for event in events)


def test_device_end_answers_damage_with_the_standards_codes() -> None:
    sam = Sam(times=QUICK)
    end = SamEnd(sam)
    bad = bytearray(Command.STATUS.frame())
    bad[-1] ^= 1
    assert end.receive(0.0, bytes(bad)) == encode_reply(Reply(0x10))
    assert end.receive(1.0, bytes.fromhex("AAAAAA96690001FF")) == encode_reply(Reply(0x11))
    assert end.receive(2.0, Command.STATUS.frame()[:-2]) == b""
    assert end.wake_at == pytest.approx(2.3)
    assert end.wake(2.3) == encode_reply(Reply(0x11))
    end.receive(3.0, encode_request(Request(0xDC, 0x01)))
    assert end.wake_at is not None
    assert end.wake(end.wake_at) == encode_reply(Reply(0x21))
    assert end.wake_at is None


def test_device_end_is_deaf_during_its_self_test() -> None:
    sam = Sam()
    sam.power_on(10.0)
    end = SamEnd(sam)
    assert end.receive(11.9, Command.STATUS.frame()) == b""
    assert end.wake_at is None
    end.receive(12.0, Command.STATUS.frame())
    assert end.wake_at is not None
    assert end.wake(end.wake_at) == encode_reply(Reply(0x90))


def test_device_end_keeps_order_and_bounds_its_queue() -> None:
    sam = Sam(times=QUICK)
    sam.present(PLAIN)
    end = SamEnd(sam)
    out = end.receive(0.0, Command.FIND.frame() + Command.SELECT.frame() + Command.STATUS.frame() * 50)
    while end.wake_at is not None:
        out += end.wake(end.wake_at)
    assert out.count(encode_reply(Reply(0x90))) <= 5


def test_a_lone_read_fails_and_a_read_card_must_be_lifted_where_the_reader_wants_it() -> None:
    line = Line(require_removal=True)
    alone = line.run(Job("read alone", (Command.READ,)))
    assert isinstance(alone, Failed)
    assert alone.sw3 == 0x41
    assert isinstance(line.run(reading()), Finished)
    assert line.run(FIND) == Failed(Why.NO_CARD, Command.FIND, 0x80)
    assert isinstance(line.run(PRESENCE), Finished)
    line.sam.lift()
    gone = line.run(PRESENCE)
    assert isinstance(gone, Failed)
    assert gone.sw3 == 0x41
    line.sam.present(PLAIN)
    assert isinstance(line.run(reading()), Finished)


def test_the_speed_changes_after_the_answer_and_survives_power_off() -> None:
    speeds: list[int] = []
    sam = Sam(times=QUICK)
    end = SamEnd(sam, speeds.append)
    end.receive(0.0, Command.SPEED_9600.frame())
    assert end.wake_at is not None
    answered = end.wake_at
    assert end.wake(answered) == encode_reply(Reply(0x90))
    assert speeds == []
    assert end.wake_at is not None
    assert end.wake_at >= answered + 11 * 10 / 115200
    assert end.wake(end.wake_at) == b""
    assert speeds == [9600]
    end.power_off()
    sam.power_on(10.0)
    assert sam.baud == 9600
