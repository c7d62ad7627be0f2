"""Host end and board end against each other, without a loop: the table of what goes wrong, and who is told what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.cabinet_map import cabinet_map
from drivers.cabinet.address import parse_address
from drivers.cabinet.frames import DARK, Frame, Framing, Lit, Read, Refusal, Values, Write, Written, encode
from drivers.cabinet.host import BUSY_S, Answered, Event, Failed, ModbusHost, Send, Why
from drivers.cabinet.options import error_of
from drivers.cabinet.panel import LightPanel
from drivers.errors import DeviceError, DeviceFault, NoAnswer, ProtocolError, WrongDevice
from simulator.models.cabinet_board import Board
from simulator.wire.cabinet import ALWAYS, IDLE_GAP_S, BoardEnd, Fault, Routine

URLS: dict[Framing, str] = {"rtu": "serial:///dev/ttyS2?unit=7", "tcp": "tcp://192.0.2.9?unit=7"}
FRAMINGS: list[Framing] = ["rtu", "tcp"]
DOOR = Read("discrete", 0, 4)
both = pytest.mark.parametrize("framing", FRAMINGS)


class Pair:
    """The two ends and a clock. `ask` runs one request to its end."""

    def __init__(self, framing: Framing, tries: int = 2) -> None:
        self.board = Board(cabinet_map("standard"))
        self.end = BoardEnd(self.board, framing, 7)
        self.host = ModbusHost(parse_address(URLS[framing]), tries=tries)
        self.now = 100.0
        self.sent = 0
        self.end.connected(self.now)

    def ask(self, request: Read | Write, bend: Callable[[bytes], bytes] = lambda data: data) -> Event:
        events = self.host.request(self.now, request)
        while True:
            for event in events:
                if not isinstance(event, Send):
                    return event
                self.sent += 1
                events = self.host.receive(self.now, bend(self.end.receive(self.now, event.data)))
            while not events:
                due = [at for at in (self.host.wake_at, self.end.wake_at) if at is not None]
                self.now = min(due)
                events = self.host.receive(self.now, said) if (said := self.end.wake(self.now)) else []
                events = events or self.host.wake(self.now)


@both
def test_reading_and_writing(framing: Framing) -> None:
    pair = Pair(framing)
    pair.board.door = True
    assert pair.ask(DOOR) == Answered(Values("discrete", (1, 0, 0, 1, 0, 0, 0, 0)))
    assert pair.ask(Write("holding", 0, (2, 1))) == Answered(Written("holding", 0, 2))
    assert pair.ask(Write("holding", 2, (1,), single=True)) == Answered(Written("holding", 2, 1, 1))
    assert pair.board.lights()["id-card-reader"] == Lit("slow", "red")
    assert pair.ask(Read("holding", 0, 3)) == Answered(Values("holding", (2, 1, 1)))
    assert (pair.sent, pair.host.retries) == (4, 0)


@both
@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Read("discrete", 0, 13), 2),
        (Read("coil", 0, 1), 2),
        (Read("holding", 10, 1), 2),
        (Write("coil", 0, (1,)), 2),
        (Write("holding", 9, (1, 1)), 2),
        (Write("holding", 0, (9,), single=True), 3),
    ],
)
def test_a_board_refuses_what_it_does_not_have(framing: Framing, request_: Read | Write, code: int) -> None:
    pair = Pair(framing)
    failed = pair.ask(request_)
    assert isinstance(failed, Failed)
    assert (failed.why, failed.number) == (Why.REFUSED, code)
    error = error_of("cabinet", "tcp://x", 7, failed)
    assert type(error) is WrongDevice
    assert "map" in str(error)
    assert pair.board.outputs == {}


ONCE = [("silent", 0.0), ("garbled", 0.0), ("truncated", 0.0), ("wrong_unit", 9.0), ("exception", 6.0), ("slow", 0.4)]


@both
@pytest.mark.parametrize(("kind", "number"), ONCE)
def test_one_fault_is_survived_by_a_second_try(framing: Framing, kind: str, number: float) -> None:
    pair = Pair(framing)
    pair.end.faults.append(Fault(kind, 1, number))
    assert pair.ask(DOOR) == Answered(Values("discrete", (0, 0, 0, 1, 0, 0, 0, 0)))
    assert (pair.sent, pair.host.retries) == (2, 1)
    assert pair.end.faults == []


LASTING: list[tuple[str, float, Why, type[DeviceError], str]] = [
    ("silent", 0, Why.NO_ANSWER, NoAnswer, "silence on"),
    ("garbled", 0, Why.GARBLED, ProtocolError, "no Modbus answer"),
    ("truncated", 0, Why.GARBLED, ProtocolError, "check speed"),
    ("wrong_unit", 9, Why.OTHER_UNIT, WrongDevice, "unit 9 answers"),
    ("exception", 1, Why.REFUSED, WrongDevice, "illegal function"),
    ("exception", 4, Why.REFUSED, DeviceFault, "change it"),
    ("exception", 6, Why.REFUSED, NoAnswer, "busy for too long"),
    ("exception", 11, Why.REFUSED, NoAnswer, "gateway hears nothing"),
    ("exception", 99, Why.REFUSED, ProtocolError, "does not name"),
    ("slow", 9, Why.NO_ANSWER, NoAnswer, "unit number"),
]


@both
@pytest.mark.parametrize(("kind", "number", "why", "error", "said"), LASTING)
def test_a_lasting_fault_has_a_name_and_somebody_who_can_mend_it(
    framing: Framing, kind: str, number: float, why: Why, error: type[DeviceError], said: str
) -> None:
    pair = Pair(framing)
    pair.end.faults.append(Fault(kind, ALWAYS, number))
    started = pair.now
    failed = pair.ask(DOOR)
    assert isinstance(failed, Failed)
    assert failed.why is why
    named = error_of("cabinet", "somewhere", 7, failed)
    assert type(named) is error
    assert said in str(named)
    assert pair.now - started <= 2 * (0.25 + 40 * pair.host.address.byte_s) + BUSY_S


def test_noise_before_an_rtu_answer_needs_no_second_try() -> None:
    pair = Pair("rtu")
    pair.end.faults.append(Fault("noise", ALWAYS))
    assert isinstance(pair.ask(DOOR), Answered)
    assert pair.host.retries == 0


@both
def test_an_answer_comes_byte_by_byte(framing: Framing) -> None:
    pair = Pair(framing)
    (send,) = pair.host.request(pair.now, DOOR)
    assert isinstance(send, Send)
    answer = pair.end.receive(pair.now, send.data)
    heard = [event for byte in answer for event in pair.host.receive(pair.now, bytes((byte,)))]
    assert heard == [Answered(Values("discrete", (0, 0, 0, 1, 0, 0, 0, 0)))]


def test_a_late_answer_to_an_earlier_request_is_not_taken_for_this_one() -> None:
    pair = Pair("tcp")
    (first,) = pair.host.request(pair.now, DOOR)
    assert isinstance(first, Send)
    late = pair.end.receive(pair.now, first.data)
    pair.board.door = True
    (second,) = pair.host.request(pair.now, DOOR)
    assert pair.host.receive(pair.now, late) == []
    assert isinstance(second, Send)
    (answered,) = pair.host.receive(pair.now, pair.end.receive(pair.now, second.data))
    assert answered == Answered(Values("discrete", (1, 0, 0, 1, 0, 0, 0, 0)))
    assert pair.host.receive(pair.now, late) == []


def test_answers_of_the_wrong_shape_are_not_taken() -> None:
    pair = Pair("rtu", tries=1)
    pair.host.request(pair.now, DOOR)
    for message in (Values("discrete", (0,) * 16), Values("coil", (0,) * 8), Refusal(4, 2), Written("coil", 0, 4)):
        assert pair.host.receive(pair.now, encode("rtu", Frame(7, 0, message))) == []
    assert pair.host.wake_at is not None
    (failed,) = pair.host.wake(pair.host.wake_at)
    assert isinstance(failed, Failed)
    assert failed.why is Why.GARBLED


def test_the_host_keeps_the_silence_between_rtu_frames() -> None:
    pair = Pair("rtu")
    assert pair.host.silence_until() <= pair.now
    pair.ask(DOOR)
    assert pair.host.silence_until() == pytest.approx(pair.now + 3.5 * 11 / 9600)


def test_a_board_is_deaf_to_other_units_and_obeys_a_broadcast_in_silence() -> None:
    pair = Pair("rtu")
    other = encode("rtu", Frame(8, 0, DOOR))
    everyone = encode("rtu", Frame(0, 0, Write("holding", 0, (1, 2))))
    assert pair.end.receive(pair.now, other) == b""
    assert pair.end.receive(pair.now, everyone) == b""
    assert pair.board.lights()["id-card-reader"] == Lit("steady", "green")


def test_a_board_forgets_half_a_request_when_the_line_falls_silent() -> None:
    pair = Pair("rtu")
    whole = encode("rtu", Frame(7, 0, DOOR))
    assert pair.end.receive(pair.now, whole[:5]) == b""
    assert pair.end.wake_at == pair.now + IDLE_GAP_S
    assert pair.end.wake(pair.now + IDLE_GAP_S) == b""
    assert pair.end.receive(pair.now + 1, whole) != b""


def test_an_unknown_function_is_refused_when_its_frame_ends() -> None:
    """17 is Report Server ID, which this board does not have."""
    pair = Pair("rtu")
    assert pair.end.receive(pair.now, bytes.fromhex("07 11 C38C")) == b""
    assert pair.end.wake(pair.now + 1) == encode("rtu", Frame(7, 0, Refusal(17, 1)))
    tcp = Pair("tcp")
    refused = encode("tcp", Frame(7, 5, Refusal(17, 1)))
    assert tcp.end.receive(tcp.now, bytes.fromhex("0005 0000 0002 07 11")) == refused


def test_the_key_springs_back() -> None:
    pair = Pair("tcp")
    pair.board.emergency_key, pair.board.key_until = True, pair.now + 0.5
    assert pair.end.wake_at == pair.now + 0.5
    pair.end.wake(pair.now + 0.5)
    assert pair.board.emergency_key is False
    assert pair.end.wake_at is None


def test_lights_are_written_in_as_few_requests_as_the_board_allows() -> None:
    panel = LightPanel(cabinet_map("standard"))
    assert panel.writes(0.0) == [Write("holding", 0, (0,) * 10)]
    panel.written(panel.writes(0.0)[0])
    assert panel.writes(0.0) == []
    panel.wished["payment-pad"] = Lit("slow")
    assert panel.writes(0.0) == [Write("holding", 4, (2, 2))]
    panel.written(panel.writes(0.0)[0])
    panel.wished["payment-pad"] = DARK
    assert panel.writes(0.0) == [Write("holding", 4, (0,), single=True)]
    (write,) = panel.writes(0.0)
    panel.written(write)
    panel.doubt(write)
    assert panel.writes(0.0) == [write]
    relays = LightPanel(cabinet_map("relays"))
    assert relays.writes(0.0) == [Write("coil", address, (0,), single=True) for address in range(6)]


def test_lamps_are_blinked_by_the_terminal_and_never_faster_than_three_hertz() -> None:
    panel = LightPanel(cabinet_map("relays"))
    for write in panel.writes(0.0):
        panel.written(write)
    panel.wished["camera"] = Lit("quick")
    changes, now, lit = [], 0.0, 0
    while now < 10.0:
        for write in panel.writes(now):
            panel.written(write)
            assert (write.kind, write.start) == ("coil", 1)
            assert write.values[0] != lit
            lit = write.values[0]
            changes.append(now)
        edge = panel.next_edge(now)
        assert edge is not None
        assert edge > now
        now = edge
    assert len(changes) / 2 / 10.0 == pytest.approx(2.5, abs=0.1)
    panel.wished["camera"] = Lit("steady")
    assert panel.next_edge(now) is None


def test_the_wire_record_leaves_out_looks_that_found_nothing_new() -> None:
    routine = Routine("tcp")
    look = [encode("tcp", Frame(1, t, DOOR)) for t in (1, 2, 3)]
    same = [encode("tcp", Frame(1, t, Values("discrete", (0,) * 8))) for t in (1, 2)]
    other = encode("tcp", Frame(1, 3, Values("discrete", (1,) + (0,) * 7)))
    assert routine.worth_noting("in", look[0]) == []
    assert routine.worth_noting("out", same[0]) == [("in", look[0]), ("out", same[0])]
    assert routine.worth_noting("in", look[1]) + routine.worth_noting("out", same[1]) == []
    assert routine.worth_noting("in", look[2]) == []
    assert routine.worth_noting("out", other) == [("in", look[2]), ("out", other)]
    write = encode("tcp", Frame(1, 4, Write("holding", 0, (1, 2))))
    for _ in range(2):
        assert routine.worth_noting("in", write) == []
        assert len(routine.worth_noting("out", encode("tcp", Frame(1, 4, Written("holding", 0, 2))))) == 2
    assert routine.worth_noting("in", look[0]) == []
    assert routine.worth_noting("in", look[1]) == [("in", look[0])]
