"""The Modbus codec: round trips, any chunks, any bytes; nothing crashes, nothing grows."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cabinet.frames import (
    MOST,
    Bad,
    BadMessage,
    Frame,
    Framing,
    Message,
    Parser,
    Read,
    Refusal,
    Tell,
    Told,
    Values,
    Write,
    Written,
    encode,
    words,
)

words_16 = st.integers(0, 0xFFFF)
kinds = st.sampled_from(["coil", "discrete", "holding", "input"])
outputs = st.sampled_from(["coil", "holding"])
framings = st.sampled_from(["rtu", "tcp"])


def values_for(kind: str, most: int) -> st.SearchStrategy[tuple[int, ...]]:
    one = words_16 if kind in ("holding", "input") else st.integers(0, 1)
    return st.lists(one, min_size=1, max_size=most).map(tuple)


requests = st.one_of(
    kinds.flatmap(lambda k: st.builds(Read, st.just(k), words_16, st.integers(1, MOST[k]))),
    outputs.flatmap(lambda k: st.builds(Write, st.just(k), words_16, values_for(k, 100))),
    outputs.flatmap(lambda k: st.builds(Write, st.just(k), words_16, values_for(k, 1), st.just(True))),
    st.builds(Tell, st.integers(0, 255)),
)
told = st.dictionaries(st.integers(0, 255), st.text("AZaz09 .-", max_size=20), max_size=6)
replies = st.one_of(
    st.sampled_from(["holding", "input"]).flatmap(lambda k: st.builds(Values, st.just(k), values_for(k, 120))),
    st.sampled_from(["coil", "discrete"]).flatmap(
        lambda k: st.builds(Values, st.just(k), values_for(k, 20).map(lambda v: v + (0,) * (-len(v) % 8)))
    ),
    st.builds(Written, outputs, words_16, st.integers(1, 100)),
    st.builds(Written, st.just("coil"), words_16, st.just(1), st.integers(0, 1)),
    st.builds(Written, st.just("holding"), words_16, st.just(1), words_16),
    told.map(lambda objects: Told(tuple(objects.items()))),
    st.builds(Refusal, st.integers(1, 127), st.integers(0, 255)),
)


@given(
    framings,
    st.booleans().flatmap(lambda r: st.tuples(st.just(r), requests if r else replies)),
    st.integers(1, 247),
    words_16,
    st.lists(st.integers(0, 260), max_size=6),
)
def test_what_was_said_is_heard_however_it_is_cut(
    framing: Framing, said: tuple[bool, Message], unit: int, transaction: int, cuts: list[int]
) -> None:
    asking, message = said
    frame = Frame(unit, transaction if framing == "tcp" else 0, message)
    data = encode(framing, frame)
    parser = Parser(framing, requests=asking)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    heard = [f for a, b in itertools.pairwise(edges) for f in parser.feed(data[a:b])]
    assert heard == [frame]
    assert parser.waiting == 0
    assert words(message)


@given(framings, st.booleans(), st.lists(st.binary(max_size=300), max_size=8))
def test_no_bytes_crash_it_or_make_it_grow(framing: Framing, asking: bool, chunks: list[bytes]) -> None:
    parser = Parser(framing, requests=asking)
    for chunk in chunks:
        for frame in parser.feed(chunk):
            assert words(frame.message)
        assert parser.waiting <= 600
    parser.give_up()
    assert parser.waiting == 0


@given(st.binary(max_size=30), st.integers(1, 247))
def test_a_sound_rtu_envelope_around_any_function_is_answered_or_dropped(body: bytes, unit: int) -> None:
    """A board says "illegal function" or "illegal value" to what it cannot understand; it never falls over."""
    from pymodbus.framer import FramerRTU

    data = bytes((unit,)) + body
    data += FramerRTU.compute_CRC(data).to_bytes(2, "big")
    parser = Parser("rtu", requests=True)
    for frame in [*parser.feed(data), *parser.give_up()]:
        assert isinstance(frame.message, (Bad, Read, Tell, Write))


@pytest.mark.parametrize("noise", ["00", "FFFF", "010203", "0103"])
def test_stray_bytes_before_an_rtu_answer_are_looked_past(noise: str) -> None:
    parser = Parser("rtu", requests=False)
    answer = bytes.fromhex("11 04 02 000A F8F4")
    assert parser.feed(bytes.fromhex(noise) + answer) == [Frame(17, 0, Values("input", (10,)))]


@pytest.mark.parametrize(
    ("octets", "bad"),
    [
        ("0001 0000 0006 01 03 0000 0000", Bad(3, 3)),  # none
        ("0001 0000 0006 01 03 0000 007E", Bad(3, 3)),  # 126 registers
        ("0001 0000 0006 01 05 0000 1234", Bad(5, 3)),  # neither on nor off
        ("0001 0000 0008 01 10 0000 0002 01 00", Bad(16, 3)),  # two registers in one byte
        ("0001 0000 0008 01 0F 0000 0008 02 00", Bad(15, 3)),  # a byte is missing
        ("0001 0000 0004 01 03 0000", Bad(3, 3)),  # too short
        ("0001 0000 0002 01 2B", Bad(0x2B, 3)),  # what is asked of the interface is missing
        ("0001 0000 0005 01 2B 0D 01 00", Bad(0x2B, 3)),  # another use of it
        ("0001 0000 0005 01 2B 0E 04 00", Bad(0x2B, 3)),  # one object alone, which we never ask for
        ("0001 0000 0002 01 2A", Bad(0x2A, 1)),
        ("0001 0000 0002 01 83", Bad(0x83, 1)),
    ],
)
def test_requests_that_contradict_themselves_deserve_an_exception(octets: str, bad: Bad) -> None:
    heard = Parser("tcp", requests=True).feed(bytes.fromhex(octets))
    if bad.function & 0x80:
        assert heard == []
    else:
        assert heard == [Frame(1, 1, bad)]


@pytest.mark.parametrize("octets", ["0001 0001 0006 01 03 0000 0001", "0001 0000 0001 01 03", "0001 0000 FFFF 01 03"])
def test_a_tcp_header_that_cannot_be_is_dropped_and_counted(octets: str) -> None:
    parser = Parser("tcp", requests=False)
    assert parser.feed(bytes.fromhex(octets)) == []
    assert (parser.damaged, parser.waiting) == (1, 0)


@pytest.mark.parametrize(
    "message", [Read("holding", 0, 126), Read("coil", 70000, 1), Write("holding", 0, (70000,)), Bad(99, 1)]
)
def test_what_modbus_cannot_say_is_refused(message: Message) -> None:
    with pytest.raises(BadMessage):
        encode("rtu", Frame(1, 0, message))
