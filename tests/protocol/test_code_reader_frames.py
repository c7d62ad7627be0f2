"""The code reader's codecs: what a keyboard types and a line carries comes back as the code's bytes, in any pieces."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barcode.frames import (
    EVENT,
    MAX_SCAN,
    Bad,
    KeyEvent,
    KeyReader,
    LineReader,
    Scan,
    encode_keys,
    encode_line,
    key_events,
    split_aim,
)
from drivers.barcode.frames.keys import DOWN, REPEAT, STUCK_REPEATS, UP

PAYLOADS = st.binary(min_size=1, max_size=60)
CUTS = st.lists(st.integers(1, 40), max_size=60)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    made = []
    for cut in cuts:
        made.append(data[:cut])
        data = data[cut:]
    return [*made, data]


@given(PAYLOADS, CUTS)
def test_what_is_typed_comes_back(data: bytes, cuts: list[int]) -> None:
    reader = KeyReader()
    items = [i for piece in pieces(encode_keys(*key_events(data)), cuts) for i in reader.feed(piece)]
    assert items == [Scan(data)]
    assert not reader.waiting


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30), CUTS)
def test_characters_typed_by_number(text: str, cuts: list[int]) -> None:
    reader = KeyReader(unicode=True)
    typed = encode_keys(*key_events(text.encode(), unicode=True))
    assert [i for piece in pieces(typed, cuts) for i in reader.feed(piece)] == [Scan(text.encode())]


@given(st.lists(PAYLOADS.filter(lambda d: not set(d) & set(b"\r\n")), min_size=1, max_size=4), CUTS)
def test_lines_come_back_under_every_end(payloads: list[bytes], cuts: list[int]) -> None:
    for end in ("line", "cr", "lf", "crlf"):
        reader = LineReader("line")
        wire = b"".join(encode_line(p, end) for p in payloads)  # type: ignore[arg-type]
        assert [i for piece in pieces(wire, cuts) for i in reader.feed(piece)] == [Scan(p) for p in payloads]


@given(st.binary(max_size=400), CUTS)
def test_nothing_breaks_the_readers(noise: bytes, cuts: list[int]) -> None:
    for reader in (KeyReader(), LineReader(), LineReader("pause", b"\x02", b"\x03")):
        for piece in pieces(noise, cuts):
            for item in (*reader.feed(piece), *reader.give_up()):
                assert isinstance(item, (Scan, Bad))


def test_golden_events_of_the_kernel() -> None:
    """The letter A and Enter as <linux/input.h> lays them out on this machine: time, type 1 (EV_KEY), code, value."""
    events = [(42, 1), (30, 1), (30, 0), (42, 0), (28, 1), (28, 0)]
    wire = b"".join(
        struct.pack("@qqHHi" if EVENT.size == 24 else "@iiHHi", 1_700_000_000, 5, *row)
        for code, value in events
        for row in ((4, 4, 458756), (1, code, value), (0, 0, 0))
    )
    assert KeyReader().feed(wire) == [Scan(b"A")]


def test_gbk_typed_as_one_number() -> None:
    """Alt 46323 types the two bytes B4 F3 of GBK: the character for 'big'."""
    digits = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}
    taps = [KeyEvent(digits[d], v) for d in "46323" for v in (DOWN, UP)]
    keys = [KeyEvent(56, DOWN), *taps, KeyEvent(56, UP), KeyEvent(28, DOWN), KeyEvent(28, UP)]
    [scan] = KeyReader().feed(encode_keys(*keys))
    assert isinstance(scan, Scan)
    assert scan.data.decode("gb18030") == "大"


def test_separators_typed_with_control() -> None:
    keys = [KeyEvent(29, DOWN), KeyEvent(27, DOWN), KeyEvent(27, UP), KeyEvent(29, UP), KeyEvent(28, DOWN)]
    assert KeyReader().feed(encode_keys(*keys)) == [Scan(b"\x1d")]


def test_capitals_lock() -> None:
    keys = [KeyEvent(58, DOWN), KeyEvent(58, UP), KeyEvent(30, DOWN), KeyEvent(30, UP), KeyEvent(28, DOWN)]
    assert KeyReader().feed(encode_keys(*keys)) == [Scan(b"A")]


def test_events_that_the_kernel_dropped_spoil_that_code_only() -> None:
    reader = KeyReader()
    half = encode_keys(*key_events(b"1234", end=None))
    assert reader.feed(half + EVENT.pack(0, 0, 0, 3, 0)) == []
    assert reader.feed(encode_keys(*key_events(b"56"))) == [Bad("lost")]
    assert reader.feed(encode_keys(*key_events(b"789"))) == [Scan(b"789")]


def test_a_hanging_key_is_noticed_until_it_comes_up() -> None:
    reader = KeyReader()
    reader.feed(encode_keys(KeyEvent(30, DOWN), *[KeyEvent(30, REPEAT)] * (STUCK_REPEATS - 1)))
    assert not reader.stuck
    reader.feed(encode_keys(KeyEvent(30, REPEAT)))
    assert reader.stuck
    reader.feed(encode_keys(KeyEvent(30, UP)))
    assert not reader.stuck


def test_no_end_is_bounded() -> None:
    line = LineReader()
    assert line.feed(b"0" * (3 * MAX_SCAN)) == [Bad("endless")]
    assert line.stuck
    assert line.feed(b"\r\n1\r\n") == [Scan(b"1")]
    keys = KeyReader()
    keys.feed(encode_keys(*key_events(b"0" * (MAX_SCAN + 10), end=None)))
    assert keys.feed(encode_keys(KeyEvent(28, DOWN))) == [Bad("endless")]


def test_prefix_and_suffix_belong_to_every_code() -> None:
    reader = LineReader("crlf", b"\x02", b"\x03")
    assert reader.feed(encode_line(b"WHA1.1", "crlf", b"\x02", b"\x03")) == [Scan(b"WHA1.1")]
    assert reader.feed(b"WHA1.1\r\n") == [Bad("prefix")]


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("]Q1abc", ("qr", "abc")),
        ("]C0123", ("code128", "123")),
        ("]E06901234567892", ("ean13", "6901234567892")),
        ("]E412345670", ("unknown", "12345670")),
        ("]x0abc", ("unknown", "abc")),
        ("]]]", ("unknown", "]]]")),
        ("abc", ("unknown", "abc")),
    ],
)
def test_aim(text: str, split: tuple[str, str]) -> None:
    assert split_aim(text) == split
