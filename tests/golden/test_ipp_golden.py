"""IPP octets as RFC 8010 prints them (appendix A), both directions."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from drivers.licence_printer.frames import (
    Attribute,
    Collection,
    Feed,
    Group,
    Incomplete,
    IppError,
    JobState,
    Message,
    Operation,
    Range,
    Resolution,
    Status,
    Tag,
    Value,
    attribute,
    blocking_reasons,
    decode,
    decode_with_document,
    encode,
    parse_reason,
    status_name,
)


def octets(*parts: str | bytes | int) -> bytes:
    """Hexadecimal digits as `0x...` strings, other strings as ASCII, as the RFC's left column is written."""
    out = b""
    for part in parts:
        if isinstance(part, str) and part.startswith("0x"):
            out += bytes.fromhex(part[2:])
        else:
            out += part.encode() if isinstance(part, str) else bytes(part)
    return out


HEAD = ("0x47", "0x0012", "attributes-charset", "0x0005", "utf-8")
LANGUAGE = ("0x48", "0x001b", "attributes-natural-language", "0x0005", "en-us")
URI = ("0x45", "0x000b", "printer-uri", "0x002c", "ipp://printer.example.com/ipp/print/pinetree")

OPERATION_HEAD = (
    attribute("attributes-charset", Tag.CHARSET, "utf-8"),
    attribute("attributes-natural-language", Tag.LANGUAGE, "en-us"),
)
PRINTER_URI = attribute("printer-uri", Tag.URI, "ipp://printer.example.com/ipp/print/pinetree")

