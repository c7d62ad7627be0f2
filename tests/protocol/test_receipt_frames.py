"""The printer's reading of the stream: any pieces, every length capped, real-time commands wherever they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.receipt_printer.frames import (
    ASK_ALL,
    CLEAR_BUFFERS,
    FEED_AND_CUT,
    INIT,
    MAX_DATA,
    Command,
    CommandParser,
    Malformed,
    RealTimeScanner,
    Text,
    ask_identity,
    ask_status,
    auto_status,
    end_mark,
    feed,
    native_qr,
    raster,
    spacing,
)

SAMPLE = (
    INIT
    + b"\x1c&"
    + "威海市".encode("gbk")
    + b"\n\x1ba\x01\x1b!\x38AB\x1dV\x00\x1dV\x42\x00"
    + raster(2, 3, b"\x10\x04\x01\xff\x00\x55")
    + native_qr(b"https://x/1", 5)
    + b"\x1dk\x04ABC\x00\x1dk\x49\x05{B123"
    + b"\x1b*\x21\x02\x00123456\x1bD\x08\x10\x00"
    + end_mark(b"0001")
    + auto_status(15)
    + feed(8)
    + spacing(32)
)


def items_in_pieces(data, piece):
    parser = CommandParser()
    items = [i for at in range(0, len(data), piece) for i in parser.feed(data[at : at + piece])]
    assert not parser.unfinished
    merged = []
    for item in items:
        if isinstance(item, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].data + item.data)
        else:
            merged.append(item)
    return merged


def test_commands_with_their_parameters():
    items = items_in_pieces(SAMPLE, len(SAMPLE))
    assert items[:8] == [
        Command("ESC @"),
        Command("FS &"),
        Text("威海市".encode("gbk")),
        Command("LF"),
        Command("ESC a", (1,)),
        Command("ESC !", (0x38,)),
        Text(b"AB"),
        Command("GS V", (0,)),
    ]
    assert Command("GS V", (66, 0)) in items
    assert Command("GS v 0", (0, 2, 0, 3, 0), b"\x10\x04\x01\xff\x00\x55") in items
    assert Command("GS k", (69,), b"ABC") in items
    assert Command("GS k", (73,), b"{B123") in items
    assert Command("ESC *", (33, 2, 0), b"123456") in items
    assert Command("ESC D", (), b"\x08\x10") in items
    assert Command("GS ( H", (6, 0), b"000001") in items
    assert Command("GS ( k", (14, 0), b"1P0https://x/1") in items


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 16])
def test_the_pieces_do_not_matter(piece):
    assert items_in_pieces(SAMPLE, piece) == items_in_pieces(SAMPLE, len(SAMPLE))


@given(data=st.binary(max_size=400), cut=st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_without_an_error_and_alike_in_two_pieces(data, cut):
    whole, parts = CommandParser(), CommandParser()
    one = whole.feed(data)
    two = parts.feed(data[:cut]) + parts.feed(data[cut:])

    def text_of(items):
        return [i for i in items if not isinstance(i, Text)], b"".join(i.data for i in items if isinstance(i, Text))

    assert text_of(one) == text_of(two)


@given(data=st.binary(max_size=200), piece=st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_real_time_commands_are_found_alike_in_any_pieces(data, piece):
    data += ask_status(2) + data + CLEAR_BUFFERS
    whole = [c for _, c in RealTimeScanner().feed(data)]
    scanner, found = RealTimeScanner(), []
    for at in range(0, len(data), piece):
        for end, command in scanner.feed(data[at : at + piece]):
            assert 0 < end <= piece
            found.append(command)
    assert found == whole
    assert Command("DLE DC4", (8, 1, 3, 20, 1, 6, 2, 8)) in found


def test_dle_eot_inside_image_data_acts_and_stays_data():
    band = raster(3, 2, b"\x10\x04\x01\x10\x04\x04")
    assert [c for _, c in RealTimeScanner().feed(band)] == [Command("DLE EOT", (1,)), Command("DLE EOT", (4,))]
    assert CommandParser().feed(band) == [Command("GS v 0", (0, 3, 0, 2, 0), b"\x10\x04\x01\x10\x04\x04")]


def test_the_scanner_says_where_a_command_ends():
    assert [end for end, _ in RealTimeScanner().feed(b"ab" + ASK_ALL)] == [5, 8, 11, 14]


def test_an_image_that_announces_gigabytes_is_dropped_not_kept():
    parser = CommandParser()
    items = parser.feed(b"\x1dv0\x00\xff\xff\xff\xff" + b"x" * 1000)
    assert items == [Malformed("GS v 0", f"announces {65535 * 65535} bytes, more than {MAX_DATA}: read and dropped")]
    assert parser.feed(b"y" * 5000) == []
    assert parser.unfinished
    parser.reset()
    assert parser.feed(b"A\n") == [Text(b"A"), Command("LF")]


def test_a_bar_code_without_its_nul_ends_somewhere():
    items = CommandParser().feed(b"\x1dk\x04" + b"A" * 400)
    assert items[0] == Malformed("GS k", "no closing NUL")


def test_an_unknown_command_is_named():
    assert CommandParser().feed(b"\x1d\x01A") == [Malformed("GS 01", "not a command this printer knows"), Text(b"A")]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: ask_status(5), "1 to 4"),
        (lambda: ask_identity(4), "GS I 4"),
        (lambda: end_mark(b"12"), "four printable"),
        (lambda: end_mark(b"12\x10\x04"), "four printable"),
        (lambda: feed(256), "0 to 255"),
        (lambda: spacing(-1), "0 to 255"),
        (lambda: raster(129, 1, bytes(129)), "not a band"),
        (lambda: raster(1, 256, bytes(256)), "not a band"),
        (lambda: raster(2, 2, bytes(3)), "not a band"),
        (lambda: native_qr(b"", 5), "payload"),
        (lambda: native_qr(b"x" * 1201, 5), "payload"),
        (lambda: native_qr(b"x", 17), "module"),
    ],
)
def test_builders_refuse_what_a_printer_would_misread(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_the_cut_feeds_first():
    assert FEED_AND_CUT == b"\x1dV\x42\x00"
