"""Any IPP message that can be written reads back the same, however its octets arrive; any octets end in an answer."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from drivers.licence_printer.frames import (
    Attribute,
    Collection,
    Feed,
    Group,
    IppError,
    LangText,
    Message,
    Range,
    Resolution,
    Tag,
    Value,
    decode,
    encode,
)

ints = st.integers(-(2**31), 2**31 - 1)
words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
zones = st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
dates = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones).map(  # noqa: DTZ001 - bounds are naive by hypothesis' rule
    lambda d: d.replace(microsecond=d.microsecond // 100_000 * 100_000)
)
simple = st.one_of(
    st.builds(Value, st.sampled_from([Tag.INTEGER, Tag.ENUM]), ints),
    st.builds(Value, st.just(Tag.BOOLEAN), st.booleans()),
    st.builds(Value, st.sampled_from([Tag.TEXT, Tag.NAME]), texts),
    st.builds(
        Value,
        st.sampled_from([Tag.KEYWORD, Tag.URI, Tag.URI_SCHEME, Tag.CHARSET, Tag.LANGUAGE, Tag.MIME]),
        words,
    ),
    st.builds(Value, st.sampled_from([Tag.OCTETS, 0x2F, Tag.EXTENSION]), st.binary(max_size=60)),
    st.builds(Value, st.just(Tag.DATE_TIME), dates),
    st.builds(Value, st.just(Tag.RESOLUTION), st.builds(Resolution, ints, ints, st.integers(-128, 127))),
    st.builds(Value, st.just(Tag.RANGE), st.builds(Range, ints, ints)),
    st.builds(Value, st.sampled_from([Tag.TEXT_LANG, Tag.NAME_LANG]), st.builds(LangText, words, texts)),
    st.builds(Value, st.sampled_from([Tag.UNSUPPORTED, Tag.UNKNOWN, Tag.NO_VALUE]), st.none()),
)


def attributes(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Attribute]:
    return st.builds(Attribute, words, st.lists(values, min_size=1, max_size=3).map(tuple))


values = st.recursive(
    simple,
    lambda inner: st.builds(
        Value, st.just(Tag.COLLECTION), st.lists(attributes(inner), max_size=3).map(tuple).map(Collection)
    ),
    max_leaves=6,
)
groups = st.builds(
    Group,
    st.sampled_from([Tag.OPERATION, Tag.JOB, Tag.PRINTER, Tag.UNSUPPORTED_GROUP]),
    st.lists(attributes(values), max_size=4).map(tuple),
)
messages = st.builds(
    Message,
    st.integers(0, 0x7FFF),
    ints,
    st.lists(groups, max_size=3).map(tuple),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
)


@given(messages, st.binary(max_size=30), st.lists(st.integers(1, 40), max_size=30))
def test_round_trip_in_any_pieces(message: Message, document: bytes, cuts: list[int]) -> None:
    wire = encode(message, document)
    feed = Feed()
    for cut in cuts:
        feed.feed(wire[:cut])
        wire = wire[cut:]
    assert feed.feed(wire) == message
    assert feed.rest == document


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(noise: bytes) -> None:
    for octets in (noise, bytes.fromhex("020000000000000104") + noise):
        try:
            message = decode(octets)
        except IppError:
            continue
        assert message.request_id == int.from_bytes(octets[4:8], "big", signed=True)


@given(messages, st.integers(0, 2000), st.integers(0, 255))
def test_a_damaged_octet_never_crashes_the_reader(message: Message, at: int, octet: int) -> None:
    wire = bytearray(encode(message))
    wire[at % len(wire)] = octet
    try:
        read = decode(bytes(wire))
    except IppError:
        return
    assert len(read.groups) <= len(wire)