CASES = {
    "A.1 Print-Job request": (
        octets(
            *("0x0101", "0x0002", "0x00000001", "0x01", *HEAD, *LANGUAGE, *URI),
            *("0x42", "0x0008", "job-name", "0x0006", "foobar"),
            *("0x22", "0x0016", "ipp-attribute-fidelity", "0x0001", "0x01"),
            *("0x02", "0x21", "0x0006", "copies", "0x0004", "0x00000014"),
            *("0x44", "0x0005", "sides", "0x0013", "two-sided-long-edge", "0x03"),
        ),
        Message(
            Operation.PRINT_JOB,
            1,
            (
                Group(
                    Tag.OPERATION,
                    (
                        *OPERATION_HEAD,
                        PRINTER_URI,
                        attribute("job-name", Tag.NAME, "foobar"),
                        attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True),
                    ),
                ),
                Group(
                    Tag.JOB,
                    (
                        attribute("copies", Tag.INTEGER, 20),
                        attribute("sides", Tag.KEYWORD, "two-sided-long-edge"),
                    ),
                ),
            ),
            (1, 1),
        ),
    ),
    "A.2 Print-Job response, successful": (
        octets(
            *("0x0101", "0x0000", "0x00000001", "0x01", *HEAD, *LANGUAGE),
            *("0x41", "0x000e", "status-message", "0x000d", "successful-ok"),
            *("0x02", "0x21", "0x0006", "job-id", "0x0004", "0x00000093"),
            *("0x45", "0x0007", "job-uri", "0x0030", "ipp://printer.example.com/ipp/print/pinetree/147"),
            *("0x23", "0x0009", "job-state", "0x0004", "0x00000003", "0x03"),
        ),
        Message(
            Status.OK,
            1,
            (
                Group(Tag.OPERATION, (*OPERATION_HEAD, attribute("status-message", Tag.TEXT, "successful-ok"))),
                Group(
                    Tag.JOB,
                    (
                        attribute("job-id", Tag.INTEGER, 147),
                        attribute("job-uri", Tag.URI, "ipp://printer.example.com/ipp/print/pinetree/147"),
                        attribute("job-state", Tag.ENUM, JobState.PENDING),
                    ),
                ),
            ),
            (1, 1),
        ),
    ),
    "A.3 Print-Job response, failure": (
        octets(
            *("0x0101", "0x040b", "0x00000001", "0x01", *HEAD, *LANGUAGE),
            *("0x41", "0x000e", "status-message", "0x002f"),
            "client-error-attributes-or-values-not-supported",
            *("0x05", "0x21", "0x0006", "copies", "0x0004", "0x00000014"),
            *("0x10", "0x0005", "sides", "0x0000", "0x03"),
        ),
        Message(
            Status.ATTRIBUTES_NOT_SUPPORTED,
            1,
            (
                Group(
                    Tag.OPERATION,
                    (
                        *OPERATION_HEAD,
                        attribute("status-message", Tag.TEXT, "client-error-attributes-or-values-not-supported"),
                    ),
                ),
                Group(
                    Tag.UNSUPPORTED_GROUP,
                    (attribute("copies", Tag.INTEGER, 20), Attribute("sides", (Value(Tag.UNSUPPORTED, None),))),
                ),
            ),
            (1, 1),
        ),
    ),
    "A.6 Create-Job request with collection attributes": (
        octets(
            *("0x0101", "0x0005", "0x00000001", "0x01", *HEAD, *LANGUAGE, *URI, "0x02"),
            *("0x34", "0x0009", "media-col", "0x0000"),
            *("0x4a", "0x0000", "0x000a", "media-size", "0x34", "0x0000", "0x0000"),
            *("0x4a", "0x0000", "0x000b", "x-dimension", "0x21", "0x0000", "0x0004", "0x00005208"),
            *("0x4a", "0x0000", "0x000b", "y-dimension", "0x21", "0x0000", "0x0004", "0x00007404"),
            *("0x37", "0x0000", "0x0000"),
            *("0x4a", "0x0000", "0x000b", "media-color", "0x44", "0x0000", "0x0004", "blue"),
            *("0x37", "0x0000", "0x0000", "0x03"),
        ),
        Message(
            Operation.CREATE_JOB,
            1,
            (
                Group(Tag.OPERATION, (*OPERATION_HEAD, PRINTER_URI)),
                Group(
                    Tag.JOB,
                    (
                        attribute(
                            "media-col",
                            Tag.COLLECTION,
                            Collection(
                                (
                                    attribute(
                                        "media-size",
                                        Tag.COLLECTION,
                                        Collection(
                                            (
                                                attribute("x-dimension", Tag.INTEGER, 21000),
                                                attribute("y-dimension", Tag.INTEGER, 29700),
                                            )
                                        ),
                                    ),
                                    attribute("media-color", Tag.KEYWORD, "blue"),
                                )
                            ),
                        ),
                    ),
                ),
            ),
            (1, 1),
        ),
    ),
    "A.7 Get-Jobs request": (
        octets(
            *("0x0101", "0x000a", "0x0000007b", "0x01", *HEAD, *LANGUAGE, *URI),
            *("0x21", "0x0005", "limit", "0x0004", "0x00000032"),
            *("0x44", "0x0014", "requested-attributes", "0x0006", "job-id"),
            *("0x44", "0x0000", "0x0008", "job-name"),
            *("0x44", "0x0000", "0x000f", "document-format", "0x03"),
        ),
        Message(
            Operation.GET_JOBS,
            123,
            (
                Group(
                    Tag.OPERATION,
                    (
                        *OPERATION_HEAD,
                        PRINTER_URI,
                        attribute("limit", Tag.INTEGER, 50),
                        attribute("requested-attributes", Tag.KEYWORD, "job-id", "job-name", "document-format"),
                    ),
                ),
            ),
            (1, 1),
        ),
    ),
    "A.8 Get-Jobs response, two jobs and an empty one between them": (
        octets(
            *("0x0101", "0x0000", "0x0000007b", "0x01", *HEAD, *LANGUAGE),
            *("0x41", "0x000e", "status-message", "0x000d", "successful-ok"),
            *("0x02", "0x21", "0x0006", "job-id", "0x0004", "0x00000093"),
            *("0x36", "0x0008", "job-name", "0x000c", "0x0005", "fr-ca", "0x0003", "fou"),
            *("0x02", "0x02", "0x21", "0x0006", "job-id", "0x0004", "0x00000094"),
            *("0x36", "0x0008", "job-name", "0x0012", "0x0005", "de-CH", "0x0009", "isch guet", "0x03"),
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_octets_of_the_standard(name: str) -> None:
    wire, message = CASES[name]
    read = decode(wire)
    assert encode(read) == wire
    if message is not None:
        assert read == message
        assert encode(message) == wire


def test_get_jobs_response_keeps_jobs_apart() -> None:
    groups = decode(CASES["A.8 Get-Jobs response, two jobs and an empty one between them"][0]).groups_of(Tag.JOB)
    assert [g.number("job-id") for g in groups] == [147, None, 148]
    assert [g.word("job-name") for g in groups] == ["fou", "", "isch guet"]


@pytest.mark.parametrize(
    ("tag", "data", "wire"),
    [
        (Tag.INTEGER, -1, "ffffffff"),
        (Tag.BOOLEAN, False, "00"),
        (Tag.ENUM, 9, "00000009"),
        (Tag.OCTETS, b"\x00\xff", "00ff"),
        (Tag.DATE_TIME, datetime(2026, 11, 21, 8, 30, 15, 500_000, UTC), "07ea0b15081e0f052b0000"),
        (
            Tag.DATE_TIME,
            datetime(1992, 5, 26, 13, 30, 15, tzinfo=timezone(-timedelta(hours=4))),
            "07c8051a0d1e0f002d0400",  # RFC 2579's own example, 1992-5-26,13:30:15.0,-4:0
        ),
        (Tag.RESOLUTION, Resolution(600, 300, 3), "000002580000012c03"),
        (Tag.RANGE, Range(1, 99), "0000000100000063"),
        (Tag.TEXT, "缺纸", "e7bcbae7bab8"),
        (Tag.NO_VALUE, None, ""),
        (0x2F, b"raw", "726177"),
    ],
)
def test_value_octets(tag: int, data: object, wire: str) -> None:
    message = Message(0, 1, (Group(Tag.PRINTER, (Attribute("x", (Value(tag, data),)),)),))  # type: ignore[arg-type]  # parametrised
    octet_string = bytes.fromhex(wire)
    expected = bytes.fromhex("0200000000000001 04") + bytes([tag]) + b"\x00\x01x"
    expected += len(octet_string).to_bytes(2, "big") + octet_string + b"\x03"
    assert encode(message) == expected
    assert decode(expected) == message


def test_document_follows_the_attributes_untouched() -> None:
    wire = CASES["A.1 Print-Job request"][0]
    assert decode_with_document(wire + b"%PDF-1.7\x03")[1] == b"%PDF-1.7\x03"


def test_octet_by_octet_and_truncated() -> None:
    for wire, _ in CASES.values():
        feed = Feed()
        for at in range(len(wire) - 1):
            assert feed.feed(wire[at : at + 1]) is None, at
        assert feed.feed(wire[-1:]) == decode(wire)
        assert feed.feed(b"%PDF") == decode(wire)
        assert feed.rest == b"%PDF"
        for cut in range(len(wire)):
            with pytest.raises(Incomplete):
                decode(wire[:cut])


START = "020000000000000104"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("02000000000000012100017800040000000103", "before the first group"),
        ("020000000000000100", "reserved"),
        (START + "21ffff", "length"),
        (START + "210100", "length"),
        (START + "21000178ffff", "length"),
        (START + "2100000004000000010303", "further value"),
        (START + "2100017800030000010303", "malformed"),
        (START + "22000178000102" + "03", "malformed"),
        (START + "21000180000400000001" + "03", "ASCII"),
        (START + "3400017800004a0000000179" + "03", "not closed"),
        (START + "340001780000370001790000" + "03", "begins inside"),
        (START + "34000178000021000000040000000137000000" + "0003", "before its member name"),
        (START + "3400017800004a000000017937000000" + "0003", "no value"),
        (START + "370001780000" + "03", "outside a collection"),
        (START + "35000178000400010000" + "03", "malformed"),
        (START + "31000178000b07ea0d15081e0f052b0000" + "03", "malformed"),
    ],
)
def test_malformed_octets_say_what_is_wrong(body: str, says: str) -> None:
    with pytest.raises(IppError, match=says):
        decode(bytes.fromhex(body))


