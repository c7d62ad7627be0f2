"""The printer's end alone: real-time commands, held data, recovery, end marks, automatic status."""

import pytest

from drivers.receipt_printer.frames import CLEAR_BUFFERS, ask_identity, ask_status, auto_status, end_mark, raster
from simulator.models.receipt_printer import make


def printer(profile="epson-80mm", **options):
    return make("pty:/unused", profile=profile, **options)


def run(sim, until, now=0.0):
    """Wake the end as the loop would; returns what it said by time."""
    said = []
    while (at := sim.end.wake_at) is not None and at <= until:
        now = max(now, at)
        if out := sim.end.wake(now):
            said.append((round(now, 3), out))
    return said


def test_the_end_mark_comes_when_the_printing_before_it_is_done():
    sim = printer(speed_mm_s=100)
    out = sim.end.receive(0.0, b"A\n\x1bJ\xffB\n\x1dVB\x00" + end_mark(b"XY12"))
    assert out == b""
    said = run(sim, 60)
    dots = 30 + 255 + 30 + 112
    assert said == [(pytest.approx(dots / 8 / 100 + 0.35, abs=0.001), b"\x37\x22XY12\x00")]


def test_dle_eot_inside_image_data_is_answered_at_once_and_the_image_is_whole():
    sim = printer()
    band = raster(6, 10, b"\x10\x04\x04\xff\xff\xff" * 10)
    assert sim.end.receive(0.0, band[:20]) == b"\x12" * 2
    assert sim.end.receive(0.0, band[20:]) == b"\x12" * 8
    run(sim, 10)
    assert sim.setter.tally.commands["GS v 0"] == 1
    assert "[image 48 x 10]" in sim.paper.current_text()


def test_offline_holds_answers_real_time_and_prints_on():
    sim = printer()
    sim.do("cover_open")
    assert sim.end.receive(0.0, b"held\n" + ask_status(1) + b"\x1dr\x01" + ask_status(2)) == b"\x1a\x16"
    assert sim.end.wake_at is None
    assert sim.end.holding > 0
    sim.do("cover_close")
    assert sim.end.wake(5.0) == b""
    assert run(sim, 20)[0][1] == b"\x00"
    assert sim.paper.current_text() == "held"


def test_dle_enq_1_goes_on_with_the_failed_cut_and_2_forgets():
    for n, cut in ((1, 1), (2, 0)):
        sim = printer()
        sim.do("cutter_jam", at="cut")
        sim.end.receive(0.0, b"A\n\x1dVB\x00B\n")
        run(sim, 5)
        assert "cutter jammed" in sim.state()["words"]
        assert sim.end.receive(5.0, b"\x10\x05" + bytes((n,)) + ask_status(3)) == b"\x1a"
        sim.do("clear_fault")
        assert sim.end.receive(6.0, ask_status(3)) == b"\x1a"
        assert sim.end.receive(6.0, b"\x10\x05" + bytes((n,)) + ask_status(3)) == b"\x12"
        run(sim, 20)
        assert sim.paper.count == cut


def test_dle_enq_2_does_nothing_to_a_printer_without_a_fault():
    sim = printer()
    sim.do("hold")
    sim.end.receive(0.0, b"A\n\x10\x05\x02")
    assert sim.end.holding > 0


def test_dle_dc4_8_answers_and_only_where_the_model_has_it():
    sim = printer()
    sim.do("hold")
    assert sim.end.receive(0.0, b"A\n" + CLEAR_BUFFERS) == b"\x37\x25\x00"
    assert sim.end.holding == 0
    assert printer("chinese-80mm").end.receive(0.0, b"A\n" + CLEAR_BUFFERS) == b""


def test_no_end_mark_for_data_that_was_thrown_away():
    sim = printer()
    sim.do("cover_open")
    sim.end.receive(0.0, b"A\n" + end_mark(b"0001") + b"\x10\x05\x02")
    sim.do("cover_close")
    assert sim.end.wake(1.0) == b""
    assert run(sim, 20) == []


def test_automatic_status_at_once_at_each_change_and_gone_with_esc_at():
    sim = printer()
    assert sim.end.receive(0.0, auto_status(15)) == b"\x10\x00\x00\x00"
    sim.mechanism.cover_open = True
    assert sim.end.wake(1.0) == b"\x38\x00\x00\x00"
    assert sim.end.wake(1.0) == b""
    sim.mechanism.cover_open = False
    assert sim.end.wake(2.0) == b"\x10\x00\x00\x00"
    sim.end.receive(3.0, b"\x1b@")
    sim.mechanism.cover_open = True
    assert sim.end.wake(4.0) == b""


def test_only_enabled_groups_are_told():
    sim = printer()
    sim.end.receive(0.0, auto_status(0x08))
    sim.mechanism.cover_open = True
    assert sim.end.wake(1.0) == b""
    sim.paper.left_m = 3.0
    assert sim.end.wake(2.0) == b"\x38\x00\x03\x00"


def test_gs_r_tells_near_end_and_identity_is_text():
    sim = printer()
    sim.do("near_end")
    assert sim.end.receive(0.0, b"\x1dr\x01" + ask_identity(66) + ask_identity(2)) == b"\x03\x5fEPSON\x00\x02"


def test_power_off_forgets_everything_and_answers_nothing():
    sim = printer()
    sim.do("hold")
    sim.end.receive(0.0, b"\x1ba\x01A\n")
    sim.do("power_off")
    assert sim.end.receive(1.0, ask_status(1)) == b""
    sim.do("power_on")
    sim.do("hold", on=False)
    assert sim.end.holding == 0
    assert sim.setter.modes.align == 0
    assert sim.end.receive(2.0, ask_status(1)) == b"\x12"


def test_a_full_buffer_says_stop_and_later_go():
    sim = printer(flow="xonxoff", buffer_bytes=512)
    sim.do("hold")
    assert sim.end.receive(0.0, b"A" * 400 + b"\n") == b"\x13"
    sim.do("hold", on=False)
    out = sim.end.wake(1.0)
    assert out + b"".join(data for _, data in run(sim, 20)) == b"\x11"
