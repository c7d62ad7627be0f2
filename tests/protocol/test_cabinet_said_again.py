"""A board at rest says the same again and again: it is understood as before, and not looked into again."""

from __future__ import annotations

import pytest

from drivers.cabinet.address import parse_address
from drivers.cabinet.frames import Frame, Parser, Read, Values, encode
from drivers.cabinet.host import Answered, ModbusHost

SAID = encode("rtu", Frame(1, 0, Values("discrete", (1, 0, 1, 1, 0, 0, 0, 0))))


def test_the_same_bytes_are_the_same_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser("rtu", requests=False)
    looked: list[bytes] = []
    decode = parser._framer.decode

    def watched(data: bytes) -> object:
        looked.append(data)
        return decode(data)

    monkeypatch.setattr(parser._framer, "decode", watched)
    (first,) = parser.feed(SAID)
    assert parser.feed(SAID) == [first]
    assert parser.waiting == 0
    assert len(looked) == 1
    other = encode("rtu", Frame(1, 0, Values("discrete", (1, 1, 1, 1, 0, 0, 0, 0))))
    (second,) = parser.feed(other)
    assert second != first


def test_in_pieces_and_damaged_it_is_looked_into() -> None:
    parser = Parser("rtu", requests=False)
    (first,) = parser.feed(SAID)
    assert parser.feed(SAID[:3]) == []
    assert parser.feed(SAID[3:]) == [first]
    assert parser.feed(SAID[:-1] + bytes((SAID[-1] ^ 1,))) == []


def test_the_rest_of_an_answer_is_waited_for_as_long_as_the_wire_takes() -> None:
    address = parse_address("serial:///dev/ttyS2?baud=9600&unit=1")
    host = ModbusHost(address)
    host.request(0.0, Read("discrete", 0, 8))
    first = host.whole_at
    assert first == pytest.approx((8 + len(SAID)) * address.byte_s)
    assert host.receive(first, SAID[:2]) == []
    assert host.whole_at == pytest.approx(first + (len(SAID) - 2) * address.byte_s)
    assert [type(event) for event in host.receive(host.whole_at, SAID[2:])] == [Answered]