def test_caps() -> None:
    deep = Value(Tag.INTEGER, 1)
    for _ in range(9):
        deep = Value(Tag.COLLECTION, Collection((Attribute("m", (deep,)),)))
    with pytest.raises(IppError, match="deeper"):
        encode(Message(0, 1, (Group(Tag.JOB, (Attribute("x", (deep,)),)),)))
    nested = bytes.fromhex(START) + b"\x34\x00\x01x\x00\x00" + bytes.fromhex("4a00000001793400000000") * 9
    with pytest.raises(IppError, match="deeper"):
        decode(nested + b"\x03")
    endless = bytes.fromhex(START) + b"\x30\x00\x01x\x7f\xff" + b"a" * 32767
    with pytest.raises(IppError, match="more than"):
        Feed().feed(endless + (b"\x30\x00\x00\x7f\xff" + b"a" * 32767) * 40)


@pytest.mark.parametrize(
    "value",
    [
        Value(Tag.INTEGER, "7"),
        Value(Tag.INTEGER, 1 << 31),
        Value(Tag.KEYWORD, "缺纸"),
        Value(Tag.OCTETS, b"a" * 32768),
        Value(Tag.DATE_TIME, datetime(2026, 1, 1)),  # noqa: DTZ001 - a time without a zone is what is refused
        Value(Tag.MEMBER, "x"),
    ],
)
def test_values_that_the_wire_cannot_carry(value: Value) -> None:
    with pytest.raises(IppError):
        encode(Message(0, 1, (Group(Tag.JOB, (Attribute("x", (value,)),)),)))


def test_reasons_and_status_names() -> None:
    assert parse_reason("media-jam-error").keyword == "media-jam"
    assert parse_reason("toner-low-warning").severity == "warning"
    assert blocking_reasons(["media-empty-report", "toner-low-error", "cover-open", "none"]) == ("cover-open",)
    assert status_name(0x0507) == "server-error-busy"
    assert status_name(0x0999) == "0x0999"
